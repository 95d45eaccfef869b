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
    def _receive(self, company, values, payload="", remote_addr="", at_once=True):
        """Keep an authentic callback and give it its effect.

        To be called as the superuser. Does not commit. Neither a fault in the
        processing nor a conflict with another transaction loses the callback or
        keeps the caller waiting: the sweep tries again, a conflict's at once.

        :param company: whose secret came with it
        :param dict values: guid, call_id, number_b, response; any may be empty
        :param str payload: the body as it came
        :param bool at_once: no: only keep it, the woken sweep gives it its effect
        :return: the stored callback; none where it was one of a flood of callbacks
            without an effect: these are only counted
        """
        came = {
            **values,
            "company_id": company.id,
            "payload": callback_body.storable(payload),
            "remote_addr": callback_body.short(remote_addr or ""),
        }
        if not at_once:
            wake_sweep(self.env)
            return self.create(came)
        callback = self.create({**came, **self.new(came)._effect_or_none()})
        if callback.disposition == "unmatched" and self._is_reply_awaited(company):
            # its call may become known by a transaction that does not see it
            wake_sweep(self.env)
        return callback._drop() if callback._is_too_many() else callback

    def _effect_or_none(self):
        """The effect of one that is not stored yet, as values to store with it; nobody
        is waited for."""
        effects = {}
        is_done = self._alone_or_later(
            lambda: effects.update(self._effects("NO KEY UPDATE NOWAIT"))
        )
        return effects[self] if is_done else {}

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
    def _process(self):
        """Find each callback's attempt and apply it, in the order of arrival.

        All together; where that fails, each by itself. What can't be applied keeps an
        empty disposition, for the sweep.
        """
        came = self.sorted("id")
        what = "Callbacks could not be processed together"
        if len(came) < 2 or not alone(self.env, what, came._take_effect, passed_on=()):
            for callback in came:
                callback._alone_or_later(callback._take_effect)

    def _alone_or_later(self, work):
        """:return: whether it went well"""
        conflicts = (OperationalError, IntegrityError)
        name = f"Callback {self.id or 'that came'}"
        try:
            what = f"{name} could not be processed"
            return alone(self.env, what, work, passed_on=conflicts)
        except conflicts as error:
            _logger.info("%s has to wait: %s", name, error.pgcode)
            wake_sweep(self.env)
            return False

    def _take_effect(self):
        # they are not among those that wait for a call id; written only where it has
        # to be: a row that is written twice has PostgreSQL look at its company again,
        # whom somebody may have changed meanwhile
        self.filtered("disposition").disposition = False
        for callback, effect in self._effects("NO KEY UPDATE"):
            callback.write(effect)

    def _effects(self, lock):
        """Apply the callbacks, one after the other, each to its attempt.

        :param lock: mode for the attempts and their reminders; see :func:`lock_rows`
        :return: pairs of a callback and what became of it, as values to write
        """
        found = self._lock_attempts(lock)
        for callback in self:
            attempt = found[callback]
            effect = {"disposition": callback._apply(attempt)}
            if attempt:
                effect["attempt_id"] = attempt.id
                attempt._tell_of_test_calls()
            yield callback, effect

    def _apply(self, attempt):
        """Apply one callback to its attempt and say what became of it."""
        if not attempt:
            return "unmatched"
        if not self._same_number(attempt.phone):
            return "number_mismatch"
        if attempt._learn_call_id(self.call_id):
            self._replay_call_ids(attempt)
        result = self._meaning_of(self.response)
        if not result:
            return "unknown_response"
        if self._has_come_before(attempt, result):
            return "repeated"
        if result == OPT_OUT:
            return attempt._apply_opt_out()
        return attempt._apply_result(result)

    def _has_come_before(self, attempt, result):
        """Has a word of this meaning had an effect that a repeat would have again?

        The wish for no calls, as staff may have been told otherwise since; and an
        answer that contradicts the first one, which staff are told of.
        """
        taken = attempt.result
        if result == OPT_OUT:
            effect = "applied"
        elif {result, taken} <= set(FINAL_RESULTS) and result != taken:
            effect = "stale"
        else:
            return False
        before = attempt.callback_ids.filtered(lambda c: c.disposition == effect)
        return result in map(self._meaning_of, (before - self).mapped("response"))

    def _meaning_of(self, word):
        return self.env["voicebox.response"]._result_of(word, self.company_id)

    def _lock_attempts(self, mode):
        """Each callback's attempt, locked: by our guid; where it is missing or unknown,
        by the provider's id.

        :return: dict of callback to attempt, none where it is not known
        """
        attempts = self.env["clinic.reminder.attempt"]
        guids = tuple(callback.guid.lower() for callback in self if callback.guid)
        known = attempts
        if guids:
            known = attempts._lock_where(SQL("guid IN %s", guids), mode)
        by_guid = known.grouped("guid")
        found = {
            callback: callback._ours(by_guid.get((callback.guid or "").lower()))
            for callback in self
        }
        named = {c: c._find_by_call_id() for c, a in found.items() if not a}
        attempts.union(*named.values())._lock(mode)
        return {**found, **named}

    def _ours(self, attempts):
        """Those of the attempts that this company's secret may report (law 9)."""
        attempts = attempts or self.env["clinic.reminder.attempt"]
        return attempts.filtered(
            lambda a: (
                a.company_id == self.company_id
                or a.company_id._voicebox_secret_owner() == self.company_id
            )
        )

    def _find_by_call_id(self):
        attempts = self.env["clinic.reminder.attempt"]
        if not self.call_id:
            return attempts
        found = self._ours(attempts.search([("call_id", "=", self.call_id)]))
        found = found.filtered(lambda a: self._same_number(a.phone))
        return found if len(found) == 1 else attempts

    def _same_number(self, phone):
        """Is the dialled number ours? Its last ten digits say so; none says nothing."""
        came = _digits(self.number_b)[-10:]
        return not came or not phone or came == _digits(phone)[-10:]

    @api.model
    def _replay_call_ids(self, attempts):
        """Apply what came for the provider's ids of calls before we knew them.

        Of a flood only the first: somebody is waiting, the sweep applies the rest.
        """
        named = attempts.grouped("call_id")
        owners = {
            call_id: some.company_id.mapped(lambda c: c._voicebox_secret_owner())
            for call_id, some in named.items()
        }
        found = self.search(
            [
                ("company_id", "in", self.company_id.union(*owners.values()).ids),
                ("call_id", "in", list(owners)),
                ("disposition", "=", "unmatched"),
            ],
            order="id",
            limit=REPLAYED_AT_ONCE,
        )
        if len(found) == REPLAYED_AT_ONCE:
            wake_sweep(self.env)
        found.filtered(lambda c: c.company_id in owners[c.call_id])._process()

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
