from odoo import api, fields, models


class ProbeBooking(models.Model):
    """An appointment model of another module's own, made out of Odoo's.

    What it does beside inheriting is the least that Odoo's own methods need.
    """

    _name = "probe.booking"
    _inherit = "calendar.event"
    _description = "Booking of the Tests"

    # the tables of Odoo's own events can't be shared
    categ_ids = fields.Many2many(relation="probe_booking_categ_rel")
    partner_ids = fields.Many2many(relation="probe_booking_partner_rel")
    alarm_ids = fields.Many2many(relation="probe_booking_alarm_rel")

    @api.model_create_multi
    def create(self, vals_list):
        return super(ProbeBooking, self.with_context(dont_notify=True)).create(
            vals_list
        )

    def write(self, vals):
        """Past Odoo's own, which takes its records for events."""
        return models.Model.write(self, vals)

    def _attendees_values(self, partner_commands):
        """Attendees are those of Odoo's own events."""
        return []
