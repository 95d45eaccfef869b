from odoo import models

from .switch import interfere


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        interfere(self.env, "partner")
        return super().write(vals)
