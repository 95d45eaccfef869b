from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import get_lang

from ..models import moments
from ..tools.shares import FEW, OF_CALLS, OF_VISITS, SIDES, Week, merged, shares

VISITS, CALLS = "clinic.visit.report", "clinic.call.report"
# by what the figures are told: whose rows, by which field
BY = {
    "specialist": (VISITS, "specialist_id"),
    "weekday": (VISITS, "weekday"),
    "hour": (CALLS, "call_hour"),
    "number": (CALLS, "number"),
}
# what the measures look at, what they sum
LOOKED_AT = {VISITS: ("answer", "visit_status"), CALLS: ("answer",)}
SUMS = {VISITS: ("freed_hours", "filled_hours"), CALLS: ()}
# what the database groups by, beside the day, which tells the weekday
GROUPED = {VISITS: ("specialist_id",), CALLS: ("call_hour", "number")}
MEASURES = {VISITS: OF_VISITS, CALLS: OF_CALLS}
EXPORTED = (
    "day",
    "weekday",
    "moment",
    "specialist_id",
    "patient_name",
    "answer",
    "call_count",
    "visit_status",
    "freed_hours",
    "filled_hours",
    "company_id",
)
MARGIN = timedelta(days=1)  # no clock is further from UTC


class ClinicWeek(models.AbstractModel):
    """The manager's page: a week of the chosen clinics beside the four before it.

    Visits count in the week of the visit, calls in the week of the call, both on the
    clinic's calendar.
    """

    _name = "clinic.week"
    _description = "Manager's Week"

    @api.model
    def get_week(self, day=None):
        """All that the page shows, from two grouped queries.

        :param str day: an ISO date of the week; today, if there is none
        :raise AccessError: the user is no manager
        """
        self._check_manager()
        today = moments.today_at(self.env.company)
        week = self._week(day)
        rows = {model: self._rows(model, week) for model in (VISITS, CALLS)}
        visits = self._like(rows, VISITS)
        return {
            "today": today,
            "few": FEW,
            "previous": week.other(-1).first,
            "next": week.other(1).first if week.last < today else False,
            "weeks": [
                {"first": one.first, "last": one.last, "shares": told}
                for one, told in self._week_by_week(visits, week)
            ],
            "before": shares(_of(visits, week.before), OF_VISITS),
            "groups": {by: self._group(by, rows, week) for by in BY},
        }

    @api.model
    def get_rows(self, day, span, measure, side, by=False, key=False):
        """The action that opens the records that a number of the page counts.

        :param str day: an ISO date of the page's week
        :param str span: "now", "before" (the four weeks) or the first day of a week
        :param str measure: its code
        :param str side: "part" or "whole"
        :param by: of which table; False for the whole clinic
        :param key: of which row
        """
        self._check_manager()
        model, name = BY[by] if by else (VISITS, False)
        (counted,) = (one for one in MEASURES[model] if one.code == measure)
        weeks = self._span(self._week(day), span)
        domain = [*self._between(weeks), *counted.domain(_known(side))]
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "views": [(False, kind) for kind in ("list", "kanban", "pivot")],
            "mobile_view_mode": "kanban",
            "domain": [*domain, (name, "=", key)] if by else domain,
            "context": {},
        }

    @api.model
    def get_export(self, day):
        """What Odoo's export needs for the visits of the page's five weeks."""
        self._check_manager()
        week = self._week(day)
        told = self.env[VISITS].fields_get(EXPORTED, ["string", "type", "store"])
        return {
            "model": VISITS,
            "domain": self._between([*week.before, week]),
            "fields": [
                {"name": name, "label": told[name].pop("string"), **told[name]}
                for name in EXPORTED
            ],
            "ids": False,
            "import_compat": False,
        }

    @api.model
    def _check_manager(self):
        for model in (VISITS, CALLS):
            self.env[model].check_access("read")

    # === Weeks === #
    @api.model
    def _week(self, day):
        shown = fields.Date.to_date(day) or moments.today_at(self.env.company)
        return Week.of(shown, self._first_weekday())

    @api.model
    def _first_weekday(self):
        """Of the reader's language; 1 is Monday."""
        return int(get_lang(self.env).week_start)

    @api.model
    def _span(self, week, span):
        if span == "before":
            return week.before
        return [week if span == "now" else self._week(span)]

    @api.model
    def _between(self, weeks):
        """The days of consecutive weeks."""
        return [
            ("day", ">=", fields.Date.to_string(weeks[0].first)),
            ("day", "<=", fields.Date.to_string(weeks[-1].last)),
            *self._around(weeks),
        ]

    @api.model
    def _around(self, weeks):
        """Their moments and some more, on whatever clock: for these there is an
        index."""
        midnight = fields.Datetime.to_datetime
        start, stop = midnight(weeks[0].first), midnight(weeks[-1].last)
        return [
            ("moment", ">=", fields.Datetime.to_string(start - MARGIN)),
            ("moment", "<", fields.Datetime.to_string(stop + 2 * MARGIN)),
        ]

    # === Counting === #
    @api.model
    def _rows(self, model, week):
        """Counts of a day's like records, of the weeks and of a day around them."""
        names = (*GROUPED[model], *LOOKED_AT[model])
        # to compile the query takes PostgreSQL longer than to run it
        self.env.cr.execute("SET LOCAL jit = off")
        found = self.env[model]._read_group(
            self._around([*week.before, week]),
            ["day:day", *names],
            ["__count", *(f"{name}:sum" for name in SUMS[model])],
        )
        places = self._places({values[0] for values in found})
        columns = ("day", *names, "count", *SUMS[model])
        return [
            dict(zip(columns, values, strict=True), **places[values[0]])
            for values in found
        ]

    @api.model
    def _places(self, days):
        """Of each day, its week and its weekday."""
        first = self._first_weekday()
        return {
            day: {
                "week": Week.of(day, first).first,
                "weekday": str(day.isoweekday()),
            }
            for day in days
        }

    @api.model
    def _like(self, rows, model, *names):
        """Rows of a model that are alike in what the page looks at, as one."""
        looked_at = (*names, "week", *LOOKED_AT[model])
        return merged(rows[model], looked_at, ("count", *SUMS[model]))

    @api.model
    def _week_by_week(self, rows, week):
        for one in (*week.before, week):
            yield one, shares(_of(rows, [one]), OF_VISITS)

    @api.model
    def _group(self, by, rows, week):
        """A table: its rows with this week's figures and those of the weeks before."""
        model, name = BY[by]
        shown = {one.first for one in (*week.before, week)}
        by_key = defaultdict(list)
        for row in self._like(rows, model, name):
            if row["week"] in shown:
                by_key[row[name]].append(row)
        return [
            {
                "key": self._plain(key),
                "name": self._label(by, key),
                "now": shares(_of(alike, [week]), MEASURES[model]),
                "before": shares(_of(alike, week.before), MEASURES[model]),
            }
            for key, alike in self._sorted(by, by_key)
        ]

    @api.model
    def _sorted(self, by, by_key):
        first = self._first_weekday()
        order = {
            "specialist": lambda key: (not key, self._label(by, key)),
            "weekday": lambda key: (int(key) - first) % 7,
        }
        pairs = by_key.items()
        return sorted(pairs, key=lambda pair: order.get(by, int)(pair[0]))

    @api.model
    def _plain(self, key):
        return key.id if isinstance(key, models.BaseModel) else key

    @api.model
    def _label(self, by, key):
        if by == "specialist":
            return key.sudo().name or self.env._("No specialist")
        if by == "weekday":
            field = self.env[VISITS]._fields["weekday"]
            return dict(field._description_selection(self.env))[key]
        return str(key)


def _of(rows, weeks):
    firsts = {week.first for week in weeks}
    return [row for row in rows if row["week"] in firsts]


def _known(side):
    if side not in SIDES:
        raise ValueError(side)
    return side
