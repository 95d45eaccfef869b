"""One way of writing the numbers that were dialled, for people to read."""

from odoo import api, fields, models


class ClinicReminderCallNumber(models.Model):
    # above the reminder's own file
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    phone_shown = fields.Char(
        "Number to Read",
        compute="_compute_phone_shown",
        export_string_translation=False,
    )

    @api.depends("phone", "company_id", "patient_id.phone")
    def _compute_phone_shown(self):
        """As it was written, if it can't be dialled."""
        for reminder in self:
            company = reminder.company_id
            reminder.phone_shown = company._reminder_written(
                reminder.phone
            ) or reminder.patient_id._reminder_written_number(company)


class ClinicReminderAttemptNumber(models.Model):
    # above the attempt's own file
    _inherit = "clinic.reminder.attempt"  # pylint: disable=R8180

    phone_shown = fields.Char(
        "Number to Read",
        compute="_compute_phone_shown",
        export_string_translation=False,
    )

    @api.depends("phone", "company_id")
    def _compute_phone_shown(self):
        for attempt in self:
            attempt.phone_shown = attempt.company_id._reminder_written(attempt.phone)
