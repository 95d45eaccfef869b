from ast import literal_eval

from odoo import api, fields, models

from ..models import moments
from ..models.res_company import STAFF
from .patient_desk import FRONT_DESK

MOST_FOUND = 20
MOST_PAST = 5
MOST_ANSWERS = 10
VISIT_FORM = "clinic_voicebox_reminder.calendar_event_view_form"


class ResPartnerCard(models.Model):
    """A patient who calls back: what is to come, what the robot said, what was
    answered."""

    # above what finds and corrects patients
    _inherit = "res.partner"  # pylint: disable=R8180

    reminder_phone_shown = fields.Char(
        "Number to Read",
        compute="_compute_reminder_phone_shown",
        groups=STAFF,
        export_string_translation=False,
    )
    coming_visit_ids = fields.One2many(
        "calendar.event",
        string="Coming Visits",
        compute="_compute_coming_visit_ids",
        groups=FRONT_DESK,
    )
    past_visit_ids = fields.One2many(
        "calendar.event",
        string="Past Visits",
        compute="_compute_past_visit_ids",
        groups=FRONT_DESK,
    )
    last_reminder_ids = fields.One2many(
        "clinic.reminder.call",
        string="Last Answers",
        compute="_compute_last_reminder_ids",
        groups=FRONT_DESK,
    )
    may_correct = fields.Boolean(
        compute="_compute_may_correct",
        groups=FRONT_DESK,
        export_string_translation=False,
    )

    # === Computes === #
    @api.depends_context("allowed_company_ids")
    @api.depends(lambda self: (*self._phone_get_number_fields(), "country_id"))
    def _compute_reminder_phone_shown(self):
        for partner in self:
            partner.reminder_phone_shown = partner._reminder_written_phone()

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_coming_visit_ids(self):
        coming = [("patient_id", "in", self.ids), ("stop", ">=", fields.Datetime.now())]
        visits = self.env["calendar.event"].search(coming, order="start, id")
        by_patient = visits.grouped("patient_id")
        for partner in self:
            partner.coming_visit_ids = by_patient.get(partner._origin)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_past_visit_ids(self):
        now = fields.Datetime.now()
        for partner in self:
            partner.past_visit_ids = self.env["calendar.event"].search(
                [("patient_id", "=", partner.id), ("stop", "<", now)],
                order="start desc, id desc",
                limit=MOST_PAST,
            )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_last_reminder_ids(self):
        """Those whose patient was called, the last visit first."""
        for partner in self:
            partner.last_reminder_ids = self.env["clinic.reminder.call"].search(
                [("patient_id", "=", partner.id), ("attempt_count", ">", 0)],
                order="visit_start desc, id desc",
                limit=MOST_ANSWERS,
            )

    @api.depends_context("uid")
    def _compute_may_correct(self):
        for partner in self:
            partner.may_correct = partner.sudo()._is_desks_to_correct()

    # === Actions === #
    @api.model
    def reminder_find_patients(self, text):
        """Who calls: by number or name, however they are written.

        :return: dicts of id, name, phone and the next visit in words
        :raise AccessError: the user is no front desk
        """
        self._check_front_desk()
        found = self._reminder_find(text, limit=MOST_FOUND) if text.strip() else self
        return [patient._found_row() for patient in found]

    def _found_row(self):
        return {
            "id": self.id,
            "name": self.name,
            "phone": self.reminder_phone_shown,
            "visit": moments.visit_in_words(self.coming_visit_ids[:1]),
        }

    def action_book_visit(self):
        """A new visit of this patient's, in a form."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.visit_action_book"
        )
        context = literal_eval(action["context"])
        return {**action, "context": {**context, "default_patient_id": self.id}}

    def action_correct_patient(self):
        """Name, number and wishes of the patient, to be corrected."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Patient"),
            "res_model": "clinic.reminder.patient.entry",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_patient_id": self.id},
        }


class CalendarEventCard(models.Model):
    # above the patient's card, where it is pressed
    _inherit = "calendar.event"  # pylint: disable=R8180

    def action_open_visit(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.id,
            "views": [(self.env.ref(VISIT_FORM).id, "form")],
        }

    def action_choose_time(self):
        """The next free times, of which staff choose one."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "clinic_voicebox_reminder.choose_time",
            "params": {"visit_id": self.id},
        }

    def action_rebook(self, start, specialist_id):
        """Move the visit; with a way back, if the robot has a reminder of it.

        :param str start: UTC
        :raise UserError: the time is not free any more
        """
        self.ensure_one()
        reminder = self.sudo()._standing_reminders()[-1:].sudo(False)
        if reminder:
            return reminder.action_rebook(start, specialist_id)
        said = self._rebook(start, specialist_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": said, "type": "success"},
        }
