from odoo import api, fields, models

from ..models import moments


class ClinicGoingLive(models.Model):
    """The book of who has let the robot call patients, when, and in spite of what.

    Only added to, and by the going live itself.
    """

    _name = "clinic.going.live"
    _description = "Going Live"
    _order = "id desc"
    _rec_name = "moment"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    moment = fields.Datetime(
        "Went Live", default=fields.Datetime.now, required=True, readonly=True
    )
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True)
    undone = fields.Char(
        "Steps Not Done", readonly=True, help="First steps that were red at that moment"
    )
    reason = fields.Text(readonly=True, help="Why it was done in spite of them")

    @api.model
    def _lines(self, company):
        """The last ones in words, in the language and zone of the context."""
        found = self.sudo().search([("company_id", "=", company.id)], limit=5)
        return [one._line() for one in found]

    def _line(self):
        return {
            "who": self.user_id.name,
            "moment": moments.moment_in_words(self.env, self.moment),
            "undone": self.undone or "",
            "reason": self.reason or "",
        }
