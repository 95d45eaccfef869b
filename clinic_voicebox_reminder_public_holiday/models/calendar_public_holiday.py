from odoo import models


class CalendarPublicHoliday(models.Model):
    _inherit = "calendar.public.holiday"

    def write(self, vals):
        result = super().write(vals)
        if "country_id" in vals:
            self.env["res.company"]._reminder_mark()
        return result

    def unlink(self):
        self.env["res.company"]._reminder_mark()
        return super().unlink()
