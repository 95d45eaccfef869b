"""The callback endpoint over the wire (laws 4, 5 and 9)."""

import base64
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import Mock, patch
from urllib.parse import quote

from odoo import fields
from odoo.tests import HttpCase, TransactionCase, tagged

from ..controllers.main import HEALTH_PATH
from ..models import res_company
from ..models.res_company import CALLBACK_PATH
from .common import ReminderCase

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"}


def basic(secret):
    return "Basic " + base64.b64encode(f"any:{secret}".encode()).decode()


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
        self.run_errands()
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
        header = basic("secret-of-the-tests")
        self.post(self.body(), secret=None, Authorization=header)
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

    def test_many_form_fields(self):
        many = "&".join(f"extra{n}=1" for n in range(500))
        body = f"{many}&guid={self.attempt.guid}&response=confirmed"
        self.post(body, **{"Content-Type": "application/x-www-form-urlencoded"})
        self.assertConfirmed()

    def test_a_mark_of_the_byte_order(self):
        body = json.dumps(self.body())
        for encoding in ("utf-8-sig", "utf-16", "utf-32"):
            self.post(body.encode(encoding))
        form = f"guid={self.attempt.guid}&response=confirmed"
        self.post(form.encode("utf-8-sig"))
        self.assertConfirmed()
        self.assertEqual(len(self.inbox()), 4)

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
        """Law 9; a secret of spaces is none."""
        for nothing in (False, "", "   "):
            self.company.voicebox_callback_secret = nothing
            for secret in ("", " ", "   ", "False", "None"):
                with self.subTest(nothing=nothing, secret=secret):
                    self.assertEqual(self.statuses(secret), [401] * 3)
            reply = self.post(self.body(), secret=None, path="/")
            self.assertEqual(reply.status_code, 401)
        self.assertFalse(self.inbox())

    def statuses(self, secret):
        """Status codes for a secret in each place it may be."""
        ways = [
            {"secret": secret},
            {"secret": None, "Authorization": basic(secret)},
            {"secret": None, "path": "/" + quote(secret)},
        ]
        return [self.post(self.body(), **way).status_code for way in ways]

    def test_spaces_around_the_secret_do_not_matter(self):
        self.assertEqual(self.statuses("  secret-of-the-tests "), [200] * 3)
        # as `echo any:secret | base64` makes it
        header = basic("secret-of-the-tests\n")
        reply = self.post(self.body(), secret=None, Authorization=header)
        self.assertEqual(reply.status_code, 200)

    def test_the_old_secret_is_valid_for_a_day(self):
        """Law 9."""
        self.company._voicebox_new_secret()
        self.assertEqual(self.statuses("secret-of-the-tests"), [200] * 3)
        self.company.voicebox_previous_secret_until = fields.Datetime.now()
        self.assertEqual(self.statuses("secret-of-the-tests"), [401] * 3)
        self.assertEqual(
            self.statuses(self.company.voicebox_callback_secret), [200] * 3
        )

    def test_all_that_stands_behind_the_path_is_a_secret(self):
        for path in ("/secret-of-the-tests/x", "/x/secret-of-the-tests", "/x/%00/%FF"):
            with self.subTest(path):
                reply = self.post(self.body(), secret=None, path=path)
                self.assertEqual(reply.status_code, 401)
        reply = self.post(self.body(), secret=None, path="/secret-of-the-tests/")
        self.assertEqual(reply.status_code, 200)

    def test_other_methods(self):
        """Refused in words the robot can read, whoever sends them, without effect."""
        for path, allowed in ((CALLBACK_PATH, "POST"), (HEALTH_PATH, "GET, HEAD")):
            for method in METHODS - set(allowed.split(", ")):
                with self.subTest(path=path, method=method):
                    self.check_refused(method, path, allowed)
        self.assertFalse(self.inbox())

    def check_refused(self, method, path, allowed):
        reply = self.url_open(
            path,
            data=json.dumps(self.body()).encode(),
            headers={"Authorization": "Bearer secret-of-the-tests"},
            method=method,
        )
        self.assertEqual(reply.status_code, 405)
        self.assertEqual(reply.headers["Allow"], allowed)
        if method != "HEAD":
            self.assertEqual(reply.json(), {"status": "method_not_allowed"})

    def test_monitoring_may_ask_for_the_head_only(self):
        headers = {"Authorization": "Bearer secret-of-the-tests"}
        reply = self.url_open(HEALTH_PATH, headers=headers, method="HEAD")
        self.assertIn(reply.status_code, (200, 503))
        self.assertEqual(reply.content, b"")
        reply = self.url_open(HEALTH_PATH, method="HEAD")
        self.assertEqual(reply.status_code, 401)

    def test_the_sender_s_address_is_kept_as_it_can_be_stored(self):
        address = "198.51.100.7\x00" + "x" * 1000
        inbox = self.env["voicebox.callback"]
        callback = inbox._receive(self.company, self.body(), remote_addr=address)
        self.assertTrue(callback.remote_addr.startswith("198.51.100.7x"))
        self.assertEqual(len(callback.remote_addr), 200)

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
        self.run_errands()
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
        self.learn_call_id(self.attempt, "later-9")
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
class TestConstantTime(TransactionCase):
    """Law 9: what is compared, and with what, does not depend on what matches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.env["res.company"].create(
            [{"name": f"Clinic {n}"} for n in range(3)]
        )
        cls.companies[1]._voicebox_new_secret()

    def compared(self, offered):
        """The secrets that were compared with what was offered."""
        spy = Mock(wraps=hmac.compare_digest)
        with patch.object(res_company, "compare_digest", spy):
            self.env["res.company"]._voicebox_authenticate(offered)
        known, came = zip(*(call.args for call in spy.call_args_list), strict=True)
        self.assertEqual(set(came), {offered})
        self.assertEqual({type(secret) for secret in known}, {bytes})
        return known

    def test_every_secret_is_compared_whatever_matches(self):
        secrets = self.companies.mapped("voicebox_callback_secret")
        secrets.append(self.companies[1].voicebox_previous_secret)
        right = secrets[0].encode()
        known = self.compared(b"")
        self.assertLessEqual({secret.encode() for secret in secrets}, set(known))
        for offered in (
            *(secret.encode() for secret in secrets),
            b"!" + right[1:],
            right[:-1] + b"!",
            right[:-1],
            right * 100,
            "секрет".encode(),
        ):
            with self.subTest(offered):
                self.assertEqual(self.compared(offered), known)

    def test_nothing_else_lets_anybody_in(self):
        authenticate = self.env["res.company"]._voicebox_authenticate
        right = self.companies[2].voicebox_callback_secret.encode()
        self.assertEqual(authenticate(right), self.companies[2])
        with patch.object(res_company, "compare_digest", return_value=False):
            self.assertFalse(authenticate(right))


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

    def test_a_late_answer_after_all_was_given_up(self):
        """Also to a visit that has been told that nobody was reached."""
        self.company.reminder_max_calls = 1
        self.callback("no_answer", self.attempt)
        self.assertEqual(self.event.visit_status, "not_confirmed")
        self.assertEqual(self.callback("confirmed", self.attempt), "applied")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertFalse(self.attempt.reminder_id.needs_attention)

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
