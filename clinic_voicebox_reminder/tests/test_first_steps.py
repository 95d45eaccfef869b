"""First steps are green for their real reasons; who goes live before says why."""

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import METHOD
from .test_settings import REFUSED
from .test_views import DeskCase

REPORTS = ("no_answer", "answered", "confirmed", "operator", "declined", "machine")
STEPS = ("campaign", "connection", "scenario", "specialists", "choices", "test_call")


class FirstStepsCase(DeskCase):
    """A company in which nothing was done yet, and its administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.env["res.company"].create(
            {"name": "New clinic", "country_id": cls.env.ref("base.ru").id}
        )
        cls.admin.write(
            {"company_ids": [(6, 0, cls.new.ids)], "company_id": cls.new.id}
        )

    def page(self, user=None, **context):
        page = self.env["clinic.first.steps.page"].with_user(user or self.admin)
        return page.with_context(lang="en_US", **context)

    def steps(self, company=None):
        steps = self.env["clinic.first.steps"].with_context(lang="en_US")
        return {step.name: step for step in steps._steps(company or self.new)}

    def done(self, company=None):
        return {name for name, step in self.steps(company).items() if step.done}

    def fill_in(self):
        self.new.write(
            {
                "voicebox_url": self.voicebox.url,
                "voicebox_login": "new",
                "voicebox_password": "not-a-secret",
                "voicebox_method": METHOD,
            }
        )

    def connect(self):
        self.voicebox.reply = REFUSED
        connection = self.env["voicebox.connection"].with_user(self.admin)
        return connection.try_credentials()["kind"]

    def report(self, *words, company=None, **values):
        for word in words:
            self.env["voicebox.callback"]._receive(
                company or self.new, {"response": word, **values}
            )

    def test_attempt(self, company=None):
        attempts = self.env["clinic.reminder.attempt"]
        return attempts._begin(company or self.new, "+12025550150", 3)

    def name_a_specialist(self):
        return new_test_user(
            self.env,
            "specialist-of-the-new-clinic",
            company_id=self.new.id,
            company_ids=[(6, 0, self.new.ids)],
            takes_visits=True,
        )

    def do_all(self):
        self.fill_in()
        self.connect()
        attempt = self.test_attempt()
        self.report(*REPORTS, guid=attempt.guid)
        self.name_a_specialist()
        self.page().confirm_choices()


@tagged("post_install", "-at_install")
class TestFirstSteps(FirstStepsCase):
    def test_nothing_is_done_in_the_beginning(self):
        self.assertEqual(self.done(), set())
        page = self.page().get_page()
        self.assertEqual([step["name"] for step in page["steps"]], [*STEPS, "live"])
        self.assertEqual(page["done"], 0)
        self.assertEqual(self.page().get_progress(), [0, 7])

    def test_campaign(self):
        self.fill_in()
        self.assertEqual(self.done(), {"campaign"})
        self.new.voicebox_password = "  "
        self.assertIn("Password", self.steps()["campaign"].sentence)
        self.assertEqual(self.done(), set())

    def test_connection_by_a_test_of_these_very_credentials(self):
        self.fill_in()
        self.voicebox.reply = (401, "", {})
        connection = self.env["voicebox.connection"].with_user(self.admin)
        connection.try_credentials()
        self.assertNotIn("connection", self.done())
        self.connect()
        self.assertIn("connection", self.done())
        self.new.voicebox_password = "another"
        self.assertNotIn("connection", self.done())

    def test_what_was_tested_before_it_was_saved_is_not_tested_twice(self):
        typed = {
            "voicebox_url": self.voicebox.url,
            "voicebox_login": "new",
            "voicebox_password": "not-a-secret",
            "voicebox_method": METHOD,
        }
        self.voicebox.reply = REFUSED
        connection = self.env["voicebox.connection"].with_user(self.admin)
        connection.try_credentials(typed)
        self.assertFalse(self.new.voicebox_password)
        self.assertNotIn("connection", self.done())
        self.new.write(typed)
        self.assertIn("connection", self.done())

    def test_credentials_that_are_refused_later_are_no_longer_accepted(self):
        self.fill_in()
        self.connect()
        channel = self.env["voicebox.channel"]._channel_of(self.new)
        channel._pause_for_settings("HTTP 401")
        self.assertNotIn("connection", self.done())

    def test_an_accepted_call_proves_the_credentials(self):
        self.visit(self.patient())
        self.call()
        self.assertIn("connection", self.done(self.company))

    def test_a_fingerprint_tells_nothing(self):
        self.fill_in()
        self.connect()
        channel = self.env["voicebox.channel"]._channel_of(self.new)
        for secret in ("not-a-secret", "new", METHOD):
            self.assertNotIn(secret, channel.accepted_credentials)

    def test_scenario_by_what_has_come_in(self):
        self.report(*REPORTS[:-1])
        step = self.steps()["scenario"]
        self.assertFalse(step.done)
        self.assertIn("5 of 6", step.sentence)
        self.assertEqual(step.parts[-1], ("Answering machine", False))
        self.report("machine", company=self.company)
        self.assertFalse(self.steps()["scenario"].done, "with another's secret")
        self.report("5")
        self.assertFalse(self.steps()["scenario"].done, "means no answer")
        self.report(" Machine ")
        self.assertTrue(self.steps()["scenario"].done)

    def test_wrong_secrets_are_told(self):
        hour = self.now.replace(minute=0)
        self.env["voicebox.tally"].create({"kind": "refused", "hour": hour, "count": 1})
        self.assertIn("wrong secret: 1.", self.steps()["scenario"].sentence)

    def test_specialists(self):
        user = self.name_a_specialist()
        step = self.steps()["specialists"]
        self.assertTrue(step.done)
        self.assertIn(user.name, step.sentence)
        user.active = False
        self.assertFalse(self.steps()["specialists"].done)

    def test_choices_are_somebody_s(self):
        self.page().confirm_choices()
        self.assertEqual(self.done(), {"choices"})
        self.new.reminder_calendar_id = self.env["resource.calendar"].create(
            {"name": "Never", "attendance_ids": [(5,)]}
        )
        self.assertIn("no hour to call in", self.steps()["choices"].sentence)
        self.assertEqual(self.done(), set())

    def test_a_call_that_was_picked_up(self):
        self.report("answered")
        self.assertNotIn("test_call", self.done())
        attempt = self.test_attempt()
        self.assertNotIn("test_call", self.done())
        self.assertIn("not picked up", self.steps()["test_call"].sentence)
        self.report("answered", guid=attempt.guid)
        self.assertIn("test_call", self.done())

    def test_a_branch_has_it_from_above(self):
        self.do_all()
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.new.id}
        )
        self.assertEqual(self.done(branch), set(STEPS) - {"specialists"})

    # === The page === #
    def test_all_done_and_live(self):
        self.do_all()
        self.assertEqual(self.done(), set(STEPS))
        page = self.page().go_live()
        self.assertEqual(self.new.voicebox_mode, "live")
        self.assertEqual(page["done"], 7)
        (line,) = page["history"]
        self.assertEqual((line["undone"], line["reason"]), ("", ""))

    def test_it_leaves_the_menu_and_can_be_called_back(self):
        menu = "clinic_voicebox_reminder.clinic_first_steps_menu"
        self.assertIn(menu, self.menus())
        self.env["res.company"].search([]).reminder_first_steps = False
        self.assertNotIn(menu, self.menus())
        self.assertEqual(self.page().get_progress(), [])
        self.page().show(True)
        self.assertIn(menu, self.menus())
        self.do_all()
        self.page().go_live()
        self.assertNotIn(menu, self.menus())

    def menus(self):
        menus = self.env["ir.ui.menu"].with_user(self.admin).load_menus(False)
        return {menu.get("xmlid") for menu in menus.values()}

    def test_only_for_who_reaches_the_settings(self):
        for user in (self.desk, self.outsider):
            page = self.page(user)
            self.assertEqual(page.get_progress(), [])
            for method in (
                page.get_page,
                page.confirm_choices,
                page.go_live,
                lambda page=page: page.show(False),
            ):
                with self.assertRaises(AccessError):
                    method()
        self.assertFalse(self.new.reminder_chosen_at)


@tagged("post_install", "-at_install")
class TestGoingLive(FirstStepsCase):
    def last(self):
        return self.env["clinic.going.live"].search(
            [("company_id", "=", self.new.id)], limit=1
        )

    def assertAsks(self, door):
        """The door lets nobody through without a reason, and writes the reason down."""
        for reason in ("", "  "):
            with self.assertRaisesRegex(UserError, "Scenario built.*give a reason"):
                with self.env.cr.savepoint():
                    door(reason)
        self.assertEqual(self.new.voicebox_mode, "disabled")
        self.assertFalse(self.last())
        door("MTT builds the scenario tonight")
        self.assertEqual(self.new.voicebox_mode, "live")
        self.assertEqual(self.last().user_id, self.admin)
        self.assertEqual(self.last().moment, self.now)
        self.assertEqual(self.last().reason, "MTT builds the scenario tonight")
        self.assertIn("Scenario built", self.last().undone)
        self.assertNotIn("Campaign", self.last().undone)

    def setUp(self):
        super().setUp()
        self.fill_in()

    def settings(self, **vals):
        settings = self.env["res.config.settings"].with_user(self.admin)
        return settings.with_context(lang="en_US").create(vals)

    def test_first_steps_ask(self):
        self.assertAsks(lambda reason: self.page().go_live(reason))

    def test_settings_ask(self):
        self.assertAsks(
            lambda reason: self.settings(
                voicebox_mode="live", voicebox_live_reason=reason
            ).execute()
        )

    def test_whoever_writes_on_the_company_is_asked(self):
        company = self.new.with_user(self.admin).with_context(lang="en_US")
        self.assertAsks(
            lambda reason: company.write(
                {"voicebox_mode": "live", "voicebox_live_reason": reason}
            )
        )

    def test_whoever_makes_a_live_company_is_asked(self):
        companies = self.env["res.company"].with_user(self.admin)
        vals = {
            "name": "Made live",
            "country_id": self.env.ref("base.ru").id,
            "voicebox_mode": "live",
        }
        with self.assertRaises(UserError), self.env.cr.savepoint():
            companies.with_context(lang="en_US").create({**vals})
        made = companies.create({**vals, "voicebox_live_reason": "a trial"})
        found = self.env["clinic.going.live"].search([("company_id", "=", made.id)])
        self.assertEqual(found.reason, "a trial")

    def test_programs_are_noted(self):
        self.new.voicebox_mode = "live"
        self.assertIn("Scenario built", self.last().undone)
        self.assertFalse(self.last().reason)

    def test_who_is_live_is_not_asked_again(self):
        self.new.voicebox_mode = "live"
        known = self.last()
        self.settings(voicebox_mode="live", reminder_max_calls=2).execute()
        self.page().go_live()
        self.assertEqual(self.last(), known)

    def test_where_all_is_done_nobody_is_asked(self):
        self.do_all()
        self.settings(voicebox_mode="live").execute()
        self.assertEqual(self.last().user_id, self.admin)
        self.assertFalse(self.last().undone)

    def test_no_reason_stands_for_the_means_to_call(self):
        self.new.voicebox_login = False
        with self.assertRaisesRegex(ValidationError, "fill in: Login"):
            self.page().go_live("all the same")
        self.assertEqual(self.new.voicebox_mode, "disabled")

    def test_nobody_forges_the_book(self):
        self.new.voicebox_mode = "live"
        book = self.last().with_user(self.admin)
        for forge in (lambda: book.write({"reason": "x"}), book.unlink):
            with self.assertRaises(AccessError):
                forge()

    def test_seen_afterwards(self):
        self.page().go_live("MTT builds the scenario tonight")
        page = self.env["clinic.reminder.health.page"].with_user(self.admin).create({})
        for content in (page.content, str(self.page().get_page()["history"])):
            self.assertIn("MTT builds the scenario tonight", content)
            self.assertIn("Scenario built", content)


@tagged("post_install", "-at_install")
class TestSettingsInTwoLayers(DeskCase):
    def arch(self):
        view = self.env["res.config.settings"].with_user(self.admin).get_view()
        form = etree.fromstring(view["arch"])
        return form.xpath("//app[@name='clinic_voicebox_reminder']")[0]

    def test_what_everybody_sets_is_fewer_than_ten_things(self):
        first = self.arch().xpath(".//setting[not(ancestor::details)]")
        self.assertLess(len(first), 10)
        names = {setting.get("id") for setting in first}
        needed = {"voicebox_mode", "voicebox_credentials", "reminder_calendar_id"}
        self.assertLessEqual(needed | {"reminder_tz", "reminder_consent_mode"}, names)

    def test_nothing_is_lost(self):
        shown = set(self.arch().xpath(".//field/@name"))
        settings = self.env["res.config.settings"]._fields
        ours = {n for n in settings if n.startswith(("reminder_", "voicebox_"))}
        self.assertEqual(ours - shown, set())

    def test_first_steps_lead_to_settings_that_are_there(self):
        ids = set(self.arch().xpath(".//setting/@id"))
        steps = self.env["clinic.first.steps"]._steps(self.company)
        led_to = {step.setting for step in steps if step.setting}
        self.assertEqual(led_to - ids, set())
        for step in steps:
            if step.action:
                self.assertTrue(self.env.ref(step.action))
