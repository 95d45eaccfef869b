import logging

from psycopg2.errors import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from .rows import lock_free_rows, lock_rows

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
            sweeper.env["voicebox.callback"]._make_room,
            sweeper._sweep_attempts,
            sweeper._heal_calling,
        ):
            while sweeper._sweep_once(work):
                pass

    @api.model
    def _sweep_once(self, work):
        """One batch in a transaction of its own.

        :return: whether there may be more; not after a failure, which is left to the
            next run and stops none of the other works
        """
        try:
            more = work()
            self.env["ir.cron"]._commit_progress()
            return more
        except OperationalError as error:
            self.env.cr.rollback()
            _logger.info("Sweeping met another transaction: %s", error.pgcode)
        except Exception as error:  # pylint: disable=broad-except
            self.env.cr.rollback()
            # the message may hold personal data: the type has to do
            _logger.error("Sweeping failed: %s", type(error).__name__)
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
        ended = [self._give_up_one(attempt) for attempt in overdue]
        return len(overdue) == BATCH and any(ended)

    @api.model
    def _give_up_one(self, attempt):
        """End one attempt; a fault in what follows costs this one only."""
        try:
            with self.env.cr.savepoint():
                attempt._give_up()
            return True
        except OperationalError:
            raise
        except Exception as error:  # pylint: disable=broad-except
            _logger.error("Call %s: %s", attempt.id, type(error).__name__)
            return False

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
