from datetime import timedelta

from odoo import api, fields, models

from ..models import voicebox_callback as inbox

KEPT_DAYS = 30
BATCH = 1000
FLOOD_TODO = "mail.mail_activity_data_todo"


class VoiceboxCallbackFlood(models.AbstractModel):
    """Callbacks without an effect can't fill the database.

    Those of unknown calls may still be of use for the minutes until their call becomes
    known: the newest are kept. Of those that changed nothing on a known call the first
    tell all there is to tell. The others give way and are only counted.
    """

    _name = "voicebox.callback.flood"
    _description = "Floods of Voicebox Callbacks"

    @property
    def _callbacks(self):
        return self.env["voicebox.callback"]

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
        crowded = [("__count", ">", inbox.KEPT)]
        for (company,) in self._callbacks._read_group(
            unmatched, ["company_id"], having=crowded
        ):
            ours = self._callbacks._unmatched_of(company)
            yield self._callbacks.search(
                ours, order="id desc", offset=inbox.KEPT, limit=BATCH
            )

    @api.model
    def _surplus_of_calls(self):
        """The newest callbacks that changed nothing, by call and disposition."""
        idle = [("attempt_id", "!=", False), ("disposition", "in", inbox.IDLE)]
        crowded = [("__count", ">", inbox.KEPT_OF_CALL)]
        names = ["attempt_id", "disposition"]
        for attempt, disposition in self._callbacks._read_group(
            idle, names, having=crowded
        ):
            alike = self._callbacks._idle_of(attempt, disposition)
            newest = self._callbacks.search(
                alike, order="id", offset=inbox.KEPT_OF_CALL, limit=BATCH
            )
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
        old = self._callbacks.sudo().search(
            [("disposition", "=", "unmatched"), ("received_at", "<", before)],
            limit=BATCH,
        )
        number = len(old)
        old.unlink()
        return number, number == BATCH


def _words_of_surplus(env):
    return (
        env._("Too many callbacks without an effect"),
        env._(
            "Callbacks with the right secret keep coming in that repeat what is known "
            "or can't be understood. Of each call only the first %s of a kind are "
            "kept. Does a block of the Voicebox scenario repeat itself?",
            inbox.KEPT_OF_CALL,
        ),
    )
