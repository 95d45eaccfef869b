"""From the booking to the visit: who, whose, at which clinic, and when."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TOMORROW_NOON, BookingCase


@tagged("post_install", "-at_install")
class TestBooking(BookingCase):
    def test_a_booking_is_a_visit(self):
        """Whoever made it, and whatever rule the clinic has."""
        self.company.reminder_visit_rule = "manual"
        event = self.booking().meeting_id
        self.assertEqual(event.patient_id, self.ivanova)
        self.assertEqual(event.specialist_id, self.specialist)
        self.assertEqual(event.specialty, "Эндоскопист")
        self.assertEqual(event.reminder_company_id, self.company)
        self.assertNotEqual(event.user_id, self.specialist)
        self.assertTrue(event.is_patient_chosen)

    def test_the_clinic_is_the_type_s(self):
        two = self.env["res.company"].create({"name": "Two"})
        self.booking_type.company_id = two
        event = self.booking().meeting_id
        self.assertEqual(event.reminder_company_id, two)
        self.specialist.company_ids |= two
        self.specialist.company_id = two
        self.specialist.company_id = self.company
        self.assertEqual(event.reminder_company_id, two)

    def test_a_booking_from_before_is_taken_over_when_told(self):
        event = self.booking().meeting_id
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE calendar_event
                  SET patient_id = NULL, specialist_id = NULL, specialty = NULL,
                      reminder_company_id = NULL, is_patient_chosen = FALSE,
                      is_specialist_chosen = FALSE, is_reminder_company_chosen = FALSE
                WHERE id = %s""",
            [event.id],
        )
        self.env.invalidate_all()
        take_over = self.env["clinic.reminder.take.over"].create({})
        self.assertFalse(event.patient_id)
        self.assertIn(event, take_over.line_ids.event_id)
        take_over.action_take_over()
        self.assertEqual(event.patient_id, self.ivanova)
        self.assertEqual(event.specialist_id, self.specialist)
        self.assertEqual(event.specialty, "Эндоскопист")
        self.assertEqual(event.reminder_company_id, self.company)

    def test_who_takes_visits_before_who_assists(self):
        nurse = self.specialist.copy({"login": "nurse", "takes_visits": False})
        team = self.make_combination(self.make_resource(nurse) | self.resource)
        event = self.booking(
            combination_id=team.id, combination_auto_assign=False
        ).meeting_id
        self.assertEqual(event.specialist_id, self.specialist)

    def test_a_colleague_s_booking_is_no_visit(self):
        colleague = self.specialist.copy({"login": "colleague"})
        event = self.booking(colleague.partner_id).meeting_id
        self.assertTrue(event)
        self.assertFalse(event.patient_id)

    def test_a_specialist_set_by_hand_stays(self):
        stand_in = self.specialist.copy({"login": "stand-in"})
        booking = self.booking()
        booking.meeting_id.specialist_id = stand_in
        booking.location = "Room 7"
        self.assertEqual(booking.meeting_id.specialist_id, stand_in)

    def test_another_patient_is_another_question(self):
        booking = self.booking()
        self.called(booking)
        petrova = self.patient("Петрова Анна", 2)
        booking.partner_id = petrova
        self.assertEqual(booking.meeting_id.patient_id, petrova)
        self.run_cron("plan")
        reminders = self.reminder_of(booking.meeting_id)
        self.assertEqual(reminders.filtered("next_call_at").patient_id, petrova)

    def test_saving_a_booking_changes_nothing_of_the_visit(self):
        booking = self.booking()
        booking.meeting_id.visit_status = "done"
        booking.meeting_id.show_as = "free"
        booking.location = "Room 7"
        event = booking.meeting_id
        self.assertEqual((event.visit_status, event.show_as), ("done", "free"))
        self.assertEqual(event.location, "Room 7")

    def test_confirm_confirms_the_visit(self):
        booking = self.booking()
        booking.action_confirm()
        self.assertEqual(booking.state, "confirmed")
        event = booking.meeting_id
        self.assertEqual(event.visit_status, "confirmed")
        self.assertEqual(event.visit_status_origin, "staff")

    def test_confirm_does_not_reopen_what_is_over(self):
        booking = self.booking()
        booking.meeting_id.visit_status = "no_show"
        booking.action_confirm()
        self.assertEqual(booking.meeting_id.visit_status, "no_show")

    def test_the_visit_s_confirmation_confirms_the_booking(self):
        booking = self.booking()
        booking.meeting_id.visit_status = "confirmed"
        self.assertEqual(booking.state, "confirmed")
        booking.meeting_id.visit_status = "booked"
        self.assertEqual(booking.state, "scheduled")

    def test_the_patient_s_confirmation_confirms_the_booking(self):
        booking = self.booking()
        self.callback("confirmed", self.called(booking))
        self.assertEqual(booking.meeting_id.visit_status, "confirmed")
        self.assertEqual(booking.state, "confirmed")

    def assert_kept_as_cancelled(self, event):
        """The front desk still reads it, and nobody is called."""
        self.assertTrue(event.exists())
        self.assertEqual((event.visit_status, event.show_as), ("cancelled", "free"))
        self.assertEqual(event.visit_status_reason, "booking cancelled or unscheduled")
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).skip_reason, "cancelled")

    def test_a_cancelled_booking_cancels_the_visit(self):
        booking = self.booking()
        event = booking.meeting_id
        self.run_cron("plan")
        booking.action_cancel()
        self.assertEqual(booking.state, "canceled")
        self.assert_kept_as_cancelled(event)

    def test_so_does_an_archived_one(self):
        booking = self.booking()
        event = booking.meeting_id
        self.run_cron("plan")
        booking.action_archive()
        self.assertEqual(booking.state, "canceled")
        self.assert_kept_as_cancelled(event)

    def test_so_does_one_that_lost_its_time(self):
        booking = self.booking()
        event = booking.meeting_id
        self.run_cron("plan")
        booking.start = False
        self.assertEqual(booking.state, "pending")
        self.assert_kept_as_cancelled(event)

    def test_an_unscheduled_booking_stays_pending(self):
        """Whatever its type makes of a patient's decline."""
        booking = self.booking()
        event = booking.meeting_id
        self.run_cron("plan")
        booking.action_unschedule()
        self.assertEqual(booking.state, "pending")
        self.assert_kept_as_cancelled(event)

    def test_what_is_over_is_not_cancelled(self):
        booking = self.booking()
        event = booking.meeting_id
        event.visit_status = "done"
        booking.action_cancel()
        self.assertEqual(event.visit_status, "done")

    def test_oca_s_deadline_holds(self):
        clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "clerk-of-the-tests",
                "group_ids": [
                    (4, self.env.ref("base.group_user").id),
                    (4, self.env.ref("resource_booking.group_user").id),
                ],
            }
        )
        booking = self.booking(start=self.now + timedelta(hours=20))
        booking.message_subscribe(clerk.partner_id.ids)
        with self.assertRaisesRegex(ValidationError, "deadline"):
            booking.with_user(clerk).action_cancel()
        self.assertEqual(booking.meeting_id.visit_status, "booked")

    def test_a_moved_booking_asks_anew(self):
        booking = self.booking()
        self.callback("confirmed", self.called(booking))
        booking.start = TOMORROW_NOON + timedelta(days=1)
        event = booking.meeting_id
        self.assertEqual(event.start, TOMORROW_NOON + timedelta(days=1))
        self.assertEqual((event.visit_status, booking.state), ("booked", "scheduled"))
        self.run_cron("plan")
        reminder = self.reminder_of(event).filtered("next_call_at")
        self.assertEqual(reminder.visit_start, event.start)
