"""Double bookings, outages, faults and slow claims: nobody is left out for them."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReminderCase

TRANSACTIONS = "odoo.addons.clinic_voicebox_reminder.models.transactions"


@tagged("post_install", "-at_install")
class TestNobodyForgotten(ReminderCase):
    """Law 6, and 2 where two claim at once."""

    def test_a_double_booking_stops_nobody_else(self):
        patient = self.patient(phone=False)
        self.visit(patient)
        self.visit(patient, user_id=self.env.uid)
        self.run_cron("plan")
        patient.phone = "+12025550101"
        others = [self.visit(self.patient(ordinal=n)) for n in range(2, 7)]
        self.run_cron("plan", "plan")
        for event in others:
            self.assertEqual(self.reminder_of(event).state, "planned")
        self.call()
        self.assertEqual(self.voicebox.numbers.count("12025550101"), 1)

    def test_voicebox_down_until_the_visits_day(self):
        self.company.voicebox_url = "http://127.0.0.1:9/api/v1/sb"
        event = self.visit(self.patient())
        self.call()
        self.later(days=1)
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        self.assertEqual((reminder.state, reminder.skip_reason), ("skipped", "missed"))
        self.assertTrue(reminder.needs_attention)

    def test_one_bad_record_costs_itself_only(self):
        events = [self.visit(self.patient(ordinal=n)) for n in range(3)]
        model = self.env.registry["calendar.event"]
        whole = model._reminder_snapshot

        def faulty(event):
            if event == events[0]:
                raise ValueError("a fault")
            return whole(event)

        with (
            patch.object(model, "_reminder_snapshot", faulty),
            mute_logger(TRANSACTIONS),
        ):
            self.run_cron("plan")
        self.assertFalse(self.reminder_of(events[0]))
        self.assertEqual(self.reminder_of(events[1]).state, "planned")
        self.run_cron("plan")
        with (
            patch.object(model, "_reminder_snapshot", faulty),
            mute_logger(TRANSACTIONS),
        ):
            self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_the_second_ticks_during_a_claim(self):
        for ordinal in range(4):
            self.visit(self.patient(ordinal=ordinal))
        self.run_cron("plan")
        model = self.env.registry["clinic.reminder.call"]
        whole = model._verdict

        def slow(reminder):
            self.later(seconds=1)
            return whole(reminder)

        with patch.object(model, "_verdict", slow):
            self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 4)
