"""Claim, commit, POST, record (laws 1, 2, 3 and 6)."""

import logging
import threading
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.voicebox_client import VoiceboxClient
from ..tools.voicebox_reply import VoiceboxReply
from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestReplies(ReminderCase):
    """Every class of reply has its documented effect."""

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())

    @property
    def reminder(self):
        return self.reminder_of(self.event)

    @property
    def channel(self):
        return self.env["voicebox.channel"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_configuration(self):
        self.visit(self.patient(ordinal=2))
        self.company.voicebox_max_lines = 1
        self.voicebox.reply = (401, "who are you?", {})
        self.call()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.reminder.attempt_count, 0)
        self.assertEqual(self.reminder.attempt_ids.error_kind, "configuration")
        self.assertEqual(self.reminder.attempt_ids.provider_reply, "who are you?")
        self.assertEqual(self.reminder.state, "planned")
        self.assertEqual(self.channel.state, "paused")
        self.assertEqual(
            self.event.reminder_explanation,
            "Will be called when Voicebox takes calls again.",
        )
        told = len(self.channel.activity_ids)
        self.assertTrue(told)
        self.later(minutes=20)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(len(self.channel.activity_ids), told)
        self.voicebox.reply = (200, {"id": 7}, {})
        self.company.voicebox_password = "corrected"
        self.assertFalse(self.channel.activity_ids)
        self.company.voicebox_max_lines = 0
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 4)

    def test_missing_settings(self):
        self.company.voicebox_login = False
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder.state, "planned")
        self.assertEqual(self.channel.error_kind, "configuration")
        self.assertIn("Login", self.channel.error_message)
        self.company.voicebox_login = "clinic"
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_rejected(self):
        self.voicebox.reply = (422, "no such number", {})
        self.call()
        self.assertEqual(self.reminder.attempt_ids.result, "rejected")
        self.assertEqual(self.reminder.attempt_ids.provider_reply, "no such number")
        self.assertEqual(self.reminder.skip_reason, "rejected")
        self.assertTrue(self.reminder.needs_attention)
        self.later(hours=2)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_throttled(self):
        self.voicebox.replies = [(429, "", {"Retry-After": "300"})]
        self.call()
        self.assertEqual(self.reminder.attempt_count, 0)
        self.later(minutes=4)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.later(minutes=2)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(self.reminder.attempt_count, 1)

    def test_not_sent(self):
        """Voicebox is down for an hour: nothing is spent, the pauses grow."""
        self.company.voicebox_url = "http://127.0.0.1:9/api/v1/sb"
        for _minute in range(60):
            self.call()
            self.later(minutes=1)
        self.assertEqual(self.reminder.attempt_count, 0)
        tries = len(self.reminder.attempt_ids)
        self.assertLess(tries, 10)
        self.assertGreater(tries, 3)
        self.company.voicebox_url = self.voicebox.url
        self.later(minutes=31)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_ambiguous(self):
        """Never dialled again at once: the phone may be ringing."""
        self.voicebox.reply = (500, "<html>oops", {})
        self.call()
        self.assertEqual(self.reminder.attempt_count, 1)
        self.assertEqual(self.reminder.attempt_ids.error_kind, "ambiguous")
        self.assertEqual(self.reminder.state, "calling")
        self.later(minutes=10)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(
            self.callback("confirmed", self.reminder.attempt_ids), "applied"
        )
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_success_without_an_id(self):
        for ordinal, body in enumerate(("", "OK", "[]", '{"id": null}'), 2):
            event = self.visit(self.patient(ordinal=ordinal))
            self.voicebox.reply = (200, body, {})
            self.call()
            attempt = self.reminder_of(event).attempt_ids
            self.assertEqual(attempt.error_kind, "ambiguous")
            self.assertEqual(self.channel.state, "open")
            self.callback("confirmed", attempt)
            self.assertEqual(event.visit_status, "confirmed")

    def test_errors_that_go_on_rest_the_queue(self):
        self.voicebox.reply = (503, "", {})
        for ordinal in range(2, 22):
            self.visit(self.patient(ordinal=ordinal))
        self.company.voicebox_max_lines = 0
        self.call()
        self.assertEqual(self.channel.state, "paused")

    def test_a_callback_before_the_reply(self):
        """The answer may come while our own POST still waits for its reply."""
        reply = VoiceboxReply("accepted", call_id="late", http_status=200)
        self.run_cron("plan")
        company = self.company
        dispatcher = self.env["clinic.reminder.dispatcher"].sudo()
        with self.crons():
            _more, dials = dispatcher._claim(company)
            attempt = self.env["clinic.reminder.attempt"].browse(dials[0].attempt_id)
            self.assertEqual(attempt.state, "requesting")
            self.assertEqual(self.callback("answered", attempt), "applied")
            said = self.callback("confirmed", attempt, call_id="late")
            self.assertEqual(said, "applied")
            dispatcher._record([(attempt.id, reply)])
        self.assertEqual(attempt.state, "finished")
        self.assertEqual(attempt.result, "confirmed")
        self.assertEqual(self.event.visit_status, "confirmed")


