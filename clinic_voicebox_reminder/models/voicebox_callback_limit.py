from datetime import timedelta

from odoo import api, fields, models

KEPT = 5000  # callbacks of unknown calls that the sweep leaves to a company
LIMIT = 2 * KEPT  # no more of them are stored, even where nothing sweeps
KEPT_DAYS = 30
BATCH = 1000


class VoiceboxCallbackLimit(models.Model):
    """Callbacks of unknown calls can't fill the database.

    Such a callback may still be of use for the minutes until its call becomes known:
    the newest are kept, older ones give way and are only counted.
    """

    # one model, one room for each of its duties
    _inherit = "voicebox.callback"  # pylint: disable=R8180

    _unmatched_idx = models.Index("(company_id, id) WHERE (disposition = 'unmatched')")

    @api.model
    def _receive(self, company, values, payload="", remote_addr=""):
        """:return: no callback where it was only counted"""
        callback = super()._receive(company, values, payload, remote_addr)
        if callback.disposition != "unmatched" or not self._is_full(company):
            return callback
        callback.unlink()
        self.env["voicebox.tally"]._count("dropped", company)
        return self.browse()

    @api.model
    def _is_full(self, company):
        unmatched = _unmatched_of(company)
        return self.search_count(unmatched, limit=LIMIT + 1) > LIMIT

    @api.model
    def _make_room(self):
        """Drop the oldest callbacks of unknown calls beyond what is kept.

        :return: whether there are more to drop
        """
        numbers = self._read_group(
            [("disposition", "=", "unmatched")], ["company_id"], ["__count"]
        )
        crowded = [company for company, number in numbers if number > KEPT]
        return any([self._make_room_for(company) for company in crowded])

    @api.model
    def _make_room_for(self, company):
        tally = self.env["voicebox.tally"]
        yesterday = fields.Datetime.now() - timedelta(days=1)
        if not tally._sums(company, yesterday).get("dropped"):
            self.env["voicebox.channel"]._for_companies(company)._tell_of_flood()
        oldest = self.search(
            _unmatched_of(company), order="id desc", offset=KEPT, limit=BATCH
        )
        number = len(oldest)
        oldest.unlink()
        tally._count("dropped", company, number)
        return number == BATCH

    @api.autovacuum
    def _gc_unmatched(self):
        """:return: (dropped callbacks, are there more), as Odoo's autovacuum asks"""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.sudo().search(
            [("disposition", "=", "unmatched"), ("received_at", "<", before)],
            limit=BATCH,
        )
        number = len(old)
        old.unlink()
        return number, number == BATCH


def _unmatched_of(company):
    return [("company_id", "=", company.id), ("disposition", "=", "unmatched")]
