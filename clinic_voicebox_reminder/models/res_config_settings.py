from odoo import api, fields, models

from .res_company import ADMIN
from .res_company_branch import INHERITED


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # === Voicebox === #
    voicebox_url = fields.Char(related="company_id.voicebox_url", readonly=False)
    voicebox_login = fields.Char(related="company_id.voicebox_login", readonly=False)
    voicebox_password = fields.Char(
        related="company_id.voicebox_password", readonly=False
    )
    voicebox_method = fields.Char(related="company_id.voicebox_method", readonly=False)
    voicebox_callback_secret = fields.Char(
        related="company_id.voicebox_callback_secret"
    )
    voicebox_previous_secret_until = fields.Datetime(
        related="company_id.voicebox_previous_secret_until"
    )
    voicebox_callback_url = fields.Char(
        "Callback Address", compute="_compute_voicebox_callback", groups=ADMIN
    )
    voicebox_callback_url_secret = fields.Char(
        "Address with the Secret", compute="_compute_voicebox_callback", groups=ADMIN
    )
    voicebox_callback_header = fields.Char(
        "Authorization Header", compute="_compute_voicebox_callback", groups=ADMIN
    )
    reminder_inherited = fields.Char(
        "Taken from Above", compute="_compute_reminder_inherited", groups=ADMIN
    )
    voicebox_trouble = fields.Char(compute="_compute_voicebox_trouble", groups=ADMIN)
    reminder_visit_rule = fields.Selection(
        related="company_id.reminder_visit_rule", readonly=False
    )
    reminder_visit_tag_ids = fields.Many2many(
        related="company_id.reminder_visit_tag_ids", readonly=False
    )
    reminder_visit_synced = fields.Boolean(
        related="company_id.reminder_visit_synced", readonly=False
    )
    voicebox_max_lines = fields.Integer(
        related="company_id.voicebox_max_lines", readonly=False
    )
    voicebox_calls_per_minute = fields.Integer(
        related="company_id.voicebox_calls_per_minute", readonly=False
    )
    voicebox_test_numbers = fields.Text(
        related="company_id.voicebox_test_numbers", readonly=False
    )

    # === When, whom and how often === #
    reminder_tz = fields.Selection(related="company_id.reminder_tz", readonly=False)
    reminder_calendar_id = fields.Many2one(
        related="company_id.reminder_calendar_id", readonly=False
    )
    reminder_lead_days = fields.Integer(
        related="company_id.reminder_lead_days", readonly=False
    )
    reminder_spread = fields.Boolean(
        related="company_id.reminder_spread", readonly=False
    )
    reminder_max_calls = fields.Integer(
        related="company_id.reminder_max_calls", readonly=False
    )
    reminder_pause_no_answer = fields.Integer(
        related="company_id.reminder_pause_no_answer", readonly=False
    )
    reminder_pause_hung_up = fields.Integer(
        related="company_id.reminder_pause_hung_up", readonly=False
    )
    reminder_pause_machine = fields.Integer(
        related="company_id.reminder_pause_machine", readonly=False
    )
    reminder_pause_no_result = fields.Integer(
        related="company_id.reminder_pause_no_result", readonly=False
    )
    reminder_result_timeout = fields.Integer(
        related="company_id.reminder_result_timeout", readonly=False
    )
    reminder_min_notice = fields.Integer(
        related="company_id.reminder_min_notice", readonly=False
    )
    reminder_late_booking = fields.Integer(
        related="company_id.reminder_late_booking", readonly=False
    )
    reminder_phone_daily_cap = fields.Integer(
        related="company_id.reminder_phone_daily_cap", readonly=False
    )
    reminder_phone_weekly_cap = fields.Integer(
        related="company_id.reminder_phone_weekly_cap", readonly=False
    )
    reminder_calls_per_day = fields.Integer(
        related="company_id.reminder_calls_per_day", readonly=False
    )
    reminder_vary_time = fields.Boolean(
        related="company_id.reminder_vary_time", readonly=False
    )
    reminder_one_call_a_day = fields.Boolean(
        related="company_id.reminder_one_call_a_day", readonly=False
    )
    reminder_one_voice = fields.Boolean(
        related="company_id.reminder_one_voice", readonly=False
    )
    reminder_lang = fields.Selection(related="company_id.reminder_lang", readonly=False)
    reminder_rich_variables = fields.Boolean(
        related="company_id.reminder_rich_variables", readonly=False
    )
    reminder_example = fields.Char("For Example", compute="_compute_reminder_example")
    reminder_consent_mode = fields.Selection(
        related="company_id.reminder_consent_mode", readonly=False
    )
    reminder_retention_days = fields.Integer(
        related="company_id.reminder_retention_days", readonly=False
    )
    reminder_responsible_id = fields.Many2one(
        related="company_id.reminder_responsible_id", readonly=False
    )

    @api.depends("company_id")
    def _compute_voicebox_callback(self):
        for settings in self:
            company = settings.company_id
            settings.voicebox_callback_url = company._voicebox_callback_url()
            settings.voicebox_callback_url_secret = company._voicebox_callback_url(
                with_secret=True
            )
            settings.voicebox_callback_header = company._voicebox_callback_header()

    @api.depends("company_id")
    def _compute_voicebox_trouble(self):
        """Why calling rests, for the line above the settings; empty if it does not."""
        for settings in self:
            channel = settings._voicebox_channel()
            reasons = dict(
                channel._fields["error_kind"]._description_selection(self.env)
            )
            resting = channel.state == "paused"
            settings.voicebox_trouble = resting and reasons.get(channel.error_kind)

    @api.depends("company_id")
    def _compute_reminder_inherited(self):
        """Which settings a branch has from above, in words; empty for no branch."""
        for settings in self:
            company = settings.company_id.sudo()
            inherited = company.parent_id and ", ".join(
                company._fields[name]._description_string(self.env)
                for name in INHERITED
                if not company[name] and company._reminder_setting(name)
            )
            settings.reminder_inherited = bool(inherited) and self.env._(
                "A branch of %(company)s. Taken from above, as they are empty here: "
                "%(settings)s.",
                company=company.parent_id.name,
                settings=inherited,
            )

    def _voicebox_channel(self):
        return self.env["voicebox.channel"].sudo()._channel_of(self.company_id)

    @api.depends("company_id", "reminder_lang", "reminder_tz")
    def _compute_reminder_example(self):
        for settings in self:
            settings.reminder_example = settings.company_id._reminder_example(
                settings.reminder_lang
            )

    # === Actions === #
    def action_voicebox_new_secret(self):
        """Make a new callback secret and show the settings with it."""
        self.ensure_one()
        self.company_id._voicebox_new_secret()
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_voicebox_resume(self):
        """Try again now instead of at the end of the pause."""
        self.ensure_one()
        self._voicebox_channel()._resume()
        return {"type": "ir.actions.client", "tag": "reload"}
