from odoo import api, fields, models

from ..tools import person_words

# of the entry, and of the contact
FIELDS = {
    "name": "name",
    "phone": "phone",
    "consent": "reminder_consent",
    "consent_source": "reminder_consent_source",
    "lang": "reminder_lang",
    "preferred_time": "reminder_preferred_time",
    "spoken_name": "reminder_spoken_name",
}


def _options(name):
    """The options of a patient's field."""
    return lambda self: (
        self.env["res.partner"]._fields[name]._description_selection(self.env)
    )


class ClinicReminderPatientEntry(models.TransientModel):
    """A patient as the front desk writes one down, before it is kept as a contact."""

    _name = "clinic.reminder.patient.entry"
    _description = "Patient, as the Front Desk Writes"

    patient_id = fields.Many2one("res.partner")  # empty for a new one
    name = fields.Char(required=True)
    phone = fields.Char()
    consent = fields.Selection(_options("reminder_consent"))
    consent_source = fields.Char()
    lang = fields.Selection(_options("reminder_lang"), "Language of the Call")
    preferred_time = fields.Selection(_options("reminder_preferred_time"))
    spoken_name = fields.Char(help="What the robot says instead of the name")
    phone_note = fields.Char(
        compute="_compute_phone_note", export_string_translation=False
    )
    is_dialable = fields.Boolean(
        compute="_compute_phone_note", export_string_translation=False
    )
    same_ids = fields.Many2many(
        "res.partner",
        string="Known",
        compute="_compute_same_ids",
        export_string_translation=False,
    )
    same_id = fields.Many2one(
        "res.partner",
        "It Is",
        domain="[('id', 'in', same_ids)]",
        export_string_translation=False,
    )

    # === Computes === #
    @api.depends("phone", "patient_id")
    def _compute_phone_note(self):
        company = self.env.company
        for entry in self:
            country = entry.patient_id.country_id
            dialable = company._reminder_dialable(entry.phone, country)
            entry.is_dialable = bool(dialable)
            entry.phone_note = entry._words_on_phone(
                dialable and company._reminder_written(dialable)
            )

    def _words_on_phone(self, written):
        if not (self.phone or "").strip():
            return self.env._("Without a number the robot calls nobody.")
        if not written:
            return self.env._("This number can't be dialled. Please check it.")
        return self.env._("The robot will dial %s.", written)

    @api.depends("name", "phone", "patient_id")
    def _compute_same_ids(self):
        partners = self.env["res.partner"]
        for entry in self:
            same = partners._desk_same(entry.name, entry.phone)
            entry.same_ids = same - entry.patient_id._origin

    @api.onchange("consent")
    def _onchange_consent(self):
        """A consent without a source is weak evidence: the usual one is proposed."""
        is_new = self.consent != self.patient_id.reminder_consent
        if self.consent and is_new and not self.consent_source:
            self.consent_source = self.env._("said at the front desk")

    # === CRUD === #
    @api.model
    def default_get(self, fields_list):
        """What is known of the patient; of a new one, what was typed, which is
        `clinic_patient_text` in the context."""
        vals = super().default_get(fields_list)
        if patient := self.env["res.partner"].browse(vals.get("patient_id")):
            vals |= {mine: patient[theirs] for mine, theirs in FIELDS.items()}
        elif typed := self.env.context.get("clinic_patient_text"):
            vals["name"], vals["phone"] = person_words.split(typed)
        return vals

    def _keep(self):
        if self.same_id:
            return self.same_id
        vals = {theirs: self[mine] for mine, theirs in FIELDS.items()}
        vals["phone"] = self._phone_to_keep()
        if not self.patient_id:
            return self.env["res.partner"]._desk_make(vals)
        self.patient_id._desk_correct(vals)
        return self.patient_id

    def _phone_to_keep(self):
        """In the one way of writing numbers, if the field holds nothing but one."""
        if self.is_dialable and not person_words.split(self.phone)[0]:
            country = self.patient_id.country_id
            return self.env.company._reminder_written(self.phone, country)
        return self.phone

    # === Actions === #
    def action_keep(self):
        """Make the patient, or correct the one at hand.

        Saving alone does neither: Odoo's forms save what is left open, too.

        :raise AccessError: the contact is not the front desk's to correct
        """
        self.ensure_one()
        self.patient_id = self._keep()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def make_from(self, text):
        """Make a patient of a typed name and number, unless a person has to look.

        :return: the patient's id; False where the number can't be dialled, somebody has
            that name or number, or the clinic asks for the patients' consent
        """
        self.check_access("create")
        name, phone = person_words.split(text)
        entry = self.new({"name": name, "phone": phone})
        asks = self.env.company.sudo().reminder_consent_mode == "explicit"
        if asks or not name or not entry.is_dialable or entry.same_ids:
            return False
        kept = self.create({"name": name, "phone": phone})
        kept.action_keep()
        return kept.patient_id.id
