from collections import Counter

from odoo import api, fields, models
from odoo.tools import babel_locale_parse

from ..models import moments, question
from ..tools.verdict import Verdict
from ..tools.vocabulary import FINAL_RESULTS


class ClinicReminderExplanation(models.AbstractModel):
    """Why a patient is, was or will be called, or not: one plain sentence.

    Made from the verdict that plan and dispatch follow. In the reader's language and
    zone (both from the context).
    """

    _name = "clinic.reminder.explanation"
    _description = "Reminder Call Explanation"

    @api.model
    def _explain_events(self, events):
        """:return: dict of event id to sentence; empty for an event that is no visit"""
        policy = self.env["clinic.reminder.policy"]
        verdicts = policy._verdicts(events.filtered("patient_id"))
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
                and (r.state == "done" or r.is_on_call)
                and question.stands(r)
            )
        )
        if asked:
            return self._call_sentence(asked.sorted("id")[-1])
        return self._sentence(verdict)

    @api.model
    def _explain_reminders(self, reminders):
        """What became of each reminder, or will.

        :return: dict of reminder id to sentence
        """
        verdicts = self.env["clinic.reminder.policy"]._verdicts_on_reminders(reminders)
        return {
            reminder.id: self._reminder_sentence(reminder, verdicts[reminder.id])
            for reminder in reminders
        }

    @api.model
    def _reminder_sentence(self, reminder, verdict):
        if reminder.state == "done" or reminder.is_on_call:
            return self._call_sentence(reminder)
        if reminder.state == "skipped" and verdict.reason != reminder.skip_reason:
            return self._sentence(Verdict.never(reminder.skip_reason))
        return self._sentence(verdict)

    # === Calls that were made === #
    @api.model
    def _call_sentence(self, reminder):
        """About a reminder that is done or on a call."""
        if reminder.state == "done":
            return self._outcome_sentence(reminder)
        return self.env._("Being called now.")

    @api.model
    def _outcome_sentence(self, reminder):
        calls = self._times(reminder.attempt_count)
        if reminder.visit_refusal:
            outcomes = self._labels("clinic.reminder.call", "outcome")
            return self.env._(
                "Called %(calls)s: %(outcome)s. Odoo refused to write it on the "
                "appointment: %(words)s",
                calls=calls,
                outcome=_inside(outcomes[reminder.outcome]),
                words=reminder.visit_refusal,
            )
        sentences = {
            "confirmed": self.env._("Called %s: the patient will come.", calls),
            "declined": self.env._("Called %s: the patient will not come.", calls),
            "operator": self.env._("Called %s: the patient asks for a person.", calls),
            "not_reached": self._not_reached_sentence(reminder, calls),
        }
        return sentences[reminder.outcome]

    @api.model
    def _not_reached_sentence(self, reminder, calls):
        """Who picks up and hangs up is there, unlike who does not answer."""
        attempts = reminder.attempt_ids | reminder.shared_attempt_ids
        attempts = attempts.sorted(lambda attempt: (attempt.requested_at, attempt.id))
        results = [attempt.result for attempt in attempts if attempt.result]
        if "hung_up" not in results:
            return self.env._(
                "Called %s: the patient was not reached. Please call.", calls
            )
        return self.env._(
            "Called %(calls)s: the patient was not reached (%(results)s). Please call.",
            calls=calls,
            results=self._results_in_words(results),
        )

    # === Verdicts === #
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
        if self._has_been_tried(verdict):
            return self._retry_sentence(verdict)
        return self._planned_sentence(verdict.moment)

    @api.model
    def _has_been_tried(self, verdict):
        """Were there calls, and none that got an answer?"""
        result = verdict.last_result
        return bool(verdict.calls and result) and result not in FINAL_RESULTS

    @api.model
    def _waiting_sentence(self, verdict):
        """The call is due: what is it waiting for?"""
        waits_for = self._waits_for(verdict)
        if not self._has_been_tried(verdict):
            return waits_for
        made = self.env._(
            "Called %(calls)s, %(result)s.",
            calls=self._times(verdict.calls),
            result=self._results_in_words(verdict.results),
        )
        return f"{made} {waits_for}"

    @api.model
    def _waits_for(self, verdict):
        if verdict.reason == "phone_busy":
            return self.env._("Will be called after another call to this number.")
        if verdict.reason == "paused":
            return self.env._("Will be called when Voicebox takes calls again.")
        return self.env._("Will be called as soon as a line is free.")

    @api.model
    def _planned_sentence(self, moment):
        day, hour, is_today = moments.parts_in_words(self.env, moment)
        if is_today:
            return self.env._("Will be called today from %s.", hour)
        return self.env._(
            "Will be called on %(date)s from %(time)s.", date=day, time=hour
        )

    @api.model
    def _retry_sentence(self, verdict):
        day, hour, is_today = moments.parts_in_words(self.env, verdict.moment)
        words = {
            "calls": self._times(verdict.calls),
            "result": self._results_in_words(verdict.results),
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
            if verdict.hours == 1:
                return self.env._(
                    "Not called: booked less than an hour before the visit."
                )
            return self.env._(
                "Not called: booked less than %s hours before the visit.",
                verdict.hours,
            )
        if verdict.reason == "muted" and verdict.day:
            day = moments.day_in_words(self.env, verdict.day)
            return self.env._("Not called: no calls until %s.", day)
        reasons = self._labels("clinic.reminder.call", "skip_reason")
        words = reasons.get(verdict.reason, "")
        return self.env._("Not called: %s.", _inside(words))

    # === Words === #
    @api.model
    def _labels(self, model, field):
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    @api.model
    def _results_in_words(self, results):
        """What the calls came to: each kind of result once, with its number."""
        counts = Counter(results)
        if len(results) > 1 and "hung_up" in counts or len(counts) > 1:
            words = [self._result_in_words(*item) for item in counts.items()]
            return "; ".join(words)
        labels = self._labels("clinic.reminder.attempt", "result")
        return _inside(labels[results[0]])

    @api.model
    def _result_in_words(self, result, number):
        if result == "hung_up" and number == 1:
            return self.env._("picked up once, hung up")
        times = self._times(number)
        if result == "hung_up":
            return self.env._("picked up %s, hung up", times)
        labels = self._labels("clinic.reminder.attempt", "result")
        return self.env._(
            "%(result)s %(times)s", result=_inside(labels[result]), times=times
        )

    @api.model
    def _times(self, number):
        """How often, in words; of each language's plurals three are told apart."""
        if number in (1, 2):
            return self.env._("once") if number == 1 else self.env._("twice")
        plural = babel_locale_parse(self.env.lang or "en_US").plural_form(number)
        if plural == "one":
            return self.env._("%(one)s times", one=number)  # 21 in Russian
        if plural == "few":
            return self.env._("%(few)s times", few=number)  # 3, 22 in Russian
        return self.env._("%s times", number)


def _inside(words):
    """A label as a part of a sentence: names keep their capitals."""
    return words[:1].lower() + words[1:]
