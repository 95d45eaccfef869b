"""The callback endpoint over the wire (laws 4, 5 and 9)."""

import base64
import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..models.res_company import CALLBACK_PATH
from .common import ReminderCase


class CallbackCase(ReminderCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.voicebox_callback_secret = "secret-of-the-tests"

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        self.run_cron("plan", "dispatch")
        self.reminder = self.reminder_of(self.event)
        self.attempt = self.reminder.attempt_ids
        self.assertTrue(self.attempt)

    @contextmanager
    def crons(self):
        """An HttpCase is in registry test mode all the time."""
        self.env.flush_all()
        yield

    def post(self, body, secret="secret-of-the-tests", path="", **headers):
        if isinstance(body, dict):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        headers.setdefault("Content-Type", "application/json")
        if secret is not None:
            headers.setdefault("Authorization", f"Bearer {secret}")
        reply = self.url_open(
            CALLBACK_PATH + path, data=body, headers=headers, method="POST"
        )
        self.assertIn("status", reply.json())
        self.assertLess(len(reply.content), 200)
        self.env.invalidate_all()
        return reply

    def body(self, **values):
        return {
            "guid": self.attempt.guid,
            "call_id": "call-1",
            "number_b": "12025550101",
            "response": "confirmed",
            **values,
        }

    def inbox(self):
        return self.env["voicebox.callback"].search([], order="id")


@tagged("post_install", "-at_install")
class TestCallback(CallbackCase):
    def assertConfirmed(self):
        self.assertEqual(self.attempt.result, "confirmed")
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_json(self):
        self.assertEqual(self.post(self.body()).status_code, 200)
        self.assertConfirmed()
        self.assertEqual(self.inbox().disposition, "applied")

    def test_basic_header(self):
        token = base64.b64encode(b"any:secret-of-the-tests").decode()
        self.post(self.body(), secret=None, Authorization=f"Basic {token}")
        self.assertConfirmed()

    def test_secret_in_the_path(self):
        self.post(self.body(), secret=None, path="/secret-of-the-tests")
        self.assertConfirmed()

    def test_form_fields(self):
        body = f"guid={self.attempt.guid}&response=confirmed&number_b=12025550101"
        self.post(body, **{"Content-Type": "application/x-www-form-urlencoded"})
        self.assertConfirmed()

    def test_multipart_fields(self):
        body = (
            '--x\r\nContent-Disposition: form-data; name="guid"\r\n\r\n'
            f"{self.attempt.guid}\r\n"
            '--x\r\nContent-Disposition: form-data; name="response"\r\n\r\n'
            "confirmed\r\n--x--\r\n"
        )
        self.post(body, **{"Content-Type": "multipart/form-data; boundary=x"})
        self.assertConfirmed()

    def test_misspelt_content_types(self):
        for content_type in (
            "application/json; charset=utf8",
            "application/json; charset=utf-8-",
            'application/json; charset="utf-8',
            "text/plain; charset=no-such",
            "application/x-www-form-urlencoded; charset=utf-88",
            "nonsense",
            "",
        ):
            with self.subTest(content_type):
                reply = self.post(self.body(), **{"Content-Type": content_type})
                self.assertEqual(reply.status_code, 200)
        self.assertConfirmed()
        self.assertEqual(self.inbox()[1:].mapped("disposition"), ["repeated"] * 6)

    def test_number_ids(self):
        self.attempt.call_id = "4711"
        self.post({"call_id": 4711, "number_b": 12025550101, "response": 1})
        self.assertConfirmed()

    def test_unknown_keys_and_odd_words(self):
        self.post(self.body(response="  ConFirmed ", extra={"a": [1]}))
        self.assertConfirmed()

    def test_wrong_secrets(self):
        before = len(self.inbox())
        for secret in ("wrong", "", "секрет", "secret-of-the-test", "x" * 5000):
            with self.subTest(secret[:20]):
                header = secret.encode().decode("latin-1")
                reply = self.post(self.body(), secret=header)
                self.assertEqual(reply.status_code, 401)
        self.assertEqual(self.post(self.body(), secret=None).status_code, 401)
        reply = self.post(self.body(), secret=None, path="/wrong")
        self.assertEqual(reply.status_code, 401)
        self.assertEqual(len(self.inbox()), before)
        self.assertFalse(self.attempt.result)

    def test_no_secret_set_lets_nobody_in(self):
        self.company.voicebox_callback_secret = False
        for secret in ("", "False", "None"):
            self.assertEqual(self.post(self.body(), secret=secret).status_code, 401)

    def test_the_old_secret_is_valid_for_a_day(self):
        self.company._voicebox_new_secret()
        self.assertEqual(self.post(self.body()).status_code, 200)
        self.company.voicebox_previous_secret_until = fields.Datetime.now()
        self.assertEqual(self.post(self.body()).status_code, 401)

    def test_unreadable(self):
        for body in (
            b"",
            b"{",
            b"[]",
            b"null",
            b"17",
            b'{"response": "confirmed"}',
            b'{"guid": "", "call_id": null}',
            b'{"guid": {"a": 1}}',
            b'{"guid": true}',
            b'{"guid": "{{guid}}", "call_id": "{{call_id}}"}',
            b"\xff\xfe\x00",
            b"[" * 8000,
            b'{"call_id": ' + b"9" * 8000 + b"}",
        ):
            with self.subTest(body[:30]):
                self.assertEqual(self.post(body).status_code, 400)
        self.assertFalse(self.inbox())

    def test_too_large(self):
        self.assertEqual(self.post(b"x" * 20000).status_code, 413)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.post(b"guid=" + b"x" * 20000, **form).status_code, 413)
        self.assertFalse(self.inbox())

    def test_what_the_database_cannot_store(self):
        reply = self.post(
            b'{"guid": "a\\u0000b\\ud800", "call_id": "\\u0000", "response": "\\udfff"}'
        )
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.inbox().disposition, "unmatched")

    def test_unknown_word_is_kept(self):
        self.assertEqual(self.post(self.body(response="perhaps")).status_code, 200)
        self.assertEqual(self.inbox().disposition, "unknown_response")
        self.env["voicebox.response"].create({"code": "Perhaps", "result": "operator"})
        self.inbox().action_process_again()
        self.assertEqual(self.event.visit_status, "reschedule")

    def test_other_number_changes_nothing(self):
        self.post(self.body(number_b="12025550199"))
        self.assertEqual(self.inbox().disposition, "number_mismatch")
        self.assertFalse(self.attempt.result)

    def test_a_call_id_that_becomes_known_later(self):
        self.attempt.call_id = False
        body = self.body(call_id="later-9")
        del body["guid"]
        self.post(body)
        self.assertEqual(self.inbox().disposition, "unmatched")
        self.attempt._learn_call_id("later-9")
        self.assertConfirmed()
        self.assertEqual(self.inbox().disposition, "applied")

    def test_the_sweep_applies_what_waited(self):
        self.attempt.call_id = False
        self.post({"call_id": "later-9", "response": "confirmed"})
        self.attempt.call_id = "later-9"
        self.run_cron("sweep")
        self.assertConfirmed()

    def test_the_secret_of_another_company(self):
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.assertTrue(other.voicebox_callback_secret)
        reply = self.post(self.body(), secret=other.voicebox_callback_secret)
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.inbox().disposition, "unmatched")
        self.assertFalse(self.attempt.result)

    def test_a_fault_in_processing_loses_nothing(self):
        words = self.env.registry["voicebox.response"]
        with (
            patch.object(words, "_result_of", side_effect=ValueError("a fault")),
            self.assertLogs("odoo.addons.clinic_voicebox_reminder", "ERROR"),
        ):
            self.assertEqual(self.post(self.body()).json(), {"status": "stored"})
        self.assertFalse(self.inbox().disposition)
        self.run_cron("sweep")
        self.assertConfirmed()


