"""“Call Now” stands where it leads to a call; elsewhere stands why it would not."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NOW
from .test_views import DeskCase


@tagged("post_install", "-at_install")
class TestCallNow(DeskCase):
    def booked(self, **vals):
        return self.as_desk(self.visit(self.patient(), **vals))

    def said_by_the_button(self, event):
        """What pressing it says; empty where the robot will call."""
        try:
            with self.env.cr.savepoint():
                event.action_reminder_call_now()
        except UserError as refusal:
            return refusal.args[0]
        return ""

    def assert_told_before(self, event, *, may):
        event.invalidate_recordset()
        self.assertEqual(event.may_call_now, may)
        told = event.call_refusal or event.reminder_explanation
        said = self.said_by_the_button(event)
        self.assertEqual(bool(said), not may)
        if said:
            self.assertEqual(told, said)

    def test_a_visit_to_come(self):
        self.assert_told_before(self.booked(), may=True)

    def test_booked_late(self):
        """The robot leaves it alone by itself; it calls where staff ask for it."""
        self.company.reminder_late_booking = 48
        event = self.booked()
        self.run_cron("plan")
        self.assertIn("less than 48 hours", event.reminder_explanation)
        row = self.as_desk(self.reminder_of(event))
        self.assertTrue(row.may_call_now)
        self.assertFalse(row.call_refusal)
        self.assert_told_before(event, may=True)

    def test_skipped_by_staff(self):
        event = self.booked()
        event.action_reminder_skip()
        self.assert_told_before(event, may=True)

    def test_skipped_by_staff_under_another_event(self):
        """An edited series makes events again: staff decided about the question."""
        event = self.booked()
        event.action_reminder_skip()
        twin = self.as_desk(event.sudo().copy())
        twin.invalidate_recordset()
        self.assertFalse(twin.may_call_now)
        self.assertEqual(twin.reminder_explanation, "Not called: skipped by staff.")

    def test_no_number(self):
        event = self.booked()
        event.patient_id.sudo().phone = False
        self.assert_told_before(event, may=False)

    def test_after_the_last_call(self):
        self.company.reminder_max_calls = 1
        event = self.booked()
        self.call()
        self.callback("no_answer", self.reminder_of(event).attempt_ids)
        self.assert_told_before(event, may=False)
        self.assertTrue(event.call_refusal)
        self.assertNotEqual(event.call_refusal, event.reminder_explanation)

    def test_while_it_rings(self):
        event = self.booked()
        self.call()
        event.invalidate_recordset()
        self.assertFalse(event.may_call_now)
        self.assertFalse(event.call_refusal)
        self.assertEqual(event.reminder_explanation, "Being called now.")

    def test_on_the_day_itself(self):
        self.assert_told_before(self.booked(start=NOW + timedelta(hours=3)), may=False)

    def test_calls_are_switched_off(self):
        self.company.voicebox_mode = "disabled"
        self.assert_told_before(self.booked(), may=False)

    def test_what_is_no_visit(self):
        event = self.as_desk(self.visit(self.patient()))
        event.sudo().patient_id = False
        event.invalidate_recordset()
        self.assertFalse(event.may_call_now)
        self.assertFalse(event.call_refusal)
