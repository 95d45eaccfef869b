from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .clinic_reminder_attempt import FINAL_RESULTS

KEPT = 5000  # callbacks of unknown calls that the sweep leaves to a company
LIMIT = 2 * KEPT  # no more of them are stored, even where nothing sweeps
KEPT_OF_CALL = 50  # callbacks of one call with one disposition that changed nothing
KEPT_DAYS = 30
BATCH = 1000

IDLE = ("repeated", "stale", "unknown_response", "number_mismatch")
FLOOD_TODO = "mail.mail_activity_data_todo"


class VoiceboxCallbackLimit(models.Model):
    """Callbacks without an effect can't fill the database.

    Those of unknown calls may still be of use for the minutes until their call becomes
    known: the newest are kept. Of those that changed nothing on a known call the first
    tell all there is to tell. The others give way and are only counted.
    """

    # one model, one room for each of its duties
    _inherit = "voicebox.callback"  # pylint: disable=R8180

    _unmatched_idx = models.Index("(company_id, id) WHERE (disposition = 'unmatched')")
    _idle_idx = models.Index(
        "(attempt_id, disposition, id) WHERE (disposition IN "
        "('repeated', 'stale', 'unknown_response', 'number_mismatch'))"
    )

    @api.model
    def _receive(self, company, values, payload="", remote_addr=""):
        """:return: no callback where it was only counted"""
        callback = super()._receive(company, values, payload, remote_addr)
        if not callback._is_too_many():
            return callback
        callback._drop()
        return self.browse()

    def _is_too_many(self):
        if self.disposition == "unmatched":
            alike, kept = _unmatched_of(self.company_id), LIMIT
        elif self._changed_nothing():
            alike, kept = _idle_of(self.attempt_id, self.disposition), KEPT_OF_CALL
        else:
            return False
        return self.search_count(alike, limit=kept + 1) > kept

    def _changed_nothing(self):
        """A decision that contradicts an earlier one did: staff were told."""
        if self.disposition == "stale":
            return self._meaning_of(self.response) not in FINAL_RESULTS
        return self.disposition in IDLE

    def _drop(self):
        """Count them instead of keeping them: all of one company, of one kind."""
        if self:
            kind = "dropped" if self[0].disposition == "unmatched" else "surplus"
            company, number = self.company_id, len(self)
            self.unlink()
            self.env["voicebox.tally"]._count(kind, company, number)

    @api.model
    def _make_room(self):
        """Drop what is beyond the limits, and tell the administrators of floods.

        :return: whether there is more to drop
        """
        surplus = [*self._surplus_of_companies(), *self._surplus_of_calls()]
        for callbacks in surplus:
            callbacks._drop()
        self._tell_of_floods()
        return any(len(callbacks) == BATCH for callbacks in surplus)

    @api.model
    def _surplus_of_companies(self):
        """The oldest callbacks of unknown calls, by company."""
        unmatched = [("disposition", "=", "unmatched")]
        crowded = [("__count", ">", KEPT)]
        for (company,) in self._read_group(unmatched, ["company_id"], having=crowded):
            ours = _unmatched_of(company)
            yield self.search(ours, order="id desc", offset=KEPT, limit=BATCH)

    @api.model
    def _surplus_of_calls(self):
        """The newest callbacks that changed nothing, by call and disposition."""
        idle = [("attempt_id", "!=", False), ("disposition", "in", IDLE)]
        crowded = [("__count", ">", KEPT_OF_CALL)]
        names = ["attempt_id", "disposition"]
        for attempt, disposition in self._read_group(idle, names, having=crowded):
            alike = _idle_of(attempt, disposition)
            newest = self.search(alike, order="id", offset=KEPT_OF_CALL, limit=BATCH)
            yield newest.filtered(lambda callback: callback._changed_nothing())

    @api.model
    def _tell_of_floods(self):
        """A to-do for administrators, at most one a day."""
        yesterday = fields.Datetime.now() - timedelta(days=1)
        for company, kinds in self.env["voicebox.tally"]._floods(yesterday).items():
            channel = self.env["voicebox.channel"]._for_companies(company)
            told = channel.with_context(active_test=False).activity_search(
                [FLOOD_TODO],
                additional_domain=[("date_deadline", ">=", yesterday.date())],
            )
            if told:
                continue
            if "dropped" in kinds:
                channel._tell_of_flood()
            else:
                channel._schedule_once(FLOOD_TODO, _words_of_surplus)

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
    return Domain("company_id", "=", company.id) & Domain(
        "disposition", "=", "unmatched"
    )


def _idle_of(attempt, disposition):
    return Domain("attempt_id", "=", attempt.id) & Domain(
        "disposition", "=", disposition
    )


def _words_of_surplus(env):
    return (
        env._("Too many callbacks without an effect"),
        env._(
            "Callbacks with the right secret keep coming in that repeat what is known "
            "or can't be understood. Of each call only the first %s of a kind are "
            "kept. Does a block of the Voicebox scenario repeat itself?",
            KEPT_OF_CALL,
        ),
    )
