"""Nobody but those who reach Settings learns a credential, on whatever way.

Laws 9 and 10: who knows the secret is Voicebox; secrets stay where they are.
"""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .permissions import PermissionCase, RemotePermissionCase

SECRETS = {
    "voicebox_url": "https://unguessable.example/api",
    "voicebox_login": "unguessable-login",
    "voicebox_password": "unguessable-password",
    "voicebox_method": "0000beef-e239-11ec-0c87-fe3375dcbab9",
    "voicebox_callback_secret": "unguessable-secret",
    "voicebox_previous_secret": "unguessable-old-secret",
    "voicebox_test_numbers": "+12025550177",
}
# what else the addon keeps of Voicebox on a company
GUARDED = {
    "voicebox_live_reason",
    "voicebox_method_ids",
    "voicebox_previous_secret_until",
}
OPEN = {"voicebox_mode", "voicebox_max_lines", "voicebox_calls_per_minute"}
# of the settings alone
IN_SETTINGS = {
    "voicebox_callback_header",
    "voicebox_callback_url",
    "voicebox_callback_url_secret",
    "voicebox_goes_live",
    "voicebox_trouble",
    "voicebox_undone_steps",
}
KNOW = ("system", "owner")
DO_NOT_KNOW = ("public", "portal", "staff", "rights", "desk", "administrator")
# one field is tried by everybody, the others by those who come closest
BY_EVERYBODY = "voicebox_password"
CLOSEST = ("rights", "administrator")
# a field that leads from a record to its company
WAYS = {
    "res.users": "company_id",
    "res.partner": "company_id",
    "calendar.event": "user_id.company_id",
    "clinic.reminder.call": "company_id",
    "clinic.reminder.attempt": "company_id",
    "voicebox.callback": "company_id",
    "clinic.reminder.wording": "company_id",
}


def nested(path, name):
    """A specification of web_read: a field at the end of a dotted path."""
    spec = {name: {}}
    for step in reversed(path.split(".")):
        spec = {step: {"fields": spec}}
    return spec


