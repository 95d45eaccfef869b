from odoo import fields, models


class ProbePatient(models.Model):
    _name = "probe.patient"
    _description = "Patient of the Tests"

    name = fields.Char()