@tagged("post_install", "-at_install")
class TestResultsOnlyGain(ReminderCase):
    """Law 4: every order of words leads to the result that knows most."""

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        self.call()
        self.attempt = self.reminder_of(self.event).attempt_ids

    def test_lower_after_higher_is_stale(self):
        self.callback("confirmed", self.attempt)
        for word in ("answered", "no_answer", "machine", "4"):
            self.assertEqual(self.callback(word, self.attempt), "stale")
        self.assertEqual(self.attempt.result, "confirmed")

    def test_the_first_decision_stays_and_staff_are_told(self):
        self.callback("confirmed", self.attempt)
        self.assertEqual(self.callback("declined", self.attempt), "stale")
        self.assertEqual(self.event.visit_status, "confirmed")
        reminder = self.attempt.reminder_id
        self.assertTrue(reminder.needs_attention)
        self.assertTrue(reminder.activity_ids)

    def test_repeats(self):
        for word in ("answered", "operator"):
            self.assertEqual(self.callback(word, self.attempt), "applied")
            self.assertEqual(self.callback(word, self.attempt), "repeated")
        self.assertEqual(len(self.attempt.reminder_id.activity_ids), 1)

    def test_a_late_answer_of_an_older_attempt(self):
        self.callback("no_answer", self.attempt)
        self.later(minutes=61)
        self.call()
        newer = self.attempt.reminder_id.attempt_ids - self.attempt
        self.assertEqual(newer.state, "requested")
        self.assertEqual(self.callback("confirmed", self.attempt), "applied")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertEqual(self.callback("no_answer", newer), "applied")
        self.later(hours=3)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_people_win(self):
        self.event.visit_status = "done"
        self.assertEqual(self.callback("declined", self.attempt), "applied")
        self.assertEqual(self.event.visit_status, "done")
        self.assertTrue(self.attempt.reminder_id.needs_attention)
        self.assertEqual(self.attempt.reminder_id.outcome, "declined")

    def test_a_moved_visit_is_a_new_question(self):
        self.event.start += timedelta(hours=1)
        self.assertEqual(self.callback("declined", self.attempt), "applied")
        self.assertEqual(self.attempt.result, "declined")
        self.assertEqual(self.event.visit_status, "booked")
        self.assertEqual(self.attempt.reminder_id.skip_reason, "moved")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
