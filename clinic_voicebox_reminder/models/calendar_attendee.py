from odoo import models

from .waking import wake_plan


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals and self.event_id.patient_id:
            wake_plan(self.env)
        return result

    def _notify_attendees(self, *args, **kwargs):
        """Whom a reminder by mail goes to."""
        told = self.filtered(
            lambda attendee: (
                not (
                    attendee.partner_id == attendee.event_id.patient_id
                    and attendee.event_id._spares_patient()
                )
            )
        )
        return super(CalendarAttendee, told)._notify_attendees(*args, **kwargs)

    def unlink(self):
        left = [
            attendee.event_id
            for attendee in self
            if attendee.partner_id == attendee.event_id.patient_id
        ]
        result = super().unlink()
        for event in left:
            event.exists()._propose_patient_again()
        return result
