from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.vocabulary import OPEN_STATES
from . import question
from .calendar_event_visit import CALENDAR
from .res_company import STAFF


class CalendarEventReminder(models.Model):
    """The reminder of a visit, as staff read and steer it on the visit."""

    # above reminders and planner, which stand on the visit's own file
    _inherit = "calendar.event"  # pylint: disable=R8180

    reminder_call_ids = fields.One2many(
        "clinic.reminder.call",
        "event_id",
        "Reminder Calls",
        domain=lambda self: [] if self._name == CALENDAR else Domain.FALSE,
        groups="clinic_voicebox_reminder.group_user",
    )
    reminder_call_count = fields.Integer(
        "Calls Made",
        compute="_compute_reminder_call_count",
        groups="clinic_voicebox_reminder.group_user",
    )
    reminder_explanation = fields.Char(
        "Reminder Call", compute="_compute_reminder_explanation", groups=STAFF
    )

    # === Computes === #
    @api.depends("reminder_call_ids.attempt_count")
    def _compute_reminder_call_count(self):
        for event in self:
            event.reminder_call_count = sum(
                event.reminder_call_ids.mapped("attempt_count")
            )

    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    @api.depends(
        "active",
        "allday",
        "patient_id",
        "reminder_company_id",
        "specialist_id",
        "start",
        "visit_status",
    )
    def _compute_reminder_explanation(self):
        explanation = self.env["clinic.reminder.explanation"].sudo()
        known = self._with_known_patient()
        sentences = explanation._explain_events(known._origin.sudo())
        for event in self:
            event.reminder_explanation = sentences.get(event._origin.id, "")

    # === Actions === #
    def action_reminder_call_now(self):
        """Call about this visit as soon as the rules permit.

        :return: the client action that says so, and offers to take it back
        :raise UserError: with the reason, where the rules do not permit a call
        """
        return self._reminder_for_staff().action_call_now()

    def action_reminder_skip(self):
        """Do not call about this visit (any more)."""
        self._reminder_for_staff().action_skip()

    def _reminder_for_staff(self):
        """This visit's reminder, made now if no plan has made it yet.

        :raise UserError: with the reason, where the visit gets none
        """
        self.ensure_one()
        event = self.sudo()  # a private event hides its patient
        if self._name != CALENDAR or not event.patient_id:
            raise UserError(self.env._("This is no visit: it has no patient to call."))
        self.check_access("read")
        self.env["clinic.reminder.call"].check_access("read")
        event.patient_id.with_env(self.env).check_access("read")
        if not event._standing_reminders():
            event.env["clinic.reminder.planner"]._plan_visits(event.ids)
            event.invalidate_recordset(["reminder_call_ids"])
        reminders = event._standing_reminders()
        if not reminders:
            raise UserError(self.reminder_explanation)
        still_open = reminders.filtered(lambda r: r.state in OPEN_STATES)
        return (still_open or reminders)[-1].sudo(False)

    def _standing_reminders(self):
        standing = self.reminder_call_ids.filtered(question.stands)
        return standing.sorted("id")

    def action_view_reminder_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.clinic_reminder_call_action"
        )
        calls = Domain("event_id", "=", self.id)
        action["domain"] = list(calls if self._name == CALENDAR else Domain.FALSE)
        action["context"] = {}
        return action
