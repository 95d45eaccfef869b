"""Whose call it is: numbers and ids that several calls share."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestSharedIds(ReminderCase):
    """Laws 2, 4 and 5."""

    def test_a_call_id_that_several_calls_share_names_none(self):
        events = [self.visit(self.patient(ordinal=n)) for n in (1, 2)]
        self.call()
        attempts = self.env["clinic.reminder.attempt"].search([])
        attempts.call_id = "typed wrong"
        self.assertEqual(
            self.callback("declined", attempts[0], guid="", number_b=""), "unmatched"
        )
        by_number = attempts.filtered(lambda a: a.phone == "+12025550102")
        self.assertEqual(self.callback("confirmed", by_number, guid=""), "applied")
        self.assertEqual(
            [event.visit_status for event in events], ["booked", "confirmed"]
        )

    def test_who_talks_with_the_operator_is_not_rung(self):
        mother, child = self.patient(), self.patient("Иванов Пётр", 1)
        event = self.visit(mother)
        self.visit(child, start=NOW + timedelta(days=1, hours=3))
        self.call()
        self.callback("operator", self.reminder_of(event).attempt_ids)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.later(minutes=3)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_an_opt_out_counts_once(self):
        event = self.visit(self.patient())
        self.call()
        attempt = self.reminder_of(event).attempt_ids
        self.callback("opt_out", attempt)
        event.patient_id.reminder_do_not_call = False
        self.assertEqual(self.callback("opt_out", attempt), "repeated")
        self.assertFalse(event.patient_id.reminder_do_not_call)

    def test_a_test_call_is_an_attempt(self):
        self.visit(self.patient())
        self.run_cron("plan")
        wizard = self.env["voicebox.test.call"].create({"number": "+12025550101"})
        with self.crons():
            wizard.action_call()
            again = wizard.copy({"guid": False})
            with self.assertRaises(UserError):
                again.action_call()
        attempt = self.env["clinic.reminder.attempt"].search([])
        self.assertEqual(attempt.guid, self.voicebox.guids[0])
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.callback("confirmed", attempt)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 2)
