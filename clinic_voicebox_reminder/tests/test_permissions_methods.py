"""Which methods can be called from outside, by whom, and what they can't be made to do.

Laws 8 and 9: what staff and robot have decided can't be passed off as the other's, and
one clinic's calls are out of the other's reach.
"""

import ast
from itertools import product
from pathlib import Path

from odoo.exceptions import UserError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import administrator, controllers, front_desk, manager, models, wizards
from .permissions import MODULE, PermissionCase, RemotePermissionCase

# every method of the addon's that can be called from outside, by model; all but Odoo's
# own CRUD are buttons
PUBLIC = {
    "calendar.attendee": "create unlink write",
    "calendar.event": "action_choose_time action_open_visit action_rebook "
    "action_reminder_call_now action_reminder_skip action_view_reminder_calls "
    "action_visit_done action_visit_no_show copy_data create get_free_times init "
    "onchange unlink write",
    "clinic.live": "create unlink write",
    "clinic.reminder.cached": "create unlink write",
    "clinic.reminder.attempt": "write",
    "clinic.reminder.errand": "create",
    "clinic.reminder.call": "action_call_now action_correct_number "
    "action_done_by_staff action_open_visit action_rebook action_release action_skip "
    "action_snooze action_take action_write_on_visit get_free_times get_work_counts "
    "write",
    "clinic.reminder.undo": "action_undo",
    "clinic.reminder.erasure": "action_erase",
    "clinic.reminder.manual.call": "action_note",
    "clinic.reminder.patient.entry": "action_keep default_get make_from",
    "clinic.reminder.take.over": "action_take_over",
    "clinic.day.sheet": "action_print",
    "clinic.call.report": "action_open",
    "clinic.visit.report": "action_open",
    "clinic.visit.board": "get_day",
    "clinic.visit.move": "move_visit",
    "clinic.week": "get_export get_rows get_week",
    "clinic.reminder.wording": "create unlink write",
    "phone.blacklist": "create unlink write",
    "res.company": "create write",
    "clinic.first.steps.page": "confirm_choices get_page get_progress go_live show",
    "clinic.reminder.health.page": "action_resume",
    "res.config.settings": "action_voicebox_new_secret action_voicebox_resume "
    "set_values",
    "res.partner": "action_book_visit action_correct_patient "
    "action_export_reminder_calls action_view_reminder_calls create name_search "
    "reminder_find_patients unlink write",
    "res.users": "write",
    "resource.calendar": "write",
    "resource.calendar.attendance": "create unlink write",
    "resource.calendar.leaves": "create unlink write",
    "voicebox.callback": "action_process_again",
    "voicebox.channel": "action_resume get_calling_notice",
    "voicebox.connection": "try_credentials",
    "voicebox.test.call": "action_call",
}
FRONT_DESK = {"desk", "administrator", "owner"}
MANAGERS = {"administrator", "owner"}
STAFF = {"staff", "rights", "desk", "administrator", "system", "owner"}
EVERYBODY = {"public", "portal", *STAFF}
# who may press a button
BUTTONS = {
    "clinic.reminder.call": {
        "action_call_now": FRONT_DESK,
        "action_correct_number": FRONT_DESK,
        "action_rebook": FRONT_DESK,
        "action_release": FRONT_DESK,
        "action_skip": FRONT_DESK,
        "action_snooze": FRONT_DESK,
        "action_take": FRONT_DESK,
        "get_free_times": FRONT_DESK,
        "action_done_by_staff": FRONT_DESK,
        "action_open_visit": FRONT_DESK,
        "action_write_on_visit": FRONT_DESK,
    },
    "calendar.event": {
        "action_rebook": FRONT_DESK,
        "get_free_times": FRONT_DESK,
        "action_reminder_call_now": FRONT_DESK,
        "action_reminder_skip": FRONT_DESK,
        "action_visit_done": STAFF,
        "action_visit_no_show": STAFF,
    },
    "clinic.reminder.manual.call": {"action_note": FRONT_DESK},
    "clinic.reminder.patient.entry": {"action_keep": FRONT_DESK},
    "clinic.reminder.undo": {"action_undo": FRONT_DESK},
    "clinic.day.sheet": {"action_print": FRONT_DESK},
    "clinic.visit.report": {"action_open": MANAGERS},
    "clinic.call.report": {"action_open": MANAGERS},
    "clinic.reminder.erasure": {"action_erase": {"administrator", "owner"}},
    "clinic.reminder.take.over": {"action_take_over": {"system", "owner"}},
    "clinic.reminder.health.page": {"action_resume": {"administrator", "owner"}},
    "voicebox.callback": {"action_process_again": {"administrator", "owner"}},
    "voicebox.channel": {"action_resume": {"administrator", "owner"}},
    "voicebox.test.call": {"action_call": {"system", "owner"}},
    "res.config.settings": {
        "action_voicebox_new_secret": {"system", "owner"},
        "action_voicebox_resume": {"system", "owner"},
        "set_values": {"system", "owner"},
    },
}
# what the buttons of a row are pressed with
ARGUMENTS = {
    "action_correct_number": ["+12025550109"],
    "action_rebook": ["2030-06-06 09:00:00", 0],
    "action_snooze": [15],
}
# these only say where to look: there, rights are checked
SIGNPOSTS = {
    "calendar.event": {
        "action_choose_time",
        "action_open_visit",
        "action_view_reminder_calls",
    },
    "res.partner": {
        "action_book_visit",
        "action_correct_patient",
        "action_export_reminder_calls",
        "action_view_reminder_calls",
    },
    "voicebox.channel": {"get_calling_notice"},
    "clinic.reminder.call": {"get_work_counts"},
}
# these answer a text, and need no record
ASKED = {
    "clinic.reminder.patient.entry": {"make_from"},
    "res.partner": {"reminder_find_patients"},
}
CRUD = {
    "copy_data",
    "create",
    "default_get",
    "init",
    "name_search",
    "onchange",
    "write",
    "unlink",
}
COUNTS = {"get_calling_notice", "get_work_counts"}
# the day board's; a desk sees and moves what is its clinic's (test_visit_board.py)
BOARD = {"clinic.visit.board": {"get_day"}, "clinic.visit.move": {"move_visit"}}
# the administrator's pages (test_first_steps.py, test_settings.py)
PAGES = {
    "clinic.first.steps.page": {
        "confirm_choices",
        "get_page",
        "get_progress",
        "go_live",
        "show",
    },
    "voicebox.connection": {"try_credentials"},
}
# the manager's page (test_manager.py)
WEEK = {"clinic.week": {"get_export", "get_rows", "get_week"}}


