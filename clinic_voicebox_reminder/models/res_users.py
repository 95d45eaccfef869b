from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    takes_visits = fields.Boolean(
        help="A specialist: patients come to this user, and events with them are visits"
    )
