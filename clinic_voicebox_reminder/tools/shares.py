"""What the manager's figures count, and of what. Pure: no ORM.

A *measure* is a share: so many of so many. Both are told by the values that a row has
to have, so that what is counted and what a click on the number opens are the same.
Rows are counts of records that are alike: a value for each field, and `count`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from .vocabulary import FINAL_RESULTS, FINISHED_STATUSES, OUTCOMES

FEW = 30  # a rate of fewer says little: one more or less moves it by 3 % and more
WEEKS_BEFORE = 4
NOT_CALLED = "none"
ANSWERS = tuple(row.code for row in OUTCOMES)
SIDES = ("part", "whole")


@dataclass(frozen=True)
class Measure:
    """Of the rows that `whole` describes, those that `part` does.

    `weights` are the columns to be summed, of part and whole. `leads_to` leaves out
    records that add nothing to the part.
    """

    code: str
    part: dict
    whole: dict
    weights: tuple = ("count", "count")
    leads_to: tuple = ()

    def share(self, rows):
        """So many of so many, and of how many records.

        `rate` is None where there is nothing to divide by; `few` marks what chance
        alone may have made.
        """
        part = _total(rows, self.part, self.weights[0])
        whole = _total(rows, self.whole, self.weights[1])
        number = _total(rows, self.whole, "count")
        return {
            "part": part,
            "whole": whole,
            "rate": part / whole if whole else None,
            "few": number < FEW,
        }

    def domain(self, side):
        """Of the records that the part or the whole counts."""
        wanted = self.part if side == "part" else self.whole
        domain = [(name, "in", list(values)) for name, values in wanted.items()]
        return [*domain, *self.leads_to] if side == "part" else domain


def _total(rows, wanted, weight):
    return sum(
        row[weight]
        for row in rows
        if all(row[name] in values for name, values in wanted.items())
    )


def _no_show(code, **which):
    part = {**which, "visit_status": ("no_show",)}
    return Measure(code, part, {**which, "visit_status": FINISHED_STATUSES})


CALLED = {"answer": ANSWERS}
ANSWERED = (
    Measure("reached", {"answer": FINAL_RESULTS}, CALLED),
    *(Measure(code, {"answer": (code,)}, CALLED) for code in ANSWERS),
)
ATTENDED = (
    *(_no_show(f"no_show_{a}", answer=(a,)) for a in (*ANSWERS, NOT_CALLED)),
    _no_show("no_show"),
)
REFILLED = Measure(
    "refilled",
    {"visit_status": ("cancelled",)},
    {"visit_status": ("cancelled",)},
    ("filled_hours", "freed_hours"),
    (("is_filled", "=", True),),
)
OF_VISITS = (*ANSWERED, *ATTENDED, REFILLED)
OF_CALLS = ANSWERED


def shares(rows, measures):
    """{measure: share} of the rows."""
    return {measure.code: measure.share(rows) for measure in measures}


def merged(rows, names, sums):
    """The rows that have the same values of `names` (two at least), as one each."""
    key_of, found = itemgetter(*names), {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    return [
        {
            **dict(zip(names, key, strict=True)),
            **{column: sum(map(itemgetter(column), alike)) for column in sums},
        }
        for key, alike in found.items()
    ]


# === Weeks === #


@dataclass(frozen=True)
class Week:
    """Seven days, beginning on the weekday on which the reader's weeks begin."""

    first: date

    @classmethod
    def of(cls, day, first_weekday):
        """:param first_weekday: 1 for Monday … 7 for Sunday"""
        return cls(day - timedelta(days=(day.isoweekday() - first_weekday) % 7))

    @property
    def last(self):
        return self.first + timedelta(days=6)

    def other(self, weeks):
        """So many weeks later."""
        return Week(self.first + timedelta(weeks=weeks))

    @property
    def before(self):
        """The weeks that it is compared with, the oldest first."""
        return [self.other(-n) for n in range(WEEKS_BEFORE, 0, -1)]