class CredentialCase(PermissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(SECRETS)
        cls.mine |= {"res.users": cls.specialist, "res.company": cls.company}

    def told(self, role, model, method, *args, **kwargs):
        """What comes back, an error's words included."""
        try:
            with self.undone():
                return str(self.rpc(role, model, method, *args, **kwargs))
        except UserError as error:
            return f"refused: {error}"

    def who_tries(self, name):
        return DO_NOT_KNOW if name == BY_EVERYBODY else CLOSEST

    def assertKeeps(self, role, name, told):
        self.assertNotIn(SECRETS[name], told)


@tagged("post_install", "-at_install")
class TestCredentials(CredentialCase):
    def test_every_field_is_thought_of(self):
        for model, known in (
            ("res.company", GUARDED),
            ("res.config.settings", IN_SETTINGS | GUARDED - {"voicebox_method_ids"}),
        ):
            names = {n for n in self.env[model]._fields if n.startswith("voicebox_")}
            known = {*SECRETS, *OPEN, *known}
            if model == "res.config.settings":
                known -= {"voicebox_previous_secret"}
            self.assertEqual(names, known)
            for name in names - OPEN:
                self.assertEqual(
                    self.env[model]._fields[name].groups, "base.group_system", name
                )

    def test_nobody_else_is_told_of_the_fields(self):
        hidden = {*SECRETS, *GUARDED, *IN_SETTINGS}
        for role in DO_NOT_KNOW:
            for model in ("res.company", "res.config.settings"):
                seen = self.rpc(role, model, "fields_get")
                self.assertFalse(hidden & set(seen), (role, model))

    # === Being shown === #
    def showing(self, name):
        """Calls whose answer has the value of a company's field in it."""
        company = self.company.ids
        this = [("id", "in", company)]
        yield "res.company", "read", company, [name]
        yield "res.company", "search_read", this, [name]
        yield "res.company", "web_read", company, {name: {}}
        yield "res.company", "web_search_read", this, {name: {}}
        yield "res.company", "export_data", company, [name]
        yield "res.company", "formatted_read_group", this, [name], ["__count"]
        for function in ("max", "array_agg"):
            aggregates = [f"{name}:{function}"]
            yield "res.company", "formatted_read_group", this, [], aggregates
        yield "res.company", "web_read_group", this, [name]
        for model, way in WAYS.items():
            ids = self.mine[model].ids
            column = f"{way}.{name}".replace(".", "/")
            yield model, "export_data", ids, [column]
            yield model, "web_read", ids, nested(way, name)
            within = [("id", "in", ids)]
            yield model, "web_search_read", within, nested(way, name)
            if way == "company_id":
                groups = [f"{way}.{name}"]
                yield model, "formatted_read_group", within, groups, ["__count"]

    def test_shown_to_nobody_else(self):
        for name in SECRETS:
            for call in self.showing(name):
                for role in self.who_tries(name):
                    with self.subTest(role=role, call=call):
                        self.assertKeeps(role, name, self.told(role, *call))

    def test_these_calls_do_show(self):
        """Else the test above would prove nothing."""
        silent = set()
        for name in SECRETS:
            for call in self.showing(name):
                if SECRETS[name] not in self.told("owner", *call):
                    silent.add((call[0], call[1], str(call[-2:])))
        self.assertEqual(silent, set())

    def test_not_beside_what_the_superuser_has_read(self):
        """A sentence makes the superuser read the company in the same request."""
        event = self.mine["calendar.event"]
        columns = [
            "reminder_explanation",
            "calling_notice",
            "user_id/company_id/voicebox_password",
        ]
        call = ("calendar.event", "export_data", event.ids, columns)
        self.assertIn("next call on", self.told("owner", *call))
        for role in DO_NOT_KNOW:
            self.assertKeeps(role, "voicebox_password", self.told(role, *call))

    # === Guessing === #
    def guessing(self, name, guess):
        """Calls whose answer depends on whether a guess is right."""
        terms = [(name, "=", guess), (name, "=like", f"{guess[:14]}%")]
        terms += [(name, "ilike", guess[2:]), (name, ">=", guess)]
        terms += [("id", "any", [(name, "in", [guess])])]
        for term in terms:
            yield "res.company", "search", [term]
        yield "res.company", "search_count", [terms[0]]
        yield "res.company", "name_search", "", [terms[0]]
        yield "res.company", "web_search_read", [terms[0]], {"name": {}}
        for model, way in WAYS.items():
            yield model, "search", [(f"{way}.{name}", "=", guess)]
            inner = [(name, "=", guess)]
            for step in reversed(way.split(".")):
                inner = [(step, "any", inner)]
            yield model, "search", inner
            if way == "company_id":
                arguments = {"comodel_domain": [(name, "=", guess)]}
                yield model, "search_panel_select_range", way, arguments

    def test_guessing_teaches_nothing(self):
        for name, secret in SECRETS.items():
            wrong = f"{secret[:2]}~{secret[3:]}"
            right_and_wrong = zip(
                self.guessing(name, secret), self.guessing(name, wrong), strict=True
            )
            for right_call, wrong_call in right_and_wrong:
                for role in self.who_tries(name):
                    with self.subTest(role=role, call=right_call):
                        self.assertEqual(
                            self.ask(role, right_call), self.ask(role, wrong_call)
                        )

    def ask(self, role, call):
        *call, last = call
        keywords = last if call[1] == "search_panel_select_range" else {}
        told = self.told(role, *call, *(() if keywords else (last,)), **keywords)
        return "refused" if told.startswith("refused") else told

    def test_these_guesses_do_teach(self):
        for name, secret in SECRETS.items():
            wrong = f"{secret[:2]}~{secret[3:]}"
            for right_call, wrong_call in zip(
                self.guessing(name, secret), self.guessing(name, wrong), strict=True
            ):
                with self.subTest(call=right_call):
                    right, wrong_answer = (
                        self.ask("owner", right_call),
                        self.ask("owner", wrong_call),
                    )
                    self.assertNotEqual(right, wrong_answer)
                    self.assertNotIn("refused", right)

    def test_no_order_and_no_groups_by_a_secret(self):
        self.users["staff"].company_ids += self.other
        for name in SECRETS:
            for call, keywords in (
                (("search", []), {"order": f"{name} desc"}),
                (("search_read", [], ["id"]), {"order": name}),
                (("web_search_read", [], {"id": {}}), {"order": name}),
                (
                    ("formatted_read_group", [], ["id"], ["__count"]),
                    {"having": [(f"{name}:max", ">", "a")]},
                ),
                (
                    ("formatted_read_group", [], ["id"], ["__count"]),
                    {"order": f"{name}:max"},
                ),
            ):
                with self.subTest(name=name, call=call):
                    arguments = ("res.company", *call)
                    self.assertTrue(self.denied("staff", *arguments, **keywords))
                    self.assertFalse(self.denied("owner", *arguments, **keywords))

    # === The settings, wizards and views === #
    def test_settings_and_wizards_tell_nothing_on_opening(self):
        for model, names in (
            ("res.config.settings", [*SECRETS, *IN_SETTINGS]),
            (
                "voicebox.scenario.guide",
                ["callback_header", "callback_url", "callback_url_secret"],
            ),
        ):
            names = [name for name in names if name in self.env[model]._fields]
            for role in DO_NOT_KNOW:
                told = self.told(role, model, "default_get", names)
                self.assertNotIn("unguessable", told)
                spec = dict.fromkeys(names, {})
                self.assertTrue(
                    self.denied(role, model, "onchange", [], {}, [], spec), role
                )
            told = self.told("system", model, "onchange", [], {}, [], spec)
            self.assertIn("unguessable", told)

    def test_secrets_are_masked_wherever_they_stand(self):
        views = self.env["ir.ui.view"].search([("type", "=", "form")])
        ours = [v for v in views if v.xml_id.startswith("clinic_voicebox_reminder.")]
        nodes = [
            node
            for view in ours
            for node in etree.fromstring(view.arch_db).xpath("//field[@name]")
            if node.get("name") in MASKED
        ]
        self.assertGreater(len(nodes), 5)
        for node in nodes:
            masked = node.get("password") == "True"
            to_copy = node.get("widget") == "CopyClipboardButton"
            self.assertTrue(masked or to_copy, etree.tostring(node))

    # === Through others' eyes === #
    def test_nobody_else_makes_code_that_others_run(self):
        partner = self.env.ref("base.model_res_partner").id
        for model, vals in (
            ("ir.ui.view", {"name": "x", "type": "qweb", "arch": "<t/>"}),
            ("ir.actions.server", {"name": "x", "model_id": partner}),
            ("ir.actions.report", {"name": "x", "model": "res.company"}),
            (
                "mail.template",
                {"name": "x", "body_html": TEMPLATE, "model_id": partner},
            ),
        ):
            for role in ("portal", "staff", "desk", "administrator"):
                with self.subTest(model=model, role=role):
                    self.assertTrue(self.denied(role, model, "create", [vals]))

    def test_a_template_reads_with_its_user_s_eyes(self):
        self.users["editor"] = new_test_user(
            self.env, "editor-of-the-tests", groups="mail.group_mail_template_editor"
        )
        for role, shown in (("editor", False), ("system", True)):
            with self.subTest(role=role), self.undone():
                self.assertEqual("unguessable" in self.written_by(role), shown)

    def written_by(self, role):
        """The mail that comes of a template with a password in it; or the refusal."""
        patient = self.mine["res.partner"]
        vals = {
            "name": "x",
            "model_id": self.env.ref("base.model_res_partner").id,
            "body_html": TEMPLATE,
        }
        try:
            (template,) = self.rpc(role, "mail.template", "create", [vals])
            mail = self.rpc(role, "mail.template", "send_mail", [template], patient.id)
        except UserError as error:
            return str(error)
        return str(self.env["mail.mail"].browse(mail).body_html)

    def test_a_message_s_placeholders_read_with_its_user_s_eyes(self):
        for role in ("staff", "desk", "administrator"):
            with self.subTest(role=role):
                vals = {
                    "model": "res.partner",
                    "res_ids": str(self.mine["res.partner"].ids),
                    "composition_mode": "mass_mail",
                    "subject": "{{ object.company_id.voicebox_password }}",
                    "body": TEMPLATE,
                }
                with self.undone():
                    composers = "mail.compose.message"
                    (wizard,) = self.rpc(role, composers, "create", [vals])
                    told = self.told(role, composers, "action_send_mail", [wizard])
                    mails = self.env["mail.mail"].sudo().search([])
                    told += str(mails.mapped(lambda m: (m.subject, m.body_html)))
                self.assertKeeps(role, "voicebox_password", told)


MASKED = (
    "callback_header",
    "callback_url_secret",
    "voicebox_callback_header",
    "voicebox_callback_secret",
    "voicebox_callback_url_secret",
    "voicebox_password",
)
TEMPLATE = '<p>.<t t-out="object.company_id.voicebox_password"/></p>'


@tagged("post_install", "-at_install")
class TestRemoteCredentials(CredentialCase, RemotePermissionCase):
    def test_over_the_wire(self):
        company = self.company.ids
        for role in DO_NOT_KNOW:
            for name in SECRETS:
                with self.subTest(role=role, name=name):
                    with self.assertRaises(AccessError) as refusal:
                        self.rpc(role, "res.company", "read", company, [name])
                    self.assertKeeps(role, name, str(refusal.exception))
        (shown,) = self.rpc("system", "res.company", "read", company, [*SECRETS])
        self.assertEqual({name: shown[name] for name in SECRETS}, SECRETS)

    def test_not_as_a_file(self):
        for role in ("public", "portal", "staff", "desk", "administrator"):
            self.log_in(role)
            for name in SECRETS:
                path = f"/web/content/res.company/{self.company.id}/{name}"
                with self.subTest(role=role, name=name):
                    self.assertKeeps(role, name, self.url_open(path).text)
