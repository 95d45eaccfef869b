from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytz

from odoo import models
from odoo.tools.intervals import Intervals

from ..tools import calling_hours


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        self._reminder_mark()
        return result

    def _reminder_mark(self):
        """A plan is to look at the visits of all who call by these hours."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        by_these = companies.search([("reminder_calendar_id", "in", self.ids)])
        if by_these:
            by_these._reminder_mark()

    def _reminder_wall_windows(self, first_day, last_day, company):
        """The calendar's hours as wall times, to be read on any patient's clock.

        Working hours and holidays are both taken as they stand on the wall of the
        calendar's own zone: a holiday of 1 January is 1 January everywhere. Flexible
        hours tell how long, not when: they are no hours to call in.

        :param company: whose holidays count besides the calendar's own
        :return: list of (naive start, naive end), from `first_day` to `last_day`
        """
        self.ensure_one()
        if self.flexible_hours:
            return []
        start = datetime.combine(first_day, time.min)
        end = datetime.combine(last_day + timedelta(days=1), time.min)
        attendances = self._attendance_intervals_batch(
            pytz.utc.localize(start), pytz.utc.localize(end), tz=pytz.utc
        )[False]
        hours = Intervals(
            (opens.replace(tzinfo=None), closes.replace(tzinfo=None), self)
            for opens, closes, _attendance in attendances
        )
        holidays = self._reminder_wall_holidays(start, end, company)
        open_hours = hours - Intervals(holidays)
        return [
            (_whole_minute(opens), _whole_minute(closes))
            for opens, closes, _calendar in open_hours
        ]

    def _reminder_wall_holidays(self, start, end, company):
        """Holidays between two wall times, as (start, end, calendar) wall times."""
        zone = ZoneInfo(self.tz or "UTC")
        return [
            (
                calling_hours.to_local(leave.date_from, zone).replace(tzinfo=None),
                calling_hours.to_local(leave.date_to, zone).replace(tzinfo=None),
                self,
            )
            for leave in self._reminder_holidays(start, end, company)
        ]

    def _reminder_holidays(self, start, end, company):
        """The holidays that Odoo applies to everybody: of the calendar, or of the
        company for all calendars.

        Odoo writes a company on every one of them, also on those of a calendar that
        companies share.
        """
        day = timedelta(days=1)
        return self.env["resource.calendar.leaves"].search(
            [
                "|",
                ("calendar_id", "=", self.id),
                "&",
                ("calendar_id", "=", False),
                ("company_id", "in", [False, *company._reminder_line().ids]),
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("date_from", "<=", end + day),
                ("date_to", ">=", start - day),
            ]
        )


def _whole_minute(wall):
    """Odoo ends a day at 23:59:59.999999: that is midnight."""
    rounded = wall + timedelta(seconds=30)
    return rounded.replace(second=0, microsecond=0)
