from odoo import api, fields, models
from odoo.tools import ormcache

from ..tools import speech


class ClinicReminderPronunciation(models.Model):
    """How a written form is spoken: “УЗИ” → “у зэ и”."""

    _name = "clinic.reminder.pronunciation"
    _description = "Reminder Call Pronunciation"
    _inherit = "clinic.reminder.cached"
    _rec_name = "written"
    _order = "written"

    written = fields.Char(required=True)
    spoken = fields.Char(required=True)

    _written_uniq = models.UniqueIndex(
        "(lower(trim(written)), coalesce(company_id, 0))",
        "There is a pronunciation of this already.",
    )

    @api.model
    def _pronounce(self, text, company):
        """The text with written forms replaced; a company's own come first."""
        return speech.pronounce(text, self._table_of(company.id))

    @api.model
    @ormcache("company_id")
    def _table_of(self, company_id):
        """Written form → spoken form."""
        return {form.written: form.spoken for form in self._in_force(company_id)}
