"""What the patient sees, and does, in the portal."""

from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import TOMORROW_NOON, BookingCase


@tagged("post_install", "-at_install")
class TestPortal(BookingCase, HttpCase):
    def open(self, booking, suffix="", data=None):
        url = booking.get_portal_url(suffix=suffix)
        self.env.flush_all()
        response = self.url_open(url, data=data)
        response.raise_for_status()
        self.env.invalidate_all()
        return response.text

    def offered(self, booking):
        """Is tomorrow noon among the slots that a booking may take?"""
        noon = TOMORROW_NOON
        slots = booking.with_context(tz="Europe/Moscow", using_portal=True)
        month = slots._get_calendar_context(noon.year, noon.month)["slots"]
        return any(
            slot.utctimetuple()[:5] == noon.utctimetuple()[:5]
            for day in month.values()
            for slot in day
        )

    def setUp(self):
        super().setUp()
        self.booking_type.modifications_deadline = 1

    def test_a_declined_slot_is_offered_again(self):
        taken = self.booking()
        other = self.booking(self.patient("Петрова Анна", 2), start=False)
        self.assertFalse(self.offered(other))
        self.callback("declined", self.called(taken))
        self.assertTrue(self.offered(other))

    def test_a_declined_booking_is_shown_as_pending(self):
        self.booking_type.reminder_decline = "pending"
        booking = self.booking()
        self.assertIn("Scheduled", self.open(booking))
        self.callback("declined", self.called(booking))
        self.assertIn("Pending", self.open(booking))

    def test_moving_in_the_portal_asks_anew(self):
        """To pick a time is no answer to the reminder."""
        booking = self.booking()
        self.callback("confirmed", self.called(booking))
        later = TOMORROW_NOON + timedelta(days=1)
        portal = booking.sudo().with_context(using_portal=True)
        portal.start = later
        portal.action_confirm()
        event = booking.meeting_id
        self.assertEqual((event.start, booking.state), (later, "confirmed"))
        self.assertEqual(event.visit_status, "booked")
        self.run_cron("plan")
        self.assertTrue(self.reminder_of(event).filtered("next_call_at"))

    def test_cancelling_in_the_portal_cancels_the_visit(self):
        booking = self.booking()
        event = booking.meeting_id
        self.open(booking, "/cancel")
        self.assertEqual(event.visit_status, "cancelled")
        self.assertEqual(booking.state, "canceled")
