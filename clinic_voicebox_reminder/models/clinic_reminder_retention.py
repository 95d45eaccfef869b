from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import is_html_empty

BATCH = 1000
# what is blanked; everything else is statistics
PERSONAL = {
    "clinic.reminder.call": ("phone", "spoken_name", "spoken_visit"),
    "clinic.reminder.attempt": ("phone", "provider_reply"),
    "voicebox.callback": ("payload", "number_b", "remote_addr"),
}


class ClinicReminderRetention(models.Model):
    """Erases personal data that is not needed any more; statistics stay."""

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.autovacuum
    def _gc_personal_data(self):
        """Erase texts, numbers, notes and raw bodies of closed calls when it is time.

        :return: (erased records, are there more), as Odoo's autovacuum asks
        """
        done = more = 0
        keeping = [("reminder_retention_days", ">", 0)]
        for company in self.env["res.company"].sudo().search(keeping):
            before = fields.Datetime.now() - timedelta(
                days=company.reminder_retention_days
            )
            for records in self._personal_data(company, before):
                records.write(dict.fromkeys(PERSONAL[records._name], False))
                if records._name == self._name:
                    records._erase_notes()
                done += len(records)
                more += len(records) == BATCH
        return done, more

    def _notes(self):
        """What people wrote about the calls, as the reader may see it."""
        is_here = Domain("model", "=", self._name) & Domain("res_id", "in", self.ids)
        messages = self.env["mail.message"].search(is_here)
        return messages.filtered(lambda message: not is_html_empty(message.body))

    def _erase_notes(self):
        """Remove notes and to-dos; the history of the states stays."""
        reminders = self.sudo()
        reminders.activity_ids.unlink()
        reminders._notes().unlink()

    @api.model
    def _personal_data(self, company, before):
        """Records with personal data from before a moment, model by model."""
        over = {
            "clinic.reminder.call": [
                ("state", "in", ("done", "skipped")),
                ("visit_start", "<", before),
            ],
            "clinic.reminder.attempt": [
                ("state", "=", "finished"),
                ("requested_at", "<", before),
            ],
            "voicebox.callback": [("received_at", "<", before)],
        }
        for model, names in PERSONAL.items():
            ours = [("company_id", "=", company.id), *over[model]]
            records = self.env[model].sudo()
            yield records.search([*ours, *_any_filled(names)], limit=BATCH)


def _any_filled(names):
    return ["|"] * (len(names) - 1) + [(name, "!=", False) for name in names]
