"""Plays a row of `policy_cases.csv`: a visit, its patient, the clinic, the past calls.

The table's own head tells what may stand in its columns.
"""

import csv
import re
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from ..tools import calling_hours
from ..tools.verdict import Verdict
from .common import ReminderCase

TABLE = Path(__file__).with_name("policy_cases.csv")
MONDAY = datetime(2030, 6, 3)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKS = {"": 0, "last": -7, "next": 7}
NORMAL = {"now": "Wed 10:00", "visit": "Thu 12:00"}
RESULTS = {
    "confirmed": "confirmed",
    "declined": "declined",
    "operator": "operator",
    "hung up": "hung_up",
    "machine": "machine",
    "no answer": "no_answer",
    "no result": "no_result",
    "rejected": "rejected",
}
PATIENT_WORDS = {
    "consent": "reminder_consent",
    "deceased": "reminder_deceased",
    "do not call": "reminder_do_not_call",
    "phone": "phone",
    "prefers": "reminder_preferred_time",
    "zone": "tz",
}
CLINIC_WORDS = {
    "calls": "reminder_max_calls",
    "calls a day": "reminder_calls_per_day",
    "consent": "reminder_consent_mode",
    "late booking": "reminder_late_booking",
    "lead": "reminder_lead_days",
    "mode": "voicebox_mode",
    "notice": "reminder_min_notice",
    "number a day": "reminder_phone_daily_cap",
    "number a week": "reminder_phone_weekly_cap",
    "pause hung up": "reminder_pause_hung_up",
    "pause machine": "reminder_pause_machine",
    "pause no answer": "reminder_pause_no_answer",
    "pause no result": "reminder_pause_no_result",
    "spread": "reminder_spread",
    "test numbers": "voicebox_test_numbers",
    "vary": "reminder_vary_time",
    "zone": "reminder_tz",
}
CONSENT_MODES = {"off": "off", "opt-out": "opt_out", "explicit": "explicit"}


def read_rows():
    """The rows of the table; those that begin with # are its head and its sections."""
    with TABLE.open(encoding="utf-8", newline="") as table:
        lines = [line for line in table if not line.lstrip('"').startswith("#")]
    return [
        {column: (text or "").strip() for column, text in row.items()}
        for row in csv.DictReader(lines)
    ]


def words(cell):
    """ "prefers: evening; deceased" as [("prefers", "evening"), ("deceased", "")]."""
    entries = [entry.strip() for entry in cell.split(";")]
    pairs = [entry.partition(":") for entry in entries if entry]
    return [(name.strip(), value.strip()) for name, _colon, value in pairs]


def wall_time(text):
    """ "Wed 10:00", "next Mon" or "2030-03-31 2:30" as a naive wall time."""
    *week, day, hour = text.split() if ":" in text else (*text.split(), "0:00")
    if day in DAYS:
        days = DAYS.index(day) + WEEKS["".join(week)]
        date = MONDAY + timedelta(days=days)
    else:
        date = datetime.fromisoformat(day)
    hours, minutes = map(int, hour.split(":"))
    return date + timedelta(hours=hours, minutes=minutes)


def moment_of(text, zone):
    """A wall time of the clinic as naive UTC; "again": the second of two such hours."""
    again = text.endswith(" again")
    early, late = calling_hours.to_utc(wall_time(text.removesuffix(" again")), zone)
    return late if again else early


def week_lines(text):
    """ "Mon-Fri 9-13 14-20, Sun 10-18" as lines of a working-hours calendar."""
    lines = []
    for part in filter(None, text.split(",")):
        days, *spans = part.split()
        first, _dash, last = days.partition("-")
        chosen = DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]
        for day in chosen:
            for span in spans:
                hour_from, hour_to = map(_hours, span.split("-"))
                lines.append(
                    {
                        "name": f"{day} {span}",
                        "dayofweek": str(DAYS.index(day)),
                        "hour_from": hour_from,
                        "hour_to": hour_to,
                        "day_period": "full_day",
                    }
                )
    return lines


def _hours(text):
    hour, _colon, minutes = text.partition(":")
    return int(hour) + int(minutes or 0) / 60


