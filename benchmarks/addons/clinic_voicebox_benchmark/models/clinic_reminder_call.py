import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class ClinicReminderCall(models.Model):
    _inherit = "clinic.reminder.call"

    @api.model
    def _cron_dispatch(self):
        """Tells the log how many statements a run took."""
        before = self.env.cr.sql_log_count
        result = super()._cron_dispatch()
        _logger.info("dispatched with queries=%s", self.env.cr.sql_log_count - before)
        return result
