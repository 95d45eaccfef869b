from odoo import api, fields, models

from ..tools.vocabulary import (
    BY_STAFF,
    MANUAL_RESULTS,
    OPEN_STATES,
    OUTCOME,
    selection,
)

CLOSE = {"type": "ir.actions.act_window_close"}
OUTCOME_OF = {row.code: OUTCOME[row.outcome] for row in MANUAL_RESULTS}


class ClinicReminderManualCall(models.TransientModel):
    """What came of a call that a person made."""

    _name = "clinic.reminder.manual.call"
    _description = "Manual Reminder Call"

    reminder_id = fields.Many2one("clinic.reminder.call", "Reminder Call")
    event_id = fields.Many2one(
        "calendar.event",
        "Visit",
        compute="_compute_event_id",
        store=True,
        readonly=False,
    )
    patient_id = fields.Many2one("res.partner", compute="_compute_patient")
    phone = fields.Char(compute="_compute_patient")
    visit_start = fields.Datetime(related="event_id.start", string="Visit Time")
    allday = fields.Boolean(related="event_id.allday", export_string_translation=False)
    visit_status = fields.Selection(related="event_id.visit_status")
    result = fields.Selection(
        selection(MANUAL_RESULTS), default="confirmed", required=True
    )
    note = fields.Text()
    keep_on_list = fields.Boolean(
        "Try Again Later", default=True, help="The visit stays on the work list."
    )

    @api.depends("reminder_id")
    def _compute_event_id(self):
        for wizard in self:
            wizard.event_id = wizard.reminder_id.event_id or wizard.event_id

    @api.depends("event_id", "reminder_id")
    def _compute_patient(self):
        for wizard in self:
            patient = wizard.event_id.patient_id or wizard.reminder_id.patient_id
            wizard.patient_id = patient
            company = wizard.reminder_id.company_id or self.env.company
            numbers = patient._reminder_numbers() or [wizard.reminder_id.phone]
            wizard.phone = ", ".join(
                company._reminder_written(number, patient.country_id)
                for number in numbers
            )

    def action_note(self):
        """Write the result on the visit, and take the reminder off the work list."""
        self.ensure_one()
        reminders = self._reminders()
        undo = reminders[:1] and self.env["clinic.reminder.undo"]._remember(
            self.reminder_id or reminders[:1]
        )
        robot_goes_on = self._is_not_reached() and any(
            reminder.state in OPEN_STATES for reminder in reminders
        )
        if self.event_id and not robot_goes_on:
            self._write_status()
        for record in (*self.event_id, *reminders):
            record.message_post(body=self._message())
        self._close(reminders.sudo())
        return undo._offer(self._said()) if undo else CLOSE

    def _is_not_reached(self):
        return self.result == "not_reached"

    def _reminders(self):
        """The reminder at hand, and the visit's others that are not done with.

        :raise AccessError: one of them is another clinic's
        """
        pending = self.event_id.sudo().reminder_call_ids.filtered(
            lambda r: r.state in OPEN_STATES or r.needs_attention
        )
        reminders = self.reminder_id | pending.sudo(False)
        reminders.check_access("read")
        return reminders

    def _write_status(self):
        outcome = OUTCOME_OF[self.result]
        event = self.event_id
        if self._is_not_reached() and event.visit_status != "booked":
            return
        event.write({"visit_status": outcome.status, "visit_status_code": BY_STAFF})
        if outcome.invitation:
            event._set_invitation(outcome.invitation)

    def _message(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        result = labels[self.result].lower()
        if not self.note:
            return self.env._("Called by hand: %s.", result)
        return self.env._(
            "Called by hand: %(result)s. %(note)s", result=result, note=self.note
        )

    def _said(self):
        """What has become of the row, for who has just noted the call."""
        if self.result == "reschedule":
            return self.env._(
                "Noted. The patient stays on the work list until there is a new visit."
            )
        if self.reminder_id.needs_attention:
            return self.env._("Noted. The visit stays on the work list.")
        return self.env._("Noted. The visit has left the work list.")

    def _close(self, reminders):
        if self._is_not_reached():
            if not self.keep_on_list:
                reminders._settle()
            return
        reminders._settle()
        reminders.filtered(lambda r: r.state == "planned")._skip("staff")
        if self.result == "reschedule":
            reminders[-1:]._keep_for_new_visit()
