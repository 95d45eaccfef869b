from odoo import api, fields, models
from odoo.tools import ormcache

from ..tools.vocabulary import MEANINGS


class VoiceboxResponse(models.Model):
    """A word the scenario sends, and what it means to us."""

    _name = "voicebox.response"
    _description = "Voicebox Response Word"
    _inherit = "clinic.reminder.cached"
    _order = "company_id, code"
    _rec_name = "code"

    code = fields.Char(required=True, help="Case and spaces around it do not matter")
    result = fields.Selection(MEANINGS, required=True)
    company_id = fields.Many2one(default=False)

    _code_company_uniq = models.UniqueIndex(
        "(lower(trim(code)), coalesce(company_id, 0))",
        "This response word has a meaning already.",
    )

    @api.model
    def _result_of(self, word, company):
        """The result a response word stands for, or False for an unknown word.

        A company's own words come before the common ones.
        """
        return self._meanings(company.id).get((word or "").strip().lower(), False)

    @api.model
    @ormcache("company_id")
    def _meanings(self, company_id):
        """Results by word."""
        words = self._in_force(company_id)
        return {word.code.strip().lower(): word.result for word in words}
