from odoo import api, fields, models


class VoiceboxChannelPage(models.Model):
    """A to-do about the connection opens the same page as the menu."""

    # above the page that it shows
    _inherit = "voicebox.channel"  # pylint: disable=R8180

    content = fields.Html(compute="_compute_content", sanitize=False)

    @api.depends("company_id", "state")
    @api.depends_context("lang", "tz")
    def _compute_content(self):
        pages = self.env["clinic.reminder.health.page"]
        for channel in self:
            channel.content = pages._content_of(channel.company_id)
