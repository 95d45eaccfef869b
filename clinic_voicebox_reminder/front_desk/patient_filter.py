"""Whoever types a name or a number into the search of a list means the patient."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..models.res_company import STAFF
from ..tools import person_words


class CalendarEventFilter(models.Model):
    # above the patient's search
    _inherit = "calendar.event"  # pylint: disable=R8180

    patient_search = fields.Char(
        "Patient or Phone", store=False, search="_search_patient_search", groups=STAFF
    )

    @api.model
    def _search_patient_search(self, operator, value):
        if operator not in ("ilike", "like"):
            return NotImplemented
        patients = self.env["res.partner"]._reminder_patient_domain(value)
        return Domain("patient_id", "any", patients)


class ClinicReminderCallFilter(models.Model):
    # above the patient's search
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    patient_search = fields.Char(
        "Patient or Phone", store=False, search="_search_patient_search"
    )

    @api.model
    def _search_patient_search(self, operator, value):
        """By the patient, or by a number that was dialled and may be another now."""
        if operator not in ("ilike", "like"):
            return NotImplemented
        patients = self.env["res.partner"]._reminder_patient_domain(value)
        found = Domain("patient_id", "any", patients)
        if person_words.name_words(value):
            return found
        return found | Domain.OR(
            Domain("phone", "like", digits[-person_words.NATIONAL_DIGITS :])
            for digits in person_words.numbers(value)
        )
