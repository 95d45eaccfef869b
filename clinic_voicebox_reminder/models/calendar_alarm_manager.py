from itertools import chain

from odoo import models

from ..tools.vocabulary import SILENT_STATUSES


class CalendarAlarmManager(models.AbstractModel):
    _inherit = "calendar.alarm_manager"

    def _get_events_by_alarm_to_notify(self, alarm_type):
        """Odoo's own reminders, by mail and by SMS: none for a visit that is off.

        The next occurrence of a series still gets its own.
        """
        found = super()._get_events_by_alarm_to_notify(alarm_type)
        events = self.env["calendar.event"].browse(set(chain(*found.values())))
        silent = events.filtered(
            lambda event: event.patient_id and event.visit_status in SILENT_STATUSES
        )
        if not silent:
            return found
        silent._setup_event_recurrent_alarms(
            {alarm: [i for i in ids if i in silent.ids] for alarm, ids in found.items()}
        )
        left = {
            alarm: [i for i in ids if i not in silent.ids]
            for alarm, ids in found.items()
        }
        return {alarm: ids for alarm, ids in left.items() if ids}
