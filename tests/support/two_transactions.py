"""Runs inside Odoo's shell: what others meet while a transaction is not committed yet.

No luck and no clock: transactions on connections of their own, the first still open
when the others come.
"""

import logging
from contextlib import contextmanager
from datetime import datetime, timedelta

from psycopg2.errors import LockNotAvailable

from odoo.api import Environment

from odoo.addons.clinic_voicebox_reminder.models.transactions import lock_rows

PATIENCE = "SET LOCAL lock_timeout = '2s'"  # who waits that long is made to wait
PATIENCE_OF_ALL = "SET LOCAL statement_timeout = '2s'"
INBOX = "odoo.addons.clinic_voicebox_reminder.models.voicebox_callback"


def look(env):
    """What each transaction got; only the preparations are committed."""
    company, reminders = prepare(env)
    return look_at_claim(env, company, reminders) | look_at_errand(env, reminders[:1])


def look_at_errand(env, reminder):
    """A callback comes while an errand of its reminder is on its way."""
    attempt = env["clinic.reminder.attempt"]._begin(
        reminder.company_id, reminder.phone, 10, reminder_id=reminder.id
    )
    env.cr.commit()
    with transaction(env) as errand, transaction(env) as callback:
        lock_rows(reminder.with_env(errand))
        callback.cr.execute(PATIENCE_OF_ALL)
        with told() as lines:
            kept = receive(attempt.with_env(callback).sudo())
        return {"callback": kept.disposition, "told": lines}


@contextmanager
def told():
    """What the inbox logs: the code of PostgreSQL's error is part of it."""
    lines, handler = [], logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = logging.getLogger(INBOX)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


def receive(attempt):
    came = {"guid": attempt.guid, "response": "confirmed", "call_id": ""}
    came["number_b"] = ""
    return attempt.env["voicebox.callback"]._receive(attempt.company_id, came)


def look_at_claim(env, company, reminders):
    with transaction(env) as claim:
        _more, dials = dispatcher_of(claim)._claim(company.with_env(claim))
        attempts = claim["clinic.reminder.attempt"]
        claimed = attempts.browse(dial.attempt_id for dial in dials).reminder_id
        event, patient = claimed.event_id, claimed.patient_id
        return {
            "claimed": claimed.ids,
            "due": reminders.ids,
            "second dispatcher": meanwhile(env, count_dials, company),
            "second claim": meanwhile(env, claim_due, company),
            "move": meanwhile(env, move, event),
            "opt out": meanwhile(env, opt_out, patient),
            "move another": meanwhile(env, move, reminders.event_id - event),
        }


def prepare(env):
    """Two visits to come, both due, and one line to call them."""
    company = env.company
    hours = [
        {"name": day, "dayofweek": day, "hour_from": 0, "hour_to": 24}
        for day in "0123456"
    ]
    calendar = env["resource.calendar"].create({"name": "Always", "tz": "UTC"})
    calendar.attendance_ids = [(5,), *((0, 0, line) for line in hours)]
    company.write(
        {
            "country_id": env.ref("base.ru").id,
            "reminder_tz": "UTC",
            "reminder_calendar_id": calendar.id,
            "voicebox_mode": "live",
            "voicebox_url": "http://127.0.0.1:9/api/v1/sb",
            "voicebox_login": "clinic",
            "voicebox_password": "not-a-secret",
            "voicebox_method": "b70a03fe-e239-11ec-0c87-fe3375dcbab9",
            "voicebox_max_lines": 1,
            "reminder_lead_days": 2,
        }
    )
    start = datetime.now().replace(microsecond=0) + timedelta(days=2)
    for line in (100, 101):
        patient = env["res.partner"].create(
            {"name": "P", "phone": f"+1202555{line:04}"}
        )
        env["calendar.event"].create(
            {
                "name": "Visit",
                "patient_id": patient.id,
                "start": start,
                "stop": start + timedelta(minutes=15),
            }
        )
    reminders = reminders_of(env)
    reminders._cron_plan()
    env.cr.commit()
    return company, reminders.search([("state", "=", "planned")])


def reminders_of(env):
    return env["clinic.reminder.call"].sudo()


def dispatcher_of(env):
    return env["clinic.reminder.dispatcher"].sudo()


@contextmanager
def transaction(env):
    """An environment on a connection of its own; undone at the end."""
    cursor = env.registry.cursor()
    try:
        yield Environment(cursor, env.uid, {})
    finally:
        cursor.rollback()
        cursor.close()


def meanwhile(env, work, records):
    """What `work(records)` returns in a second transaction, or "waits"."""
    with transaction(env) as second:
        second.cr.execute(PATIENCE)
        try:
            return work(records.with_env(second))
        except LockNotAvailable:
            return "waits"


def count_dials(company):
    return len(dispatcher_of(company.env)._claim(company)[1])


def claim_due(company):
    return dispatcher_of(company.env)._claim_due(company, 10).ids


def move(event):
    event.start += timedelta(hours=1)
    event.env.flush_all()
    return "done"


def opt_out(patient):
    patient.reminder_do_not_call = True
    patient.env.flush_all()
    return "done"
