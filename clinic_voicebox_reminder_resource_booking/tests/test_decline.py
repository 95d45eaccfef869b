"""From the visit to the booking: a decline frees the slot, and no answer is lost."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TOMORROW_NOON, BookingCase


@tagged("post_install", "-at_install")
class TestDecline(BookingCase):
    def declined(self, decline="cancel"):
        """A booking whose patient said no, and its visit."""
        self.booking_type.reminder_decline = decline
        booking = self.booking()
        event = booking.meeting_id
        self.assertEqual(self.callback("declined", self.called(booking)), "applied")
        return booking, event

    def assert_readable(self, event):
        self.assertEqual((event.visit_status, event.show_as), ("cancelled", "free"))
        self.assertEqual(event.visit_status_reason, "reminder call: declined")
        self.assertEqual(event.patient_id, self.ivanova)
        self.assertEqual(self.invitation(event).state, "declined")

    def test_cancels_the_booking(self):
        booking, event = self.declined()
        self.assertEqual(booking.state, "canceled")
        self.assertFalse(booking.active or booking.meeting_id)
        self.assert_readable(event)
        self.assertEqual(event.former_booking_id, booking)

    def test_returns_the_booking_to_pending(self):
        booking, event = self.declined("pending")
        self.assertEqual(booking.state, "pending")
        self.assertTrue(booking.active)
        self.assertFalse(booking.meeting_id or booking.start)
        self.assert_readable(event)

    def test_the_default_is_to_cancel(self):
        self.assertEqual(self.booking_type.reminder_decline, "cancel")

    def test_staff_decline_as_the_robot_does(self):
        booking = self.booking()
        booking.meeting_id.visit_status = "cancelled"
        self.assertEqual(booking.state, "canceled")

    def test_the_slot_can_be_booked_again(self):
        taken = self.booking()
        with self.assertRaises(ValidationError):
            self.booking(self.patient("Петрова Анна", 2))
        taken.meeting_id.visit_status = "cancelled"
        again = self.booking(self.patient("Сидорова Ольга", 3))
        self.assertEqual(again.state, "scheduled")
        self.assertEqual(again.combination_id, self.combination)

    def test_a_visit_without_a_booking_frees_the_time_too(self):
        event = self.visit(self.patient("Петрова Анна", 2))
        with self.assertRaises(ValidationError):
            self.booking()
        event.visit_status = "cancelled"
        self.assertTrue(self.booking().meeting_id)

    def test_other_events_of_the_specialist_still_take_it(self):
        meeting = self.visit(self.env["res.partner"])
        meeting.visit_status = "cancelled"
        self.assertFalse(meeting.patient_id)
        with self.assertRaises(ValidationError):
            self.booking()

    def test_saving_the_booking_touches_the_cancelled_visit_no_more(self):
        booking, event = self.declined("pending")
        booking.location = "Room 7"
        self.assert_readable(event)
        booking.start = TOMORROW_NOON + timedelta(days=1)
        self.assertNotEqual(booking.meeting_id, event)
        self.assertEqual(booking.meeting_id.visit_status, "booked")
        self.assert_readable(event)

    def test_a_booking_that_is_cancelled_after_the_decline(self):
        booking, event = self.declined("pending")
        booking.action_cancel()
        self.assertEqual(booking.state, "canceled")
        self.assert_readable(event)

    def test_a_restored_visit_takes_its_booking_back(self):
        booking, event = self.declined()
        event.visit_status = "booked"
        self.assertEqual((booking.state, booking.meeting_id), ("scheduled", event))
        self.assertEqual((event.show_as, event.visit_status), ("busy", "booked"))
        self.assertFalse(event.former_booking_id)
        self.assertEqual(event.specialist_id, self.specialist)

    def test_it_can_be_restored_as_confirmed(self):
        booking, event = self.declined("pending")
        event.visit_status = "confirmed"
        self.assertEqual((booking.state, booking.meeting_id), ("confirmed", event))

    def test_not_into_a_slot_that_was_given_away(self):
        booking, event = self.declined()
        self.booking(self.patient("Петрова Анна", 2))
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            event.visit_status = "booked"
        self.assertEqual(booking.state, "canceled")

    def test_a_booking_with_a_new_time_is_not_taken_back(self):
        booking, event = self.declined("pending")
        booking.start = TOMORROW_NOON + timedelta(days=1)
        new = booking.meeting_id
        event.visit_status = "booked"
        self.assertEqual(booking.meeting_id, new)

    def test_people_win(self):
        """A late answer does not cancel what staff have finished."""
        booking = self.booking()
        attempt = self.called(booking)
        booking.meeting_id.visit_status = "done"
        self.callback("declined", attempt)
        self.assertEqual(booking.meeting_id.visit_status, "done")

    # === An answer that the booking refuses === #
    def refused(self):
        booking = self.booking()
        attempt = self.called(booking)
        self.doctor_is_away()
        self.assertEqual(self.callback("confirmed", attempt), "applied")
        return booking, attempt, self.reminder_of(booking.meeting_id)

    def test_the_answer_stands_where_the_booking_refuses(self):
        booking, attempt, reminder = self.refused()
        self.assertEqual(attempt.result, "confirmed")
        self.assertEqual((reminder.state, reminder.outcome), ("done", "confirmed"))
        self.assertTrue(reminder.needs_attention)
        self.assertIn("Cannot schedule these bookings", reminder.visit_refusal)
        self.assertEqual(booking.meeting_id.visit_status, "booked")
        self.assertEqual(booking.state, "scheduled")
        self.assertIn(
            "Cannot schedule these bookings", booking.meeting_id.reminder_explanation
        )

    def test_nobody_is_called_again_for_it(self):
        self.refused()
        self.later(minutes=90)
        self.run_cron("sweep", "plan", "dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def assert_taken_once_it_is_possible(self, retry):
        booking, _attempt, reminder = self.refused()
        retry(reminder)
        self.assertTrue(reminder.visit_refusal)
        self.env["resource.calendar.leaves"].search([]).unlink()
        retry(reminder)
        self.assertFalse(reminder.visit_refusal)
        self.assertEqual(booking.meeting_id.visit_status, "confirmed")
        self.assertEqual(booking.state, "confirmed")

    def test_it_is_tried_again_by_the_button(self):
        self.assert_taken_once_it_is_possible(lambda r: r.action_write_on_visit())

    def test_it_is_tried_again_by_every_plan(self):
        self.assert_taken_once_it_is_possible(lambda r: self.run_cron("plan"))

    def test_a_no_is_never_refused(self):
        booking = self.booking()
        event = booking.meeting_id
        attempt = self.called(booking)
        self.doctor_is_away()
        self.callback("declined", attempt)
        self.assertEqual(event.visit_status, "cancelled")
        self.assertEqual(booking.state, "canceled")
