from collections import defaultdict
from datetime import datetime, timedelta

from odoo import fields

from ..tools import calling_hours
from .clinic_reminder_call import OPEN_STATES

PAUSES = {
    "hung_up": "reminder_pause_hung_up",
    "machine": "reminder_pause_machine",
    "no_answer": "reminder_pause_no_answer",
    "no_result": "reminder_pause_no_result",
}
LONGEST_UNSENT_PAUSE = 30  # minutes
LONG_AGO = datetime.min
WEEK = timedelta(days=7)


class Case:
    """What is known of some visits at one moment, read in bulk for the verdicts.

    No model: it lives as long as one call of the policy does.
    """

    def __init__(self, env, events):
        self.env = env
        self.now = fields.Datetime.now()
        self._companies = {e.id: e._reminder_company() for e in events}
        self._phones = {}
        self._windows = {}
        self._test_phones = {}
        self._reminders = self._read_reminders(events)
        phones = [phone for phone in map(self.phone, events) if phone]
        self.blacklist = self._read_blacklist(phones)
        self._dials = self._read_dials(phones) if self._has_caps() else {}
        self._busy = env["clinic.reminder.attempt"]._busy_phones(phones)
        self._paused = self._read_paused()

    # === The visit === #
    def company(self, event):
        return self._companies[event.id]

    def phone(self, event):
        """The number to dial in E.164, or an empty string."""
        patient, company = event.patient_id, self.company(event)
        key = (patient.phone, patient.country_id, company)
        if key not in self._phones:
            self._phones[key] = company._reminder_dialable(
                patient.phone, patient.country_id
            )
        return self._phones[key]

    def test_phones(self, company):
        if company not in self._test_phones:
            self._test_phones[company] = company._voicebox_test_phones()
        return self._test_phones[company]

    def hours(self, event, latest):
        """The permitted windows around a visit, and those of the first day."""
        company = self.company(event)
        zone = event.patient_id._reminder_zone(company)
        visit_day = calling_hours.to_local(event.start, zone).date()
        permitted = self._permitted(event.patient_id, company, visit_day)
        lead_day = visit_day - timedelta(days=company.reminder_lead_days)
        return permitted, calling_hours.opening_day(permitted, lead_day, latest)

    def _permitted(self, patient, company, visit_day):
        """The windows on the patient's clock; in doubt about that, on both clocks."""
        zone, clinic = patient._reminder_zone(company), company._reminder_zone()
        permitted = self._read_windows(company, zone, visit_day)
        if zone.key == clinic.key or not patient._reminder_zone_is_doubtful():
            return permitted
        here = self._read_windows(company, clinic, visit_day)
        return calling_hours.in_both(permitted, here)

    def _read_windows(self, company, zone, visit_day):
        key = (company, zone.key, visit_day)
        if key not in self._windows:
            days = calling_hours.DAYS_LOOKED_BACK + company.reminder_lead_days
            first_day = visit_day - timedelta(days=days)
            calendar = company.reminder_calendar_id
            wall = (
                calendar._reminder_wall_windows(first_day, visit_day, company)
                if calendar
                else []
            )
            self._windows[key] = calling_hours.windows(wall, zone)
        return self._windows[key]

    # === The calls that were made === #
    def _read_reminders(self, events):
        """Reminders by (patient, start): whatever the event's id, the same visit."""
        found = self.env["clinic.reminder.call"].search(
            [
                ("patient_id", "in", events.patient_id.ids),
                ("visit_start", "in", list(set(events.mapped("start")))),
            ]
        )
        by_visit = found.grouped(lambda r: (r.patient_id, r.visit_start))
        return defaultdict(found.browse, by_visit)

    def _same_visit(self, event):
        return self._reminders[event.patient_id, event.start]

    def is_asked_elsewhere(self, event):
        """Is another event of this patient and time being called about?"""
        return any(
            r.state in OPEN_STATES and r.event_id != event and r._question_stands()
            for r in self._same_visit(event)
        )

    def same_question(self, event):
        """Reminders that asked what this visit would ask, and still hold."""
        return self._same_visit(event).filtered(
            lambda r: not r.is_void and r.specialist_id == event.user_id
        )

    def is_asked_for(self, event):
        """Has somebody pressed “Call Now”?"""
        return any(
            r.requested_by_id for r in self.same_question(event) if r.state == "planned"
        )

    def calls(self, event):
        """Dials for this patient and time, whoever the specialist was."""
        return sum(self._same_visit(event).mapped("attempt_count"))

    def _attempts(self, event):
        """Attempts for this patient and time, the last one first."""
        same = self._same_visit(event)
        return (same.attempt_ids | same.shared_attempt_ids).sorted(
            lambda attempt: (attempt.requested_at, attempt.id), reverse=True
        )

    def last_result(self, event):
        return next((a.result for a in self._attempts(event) if a.result), "")

    def retry_at(self, event):
        """When the pause after the last attempt is over; long ago without one."""
        attempts = self._attempts(event)
        if not attempts:
            return LONG_AGO
        last = attempts[0]
        if last.state != "finished":
            return last.deadline
        if not last.is_counted:
            return last.finished_at + self._unsent_pause(attempts)
        if last.result == "rejected":
            return LONG_AGO
        pause = self.company(event)[PAUSES.get(last.result, PAUSES["no_result"])]
        return last.finished_at + timedelta(minutes=pause)

    def parts_tried(self, event, zone):
        """Parts of the day in which this patient was called about this visit."""
        return {
            calling_hours.part_of_day(calling_hours.to_local(a.requested_at, zone))
            for a in self._attempts(event)
            if a.is_counted
        }

    def day_ends(self, event):
        """When another call about this visit fits the calls a day."""
        limit = self.company(event).reminder_calls_per_day
        if not limit:
            return LONG_AGO
        midnight, tomorrow = self._today(event)
        today = [
            a
            for a in self._attempts(event)
            if a.is_counted and a.requested_at >= midnight
        ]
        return tomorrow if len(today) >= limit else LONG_AGO

    def _today(self, event):
        """The first moments of today and of tomorrow on the patient's calendar."""
        zone = event.patient_id._reminder_zone(self.company(event))
        today = calling_hours.to_local(self.now, zone).date()
        return (
            calling_hours.start_of_day(today, zone),
            calling_hours.start_of_day(today + timedelta(days=1), zone),
        )

    @staticmethod
    def _unsent_pause(attempts):
        """Growing with every try that did not get through.

        Throttling and wrong credentials rest the whole queue: no pause of their own.
        """
        if attempts[0].error_kind != "not_sent":
            return timedelta()
        failed = 0
        for attempt in attempts:
            if attempt.is_counted:
                break
            failed += attempt.error_kind == "not_sent"
        return timedelta(minutes=min(2 ** (failed - 1), LONGEST_UNSENT_PAUSE))

    # === Limits by number === #
    def _has_caps(self):
        return any(
            company.reminder_phone_daily_cap or company.reminder_phone_weekly_cap
            for company in self._companies.values()
        )

    def _read_blacklist(self, phones):
        found = self.env["phone.blacklist"].search([("number", "in", phones)])
        return set(found.mapped("number"))

    def _read_dials(self, phones):
        """Moments of the dials of the last week, by number, the last one first."""
        found = self.env["clinic.reminder.attempt"].search_read(
            [
                ("phone", "in", phones),
                ("is_counted", "=", True),
                ("requested_at", ">", self.now - WEEK),
            ],
            ["phone", "requested_at"],
            order="requested_at desc",
        )
        dials = defaultdict(list)
        for dial in found:
            dials[dial["phone"]].append(dial["requested_at"])
        return dials

    def _read_paused(self):
        """Companies whose queue rests because Voicebox takes no calls."""
        companies = {company.id for company in self._companies.values()}
        paused = [("company_id", "in", list(companies)), ("state", "=", "paused")]
        return self.env["voicebox.channel"].search(paused).company_id

    def why_waiting(self, event):
        """What keeps a call that may be made from being made at once, if anything."""
        if self.phone(event) in self._busy:
            return "phone_busy"
        return "paused" if self.company(event) in self._paused else ""

    def cap_ends(self, event):
        """When the number may be dialled again as far as its caps go."""
        company = self.company(event)
        dials = self._dials.get(self.phone(event), [])
        ends = LONG_AGO
        weekly = company.reminder_phone_weekly_cap
        if weekly and len(dials) >= weekly:
            ends = dials[weekly - 1] + WEEK
        daily = company.reminder_phone_daily_cap
        midnight, tomorrow = self._today(event)
        if daily and sum(dial >= midnight for dial in dials) >= daily:
            ends = max(ends, tomorrow)
        return ends
