import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.tally import Tally

_logger = logging.getLogger(__name__)

WRITING_PAUSE = 1.0  # seconds
LONGEST_WAIT = "100ms"  # for a row that another worker is counting on
KEPT_DAYS = 30

# by database: what this process has counted and not written down yet
_tallies = defaultdict(lambda: Tally(WRITING_PAUSE))


class VoiceboxTally(models.Model):
    """How often something came of which nothing else is kept, by the hour."""

    _name = "voicebox.tally"
    _description = "Voicebox Tally"
    _order = "hour desc, id desc"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("refused", "Refused: wrong or missing secret"),
            ("dropped", "Callback of an unknown call, not kept"),
            ("surplus", "Callback that changed nothing, not kept"),
        ],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        ondelete="cascade",
        help="Empty for what was refused: a wrong secret belongs to no company",
    )
    hour = fields.Datetime(required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True)

    _hour_uniq = models.UniqueIndex("(kind, hour, COALESCE(company_id, 0))")

    @api.model
    def _count(self, kind, company=None, number=1):
        """Count what came, whatever becomes of the caller's transaction.

        Never raises and hardly ever waits: whoever sends a flood costs one statement
        a second and process, in a transaction of its own.
        """
        hour = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        key = (kind, hour, company.id if company else 0)
        _tallies[self.env.cr.dbname].add(key, number)
        self._write_down()

    @api.model
    def _write_down(self):
        """Store what this process has counted, unless it has stored just now.

        To be called now and then: what a flood's last second brought is waiting.
        """
        tally = _tallies[self.env.cr.dbname]
        counts = tally.take()
        if not counts:
            return
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(SQL("SET LOCAL lock_timeout = %s", LONGEST_WAIT))
                for key in sorted(counts):
                    cr.execute(_add_statement(key, counts[key]), log_exceptions=False)
        except Exception as error:  # pylint: disable=broad-except
            # no connection free, or a row being counted on: it is only put off
            _logger.info("Counting is put off: %s", type(error).__name__)
            tally.put_back(counts)

    @api.model
    def _sums(self, company, since):
        """What came since then for the company and for nobody: dict by kind."""
        rows = self.sudo()._read_group(
            [("company_id", "in", (company.id, False)), ("hour", ">=", since)],
            ["kind"],
            ["count:sum"],
        )
        return dict(rows)

    @api.model
    def _floods(self, since):
        """What came since then, but for nobody's: dict of company to its kinds."""
        rows = self.sudo()._read_group(
            [("company_id", "!=", False), ("hour", ">=", since)],
            ["company_id"],
            ["kind:array_agg"],
        )
        return dict(rows)

    @api.autovacuum
    def _gc_old(self):
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.sudo().search([("hour", "<", before)]).unlink()


def _add_statement(key, number):
    kind, hour, company_id = key
    return SQL(
        """INSERT INTO voicebox_tally AS t (kind, hour, company_id, count)
           VALUES (%s, %s, %s, %s)
               ON CONFLICT (kind, hour, COALESCE(company_id, 0))
               DO UPDATE SET count = t.count + EXCLUDED.count""",
        kind,
        hour,
        company_id or None,
        number,
    )
