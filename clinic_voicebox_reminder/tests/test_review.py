"""What a merciless reviewer found: each finding with the scenario that showed it."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import METHOD, NOW, ReminderCase

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

    def test_a_method_id_is_written_as_voicebox_writes_it(self):
        for wrong in (METHOD.replace("-", ""), "{%s}" % METHOD, f"urn:uuid:{METHOD}"):
            with self.assertRaises(ValidationError):
                self.company.voicebox_method = wrong
            with self.assertRaises(ValidationError):
                self.env["voicebox.method"].create({"lang": "en_US", "method": wrong})

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

    def test_settings_out_of_all_reason(self):
        with self.assertRaises(ValidationError):
            self.company.reminder_lead_days = 1000000

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


@tagged("post_install", "-at_install")
class TestChannel(ReminderCase):
    """Law 6: the queue rests, and goes on by itself."""

    def channel(self):
        return self.env["voicebox.channel"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_success_without_an_id_ends_a_pause(self):
        for ordinal in range(4):
            self.visit(self.patient(ordinal=ordinal))
        self.company.voicebox_max_lines = 1
        self.voicebox.replies = [(401, "", {})]
        self.call()
        self.assertEqual(self.channel().state, "paused")
        self.company.voicebox_max_lines = 0
        self.later(minutes=20)
        self.voicebox.reply = (200, "", {})
        self.run_cron("dispatch", "dispatch")
        self.assertEqual(self.channel().state, "open")
        self.assertFalse(self.channel().activity_ids)
        self.assertEqual(len(self.voicebox.requests), 5)

    def test_a_wrong_address_stops_the_queue_and_loses_nobody(self):
        self.company.voicebox_max_lines = 4
        events = [self.visit(self.patient(ordinal=n)) for n in range(12)]
        self.voicebox.reply = (404, "nothing here", {})
        self.call()
        self.assertEqual(self.channel().state, "paused")
        self.assertEqual(len(self.voicebox.requests), 4)
        self.voicebox.reply = (200, {"id": "7"}, {})
        self.company.write(
            {"voicebox_url": f"{self.voicebox.url}/", "voicebox_max_lines": 0}
        )
        self.call()
        called = self.reminders.search([("state", "=", "calling")]).event_id
        self.assertEqual(set(called.ids), {event.id for event in events})


@tagged("post_install", "-at_install")
class TestStaffAndVisits(ReminderCase):
    """Laws 7 and 8, and 2 for the visits of one patient."""

    def test_call_now_revives_no_other_visit(self):
        patient = self.patient()
        first = self.visit(patient)
        second = self.visit(patient, start=NOW + timedelta(days=1, hours=6))
        self.run_cron("plan")
        both = self.reminder_of(first) | self.reminder_of(second)
        both.action_skip()
        self.reminder_of(second).action_call_now()
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertIn("16 00", self.voicebox.requests[0]["data"]["visit"])
        self.assertEqual(self.reminder_of(first).skip_reason, "staff")

    def test_an_answer_about_an_archived_visit_is_kept(self):
        event = self.visit(self.patient())
        self.call()
        event.action_archive()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        self.assertEqual(event.visit_status, "booked")
        event.action_unarchive()
        self.call()
        self.assertEqual(event.visit_status, "confirmed")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_staff_ask_again_after_the_answer(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.visit_status = "booked"
        self.run_cron("plan")
        self.assertEqual(event.visit_status, "booked")

    def test_moved_and_booked_in_one_save(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("declined", self.reminder_of(event).attempt_ids)
        event.write(
            {"start": event.start + timedelta(hours=1), "visit_status": "booked"}
        )
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_plan_during_the_call_keeps_the_conversation_together(self):
        self.company.reminder_pause_no_answer = 0
        patient = self.patient()
        for hours in (0, 2, 4):
            self.visit(patient, start=NOW + timedelta(days=1, hours=hours))
        self.call()
        self.run_cron("plan")
        attempt = self.env["clinic.reminder.attempt"].search([])
        self.callback("no_answer", attempt)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"],
            self.voicebox.requests[1]["data"]["visit"],
        )

    def test_contacts_of_one_patient_are_merged(self):
        double = self.patient(ordinal=2)
        event, other = self.visit(self.patient()), self.visit(double)
        self.run_cron("plan")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([event.patient_id.id, double.id], event.patient_id)
        self.assertEqual(other.patient_id, event.patient_id)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_the_specialists_company_changes(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.specialist.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.run_cron("dispatch", "plan", "dispatch")
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder_of(event).company_id, other)

    def test_a_zone_that_odoo_filled_in(self):
        """A contact gets the zone of whoever creates it: both clocks have to agree."""
        self.env.user.tz = "Asia/Bangkok"
        self.at(NOW - timedelta(days=1))
        event = self.visit(self.patient(tz="Asia/Bangkok"))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).next_call_at.hour, 6)

    def test_a_to_do_goes_to_somebody_who_can_read_it(self):
        event = self.visit(self.patient())
        self.call()
        mails = self.env["mail.mail"].search_count([])
        self.callback("operator", self.reminder_of(event).attempt_ids)
        user = self.reminder_of(event).activity_ids.user_id
        self.assertTrue(user.active)
        self.assertTrue(self.reminder_of(event).with_user(user).has_access("read"))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)


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
