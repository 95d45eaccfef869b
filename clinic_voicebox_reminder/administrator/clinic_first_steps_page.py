from dataclasses import asdict

from odoo import api, fields, models


class ClinicFirstStepsPage(models.AbstractModel):
    """The page of the first steps: what it shows, and what is done on it.

    About the first of the chosen companies. For those who reach the settings.
    """

    _name = "clinic.first.steps.page"
    _description = "First Steps"

    @api.model
    def get_page(self):
        """
        :raise AccessError: the user reaches no settings
        """
        company = self._company()
        steps = self.env["clinic.first.steps"].sudo()._steps(company)
        self._close_when_done(company, steps)
        undone = [step.title for step in steps[:-1] if not step.done]
        return {
            "company": company.name,
            "steps": [asdict(step) for step in steps],
            "done": sum(step.done for step in steps),
            "undone": undone,
            "is_shown": company.reminder_first_steps,
            "history": self.env["clinic.going.live"]._lines(company),
        }

    @api.model
    def get_progress(self):
        """For the systray: (steps done, steps in all); empty where nobody has to be
        reminded of them."""
        if not self.env["res.config.settings"].has_access("create"):
            return []
        company = self.env.company.sudo()
        if not company.reminder_first_steps:
            return []
        steps = self.env["clinic.first.steps"].sudo()._steps(company)
        done = sum(step.done for step in steps)
        return [done, len(steps)] if done < len(steps) else []

    @api.model
    def confirm_choices(self):
        """Hours, zone and consent are as they should be."""
        self._company().reminder_chosen_at = fields.Datetime.now()
        return self.get_page()

    @api.model
    def go_live(self, reason=""):
        """
        :raise ValidationError: there are no means to call
        :raise UserError: steps are not done, and there is no reason
        """
        company = self._company().sudo(False)
        company._check_means_to_call()
        company.write({"voicebox_mode": "live", "voicebox_live_reason": reason})
        return self.get_page()

    @api.model
    def show(self, is_shown):
        """Put the page away, or call it back to the menu."""
        self._company().reminder_first_steps = is_shown
        return self.get_page()

    @api.model
    def _company(self):
        """As the superuser; who asks has been looked at."""
        self.env["res.config.settings"].check_access("create")
        return self.env.company.sudo()

    @api.model
    def _close_when_done(self, company, steps):
        if company.reminder_first_steps and all(step.done for step in steps):
            company.reminder_first_steps = False
