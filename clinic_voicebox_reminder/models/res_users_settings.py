from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    clinic_sound = fields.Boolean(
        "Sound When a Patient Asks for a Person", default=False
    )