@tagged("post_install", "-at_install")
class TestClaim(ReminderCase):
    def test_the_attempt_is_written_before_the_post(self):
        """Law 1, as far as one process can show it."""
        event = self.visit(self.patient())
        seen = []

        def post(client, number, guid, name, visit, more):
            seen.append(threading.current_thread().name)
            return VoiceboxReply("accepted", call_id="1", http_status=200)

        with patch.object(VoiceboxClient, "call", post):
            self.call()
        self.assertEqual(len(seen), 1)
        self.assertNotEqual(seen[0], threading.current_thread().name)
        self.assertEqual(self.reminder_of(event).attempt_ids.call_id, "1")

    def test_the_database_refuses_a_second_call_in_flight(self):
        """Law 2, whatever the program does: one for a reminder, one for a number."""
        event = self.visit(self.patient())
        self.call()
        reminder = self.reminder_of(event)
        begin = self.env["clinic.reminder.attempt"]._begin
        number, other = reminder.phone, "+12025550199"
        self.assertFalse(begin(self.company, number, 15))
        self.assertFalse(begin(self.company, other, 15, reminder.id, number=2))
        self.callback("no_answer", reminder.attempt_ids)
        self.assertTrue(begin(self.company, number, 15))
        self.assertTrue(begin(self.company, other, 15, reminder.id, number=2))

    def test_one_call_at_a_time_to_a_number(self):
        mother = self.patient()
        child = self.patient("Иванов Пётр", 1)
        self.visit(mother)
        self.visit(child, start=NOW + timedelta(days=1, hours=3))
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        first = self.reminders.search([("state", "=", "calling")])
        self.callback("confirmed", first.attempt_ids)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_lines(self):
        self.company.voicebox_max_lines = 2
        for ordinal in range(5):
            self.visit(self.patient(ordinal=ordinal))
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        calling = self.reminders.search([("state", "=", "calling")])
        self.callback("confirmed", calling[0].attempt_ids)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 3)

    def test_calls_per_minute(self):
        self.company.voicebox_calls_per_minute = 3
        for ordinal in range(5):
            self.visit(self.patient(ordinal=ordinal))
        self.call()
        self.assertEqual(len(self.voicebox.requests), 3)
        self.later(seconds=62)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 5)

    def test_checked_again_at_the_claim(self):
        """Law 3: plan ran, then something changed, and only dispatch runs."""
        changes = {
            "moved": lambda e: e.write({"start": e.start + timedelta(days=3)}),
            "cancelled": lambda e: e.write({"visit_status": "cancelled"}),
            "archived": lambda e: e.action_archive(),
            "deleted": lambda e: e.unlink(),
            "do_not_call": lambda e: e.patient_id.write({"reminder_do_not_call": 1}),
            "refused": lambda e: e.patient_id.write({"reminder_consent": "refused"}),
            "no_phone": lambda e: e.patient_id.write({"phone": False}),
            "blacklisted": lambda e: (
                self.env["phone.blacklist"].sudo().add(e.patient_id.phone)
            ),
        }
        for ordinal, (reason, change) in enumerate(changes.items(), 10):
            with self.subTest(reason):
                event = self.visit(self.patient(ordinal=ordinal))
                self.run_cron("plan")
                reminder = self.reminder_of(event)
                change(event)
                self.run_cron("dispatch")
                self.assertFalse(self.voicebox.requests)
                self.assertEqual(reminder.skip_reason, reason)

    def test_hours_are_checked_at_the_dial(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        for moment in (
            datetime(2030, 6, 5, 17, 0),
            datetime(2030, 6, 5, 22, 0),
            datetime(2030, 6, 6, 6, 30),
        ):
            self.at(moment)
            self.run_cron("dispatch")
        self.assertFalse(self.voicebox.requests)
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.skip_reason, "missed")
        self.assertTrue(reminder.needs_attention)

    def test_hours_are_checked_at_every_dial(self):
        """Law 3: due since the morning, but by now it is night: not before nine."""
        self.company.reminder_lead_days = 2
        event = self.visit(self.patient(), start=NOW + timedelta(days=2))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).next_call_at, NOW)
        self.at(datetime(2030, 6, 5, 19, 0))
        self.run_cron("dispatch")
        self.assertFalse(self.voicebox.requests)
        morning = datetime(2030, 6, 6, 6, 0)
        self.assertEqual(self.reminder_of(event).next_call_at, morning)
        self.at(morning)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_the_patients_own_clock(self):
        """10:00 in Moscow is 17:00 in Vladivostok; 14:00 is 21:00."""
        self.visit(self.patient(tz="Asia/Vladivostok"))
        self.visit(self.patient(ordinal=2, tz="America/New_York"))
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550101"])
        self.at(datetime(2030, 6, 5, 13, 1))
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550101", "12025550102"])

    def test_modes(self):
        event = self.visit(self.patient())
        self.company.voicebox_mode = "disabled"
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(
            event.reminder_explanation,
            "Not called: reminder calls are switched off.",
        )
        self.company.write(
            {"voicebox_mode": "test", "voicebox_test_numbers": "+1 202 555 0102"}
        )
        self.visit(self.patient(ordinal=2))
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550102"])
        event.invalidate_recordset()
        self.assertEqual(
            event.reminder_explanation,
            "Not called: test mode, and this is no test number.",
        )
        self.company.voicebox_mode = "live"
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_caps(self):
        """Law 3: not even about another visit."""
        self.company.reminder_phone_daily_cap = 1
        self.company.reminder_one_call_a_day = False
        patient = self.patient()
        self.visit(patient)
        self.visit(patient, start=NOW + timedelta(days=1, hours=5))
        self.call()
        self.callback(
            "confirmed",
            self.reminders.search([("state", "=", "calling")]).attempt_ids,
        )
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_companies_take_turns(self):
        """A long queue of one company does not keep another waiting."""
        for ordinal in range(40):
            self.visit(self.patient(ordinal=ordinal))
        other = self.env["res.company"].create(
            {
                "name": "Another clinic",
                "country_id": self.company.country_id.id,
                "voicebox_mode": "live",
                "voicebox_url": self.voicebox.url,
                "voicebox_login": "another",
                "voicebox_password": "not-a-secret-either",
                "voicebox_method": self.company.voicebox_method,
            }
        )
        doctor = self.env["res.users"].create(
            {
                "name": "Doctor there",
                "login": "doctor-there",
                "takes_visits": True,
                "company_id": other.id,
                "company_ids": [(6, 0, other.ids)],
            }
        )
        self.visit(self.patient(ordinal=50), user_id=doctor.id)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 41)
        self.assertIn("12025550150", self.voicebox.numbers[:33])

    def test_the_kill_switch(self):
        """Disabled while the dispatcher runs: not one claim more."""
        self.company.voicebox_max_lines = 2
        for ordinal in range(6):
            self.visit(self.patient(ordinal=ordinal))
        self.run_cron("plan")
        model = self.env.registry["clinic.reminder.dispatcher"]
        whole = model._conclude_batch

        def switched_off(reminders, company, replies):
            company.write({"voicebox_mode": "disabled", "voicebox_max_lines": 0})
            return whole(reminders, company, replies)

        with patch.object(model, "_conclude_batch", switched_off):
            self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_call_now(self):
        """Brings the call forward, and bends no rule."""
        self.at(NOW - timedelta(days=2))
        event = self.visit(self.patient())
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        self.run_cron("dispatch")
        self.assertFalse(self.voicebox.requests)
        reminder.action_call_now()
        reminder.action_call_now()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        with self.assertRaises(UserError):
            reminder.action_call_now()

    def test_skipped_by_staff(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        self.reminder_of(event).action_skip()
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder_of(event).skip_reason, "staff")
        self.reminder_of(event).action_call_now()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_call_now_for_a_late_booking(self):
        self.company.reminder_late_booking = 48
        event = self.visit(self.patient())
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.reminder_of(event).action_call_now()
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    @mute_logger("odoo.addons.clinic_voicebox_reminder.models.transactions")
    def test_no_exception_leaves_the_cron(self):
        event = self.visit(self.patient())
        with patch.object(
            self.env.registry["clinic.reminder.dispatcher"],
            "_record",
            side_effect=ValueError("a fault"),
        ):
            self.call()
        attempt = self.reminder_of(event).attempt_ids
        self.assertEqual(attempt.state, "requesting")
        self.assertEqual(self.reminder_of(event).attempt_count, 1, "law 2")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.later(minutes=16)
        self.run_cron("sweep")
        self.assertEqual(attempt.result, "no_result")

    def test_logs_hold_no_personal_data(self):
        with self.assertLogs("odoo.addons.clinic_voicebox_reminder", "DEBUG") as logs:
            logging.getLogger("odoo.addons.clinic_voicebox_reminder").debug("begun")
            event = self.visit(self.patient())
            self.call()
            self.callback("confirmed", self.reminder_of(event).attempt_ids)
        for secret in ("Валерия", "2025550101", "not-a-secret", "Эндоскопист"):
            self.assertNotIn(secret, "\n".join(logs.output))

    def test_faults_are_logged_without_their_words(self):
        """Law 10: the words of an exception may be a patient's."""
        event = self.visit(self.patient())
        self.call()
        attempt = self.reminder_of(event).attempt_ids
        sweep = partial(self.run_cron, "sweep")
        faults = {
            ("clinic.reminder.dispatcher", "_dispatch_batch"): self.call,
            ("clinic.reminder.planner", "_reconcile_open"): self.call,
            ("clinic.reminder.sweeper", "_heal_calling"): sweep,
            ("voicebox.callback", "_apply"): lambda: self.callback("1", attempt),
        }
        for (model, method), provoke in faults.items():
            with (
                self.subTest(method),
                self.assertLogs("odoo.addons.clinic_voicebox_reminder") as logs,
                patch.object(
                    self.env.registry[model], method, side_effect=ValueError("Валерия")
                ),
            ):
                provoke()
            said = logging.Formatter()
            text = "\n".join(map(said.format, logs.records))
            self.assertIn("ValueError", text)
            self.assertNotIn("Валерия", text)
