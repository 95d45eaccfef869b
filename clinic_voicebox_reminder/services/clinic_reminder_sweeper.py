from odoo import api, fields, models
from odoo.tools import SQL

from ..models.transactions import BATCH, Run, alone, lock_free_rows, lock_rows
from ..models.waking import wake_sweep


class ClinicReminderSweeper(models.AbstractModel):
    """Closes what has passed its deadline, and heals what got lost.

    To be called as the superuser.
    """

    _name = "clinic.reminder.sweeper"
    _description = "Sweeping of Reminder Calls"

    @api.model
    def _run(self):
        """Give up calls past their deadline, apply late callbacks. Commits."""
        messenger = self.env["clinic.reminder.messenger"]
        run = Run(self.env, "Sweeping", wake_sweep, messenger._deliver)
        for work in (
            self._apply_waiting_callbacks,
            self.env["voicebox.callback.flood"]._make_room,
            self._sweep_attempts,
            self._heal_calling,
        ):
            run.repeat(work)
        run.end()

    @api.model
    def _apply_waiting_callbacks(self):
        """Callbacks whose call has become known since, and those that failed.

        :return: as all works of the sweep: whether there may be more of them
        """
        waiting = self.env["voicebox.callback"]._waiting(BATCH)
        waiting._process()
        return len(waiting) == BATCH and all(waiting.mapped("disposition"))

    @api.model
    def _sweep_attempts(self):
        """Calls without a result that are past their deadline."""
        overdue = lock_free_rows(
            self.env["clinic.reminder.attempt"],
            SQL("state != 'finished' AND deadline <= %s", fields.Datetime.now()),
            SQL("deadline, id"),
            BATCH,
        )
        lock_rows(overdue.reminder_id | overdue.companion_ids)
        ended = [
            alone(self.env, f"Call {attempt.id}", attempt._give_up)
            for attempt in overdue
        ]
        return len(overdue) == BATCH and any(ended)

    @api.model
    def _heal_calling(self):
        """A reminder that is calling without a call goes on with the next one."""
        lost = self.env["clinic.reminder.call"].search(
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
