from odoo import api, fields, models


class ClinicReminderErasure(models.TransientModel):
    """Asks before a patient's personal call data are erased."""

    _name = "clinic.reminder.erasure"
    _description = "Erasure of Reminder Calls' Personal Data"

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    reminder_count = fields.Integer("Reminders", compute="_compute_counts")
    attempt_count = fields.Integer("Calls", compute="_compute_counts")

    @api.depends("patient_id")
    def _compute_counts(self):
        for wizard in self:
            privacy = self.env["clinic.reminder.privacy"]
            reminders = privacy._reminders_of(wizard.patient_id)
            wizard.reminder_count = len(reminders)
            wizard.attempt_count = len(reminders.attempt_ids)

    def action_erase(self):
        """Erase; noted on the contact.

        :raise UserError: while a reminder is open
        """
        self.ensure_one()
        self.patient_id.check_access("read")
        reminders = self.env["clinic.reminder.privacy"]._erase_patient(self.patient_id)
        self.patient_id._reminder_log_data_access(
            self.env._("Personal data of reminder calls erased: %s.", len(reminders))
        )
        return {"type": "ir.actions.act_window_close"}
