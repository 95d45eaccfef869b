"""From a booked visit to the patient's answer on it."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import NOW, ReminderCase


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
