"""What the front desk and the manager see and press."""

from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import NOW, ReminderCase

USER = "clinic_voicebox_reminder.group_user"
ADMINISTRATOR = "clinic_voicebox_reminder.group_administrator"
SETTINGS_MODELS = (
    "res.config.settings",
    "voicebox.method",
    "voicebox.scenario.guide",
    "voicebox.test.call",
)


class DeskCase(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(cls.env, "desk-of-the-tests", groups=USER)
        cls.admin = new_test_user(
            cls.env,
            "administrator-of-the-tests",
            groups=f"{ADMINISTRATOR},base.group_system",
        )
        cls.outsider = new_test_user(cls.env, "outsider-of-the-tests")

    def as_desk(self, records):
        return records.with_user(self.desk).with_context(lang="en_US")

    def planned(self, **vals):
        """A visit in two days, its call planned for tomorrow."""
        event = self.visit(self.patient(), start=NOW + timedelta(days=2), **vals)
        self.run_cron("plan")
        return event


@tagged("post_install", "-at_install")
class TestViews(DeskCase):
    def actions(self):
        ids = self.env["ir.model.data"].search(
            [
                ("module", "=", "clinic_voicebox_reminder"),
                ("model", "=", "ir.actions.act_window"),
            ]
        )
        return self.env["ir.actions.act_window"].browse(ids.mapped("res_id"))

    def open(self, action, user):
        """What the web client does to open an action."""
        model = self.env[action.res_model].with_user(user)
        views = [*action.views, (action.search_view_id.id, "search")]
        model.get_views(views, {"action_id": action.id})
        if not model._transient:
            domain = safe_eval(action.domain or "[]", {"uid": user.id})
            model.search(domain, limit=1)

    def test_every_action_opens(self):
        self.planned()
        self.assertGreater(len(self.actions()), 10)
        for action in self.actions():
            with self.subTest(action=action.xml_id):
                self.open(action, self.admin)

    def test_front_desk_opens_all_but_settings(self):
        for action in self.actions():
            forbidden = (
                *SETTINGS_MODELS,
                "voicebox.channel",
                "clinic.reminder.erasure",
                "clinic.reminder.health.page",
                "clinic.reminder.take.over",
                "clinic.visit.report",
            )
            if action.res_model in forbidden:
                continue
            with self.subTest(action=action.xml_id):
                self.open(action, self.desk)

    def test_front_desk_has_no_settings(self):
        for model in SETTINGS_MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.desk).create({})

    def test_menus(self):
        def seen(user):
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            return {menu.get("xmlid") for menu in menus.values()}

        prefix = "clinic_voicebox_reminder."
        self.assertIn(f"{prefix}clinic_reminder_call_menu_work_list", seen(self.desk))
        self.assertNotIn(f"{prefix}clinic_reminder_menu_config", seen(self.desk))
        self.assertIn(f"{prefix}res_config_settings_menu", seen(self.admin))
        self.assertNotIn(f"{prefix}clinic_reminder_menu_root", seen(self.outsider))

    def test_other_users_keep_their_calendar_and_contacts(self):
        event = self.planned()
        views = [(False, kind) for kind in ("form", "list", "calendar", "search")]
        self.env["calendar.event"].with_user(self.outsider).get_views(views)
        self.env["res.partner"].with_user(self.outsider).get_views([(False, "form")])
        seen = event.with_user(self.outsider).read(
            ["visit_status", "reminder_explanation", "reminder_preview"]
        )[0]
        self.assertIn("Will be called", seen["reminder_explanation"])

    def test_filters(self):
        self.planned()
        for model in ("calendar.event", "clinic.reminder.call", "voicebox.callback"):
            xmlid = f"clinic_voicebox_reminder.{model.replace('.', '_')}_view_search"
            arch = self.as_desk(self.env[model]).get_view(
                self.env.ref(xmlid).id, "search"
            )["arch"]
            self.assertIn("<filter", arch)
            for domain in self.domains(arch):
                with self.subTest(model=model, domain=domain):
                    self.as_desk(self.env[model]).search(domain)

    def domains(self, arch):
        for node in etree.fromstring(arch).xpath("//filter[@domain]"):
            yield safe_eval(node.get("domain"), {"uid": self.desk.id})

    def test_by_the_number_that_calls_back(self):
        event = self.as_desk(self.planned())
        reminder = self.as_desk(self.reminder_of(event))
        for shown in (
            "+12025550101",
            "12025550101",
            "+1 (202) 555-01-01",
            "202-555-0101",
            "0101",
        ):
            with self.subTest(shown=shown):
                self.assertTrue(self.found(event, "patient_phone", shown))
                self.assertTrue(self.found(reminder, "patient_search", shown))
        for strange in ("+12025550177", "no digits", "01"):
            with self.subTest(strange=strange):
                self.assertFalse(self.found(event, "patient_phone", strange))
                self.assertFalse(self.found(reminder, "patient_search", strange))

    def found(self, record, name, shown):
        return record.search([("id", "=", record.id), (name, "ilike", shown)])

    def test_the_national_prefix_does_not_matter(self):
        event = self.visit(self.patient(phone="8 (202) 555-01-09"))
        self.assertTrue(self.found(event, "patient_phone", "+12025550109"))


