from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.voicebox_client import is_method_id


class VoiceboxMethod(models.Model):
    """A campaign in another language, beside the company's own."""

    _name = "voicebox.method"
    _description = "Voicebox Campaign by Language"
    _rec_name = "lang"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    lang = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["reminder_lang"]
            ._description_selection(self.env)
        ),
        "Language",
        required=True,
    )
    method = fields.Char("Method ID", required=True, help="The campaign's UUID")

    _lang_uniq = models.Constraint(
        "UNIQUE(company_id, lang)", "A language has one campaign."
    )

    @api.constrains("method")
    def _check_method(self):
        for campaign in self:
            self._check_id(campaign.method)

    @api.model
    def _check_id(self, method):
        """:raise ValidationError: it is no method id as Voicebox writes them"""
        if not is_method_id(method):
            raise ValidationError(
                self.env._(
                    "The method ID must be a UUID, as the Voicebox campaign shows it."
                )
            )

    @api.model
    def _method_of(self, company, lang):
        """The method id of the campaign that speaks a language; else the company's."""
        line = company._voicebox_line().ids
        found = self.sudo().search([("company_id", "in", line), ("lang", "=", lang)])
        nearest = found.sorted(lambda campaign: line.index(campaign.company_id.id))[:1]
        return nearest.method or company._reminder_setting("voicebox_method")
