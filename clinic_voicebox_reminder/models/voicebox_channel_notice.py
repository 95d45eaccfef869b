from datetime import timedelta

from odoo import api, fields, models

WORTH_TELLING = timedelta(minutes=5)  # of a pause that ends by itself
NEEDS_PERSON = ("configuration", "rejected")  # a pause that does not


class VoiceboxChannelNotice(models.Model):
    """Tells staff that calling is stopped, and why."""

    # one model, one room for each of its duties
    _inherit = "voicebox.channel"  # pylint: disable=R8180

    @api.model
    def _of(self, company):
        """The company's channel; none where it was never needed."""
        return self.search([("company_id", "=", company.id)])

    @api.model
    def get_calling_notice(self):
        """For the banner above lists: why the user's companies are not called.

        A company without reminder calls is not spoken of beside one that has them.

        :return: a text, empty while all is well
        """
        if not self.env.user._is_internal():
            return ""
        companies = self.env.companies.sudo()
        calling = companies.filtered(lambda c: c.voicebox_mode != "disabled")
        notices = self._calling_notices(calling or companies)
        several = len(self.env.companies) > 1
        return " ".join(
            f"{company.name}: {notice}" if several else notice
            for company, notice in notices.items()
            if notice
        )

    @api.model
    def _calling_notices(self, companies):
        """Dict of company to a sentence; empty where calling goes on.

        In the reader's language and zone (both from the context).
        """
        channels = self.sudo().search([("company_id", "in", companies.ids)])
        by_company = {channel.company_id: channel for channel in channels}
        return {
            company: self._mode_sentence(company)
            or by_company.get(company, self)._stop_sentence()
            for company in companies.sudo()
        }

    @api.model
    def _mode_sentence(self, company):
        return {
            "disabled": self.env._("Reminder calls are switched off."),
            "test": self.env._("Test mode: only the test numbers are called."),
        }.get(company.voicebox_mode, "")

    def _stop_sentence(self):
        """A short pause that ends by itself is not worth a banner."""
        if self.state != "paused":
            return ""
        age = fields.Datetime.now() - self.paused_since
        if self.error_kind not in NEEDS_PERSON and age < WORTH_TELLING:
            return ""
        return self._pause_sentence()

    def _pause_sentence(self):
        """Why calling rests, since when and until when."""
        kinds = dict(self._fields["error_kind"]._description_selection(self.env))
        health = self.env["clinic.reminder.health"]
        return self.env._(
            "Reminder calls have stopped (since %(since)s): %(reason)s. Next try: "
            "%(next)s.",
            since=health._when(self.paused_since),
            reason=kinds[self.error_kind],
            next=health._when(self.pause_until),
        )
