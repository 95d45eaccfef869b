"""Patients' data stays small (law 10)."""

from datetime import timedelta

from odoo.tests import tagged

from .common import ReminderCase


@tagged("post_install", "-at_install")
class TestRetention(ReminderCase):
    def test_personal_data_goes_and_statistics_stay(self):
        event = self.visit(self.patient())
        self.call()
        reminder = self.reminder_of(event)
        attempt = reminder.attempt_ids
        self.callback("confirmed", attempt)
        callback = attempt.callback_ids
        reminder.message_post(body="Called by hand: she will come")
        self.company.reminder_retention_days = 30
        self.env["clinic.reminder.privacy"]._gc_personal_data()
        self.assertTrue(reminder.phone and attempt.phone and callback.number_b)
        self.assertIn("by hand", " ".join(reminder.message_ids.mapped("body")))
        self.later(days=32)
        self.env["clinic.reminder.privacy"]._gc_personal_data()
        for record, names in (
            (reminder, ("phone", "spoken_name", "spoken_visit")),
            (attempt, ("phone", "provider_reply")),
            (callback, ("payload", "number_b", "remote_addr")),
        ):
            for name in names:
                self.assertFalse(record[name], name)
        self.assertNotIn("by hand", " ".join(reminder.message_ids.mapped("body")))
        self.assertEqual(reminder.outcome, "confirmed")
        self.assertEqual(attempt.result, "confirmed")
        self.assertEqual(callback.disposition, "applied")

    def test_no_limit(self):
        event = self.visit(self.patient())
        self.call()
        self.company.reminder_retention_days = 0
        reminder = self.reminder_of(event)
        self.callback("confirmed", reminder.attempt_ids)
        self.later(days=3000)
        self.env["clinic.reminder.privacy"]._gc_personal_data()
        self.assertTrue(reminder.phone)

    def test_an_open_reminder_keeps_what_it_needs(self):
        event = self.visit(self.patient(), start=self.now + timedelta(days=1, hours=2))
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        self.later(days=200)
        self.env["clinic.reminder.privacy"]._gc_personal_data()
        self.assertTrue(reminder.phone)
