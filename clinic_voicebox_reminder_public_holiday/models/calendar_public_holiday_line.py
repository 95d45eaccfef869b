from odoo import api, models


class CalendarPublicHolidayLine(models.Model):
    _inherit = "calendar.public.holiday.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["res.company"]._reminder_mark()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.env["res.company"]._reminder_mark()
        return result

    def unlink(self):
        self.env["res.company"]._reminder_mark()
        return super().unlink()
