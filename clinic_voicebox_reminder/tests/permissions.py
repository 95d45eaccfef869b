"""Two clinics with records of each, and a user for each role."""

from contextlib import contextmanager
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user
from odoo.tools import SQL, mute_logger

from .common import METHOD, NOW, ReminderCase
from .test_views import ADMINISTRATOR, USER

MODULE = "odoo.addons.clinic_voicebox_reminder"
# "public" is Odoo's own user; "rights" manages users and companies
ROLES = {
    "portal": "base.group_portal",
    "staff": "base.group_user",
    "rights": "base.group_erp_manager",
    "desk": USER,
    "administrator": ADMINISTRATOR,
    "system": "base.group_system",
    "owner": f"{ADMINISTRATOR},base.group_system",
}
WIZARDS = (
    "clinic.day.sheet",
    "clinic.reminder.conversation",
    "clinic.reminder.erasure",
    "clinic.reminder.health.page",
    "clinic.reminder.manual.call",
    "clinic.reminder.patient.entry",
    "clinic.reminder.take.over",
    "clinic.reminder.take.over.line",
    "clinic.reminder.undo",
    "voicebox.scenario.guide",
    "voicebox.test.call",
)


class PermissionCase(ReminderCase):
    """Every user works in the first clinic only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.company_ids += cls.second_clinic()
        cls.users = {"public": cls.env.ref("base.public_user")}
        for role, groups in ROLES.items():
            cls.users[role] = new_test_user(
                cls.env, f"{role}-of-the-tests", groups=groups, tz="Europe/Moscow"
            )
        for user in cls.users.values():  # else no export would tell anything
            user.group_ids += cls.env.ref("base.group_allow_export")
        cls.mine = cls.records_of(cls.company, 1)
        cls.foreign = cls.records_of(cls.other, 2)

    @classmethod
    def second_clinic(cls):
        cls.other = cls.env["res.company"].create(
            {
                "name": "Second clinic",
                "country_id": cls.env.ref("base.ru").id,
                "voicebox_mode": "live",
                "voicebox_url": cls.voicebox.url,
                "voicebox_login": "second",
                "voicebox_password": "not-a-secret-either",
                "voicebox_method": METHOD,
            }
        )
        cls.other_specialist = new_test_user(
            cls.env,
            "specialist-of-the-second-clinic",
            company_id=cls.other.id,
            company_ids=[(6, 0, cls.other.ids)],
            takes_visits=True,
        )
        return cls.other

    # === Records === #
    @classmethod
    def records_of(cls, company, ordinal):
        """One record of each model that has any, by the model's name."""
        records = {"calendar.event": cls.visit_of(company, ordinal)}
        records["res.partner"] = records["calendar.event"].patient_id
        for model in (*NEW, "voicebox.channel"):
            records[model] = cls.record_of(model, company, records, ordinal)
        return records

    @classmethod
    def visit_of(cls, company, ordinal):
        patient = cls.env["res.partner"].create(
            {
                "name": f"Иванова Валерия {'Сергеевна Петровна'.split()[ordinal - 1]}",
                "phone": f"+1202555010{ordinal}",
                "company_id": company.id,
            }
        )
        own = company == cls.company
        specialist = cls.specialist if own else cls.other_specialist
        start = NOW + timedelta(days=2)
        return cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(minutes=30),
                "user_id": specialist.id,
                "partner_ids": [(6, 0, (patient | specialist.partner_id).ids)],
                "specialty": "Эндоскопист",
            }
        )

    @classmethod
    def record_of(cls, model, company, records, ordinal):
        if model in COUNTED:
            return cls.counted(model, records)
        if model == "voicebox.channel":
            return cls.env[model]._for_companies(company)
        vals = cls.linked(NEW[model], company, records)
        vals |= {name: value(ordinal) for name, value in UNIQUE.get(model, {}).items()}
        return cls.env[model].create(vals)

    @classmethod
    def counted(cls, model, records):
        """The manager's row of a visit without an outcome, or of an attempt."""
        cls.env.flush_all()
        if model == "clinic.visit.report":
            return cls.env[model].browse(records["calendar.event"].id * 2)
        return cls.env[model].browse(records["clinic.reminder.attempt"].id)

    @classmethod
    def linked(cls, vals, company, records):
        """The values, with a clinic's own records in the place of LINK."""
        links = {
            "company_id": company,
            "company_ids": company,
            "event_id": records["calendar.event"],
            "patient_id": records["res.partner"],
            "specialist_id": records["calendar.event"].specialist_id,
            "take_over_id": records.get("clinic.reminder.take.over"),
            "reminder_id": records.get("clinic.reminder.call"),
            "reminder_ids": records.get("clinic.reminder.call"),
            "attempt_id": records.get("clinic.reminder.attempt"),
        }
        return {
            name: link(links[name], name) if value is LINK else value
            for name, value in vals.items()
        }

    def own(self, wizard, user):
        """Make a wizard's record this user's."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET create_uid = %s WHERE id = %s",
                SQL.identifier(wizard._table),
                user.id,
                wizard.id,
            )
        )
        self.env.invalidate_all()

    # === Calls === #
    def rpc(self, role, model, method, *args, context=None, **kwargs):
        """Call a method as the web client's request does."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=self.users[role].id, context={}, su=False)
        kwargs["context"] = {"lang": "en_US", **(context or {})}
        result = call_kw(env[model], method, list(args), kwargs)
        env.flush_all()
        return result

    @contextmanager
    def undone(self):
        """Take back whatever is done inside."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)

    def denied(self, role, model, method, *args, **kwargs):
        """Is the call refused? Its effect is taken back."""
        with self.undone():
            try:
                self.rpc(role, model, method, *args, **kwargs)
            except AccessError:
                return True
        return False


class RemotePermissionCase(PermissionCase, HttpCase):
    """The same over HTTP, as JSON-RPC with a session."""

    def setUp(self):
        super().setUp()
        self._role = None

    def rpc(self, role, model, method, *args, context=None, **kwargs):
        self.log_in(role)
        self.env.flush_all()
        kwargs["context"] = {"lang": "en_US", **(context or {})}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        with mute_logger("odoo.http"):
            reply = self.url_open(
                f"/web/dataset/call_kw/{model}/{method}",
                json={"jsonrpc": "2.0", "method": "call", "params": params},
            ).json()
        self.env.invalidate_all()
        return self.result_of(reply)

    def log_in(self, role):
        if role == self._role:
            return
        login = self.users[role].login
        self.authenticate(*((None, None) if role == "public" else (login, login)))
        self._role = role

    def result_of(self, reply):
        if "error" not in reply:
            return reply["result"]
        name = reply["error"]["data"]["name"]
        if name in (
            "odoo.exceptions.AccessError",
            "odoo.http.SessionExpiredException",
        ):
            raise AccessError(reply["error"]["data"]["message"])
        raise AssertionError(reply["error"]["data"])


LINK = object()  # the clinic's own record


def link(record, name):
    """The value of a field that points to the record, be it to many."""
    return [(6, 0, record.ids)] if name.endswith("_ids") else record.id


# in this order, as later ones link to earlier ones
NEW = {
    "clinic.reminder.call": {
        "company_id": LINK,
        "event_id": LINK,
        "patient_id": LINK,
        "specialist_id": LINK,
        "visit_start": NOW + timedelta(days=2),
        "phone": "+12025550101",
    },
    "clinic.reminder.attempt": {
        "company_id": LINK,
        "reminder_id": LINK,
        "number": 1,
        "guid": "guid",
        "state": "finished",
        "result": "no_answer",
        "requested_at": NOW,
        "finished_at": NOW,
        "deadline": NOW,
    },
    "voicebox.callback": {
        "company_id": LINK,
        "attempt_id": LINK,
        "response": "confirmed",
    },
    "voicebox.response": {"company_id": LINK, "code": "ja", "result": "confirmed"},
    "voicebox.method": {"company_id": LINK, "lang": "en_US", "method": METHOD},
    "voicebox.tally": {"company_id": LINK, "kind": "dropped", "hour": NOW, "count": 1},
    "clinic.reminder.mark": {"kind": "patient", "res_id": 0},
    "clinic.reminder.place": {"work": "work", "last_id": 0},
    "clinic.reminder.errand": {"reminder_id": LINK, "kind": "outcome"},
    "clinic.reminder.wording": {
        "company_id": LINK,
        "specialty": "Нарколог",
        "rule": "none",
    },
    "clinic.reminder.specialty": {
        "company_id": LINK,
        "specialty": "Психиатр",
        "spoken": "к психиатру",
    },
    "clinic.reminder.pronunciation": {
        "company_id": LINK,
        "written": "УЗИ",
        "spoken": "у зэ и",
    },
    "clinic.reminder.conversation": {"company_id": LINK, "event_id": LINK},
    "clinic.reminder.erasure": {"patient_id": LINK},
    "clinic.reminder.undo": {"reminder_ids": LINK},
    "clinic.going.live": {"company_id": LINK, "user_id": 1},
    "clinic.reminder.health.page": {},
    "clinic.reminder.manual.call": {"reminder_id": LINK, "note": "rang the son"},
    "clinic.reminder.patient.entry": {"name": "Иванова Валерия"},
    "clinic.reminder.take.over": {"company_id": LINK},
    "clinic.reminder.take.over.line": {
        "take_over_id": LINK,
        "event_id": LINK,
        "patient_id": LINK,
    },
    "clinic.day.sheet": {"company_ids": LINK},
    "clinic.visit.report": {},
    "clinic.call.report": {},
    "voicebox.scenario.guide": {"company_id": LINK},
    # no number to call: whoever may press the button is told so
    "voicebox.test.call": {"company_id": LINK, "number": "12"},
}
# rows of a query: nobody makes them
COUNTED = ("clinic.visit.report", "clinic.call.report")
# what has to differ between two records, by the record's ordinal
UNIQUE = {
    "clinic.reminder.attempt": {"guid": "guid-{}".format, "number": int},
    "clinic.reminder.place": {"work": "work {}".format},
    "clinic.reminder.pronunciation": {"written": "МРТ{}".format},
    "clinic.reminder.specialty": {"specialty": "Психиатр {}".format},
    "clinic.reminder.wording": {"specialty": "Психиатр {}".format},
    "voicebox.method": {"lang": lambda ordinal: "ru_RU"},
    "voicebox.response": {"code": "yes{}".format},
    "voicebox.tally": {"hour": lambda ordinal: NOW - timedelta(hours=ordinal)},
}
