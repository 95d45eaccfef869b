import time
from functools import partial

from odoo import api, models
from odoo.tools import SQL

from ..models.transactions import alone, together_or_singly
from ..models.waking import wake_sweep
from ..tools.crowd import CALLBACKS

CALLBACKS_AT_ONCE = 50  # in one transaction: our own rows only
AT_ONCE = 20  # errands in one transaction: others' rows are locked meanwhile
IN_ONE_GO = 200
LONGEST_WAIT = 0.5  # seconds until a crowd of callbacks has passed: they come first
LONGEST_BATCH = 1.0  # seconds after which no further errand joins a transaction


class ClinicReminderMessenger(models.AbstractModel):
    """Brings answers where they belong: from the inbox, to the visit, contact, staff.

    Whichever scheduled action is at work has it look between its own pieces: none of
    them makes an answer wait for its end. To be called as the superuser.
    """

    _name = "clinic.reminder.messenger"
    _description = "Messenger of Reminder Calls"

    @api.model
    def _deliver(self, piece, most=IN_ONE_GO):
        """Apply the callbacks that had to wait, then run the errands that answers left.

        :param piece: function that does a piece of work in a transaction of its own
        :param int most: errands to run
        """
        CALLBACKS.let_pass(LONGEST_WAIT)
        while self._is_callback_left() and piece(self._apply_unprocessed):
            CALLBACKS.let_pass(LONGEST_WAIT)
        left = self.env["clinic.reminder.errand"].search([], limit=most).ids
        while left:
            batch, left = left[:AT_ONCE], left[AT_ONCE:]
            together_or_singly(partial(piece, self._run_batch), batch)
            CALLBACKS.let_pass(LONGEST_WAIT)

    @api.model
    def _is_callback_left(self):
        unprocessed = [("disposition", "=", False)]
        return bool(self.env["voicebox.callback"].search(unprocessed, limit=1))

    @api.model
    def _apply_unprocessed(self):
        """:return: whether there may be more that can be applied"""
        waiting = self.env["voicebox.callback"]._unprocessed(CALLBACKS_AT_ONCE)
        waiting._process()
        return len(waiting) == CALLBACKS_AT_ONCE and all(waiting.mapped("disposition"))

    @api.model
    def _run_batch(self, ids):
        """Run those of the errands that nobody else has in hand, in their order.

        Other modules may be slow: what the batch has no time for is left to the next.
        """
        stop_at = time.monotonic() + LONGEST_BATCH
        for errand in self._claim(ids):
            if time.monotonic() > stop_at:
                wake_sweep(self.env)
                break
            self._run_errand(errand)
        return True

    @api.model
    def _run_errand(self, errand):
        reminder, what = errand.reminder_id, f"Errand {errand.id}"
        alone(self.env, what, getattr(self, f"_bring_{errand.kind}"), errand)
        errand.unlink()
        self.env.flush_all()
        reminder.invalidate_recordset()

    @api.model
    def _claim(self, ids):
        """Lock errands and their reminders: one statement, which opens the
        transaction, so that neither waits for others nor sees older rows. In the
        order of their visits, in which everybody locks those."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT e.id FROM clinic_reminder_errand e
                     JOIN clinic_reminder_call r ON r.id = e.reminder_id
                    WHERE e.id IN %s ORDER BY r.event_id, e.id
                      FOR NO KEY UPDATE OF e, r SKIP LOCKED""",
                tuple(ids),
            ),
            log_exceptions=False,
        )
        claimed = [row[0] for row in self.env.cr.fetchall()]
        self.env.invalidate_all(flush=False)
        return self.env["clinic.reminder.errand"].browse(claimed)

    @api.model
    def _bring_outcome(self, errand):
        reminder = errand.reminder_id
        what = f"Following the outcome of reminder {reminder.id}"
        alone(self.env, what, reminder._follow_outcome)
        reminder._bring_outcome_once()

    @api.model
    def _bring_contradiction(self, errand):
        errand.reminder_id._report_contradiction(errand.answer)

    @api.model
    def _bring_opt_out(self, errand):
        """The contact remembers why; the number itself was stopped at once."""
        company = errand.reminder_id.company_id
        patient = errand.reminder_id.patient_id
        patient.with_context(lang=company.partner_id.lang)._reminder_opt_out()
