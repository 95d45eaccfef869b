import logging

from psycopg2.errors import OperationalError, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from .row_lock import lock_free_rows, lock_rows

_logger = logging.getLogger(__name__)

BATCH = 200


class ClinicReminderSweep(models.Model):
    """Closes what has passed its deadline, and heals what got lost."""

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.model
    def _cron_sweep(self):
        """Give up calls past their deadline, apply late callbacks. Commits."""
        sweeper = self.sudo()
        for work in (
            sweeper._apply_waiting_callbacks,
            sweeper._sweep_attempts,
            sweeper._heal_calling,
        ):
            while sweeper._sweep_once(work):
                pass

    @api.model
    def _sweep_once(self, work):
        """One batch in a transaction of its own.

        :return: whether there may be more; not after a conflict, which is left to
            the next run
        """
        try:
            more = work()
            self.env["ir.cron"]._commit_progress()
            return more
        except (OperationalError, UniqueViolation) as error:
            self.env.cr.rollback()
            _logger.info("Sweeping met another transaction: %s", error.pgcode)
            return False

    @api.model
    def _apply_waiting_callbacks(self):
        """Callbacks whose call has become known since, and those that failed."""
        waiting = self.env["voicebox.callback"]._waiting(BATCH)
        waiting._process()
        return len(waiting) == BATCH and all(waiting.mapped("disposition"))

    @api.model
    def _sweep_attempts(self):
        overdue = lock_free_rows(
            self.env["clinic.reminder.attempt"],
            SQL("state != 'finished' AND deadline <= %s", fields.Datetime.now()),
            SQL("deadline, id"),
            BATCH,
        )
        lock_rows(overdue.reminder_id | overdue.companion_ids)
        overdue._give_up()
        return len(overdue) == BATCH

    @api.model
    def _heal_calling(self):
        """A reminder that is calling without a call goes on with the next one."""
        lost = self.search(
            [
                ("state", "=", "calling"),
                ("attempt_ids", "not any", [("state", "!=", "finished")]),
            ],
            limit=BATCH,
        )
        lock_rows(lost)
        for reminder in lost:
            reminder._apply_verdict(reminder._verdict())
        return len(lost) == BATCH
