"""The settings page, its tests of the connection, and the scenario guide."""

import json
import logging
import socket
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.live import TEST_CALL
from .common import METHOD, ReminderCase
from .test_views import DeskCase

REFUSED = (400, {"error": "no number"}, {})


@tagged("post_install", "-at_install")
class TestSettings(DeskCase):
    def settings(self, **vals):
        model = self.env["res.config.settings"].with_user(self.admin)
        return model.with_context(lang="en_US").create(vals)

    def test_values_reach_the_company(self):
        self.settings(
            voicebox_mode="test",
            voicebox_test_numbers="+12025550150",
            reminder_max_calls=2,
            reminder_pause_no_answer=0,
        ).execute()
        self.assertEqual(self.company.voicebox_mode, "test")
        self.assertEqual(self.company.voicebox_test_numbers, "+12025550150")
        self.assertEqual(self.company.reminder_max_calls, 2)
        self.assertEqual(self.company.reminder_pause_no_answer, 0)

    def test_bad_values_have_a_clear_error(self):
        cases = {
            "full address": {"voicebox_url": "voicebox.example/api"},
            "without login": {"voicebox_url": "https://me:secret@voicebox.example/"},
            "must be a UUID": {"voicebox_method": "42"},
            "can't be less than 1": {"reminder_max_calls": 0},
            "Lines at Once.*less than 0": {"voicebox_max_lines": -1},
            "can't be dialled": {"voicebox_test_numbers": "letters"},
        }
        for words, vals in cases.items():
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, words),
            ):
                self.settings(**vals).execute()
                self.env.flush_all()

    def test_calling_needs_credentials(self):
        self.company.voicebox_mode = "disabled"
        for mode in ("test", "live"):
            with (
                self.subTest(mode=mode),
                self.assertRaisesRegex(
                    ValidationError, "Please fill in: Login, Password"
                ),
            ):
                self.settings(
                    voicebox_mode=mode, voicebox_login=False, voicebox_password="  "
                ).execute()
        self.settings(voicebox_mode="disabled", voicebox_login=False).execute()

    def test_secrets_are_masked(self):
        view = self.env["res.config.settings"].with_user(self.admin).get_view()
        arch = etree.fromstring(view["arch"])
        for name in ("voicebox_password", "voicebox_callback_secret"):
            nodes = arch.xpath(f"//field[@name='{name}']")
            self.assertTrue(nodes)
            for node in nodes:
                shown = node.get("widget") != "CopyClipboardButton"
                self.assertEqual(node.get("password") == "True", shown)
        for name in ("voicebox_callback_header", "voicebox_callback_url_secret"):
            for node in arch.xpath(f"//field[@name='{name}']"):
                self.assertEqual(node.get("widget"), "CopyClipboardButton")

    def test_secrets_are_for_administrators(self):
        company = self.company.with_user(self.desk)
        self.assertTrue(company.voicebox_mode)
        for name in (
            "voicebox_url",
            "voicebox_login",
            "voicebox_password",
            "voicebox_method",
            "voicebox_callback_secret",
            "voicebox_previous_secret",
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                company.read([name])

    def test_callback_addresses(self):
        secret = self.company.voicebox_callback_secret
        settings = self.settings()
        self.assertTrue(settings.voicebox_callback_url.endswith("reminder/callback"))
        self.assertEqual(
            settings.voicebox_callback_url_secret,
            f"{settings.voicebox_callback_url}/{secret}",
        )
        self.assertEqual(settings.voicebox_callback_header, f"Bearer {secret}")

    def test_new_secret(self):
        old = self.company.voicebox_callback_secret
        self.settings().action_voicebox_new_secret()
        new = self.company.voicebox_callback_secret
        self.assertNotEqual(new, old)
        for secret in (old, new):
            known = self.company._voicebox_authenticate(secret.encode())
            self.assertEqual(known, self.company)

    def test_a_pause_is_shown_and_ended(self):
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        channel._pause_for_settings("Missing: Login")
        settings = self.settings()
        self.assertEqual(settings.voicebox_trouble, "Settings or credentials")
        settings.action_voicebox_resume()
        self.assertEqual(channel.state, "open")
        self.assertFalse(self.settings().voicebox_trouble)


@tagged("post_install", "-at_install")
class TestConnection(DeskCase):
    def connection(self, typed=None):
        """Press “Test Connection”: the kind and the words of what is told."""
        connection = self.env["voicebox.connection"].with_user(self.admin)
        told = connection.with_context(lang="en_US").try_credentials(typed)
        return told["kind"], told["words"]

    def attempts(self):
        return self.env["clinic.reminder.attempt"].search_count([])

    def test_nobody_is_called(self):
        before = self.attempts()
        self.voicebox.reply = REFUSED
        self.connection()
        self.assertEqual(self.voicebox.numbers, [""])
        self.assertEqual(self.voicebox.requests[0]["method"], METHOD)
        self.assertEqual(self.attempts(), before)

    def test_replies(self):
        cases = [
            (REFUSED, "success", r"refused the empty test call.*HTTP 400"),
            ((422, "", {}), "success", "Nobody was called"),
            ((200, {"id": "7"}, {}), "success", "even a call without a number"),
            ((401, "", {}), "danger", r"does not accept.*HTTP 401"),
            ((403, "", {}), "danger", "does not accept"),
            ((302, "", {"Location": "/"}), "danger", "redirects are not followed"),
            ((404, "<html>", {}), "danger", "nothing to start a call at this address"),
            ((429, "", {"Retry-After": "60"}), "warning", "too many calls"),
            ((500, "", {}), "warning", r"no usable answer \(HTTP 500\)"),
            ((200, "<html>", {}), "warning", "Something answers at this address"),
        ]
        for reply, kind, words in cases:
            with self.subTest(reply=reply):
                self.voicebox.reply = reply
                shown, message = self.connection()
                self.assertEqual(shown, kind)
                self.assertRegex(message, words)
        self.assertEqual(len(self.voicebox.requests), len(cases))

    def test_not_reached(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.company.voicebox_url = f"http://127.0.0.1:{port}/"
        kind, message = self.connection()
        self.assertEqual(kind, "danger")
        self.assertIn("not reached (connection refused)", message)

    def test_missing_credentials(self):
        self.company.voicebox_method = False
        told = self.connection()
        self.assertEqual(told, ("danger", "Please fill in: Method ID."))
        self.assertFalse(self.voicebox.requests)

    def typed(self, **vals):
        return {
            "voicebox_url": self.voicebox.url,
            "voicebox_login": "typed",
            "voicebox_password": "typed, too",
            "voicebox_method": METHOD,
            **vals,
        }

    def test_what_is_typed_is_tested_and_not_stored(self):
        before = self.company.read(["voicebox_login", "voicebox_password"])
        self.voicebox.reply = (401, "", {})
        kind, words = self.connection(self.typed())
        self.assertEqual(kind, "danger")
        self.assertIn("does not accept", words)
        sent = self.voicebox.requests[-1]
        self.assertEqual(sent["method"], METHOD)
        self.assertEqual(
            self.company.read(["voicebox_login", "voicebox_password"]), before
        )

    def test_typed_credentials_that_can_not_be_used(self):
        for wrong, words in (
            ({"voicebox_url": "voicebox.example"}, "campaign URL can't be used"),
            ({"voicebox_method": "42"}, "method ID can't be used"),
            ({"voicebox_password": ""}, "Please fill in: Password"),
        ):
            with self.subTest(wrong):
                kind, told = self.connection(self.typed(**wrong))
                self.assertEqual(kind, "danger")
                self.assertIn(words, told)
        self.assertFalse(self.voicebox.requests)

    def test_a_branch_sends_nobody_s_password_to_another_address(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.admin.company_ids += branch
        above = self.env["voicebox.connection"].with_company(branch)
        above = above.with_user(self.admin).with_context(lang="en_US")
        told = above.try_credentials({"voicebox_url": self.voicebox.url})
        self.assertIn("Login, Password, Method ID", told["words"])
        self.assertFalse(self.voicebox.requests)
        self.voicebox.reply = REFUSED
        self.assertEqual(above.try_credentials({})["kind"], "success")

    def test_only_who_reaches_the_settings_may_test(self):
        connection = self.env["voicebox.connection"]
        for user in (self.desk, self.outsider):
            with self.assertRaises(AccessError):
                connection.with_user(user).try_credentials(self.typed())
        self.assertFalse(self.voicebox.requests)

    def test_nothing_personal_is_logged(self):
        self.voicebox.reply = (401, "", {})
        with self.assertLogs("", logging.DEBUG) as logs:
            logging.getLogger(__name__).debug("at least one line")
            self.connection()
        text = "\n".join(logs.output)
        for secret in ("not-a-secret", METHOD, "Y2xpbmlj"):
            self.assertNotIn(secret, text)

    # === Test call === #
    def wizard(self, **vals):
        wizard = self.env["voicebox.test.call"].with_user(self.admin)
        with Form(wizard.with_context(lang="en_US")) as form:
            form.number = "+1 202 555 0150"
            for name, value in vals.items():
                form[name] = value
        return form.record

    def test_test_call(self):
        wizard = self.wizard(
            spoken_name="Валерия (мама), Сергеевна!", spoken_visit="Приём №5, 11.30"
        )
        self.assertEqual(wizard.spoken_visit, "Прием 5 11 30")
        before = self.attempts()
        self.ring(wizard)
        (request,) = self.voicebox.requests
        self.assertEqual(
            request["data"],
            {
                "number": "12025550150",
                "guid": wizard.guid,
                "name": "Валерия мама Сергеевна",
                "visit": "Прием 5 11 30",
            },
        )
        self.assertEqual(wizard.reply_kind, "accepted")
        self.assertIn("phone will ring", wizard.reply_words)
        self.assertEqual(self.attempts(), before + 1)

    def test_test_call_rings_once(self):
        wizard = self.wizard()
        self.ring(wizard)
        with self.assertRaisesRegex(UserError, "made already"):
            self.ring(wizard)
        self.assertEqual(len(self.voicebox.requests), 1)

    def ring(self, wizard):
        """The attempt is committed by a cursor of its own: here, the test's."""
        with self.crons():
            wizard.action_call()

    def test_settings_show_an_example(self):
        settings = self.env["res.config.settings"].new({"reminder_lang": "ru_RU"})
        self.assertEqual(settings.reminder_example, "Эндоскопист 6 июня 2030 г 11 30")

    def test_test_call_example(self):
        self.assertEqual(self.wizard().spoken_visit, "Эндоскопист 6 июня 2030 г 11 30")
        english = self.wizard(lang="en_US").spoken_visit
        self.assertRegex(english, "Endoscopist .*June.*2030")

    def test_test_call_in_a_language_of_its_own(self):
        method = METHOD.replace("b70a", "0000")
        self.env["voicebox.method"].create({"lang": "en_US", "method": method})
        self.ring(self.wizard(lang="en_US"))
        self.assertEqual(self.voicebox.requests[0]["method"], method)

    def test_test_call_replies(self):
        cases = [
            ((401, "", {}), "configuration", "does not accept"),
            ((422, "bad number", {}), "rejected", "refused this call"),
            ((429, "", {}), "throttled", "too many calls"),
            ((503, "", {}), "ambiguous", "the phone may ring"),
            ((200, "", {}), "ambiguous", "the phone may ring"),
        ]
        for reply, kind, words in cases:
            with self.subTest(kind=kind):
                self.voicebox.reply = reply
                wizard = self.wizard()
                self.ring(wizard)
                attempts = self.env["clinic.reminder.attempt"]
                attempts.search([("state", "!=", "finished")])._give_up()
                self.assertEqual(wizard.reply_kind, kind)
                self.assertIn(words, wizard.reply_words)
                self.assertEqual(wizard.reply_body, reply[1])

    def test_test_call_to_no_number(self):
        for number in ("letters", "12", "+1 202 555"):
            with (
                self.subTest(number=number),
                self.assertRaisesRegex(UserError, "can't be dialled"),
            ):
                self.ring(self.wizard(number=number))
        self.assertFalse(self.voicebox.requests)

    def test_test_call_while_the_number_is_called(self):
        self.visit(self.patient(ordinal=50))
        self.call()
        self.voicebox.requests.clear()
        with self.assertRaisesRegex(UserError, "being called right now"):
            self.ring(self.wizard())
        self.assertFalse(self.voicebox.requests)

    def test_the_scenario_reports_about_a_test_call(self):
        wizard = self.wizard()
        self.ring(wizard)
        callback = self.env["voicebox.callback"]._receive(
            self.company, {"guid": wizard.guid, "response": "confirmed"}
        )
        self.assertEqual(callback.disposition, "applied")
        self.assertFalse(callback.reminder_id)

    def told(self, wizard):
        wizard.invalidate_recordset()
        return wizard.story

    def test_the_dialog_tells_the_whole_story(self):
        wizard = self.wizard()
        self.ring(wizard)
        self.assertIn("about to ring", self.told(wizard))
        attempt = wizard._attempt()
        self.callback("answered", attempt)
        self.assertIn("Picked up. Answer", self.told(wizard))
        self.callback("perhaps", attempt)
        self.assertIn("“perhaps”: unknown word", self.told(wizard))
        self.callback("confirmed", attempt)
        story = self.told(wizard)
        self.assertIn("The call is over: Confirmed.", story)
        order = ["Sent to", "accepted the call", "“answered”", "“perhaps”", "has ended"]
        places = [story.index(words) for words in order]
        self.assertEqual(places, sorted(places))
        self.assertEqual(attempt.display_name, "Test call")

    def test_the_dialog_tells_that_nothing_came(self):
        wizard = self.wizard()
        self.ring(wizard)
        hour = self.now.replace(minute=0)
        tallies = self.env["voicebox.tally"]
        tallies.create({"kind": "refused", "hour": hour, "count": 2})
        wizard._attempt()._give_up()
        self.assertIn("Nothing was reported", self.told(wizard))
        self.assertIn("wrong secret: 2.", self.told(wizard))

    def test_the_dialog_tells_a_refusal(self):
        self.voicebox.reply = (401, "", {})
        wizard = self.wizard()
        self.ring(wizard)
        self.assertIn("alert-danger", self.told(wizard))
        self.assertIn("does not accept", self.told(wizard))

    def test_who_made_the_call_hears_of_it_at_once(self):
        wizard = self.wizard()
        self.ring(wizard)
        with patch.object(self.registry["bus.bus"], "_sendone") as send:
            self.callback("answered", wizard._attempt())
        told = [call.args for call in send.call_args_list if TEST_CALL in call.args]
        payload = {"attempt_id": wizard._attempt().id}
        self.assertIn((self.admin.partner_id, TEST_CALL, payload), told)

    # === Scenario guide === #
    def test_scenario_guide(self):
        guide = self.env["voicebox.scenario.guide"].with_user(self.admin).new({})
        words = self.env["voicebox.response"]
        for name in guide._fields:
            if name.startswith("body_"):
                body = json.loads(guide[name])
                self.assertEqual(body["guid"], "{{guid}}")
                self.assertTrue(words._result_of(body["response"], self.company))
        secret = self.company.voicebox_callback_secret
        self.assertEqual(guide.callback_header, f"Bearer {secret}")
        self.assertTrue(guide.callback_url_secret.endswith(secret))
        self.assertNotIn(secret, guide.callback_url)


@tagged("post_install", "-at_install")
class TestSettingsOutOfReason(ReminderCase):
    def test_a_method_id_is_written_as_voicebox_writes_it(self):
        for wrong in (METHOD.replace("-", ""), "{%s}" % METHOD, f"urn:uuid:{METHOD}"):
            with self.assertRaises(ValidationError):
                self.company.voicebox_method = wrong
            with self.assertRaises(ValidationError):
                self.env["voicebox.method"].create({"lang": "en_US", "method": wrong})

    def test_settings_out_of_all_reason(self):
        with self.assertRaises(ValidationError):
            self.company.reminder_lead_days = 1000000
