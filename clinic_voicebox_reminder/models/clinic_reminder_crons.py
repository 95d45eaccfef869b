from odoo import api, models


class ClinicReminderCrons(models.Model):
    """The scheduled actions' doors: their names are a contract."""

    # above the services, which stand on the reminder's own file
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.model
    def _cron_plan(self):
        self.env["clinic.reminder.planner"].sudo()._run()

    @api.model
    def _cron_dispatch(self):
        self.env["clinic.reminder.dispatcher"].sudo()._run()

    @api.model
    def _cron_sweep(self):
        self.env["clinic.reminder.sweeper"].sudo()._run()
