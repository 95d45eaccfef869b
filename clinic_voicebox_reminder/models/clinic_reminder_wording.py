from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..tools import speech


class ClinicReminderWording(models.Model):
    """What may be said aloud of a specialty: its name can tell of an illness."""

    _name = "clinic.reminder.wording"
    _description = "What May Be Said of a Specialty"
    _inherit = "clinic.reminder.cached"
    _rec_name = "specialty"
    _order = "specialty"

    specialty = fields.Char(required=True, help="As it stands on the visit")
    rule = fields.Selection(
        [
            ("full", "Said as it is"),
            ("neutral", "Neutral wording"),
            ("none", "No call at all"),
        ],
        default="neutral",
        required=True,
    )
    spoken = fields.Char(
        "Said Instead", help="For example “Прием в клинике”; for neutral wording"
    )

    _specialty_uniq = models.UniqueIndex(
        "(lower(trim(specialty)), coalesce(company_id, 0))",
        "There is a rule for this specialty already.",
    )

    @api.constrains("rule", "spoken")
    def _check_spoken(self):
        for wording in self:
            if wording.rule == "neutral" and not speech.speakable(wording.spoken):
                raise ValidationError(
                    self.env._(
                        "Say what is to be said instead of “%s”.", wording.specialty
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._mark_visits()
        return rules

    def write(self, vals):
        self._mark_visits()
        result = super().write(vals)
        self._mark_visits()
        return result

    def unlink(self):
        self._mark_visits()
        return super().unlink()

    def _mark_visits(self):
        """A specialty may not be called about any more, or again."""
        for company in {rule.company_id for rule in self.sudo()}:
            company._reminder_mark()

    @api.model
    def _rule_of(self, specialty, company):
        """The rule for a specialty, a company's own before a common one.

        :return: a wording, or an empty recordset where the specialty has none
        """
        name = (specialty or "").strip().lower()
        return self.sudo().browse(self._rules(company.id).get(name))

    @api.model
    @ormcache("company_id")
    def _rules(self, company_id):
        """Ids of the rules in force, by specialty."""
        rules = self._in_force(company_id)
        return {rule.specialty.strip().lower(): rule.id for rule in rules}
