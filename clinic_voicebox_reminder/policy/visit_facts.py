"""What is known of a visit at one moment: all that a verdict on it may depend on.

No model: facts live as long as one question to the policy does. They are read in bulk
for many visits and asked one visit at a time.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property

from odoo import fields
from odoo.tools import SQL

from ..models import question
from ..models.question import Question
from ..tools import calling_hours
from ..tools.vocabulary import OPEN_STATES
from . import conversation

PAUSES = {
    "hung_up": "reminder_pause_hung_up",
    "machine": "reminder_pause_machine",
    "no_answer": "reminder_pause_no_answer",
    "no_result": "reminder_pause_no_result",
}
LONGEST_UNSENT_PAUSE = 30  # minutes
DAYS_AT_ONCE = 32  # whose calling hours are read together
LONG_AGO = datetime.min
WEEK = timedelta(days=7)


def read_facts(events, as_if_asked=False):
    """The facts of each visit, in the visits' order, as things stand now.

    Reads in bulk and with the rights of the events' environment; writes nothing.

    :param as_if_asked: as if somebody had just pressed “Call Now”
    """
    readings = _Readings(events, as_if_asked) if events else None
    return [VisitFacts(event, readings) for event in events]


class _Readings:
    """What was read for all the visits together."""

    def __init__(self, events, as_if_asked):
        self.env = events.env
        self.as_if_asked = as_if_asked
        self.now = fields.Datetime.now()
        self.companies = {event.id: event._reminder_company() for event in events}
        self._phones = {}
        self._every_window = {}
        self._windows = {}
        self._permitted = {}
        self._opening_days = {}
        self._test_phones = {}
        self.reminders = self._read_reminders(events)
        self.open_ones = self._read_open_ones(events.patient_id)
        phones = list(filter(None, map(self.phone, events)))
        self.blacklist = self._read_blacklist(phones)
        self.dials = self._read_dials(phones) if self._has_caps() else {}
        self.busy = self.env["clinic.reminder.queue"]._busy_phones(phones)
        self.paused = self._read_paused()

    def phone(self, event):
        patient, company = event.patient_id, self.companies[event.id]
        key = (patient, company)
        if key not in self._phones:
            self._phones[key] = patient._reminder_dialled_number(company)
        return self._phones[key]

    def test_phones(self, company):
        if company not in self._test_phones:
            self._test_phones[company] = company._voicebox_test_phones()
        return self._test_phones[company]

    def windows(self, company, zone, visit_day):
        """Those that may matter to visits on a day of the zone."""
        key = (company, zone.key, visit_day)
        if key not in self._windows:
            days = calling_hours.DAYS_LOOKED_BACK + company.reminder_lead_days
            first_day = visit_day - timedelta(days=days)
            self._windows[key] = [
                window
                for window in self._windows_around(company, zone, visit_day, days)
                if first_day <= window.day <= visit_day
            ]
        return self._windows[key]

    def _windows_around(self, company, zone, visit_day, days):
        """Read once for all visit days of some weeks."""
        ordinal = visit_day.toordinal() // DAYS_AT_ONCE * DAYS_AT_ONCE
        key = (company, zone.key, ordinal)
        if key not in self._every_window:
            first_day = date.fromordinal(ordinal) - timedelta(days=days)
            last_day = date.fromordinal(ordinal + DAYS_AT_ONCE - 1)
            calendar = company._reminder_setting("reminder_calendar_id")
            wall = calendar and calendar._reminder_wall_windows(
                first_day, last_day, company
            )
            per_day = calling_hours.by_day(wall or [])
            self._every_window[key] = calling_hours.windows(per_day, zone)
        return self._every_window[key]

    def permitted(self, company, zones, visit_day):
        """The windows on the clocks of all the zones, on the days of the first one's.

        :param zones: one or two of them, as a tuple
        """
        key = (company, zones, visit_day)
        if key not in self._permitted:
            here, *there = (self.windows(company, zone, visit_day) for zone in zones)
            self._permitted[key] = (
                calling_hours.in_both(here, *there) if there else here
            )
        return self._permitted[key]

    def opening_day(self, company, zones, visit_day, latest):
        """The permitted windows of the day on which the calls begin."""
        key = (company, zones, visit_day, latest)
        if key not in self._opening_days:
            lead_day = visit_day - timedelta(days=company.reminder_lead_days)
            self._opening_days[key] = calling_hours.opening_day(
                self.permitted(company, zones, visit_day), lead_day, latest
            )
        return self._opening_days[key]

    def _read_reminders(self, events):
        """Reminders by patient and start: whatever the event's id, the same visit."""
        found = self.env["clinic.reminder.call"].search(
            question.domain_of_moments(events)
        )
        by_moment = found.grouped(lambda r: Question.of_reminder(r).moment)
        return defaultdict(found.browse, by_moment)

    def _read_open_ones(self, patients):
        """Open reminders by patient: their calls may speak of each other's visits."""
        found = self.env["clinic.reminder.call"].search(
            [("patient_id", "in", patients.ids), ("state", "in", OPEN_STATES)]
        )
        return defaultdict(found.browse, found.grouped("patient_id"))

    def _read_blacklist(self, phones):
        """Past its search, which would parse again what is in E.164 already."""
        if not phones:
            return set()
        self.env["phone.blacklist"].flush_model(["active", "number"])
        query = "SELECT number FROM phone_blacklist WHERE active AND number IN %s"
        rows = self.env.execute_query(SQL(query, tuple(phones)))
        return {number for (number,) in rows}

    def _has_caps(self):
        return any(
            company.reminder_phone_daily_cap or company.reminder_phone_weekly_cap
            for company in self.companies.values()
        )

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
        owners = {c: c._voicebox_owner() for c in set(self.companies.values())}
        used = [owner.id for owner in owners.values()]
        paused = [("company_id", "in", used), ("state", "=", "paused")]
        resting = self.env["voicebox.channel"].search(paused).company_id
        return {company for company, owner in owners.items() if owner in resting}


