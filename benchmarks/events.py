"""Saving events in a quiet context, beside an Odoo without the addon."""

import databases

from . import shell
from .report import Row

SIZES = {"quick": (20, 300), "full": (50, 1_000)}  # single events, events in bulk
ROUNDS = 3
CODE = """
from datetime import datetime, timedelta
events = env["calendar.event"].with_context(no_mail_to_attendees=True,
    tracking_disable=True, mail_create_nolog=True, mail_notrack=True)
begin = datetime.now().replace(microsecond=0) + timedelta(days=3)
def vals(n):
    start = begin + timedelta(minutes=n)
    return dict(name="Benchmark", start=start, stop=start + timedelta(minutes=30))
made = []
for n in range({single}):
    measured("created", lambda: made.append(events.create(vals(n))))
for event in made:
    moved = dict(start=event.start + timedelta(hours=1),
                 stop=event.stop + timedelta(hours=1))
    measured("moved", lambda: event.write(moved))
for _round in range({rounds}):
    measured("bulk", lambda: events.create([vals(n) for n in range({bulk})]))
"""


def measure(size):
    """One after the other, twice: the machine may be busier at one time."""
    single, bulk = SIZES[size]
    code = CODE.format(single=single, bulk=bulk, rounds=ROUNDS)
    sources = (databases.addon_database(), databases.template_database())
    with (
        databases.temporary_database(sources[0]) as ours,
        databases.temporary_database(sources[1]) as plain,
    ):
        told = [shell.figures(database, code) for database in (ours, plain)]
    return [
        row
        for work, name, most in (
            ("one event created", "created", 1.3),
            ("one event moved", "moved", 1.5),
            (f"{bulk} events created in bulk", "bulk", 1.1),
        )
        for row in _rows(work, *(figures[name] for figures in told), most)
    ]


def _rows(work, ours, plain, most):
    """Milliseconds and queries, each beside what Odoo takes alone."""
    for position, unit, factor in ((0, "ms", 1000), (1, "queries", 1)):
        figures = [
            [factor * one[position] for one in measured] for measured in (ours, plain)
        ]
        yield Row(
            *(f"{work}: {unit}", figures[0], unit, "Odoo alone", figures[1]),
            floor=1 / most,
            less_is_better=True,
        )
