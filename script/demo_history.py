"""Six weeks that were: visits with their calls and who came. Runs in `odoo shell`.

The rates are known, so that the manager's page can be judged by them; which patient
said what is drawn, and is the same in every demo.
"""

from datetime import datetime, time, timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

from odoo.fields import Command

ADDON = "clinic_voicebox_reminder"
UTC = ZoneInfo("UTC")
DAYS = 42
SUNDAY = 6
HOURS = [9, 9.5, 10.5, 11, 12, 13.5, 14, 15, 16, 17]  # o'clock: ten visits a day
LENGTH = timedelta(minutes=30)
# of a hundred visits: what was answered; None: nobody called
ANSWERS = {"confirmed": 60, "declined": 8, "operator": 6, "not_reached": 16, None: 10}
# of a hundred of each: who did not come, and of those who declined, who was booked
# instead
NO_SHOWS = {"confirmed": 5, "operator": 12, "not_reached": 24, None: 15}
REFILLED = 45
# the hours of a first, second and third call; in which a hundred patients answer
CALL_HOURS = ((10, 11, 12), (13, 14, 15), (17, 18, 19))
PICK_UP = {1: 62, 2: 25, 3: 13}
UNANSWERED = ("no_answer", "no_answer", "machine", "hung_up")


def make_history(env, today, zone):
    """Past visits until yesterday, at the hours of `zone`."""
    dice = Random(2026)
    names = ("therapist", "cardiologist", "endoscopist")
    specialists = [env.ref(f"{ADDON}.user_{name}") for name in names]
    patients = _patients(env)
    told = []
    for day in (today - timedelta(days=n) for n in range(DAYS, 0, -1)):
        if day.weekday() != SUNDAY:
            for specialist in specialists:
                told += _day(dice, _starts(dice, day, zone), specialist, patients)
    events = env["calendar.event"].create([visit for visit, _answer in told])
    _call(
        env,
        dice,
        [(e, answer) for e, (_v, answer) in zip(events, told, strict=True) if answer],
    )


def _patients(env):
    known = env["ir.model.data"].search(
        [
            ("module", "=", ADDON),
            ("model", "=", "res.partner"),
            ("name", "=like", "patient%"),
        ],
        order="name",
    )
    return env["res.partner"].browse(known.mapped("res_id"))


def _starts(dice, day, zone):
    """When the day's visits begin, as naive UTC; a day is rarely full."""
    hours = sorted(dice.sample(HOURS, dice.choice((6, 7, 8))))
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    walls = (midnight + timedelta(hours=hour) for hour in hours)
    return [wall.astimezone(UTC).replace(tzinfo=None) for wall in walls]


def _day(dice, starts, specialist, patients):
    """(a visit's values, what its patient answered) of a specialist's day."""
    company = specialist.company_id
    for start in starts:
        answer = _drawn(dice, ANSWERS)
        yield _visit(dice, start, specialist, patients, company, answer), answer
        if answer == "declined" and dice.random() * 100 < REFILLED:
            yield _visit(dice, start, specialist, patients, company, None), None


def _visit(dice, start, specialist, patients, company, answer):
    patient = patients[dice.randrange(len(patients))]
    missed = dice.random() * 100 < NO_SHOWS.get(answer, 0)
    status = "cancelled" if answer == "declined" else "no_show" if missed else "done"
    partners = [patient.id, specialist.partner_id.id]
    return {
        "name": patient.name,
        "start": start,
        "stop": start + LENGTH,
        "user_id": specialist.id,
        "specialist_id": specialist.id,
        "reminder_company_id": company.id,
        "patient_id": patient.id,
        "partner_ids": [Command.set(partners)],
        "reminder_booked_at": start - timedelta(days=5),
        "visit_status": status,
    }


def _call(env, dice, answered):
    """The reminders of visits and the calls that were made."""
    reminders = env["clinic.reminder.call"].create(
        [
            {
                "event_id": event.id,
                "patient_id": event.patient_id.id,
                "specialist_id": event.specialist_id.id,
                "company_id": event.reminder_company_id.id,
                "visit_start": event.start,
                "state": "done",
                "outcome": answer,
                "is_on_visit": True,
            }
            for event, answer in answered
        ]
    )
    env["clinic.reminder.attempt"].create(
        [call for reminder in reminders for call in _calls(dice, reminder)]
    )


def _calls(dice, reminder):
    """The calls of a reminder, on the day before its visit."""
    zone = ZoneInfo(reminder.company_id.reminder_tz)
    day = reminder.visit_start.replace(tzinfo=UTC).astimezone(zone).date()
    for number, result in enumerate(_results(dice, reminder.outcome), 1):
        hour = dice.choice(CALL_HOURS[number - 1])
        wall = datetime.combine(day, time(hour, dice.randrange(60)), tzinfo=zone)
        moment = (wall - timedelta(days=1)).astimezone(UTC).replace(tzinfo=None)
        yield {
            "reminder_id": reminder.id,
            "company_id": reminder.company_id.id,
            "number": number,
            "guid": str(uuid4()),
            "state": "finished",
            "result": result,
            "requested_at": moment,
            "finished_at": moment + timedelta(minutes=1),
            "deadline": moment + timedelta(minutes=5),
        }


def _results(dice, outcome):
    """Three calls at most; who answers does so in the last of them."""
    number = len(PICK_UP)
    if outcome != "not_reached":
        number = _drawn(dice, PICK_UP)
    silent = [dice.choice(UNANSWERED) for _call in range(number)]
    return silent if outcome == "not_reached" else [*silent[:-1], outcome]


def _drawn(dice, weights):
    (answer,) = dice.choices(list(weights), weights.values())
    return answer
