from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..tools import person_words

FRONT_DESK = "clinic_voicebox_reminder.group_user"
# all that the front desk writes on a contact
DESK_FIELDS = {
    "name",
    "phone",
    "reminder_consent",
    "reminder_consent_source",
    "reminder_lang",
    "reminder_preferred_time",
    "reminder_spoken_name",
}
KEPT_CONTEXT = ("allowed_company_ids", "lang", "tz")


class ResPartnerDesk(models.Model):
    """What the front desk may do to patients without Odoo's right to edit contacts."""

    # above the patient's field
    _inherit = "res.partner"  # pylint: disable=R8180

    @api.model
    def _desk_make(self, vals):
        """A new patient, for all clinics to see.

        :raise AccessError: the user is no front desk
        """
        self._check_front_desk()
        return self._as_desk().create(self._desk_vals(vals)).sudo(False)

    def _desk_correct(self, vals):
        """Write what differs.

        :raise AccessError: these contacts are not the front desk's to correct
        """
        self._check_desk_may_correct()
        for partner in self._as_desk():
            wanted = self._desk_vals(vals)
            partner.write(
                {n: v for n, v in wanted.items() if (partner[n] or False) != v}
            )

    @api.model
    def _check_front_desk(self):
        if not (self.env.su or self.env.user.has_group(FRONT_DESK)):
            raise AccessError(self.env._("Only the front desk may do this."))

    def _check_desk_may_correct(self):
        self._check_front_desk()
        self.check_access("read")
        if any(not partner._is_desks_to_correct() for partner in self.sudo()):
            raise AccessError(
                self.env._(
                    "Only patients can be corrected here: no companies, nobody who "
                    "works here, and nobody of another clinic."
                )
            )

    def _is_desks_to_correct(self):
        is_near = not self.company_id or self.company_id in self.env.user.company_ids
        return is_near and not self.is_company and self._is_reminder_outsider()

    def _as_desk(self):
        """With the rights to write, and nothing of the caller's context that could
        widen what is written."""
        kept = self.env.context
        context = {name: kept[name] for name in KEPT_CONTEXT if name in kept}
        return self.with_env(self.env(context=context, su=True))

    @api.model
    def _desk_vals(self, vals):
        return {name: vals[name] or False for name in DESK_FIELDS & set(vals)}

    @api.model
    def _desk_same(self, name, phone):
        """Persons with the same number, or with exactly the same name."""
        people = Domain("is_company", "=", False)
        by_number = self.search(people & self._reminder_phone_domain(phone), limit=20)
        words = sorted(person_words.name_words(name))
        named = self._reminder_patient_domain(" ".join(words))
        by_name = self.search(people & named, limit=20)
        return by_number.filtered(lambda p: p._has_same_number(phone)) | (
            by_name.filtered(lambda p: sorted(person_words.name_words(p.name)) == words)
        )

    def _has_same_number(self, phone):
        """Whole numbers are compared, however they are written."""
        mine, theirs = (
            {
                digits[-person_words.NATIONAL_DIGITS :]
                for digits in person_words.numbers(n)
            }
            for n in (", ".join(self._reminder_numbers()), phone)
        )
        return bool(mine & theirs)
