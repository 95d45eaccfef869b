"""A patient's visits on one day are one conversation (laws 2 and 3)."""

from datetime import timedelta

from odoo.tests import tagged

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestOneConversation(ReminderCase):
    def setUp(self):
        super().setUp()
        self.therapist = self.env["res.users"].create(
            {
                "name": "Therapist",
                "login": "therapist-test",
                "function": "Терапевт",
                "takes_visits": True,
            }
        )
        patient = self.patient()
        self.late = self.visit(patient)
        self.early = self.visit(
            patient,
            start=NOW + timedelta(days=1, hours=-1),
            user_id=self.therapist.id,
        )
        self.next_day = self.visit(patient, start=NOW + timedelta(days=2))

    def attempts(self):
        return self.env["clinic.reminder.attempt"].search([], order="id")

    def both(self):
        return [self.early.visit_status, self.late.visit_status]

    def test_one_call_names_the_visits_in_order_of_time(self):
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"],
            "Терапевт 6 июня 2030 г 9 00 и Эндоскопист 6 июня 2030 г 12 00",
        )
        self.assertEqual(
            self.reminder_of(self.late).carried_by_id, self.reminder_of(self.early)
        )
        self.assertEqual(self.reminder_of(self.late).attempt_count, 1)
        self.assertEqual(self.late.reminder_explanation, "Being called now.")

    def test_confirmed_confirms_all(self):
        self.call()
        self.callback("confirmed", self.attempts())
        self.assertEqual(self.both(), ["confirmed", "confirmed"])
        self.assertEqual(self.next_day.visit_status, "booked")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_operator_hands_over_all(self):
        self.call()
        self.callback("operator", self.attempts())
        self.assertEqual(self.both(), ["reschedule", "reschedule"])

    def test_declined_cancels_none_by_itself(self):
        self.call()
        self.callback("declined", self.attempts())
        self.assertEqual(self.both(), ["reschedule", "reschedule"])
        for event in (self.early, self.late):
            self.assertTrue(self.reminder_of(event).needs_attention)
            self.assertEqual(event.show_as, "busy")

    def test_three_calls_for_all_of_them(self):
        for _ordinal in range(4):
            self.call()
            self.callback("no_answer", self.attempts()[-1])
            self.later(minutes=61)
        self.assertEqual(len(self.voicebox.requests), 3)
        self.assertEqual(self.both(), ["not_confirmed", "not_confirmed"])

    def test_the_carrier_is_cancelled_between_two_calls(self):
        self.call()
        self.callback("no_answer", self.attempts())
        self.early.visit_status = "cancelled"
        self.later(minutes=61)
        self.run_cron("dispatch")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(
            self.voicebox.requests[1]["data"]["visit"],
            "Эндоскопист 6 июня 2030 г 12 00",
        )
        self.assertEqual(self.reminder_of(self.late).attempt_count, 2)
        self.callback("confirmed", self.attempts()[-1])
        self.assertEqual(self.both(), ["cancelled", "confirmed"])

    def test_the_carried_visit_waits_for_its_carrier(self):
        """Law 2: due before it or not, there is one call."""
        self.run_cron("plan")
        self.reminder_of(self.late).next_call_at = NOW - timedelta(minutes=1)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertIn(" и ", self.voicebox.requests[0]["data"]["visit"])

    def test_each_visit_is_checked_again_at_the_claim(self):
        """Law 3: the carrier is called about, what changed since is not."""
        self.run_cron("plan")
        self.late.visit_status = "cancelled"
        self.run_cron("dispatch")
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"], "Терапевт 6 июня 2030 г 9 00"
        )
        self.callback("confirmed", self.attempts())
        self.assertEqual(self.both(), ["confirmed", "cancelled"])

    def test_a_visit_booked_during_the_call_is_asked_about_by_itself(self):
        self.call()
        new = self.visit(self.late.patient_id, start=NOW + timedelta(days=1, hours=6))
        self.call()
        self.callback("confirmed", self.attempts())
        self.assertEqual(new.visit_status, "booked")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertNotIn(" и ", self.voicebox.requests[1]["data"]["visit"])

    def test_switched_off(self):
        self.company.reminder_one_call_a_day = False
        self.call()
        self.callback("confirmed", self.attempts()[0])
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_visit_that_may_not_be_spoken_of(self):
        self.env["clinic.reminder.wording"].create(
            {"specialty": "эндоскопист", "rule": "none"}
        )
        self.call()
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"], "Терапевт 6 июня 2030 г 9 00"
        )
        self.assertEqual(self.reminder_of(self.late).skip_reason, "not_spoken_of")


