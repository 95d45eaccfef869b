from odoo import api, fields, models

from .switch import interfere


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    probe_answers = fields.Char(compute="_compute_probe_answers", store=True)

    @api.depends("attendee_ids.state")
    def _compute_probe_answers(self):
        """As a booking that is computed anew from its invitations."""
        if self.ids:
            interfere(self.env, "compute")
        for event in self:
            event.probe_answers = ",".join(sorted(event.attendee_ids.mapped("state")))

    @api.constrains("show_as")
    def _check_probe(self):
        interfere(self.env, "constraint")

    def write(self, vals):
        interfere(self.env, "event")
        return super().write(vals)
