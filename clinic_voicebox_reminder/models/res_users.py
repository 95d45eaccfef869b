from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    takes_visits = fields.Boolean(
        help="A specialist: patients come to this user, and events with them are visits"
    )
    visit_duration = fields.Float(
        "Usual Length of a Visit",
        default=0.5,
        help="Hours; a visit booked with this specialist is as long, unless somebody "
        "sets another length",
    )
    visit_color = fields.Integer("Color of the Visits")
    visit_calendar_id = fields.Many2one(
        "resource.calendar",
        "Visiting Hours",
        help="When patients may be booked; empty: the working hours that this user or "
        "else the company has",
    )
    _visit_duration_positive = models.Constraint(
        "CHECK (visit_duration > 0)", "A visit takes some time."
    )

    def write(self, vals):
        """Visits follow their specialist to another company, as far as nobody has
        chosen theirs."""
        result = super().write(vals)
        if "company_id" in vals:
            self._mark_visits()
        return result

    def _mark_visits(self):
        self.env["calendar.event"].sudo().search(
            [
                ("start", ">", fields.Datetime.now()),
                ("patient_id", "!=", False),
                "|",
                ("specialist_id", "in", self.ids),
                ("user_id", "in", self.ids),
            ]
        ).patient_id._reminder_mark()

    def _visit_hours(self):
        """The calendar by which the specialist takes visits; may be empty.

        Working hours that other applications keep (Odoo's own are on the user's
        resource) count where no visiting hours are set.
        """
        self.ensure_one()
        user = self.sudo()
        resources = user.resource_ids.filtered(
            lambda resource: resource.company_id == user.company_id
        )
        return (
            user.visit_calendar_id
            or resources.calendar_id[:1]
            or user.company_id.resource_calendar_id
        )