@tagged("post_install", "-at_install")
class TestOneMoment(ReminderCase):
    """What is said of a visit that shares a call is when that call is made."""

    def setUp(self):
        super().setUp()
        self.mother = self.patient()

    def visits(self, *hours):
        day = NOW + timedelta(days=1)
        return [
            self.visit(self.mother, start=day + timedelta(hours=hour)) for hour in hours
        ]

    def said(self, events):
        self.env.invalidate_all()
        moments = {self.reminder_of(event).next_call_at for event in events}
        sentences = {event.reminder_explanation for event in events}
        sentences |= {self.reminder_of(event).explanation for event in events}
        return moments, sentences

    def test_spread_over_the_day(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=3))
        events = self.visits(2, 3, 5)
        self.run_cron("plan")
        moments, sentences = self.said(events)
        self.assertEqual(len(moments), 1)
        self.assertEqual(len(sentences), 1)
        self.at(min(moments) + timedelta(seconds=1))
        self.call()
        self.assertEqual(self.voicebox.requests[0]["data"]["visit"].count("июня"), 3)

    def test_booked_after_an_unanswered_call(self):
        """Earlier than the first visit or later, it waits for the pause."""
        (first,) = self.visits(3)
        self.call()
        self.callback("no_answer", self.reminder_of(first).attempt_ids)
        others = self.visits(2, 5)
        for _before_and_after_the_plan in range(2):
            for event in others:
                sentence = event.reminder_explanation
                self.assertRegex(sentence, r"^Will be called today from 8:00\.$")
            self.run_cron("plan")
        self.assertEqual(len(self.said([first, *others])[0]), 1)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.later(minutes=61)
        self.run_cron("dispatch")
        self.assertEqual(self.voicebox.requests[1]["data"]["visit"].count("июня"), 3)

    def test_booked_during_the_call(self):
        (first,) = self.visits(3)
        self.call()
        (second,) = self.visits(5)
        self.run_cron("plan")
        waiting = "Will be called after another call to this number."
        self.assertEqual(second.reminder_explanation, waiting)
        self.callback("no_answer", self.reminder_of(first).attempt_ids)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_long_notice(self):
        """Who can wait least leads, so that nobody is called too late."""
        self.company.reminder_min_notice = 24
        self.at(NOW - timedelta(hours=1))
        (late,) = self.visits(8)
        self.call()
        self.callback("no_answer", self.reminder_of(late).attempt_ids)
        (early,) = self.visits(0.5)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(self.reminder_of(early).attempt_count, 1)

    def test_the_lead_falls_away(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=3))
        first, second, third = self.visits(2, 3, 5)
        self.run_cron("plan")
        first.visit_status = "cancelled"
        self.run_cron("plan")
        moments, sentences = self.said([second, third])
        self.assertEqual((len(moments), len(sentences)), (1, 1))
        self.assertFalse(self.reminder_of(second).carried_by_id)
        self.assertEqual(
            self.reminder_of(third).carried_by_id, self.reminder_of(second)
        )

    def test_call_now_is_for_all_of_them(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=1))
        first, second = self.visits(2, 3)
        self.run_cron("plan")
        second.action_reminder_call_now()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.reminder_of(second).attempt_count, 1)
