from odoo import api, models
from odoo.tools import hmac

# what may be empty, and is then that of the nearest company above; later changes count
CREDENTIALS = ("voicebox_url", "voicebox_login", "voicebox_password", "voicebox_method")
INHERITED = (
    *CREDENTIALS,
    "voicebox_callback_secret",
    "voicebox_test_numbers",
    "reminder_visit_tag_ids",
    "reminder_tz",
    "reminder_calendar_id",
    "reminder_responsible_id",
    "country_id",
)
MODES = ("disabled", "test", "live")  # the first restrict the most


class ResCompanyBranch(models.Model):
    """A branch goes by the settings of the company above it, where it has none."""

    # below the company's own file, which reads its settings through this one
    _inherit = "res.company"  # pylint: disable=R8180

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_parents_settings(v) for v in vals_list])

    def _with_parents_settings(self, vals):
        """What can't be empty a new branch takes over; what can stays empty."""
        parent = self.sudo().browse(vals.get("parent_id") or ())
        if not parent:
            return vals
        taken = {name: parent[name] for name in self._reminder_taken_over()}
        return {"reminder_tz": False, "reminder_calendar_id": False, **taken, **vals}

    @api.model
    def _reminder_taken_over(self):
        """Names of the settings that always have a value."""
        return [
            name
            for name, field in self._fields.items()
            if name.startswith(("reminder_", "voicebox_"))
            and field.type in ("boolean", "integer", "selection")
            and field.store
            and name not in INHERITED
        ]

    def _reminder_line(self):
        """The company and those above it, the nearest first; as the superuser."""
        line, company = self.browse().sudo(), self.sudo()
        while company:
            line, company = line + company, company.parent_id
        return line

    def _reminder_setting(self, name):
        """The company's own value, else that of the nearest company above it.

        Records come as the superuser's.
        """
        if own := self.sudo()[name]:
            return own
        is_credential = name in CREDENTIALS
        line = self._voicebox_account_line() if is_credential else self._reminder_line()
        return next(filter(None, (c[name] for c in line)), self.sudo()[name])

    def _voicebox_credentials(self, typed=None):
        """What the company calls with, by field; to be called as the superuser.

        :param dict typed: credentials of the company's own that are not saved (yet);
            what is empty there comes from above, if the address does
        """
        if typed is None:
            return {name: self._reminder_setting(name) for name in CREDENTIALS}
        above = {}
        if self.parent_id and not typed.get("voicebox_url"):
            above = self.parent_id._voicebox_credentials()
        return {name: typed.get(name) or above.get(name) for name in CREDENTIALS}

    def _voicebox_fingerprint(self, typed=None):
        """Tells credentials from others, and nobody what they are."""
        values = [value or "" for value in self._voicebox_credentials(typed).values()]
        return hmac(self.env(su=True), "voicebox-credentials", values)

    def _up_to(self, company):
        """The first of a line, up to that company; all, where it is not among them."""
        return self[: self.ids.index(company.id) + 1] if company in self else self

    def _voicebox_owner(self):
        """The company through whose campaign this one calls: lines, calls per minute
        and pauses are that one's. It is the company itself where nobody has any."""
        has_campaign = self._reminder_line().filtered(
            lambda company: any(company[name] for name in CREDENTIALS)
        )
        return has_campaign[:1] or self

    def _voicebox_account_line(self):
        """The company and those above it, up to the first with an address of its own:
        nobody's password goes to another's server."""
        line = self._reminder_line()
        return line._up_to(line.filtered("voicebox_url")[:1])

    def _voicebox_line(self):
        """The company and those above it, up to the owner of the campaign."""
        return self._reminder_line()._up_to(self._voicebox_owner())

    def _voicebox_callers(self):
        """The companies that call through the campaigns of these."""
        return self._reminder_below().filtered(lambda c: c._voicebox_owner() in self)

    def _reminder_below(self):
        """These companies and their branches, as the superuser."""
        companies = self.sudo().with_context(active_test=False)
        return companies.search([("id", "child_of", self.ids)])

    def _voicebox_mode_in_force(self):
        """Those with whose account a branch calls restrict it, never let it loose."""
        modes = self._voicebox_account_line().mapped("voicebox_mode")
        return min(modes, key=MODES.index, default="disabled")

    def _voicebox_secret_owner(self):
        """The company whose secret reports this one's calls; itself without any."""
        line = self._reminder_line()
        return line.filtered("voicebox_callback_secret")[:1] or self

    def _voicebox_reported(self):
        """The companies whose calls this one's secret may report (law 9): its own, and
        those of its branches that have no secret of their own."""
        return self._reminder_below().filtered(
            lambda company: company._voicebox_secret_owner() == self
        )
