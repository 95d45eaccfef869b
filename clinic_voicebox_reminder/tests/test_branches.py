"""A branch goes by the settings of the company above it, where it has none."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import METHOD, NOW, ReminderCase

MIGRATION = "clinic_voicebox_reminder/migrations/19.0.1.3.0/post-life.py"


@tagged("post_install", "-at_install")
class TestBranches(ReminderCase):
    def setUp(self):
        super().setUp()
        self.company.write(
            {
                "reminder_max_calls": 2,
                "reminder_lead_days": 1,
                "reminder_visit_rule": "outside",
                "voicebox_callback_secret": "secret-of-the-first",
            }
        )
        self.branch = self.new_branch(self.company)

    def new_branch(self, above, **vals):
        name = f"Branch {self.env['res.company'].search_count([])}"
        branches = self.env["res.company"]
        return branches.create({"name": name, "parent_id": above.id, **vals})

    def branch_visit(self, ordinal=1, branch=None, **vals):
        company = branch or self.branch
        return self.visit(
            self.patient(ordinal=ordinal), reminder_company_id=company.id, **vals
        )

    def attempt_of(self, event):
        return self.reminder_of(event).attempt_ids

    def reported(self, company, event, word="confirmed"):
        """What becomes of a callback with a company's secret."""
        attempt = self.attempt_of(event)
        callback = self.env["voicebox.callback"]._receive(
            company,
            {
                "guid": attempt.guid,
                "call_id": "",
                "number_b": attempt.phone.removeprefix("+"),
                "response": word,
            },
        )
        return callback.disposition

    # === Settings === #
    def test_a_new_branch_takes_over_what_always_has_a_value(self):
        taken = ("voicebox_mode", "reminder_max_calls", "reminder_visit_rule")
        for name in taken:
            self.assertEqual(self.branch[name], self.company[name], name)
        own = self.new_branch(self.company, reminder_max_calls=5)
        self.assertEqual(own.reminder_max_calls, 5)
        self.company.reminder_max_calls = 4
        self.assertEqual(self.branch.reminder_max_calls, 2)

    def test_what_may_be_empty_is_read_from_above(self):
        user = self.env.user
        self.company.write(
            {
                "reminder_tz": "Asia/Omsk",
                "reminder_responsible_id": user.id,
                "voicebox_test_numbers": "+12025550177",
            }
        )
        leaf = self.new_branch(self.branch)
        for name in ("voicebox_url", "reminder_calendar_id", "reminder_tz"):
            self.assertFalse(leaf[name], name)
            self.assertEqual(leaf._reminder_setting(name), self.company[name], name)
        self.assertEqual(leaf._reminder_zone().key, "Asia/Omsk")
        self.assertEqual(leaf._voicebox_test_phones(), ["+12025550177"])
        self.assertEqual(leaf._reminder_setting("reminder_responsible_id"), user)
        self.branch.reminder_tz = "Europe/Samara"
        self.assertEqual(leaf._reminder_zone().key, "Europe/Samara")
        self.assertEqual(self.company._reminder_zone().key, "Asia/Omsk")

    def test_wording_and_pronunciation(self):
        wordings = self.env["clinic.reminder.wording"]
        above = wordings.create(
            {"specialty": "окулист", "rule": "none", "company_id": self.company.id}
        )
        self.assertEqual(wordings._rule_of("Окулист", self.branch), above)
        own = wordings.create(
            {"specialty": "окулист", "rule": "full", "company_id": self.branch.id}
        )
        self.assertEqual(wordings._rule_of("Окулист", self.branch), own)
        self.assertEqual(wordings._rule_of("Окулист", self.company), above)

    def test_an_address_of_its_own(self):
        """Nobody's password goes to another's server."""
        self.branch.voicebox_url = "https://another.example/api"
        missing = self.branch._voicebox_missing_settings()
        self.assertEqual(len(missing), 3)
        self.assertFalse(self.branch._reminder_setting("voicebox_password"))

    def test_a_country_from_above(self):
        number = "8 (926) 555-01-23"
        self.assertFalse(self.branch.country_id)
        readable = self.company._reminder_dialable(number)
        self.assertEqual(self.branch._reminder_dialable(number), readable)

    def test_settings_tell_what_is_inherited(self):
        settings = self.env["res.config.settings"].with_company(self.branch)
        words = settings.create({}).reminder_inherited
        self.assertIn(self.company.name, words)
        for label in ("Campaign URL", "Password", "Calling Hours", "Clinic Time Zone"):
            self.assertIn(label, words)
        self.assertNotIn("not-a-secret", words)
        self.branch.reminder_tz = "Europe/Samara"
        self.assertNotIn("Time Zone", settings.create({}).reminder_inherited)
        above = self.env["res.config.settings"].with_company(self.company)
        self.assertFalse(above.create({}).reminder_inherited)

    # === Calls === #
    def test_it_calls_through_the_campaign_above(self):
        event = self.branch_visit()
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.attempt_of(event).company_id, self.branch)
        self.assertEqual(self.voicebox.requests[0]["method"], METHOD)

    def test_lines_are_the_campaign_s(self):
        self.company.voicebox_max_lines = 2
        events = [self.branch_visit(n) for n in range(1, 3)]
        events += [self.visit(self.patient(ordinal=n)) for n in range(3, 5)]
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.company.write({"voicebox_max_lines": 0, "voicebox_calls_per_minute": 3})
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 3)

    def test_the_channel_s_pause_is_the_campaign_s(self):
        event = self.branch_visit()
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        channel._write_pause("configuration", "refused", timedelta(hours=1))
        self.call()
        self.assertFalse(self.voicebox.requests)
        sentence = "Will be called when Voicebox takes calls again."
        self.assertEqual(event.reminder_explanation, sentence)
        self.assertIn("have stopped", event.calling_notice)
        settings = self.env["res.config.settings"].with_company(self.branch).create({})
        self.assertTrue(settings.voicebox_trouble)
        settings.action_voicebox_resume()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_a_campaign_of_its_own(self):
        method = METHOD.replace("b70a", "c81b")
        self.branch.write({"voicebox_method": method, "voicebox_max_lines": 1})
        self.company.voicebox_max_lines = 1
        for n in range(1, 3):
            self.branch_visit(n)
            self.visit(self.patient(ordinal=n + 2))
        self.call()
        methods = [r["method"] for r in self.voicebox.requests]
        self.assertEqual(sorted(methods), [METHOD, method])

    def test_the_owner_s_mode_restricts(self):
        event = self.branch_visit()
        self.company.voicebox_mode = "disabled"
        self.call()
        self.assertFalse(self.voicebox.requests)
        self.assertIn("switched off", event.reminder_explanation)
        self.company.write(
            {"voicebox_mode": "test", "voicebox_test_numbers": "+12025550102"}
        )
        self.branch_visit(2)
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550102"])
        self.assertIn("this is no test number", event.reminder_explanation)
        self.company.voicebox_mode = "live"
        self.branch.voicebox_mode = "disabled"
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_the_kill_switch_of_the_account(self):
        """A campaign of its own, called with the login and password from above."""
        self.branch.voicebox_method = METHOD.replace("b70a", "c81b")
        self.branch_visit()
        self.company.voicebox_mode = "disabled"
        self.call()
        self.assertFalse(self.voicebox.requests)

    def test_an_archived_branch_calls_nobody(self):
        self.branch_visit()
        self.run_cron("plan")
        self.env.cr.execute(
            "UPDATE res_company SET active = FALSE WHERE id = %s", [self.branch.id]
        )
        self.env.invalidate_all()
        self.visit(self.patient(ordinal=2))
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550102"])

    def test_what_was_rejected_is_reconsidered(self):
        event = self.branch_visit()
        self.run_cron("plan")
        self.reminder_of(event)._skip("rejected")
        self.company.voicebox_login = "another"
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    # === Callbacks === #
    def test_the_owner_s_secret_reports(self):
        event = self.branch_visit()
        self.call()
        self.assertEqual(self.reported(self.company, event), "applied")
        self.run_errands()
        self.assertEqual(event.visit_status, "confirmed")

    def test_by_call_id_before_the_reply(self):
        event = self.branch_visit()
        self.voicebox.reply = (200, {}, {})
        self.call()
        callback = self.env["voicebox.callback"]._receive(
            self.company, {"guid": "", "call_id": "77", "response": "confirmed"}
        )
        self.assertEqual(callback.disposition, "unmatched")
        self.learn_call_id(self.attempt_of(event), "77")
        self.assertEqual(callback.disposition, "applied")

    def test_the_sweep_finds_the_branch_s_call(self):
        event = self.branch_visit()
        self.voicebox.reply = (200, {}, {})
        self.call()
        callback = self.env["voicebox.callback"]._receive(
            self.company, {"guid": "", "call_id": "78", "response": "confirmed"}
        )
        self.attempt_of(event).call_id = "78"
        self.run_cron("sweep")
        self.assertEqual(callback.disposition, "applied")

    def test_a_secret_of_its_own(self):
        """Law 9: neither the one above nor a sister reaches its calls."""
        self.branch.write(
            {
                "voicebox_method": METHOD.replace("b70a", "c81b"),
                "voicebox_callback_secret": "secret-of-the-branch",
            }
        )
        sister = self.new_branch(self.company, voicebox_callback_secret="of-a-sister")
        event = self.branch_visit()
        self.call()
        for stranger in (self.company, sister):
            self.assertEqual(self.reported(stranger, event), "unmatched")
        self.assertEqual(self.reported(self.branch, event), "applied")
        above = self.visit(self.patient(ordinal=2))
        self.call()
        self.assertEqual(self.reported(self.branch, above), "unmatched")

    def test_a_new_secret_is_made_where_the_campaign_is(self):
        self.assertFalse(self.branch.voicebox_callback_secret)
        with self.assertRaisesRegex(UserError, self.company.name):
            self.branch._voicebox_new_secret()
        header = self.branch._voicebox_callback_header()
        self.assertEqual(header, "Bearer secret-of-the-first")
        self.branch.voicebox_method = METHOD.replace("b70a", "c81b")
        self.branch._voicebox_new_secret()
        self.assertTrue(self.branch.voicebox_callback_secret)

    # === Health, upgrade, country === #
    def test_health(self):
        report = self.env["clinic.reminder.health"]._report(self.branch)
        self.assertEqual(report["checks"]["mode"]["status"], "ok")
        told = report["checks"]["connection"]["message"]
        self.assertIn(f"the campaign of {self.company.name}", told)
        self.company.voicebox_mode = "disabled"
        report = self.env["clinic.reminder.health"]._report(self.branch)
        self.assertEqual(report["checks"]["mode"]["status"], "warning")

    def test_branches_from_before(self):
        calendar = self.company.reminder_calendar_id
        old = self.new_branch(
            self.company,
            voicebox_callback_secret="made-by-itself",
            reminder_calendar_id=calendar.id,
            reminder_tz=self.company.reminder_tz,
        )
        chosen = self.new_branch(
            self.company,
            voicebox_method=METHOD,
            voicebox_callback_secret="in-use",
            reminder_tz="Asia/Omsk",
        )
        self.env.flush_all()
        load_script(MIGRATION, "post_life").migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertFalse(old.voicebox_callback_secret)
        self.assertFalse(old.reminder_tz or old.reminder_calendar_id)
        self.assertEqual(chosen.voicebox_callback_secret, "in-use")
        self.assertEqual(chosen.reminder_tz, "Asia/Omsk")
        self.assertTrue(self.company.reminder_tz)

    def test_no_country(self):
        """Not forty patients with a bad number: one sentence, before going live."""
        company = self.env["res.company"].create({"name": "Nowhere"})
        for mode in ("test", "live"):
            with self.assertRaisesRegex(ValidationError, "Nowhere.*no country"):
                company.voicebox_mode = mode
        with self.assertRaisesRegex(ValidationError, "no country"):
            self.company.country_id = False
        self.company.partner_id.country_id = False
        self.env.invalidate_all()
        mode = self.env["clinic.reminder.health"]._report(self.company)
        self.assertEqual(mode["checks"]["mode"]["status"], "error")
        self.assertIn("no country", mode["checks"]["mode"]["message"])
        with_prefix = self.visit(self.patient())
        own = self.patient(
            ordinal=2, phone="(202) 555-0103", country_id=self.env.ref("base.us").id
        )
        with_country = self.visit(own, start=NOW + timedelta(days=1, hours=3))
        self.call()
        for event in (with_prefix, with_country):
            self.assertEqual(self.reminder_of(event).attempt_count, 1)
