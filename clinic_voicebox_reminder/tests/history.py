"""Plants visits, reminders and calls of the past, many at once and past the ORM."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from psycopg2.extras import execute_values

from odoo.tools import SQL

MINUTES = 10  # a visit's length


@dataclass
class Planted:
    """A visit that was: moments are naive UTC.

    `answer` is its reminder's outcome, None without a call; `calls` are (moment,
    result) of each. `is_void`: the visit was moved away after the answer.
    """

    start: datetime
    specialist: int
    status: str
    answer: str | None = None
    calls: list = field(default_factory=list)
    is_void: bool = False
    minutes: int = MINUTES

    @property
    def stop(self):
        return self.start + timedelta(minutes=self.minutes)


def plant(env, company, patient, history):
    """Write them; no patient's name or number is needed to count them.

    :return: ids of the visits
    """
    env.flush_all()
    events = _insert(
        env,
        "calendar_event",
        {
            "name": "Visit",
            "active": True,
            "privacy": "public",
            "show_as": "busy",
            "user_id": env.uid,
            "patient_id": patient.id,
            "reminder_company_id": company.id,
        },
        [
            {
                "start": one.start,
                "stop": one.stop,
                "duration": one.minutes / 60,
                "specialist_id": one.specialist,
                "visit_status": one.status,
            }
            for one in history
        ],
    )
    called = [(e, one) for e, one in zip(events, history, strict=True) if one.answer]
    reminders = _plant_reminders(env, company, patient, called)
    _plant_calls(env, company, zip(reminders, called, strict=True))
    for table in ("calendar_event", "clinic_reminder_call", "clinic_reminder_attempt"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))  # as autovacuum does
    env.invalidate_all()
    return events


def _plant_reminders(env, company, patient, called):
    return _insert(
        env,
        "clinic_reminder_call",
        {"patient_id": patient.id, "company_id": company.id, "state": "done"},
        [
            {
                "event_id": event,
                "visit_start": one.start,
                "specialist_id": one.specialist,
                "outcome": one.answer,
                "is_void": one.is_void,
                "attempt_count": len(one.calls),
            }
            for event, one in called
        ],
    )


def _plant_calls(env, company, reminders):
    _insert(
        env,
        "clinic_reminder_attempt",
        {"company_id": company.id, "state": "finished", "is_counted": True},
        [
            {
                "reminder_id": reminder,
                "number": number,
                "guid": str(uuid4()),
                "requested_at": moment,
                "deadline": moment,
                "finished_at": moment,
                "result": result,
            }
            for reminder, (_event, one) in reminders
            for number, (moment, result) in enumerate(one.calls, 1)
        ],
    )


def _insert(env, table, common, rows):
    """Ids of the rows, in their order."""
    if not rows:
        return []
    names = [*common, *rows[0]]
    values = [(*common.values(), *row.values()) for row in rows]
    found = execute_values(
        env.cr._obj,
        f"INSERT INTO {table} ({', '.join(names)}) VALUES %s RETURNING id",
        values,
        page_size=1000,
        fetch=True,
    )
    return [row_id for (row_id,) in found]
