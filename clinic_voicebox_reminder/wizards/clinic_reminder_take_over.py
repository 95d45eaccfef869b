from odoo import Command, api, fields, models


class ClinicReminderTakeOver(models.TransientModel):
    """Coming events that would be visits under the clinic's rule, and their taking
    over: neither the installation nor a change of the rule makes visits of them."""

    _name = "clinic.reminder.take.over"
    _description = "Taking Over of Coming Events"

    company_id = fields.Many2one(
        "res.company",
        "Clinic",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    visit_rule = fields.Selection(related="company_id.reminder_visit_rule")
    line_ids = fields.One2many(
        "clinic.reminder.take.over.line",
        "take_over_id",
        "Events",
        default=lambda self: self._default_line_ids(),
    )

    @api.model
    def _default_line_ids(self):
        return [
            Command.create({"event_id": event.id, "patient_id": patient.id})
            for event, patient in self._candidates(self.env.company)
        ]

    @api.model
    def _candidates(self, company):
        """Events to come without a patient, with whom the rule would give them."""
        coming = self.env["calendar.event"].search(
            [
                ("patient_id", "=", False),
                ("start", ">", fields.Datetime.now()),
                ("partner_ids.partner_share", "=", True),
            ],
            order="start, id",
        )
        for event in coming.sudo():
            if event._reminder_company() == company:
                patient = event._patient_by_rule()
                if patient:
                    yield event, patient

    def action_take_over(self):
        """Make the events that are left on the list visits."""
        self.ensure_one()
        for patient, lines in self.line_ids.grouped("patient_id").items():
            lines.event_id.write({"patient_id": patient.id})
        return {"type": "ir.actions.act_window_close"}


class ClinicReminderTakeOverLine(models.TransientModel):
    _name = "clinic.reminder.take.over.line"
    _description = "Event to Take Over"
    _order = "start, id"

    take_over_id = fields.Many2one(
        "clinic.reminder.take.over", required=True, ondelete="cascade"
    )
    event_id = fields.Many2one(
        "calendar.event", required=True, readonly=True, ondelete="cascade"
    )
    patient_id = fields.Many2one("res.partner", required=True)
    start = fields.Datetime(related="event_id.start", store=True)
    organizer_id = fields.Many2one(related="event_id.user_id", string="Organizer")
