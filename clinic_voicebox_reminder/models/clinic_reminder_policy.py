from datetime import timedelta

from babel.dates import format_date

from odoo import api, fields, models
from odoo.tools import babel_locale_parse

from ..tools import calling_hours
from ..tools.verdict import Verdict
from .clinic_reminder_attempt import FINAL_RESULTS
from .clinic_reminder_case import PAUSES, Case

STATUS_REASONS = {
    "cancelled": "cancelled",
    "confirmed": "confirmed",
    "done": "finished",
    "no_show": "finished",
    "reschedule": "reschedule",
}


class ClinicReminderPolicy(models.AbstractModel):
    """The one place that decides whom to call, and when.

    Plan and dispatch do what it says; the sentence shown to staff is made from the
    same verdict.
    """

    _name = "clinic.reminder.policy"
    _description = "Reminder Call Policy"

    # === Verdicts === #
    @api.model
    def _verdicts(self, events):
        """The verdict on each visit, as things stand now.

        Reads everything in bulk and as the superuser; writes nothing.

        :return: dict of event id to :class:`Verdict`
        """
        events = events.sudo()
        case = Case(self.sudo().env, events)
        return {event.id: self._verdict(event, case) for event in events}

    @api.model
    def _verdict(self, event, case):
        reason = (
            self._visit_reason(event, case)
            or self._history_reason(event, case)
            or self._patient_reason(event, case)
        )
        return self._never(reason) if reason else self._when(event, case)

    @api.model
    def _never(self, reason):
        return Verdict("never", reason)

    @api.model
    def _visit_reason(self, event, case):
        """Why the visit, as it is, is none to remind of; empty if it is."""
        if not event.patient_id:
            return "no_patient"
        if not event.active:
            return "archived"
        if event.visit_status in STATUS_REASONS:
            return STATUS_REASONS[event.visit_status]
        if event.allday:
            return "all_day"
        if event.start <= case.now:
            return "past"
        if any(
            attendee.state == "declined" and attendee.partner_id == event.patient_id
            for attendee in event.attendee_ids
        ):
            return "attendee_declined"
        return ""

    @api.model
    def _history_reason(self, event, case):
        """Why no (further) call follows from the calls that were made."""
        asked = case.same_question(event)
        if any(r.outcome in FINAL_RESULTS for r in asked):
            return "answered"
        if any(r.skip_reason == "staff" for r in asked):
            return "staff"
        if any(
            r.skip_reason == "rejected" and r.phone == case.phone(event) for r in asked
        ):
            return "rejected"
        if any(r.outcome == "not_reached" for r in asked):
            return "calls_spent"
        if case.calls(event) >= case.company(event).reminder_max_calls:
            return "calls_spent"
        if case.is_asked_elsewhere(event):
            return "duplicate"
        return ""

    @api.model
    def _patient_reason(self, event, case):
        """Why this patient is not to be called, or can't be."""
        patient = event.patient_id
        mode = case.company(event).reminder_consent_mode
        if patient.reminder_deceased:
            return "deceased"
        if not patient.active:
            return "patient_archived"
        if patient.reminder_do_not_call:
            return "do_not_call"
        if mode != "off" and patient.reminder_consent == "refused":
            return "refused"
        if mode == "explicit" and patient.reminder_consent != "given":
            return "no_consent"
        if not (patient.phone or "").strip():
            return "no_phone"
        if not case.phone(event):
            return "bad_phone"
        if case.phone(event) in case.blacklist:
            return "blacklisted"
        if event._reminder_wording().rule == "none":
            return "not_spoken_of"
        return ""

    @api.model
    def _when(self, event, case):
        """The first permitted moment, or why there is none."""
        company = case.company(event)
        asked_for = case.is_asked_for(event)
        zone = company._reminder_zone()
        day = calling_hours.to_local(event.start, zone).date()
        if day <= calling_hours.to_local(case.now, zone).date():
            return self._never("today")
        if not asked_for and self._is_late_booking(event, company):
            hours = company.reminder_late_booking
            return Verdict("never", "late_booking", hours=hours)
        latest = min(
            event.start - timedelta(hours=company.reminder_min_notice),
            calling_hours.start_of_day(day, zone) - timedelta(seconds=1),
        )
        permitted, opening_day = case.hours(event, latest)
        if not opening_day:
            return self._never("no_hours")
        earliest, reason = self._earliest(event, case, opening_day, asked_for)
        moment = calling_hours.first_moment(permitted, earliest, latest)
        if moment and not asked_for:
            moment = self._another_part(event, case, permitted, moment, latest)
        return self._with_mode(event, case, moment, reason)

    @api.model
    def _is_late_booking(self, event, company):
        booked_at = event.reminder_booked_at or event.create_date
        closest = timedelta(hours=company.reminder_late_booking)
        return bool(closest) and event.start - booked_at < closest

    @api.model
    def _earliest(self, event, case, opening_day, asked_for):
        """The moment before which nothing else permits a call.

        :return: the moment, and the reason to give if that leaves no time to call
        """
        company, patient = case.company(event), event.patient_id
        bounds = [
            (case.now, "too_late"),
            (case.cap_ends(event), "capped"),
            (case.day_ends(event), "too_late"),
        ]
        if patient.reminder_mute_until:
            zone = patient._reminder_zone(company)
            muted = calling_hours.start_of_day(patient.reminder_mute_until, zone)
            bounds.append((muted, "muted"))
        if not asked_for:
            bounds.append((case.retry_at(event), "too_late"))
            begin = self._opening_moment(event, case, opening_day)
            bounds.append((begin, "too_late"))
        return max(bounds, key=lambda bound: bound[0])

    @api.model
    def _another_part(self, event, case, permitted, moment, latest):
        """A further call in a part of the day in which none was made, if there is one.

        Only later on the same day: a call is never lost for a better hour.
        """
        company = case.company(event)
        if not company.reminder_vary_time or not case.calls(event):
            return moment
        zone = event.patient_id._reminder_zone(company)
        tried = case.parts_tried(event, zone)
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
    def _opening_moment(self, event, case, opening_day):
        """When the first call is due: at the patient's preferred time of day, at the
        day's opening, or spread over its hours.

        The spread depends on patient and time alone, so that planning again does
        not move it; room for the further calls is kept free.
        """
        company, patient = case.company(event), event.patient_id
        if patient.reminder_preferred_time and not case.calls(event):
            zone = patient._reminder_zone(company)
            part = patient.reminder_preferred_time
            found = (calling_hours.in_part(w, part, zone) for w in opening_day)
            return next(filter(None, found), opening_day[0].start)
        if not company.reminder_spread or case.calls(event):
            return opening_day[0].start
        pauses = max(company[name] for name in PAUSES.values())
        reserve = timedelta(minutes=pauses) * (company.reminder_max_calls - 1)
        key = f"{event.patient_id.id} {event.start}"
        return calling_hours.spread_moment(opening_day, reserve, key)

    @api.model
    def _with_mode(self, event, case, moment, reason):
        """Calling may be off for this company or this number."""
        off = self._why_off(event, case)
        if not moment and reason == "muted":
            return Verdict("never", reason, day=event.patient_id.reminder_mute_until)
        if not moment:
            return self._never(off if reason == "too_late" and off else reason)
        return Verdict(
            "hold" if off else "call",
            off or case.why_waiting(event),
            moment,
            case.calls(event),
            case.last_result(event),
        )

    @api.model
    def _why_off(self, event, case):
        company = case.company(event)
        if company.voicebox_mode == "test":
            listed = case.phone(event) in case.test_phones(company)
            return "" if listed else "test_mode"
        return "disabled" if company.voicebox_mode == "disabled" else ""

    # === Sentences === #
    @api.model
    def _explain_events(self, events):
        """Why each visit is, was or will be called or not: one plain sentence.

        In the reader's language and zone (both from the context).

        :return: dict of event id to sentence; empty for an event that is no visit
        """
        verdicts = self._verdicts(events.filtered("patient_id"))
        return {
            event.id: self._event_sentence(event, verdicts.get(event.id))
            for event in events
        }

    @api.model
    def _event_sentence(self, event, verdict):
        if not verdict:
            return ""
        asked = event.reminder_call_ids.filtered(
            lambda r: (
                r.state != "skipped"
                and (r.state == "done" or r._is_being_called())
                and r._question_stands()
            )
        )
        if asked:
            return self._call_sentence(asked.sorted("id")[-1])
        return self._sentence(verdict)

    @api.model
    def _explain_reminders(self, reminders):
        """The same for reminders: what became of each, or will.

        :return: dict of reminder id to sentence
        """
        verdicts = reminders._verdict_each()
        return {
            reminder.id: self._reminder_sentence(reminder, verdicts[reminder.id])
            for reminder in reminders
        }

    @api.model
    def _reminder_sentence(self, reminder, verdict):
        if reminder.state == "done" or reminder._is_being_called():
            return self._call_sentence(reminder)
        if reminder.state == "skipped" and verdict.reason != reminder.skip_reason:
            return self._sentence(self._never(reminder.skip_reason))
        return self._sentence(verdict)

    @api.model
    def _call_sentence(self, reminder):
        """About a reminder that is done or on a call."""
        if reminder.state == "done":
            return self._outcome_sentence(reminder)
        return self.env._("Being called now.")

    @api.model
    def _outcome_sentence(self, reminder):
        calls = self._times(reminder.attempt_count)
        sentences = {
            "confirmed": self.env._("Called %s: the patient will come.", calls),
            "declined": self.env._("Called %s: the patient will not come.", calls),
            "operator": self.env._("Called %s: the patient asks for a person.", calls),
            "not_reached": self.env._(
                "Called %s: the patient was not reached. Please call.", calls
            ),
        }
        return sentences[reminder.outcome]

    @api.model
    def _sentence(self, verdict):
        """A verdict in words."""
        if verdict.reason == "disabled":
            return self.env._("Not called: reminder calls are switched off.")
        if verdict.reason == "test_mode":
            return self.env._("Not called: test mode, and this is no test number.")
        if verdict.kind == "never":
            return self._never_sentence(verdict)
        if verdict.moment <= fields.Datetime.now():
            return self._waiting_sentence(verdict)
        if verdict.last_result and verdict.last_result not in FINAL_RESULTS:
            return self._retry_sentence(verdict)
        return self._planned_sentence(verdict.moment)

    @api.model
    def _waiting_sentence(self, verdict):
        """The call is due: what is it waiting for?"""
        if verdict.reason == "phone_busy":
            return self.env._("Will be called after another call to this number.")
        if verdict.reason == "paused":
            return self.env._("Will be called when Voicebox takes calls again.")
        return self.env._("Will be called as soon as a line is free.")

    @api.model
    def _planned_sentence(self, moment):
        day, hour, is_today = self._words(moment)
        if is_today:
            return self.env._("Will be called today from %s.", hour)
        return self.env._(
            "Will be called on %(date)s from %(time)s.", date=day, time=hour
        )

    @api.model
    def _retry_sentence(self, verdict):
        day, hour, is_today = self._words(verdict.moment)
        results = dict(
            self.env["clinic.reminder.attempt"]
            ._fields["result"]
            ._description_selection(self.env)
        )
        words = {
            "calls": self._times(verdict.calls),
            "result": results.get(verdict.last_result, "").lower(),
            "date": day,
            "time": hour,
        }
        if is_today:
            return self.env._(
                "Called %(calls)s, %(result)s; next call today after %(time)s.",
                **words,
            )
        return self.env._(
            "Called %(calls)s, %(result)s; next call on %(date)s after %(time)s.",
            **words,
        )

    @api.model
    def _never_sentence(self, verdict):
        if verdict.reason == "late_booking" and verdict.hours:
            return self.env._(
                "Not called: booked less than %s hours before the visit.",
                verdict.hours,
            )
        if verdict.reason == "muted" and verdict.day:
            day = self._day_words(verdict.day)
            return self.env._("Not called: no calls until %s.", day)
        reasons = dict(
            self.env["clinic.reminder.call"]
            ._fields["skip_reason"]
            ._description_selection(self.env)
        )
        words = reasons.get(verdict.reason, "")
        return self.env._("Not called: %s.", words[:1].lower() + words[1:])

    @api.model
    def _times(self, number):
        """How often, in words; many languages count three and four unlike five."""
        words = {
            1: self.env._("once"),
            2: self.env._("twice"),
            3: self.env._("3 times"),
            4: self.env._("4 times"),
        }
        return words.get(number) or self.env._("%s times", number)

    @api.model
    def _words(self, moment):
        """A naive UTC moment as (day in words, hour, is it today) for the reader."""
        local = fields.Datetime.context_timestamp(self, moment)
        today = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        day = self._day_words(local.date())
        return day, f"{local.hour}:{local:%M}", local.date() == today.date()

    @api.model
    def _day_words(self, day):
        locale = babel_locale_parse(self.env.lang or "en_US")
        return format_date(day, "d MMMM", locale=locale)
