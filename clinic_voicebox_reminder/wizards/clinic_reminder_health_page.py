from odoo import api, fields, models

from ..tools import health

# Bootstrap's colour and Font Awesome's icon for each level
LOOKS = {
    health.OK: ("success", "fa-check-circle"),
    health.WARNING: ("warning", "fa-exclamation-triangle"),
    health.ERROR: ("danger", "fa-times-circle"),
}


class ClinicReminderHealthPage(models.TransientModel):
    """Shows the health of the companies that the administrator has switched on."""

    _name = "clinic.reminder.health.page"
    _description = "Reminder Call Health Page"

    checked_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    content = fields.Html(compute="_compute_content", sanitize=False)

    def _compute_display_name(self):
        self.display_name = self.env._("Health of the Reminder Calls")

    @api.depends("checked_at")
    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_content(self):
        model = self.env["clinic.reminder.health"]
        companies = {c.name: model._sections(c) for c in self.env.companies}
        values = {
            "companies": [
                {"name": name, "sections": sections, "seen": _titles(sections)}
                for name, sections in companies.items()
            ],
            "looks": LOOKS,
            "words": {
                health.OK: self.env._("Fine"),
                health.WARNING: self.env._("Warning"),
                health.ERROR: self.env._("Alarm"),
            },
            "links": self._links(),
        }
        template = "clinic_voicebox_reminder.health_page"
        self.content = self.env["ir.qweb"]._render(template, values)

    @api.model
    def _links(self):
        """Where more is told, by the name of the check."""
        prefix = "/odoo/action-clinic_voicebox_reminder"
        callbacks = f"{prefix}.voicebox_callback_action"
        attempts = f"{prefix}.clinic_reminder_attempt_action"
        links = {
            "connection": f"{prefix}.voicebox_channel_action",
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
