from odoo import api, fields, models

from ..models.calendar_event_visit import CALENDAR


class CalendarEventWork(models.Model):
    """A visit, as the front desk works on it: may the robot call now, and what becomes
    of the visit's row on the work list when there is a new time."""

    # above the rows of the work list
    _inherit = "calendar.event"  # pylint: disable=R8180

    may_call_now = fields.Boolean(
        compute="_compute_may_call_now",
        groups="clinic_voicebox_reminder.group_user",
        export_string_translation=False,
    )
    call_refusal = fields.Char(
        "Why the Robot May Not Call",
        compute="_compute_may_call_now",
        groups="clinic_voicebox_reminder.group_user",
        help="Empty where the visit's other sentence says it already",
    )

    # === Computes === #
    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    @api.depends(
        "active", "allday", "patient_id", "specialist_id", "start", "visit_status"
    )
    def _compute_may_call_now(self):
        """Would “Call Now” lead to a call, as the rules stand at this moment?"""
        known = self._with_known_patient()._origin.sudo()
        policy = self.env["clinic.reminder.policy"].sudo()
        verdicts = policy._verdicts(known.filtered("patient_id"), as_if_asked=True)
        for event in self:
            verdict = verdicts.get(event._origin.id)
            is_on_call = any(event.sudo().reminder_call_ids.mapped("is_on_call"))
            may = bool(verdict) and verdict.kind == "call" and not is_on_call
            refused = bool(verdict) and not may and not is_on_call
            event.may_call_now = may
            event.call_refusal = refused and event._call_refusal(verdict)

    def _call_refusal(self, verdict):
        said = self.env["clinic.reminder.explanation"]._sentence(verdict)
        return said != self.reminder_explanation and said

    # === CRUD === #
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
