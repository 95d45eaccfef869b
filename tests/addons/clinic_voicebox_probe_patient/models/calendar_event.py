from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    patient_id = fields.Many2one("probe.patient")
