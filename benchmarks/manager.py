"""The manager's page over a hundred thousand reminders."""

import time

from . import place
from .report import Row

SECOND = 1000  # ms
SIZES = {"quick": 10_000, "full": 100_000}
# over how many days they are spread, with how many specialists: a large clinic's year,
# and, without a floor, a network's five weeks, all of which the page counts
SHAPES = {"of a year": (365, 20), "of five weeks": (34, 100)}
FLOORS = {"of a year": SECOND}
ROUNDS = 5
# a visit each ten minutes of each day; all were called about
PLANT = """
from datetime import timedelta
from odoo import fields
count, doctors, days = {count}, {doctors}, {days}
users = env["res.users"].with_context(no_reset_password=True).create([
    {{"name": f"Doctor {{n}}", "login": f"doctor-{{n}}", "takes_visits": True}}
    for n in range(doctors)])
patient = env["res.partner"].create({{"name": "Patient"}})
company = env.ref("base.main_company")
first = fields.Datetime.now().replace(hour=6, minute=0, second=0) - timedelta(days=days)
env.flush_all()
params = {{
    "count": count, "doctors": doctors, "days": days, "first": first,
    "users": users.ids, "patient": patient.id, "company": company.id,
}}
env.cr.execute('''
    INSERT INTO calendar_event (name, active, privacy, show_as, patient_id,
                                reminder_company_id, specialist_id, start, stop,
                                visit_status)
    SELECT 'Visit', TRUE, 'public', 'busy', %(patient)s, %(company)s,
           (%(users)s::int[])[1 + n %% %(doctors)s],
           moment, moment + INTERVAL '10 minutes',
           CASE WHEN n %% 11 = 0 THEN 'cancelled' WHEN n %% 13 = 0 THEN 'no_show'
                ELSE 'done' END
      FROM generate_series(0, %(count)s - 1) AS n,
           LATERAL (SELECT %(first)s::timestamp
                           + n / %(doctors)s %% %(days)s * INTERVAL '1 day'
                           + n / %(doctors)s / %(days)s %% 60 * INTERVAL '10 minutes'
                           AS moment) AS m''', params)
env.cr.execute('''
    INSERT INTO clinic_reminder_call (event_id, patient_id, company_id, specialist_id,
                                      visit_start, state, outcome, attempt_count)
    SELECT id, patient_id, reminder_company_id, specialist_id, start, 'done',
           (ARRAY['confirmed', 'confirmed', 'declined', 'not_reached', 'operator'])
               [1 + id %% 5],
           1 + id %% 3
      FROM calendar_event WHERE patient_id = %(patient)s''', params)
env.cr.execute('''
    INSERT INTO clinic_reminder_attempt (reminder_id, company_id, number, guid, state,
                                         is_counted, result, requested_at, deadline)
    SELECT call.id, company_id, number, gen_random_uuid(), 'finished', TRUE,
           CASE WHEN number = attempt_count AND outcome != 'not_reached' THEN outcome
                ELSE 'no_answer' END,
           visit_start - INTERVAL '1 day' + number * INTERVAL '2 hours', visit_start
      FROM clinic_reminder_call AS call, generate_series(1, attempt_count) AS number
     WHERE patient_id = %(patient)s''', params)
env.cr.commit()
env.cr.execute("ANALYZE calendar_event, clinic_reminder_call, clinic_reminder_attempt")
"""


def measure(size):
    """The page as its reader's browser asks for it, over the wire."""
    return [row for shape in SHAPES for row in measured(SIZES[size], shape)]


def measured(count, shape):
    days, doctors = SHAPES[shape]
    with place.clinic("manager", "--max-cron-threads=0") as clinic:
        planted = PLANT.format(count=count, doctors=doctors, days=days)
        place.run_code(clinic.database, planted)
        pages = [timed(clinic, "get_week", False) for _round in range(ROUNDS)]
        asked = [False, "before", "confirmed", "part"]
        rows = [timed(clinic, "get_rows", *asked) for _round in range(ROUNDS)]
    work = f"manager's page, {count} reminders {shape}"
    yield Row(work, pages, "ms", at_most=FLOORS.get(shape))
    yield Row(f"{work}: where a number leads", rows, "ms", at_most=SECOND)


def timed(clinic, method, *arguments):
    """Milliseconds of one request."""
    begin = time.monotonic()
    clinic.admin("clinic.week", method, *arguments)
    return SECOND * (time.monotonic() - begin)
