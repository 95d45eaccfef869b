"""One voice to the patient: Odoo's own reminders know what became of the visit."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

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

    def reminded(self, since):
        """The events whose attendees Odoo reminds at this moment."""
        told = self.env["calendar.attendee"]

        def notify(attendees, *args, **kwargs):
            nonlocal told
            told |= attendees

        manager = self.env["calendar.alarm_manager"].with_context(lastcall=since)
        model = self.env.registry["calendar.attendee"]
        with patch.object(model, "_notify_attendees", notify):
            manager._send_reminder()
        return told.event_id

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
