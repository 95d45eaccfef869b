import logging

from psycopg2.errors import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import callback_body
from ..tools.vocabulary import FINAL_RESULTS, OPT_OUT
from .transactions import alone, lock_free_rows
from .waking import wake_sweep

_logger = logging.getLogger(__name__)

REPLAYED_AT_ONCE = 20
KEPT = 5000  # callbacks of unknown calls that the sweep leaves to a company
LIMIT = 2 * KEPT  # no more of them are stored, even where nothing sweeps
KEPT_OF_CALL = 50  # callbacks of one call with one disposition that changed nothing
IDLE = ("repeated", "stale", "unknown_response", "number_mismatch")


class VoiceboxCallback(models.Model):
    """Inbox: every authentic callback as it came, and what became of it."""

    _name = "voicebox.callback"
    _description = "Voicebox Callback"
    _order = "received_at desc, id desc"
    _rec_name = "response"

    received_at = fields.Datetime(
        "Received", required=True, default=fields.Datetime.now, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    remote_addr = fields.Char("Sender Address", readonly=True)
    guid = fields.Char("GUID", readonly=True)
    call_id = fields.Char("Call ID", readonly=True, index="btree_not_null")
    number_b = fields.Char("Dialled Number", readonly=True)
    response = fields.Char("Response Word", readonly=True)
    payload = fields.Text("As Received", readonly=True)
    attempt_id = fields.Many2one(
        "clinic.reminder.attempt",
        "Call",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reminder_id = fields.Many2one(related="attempt_id.reminder_id")
    disposition = fields.Selection(
        [
            ("applied", "Applied"),
            ("repeated", "Repeated"),
            ("stale", "Outdated"),
            ("unmatched", "Unknown call"),
            ("unknown_response", "Unknown word"),
            ("number_mismatch", "Other number"),
        ],
        "What Became of It",
        readonly=True,
        index=True,
        help="Empty: still to be processed",
    )

    _unmatched_idx = models.Index("(company_id, id) WHERE (disposition = 'unmatched')")
    _idle_idx = models.Index(
        "(attempt_id, disposition, id) WHERE (disposition IN "
        "('repeated', 'stale', 'unknown_response', 'number_mismatch'))"
    )

    # === Receiving === #
    @api.model
    def _receive(self, company, values, payload="", remote_addr=""):
        """Keep an authentic callback and give it its effect.

        To be called as the superuser. Does not commit. Neither a fault in the
        processing nor a conflict with another transaction loses the callback or
        keeps the caller waiting: the sweep tries again, a conflict's at once.

        :param company: whose secret came with it
        :param dict values: guid, call_id, number_b, response; any may be empty
        :param str payload: the body as it came
        :return: the stored callback; none where it was one of a flood of callbacks
            without an effect: these are only counted
        """
        callback = self.create(
            {
                **values,
                "company_id": company.id,
                "payload": callback_body.storable(payload),
                "remote_addr": callback_body.short(remote_addr or ""),
            }
        )
        callback._process(lock="NO KEY UPDATE NOWAIT")
        if callback.disposition == "unmatched" and self._is_reply_awaited(company):
            # its call may become known by a transaction that does not see it
            wake_sweep(self.env)
        return callback._drop() if callback._is_too_many() else callback

    @api.model
    def _is_reply_awaited(self, company):
        """Is there a call whose id is not known yet?"""
        nameless = [("state", "!=", "finished"), ("call_id", "=", False)]
        ours = [("company_id", "in", company._voicebox_reported().ids), *nameless]
        return bool(self.env["clinic.reminder.attempt"].search_count(ours, limit=1))

    def _is_too_many(self):
        if self.disposition == "unmatched":
            alike, kept = self._unmatched_of(self.company_id), LIMIT
        elif self._changed_nothing():
            alike = self._idle_of(self.attempt_id, self.disposition)
            kept = KEPT_OF_CALL
        else:
            return False
        return self.search_count(alike, limit=kept + 1) > kept

    def _changed_nothing(self):
        """A decision that contradicts an earlier one did: staff were told."""
        if self.disposition == "stale":
            return self._meaning_of(self.response) not in FINAL_RESULTS
        return self.disposition in IDLE

    def _drop(self):
        """Count them instead of keeping them: all of one company, of one kind.

        :return: no callback
        """
        if self:
            kind = "dropped" if self[0].disposition == "unmatched" else "surplus"
            company, number = self.company_id, len(self)
            self.unlink()
            self.env["voicebox.tally"]._count(kind, company, number)
        return self.browse()

    @api.model
    def _unmatched_of(self, company):
        return Domain("company_id", "=", company.id) & Domain(
            "disposition", "=", "unmatched"
        )

    @api.model
    def _idle_of(self, attempt, disposition):
        return Domain("attempt_id", "=", attempt.id) & Domain(
            "disposition", "=", disposition
        )

    # === Processing === #
    def _process(self, lock="NO KEY UPDATE"):
        """Find each callback's attempt and apply it, in the order of arrival.

        What can't be applied keeps an empty disposition, for the sweep.

        :param lock: mode for the attempt and its reminders; see :func:`lock_rows`
        """
        conflicts = (OperationalError, IntegrityError)
        for callback in self.sorted("id"):
            what = f"Callback {callback.id} could not be processed"
            try:
                alone(self.env, what, callback._take_effect, lock, passed_on=conflicts)
            except conflicts as error:
                _logger.info("Callback %s has to wait: %s", callback.id, error.pgcode)
                wake_sweep(self.env)

    def _take_effect(self, lock):
        self.disposition = self._apply(lock)
        self.attempt_id._tell_of_test_calls()

    def _apply(self, lock):
        """Apply one callback and say what became of it."""
        self.disposition = False  # it is not among those that wait for a call id
        attempt = self._find_attempt()
        if not attempt:
            return "unmatched"
        attempt._lock(lock)
        self.attempt_id = attempt
        if not self._same_number(attempt.phone):
            return "number_mismatch"
        if attempt._learn_call_id(self.call_id):
            self._replay_call_id(attempt)
        result = self._meaning_of(self.response)
        if not result:
            return "unknown_response"
        if self._has_come_before(result):
            return "repeated"
        if result == OPT_OUT:
            return attempt._apply_opt_out()
        return attempt._apply_result(result)

    def _has_come_before(self, result):
        """Has a word of this meaning had an effect that a repeat would have again?

        The wish for no calls, as staff may have been told otherwise since; and an
        answer that contradicts the first one, which staff are told of.
        """
        taken = self.attempt_id.result
        if result == OPT_OUT:
            effect = "applied"
        elif {result, taken} <= set(FINAL_RESULTS) and result != taken:
            effect = "stale"
        else:
            return False
        before = self.attempt_id.callback_ids.filtered(
            lambda c: c.disposition == effect
        )
        return result in map(self._meaning_of, (before - self).mapped("response"))

    def _meaning_of(self, word):
        return self.env["voicebox.response"]._result_of(word, self.company_id)

    def _find_attempt(self):
        """By our guid; where it is missing or unknown, by the provider's id."""
        attempts = self.env["clinic.reminder.attempt"]
        ours = [("company_id", "in", self.company_id._voicebox_reported().ids)]
        found = attempts
        if self.guid:
            found = attempts.search([*ours, ("guid", "=", self.guid.lower())])
        if not found and self.call_id:
            found = attempts.search([*ours, ("call_id", "=", self.call_id)])
            found = found.filtered(lambda a: self._same_number(a.phone))
        return found if len(found) == 1 else attempts

    def _same_number(self, phone):
        """Is the dialled number ours? Its last ten digits say so; none says nothing."""
        came = _digits(self.number_b)[-10:]
        return not came or not phone or came == _digits(phone)[-10:]

    @api.model
    def _replay_call_id(self, attempt):
        """Apply what came for the provider's id of a call before we knew it.

        Of a flood only the first: somebody is waiting, the sweep applies the rest.
        """
        self.search(
            [
                ("company_id", "=", attempt.company_id._voicebox_secret_owner().id),
                ("call_id", "=", attempt.call_id),
                ("disposition", "=", "unmatched"),
            ],
            order="id",
            limit=REPLAYED_AT_ONCE,
        )._process()

    @api.model
    def _unprocessed(self, limit):
        """Callbacks that met another transaction, or failed, as they came; those that
        nobody else has in hand, locked."""
        return lock_free_rows(self, SQL("disposition IS NULL"), SQL("id"), limit)

    @api.model
    def _waiting(self, limit):
        """Callbacks without effect whose attempt has become known, and failed ones;
        those that nobody else has in hand, locked."""
        condition = SQL(
            """disposition IS NULL OR disposition = 'unmatched' AND EXISTS (
                  SELECT 1 FROM clinic_reminder_attempt a
                   WHERE (a.company_id, voicebox_callback.company_id) IN %s
                     AND (a.call_id = voicebox_callback.call_id
                          OR a.guid = lower(voicebox_callback.guid)))""",
            self._who_reports_whom(),
        )
        return lock_free_rows(self, condition, SQL("disposition, id"), limit)

    @api.model
    def _who_reports_whom(self):
        """Pairs of ids: a company, and the one whose secret reports its calls."""
        companies = self.env["res.company"].with_context(active_test=False)
        below = companies.search([("parent_id", "=", False)])._reminder_below()
        return tuple(
            (company.id, company._voicebox_secret_owner().id) for company in below
        )

    def action_process_again(self):
        """For the administrator who has added a word or corrected a number.

        What came is evidence, and nobody's to write: the right to the words decides.
        """
        self.check_access("read")
        self.env["voicebox.response"].check_access("write")
        self.filtered(
            lambda c: c.disposition not in ("applied", "repeated", "stale")
        ).sudo()._process()


def _digits(text):
    return "".join(sign for sign in text or "" if sign.isdigit())
