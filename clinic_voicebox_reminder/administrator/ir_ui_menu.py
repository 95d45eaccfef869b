from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """First Steps leave the menu when no company needs them any more."""
        hidden = super()._load_menus_blacklist()
        companies = self.env["res.company"].sudo()
        if not companies.search_count([("reminder_first_steps", "=", True)], limit=1):
            menu = self.env.ref("clinic_voicebox_reminder.clinic_first_steps_menu")
            hidden.append(menu.id)
        return hidden
