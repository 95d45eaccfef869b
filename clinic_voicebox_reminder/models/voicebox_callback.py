import logging

from psycopg2.errors import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import callback_body
from .clinic_reminder_attempt import FINAL_RESULTS

_logger = logging.getLogger(__name__)

REPLAYED_AT_ONCE = 20


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

    @api.model
    def _receive(self, company, values, payload="", remote_addr=""):
        """Keep an authentic callback and give it its effect.

        To be called as the superuser. Does not commit. Neither a fault in the
        processing nor a conflict with another transaction loses the callback or
        keeps the caller waiting: the sweep tries again, a conflict's at once.

        :param company: whose secret came with it
        :param dict values: guid, call_id, number_b, response; any may be empty
        :param str payload: the body as it came
        :return: the stored callback
        """
        callback = self.create(
            {
                **values,
                "company_id": company.id,
                "payload": callback_body.storable(payload),
                "remote_addr": callback_body.short(remote_addr or ""),
            }
        )
        callback._process()
        if callback.disposition == "unmatched" and self._is_reply_awaited(company):
            # its call may become known by a transaction that does not see it
            self.env["clinic.reminder.call"]._wake_sweep()
        return callback

    @api.model
    def _is_reply_awaited(self, company):
        """Is there a call whose id is not known yet?"""
        nameless = [("state", "!=", "finished"), ("call_id", "=", False)]
        ours = [("company_id", "=", company.id), *nameless]
        return bool(self.env["clinic.reminder.attempt"].search_count(ours, limit=1))

    def _process(self):
        """Find each callback's attempt and apply it, in the order of arrival.

        What can't be applied keeps an empty disposition, for the sweep.
        """
        for callback in self.sorted("id"):
            try:
                with self.env.cr.savepoint():
                    callback.disposition = callback._apply()
            except (OperationalError, IntegrityError) as error:
                _logger.info("Callback %s has to wait: %s", callback.id, error.pgcode)
                self.env["clinic.reminder.call"]._wake_sweep()
            except Exception as error:  # pylint: disable=broad-except
                # the values of the error may be personal: its type has to do
                _logger.error(
                    "Callback %s could not be processed: %s",
                    callback.id,
                    type(error).__name__,
                )

    def _apply(self):
        """Apply one callback and say what became of it."""
        self.disposition = False  # it is not among those that wait for a call id
        attempt = self._find_attempt()
        if not attempt:
            return "unmatched"
        attempt._lock()
        self.attempt_id = attempt
        if not self._same_number(attempt.phone):
            return "number_mismatch"
        attempt._learn_call_id(self.call_id)
        result = self._meaning_of(self.response)
        if not result:
            return "unknown_response"
        if self._has_come_before(result):
            return "repeated"
        if result == "opt_out":
            return attempt._apply_opt_out()
        return attempt._apply_result(result)

    def _has_come_before(self, result):
        """Has a word of this meaning had an effect that a repeat would have again?

        The wish for no calls, as staff may have been told otherwise since; and an
        answer that contradicts the first one, which staff are told of.
        """
        taken = self.attempt_id.result
        if result == "opt_out":
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
        ours = [("company_id", "=", self.company_id.id)]
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
    def _replay_call_id(self, company, call_id):
        """Apply what came for a provider's id before we knew it.

        Of a flood only the first: somebody is waiting, the sweep applies the rest.
        """
        self.search(
            [
                ("company_id", "=", company.id),
                ("call_id", "=", call_id),
                ("disposition", "=", "unmatched"),
            ],
            order="id",
            limit=REPLAYED_AT_ONCE,
        )._process()

    @api.model
    def _waiting(self, limit):
        """Callbacks without effect whose attempt has become known, and failed ones."""
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id FROM voicebox_callback c
                    WHERE c.disposition IS NULL
                       OR c.disposition = 'unmatched' AND EXISTS (
                          SELECT 1 FROM clinic_reminder_attempt a
                           WHERE a.company_id = c.company_id
                             AND (a.call_id = c.call_id OR a.guid = lower(c.guid)))
                    ORDER BY c.disposition, c.id LIMIT %s""",
                limit,
            )
        )
        return self.browse(row[0] for row in rows)

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
