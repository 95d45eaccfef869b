from odoo import api, models


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        numbers = super().create(vals_list)
        numbers._mark_numbers()
        return numbers

    def write(self, vals):
        before = self.mapped("number")
        result = super().write(vals)
        self._mark_numbers(before)
        return result

    def unlink(self):
        self._mark_numbers()
        return super().unlink()

    def _mark_numbers(self, others=()):
        """A plan is to look at whom these numbers lead to."""
        numbers = {*self.mapped("number"), *others}
        self.env["clinic.reminder.mark"]._leave_numbers(numbers)
