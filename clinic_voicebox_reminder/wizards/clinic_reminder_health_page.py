from odoo import api, fields, models

from ..tools import health

# Bootstrap's colour and Font Awesome's icon for each level
LOOKS = {
    health.OK: ("success", "fa-check-circle"),
    health.WARNING: ("warning", "fa-exclamation-triangle"),
    health.ERROR: ("danger", "fa-times-circle"),
}


class ClinicReminderHealthPage(models.TransientModel):
    """Shows the connection and the health of the companies that the administrator has
    switched on."""

    _name = "clinic.reminder.health.page"
    _description = "Reminder Call Health Page"

    checked_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    content = fields.Html(compute="_compute_content", sanitize=False)
    is_paused = fields.Boolean(compute="_compute_content")

    def _compute_display_name(self):
        self.display_name = self.env._("Connection and Health")

    @api.depends("checked_at")
    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_content(self):
        channels = self._channels()
        for page in self:
            page.is_paused = "paused" in channels.mapped("state")
            page.content = self._content_of(self.env.companies)

    def action_resume(self):
        """Try again now instead of at the end of the pause."""
        self.check_access("read")
        self._channels().action_resume()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.clinic_reminder_health_page_action"
        )

    @api.model
    def _channels(self):
        """Those through which the chosen companies call."""
        owners = self.env.companies.mapped(lambda company: company._voicebox_owner())
        return self.env["voicebox.channel"].search([("company_id", "in", owners.ids)])

    @api.model
    def _content_of(self, companies):
        """The page of these companies, as HTML."""
        values = {
            "companies": [self._company(company) for company in companies],
            "looks": LOOKS,
            "words": {
                health.OK: self.env._("Fine"),
                health.WARNING: self.env._("Warning"),
                health.ERROR: self.env._("Alarm"),
            },
            "links": self._links(),
        }
        template = "clinic_voicebox_reminder.health_page"
        return self.env["ir.qweb"]._render(template, values)

    @api.model
    def _company(self, company):
        sections = self.env["clinic.reminder.health"]._sections(company)
        channel = self.env["voicebox.channel"].sudo()._channel_of(company)
        return {
            "name": company.name,
            "sections": sections,
            "seen": _titles(sections),
            "details": channel.error_message or "",
            "history": self.env["clinic.going.live"]._lines(company),
        }

    @api.model
    def _links(self):
        """Where more is told, by the name of the check."""
        prefix = "/odoo/action-clinic_voicebox_reminder"
        callbacks = f"{prefix}.voicebox_callback_action"
        attempts = f"{prefix}.clinic_reminder_attempt_action"
        links = {
            "backlog": f"{prefix}.clinic_reminder_call_action",
            "replies": attempts,
            "no_answer": attempts,
            "no_result": attempts,
            "callbacks": callbacks,
            "unmatched": callbacks,
        }
        if self.env.user.has_group("base.group_system"):
            crons = "/odoo/action-base.ir_cron_act"
            links |= {"mode": f"{prefix}.res_config_settings_action"}
            links |= dict.fromkeys(("plan", "dispatch", "sweep"), crons)
        return links


def _titles(sections):
    """The titles of the checks by level, the worst level first."""
    checks = [check for _title, checks in sections for check in checks]
    return {
        level: ", ".join(check.title for check in checks if check.level == level)
        for level in reversed(health.LEVELS)
    }
