"""From a booked visit to the patient's answer on it (laws 2, 4, 6, 7 and 8)."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, ReminderCase

TRANSACTIONS = "odoo.addons.clinic_voicebox_reminder.models.transactions"


@tagged("post_install", "-at_install")
class TestMainJob(ReminderCase):
    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())

    def called(self):
        self.call()
        return self.reminder_of(self.event).attempt_ids[:1]

    def test_plan_arms_the_first_permitted_moment(self):
        self.at(NOW - timedelta(days=1))
        self.run_cron("plan")
        reminder = self.reminder_of(self.event)
        self.assertEqual(reminder.state, "planned")
        self.assertEqual(reminder.next_call_at, datetime(2030, 6, 5, 6, 0))
        self.assertEqual(
            self.event.reminder_explanation, "Will be called on 5 June from 6:00."
        )
        self.assertFalse(self.voicebox.requests)

    def test_the_request_is_the_contracts(self):
        attempt = self.called()
        self.assertEqual(
            self.voicebox.requests,
            [
                {
                    "method": self.company.voicebox_method,
                    "data": {
                        "number": "12025550101",
                        "guid": attempt.guid,
                        "name": "Валерия Сергеевна",
                        "visit": "Эндоскопист 6 июня 2030 г 12 00",
                    },
                }
            ],
        )
        self.assertEqual(attempt.state, "requested")
        self.assertEqual(attempt.call_id, "call-1")
        self.assertEqual(attempt.reminder_id.state, "calling")

    def test_confirmed(self):
        attempt = self.called()
        self.assertEqual(self.callback("answered", attempt), "applied")
        self.assertEqual(self.callback("confirmed", attempt), "applied")
        self.assertEqual(self.event.visit_status, "confirmed")
        reminder = attempt.reminder_id
        self.assertEqual((reminder.state, reminder.outcome), ("done", "confirmed"))
        invited = self.event.attendee_ids.filtered(
            lambda a: a.partner_id == self.event.patient_id
        )
        self.assertEqual(invited.state, "accepted")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertFalse(reminder.needs_attention)

    def test_declined_frees_the_time_and_keeps_the_event(self):
        attempt = self.called()
        self.callback("declined", attempt)
        self.assertEqual(self.event.visit_status, "cancelled")
        self.assertEqual(self.event.show_as, "free")
        self.assertTrue(self.event.active)
        self.assertTrue(attempt.reminder_id.needs_attention)

    def test_operator_gives_the_front_desk_a_to_do(self):
        receptionist = self.env["res.users"].create(
            {
                "name": "Receptionist of the tests",
                "login": "receptionist-of-the-tests",
                "group_ids": [
                    (4, self.env.ref("clinic_voicebox_reminder.group_user").id)
                ],
            }
        )
        self.company.reminder_responsible_id = receptionist
        attempt = self.called()
        self.callback("operator", attempt)
        self.assertEqual(self.event.visit_status, "reschedule")
        self.assertTrue(attempt.reminder_id.activity_ids)
        self.assertEqual(attempt.reminder_id.activity_ids.user_id, receptionist)

    def test_three_hang_ups_and_no_more(self):
        for ordinal in (1, 2, 3):
            attempt = self.called()
            self.assertEqual(len(self.voicebox.requests), ordinal)
            self.callback("answered", attempt)
            self.later(minutes=16)
            self.run_cron("sweep")
            self.assertEqual(attempt.result, "hung_up")
            self.later(minutes=31)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 3)
        self.assertEqual(self.event.visit_status, "not_confirmed")
        self.assertEqual(self.event.visit_status_reason, "reminder call: not reached")
        self.assertTrue(self.event.active)

    def test_not_reached_twice_then_confirmed(self):
        for _ordinal in (1, 2):
            self.assertEqual(self.callback("no_answer", self.called()), "applied")
            self.later(minutes=61)
        self.callback("1", self.called())
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertEqual(len(self.voicebox.requests), 3)

    def test_hung_up_then_late_confirmation(self):
        attempt = self.called()
        self.callback("answered", attempt)
        self.later(minutes=16)
        self.run_cron("sweep")
        self.assertEqual(attempt.reminder_id.state, "planned")
        self.assertEqual(self.callback("confirmed", attempt), "applied")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.later(hours=2)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_swept_then_late_refusal(self):
        attempt = self.called()
        self.later(minutes=16)
        self.run_cron("sweep")
        self.assertEqual(attempt.result, "no_result")
        self.assertEqual(self.callback("declined", attempt), "applied")
        self.assertEqual(self.event.visit_status, "cancelled")

    def test_a_pause_is_kept(self):
        self.callback("no_answer", self.called())
        self.later(minutes=30)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(
            self.event.reminder_explanation,
            "Called once, no answer; next call today after 8:00.",
        )
        self.later(minutes=31)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_pause_that_ends_in_the_night(self):
        """Law 3: the next call is made in the morning, not after the pause."""
        self.company.reminder_lead_days = 2
        self.event.start += timedelta(days=1)
        self.at(datetime(2030, 6, 5, 16, 30))
        attempt = self.called()
        self.callback("no_answer", attempt)
        morning = datetime(2030, 6, 6, 6, 0)
        self.assertEqual(attempt.reminder_id.next_call_at, morning)
        for moment, calls in ((datetime(2030, 6, 5, 17, 31), 1), (morning, 2)):
            self.at(moment)
            self.call()
            self.assertEqual(len(self.voicebox.requests), calls)

    def test_a_long_conversation_is_not_cut(self):
        """Law 6: the deadline is the attempt's own; picking up sets a new one."""
        attempt = self.called()
        self.later(minutes=14)
        self.callback("answered", attempt)
        self.later(minutes=14)
        self.run_cron("sweep")
        self.assertEqual(attempt.state, "answered")
        self.later(minutes=2)
        self.run_cron("sweep")
        self.assertEqual(attempt.result, "hung_up")

    def test_a_reminder_that_has_lost_its_call_goes_on(self):
        """Law 6: “calling” without a call, as after a restored backup."""
        self.run_cron("plan")
        reminder = self.reminder_of(self.event)
        reminder.write({"state": "calling", "next_call_at": False})
        self.run_cron("sweep", "dispatch")
        self.assertEqual(reminder.state, "calling")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_one_call_that_cannot_be_ended_costs_itself_only(self):
        """Law 6: the others end at their deadlines."""
        self.visit(self.patient(ordinal=2))
        self.call()
        bad, good = self.env["clinic.reminder.attempt"].search([], order="id")
        model = self.env.registry["clinic.reminder.attempt"]
        whole = model._finish

        def faulty(attempt, result):
            if attempt == bad:
                raise ValueError("a fault")
            return whole(attempt, result)

        self.later(minutes=16)
        with (
            patch.object(model, "_finish", faulty),
            mute_logger(TRANSACTIONS),
        ):
            self.run_cron("sweep")
        self.assertEqual((bad.result, good.result), (False, "no_result"))
        self.run_cron("sweep")
        self.assertEqual(bad.result, "no_result")

    def test_what_staff_decided_by_hand_stays(self):
        """Law 8: also while the robot talks with the patient."""
        answers = {
            "cancelled": "confirmed",
            "confirmed": "declined",
            "reschedule": "confirmed",
        }
        for ordinal, (status, answer) in enumerate(answers.items(), 2):
            with self.subTest(status):
                event = self.visit(self.patient(ordinal=ordinal))
                self.call()
                event.visit_status = status
                attempt = self.reminder_of(event).attempt_ids
                self.assertEqual(self.callback(answer, attempt), "applied")
                self.assertEqual(event.visit_status, status)
                self.assertEqual(attempt.result, answer)

    def test_what_staff_decide_after_the_robot_stays(self):
        """Law 8: a late answer does not undo it."""
        self.company.reminder_max_calls = 1
        attempt = self.called()
        self.callback("no_answer", attempt)
        self.assertEqual(self.event.visit_status, "not_confirmed")
        self.event.visit_status = "confirmed"
        self.callback("declined", attempt)
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertTrue(attempt.reminder_id.needs_attention)
