from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._mark_visits()
        return leaves

    def write(self, vals):
        self._mark_visits()
        result = super().write(vals)
        self._mark_visits()
        return result

    def unlink(self):
        self._mark_visits()
        return super().unlink()

    def _mark_visits(self):
        """Holidays count for those who call by their calendar; those of a company for
        it and its branches. Somebody's time off is none."""
        holidays = self.sudo().filtered(lambda leave: not leave.resource_id)
        holidays.calendar_id._reminder_mark()
        for company in {
            leave.company_id for leave in holidays if not leave.calendar_id
        }:
            company._reminder_mark()
