from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Two contacts of one patient may both wait for a call about one time: one of
        the two reminders is closed, as the database allows one."""
        partners = self.env["res.partner"].browse(partner_ids).exists()
        self.env["clinic.reminder.planner"].sudo()._close_doubles(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        partners.exists()._reminder_mark()
        return result
