from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.res_company import ADMIN


class ResCompanyStart(models.Model):
    """Nobody lets the robot call patients by a slip: what is still to be done is
    looked at, and who does it in spite of that says why."""

    # above the steps that it looks at
    _inherit = "res.company"  # pylint: disable=R8180

    reminder_first_steps = fields.Boolean(
        "Show First Steps", default=True, groups=ADMIN, copy=False
    )
    reminder_chosen_at = fields.Datetime(
        "Hours, Zone and Consent Chosen", readonly=True, groups=ADMIN, copy=False
    )
    voicebox_live_reason = fields.Char(
        "Reason",
        store=False,
        groups=ADMIN,
        help="Given together with the mode, where first steps are not done",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: as for :meth:`write`"""
        reasons = [vals.get("voicebox_live_reason") for vals in vals_list]
        modes = [vals.get("voicebox_mode") for vals in vals_list]
        companies = super().create(vals_list)
        for company, mode, reason in zip(companies, modes, reasons, strict=True):
            if mode == "live":
                company._note_going_live(reason)
        return companies

    def write(self, vals):
        """
        :raise UserError: a person goes live, first steps are not done, and no reason
            stands beside the mode. Programs that run as the superuser can't be asked:
            what they do is only noted.
        """
        starting = self.browse()
        if vals.get("voicebox_mode") == "live":
            starting = self.filtered(lambda company: company.voicebox_mode != "live")
        result = super().write(vals)
        for company in starting:
            company._note_going_live(vals.get("voicebox_live_reason"))
        if "reminder_first_steps" in vals:
            self.env.registry.clear_cache()  # menus
        return result

    def _note_going_live(self, reason):
        lang = self.partner_id.lang if self.env.su else self.env.lang
        steps = self.env["clinic.first.steps"].with_context(lang=lang)
        undone = ", ".join(steps._undone(self))
        reason = (reason or "").strip()
        if undone and not reason and not self.env.su:
            raise UserError(
                self.env._(
                    "Not done yet: %s. Please give a reason for going live now.",
                    undone,
                )
            )
        self.env["clinic.going.live"].sudo().create(
            {
                "company_id": self.id,
                "user_id": self.env.uid,
                "undone": undone,
                "reason": reason if undone else "",
            }
        )

    def _check_means_to_call(self):
        """Calling can't be switched on without the means to call.

        :raise ValidationError: naming what is missing
        """
        if missing := self._voicebox_missing_settings():
            raise ValidationError(
                self.env._(
                    "Reminder calls can't be switched on yet. Please fill in: %s.",
                    ", ".join(missing),
                )
            )
