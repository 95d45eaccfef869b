from odoo import api, fields, models
from odoo.fields import Domain

from ..models.res_company import STAFF


class ResPartnerField(models.Model):
    """How a field of a patient finds and shows patients.

    Such a field has `clinic_patient` in its context; all others stay as they are.
    """

    # above the search, which other rooms use too
    _inherit = "res.partner"  # pylint: disable=R8180

    is_proposed_patient = fields.Boolean(
        store=False,
        search="_search_is_proposed_patient",
        groups=STAFF,
        export_string_translation=False,
        help="For a field of patients: whom it proposes",
    )

    @api.model
    def _search_is_proposed_patient(self, operator, value):
        """Whoever had a visit, and of the others those who may be patients."""
        if operator != "in":
            return NotImplemented
        visits = self.env["calendar.event"].sudo()
        visits = visits._search([("patient_id", "!=", False)])
        visitors = Domain("id", "in", visits.subselect("calendar_event.patient_id"))
        visitors &= Domain("is_company", "=", False)
        return visitors | self._reminder_proposed_domain()

    @api.depends(lambda self: (*self._phone_get_number_fields(), "country_id"))
    @api.depends_context("clinic_patient")
    def _compute_display_name(self):
        """With the number, so that two of one name are told apart."""
        result = super()._compute_display_name()
        if not self.env.context.get("clinic_patient"):
            return result
        is_formatted = self.env.context.get("formatted_display_name")
        for partner in self:
            if phone := partner._reminder_written_phone():
                shown = f" \t --{phone}--" if is_formatted else f"\n{phone}"
                partner.display_name = f"{partner.display_name or ''}{shown}"
        return result

    def _reminder_written_phone(self):
        """The number as people read it."""
        return self._reminder_written_number(self.env.company)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        if not self.env.context.get("clinic_patient"):
            return super().name_search(name, domain, operator, limit)
        found = self._reminder_find(name, Domain(domain or Domain.TRUE), limit)
        return [(patient.id, patient.display_name) for patient in found.sudo()]

    @api.model
    def _reminder_find(self, text, domain=Domain.TRUE, limit=None):
        """Patients that a text tells, those seen last or soonest to come first.

        Whoever had a visit is found, whatever else they are; of the others those who
        may be patients.
        """
        if text:
            domain &= self._reminder_patient_domain(text)
        visitors = self._reminder_last_visitors(domain, limit)
        if limit and len(visitors) >= limit:
            return visitors
        rest = domain & self._reminder_proposed_domain()
        rest &= Domain("id", "not in", visitors.ids)
        return visitors | self.search(rest, limit=limit and limit - len(visitors))

    @api.model
    def _reminder_last_visitors(self, domain, limit):
        visits = Domain("patient_id", "in", self._search(domain))
        rows = self.env["calendar.event"].sudo()
        latest = rows._read_group(
            visits, ["patient_id"], order="start:max desc", limit=limit
        )
        return self.browse([patient.id for (patient,) in latest])
