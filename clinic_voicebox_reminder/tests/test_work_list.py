"""What a person has to do gets to the work list, in words, and on the right day."""

from datetime import date, datetime, timedelta

from odoo.tests import new_test_user, tagged

from .common import NOW, ReminderCase

GROUP = "clinic_voicebox_reminder.group_user"


@tagged("post_install", "-at_install")
class TestDeclinedInvitation(ReminderCase):
    """Law 6: no call, and not in silence. Not only patients decline: a mail
    scanner that follows the link does, as Odoo takes a GET for an answer."""

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        patient = self.event.patient_id
        self.invitation = self.event.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == patient
        )

    @property
    def reminder(self):
        return self.reminder_of(self.event)

    def test_declined_before_it_was_planned(self):
        self.invitation.do_decline()
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder.skip_reason, "attendee_declined")
        self.assertTrue(self.reminder.needs_attention)
        self.assertEqual(
            self.reminder.explanation,
            "Not called: the patient declined the invitation.",
        )

    def test_declined_after_it_was_planned(self):
        self.run_cron("plan")
        self.invitation.do_decline()
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder.state, "skipped")
        self.assertTrue(self.reminder.needs_attention)

    def test_handled_once_is_handled(self):
        self.invitation.do_decline()
        self.run_cron("plan")
        self.reminder.action_done_by_staff()
        self.run_cron("plan")
        self.assertFalse(self.reminder.needs_attention)

    def test_accepted_after_all(self):
        self.invitation.do_decline()
        self.run_cron("plan")
        self.invitation.do_accept()
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertFalse(self.reminder.needs_attention)

    def test_the_robot_s_own_decline_is_an_answer(self):
        """The patient said no in the call: nobody is asked about the invitation."""
        self.call()
        self.callback("declined", self.reminder.attempt_ids)
        self.run_cron("plan")
        self.assertEqual(self.invitation.state, "declined")
        self.assertEqual(len(self.reminder), 1)
        self.assertEqual(self.reminder.outcome, "declined")


@tagged("post_install", "-at_install")
class TestDayOfToDo(ReminderCase):
    """A to-do is due on a day of the clinic's calendar."""

    def setUp(self):
        super().setUp()
        self.company.reminder_responsible_id = new_test_user(
            self.env, "desk-of-the-tests", groups=GROUP, tz="Europe/Moscow"
        )

    def test_just_after_midnight_in_the_clinic(self):
        """In UTC it is still yesterday."""
        event = self.visit(self.patient(), start=NOW + timedelta(days=2))
        self.at(NOW + timedelta(days=1))
        self.call()
        self.at(datetime(2030, 6, 6, 21, 29))  # 00:29 on the 7th in Moscow
        self.callback("operator", self.reminder_of(event).attempt_ids)
        todo = self.reminder_of(event).activity_ids
        self.assertEqual(todo.date_deadline, date(2030, 6, 7))
        self.assertEqual(todo.with_context(tz="Europe/Moscow").state, "today")

    def test_that_of_the_administrators(self):
        self.at(datetime(2030, 6, 6, 21, 29))
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        channel._tell_administrators()
        self.assertEqual(
            set(channel.activity_ids.mapped("date_deadline")), {date(2030, 6, 7)}
        )


@tagged("post_install", "-at_install")
class TestStatusReason(ReminderCase):
    """The reason of a status is kept as a code and told in the reader's language."""

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        self.call()
        self.callback("declined", self.reminder_of(self.event).attempt_ids)

    def test_kept_as_a_code(self):
        self.assertEqual(self.event.visit_status_code, "declined")
        self.assertEqual(self.event.visit_status_reason, "reminder call: declined")

    def test_found_by_the_words(self):
        found = self.env["calendar.event"].search(
            [("visit_status_reason", "ilike", "DECLINED")]
        )
        self.assertIn(self.event, found)

    def test_what_staff_write_stays_as_they_wrote_it(self):
        self.event.visit_status_reason = "her son called"
        self.assertFalse(self.event.visit_status_code)
        self.assertEqual(self.event.visit_status_reason, "her son called")
        self.event.write({"visit_status": "confirmed", "visit_status_reason": "rang"})
        self.assertEqual(self.event.visit_status_reason, "rang")

    def test_a_new_status_has_no_old_reason(self):
        self.event.visit_status = "booked"
        self.assertFalse(self.event.visit_status_reason)


@tagged("post_install", "-at_install")
class TestNoTimeLeft(ReminderCase):
    """Who was never called as no time was left is told to staff, whatever took it."""

    def assertForStaff(self, event, reason):
        self.call()
        self.assertFalse(self.voicebox.requests)
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.skip_reason, reason)
        self.assertTrue(reminder.needs_attention)
        self.at(event.start - timedelta(minutes=30))  # it is still so on the day
        self.run_cron("plan")
        self.assertEqual(reminder.skip_reason, reason)
        self.assertTrue(reminder.needs_attention)
        reminder.action_done_by_staff()
        self.run_cron("plan")
        self.assertFalse(reminder.needs_attention)

    def test_booked_after_the_last_calling_hour(self):
        self.at(datetime(2030, 6, 5, 18, 0))  # 21:00 in Moscow
        self.assertForStaff(self.visit(self.patient()), "too_late")

    def test_a_cap(self):
        self.company.reminder_phone_daily_cap = 1
        self.visit(self.patient())
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.callback("no_answer", self.env["clinic.reminder.attempt"].search([]))
        self.voicebox.requests.clear()
        family = self.visit(self.patient("Иванов Пётр Ильич", 1))
        self.assertForStaff(family, "capped")

    def test_no_hours_at_all(self):
        self.company.reminder_calendar_id.attendance_ids.unlink()
        self.assertForStaff(self.visit(self.patient()), "no_hours")

    def test_two_clocks_without_a_common_hour(self):
        """A contact made by a colleague in another zone."""
        self.env.user.tz = "Pacific/Honolulu"
        patient = self.patient(tz="Pacific/Honolulu")
        hours = self.company.reminder_calendar_id
        hours.attendance_ids.write({"hour_from": 9, "hour_to": 11})
        self.assertForStaff(self.visit(patient), "no_common_hours")
        self.assertIn(
            "never a calling hour", self.reminder_of(self.visits()).explanation
        )

    def visits(self):
        return self.reminders.search([]).event_id
