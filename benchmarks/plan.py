"""Plans over many visits to come and very many of the past."""

import databases

from . import history, shell
from .report import Row

SIZES = {"quick": (2_000, 20_000), "full": (20_000, 1_000_000)}  # ahead, behind
ROUNDS = 5
CODE = """
from datetime import timedelta
from odoo import fields
plan = env["clinic.reminder.call"]._cron_plan
places = "UPDATE clinic_reminder_place SET done_at = now() - interval '7 hours'"
events = env["calendar.event"].search(
    [("start", ">", fields.Datetime.now() + timedelta(days=3)),
     ("patient_id", "!=", False)], limit={rounds})
measured("first", plan)
for _round in range({rounds}):
    measured("idle", plan)
for event in events:
    event.start += timedelta(hours=1)
    measured("one", plan)
for _round in range(2):
    env.cr.execute(places)
    measured("full", plan)
bare = env["clinic.reminder.call"].with_context(tracking_disable=True)
start = fields.Datetime.now() + timedelta(days=400)
rows = [dict(company_id=1, state="skipped", visit_start=start) for n in range({ahead})]
measured("bare", lambda: [bare.create(rows[n:n + 200])
                          for n in range(0, len(rows), 200)])
"""


def measure(size):
    ahead, behind = SIZES[size]
    with databases.temporary_database(databases.addon_database()) as database:
        history.write(database, ahead, behind)
        code = CODE.format(ahead=ahead, rounds=ROUNDS)
        told = shell.figures(database, code)
    seconds = {name: [second for second, _ in rows] for name, rows in told.items()}
    rates = {
        name: [ahead / second for second in seconds[name]]
        for name in ("first", "full", "bare")
    }
    data = f"{ahead:,} visits ahead, {behind:,} behind"
    return [
        Row(f"plan, nothing to do, {data}", seconds["idle"], "s", at_most=0.1),
        Row("plan, one visit was moved", seconds["one"], "s", at_most=0.2),
        Row(
            *("plan, first time", rates["first"], "visits/s"),
            *("bare ORM create", rates["bare"]),
        ),
        Row("plan, first time: a visit", _each(rates["first"]), "ms", at_most=1),
        Row("full pass: a visit", _each(rates["full"]), "ms", at_most=0.5),
    ]


def _each(rates):
    return [1000 / rate for rate in rates]
