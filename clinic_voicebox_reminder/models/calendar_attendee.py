from odoo import api, models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        attendees.filtered(lambda attendee: attendee.state == "declined")._mark_visits()
        return attendees

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._mark_visits()
        return result

    def _mark_visits(self):
        """What a patient answers to the invitation counts."""
        patients = self.filtered(lambda a: a.partner_id == a.event_id.patient_id)
        patients.partner_id._reminder_mark()

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
