from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..tools import speech
from .clinic_reminder_mark import NOBODY
from .res_company import STAFF

CONSENT_FIELDS = {"reminder_consent", "reminder_consent_source"}
TRACE_FIELDS = {"reminder_consent_date", "reminder_consent_user_id"}
PLAN_FIELDS = {
    "active",
    "country_id",
    "reminder_deceased",
    "reminder_preferred_time",
    "reminder_consent",
    "reminder_do_not_call",
    "reminder_mute_until",
    "tz",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    reminder_spoken_name = fields.Char(
        "Spoken Name",
        groups=STAFF,
        help="What the robot says instead of the name, for example “Валерия Сергеевна”",
    )
    reminder_consent = fields.Selection(
        [("given", "Given"), ("refused", "Refused")],
        string="Consent to Reminder Calls",
        tracking=True,
        groups=STAFF,
    )
    reminder_consent_source = fields.Char(
        "Consent Source",
        tracking=True,
        groups=STAFF,
        help="For example: signed form, by telephone",
    )
    reminder_consent_date = fields.Datetime("Consent Date", readonly=True, groups=STAFF)
    reminder_consent_user_id = fields.Many2one(
        "res.users", "Consent Recorded by", readonly=True, groups=STAFF
    )
    reminder_do_not_call = fields.Boolean(
        "No Reminder Calls", tracking=True, groups=STAFF
    )
    reminder_deceased = fields.Boolean("Deceased", tracking=True, groups=STAFF)
    reminder_preferred_time = fields.Selection(
        [("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening")],
        "Preferred Time of Day",
        groups=STAFF,
        help="The first call is made then, where the calling hours permit",
    )
    reminder_lang = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["reminder_lang"]
            ._description_selection(self.env)
        ),
        "Reminder Language",
        groups=STAFF,
        help="Empty: the clinic's",
    )
    reminder_mute_until = fields.Date(
        "No Reminder Calls until",
        tracking=True,
        groups=STAFF,
        help="Called again from this day on",
    )
    reminder_call_ids = fields.One2many(
        "clinic.reminder.call",
        "patient_id",
        "Reminder Calls",
        groups="clinic_voicebox_reminder.group_user",
    )
    reminder_call_count = fields.Integer(
        compute="_compute_reminder_call_count",
        groups="clinic_voicebox_reminder.group_user",
    )

    @api.depends("reminder_call_ids")
    def _compute_reminder_call_count(self):
        for partner in self:
            partner.reminder_call_count = len(partner.reminder_call_ids)

    @api.model_create_multi
    def create(self, vals_list):
        proposed = self.default_get(["reminder_consent"])
        rows = [self._without_trace({**proposed, **vals}) for vals in vals_list]
        for vals in rows:
            if vals.get("reminder_consent"):
                vals.update(self._reminder_consent_trace())
        return super().create(rows)

    def write(self, vals):
        changed = self.filtered(lambda partner: partner._changes_consent(vals))
        result = super().write(self._without_trace(vals))
        for has_consent, partners in changed.grouped(_has_consent).items():
            trace = self._reminder_consent_trace()
            super(ResPartner, partners).write(
                trace if has_consent else dict.fromkeys(trace, False)
            )
        changed = set(vals)
        if changed & {*PLAN_FIELDS, *self._phone_get_number_fields()}:
            self.sudo()._mark_patients()
        if changed & {"function", "tz"}:
            self.sudo()._mark_patients_of_users()
        if changed & {"country_id", "state_id"}:
            self.sudo()._mark_companies()
        return result

    def unlink(self):
        """Their reminders stay, without a patient."""
        if self.sudo().reminder_call_ids:
            self.env["clinic.reminder.mark"]._leave("patient", [NOBODY])
        return super().unlink()

    # === What a plan has to look at again === #
    def _reminder_mark(self, wakes=True):
        """A plan is to look at the visits of these patients again.

        :param wakes: at once; else the next one does
        """
        self.env["clinic.reminder.mark"]._leave("patient", self.ids, wakes)

    def _mark_patients(self):
        """Those of the contacts who have visits or reminders."""
        visits = self.env["calendar.event"].with_context(active_test=False)
        to_come = [
            ("patient_id", "in", self.ids),
            ("start", ">", fields.Datetime.now()),
        ]
        visits = visits.search(to_come)
        (visits.patient_id | self.reminder_call_ids.patient_id)._reminder_mark()

    def _mark_patients_of_users(self):
        """What is said of a specialist's visits, and whether the zones of patients are
        doubted whom a user has created, depends on the user's contact."""
        users = self.with_context(active_test=False).user_ids
        if users:
            visits = self.env["calendar.event"].search(
                [
                    ("start", ">", fields.Datetime.now()),
                    ("patient_id", "!=", False),
                    "|",
                    ("specialist_id", "in", users.ids),
                    ("patient_id.create_uid", "in", users.ids),
                ]
            )
            visits.patient_id._reminder_mark()

    def _mark_companies(self):
        """In whose country numbers are read; other modules know its holidays."""
        companies = self.env["res.company"].with_context(active_test=False)
        companies.search([("partner_id", "in", self.ids)])._reminder_mark()

    def _changes_consent(self, vals):
        names = CONSENT_FIELDS & set(vals)
        return any(
            (self.sudo()[name] or False) != (vals[name] or False) for name in names
        )

    def _without_trace(self, vals):
        """The trace of a consent is evidence: nobody writes it by hand."""
        hidden = set() if self.env.su else TRACE_FIELDS
        return {name: value for name, value in vals.items() if name not in hidden}

    def _reminder_consent_trace(self):
        """Who recorded a consent, and when: goes with every change of one."""
        return {
            "reminder_consent_date": fields.Datetime.now(),
            "reminder_consent_user_id": self.env.uid,
        }

    def action_view_reminder_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.clinic_reminder_call_action"
        )
        action["domain"] = [("patient_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_export_reminder_calls(self):
        """Download all that is kept about the calls to this patient, as JSON."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/clinic_voicebox_reminder/patient/{self.id}/reminder_calls.json",
            "target": "download",
        }

    def _reminder_log_data_access(self, words):
        """Note on the contact, as the user, who has asked for the call data."""
        self.sudo().message_post(body=words)

    def _reminder_numbers(self):
        """The numbers of this contact as they are written, the first to dial first.

        The order is Odoo's own for text messages: where another module adds *Mobile*,
        it goes before *Phone*, as it is the patient's own and not the household's.
        """
        written = (self[name] for name in self._phone_get_number_fields())
        return [number for number in written if (number or "").strip()]

    def _reminder_dialled_number(self, company):
        """The first number that the clinic can dial, in E.164, or an empty string."""
        dialable = (
            company._reminder_dialable(number, self.country_id)
            for number in self._reminder_numbers()
        )
        return next(filter(None, dialable), "")

    def _reminder_written_number(self, company):
        """The number to dial as people read it; where there is none, the raw text."""
        dialled = self._reminder_dialled_number(company)
        return company._reminder_written(dialled) or next(
            iter(self._reminder_numbers()), ""
        )

    def _is_reminder_outsider(self):
        """May this contact be a patient without anybody's saying so?

        Not those who log in, nor the private contacts of employees who do not.
        """
        self.ensure_one()
        works_here = "employee_ids" in self._fields and self.sudo().employee_ids
        return self.partner_share and not works_here

    def _reminder_zone_is_doubtful(self):
        """Odoo gives a new contact the zone of whoever creates it."""
        return bool(self.tz) and self.tz == self.create_uid.sudo().tz

    def _reminder_zone(self, company):
        """The zone on whose clock this patient may be called, as a ZoneInfo."""
        return ZoneInfo(self.tz) if self.tz else company._reminder_zone()

    def _reminder_opt_out(self):
        """Never call again: the patient has said so in a call."""
        self.write(
            {
                "reminder_do_not_call": True,
                "reminder_consent": "refused",
                "reminder_consent_source": self.env._("said in a reminder call"),
            }
        )

    def _reminder_name(self):
        """How the robot addresses this patient; empty if there is nothing to say."""
        self.ensure_one()
        if self.reminder_spoken_name:
            return speech.speakable(self.reminder_spoken_name)
        return speech.spoken_name(self.name or "", is_company=self.is_company)


def _has_consent(partner):
    return bool(partner.sudo().reminder_consent)
