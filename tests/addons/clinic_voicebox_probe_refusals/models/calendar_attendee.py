from odoo import models

from .switch import interfere


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def write(self, vals):
        interfere(self.env, "attendee")
        return super().write(vals)
