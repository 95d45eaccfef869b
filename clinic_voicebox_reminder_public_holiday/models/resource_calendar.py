from datetime import datetime, time, timedelta

from odoo import models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _reminder_wall_holidays(self, start, end, company):
        """The public holidays of the clinic's country and state are days off, too.

        A branch without a country is in that of the company above it.
        """
        clinic = company._reminder_line().filtered("country_id")[:1] or company
        lines = self.env["calendar.public.holiday"].get_holidays_list(
            start_dt=start.date(),
            end_dt=end.date(),
            partner_id=clinic.partner_id.id,
        )
        days = (datetime.combine(day, time.min) for day in lines.mapped("date"))
        return super()._reminder_wall_holidays(start, end, company) + [
            (midnight, midnight + timedelta(days=1), self) for midnight in days
        ]