def defined_here(env):
    """The public methods that the addon's classes define, by model."""
    found = {}
    for model in env.registry.values():
        for base in model.mro():
            if base.__module__.startswith(MODULE) and "_name" in vars(base):
                found.setdefault(base._name, set()).update(public_names(base))
    return {name: methods for name, methods in found.items() if methods}


def public_names(definition):
    return {
        name
        for name, value in vars(definition).items()
        if not name.startswith("_")
        and callable(value)
        and not getattr(value, "_api_private", False)
    }


@tagged("post_install", "-at_install")
class TestMethods(PermissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine |= {"res.config.settings": cls.env["res.config.settings"].create({})}

    def test_every_public_method_is_thought_of(self):
        self.maxDiff = None
        known = {model: set(names.split()) for model, names in PUBLIC.items()}
        self.assertEqual(defined_here(self.env), known)
        for model, names in known.items():
            tried = set(BUTTONS.get(model, ())) | SIGNPOSTS.get(model, set())
            tried |= ASKED.get(model, set())
            tried |= BOARD.get(model, set()) | PAGES.get(model, set())
            tried |= WEEK.get(model, set())
            self.assertEqual(names - CRUD, tried, model)

    def test_all_else_is_private(self):
        for model, method in (
            ("clinic.reminder.call", "_cron_dispatch"),
            ("clinic.reminder.planner", "_plan_visits"),
            ("clinic.reminder.call", "_conclude"),
            ("clinic.reminder.attempt", "_apply_result"),
            ("voicebox.callback", "_receive"),
            ("res.company", "_voicebox_authenticate"),
            ("res.company", "_voicebox_callback_header"),
            ("calendar.event", "_take_outcome"),
        ):
            self.assertTrue(callable(getattr(self.env[model], method)))
            self.assertTrue(self.denied("owner", model, method, [1]), method)
        cron = self.env.ref("clinic_voicebox_reminder.ir_cron_dispatch").ids
        run = ("ir.cron", "method_direct_trigger", cron)
        self.assertTrue(self.denied("administrator", *run))

    def test_who_may_press_which_button(self):
        for model, buttons in BUTTONS.items():
            for button, allowed in buttons.items():
                for role in EVERYBODY:
                    with self.subTest(model=model, button=button, role=role):
                        pressed = self.pressed(role, self.record(role, model), button)
                        self.assertEqual(pressed, role in allowed)

    def test_no_button_reaches_another_clinic(self):
        """Law 9, and Odoo's wizards: of others they are as far away."""
        for model, buttons in BUTTONS.items():
            if model not in self.foreign:
                continue
            for button, allowed in buttons.items():
                for role in allowed:
                    with self.subTest(model=model, button=button, role=role):
                        record = self.foreign[model]
                        self.assertFalse(self.pressed(role, record, button))

    def test_nor_a_visit_of_a_patient_whom_the_clinics_share(self):
        self.foreign["res.partner"].company_id = False
        event = self.foreign["calendar.event"]
        for button in ("action_reminder_call_now", "action_reminder_skip"):
            for role in FRONT_DESK:
                with self.subTest(button=button, role=role):
                    self.assertFalse(self.pressed(role, event, button))

    def record(self, role, model):
        record = self.mine[model]
        if record._transient:
            self.own(record, self.users[role])
        return record

    def pressed(self, role, record, button):
        """Was it not refused? Rules of the clinic are no refusal."""
        get_public_method(record, button)
        try:
            arguments = ARGUMENTS.get(button, ())
            return not self.denied(role, record._name, button, record.ids, *arguments)
        except UserError:
            return True

    def test_signposts_show_nothing_and_change_nothing(self):
        for model, names in SIGNPOSTS.items():
            for name in names - COUNTS:
                for role in EVERYBODY:
                    action = self.rpc(role, model, name, self.mine[model].ids)
                    self.assertIn("type", action)
                    self.assertNotIn("Иванова", str(action))

    def test_who_may_ask(self):
        for model, names in ASKED.items():
            for name in names:
                for role in EVERYBODY:
                    with self.subTest(model=model, name=name, role=role):
                        denied = self.denied(role, model, name, "Иванова 0101")
                        self.assertEqual(denied, role not in FRONT_DESK)

    def test_the_counts_are_the_front_desk_s(self):
        """Of its own clinic's work."""
        for records in (self.mine, self.foreign):
            records["clinic.reminder.call"].attention_kind = "number"
        arguments = ("clinic.reminder.call", "get_work_counts")
        for role in EVERYBODY:
            with self.subTest(role=role):
                self.assertEqual(self.denied(role, *arguments), role not in FRONT_DESK)
        self.assertEqual(self.rpc("desk", *arguments), {"number": 1})

    def test_the_notice_is_for_staff(self):
        self.company.voicebox_mode = "test"
        for role in EVERYBODY:
            notice = self.rpc(role, "voicebox.channel", "get_calling_notice")
            self.assertEqual(bool(notice), role in STAFF, role)
            self.assertNotIn(self.other.name, notice)
        context = {"allowed_company_ids": [self.other.id]}
        arguments = ("owner", "voicebox.channel", "get_calling_notice")
        self.assertTrue(self.denied(*arguments, context=context))

    def test_the_board_is_the_front_desk_s(self):
        event = self.mine["calendar.event"]
        only_ask = (event.id, "2030-06-07T12:00:00", self.specialist.id)
        for role in EVERYBODY:
            with self.subTest(role=role):
                board = self.denied(role, "clinic.visit.board", "get_day")
                move = self.denied(role, "clinic.visit.move", "move_visit", *only_ask)
                self.assertEqual([not board, not move], [role in FRONT_DESK] * 2)

    def test_the_week_is_the_manager_s(self):
        asked = {
            "get_export": [False],
            "get_rows": [False, "now", "no_show", "part"],
            "get_week": [],
        }
        for role, (name, arguments) in product(EVERYBODY, asked.items()):
            with self.subTest(role=role, name=name):
                denied = self.denied(role, "clinic.week", name, *arguments)
                self.assertEqual(denied, role not in MANAGERS)

    # === What nobody can pretend === #
    def test_nobody_writes_in_the_robot_s_name(self):
        """Law 8: or a person's decision would give way to the robot's."""
        event = self.mine["calendar.event"]
        forged = {"visit_status": "confirmed", "visit_status_origin": "reminder"}
        for role in STAFF:
            with self.subTest(role=role), self.undone():
                self.rpc(role, "calendar.event", "write", event.ids, forged)
                self.assertEqual(event.visit_status_origin, "staff")
                self.assertEqual(event.visit_status, "confirmed")

    def test_nor_in_a_new_visit(self):
        new = {
            "name": "x",
            "start": "2030-06-07 09:00:00",
            "stop": "2030-06-07 10:00:00",
        }
        forged = {"visit_status": "confirmed", "visit_status_origin": "reminder"}
        defaults = {f"default_{name}": value for name, value in forged.items()}
        for vals, context in (({**new, **forged}, {}), (new, defaults)):
            (made,) = self.rpc(
                "desk", "calendar.event", "create", [vals], context=context
            )
            event = self.env["calendar.event"].browse(made)
            self.assertEqual(event.visit_status, "confirmed")
            self.assertEqual(event.visit_status_origin, "staff")

    def test_the_robot_itself_still_does(self):
        event = self.mine["calendar.event"]
        event.write({"visit_status": "confirmed", "visit_status_origin": "reminder"})
        self.assertEqual(event.visit_status_origin, "reminder")
        self.rpc("desk", "calendar.event", "write", event.ids, {"name": "Gastroscopy"})
        self.assertEqual(event.visit_status_origin, "reminder")

    def test_computed_fields_are_not_written(self):
        event = self.mine["calendar.event"]
        names = ["reminder_explanation", "reminder_preview", "calling_notice"]
        names += ["patient_phone", "visit_status_color", "reminder_call_count"]
        before = event.read(names)
        forged = dict.fromkeys(names[:4], "forged") | dict.fromkeys(names[4:], 77)
        self.rpc("desk", "calendar.event", "write", event.ids, forged)
        self.env.invalidate_all()
        self.assertEqual(event.read(names), before)

    def test_reminders_are_not_written_through_visit_or_patient(self):
        """Laws 2 and 9: the calls made are not to be taken away, nor lent."""
        reminder, foreign = (
            records["clinic.reminder.call"] for records in (self.mine, self.foreign)
        )
        new = {"visit_start": "2030-06-07 09:00:00", "company_id": self.company.id}
        commands = [
            [(0, 0, new)],
            [(1, reminder.id, {"state": "done"})],
            [(2, reminder.id)],
            [(3, reminder.id)],
            [(5,)],
            [(6, 0, [])],
            [(4, foreign.id)],
            [(1, foreign.id, {"state": "done"})],
        ]
        for model in ("calendar.event", "res.partner"):
            self.users["desk"].group_ids += self.env.ref("base.group_partner_manager")
            for command in commands:
                with self.subTest(model=model, command=command):
                    vals = {"reminder_call_ids": command}
                    ids = self.mine[model].ids
                    self.assertTrue(self.denied("desk", model, "write", ids, vals))

    def test_the_trace_of_a_consent_is_no_one_s_to_write(self):
        """Law 3: consent has to be provable, with who recorded it and when."""
        role, clerk = "staff", self.users["staff"]
        clerk.group_ids += self.env.ref("base.group_partner_manager")
        forged = {
            "reminder_consent_date": "2001-01-01 00:00:00",
            "reminder_consent_user_id": self.users["owner"].id,
        }
        patient = self.env["res.partner"].create({"name": "Петрова"})
        self.rpc(role, "res.partner", "write", patient.ids, forged)
        self.assertFalse(patient.reminder_consent_date)
        self.assertFalse(patient.reminder_consent_user_id)
        given = {"reminder_consent": "given", **forged}
        self.rpc(role, "res.partner", "write", patient.ids, given)
        self.assertTraced(patient, clerk)
        defaults = {f"default_{name}": value for name, value in given.items()}
        for vals, context in ((given, {}), ({}, defaults)):
            (made,) = self.rpc(
                role, "res.partner", "create", [{"name": "x", **vals}], context=context
            )
            self.assertTraced(patient.browse(made), clerk)

    def assertTraced(self, patient, clerk):
        self.assertEqual(patient.reminder_consent, "given")
        self.assertEqual(patient.reminder_consent_user_id, clerk)
        self.assertEqual(patient.reminder_consent_date.year, self.now.year)

    def test_the_context_opens_no_door(self):
        """A client sends what context it likes: none of its keys may decide.

        A calendar sync's own can only keep an event from becoming a visit, that of
        Odoo's reminders only a mail or SMS from a patient who needs none, a patient's
        field's tell how contacts are searched, shown and proposed; when a visit is to
        be is only proposed to whoever books it.
        """
        odoos_own = {"active_id", "dont_notify", "lastcall"}
        fields_own = {"clinic_patient", "clinic_patient_text", "formatted_display_name"}
        proposals = {"default_start", "default_stop"}
        self.assertEqual(context_keys(), odoos_own | fields_own | proposals)


def context_keys():
    """Keys that the addon reads from a context, found in its sources."""
    sources = (
        path
        for package in (
            administrator,
            controllers,
            front_desk,
            manager,
            models,
            wizards,
        )
        for path in Path(package.__file__).parent.glob("*.py")
    )
    return {
        key for path in sources for key in keys_read(ast.parse(path.read_text("utf-8")))
    }


def keys_read(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_context(node.value):
            yield from (n for n in [node.attr] if n != "get")
        if isinstance(node, ast.Subscript) and is_context(node.value):
            yield ast.unparse(node.slice)
        if isinstance(node, ast.Compare) and any(map(is_context, node.comparators)):
            yield ast.literal_eval(node.left)
        if isinstance(node, ast.Call) and is_context(getattr(node.func, "value", None)):
            yield ast.literal_eval(node.args[0])


def is_context(node):
    return isinstance(node, ast.Attribute) and node.attr in ("context", "_context")


@tagged("post_install", "-at_install")
class TestRemoteMethods(RemotePermissionCase):
    """The other doors that Odoo has for programs."""

    def setUp(self):
        super().setUp()
        self.keys = {
            role: self.key_of(self.users[role]) for role in ("desk", "staff", "owner")
        }

    def key_of(self, user):
        keys = self.env["res.users.apikeys"].with_user(user)
        return keys.sudo()._generate("rpc", "tests", None)

    def json2(self, role, model, method, **arguments):
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        path = f"/json/2/{model}/{method}"
        reply = self.url_open(path, json=arguments, headers=headers)
        self.env.invalidate_all()
        return reply

    @mute_logger("odoo.http")
    def test_json2(self):
        calls = "clinic.reminder.call"
        ids = self.mine[calls].ids
        found = self.json2("desk", calls, "search_read", domain=[], fields=["state"])
        self.assertEqual([row["id"] for row in found.json()], ids)
        for role, model, method, arguments in (
            ("staff", calls, "search_read", {"domain": [], "fields": ["state"]}),
            ("desk", calls, "write", {"ids": ids, "vals": {"state": "done"}}),
            ("desk", calls, "read", {"ids": self.foreign[calls].ids, "fields": []}),
            ("desk", calls, "action_skip", {"ids": self.foreign[calls].ids}),
            ("staff", calls, "action_skip", {"ids": ids}),
            (
                "desk",
                "res.company",
                "read",
                {"ids": self.company.ids, "fields": ["voicebox_password"]},
            ),
            ("owner", calls, "_cron_dispatch", {}),
            ("owner", "voicebox.callback", "_receive", {}),
        ):
            with self.subTest(role=role, model=model, method=method):
                reply = self.json2(role, model, method, **arguments)
                self.assertIn(reply.status_code, (403, 404))
                self.assertNotIn("not-a-secret", reply.text)
        self.assertEqual(self.mine[calls].state, "planned")
        self.assertEqual(self.foreign[calls].state, "planned")

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc")
    def test_jsonrpc_with_a_key(self):
        for role, method, arguments, refused in (
            ("desk", "search", [[]], False),
            ("staff", "search", [[]], True),
            ("desk", "write", [self.mine["clinic.reminder.call"].ids, {}], True),
            ("owner", "_cron_dispatch", [], True),
        ):
            with self.subTest(role=role, method=method):
                self.assertEqual(self.execute_kw(role, method, arguments), refused)

    def execute_kw(self, role, method, arguments):
        """Is the call refused?"""
        user, model = self.users[role], "clinic.reminder.call"
        who = [self.env.cr.dbname, user.id, self.keys[role]]
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [*who, model, method, arguments],
        }
        self.env.flush_all()
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        reply = self.url_open("/jsonrpc", json=body).json()
        name = reply.get("error", {}).get("data", {}).get("name")
        self.assertIn(name, (None, "odoo.exceptions.AccessError"))
        return bool(name)
