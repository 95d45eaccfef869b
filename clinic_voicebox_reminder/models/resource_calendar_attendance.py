from odoo import api, models
from odoo.exceptions import ValidationError


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._reminder_mark()
        return lines

    def write(self, vals):
        before = self.calendar_id
        result = super().write(vals)
        (before | self.calendar_id)._reminder_mark()
        return result

    def unlink(self):
        self.calendar_id._reminder_mark()
        return super().unlink()

    @api.constrains("hour_from", "hour_to", "display_type")
    def _check_hours_in_order(self):
        """Odoo would say of such hours that they overlap, or nothing at all."""
        for line in self.filtered(lambda line: not line.display_type):
            if line.hour_from >= line.hour_to:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” must end after it begins. Hours over midnight are "
                        "written as two lines: one until 24:00, and one from 0:00 on "
                        "the next day.",
                        name=line.name,
                    )
                )
