from odoo import api, models


class ClinicReminderCached(models.AbstractModel):
    """A small table that is read for every visit, and so kept in the cache."""

    _name = "clinic.reminder.cached"
    _description = "Cached Reminder Table"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
