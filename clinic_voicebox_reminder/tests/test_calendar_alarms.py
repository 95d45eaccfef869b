"""One voice to the patient: Odoo's own reminders know what became of the visit."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.calendar.models.calendar_attendee import CalendarAttendee
from odoo.addons.sms.models.mail_thread import MailThread

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestCalendarAlarms(ReminderCase):
    def setUp(self):
        super().setUp()
        self.alarm = self.env["calendar.alarm"].create(
            {
                "name": "An hour before",
                "alarm_type": "email",
                "duration": 1,
                "interval": "hours",
            }
        )

    def with_alarm(self, **vals):
        return self.visit(self.patient(), alarm_ids=[(6, 0, self.alarm.ids)], **vals)

    def told(self, since):
        """The attendees whom Odoo reminds by mail, and the contacts by SMS."""
        mail, sms = self.env["calendar.attendee"], self.env["res.partner"]

        def notify(attendees, *args, **kwargs):
            nonlocal mail
            mail |= attendees

        def message(event, *args, partner_ids, **kwargs):
            nonlocal sms
            sms |= event.env["res.partner"].browse(partner_ids)

        self.env.flush_all()
        manager = self.env["calendar.alarm_manager"].with_context(lastcall=since)
        with (
            patch.object(CalendarAttendee, "_notify_attendees", notify),
            patch.object(MailThread, "_message_sms_with_template", message),
        ):
            manager._send_reminder()
        return mail, sms

    def reminded(self, since):
        """The events whose attendees Odoo reminds at this moment."""
        return self.told(since)[0].event_id

    def test_by_status(self):
        events = {}
        for ordinal, status in enumerate(
            ("booked", "confirmed", "not_confirmed", "cancelled", "done", "no_show")
        ):
            events[status] = self.with_alarm()
            events[status].patient_id = self.patient(ordinal=ordinal)
            events[status].visit_status = status
        before = self.now + timedelta(days=1)
        self.at(before + timedelta(hours=1, minutes=5))
        reminded = self.reminded(before)
        for status, event in events.items():
            with self.subTest(status):
                wanted = status in ("booked", "confirmed", "not_confirmed")
                self.assertEqual(event in reminded, wanted)

    def test_another_event_is_none_of_ours(self):
        event = self.with_alarm(partner_ids=[(6, 0, self.specialist.partner_id.ids)])
        self.assertFalse(event.patient_id)
        event.visit_status = "cancelled"
        self.at(NOW + timedelta(days=1, hours=1, minutes=5))
        self.assertIn(event, self.reminded(NOW + timedelta(days=1)))

    def test_the_next_of_a_series_gets_its_own(self):
        first = self.with_alarm(recurrency=True, rrule_type="weekly", count=3, thu=True)
        first.visit_status = "cancelled"
        cron = self.env.ref("calendar.ir_cron_scheduler_alarm")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        self.at(NOW + timedelta(days=1, hours=1, minutes=5))
        self.assertNotIn(first, self.reminded(NOW + timedelta(days=1)))
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        wanted = first.start + timedelta(days=7, hours=-1)
        self.assertIn(wanted, triggers.mapped("call_at"))

    # === Once confirmed === #
    def confirmed(self, status_code="confirmed", alarm_type="email"):
        """A visit whose specialist is no organizer, an hour and a bit before it."""
        self.alarm.alarm_type = alarm_type
        self.specialist.partner_id.phone = "+12025550190"
        event = self.with_alarm(user_id=self.env.user.id)
        event.write(
            {"visit_status": "confirmed", "visit_status_code": status_code or False}
        )
        self.at(self.now + timedelta(days=1, hours=1, minutes=5))
        return event

    def told_of(self, event):
        mail, sms = self.told(event.start - timedelta(hours=1, minutes=1))
        return (mail.partner_id | sms).sorted("id")

    def test_a_confirmed_patient_is_left_in_peace_where_the_clinic_says_so(self):
        for alarm_type in ("email", "sms"):
            for status_code in ("confirmed", "called_by_staff"):
                with self.subTest(alarm_type, status_code=status_code):
                    self.at(NOW)
                    event = self.confirmed(status_code, alarm_type)
                    doctor = self.specialist.partner_id
                    everybody = (event.patient_id | doctor).sorted("id")
                    self.company.reminder_one_voice = False
                    self.assertEqual(self.told_of(event), everybody)
                    self.company.reminder_one_voice = True
                    self.assertEqual(self.told_of(event), doctor)
                    event.active = False

    def test_a_confirmation_by_other_ways_changes_nothing(self):
        self.company.reminder_one_voice = True
        event = self.confirmed(status_code="")
        self.assertIn(event.patient_id, self.told_of(event))

    def test_no_sms_for_a_visit_that_is_off(self):
        event = self.confirmed(alarm_type="sms")
        event.visit_status = "cancelled"
        self.assertFalse(self.told_of(event))

    def test_invitations_are_no_reminders(self):
        """Who has confirmed is told of a change all the same."""
        self.company.reminder_one_voice = True
        event = self.confirmed()
        self.assertIn(event.patient_id, event._mail_get_partners()[event.id])
