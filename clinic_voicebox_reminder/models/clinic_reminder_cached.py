from odoo import api, fields, models


class ClinicReminderCached(models.AbstractModel):
    """A small table that is read for every visit, and so kept in the cache.

    Of a company's own, or common to all.
    """

    _name = "clinic.reminder.cached"
    _description = "Cached Reminder Table"

    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for every company",
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _in_force(self, company_id):
        """What counts for a company: its own after those of the companies above it, and
        these after the common. The later ones overrule."""
        company = self.env["res.company"].browse(company_id or ())
        order = [False, *reversed(company._reminder_line().ids)]
        rows = self.sudo().search([("company_id", "in", order)])
        return rows.sorted(lambda row: order.index(row.company_id.id))