@tagged("post_install", "-at_install")
class TestVisitForm(DeskCase):
    def test_the_patient_gives_the_visit_its_title(self):
        with Form(self.as_desk(self.env["calendar.event"])) as form:
            form.patient_id = self.patient()
            self.assertEqual(form.name, "Иванова Валерия Сергеевна")
        with Form(self.as_desk(self.env["calendar.event"])) as form:
            form.name = "Gastroscopy"
            form.patient_id = self.patient()
        self.assertEqual(form.record.name, "Gastroscopy")

    def test_the_status_bar(self):
        event = self.planned()
        with Form(self.as_desk(event)) as form:
            form.visit_status = "confirmed"
        self.assertEqual(event.visit_status, "confirmed")
        self.assertEqual(event.visit_status_origin, "staff")

    def test_call_now(self):
        event = self.planned()
        self.as_desk(event).action_reminder_call_now()
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.requested_by_id, self.desk)
        self.assertLess(reminder.next_call_at, NOW + timedelta(minutes=1))

    def test_call_now_before_the_plan_has_run(self):
        event = self.visit(self.patient(), start=NOW + timedelta(days=2))
        self.as_desk(event).action_reminder_call_now()
        self.assertEqual(self.reminder_of(event).state, "planned")

    def test_call_now_says_why_not(self):
        event = self.visit(self.patient(phone=False))
        with self.assertRaisesRegex(UserError, "no phone number"):
            self.as_desk(event).action_reminder_call_now()

    def test_do_not_call(self):
        for event in (self.planned(), self.visit(self.patient(ordinal=2))):
            self.as_desk(event).action_reminder_skip()
            reminder = self.reminder_of(event)
            self.assertEqual(len(reminder), 1)
            self.assertEqual(reminder.skip_reason, "staff")
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).state, "skipped")

    def test_attendance_of_many(self):
        meeting = self.visit(self.env["res.partner"])
        events = self.planned() | meeting
        self.as_desk(events).action_visit_no_show()
        self.assertEqual(events[0].visit_status, "no_show")
        self.assertEqual(meeting.visit_status, "booked")
        self.as_desk(events).action_visit_done()
        self.assertEqual(events[0].visit_status, "done")


@tagged("post_install", "-at_install")
class TestManualCall(DeskCase):
    def note(self, result, **vals):
        """Fill in the wizard as the front desk does."""
        wizard = self.as_desk(self.env["clinic.reminder.manual.call"])
        with Form(wizard.with_context(**vals)) as form:
            form.result = result
            form.note = "rang the son"
        return form.record.action_note()

    def on_work_list(self):
        event = self.planned()
        reminder = self.reminder_of(event)
        reminder._skip("bad_phone")
        return event, reminder

    def test_results(self):
        expected = {
            "confirmed": ("confirmed", "accepted"),
            "declined": ("cancelled", "declined"),
            "reschedule": ("reschedule", "needsAction"),
        }
        for ordinal, (result, (status, invitation)) in enumerate(expected.items(), 1):
            with self.subTest(result=result):
                event = self.visit(
                    self.patient(ordinal=ordinal), start=NOW + timedelta(days=2)
                )
                self.run_cron("plan")
                reminder = self.reminder_of(event)
                self.note(result, default_reminder_id=reminder.id)
                self.assertEqual(event.visit_status, status)
                self.assertEqual(event.visit_status_origin, "staff")
                self.assertEqual(reminder.skip_reason, "staff")
                attendee = event.attendee_ids.filtered(
                    lambda a, event=event: a.partner_id == event.patient_id
                )
                self.assertEqual(attendee.state, invitation)

    def test_a_note_for_both(self):
        event, reminder = self.on_work_list()
        self.note("confirmed", default_reminder_id=reminder.id)
        self.assertFalse(reminder.needs_attention)
        for record in (event, reminder):
            message = record.message_ids.filtered("body")[:1]
            self.assertIn("will come. rang the son", message.body)
            self.assertEqual(message.author_id, self.desk.partner_id)

    def test_from_the_visit(self):
        event = self.planned()
        self.note("declined", default_event_id=event.id)
        self.assertEqual(event.visit_status, "cancelled")
        self.assertEqual(self.reminder_of(event).state, "skipped")

    def test_not_reached_leaves_the_rest_to_the_robot(self):
        event = self.planned()
        reminder = self.reminder_of(event)
        self.note("not_reached", default_reminder_id=reminder.id)
        self.assertEqual(reminder.state, "planned")
        self.assertEqual(event.visit_status, "booked")

    def test_not_reached_stays_on_the_work_list(self):
        event, reminder = self.on_work_list()
        self.note("not_reached", default_reminder_id=reminder.id)
        self.assertTrue(reminder.needs_attention)
        self.assertEqual(event.visit_status, "not_confirmed")

    def test_not_reached_may_leave_the_work_list(self):
        _event, reminder = self.on_work_list()
        wizard = self.as_desk(self.env["clinic.reminder.manual.call"])
        wizard.create(
            {
                "reminder_id": reminder.id,
                "result": "not_reached",
                "keep_on_list": False,
            }
        ).action_note()
        self.assertFalse(reminder.needs_attention)

    def test_a_deleted_visit_keeps_the_note(self):
        event, reminder = self.on_work_list()
        event.unlink()
        self.note("confirmed", default_reminder_id=reminder.id)
        self.assertFalse(reminder.needs_attention)
        self.assertIn("will come", reminder.message_ids.filtered("body")[:1].body)

    def test_another_company_is_out_of_reach(self):
        _event, reminder = self.on_work_list()
        reminder.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.note("confirmed", default_reminder_id=reminder.id)