class PolicyCase(ReminderCase):
    """A clinic as the table's rows have it; the clock stands still."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.company.with_env(cls.env)

    _frozen = None

    def at(self, moment):  # pylint: disable=missing-return  # nothing to return
        """Set the clock; it is moved from then on, as starting one takes long."""
        if not self._frozen:
            super().at(moment)
            self._clock.stop()
            self._clock = freeze_time(moment)
            self._frozen = self._clock.start()
        self._frozen.move_to(moment)
        self.now = moment

    # === A row === #
    def play(self, row):
        """Build the row's world, at its moment.

        :return: the visit
        """
        row = {**row, **{k: row[k] or v for k, v in NORMAL.items()}}
        self._set_up_clinic(row)
        start = moment_of(row["visit"], self.zone)
        booked = moment_of(row["booked"], self.zone) if row["booked"] else None
        self.at(booked or start - timedelta(days=60))
        patient = self._make_patient(row["patient"])
        event = self._make_visit(patient, start, row["visit is"])
        self._make_calls(event, row["calls so far"])
        self._change_visit(event, row["visit is"])
        self.env.flush_all()
        self.env.invalidate_all()
        self.at(moment_of(row["now"], self.zone))
        if "call now asked for" in dict(words(row["calls so far"])):
            self._ask_for_call(event)
        return event

    def rolled_back(self):
        return closing(self.cr.savepoint())

    def make_calendar(self, text, **vals):
        """Working hours: "Mon-Sun 9-20", "empty", "flexible" or "none"."""
        if text == "none":
            return self.env["resource.calendar"]
        lines = [] if text in ("empty", "flexible") else week_lines(text)
        commands = [Command.clear(), *(Command.create(line) for line in lines)]
        return self.env["resource.calendar"].create(
            {
                "name": text,
                "company_id": False,
                "tz": self.zone.key,
                "attendance_ids": commands,
                **vals,
            }
        )

    # === The clinic === #
    def _set_up_clinic(self, row):
        vals = {}
        for name, value in words(row["clinic"]):
            if name == "consent":
                vals["reminder_consent_mode"] = CONSENT_MODES[value]
            elif name == "country":
                self.company.country_id = self._country(value)
            elif name in ("not spoken of", "spoken neutrally"):
                self._make_wording(name, value)
            else:
                vals[CLINIC_WORDS[name]] = int(value) if value.isdigit() else value
        self.company.write(vals)
        self.zone = ZoneInfo(self.company.reminder_tz)
        if row["hours"]:
            calendar = self.make_calendar(row["hours"])
            self.company.reminder_calendar_id = calendar
            calendar.flexible_hours = row["hours"] == "flexible"
        for kind, text in words(row["holidays"]):
            self._make_holiday(kind, text)

    def _country(self, code):
        return self.env["res.country"].search([("code", "=", code)])

    def _make_wording(self, name, specialty):
        self.env["clinic.reminder.wording"].create(
            {
                "specialty": specialty,
                "rule": "none" if name == "not spoken of" else "neutral",
                "spoken": "Прием в клинике",
            }
        )

    def _make_holiday(self, kind, text):
        """ "holiday: Tue to Wed"; both days are free to their ends, times as said."""
        begins, _to, ends = text.partition(" to ")
        last = wall_time(ends or begins)
        if ":" not in (ends or begins):
            last += timedelta(hours=23, minutes=59, seconds=59)
        calendar = self.company.reminder_calendar_id
        company = self.company
        if kind == "holiday of another clinic":
            company = company.create({"name": "Another clinic"})
        whole = kind in ("holiday of the company", "holiday of another clinic")
        # Odoo writes the company of whoever flushes
        leaves = self.env["resource.calendar.leaves"].with_company(company)
        leave = leaves.create(
            {
                "name": kind,
                "calendar_id": False if whole else calendar.id,
                "time_type": "other" if kind == "training" else "leave",
                "date_from": calling_hours.to_utc(wall_time(begins), self.zone)[0],
                "date_to": calling_hours.to_utc(last, self.zone)[0],
            }
        )
        leave.flush_recordset()

    # === The patient and the visit === #
    def _make_patient(self, cell):
        vals, later = {}, dict(words(cell))
        for name, value in words(cell):
            if name == "muted until":
                vals["reminder_mute_until"] = wall_time(value).date()
            elif name == "country":
                vals["country_id"] = self._country(value).id
            elif name == "zone of the creator":
                vals["tz"] = self.env.user.tz = value
            elif name in PATIENT_WORDS:
                vals[PATIENT_WORDS[name]] = value or name != "phone"
        patient = self.patient(**vals)
        if "opted out in a call" in later:
            patient._reminder_opt_out()
        if "blacklisted" in later:
            self.env["phone.blacklist"].sudo().add("+12025550101")
        self._archived = patient if "archived" in later else patient.browse()
        return patient

    def _make_visit(self, patient, start, cell):
        vals = {}
        for name, value in words(cell):
            if name == "specialty":
                vals["specialty"] = value
        if name_of_day := dict(words(cell)).get("booked twice"):
            other = self.visit(patient, start)
            if name_of_day == "with another specialist":
                other.user_id = self.env.user
            self._reminder_for(other)
        return self.visit(patient, start, **vals)

    def _change_visit(self, event, cell):
        """What became of the visit after it was booked."""
        for name, value in words(cell):
            if name == "all-day":
                day = calling_hours.to_local(event.start, self.zone).date()
                event.write({"allday": True, "start_date": day, "stop_date": day})
            elif name == "without patient":
                event.patient_id = False
            elif name == "archived":
                event.active = False
            elif name == "invitation declined":
                attendees = event.attendee_ids
                attendees.filtered(
                    lambda a: a.partner_id == event.patient_id
                ).do_decline()
            elif name == "status":
                event.visit_status = value
        self._archived.active = False

    # === The calls so far === #
    def _make_calls(self, event, cell):
        who = {"": event}
        for entry in filter(None, (part.strip() for part in cell.split(";"))):
            if entry == "call now asked for":
                continue
            if entry == "skipped by staff":
                self._reminder_for(event)._skip("staff")
            elif entry == "given up":
                self._end(self._reminder_for(event), "not_reached")
            else:
                self._make_call(who, entry)

    def _make_call(self, who, entry):
        """ "family Wed 9:00 no answer": a call that ended at 9:00."""
        match = re.fullmatch(
            r"(family|other visit|another specialist|)\s*"
            r"((?:last |next )?\S+ \d+:\d\d) ([a-z ]+?)(?: on (\+[\d ]+))?",
            entry,
        )
        kind, when, result, phone = match.groups()
        if kind not in who:
            who[kind] = self._event_of(kind, who[""])
        reminder = self._reminder_for(who[kind])
        if phone:
            reminder.phone = phone.replace(" ", "")
        self._make_attempt(reminder, moment_of(when, self.zone), result)
        if result in ("confirmed", "declined", "operator"):
            self._end(reminder, result)
        elif result == "rejected":
            reminder._skip("rejected")
        elif result == "ringing":
            reminder.write({"state": "calling", "next_call_at": False})
        if kind == "another specialist":
            reminder.write({"is_void": True, "specialist_id": self.env.uid})

    def _event_of(self, kind, event):
        """The visit that a call was about."""
        if kind == "another specialist":
            return event
        patient = event.patient_id
        if kind == "family":
            patient = patient.copy({"phone": patient.phone})
        return self.visit(patient, event.start + timedelta(days=2))

    def _reminder_for(self, event):
        """The visit's reminder, as if the plan had armed it."""
        reminder = self.reminder_of(event)[-1:]
        if not reminder:
            reminder = self.reminders.create(event._reminder_snapshot())
            reminder._apply_verdict(Verdict("call", "", event.start))
        return reminder

    def _make_attempt(self, reminder, moment, result):
        unsent = {"not sent": "not_sent", "throttled": "throttled"}.get(result)
        ringing = result == "ringing"
        self.env["clinic.reminder.attempt"].create(
            {
                "reminder_id": reminder.id,
                "company_id": reminder.company_id.id,
                "number": len(reminder.attempt_ids) + 1,
                "phone": reminder.phone,
                "guid": str(uuid4()),
                "requested_at": moment,
                "finished_at": not ringing and moment,
                "deadline": moment + timedelta(minutes=15),
                "state": "requested" if ringing else "finished",
                "result": False if ringing or unsent else RESULTS[result],
                "error_kind": unsent,
                "is_counted": not unsent,
            }
        )

    def _end(self, reminder, outcome):
        """Closed with an outcome; the visit's status is left as the row has it."""
        reminder.write({"state": "done", "outcome": outcome, "next_call_at": False})

    def _ask_for_call(self, event):
        """Press "Call Now", as the front desk would."""
        try:
            with self.cr.savepoint():
                event.action_reminder_call_now()
        except UserError as refusal:
            self.refusal = str(refusal)
