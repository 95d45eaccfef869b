from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import person_words
from .res_company import STAFF


class ResPartnerSearch(models.Model):
    """How a patient is found: by name in any order, with ё or е; by any spelling of
    the number."""

    # above the patient's own file, which knows no search
    _inherit = "res.partner"  # pylint: disable=R8180

    # words of the name and digits of the numbers, as a search compares them
    reminder_search_text = fields.Char(
        compute="_compute_reminder_search_text",
        store=True,
        prefetch=False,
        copy=False,
        groups=STAFF,
        export_string_translation=False,
    )

    # of the bare column: Odoo's own would be of the unaccented one where there is that
    # function, and is not used by LIKE, which is many times faster than ILIKE
    _reminder_search_text_idx = models.Index(
        lambda registry: (
            "USING gin (reminder_search_text gin_trgm_ops)"
            if registry.has_trigram
            else ""
        )
    )

    @api.depends(
        lambda self: ("name", "phone_sanitized", *self._phone_get_number_fields())
    )
    def _compute_reminder_search_text(self):
        names = (*self._phone_get_number_fields(), "phone_sanitized")
        for partner in self:
            phones = (partner[name] for name in names)
            text = person_words.search_text(partner.name, *phones)
            partner.reminder_search_text = text

    @api.model
    def _reminder_patient_domain(self, text):
        """Contacts that have all the words of a text in their names, and its numbers.

        Words may be begun; a text without any is nobody's.
        """
        words = person_words.name_words(text)
        criteria = [
            Domain("reminder_search_text", "like", f" {word}") for word in words
        ]
        criteria += map(self._reminder_number_domain, person_words.numbers(text))
        return Domain.AND(criteria) if criteria else Domain.FALSE

    @api.model
    def _reminder_phone_domain(self, text):
        """Whose number it is that calls back, whatever else the text says."""
        numbers = person_words.numbers(text)
        return Domain.OR(map(self._reminder_number_domain, numbers))

    @api.model
    def _reminder_number_domain(self, digits):
        country = self.env.company._reminder_setting("country_id")
        country_code = country.phone_code or ""
        return Domain.OR(
            Domain("reminder_search_text", "like", part)
            for part in person_words.number_patterns(digits, country_code)
        )

    @api.model
    def _reminder_proposed_domain(self):
        """Who may be a patient without anybody's having said so.

        No companies, nobody who works here, no suppliers; people of other companies
        only where every contact from outside is a patient.
        """
        people = Domain("is_company", "=", False) & Domain("partner_share", "=", True)
        if self.env.company.sudo().reminder_visit_rule != "outside":
            people &= Domain("commercial_partner_id.is_company", "=", False)
        if "employee_ids" in self._fields:
            staff = self.sudo()._search([("employee_ids", "!=", False)])
            people &= Domain("id", "not in", staff)
        if "supplier_rank" in self._fields:
            people &= Domain("supplier_rank", "=", 0)
        return people
