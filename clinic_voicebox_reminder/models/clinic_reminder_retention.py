from datetime import timedelta

from odoo import api, fields, models

BATCH = 1000


class ClinicReminderRetention(models.Model):
    """Erases personal data that is not needed any more; statistics stay."""

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.autovacuum
    def _gc_personal_data(self):
        """Erase texts, numbers and raw bodies of closed calls after the set days.

        :return: (erased records, are there more), as Odoo's autovacuum asks
        """
        done = more = 0
        keeping = [("reminder_retention_days", ">", 0)]
        for company in self.env["res.company"].sudo().search(keeping):
            before = fields.Datetime.now() - timedelta(
                days=company.reminder_retention_days
            )
            for records, blank in self._personal_data(company, before):
                records.write(blank)
                done += len(records)
                more += len(records) == BATCH
        return done, more

    @api.model
    def _personal_data(self, company, before):
        """Records with personal data from before a moment, and how to blank them."""
        ours = [("company_id", "=", company.id)]
        closed = [*ours, ("state", "in", ("done", "skipped"))]
        yield (
            self.sudo().search(
                [
                    *closed,
                    ("visit_start", "<", before),
                    *_any_filled("phone", "spoken_name", "spoken_visit"),
                ],
                limit=BATCH,
            ),
            {"phone": False, "spoken_name": False, "spoken_visit": False},
        )
        yield (
            self.env["clinic.reminder.attempt"]
            .sudo()
            .search(
                [
                    *ours,
                    ("state", "=", "finished"),
                    ("requested_at", "<", before),
                    *_any_filled("phone", "provider_reply"),
                ],
                limit=BATCH,
            ),
            {"phone": False, "provider_reply": False},
        )
        yield (
            self.env["voicebox.callback"]
            .sudo()
            .search(
                [
                    *ours,
                    ("received_at", "<", before),
                    *_any_filled("payload", "number_b", "remote_addr"),
                ],
                limit=BATCH,
            ),
            {"payload": False, "number_b": False, "remote_addr": False},
        )


def _any_filled(*names):
    return ["|"] * (len(names) - 1) + [(name, "!=", False) for name in names]
