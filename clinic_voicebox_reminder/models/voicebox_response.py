from odoo import api, fields, models

RESULTS = [
    ("answered", "Answered"),
    ("confirmed", "Confirmed"),
    ("declined", "Declined"),
    ("operator", "Asked for a person"),
    ("hung_up", "Hung up"),
    ("no_answer", "No answer"),
    ("machine", "Answering machine"),
    ("no_result", "No result"),
    ("rejected", "Rejected by Voicebox"),
]


class VoiceboxResponse(models.Model):
    """A word the scenario sends, and what it means to us."""

    _name = "voicebox.response"
    _description = "Voicebox Response Word"
    _order = "company_id, code"
    _rec_name = "code"

    code = fields.Char(required=True, help="Case and spaces around it do not matter")
    result = fields.Selection(
        [*RESULTS, ("opt_out", "Never call again")], required=True
    )
    company_id = fields.Many2one("res.company", help="Empty: for every company")

    _code_company_uniq = models.UniqueIndex(
        "(lower(trim(code)), coalesce(company_id, 0))",
        "This response word has a meaning already.",
    )

    @api.model
    def _result_of(self, word, company):
        """The result a response word stands for, or False for an unknown word.

        A company's own words come before the common ones.
        """
        code = (word or "").strip().lower()
        words = self.sudo().search([("company_id", "in", [company.id, False])])
        known = words.filtered(lambda response: response.code.strip().lower() == code)
        own = known.filtered("company_id")
        return (own or known)[:1].result