class VisitFacts:
    """The facts of one visit."""

    def __init__(self, event, readings):
        self._readings = readings
        self.event = event
        self.now = readings.now
        self.patient = event.patient_id
        self.question = Question.of_visit(event)
        self.company = readings.companies[event.id]
        self.phone = readings.phone(event)  # in E.164, or an empty string

    # === The visit and its patient === #
    @cached_property
    def clinic_zone(self):
        return self.company._reminder_zone()

    @cached_property
    def zone(self):
        """The patient's."""
        return self.patient._reminder_zone(self.company)

    def is_invitation_declined(self):
        return any(
            attendee.state == "declined" and attendee.partner_id == self.patient
            for attendee in self.event.attendee_ids
        )

    def is_blacklisted(self):
        return self.phone in self._readings.blacklist

    def is_test_number(self):
        return self.phone in self._readings.test_phones(self.company)

    def wording_rule(self):
        return self.event._reminder_wording().rule

    def is_late_booking(self):
        booked_at = self.event.reminder_booked_at or self.event.create_date
        closest = timedelta(hours=self.company.reminder_late_booking)
        return bool(closest) and self.event.start - booked_at < closest

    def hours(self, latest):
        """The permitted windows around the visit, and those of the first day."""
        where = (self.company, self._clocks, self._visit_day)
        readings = self._readings
        return readings.permitted(*where), readings.opening_day(*where, latest)

    @cached_property
    def _visit_day(self):
        """On the patient's calendar."""
        return calling_hours.to_local(self.event.start, self.zone).date()

    @cached_property
    def _clocks(self):
        """The patient's zone; in doubt about that, the clinic's as well."""
        zone, clinic = self.zone, self.clinic_zone
        if zone.key == clinic.key or not self.patient._reminder_zone_is_doubtful():
            return (zone,)
        return zone, clinic

    def why_no_hours(self):
        """Why there is no permitted window around the visit."""
        where = (self.company, self._clocks, self._visit_day)
        own = self._readings.windows(self.company, self.zone, self._visit_day)
        is_common = bool(self._readings.permitted(*where))
        return "no_common_hours" if own and not is_common else "no_hours"

    # === What time alone will change === #
    def permission_ends(self):
        """When a call that may be made now may not be made any more, or would rather
        be made in another part of the day."""
        latest = self.company._reminder_last_call(self.event.start)
        permitted, _opening_day = self.hours(latest)
        ends = [calling_hours.permission_ends(permitted, self.now, latest)]
        if self.company.reminder_vary_time:
            ends.append(calling_hours.next_part(self.now, self.zone))
        return ends

    def silence_changes(self):
        """When there is another reason than now not to call, if none arises before."""
        day = calling_hours.to_local(self.event.start, self.clinic_zone).date()
        visit_day = calling_hours.start_of_day(day, self.clinic_zone)
        return [end for end in (visit_day, self.mute_ends()) if end > self.now]

    def leading_visit(self):
        """The visit whose call will speak of this one too; none if it has its own."""
        open_ones = self._readings.open_ones[self.patient]
        return conversation.leader(self, open_ones).event_id

    # === The calls that were made === #
    @property
    def _same_visit(self):
        return self._readings.reminders[self.question.moment]

    def is_asked_elsewhere(self):
        """Is another event with this question being called about, or another clinic's
        at this time? Two clinics' visits are not spoken of in one call."""
        elsewhere = self._same_visit.filtered(
            lambda r: r.state in OPEN_STATES and r.event_id != self.event
        )
        return any(
            question.stands(r)
            and (
                Question.of_reminder(r) == self.question
                or (r.company_id != self.company and not r.carried_by_id)
            )
            for r in elsewhere
        )

    @cached_property
    def same_question(self):
        """Reminders that asked what this visit would ask, and still hold."""
        return self._same_visit.filtered(
            lambda r: not r.is_void and Question.of_reminder(r) == self.question
        )

    @cached_property
    def skipped(self):
        """Those that were skipped; “Call Now” opens the visit's own again."""
        skipped = self.same_question.filtered("skip_reason")
        if not self._readings.as_if_asked:
            return skipped
        return skipped.filtered(lambda r: r.event_id != self.event)

    @cached_property
    def is_asked_for(self):
        """Has somebody pressed “Call Now”?"""
        return self._readings.as_if_asked or any(
            r.requested_by_id for r in self.same_question if r.state == "planned"
        )

    @cached_property
    def calls(self):
        """Dials for this patient and time, whoever the specialist was."""
        if not any(self._same_visit.mapped("attempt_count")):
            return 0
        return len(list(self._counted_attempts))

    @cached_property
    def _attempts(self):
        """Attempts for this patient and time, the last one first."""
        same = self._same_visit
        return (same.attempt_ids | same.shared_attempt_ids).sorted(
            lambda attempt: (attempt.requested_at, attempt.id), reverse=True
        )

    @property
    def _counted_attempts(self):
        return (attempt for attempt in self._attempts if attempt.is_counted)

    def results(self):
        """What the calls came to, the last one last."""
        return tuple(a.result for a in reversed(self._attempts) if a.result)

    def parts_tried(self):
        """Parts of the day in which this patient was called about this visit."""
        return {
            calling_hours.part_of_day(calling_hours.to_local(a.requested_at, self.zone))
            for a in self._counted_attempts
        }

    # === What ends when === #
    def retry_at(self):
        """When the pause after the last attempt is over; long ago without one."""
        if not self._attempts:
            return LONG_AGO
        last = self._attempts[0]
        if last.state != "finished":
            return last.deadline
        if not last.is_counted:
            return last.finished_at + self._unsent_pause()
        if last.result == "rejected":
            return LONG_AGO
        pause = self.company[PAUSES.get(last.result, PAUSES["no_result"])]
        return last.finished_at + timedelta(minutes=pause)

    def _unsent_pause(self):
        """Growing with every try that did not get through.

        Throttling and wrong credentials rest the whole queue: no pause of their own.
        """
        if self._attempts[0].error_kind != "not_sent":
            return timedelta()
        failed = 0
        for attempt in self._attempts:
            if attempt.is_counted:
                break
            failed += attempt.error_kind == "not_sent"
        return timedelta(minutes=min(2 ** (failed - 1), LONGEST_UNSENT_PAUSE))

    def day_ends(self):
        """When another call about this visit fits the calls a day."""
        limit = self.company.reminder_calls_per_day
        if not limit:
            return LONG_AGO
        midnight, tomorrow = self._today
        today = [a for a in self._counted_attempts if a.requested_at >= midnight]
        return tomorrow if len(today) >= limit else LONG_AGO

    @cached_property
    def _today(self):
        """The first moments of today and of tomorrow on the patient's calendar."""
        today = calling_hours.to_local(self.now, self.zone).date()
        return (
            calling_hours.start_of_day(today, self.zone),
            calling_hours.start_of_day(today + timedelta(days=1), self.zone),
        )

    def cap_ends(self):
        """When the number may be dialled again as far as its caps go."""
        dials = self._readings.dials.get(self.phone, [])
        ends = LONG_AGO
        weekly = self.company.reminder_phone_weekly_cap
        if weekly and len(dials) >= weekly:
            ends = dials[weekly - 1] + WEEK
        daily = self.company.reminder_phone_daily_cap
        midnight, tomorrow = self._today
        if daily and sum(dial >= midnight for dial in dials) >= daily:
            ends = max(ends, tomorrow)
        return ends

    def mute_ends(self):
        """When a muted patient may be called again."""
        day = self.patient.reminder_mute_until
        return calling_hours.start_of_day(day, self.zone) if day else LONG_AGO

    def why_waiting(self):
        """What keeps a call that may be made from being made at once, if anything."""
        if self.phone in self._readings.busy:
            return "phone_busy"
        return "paused" if self.company in self._readings.paused else ""
