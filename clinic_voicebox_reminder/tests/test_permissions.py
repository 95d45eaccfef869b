"""Who may do what with the addon's records: a matrix, complete by construction.

Law 9 (one clinic's records are out of the other's reach) and law 10 (patients' data
are seen by those who need them).
"""

from datetime import datetime

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import METHOD, NOW
from .permissions import (
    COUNTED,
    LINK,
    NEW,
    UNIQUE,
    WIZARDS,
    PermissionCase,
    RemotePermissionCase,
)

# r read, w write, c create, d delete: records of the user's clinic, wizards of the
# user's own. Written from what the roles have to do, not from the access files:
# the desk sees calls and changes them by buttons only; the administrator keeps the
# words and tables; who reaches Settings has the credentials and all that uses them.
MATRIX = """
model                         public portal staff rights desk administrator system owner
clinic.reminder.call          -      -      -     -      r    r             -      r
clinic.reminder.attempt       -      -      -     -      r    r             -      r
voicebox.callback             -      -      -     -      r    r             -      r
voicebox.response             -      -      -     -      r    rwcd          -      rwcd
voicebox.method               -      -      -     -      -    -             rwcd   rwcd
voicebox.channel              -      -      -     -      -    r             -      r
voicebox.tally                -      -      -     -      -    r             -      r
clinic.going.live             -      -      -     -      -    r             r      r
clinic.reminder.mark          -      -      -     -      -    -             -      -
clinic.reminder.place         -      -      -     -      -    -             -      -
clinic.reminder.errand        -      -      -     -      -    -             -      -
clinic.reminder.wording       -      -      r     r      r    rwcd          r      rwcd
clinic.reminder.pronunciation -      -      r     r      r    rwcd          r      rwcd
clinic.reminder.specialty     -      -      r     r      r    rwcd          r      rwcd
clinic.reminder.conversation  -      -      -     -      rwcd rwcd          rwcd   rwcd
clinic.reminder.manual.call   -      -      -     -      rwcd rwcd          -      rwcd
clinic.reminder.undo          -      -      -     -      r    r             -      r
clinic.reminder.erasure       -      -      -     -      -    rwcd          -      rwcd
clinic.reminder.health.page   -      -      -     -      -    rwcd          -      rwcd
clinic.reminder.patient.entry -      -      -     -      rwcd rwcd          -      rwcd
clinic.reminder.take.over      -      -      -     -      -    -             rwcd   rwcd
clinic.reminder.take.over.line -      -      -     -      -    -             rwcd   rwcd
clinic.visit.report           -      -      -     -      -    r             -      r
clinic.call.report            -      -      -     -      -    r             -      r
clinic.day.sheet              -      -      -     -      rwcd rwcd          -      rwcd
voicebox.scenario.guide       -      -      -     -      -    -             rwcd   rwcd
voicebox.test.call            -      -      -     -      -    -             rwcd   rwcd
"""
# no records: nobody reads or writes anything there
WITHOUT_RECORDS = {
    "clinic.first.steps",
    "clinic.first.steps.page",
    "clinic.live",
    "clinic.reminder.cached",
    "clinic.reminder.dispatcher",
    "clinic.reminder.explanation",
    "clinic.reminder.figures",
    "clinic.reminder.health",
    "clinic.reminder.messenger",
    "clinic.reminder.planner",
    "clinic.reminder.policy",
    "clinic.reminder.privacy",
    "clinic.reminder.queue",
    "clinic.reminder.sweeper",
    "clinic.visit.board",
    "clinic.visit.move",
    "clinic.visit.times",
    "clinic.week",
    "voicebox.callback.flood",
    "voicebox.connection",
    "voicebox.trial",
}
CHANGES = {
    "clinic.reminder.call": {"state": "done", "outcome": "confirmed"},
    "clinic.reminder.attempt": {"result": "confirmed"},
    "voicebox.callback": {"response": "declined"},
    "voicebox.response": {"result": "declined"},
    "voicebox.method": {"method": METHOD},
    "voicebox.channel": {"state": "open"},
    "voicebox.tally": {"count": 0},
    "clinic.going.live": {"reason": "forged"},
    "clinic.reminder.mark": {"res_id": 7},
    "clinic.reminder.place": {"last_id": 7},
    "clinic.reminder.errand": {"kind": "opt_out"},
    "clinic.reminder.wording": {"rule": "full"},
    "clinic.reminder.pronunciation": {"spoken": "узи"},
    "clinic.reminder.specialty": {"spoken": "к врачу"},
    "clinic.reminder.conversation": {"lang": "en_US"},
    "clinic.reminder.manual.call": {"note": "nobody rang"},
    "clinic.reminder.erasure": {"patient_id": LINK},
    "clinic.reminder.undo": {"reminder_ids": []},
    "clinic.reminder.health.page": {"checked_at": NOW},
    "clinic.reminder.patient.entry": {"spoken_name": "Валерия Сергеевна"},
    "clinic.reminder.take.over": {"company_id": LINK},
    "clinic.reminder.take.over.line": {"patient_id": LINK},
    "clinic.visit.report": {"answer": "declined"},
    "clinic.call.report": {"answer": "declined"},
    "clinic.day.sheet": {"day": "2030-06-07"},
    "voicebox.scenario.guide": {"company_id": LINK},
    "voicebox.test.call": {"number": "+12025550102"},
}
COMPANY_BOUND = (
    "clinic.going.live",
    "clinic.visit.report",
    "clinic.call.report",
    "clinic.reminder.call",
    "clinic.reminder.attempt",
    "voicebox.callback",
    "voicebox.channel",
    "voicebox.method",
    "voicebox.tally",
)
# records without a company are for all of them
OF_ALL_CLINICS = (
    "clinic.reminder.pronunciation",
    "clinic.reminder.specialty",
    "clinic.reminder.wording",
    "voicebox.response",
)
# wizards that name no clinic: what they may reach, their methods decide
OF_NO_CLINIC = (
    "clinic.reminder.erasure",
    "clinic.reminder.errand",
    "clinic.reminder.health.page",
    "clinic.reminder.mark",
    "clinic.reminder.patient.entry",
    "clinic.reminder.place",
    "clinic.reminder.take.over.line",
)
SHOWN = {"display_name": {}}


