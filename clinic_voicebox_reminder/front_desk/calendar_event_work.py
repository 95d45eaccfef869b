from odoo import api, models

from ..models.calendar_event_visit import CALENDAR


class CalendarEventWork(models.Model):
    """What becomes of a visit's row on the work list when there is a new time."""

    # above the rows of the work list
    _inherit = "calendar.event"  # pylint: disable=R8180

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        visits = self.browse() if self._name != CALENDAR else events
        for event in visits.filtered("patient_id"):
            event._answer_who_wants_another_time()
        return events

    def _void_answers(self, asked):
        """A moved visit is a new question: of the old one nothing is left to do."""
        result = super()._void_answers(asked)
        ours = [("event_id", "=", self.id), ("needs_attention", "=", True)]
        reminders = self.env["clinic.reminder.call"].sudo()
        for reminder in reminders.search([*ours, *asked.domain]):
            reminder._settle()
            reminder.message_post(body=self.env._("The visit was moved."))
        return result

    def _answer_who_wants_another_time(self):
        """A new visit to the same specialist, or of the same specialty, is the other
        time that the patient has asked for: the old one is off."""
        waiting = (
            self.env["clinic.reminder.call"]
            .sudo()
            .search(
                [
                    ("attention_kind", "=", "asks_time"),
                    ("patient_id", "=", self.patient_id.id),
                    ("company_id", "=", self._reminder_company().id),
                    ("event_id", "!=", self.id),
                ]
            )
        )
        for reminder in waiting.filtered(self._is_instead_of):
            reminder._settle()
            reminder.message_post(body=self.env._("There is a new visit."))
            reminder.event_id.sudo(False).visit_status = "cancelled"

    def _is_instead_of(self, reminder):
        old = reminder.event_id
        same_specialist = old.specialist_id == self.specialist_id
        same_specialty = self.specialty and old.specialty == self.specialty
        return old.visit_status == "reschedule" and (same_specialist or same_specialty)
