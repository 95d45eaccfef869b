from odoo import api, fields, models
from odoo.fields import Domain


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    former_booking_id = fields.Many2one(
        "resource.booking",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="resource_booking.group_user",
        help="The booking of which this was the visit before it was cancelled",
    )

    def _is_reminder_visit(self):
        """A booking for somebody from outside is a visit by any rule."""
        bookings = self.sudo().resource_booking_ids
        return super()._is_reminder_visit() or bool(bookings._reminder_visit_vals())

    def _propose_the_rest(self):
        """A booking from before this module that was taken over as a visit."""
        vals = self.sudo().resource_booking_ids._reminder_visit_vals()
        if self.patient_id and not self.specialist_id and "specialist_id" in vals:
            self.write({**vals, "patient_id": self.patient_id.id})
        return super()._propose_the_rest()

    def write(self, vals):
        is_news = "visit_status" in vals
        before = {event: event.visit_status for event in self} if is_news else {}
        result = super().write(vals)
        for event, status in before.items():
            if event.exists() and event.visit_status != status:
                event._tell_booking(status)
        return result

    def _tell_booking(self, former_status):
        """Let the booking follow the visit's status.

        :raise ValidationError: the booking does not permit it
        """
        event = self.sudo()
        former_booking = event.former_booking_id
        if event.visit_status == "cancelled":
            event.resource_booking_ids._take_cancellation()
        elif former_status == "cancelled" and not former_booking.meeting_id:
            former_booking._take_back(event)
        if event.resource_booking_ids and event.visit_status == "confirmed":
            event._set_invitation("accepted")
        elif event.resource_booking_ids and former_status == "confirmed":
            event._set_invitation("needsAction")

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Who looks for the busy time of a booking's resources sees no cancelled visit.

        OCA asks whether somebody is invited, not whether the time is taken; its search
        is known by its context.
        """
        if "analyzing_booking" in self.env.context:
            takes_place = Domain("visit_status", "!=", "cancelled")
            domain = Domain(domain) & (takes_place | Domain("patient_id", "=", False))
        return super()._search(domain, *args, **kwargs)
