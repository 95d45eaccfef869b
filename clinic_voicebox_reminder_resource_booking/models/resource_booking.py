from odoo import fields, models

from odoo.addons.clinic_voicebox_reminder.tools.vocabulary import FINISHED_STATUSES


class ResourceBooking(models.Model):
    """A booking for a patient is a visit.

    A visit that is off stays in the calendar, where OCA's own buttons would delete
    it: the front desk reads in it what the patient said, and who was called. So the
    booking lets go of its event before the event is cancelled, and two that no longer
    belong together can't tell each other anything twice.
    """

    _inherit = "resource.booking"

    visit_status = fields.Selection(related="meeting_id.visit_status")

    # === From the booking to the visit === #
    def _prepare_meeting_vals(self):
        """The visit's own columns when it is made; later only what has changed.

        What a visit's status implies for free and busy is the visit's own affair.
        """
        vals = super()._prepare_meeting_vals()
        if not self.meeting_id:
            return {**vals, **self._reminder_visit_vals()}
        if self.meeting_id.patient_id:
            del vals["show_as"]
        return vals

    def _reminder_visit_vals(self):
        """Whose visit a booking makes; nothing for a booking by a colleague."""
        booking = self.sudo()
        patient = booking.partner_id
        if not patient or not patient._is_reminder_outsider():
            return {}
        vals = {"patient_id": patient.id}
        if specialist := booking._reminder_specialist():
            vals |= {"specialist_id": specialist.id, "is_specialist_chosen": True}
        if company := booking.type_id.company_id:
            vals |= {"reminder_company_id": company.id}
            vals |= {"is_reminder_company_chosen": True}
        return vals

    def _reminder_specialist(self):
        """Of the people in the combination who takes visits, else the first."""
        resources = self.combination_id.resource_ids
        people = resources.filtered(lambda r: r.resource_type == "user").user_id
        return people.filtered("takes_visits")[:1] or people[:1]

    def write(self, vals):
        if vals.get("active") is False:
            self._give_up_visits()
        before = {booking: booking._reminder_visit_vals() for booking in self}
        result = super().write(vals)
        for booking in self.filtered("meeting_id"):
            after = booking._reminder_visit_vals().items()
            if changed := dict(after - before[booking].items()):
                booking.meeting_id.sudo().write(changed)
        return result

    def _sync_meeting(self):
        """A booking without a time has no visit any more."""
        self.filtered(lambda booking: not booking.start)._give_up_visits()
        return super()._sync_meeting()

    def action_unschedule(self):
        self._give_up_visits()
        return super().action_unschedule()

    def action_confirm(self):
        """Staff confirm the visit as well. Who picks a time in the portal has not been
        asked yet: that is weeks before, and the reminder asks the day before.
        """
        result = super().action_confirm()
        if not self.env.context.get("using_portal"):
            self.meeting_id.sudo().filtered(
                lambda event: (
                    event.patient_id
                    and event.visit_status not in ("confirmed", *FINISHED_STATUSES)
                )
            ).write({"visit_status": "confirmed"})
        return result

    def _give_up_visits(self):
        """The bookings' visits are off, because people have said so in the booking.

        :raise ValidationError: it is too late for this user to alter the booking
        """
        events = self.meeting_id.filtered("patient_id")
        events._validate_booking_modifications()
        for booking in self.filtered(lambda booking: booking.meeting_id in events):
            event = booking._let_go()
            if event.visit_status not in FINISHED_STATUSES:
                reason = self.env._("booking cancelled or unscheduled")
                event.write(
                    {"visit_status": "cancelled", "visit_status_reason": reason}
                )

    # === From the visit to the booking === #
    def _take_cancellation(self):
        """The visit was cancelled: the time is free, and the booking what its type
        makes of it."""
        for booking in self:
            booking._let_go()
            if booking.type_id.reminder_decline == "cancel":
                booking.action_cancel()

    def _let_go(self):
        """Part from the event; the event remembers its booking.

        :return: the event, as the superuser
        """
        event = self.meeting_id.sudo()
        event.former_booking_id = self
        self.write({"meeting_id": False})
        return event

    def _take_back(self, event):
        """The visit takes place after all.

        :raise ValidationError: its time has been given away
        """
        event.former_booking_id = False
        self.write({"active": True, "meeting_id": event.id})
