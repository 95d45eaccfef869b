from dataclasses import replace
from datetime import timedelta

from odoo import api, models

from ..models import question
from ..tools import calling_hours
from ..tools.verdict import Verdict
from ..tools.vocabulary import FINAL_RESULTS, STATUS_REASONS
from .visit_facts import PAUSES, read_facts


class ClinicReminderPolicy(models.AbstractModel):
    """The one place that decides whom to call, and when.

    Plan and dispatch do what it says; the sentence shown to staff is made from the
    same verdict.
    """

    _name = "clinic.reminder.policy"
    _description = "Reminder Call Policy"

    @api.model
    def _verdicts(self, events, as_if_asked=False):
        """The verdict on each visit, as things stand now.

        A visit that is spoken of in another's call is called about when that one is.
        Reads everything in bulk and as the superuser; writes nothing.

        :param as_if_asked: what would it be if somebody pressed “Call Now”?
        :return: dict of event id to :class:`Verdict`
        """
        events = events.with_env(self.sudo().env)
        all_facts = read_facts(events, as_if_asked)
        leading = {facts.event: facts.leading_visit() for facts in all_facts}
        others = events.union(*leading.values()) - events
        all_facts += read_facts(others, as_if_asked)
        own = {facts.event: self._verdict(facts) for facts in all_facts}
        return {
            event.id: own[event].told_with(own[lead]) if lead else own[event]
            for event, lead in leading.items()
        }

    @api.model
    def _verdicts_on_reminders(self, reminders, as_if_asked=False):
        """The verdict on each reminder's visit, if its question still stands.

        :return: dict of reminder id to :class:`Verdict`
        """
        standing = reminders.filtered(question.stands)
        by_event = self._verdicts(standing.event_id, as_if_asked)
        return {
            reminder.id: by_event[reminder.event_id.id]
            if reminder in standing
            else Verdict.never(question.why_it_fell(reminder))
            for reminder in reminders
        }

    @api.model
    def _verdict(self, facts):
        reason = (
            self._visit_reason(facts)
            or self._history_reason(facts)
            or self._patient_reason(facts)
        )
        if reason:
            return Verdict.never(reason)
        verdict = self._when_permitted(facts)
        return replace(verdict, until=self._holds_until(facts, verdict))

    @api.model
    def _holds_until(self, facts, verdict):
        """When time alone may make another verdict of this one; None: never."""
        if verdict.kind == "never":
            return min(facts.silence_changes(), default=None)
        if verdict.moment > facts.now:
            return verdict.moment
        return min(facts.permission_ends())

    # === Whether === #
    @api.model
    def _visit_reason(self, facts):
        """Why nobody is to be reminded of the visit as it is; empty if somebody is."""
        event = facts.event
        if not event.patient_id:
            return "no_patient"
        if not event.active:
            return "archived"
        if event.visit_status in STATUS_REASONS:
            return STATUS_REASONS[event.visit_status]
        if event.allday:
            return "all_day"
        if event.start <= facts.now:
            return "past"
        return "attendee_declined" if facts.is_invitation_declined() else ""

    @api.model
    def _history_reason(self, facts):
        """Why no (further) call follows from the calls that were made."""
        asked = facts.same_question
        if any(r.outcome in FINAL_RESULTS for r in asked):
            return "answered"
        skipped = facts.skipped
        if any(r.skip_reason == "staff" for r in skipped):
            return "staff"
        if any(r.skip_reason == "rejected" and r.phone == facts.phone for r in skipped):
            return "rejected"
        if any(r.outcome == "not_reached" for r in asked):
            return "calls_spent"
        if facts.calls >= facts.company.reminder_max_calls:
            return "calls_spent"
        return "duplicate" if facts.is_asked_elsewhere() else ""

    @api.model
    def _patient_reason(self, facts):
        """Why this patient is not to be called, or can't be."""
        if facts.patient.reminder_deceased:
            return "deceased"
        if not facts.patient.active:
            return "patient_archived"
        return self._consent_reason(facts) or self._phone_reason(facts)

    @api.model
    def _consent_reason(self, facts):
        patient, mode = facts.patient, facts.company.reminder_consent_mode
        if patient.reminder_do_not_call:
            return "do_not_call"
        if patient.reminder_consent == "refused":
            return "refused"
        if mode == "explicit" and patient.reminder_consent != "given":
            return "no_consent"
        return ""

    @api.model
    def _phone_reason(self, facts):
        if not facts.patient._reminder_numbers():
            return "no_phone"
        if not facts.phone:
            return "bad_phone"
        if facts.is_blacklisted():
            return "blacklisted"
        return "not_spoken_of" if facts.wording_rule() == "none" else ""

    # === When === #
    @api.model
    def _when_permitted(self, facts):
        """The first permitted moment, or why there is none."""
        company, event, zone = facts.company, facts.event, facts.clinic_zone
        day = calling_hours.to_local(event.start, zone).date()
        if day <= calling_hours.to_local(facts.now, zone).date():
            return Verdict.never("today")
        if not facts.is_asked_for and facts.is_late_booking():
            return Verdict.never("late_booking", hours=company.reminder_late_booking)
        latest = company._reminder_last_call(event.start)
        permitted, opening_day = facts.hours(latest)
        if not opening_day:
            return Verdict.never(facts.why_no_hours())
        earliest, reason = self._earliest(facts, opening_day)
        moment = calling_hours.first_moment(permitted, earliest, latest)
        if moment and not facts.is_asked_for:
            moment = self._another_part(facts, permitted, moment, latest)
        return self._with_mode(facts, moment, reason)

    @api.model
    def _earliest(self, facts, opening_day):
        """The moment before which nothing else permits a call.

        :return: the moment, and the reason to give if that leaves no time to call
        """
        bounds = [
            (facts.now, "too_late"),
            (facts.cap_ends(), "capped"),
            (facts.day_ends(), "too_late"),
            (facts.mute_ends(), "muted"),
        ]
        if not facts.is_asked_for:
            bounds.append((facts.retry_at(), "too_late"))
            begin = self._opening_moment(facts, opening_day)
            bounds.append((begin, "too_late"))
        return max(bounds, key=lambda bound: bound[0])

    @api.model
    def _another_part(self, facts, permitted, moment, latest):
        """A further call in a part of the day in which none was made, if there is one.

        Only later on the same day: a call is never lost for a better hour.
        """
        if not facts.company.reminder_vary_time or not facts.calls:
            return moment
        zone, tried = facts.zone, facts.parts_tried()
        day = calling_hours.to_local(moment, zone).date()
        candidates = [moment]
        for window in permitted:
            if window.day == day:
                for part, _hour in calling_hours.PARTS:
                    candidates.append(calling_hours.in_part(window, part, zone))
        for candidate in sorted(c for c in candidates if c and moment <= c <= latest):
            local = calling_hours.to_local(candidate, zone)
            if calling_hours.part_of_day(local) not in tried:
                return candidate
        return moment

    @api.model
    def _opening_moment(self, facts, opening_day):
        """When the first call is due: at the patient's preferred time of day, at the
        day's opening, or spread over its hours.

        The spread depends on patient and time alone, so that planning again does
        not move it; room for the further calls is kept free.
        """
        company, part = facts.company, facts.patient.reminder_preferred_time
        if part and not facts.calls:
            found = (calling_hours.in_part(w, part, facts.zone) for w in opening_day)
            return next(filter(None, found), opening_day[0].start)
        if not company.reminder_spread or facts.calls:
            return opening_day[0].start
        pauses = max(company[name] for name in PAUSES.values())
        reserve = timedelta(minutes=pauses) * (company.reminder_max_calls - 1)
        key = f"{facts.patient.id} {facts.event.start}"
        return calling_hours.spread_moment(opening_day, reserve, key)

    @api.model
    def _with_mode(self, facts, moment, reason):
        """Calling may be off for this company or this number."""
        off = self._why_off(facts)
        if not moment and reason == "muted":
            return Verdict.never(reason, day=facts.patient.reminder_mute_until)
        if not moment:
            return Verdict.never(off if reason == "too_late" and off else reason)
        return Verdict(
            "hold" if off else "call",
            off or facts.why_waiting(),
            moment,
            facts.calls,
            facts.results(),
        )

    @api.model
    def _why_off(self, facts):
        mode = facts.company._voicebox_mode_in_force()
        if mode == "test":
            return "" if facts.is_test_number() else "test_mode"
        return "disabled" if mode == "disabled" else ""
