from odoo import api, fields, models

from ..models.res_company import ADMIN


class ResConfigSettingsStart(models.TransientModel):
    """The mode is set last, when all else that was typed is in its place."""

    # above the company's door to live
    _inherit = "res.config.settings"  # pylint: disable=R8180

    voicebox_mode = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["voicebox_mode"]
            ._description_selection(self.env)
        ),
        "Reminder Calls",
        compute="_compute_voicebox_mode",
        store=True,
        readonly=False,
    )
    voicebox_goes_live = fields.Boolean(
        compute="_compute_voicebox_goes_live", groups=ADMIN
    )
    voicebox_undone_steps = fields.Char(
        "Steps Not Done", compute="_compute_voicebox_undone_steps", groups=ADMIN
    )
    voicebox_live_reason = fields.Char("Reason", groups=ADMIN)

    @api.depends("company_id")
    def _compute_voicebox_mode(self):
        for settings in self:
            settings.voicebox_mode = settings.company_id.voicebox_mode

    @api.depends("company_id", "voicebox_mode")
    def _compute_voicebox_goes_live(self):
        for settings in self:
            before, now = settings.company_id.voicebox_mode, settings.voicebox_mode
            settings.voicebox_goes_live = now == "live" and before != now

    @api.depends("company_id")
    def _compute_voicebox_undone_steps(self):
        steps = self.env["clinic.first.steps"]
        for settings in self:
            undone = steps._undone(settings.company_id)
            settings.voicebox_undone_steps = ", ".join(undone)

    def set_values(self):
        """
        :raise ValidationError: calling is on and has not the means for it
        :raise UserError: going live before all is done, without a reason
        """
        result = super().set_values()
        company = self.company_id
        mode = self.voicebox_mode or company.voicebox_mode
        if mode != "disabled":
            company._check_means_to_call()
        if mode != company.voicebox_mode:
            reason = self.sudo().voicebox_live_reason
            company.write({"voicebox_mode": mode, "voicebox_live_reason": reason})
        return result