def rights_by_model():
    (_model, *roles), *rows = [line.split() for line in MATRIX.strip().splitlines()]
    return {
        model: {
            role: letters.strip("-")
            for role, letters in zip(roles, columns, strict=True)
        }
        for model, *columns in rows
    }


def own_models(env):
    """The models that the addon makes, and not only extends."""
    return {
        name
        for name, model in env.registry.items()
        if model._original_module == "clinic_voicebox_reminder"
    }


class Matrix:
    """Every operation of every model by every role, and what should come of it."""

    def assertMatrix(self, model, wanted=None):
        for role, rights in rights_by_model()[model].items():
            if model in WIZARDS:
                self.own(self.mine[model], self.users[role])
            for letter, name, call, is_mine in self.calls(model):
                if (wanted and name not in wanted) or not (rights or is_mine):
                    continue
                with self.subTest(role=role, model=model, call=name, mine=is_mine):
                    expected = is_mine and letter in rights
                    self.assertEqual(self.succeeds(role, model, *call), expected)

    def succeeds(self, role, model, method, args):
        """Is it done, or something found? Its effect is taken back."""
        with self.undone():
            try:
                result = self.rpc(role, model, method, *args)
            except AccessError:
                return False
        if isinstance(result, dict):
            result = result.get("length", result)
        return bool(result)

    def calls(self, model):
        """Yield (right, name, call, is the record the user's own)."""
        for clinic in (self.company, self.other):
            is_mine = clinic == self.company
            records = self.mine if is_mine else self.foreign
            for letter, name, *args in (
                *self.reading(records[model]),
                *self.changing(records[model], clinic, records),
                *self.making(records[model], clinic, records),
            ):
                yield letter, name, (name.partition(" ")[0], args), is_mine

    def reading(self, record):
        ids, this = record.ids, [("id", "in", record.ids)]
        when, by = "create_date", "create_uid"
        if record._name in COUNTED:
            when, by = "day", "company_id"
        yield "r", "read", ids, ["display_name"]
        yield "r", "web_read", ids, SHOWN
        yield "r", "export_data", ids, [when]
        yield "r", "search", this
        yield "r", "search_count", this
        yield "r", "search_read", this, ["display_name"]
        yield "r", "web_search_read", this, SHOWN
        yield "r", "formatted_read_group", this, [by], ["__count"]
        yield "r", "web_read_group", this, [by]
        yield "r", "name_search", "", this

    def changing(self, record, clinic, records):
        changes = sendable(self.linked(CHANGES[record._name], clinic, records))
        yield "w", "write", record.ids, changes
        yield "w", "web_save", record.ids, changes, SHOWN
        yield "w", "onchange", record.ids, changes, list(changes), SHOWN
        yield "d", "unlink", record.ids

    def making(self, record, clinic, records):
        model = record._name
        new = sendable(self.linked(NEW.get(model, {}), clinic, records))
        unique = {name: new[name] for name in UNIQUE.get(model, {})}
        yield "c", "copy", record.ids, unique
        if clinic == self.company or model not in OF_NO_CLINIC:
            yield "c", "create", [new]
            yield "c", "web_save (new)", [], new, SHOWN
        if clinic == self.company:
            yield "c", "onchange (new)", [], {}, [], SHOWN


