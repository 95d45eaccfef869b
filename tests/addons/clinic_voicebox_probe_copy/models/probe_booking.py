from odoo import fields, models


class ProbeBooking(models.Model):
    """An appointment model of another module's own, made out of Odoo's."""

    _name = "probe.booking"
    _inherit = "calendar.event"
    _description = "Booking of the Tests"

    # the tables of Odoo's own events can't be shared
    categ_ids = fields.Many2many(relation="probe_booking_categ_rel")
    partner_ids = fields.Many2many(relation="probe_booking_partner_rel")
    alarm_ids = fields.Many2many(relation="probe_booking_alarm_rel")