def sendable(vals):
    """As JSON has them."""
    return {
        name: fields.Datetime.to_string(value) if isinstance(value, datetime) else value
        for name, value in vals.items()
    }


@tagged("post_install", "-at_install")
class TestMatrix(Matrix, PermissionCase):
    """As the web client calls, without the wire."""

    def test_every_model_has_its_row(self):
        known = set(rights_by_model())
        self.assertEqual(own_models(self.env), known | WITHOUT_RECORDS)
        self.assertFalse(known & WITHOUT_RECORDS)

    def test_matrix(self):
        for model in rights_by_model():
            self.assertMatrix(model)

    def test_models_without_records(self):
        """Not even whoever may do all else reaches them."""
        for model in WITHOUT_RECORDS:
            for method, *args in (
                ("search", []),
                ("search_read", []),
                ("read", [1]),
                ("create", [{}]),
                ("write", [1], {}),
                ("unlink", [1]),
                ("onchange", [], {}, [], SHOWN),
            ):
                with self.subTest(model=model, method=method):
                    self.assertTrue(self.denied("owner", model, method, *args))

    def test_switched_on_companies(self):
        """Law 9: of the companies that a user has, those that are switched on."""
        first, second = self.company.id, self.other.id
        for role, rights in rights_by_model()["clinic.reminder.call"].items():
            if not rights:
                continue
            self.users[role].company_ids += self.other
            for model in COMPANY_BOUND:
                if not rights_by_model()[model][role]:
                    continue
                for switched_on in ([first], [second], [second, first]):
                    with self.subTest(role=role, model=model, on=switched_on):
                        self.assertEqual(
                            self.companies_seen(role, model, switched_on),
                            set(switched_on),
                        )

    def companies_seen(self, role, model, switched_on):
        both = self.mine[model].id, self.foreign[model].id
        rows = self.rpc(
            role,
            model,
            "search_read",
            [("id", "in", both)],
            ["company_id"],
            context={"allowed_company_ids": switched_on},
        )
        return {row["company_id"][0] for row in rows}

    def test_a_company_of_others_can_not_be_switched_on(self):
        for model in COMPANY_BOUND:
            context = {"allowed_company_ids": [self.other.id]}
            with self.subTest(model=model):
                self.assertTrue(
                    self.denied("owner", model, "search_read", [], context=context)
                )

    def test_common_words_are_everybody_s(self):
        for model in OF_ALL_CLINICS:
            self.foreign[model].company_id = False
            this = [("id", "=", self.foreign[model].id)]
            with self.subTest(model=model):
                self.assertTrue(self.rpc("desk", model, "search", this))


@tagged("post_install", "-at_install")
class TestRemoteMatrix(Matrix, RemotePermissionCase):
    """One pass over the wire: by each right once."""

    def test_matrix(self):
        wanted = {"read", "search_read", "create", "write", "unlink", "export_data"}
        for model in rights_by_model():
            self.assertMatrix(model, wanted)
