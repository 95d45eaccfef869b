from contextlib import nullcontext
from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.vocabulary import (
    FINAL_RESULTS,
    KNOWLEDGE,
    KNOWS_ANSWERED,
    KNOWS_DECISION,
    KNOWS_NOTHING,
    RESULTS,
    TROUBLES,
    UNCOUNTED_ERRORS,
    selection,
)
from . import live
from .transactions import alone, fetch_locked, insert_rows

# attempts, in the order of their ids; then their reminders, in the order of theirs
FIND_AND_LOCK = """
    WITH attempts AS (
        SELECT id, reminder_id FROM clinic_reminder_attempt
         WHERE %(condition)s ORDER BY id FOR %(mode)s),
    companions AS (
        SELECT rel.attempt_id, rel.reminder_id
          FROM attempts JOIN clinic_reminder_attempt_companion_rel rel
            ON rel.attempt_id = attempts.id),
    reminders AS (
        SELECT id FROM clinic_reminder_call
         WHERE id IN (SELECT reminder_id FROM attempts UNION
                      SELECT reminder_id FROM companions)
         ORDER BY id FOR %(mode)s),
    locked AS (SELECT count(*) FROM reminders)
    SELECT id, EXISTS (SELECT FROM companions WHERE attempt_id = attempts.id)
      FROM attempts, locked ORDER BY id
"""


class ClinicReminderAttempt(models.Model):
    """One dial of a reminder."""

    _name = "clinic.reminder.attempt"
    _description = "Reminder Call Attempt"
    _order = "requested_at desc, id desc"
    _inherit = ["clinic.live"]
    _rec_name = "guid"
    _live_fields = frozenset({"answered_at", "companion_ids", "result", "state"})

    reminder_id = fields.Many2one(
        "clinic.reminder.call",
        ondelete="cascade",
        index=True,
        help="Empty for a test call",
    )
    companion_ids = fields.Many2many(
        "clinic.reminder.call",
        "clinic_reminder_attempt_companion_rel",
        "attempt_id",
        "reminder_id",
        "Also Spoken of",
        help="Reminders of the patient's other visits on that day",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("No.", required=True, help="1 for the first try")
    phone = fields.Char("Dialled Number")
    guid = fields.Char("GUID", required=True, copy=False)
    call_id = fields.Char("Call ID", index="btree_not_null", copy=False)
    state = fields.Selection(
        [
            ("requesting", "Being sent"),
            ("requested", "Ringing"),
            ("answered", "Answered"),
            ("finished", "Finished"),
        ],
        default="requesting",
        required=True,
    )
    result = fields.Selection(selection(RESULTS), readonly=True)
    is_counted = fields.Boolean(
        "Counts", default=True, help="No: the call was surely not placed"
    )
    error_kind = fields.Selection(selection(TROUBLES), "Error")
    error_message = fields.Char("Error Details")
    http_status = fields.Integer("HTTP Status", aggregator=None)
    provider_reply = fields.Text("Voicebox Reply")
    requested_at = fields.Datetime("Started", required=True)
    answered_at = fields.Datetime("Answered at")
    finished_at = fields.Datetime("Finished at")
    deadline = fields.Datetime(
        required=True, help="Without a result by then the call is given up"
    )
    callback_ids = fields.One2many("voicebox.callback", "attempt_id", "Callbacks")

    _guid_uniq = models.Constraint("UNIQUE(guid)", "A GUID names one call.")
    _number_uniq = models.Constraint(
        "UNIQUE(reminder_id, number)", "A call of this number was made already."
    )
    _reminder_in_flight_uniq = models.UniqueIndex(
        "(reminder_id) WHERE (state != 'finished')",
        "This patient is being called already.",
    )
    _phone_in_flight_uniq = models.UniqueIndex(
        "(phone) WHERE (state != 'finished')", "This number is being called already."
    )
    _transferred_idx = models.Index("(finished_at) WHERE (result = 'operator')")
    _deadline_idx = models.Index("(deadline) WHERE (state != 'finished')")
    _phone_requested_idx = models.Index("(phone, requested_at)")
    _company_requested_idx = models.Index("(company_id, requested_at)")

    def _tell_live(self):
        # one after the other: each is read together with those of other attempts
        live.tell_of_reminders(self.reminder_id)
        live.tell_of_reminders(self.companion_ids)
        self._tell_of_test_calls()

    def _tell_of_test_calls(self):
        live.tell_of_test_calls(self.filtered(lambda attempt: not attempt.reminder_id))

    def _lock(self, mode="NO KEY UPDATE"):
        """Lock the attempts, then their reminders; see :func:`lock_rows`."""
        if self:
            self._lock_where(SQL("id IN %s", tuple(self.ids)), mode)

    @api.model
    def _lock_where(self, condition, mode):
        """Find attempts and lock them, then the reminders that they are about: in one
        statement. Forgets what was read of them.

        :param SQL condition: on the attempts' columns
        :return: the attempts
        """
        query = SQL(FIND_AND_LOCK, condition=condition, mode=SQL(mode))
        found = dict(fetch_locked(self.env, query))
        attempts = self.browse(found)
        attempts.invalidate_recordset()
        self.env["clinic.reminder.call"].invalidate_model()
        # most calls are about one visit: it need not be asked once more
        lone = attempts.filtered(lambda attempt: not found[attempt.id])
        self._fields["companion_ids"]._insert_cache(lone, [()] * len(lone))
        return attempts

    @api.model
    def _begin(self, company, phone, minutes, reminder_id=None, number=1):
        """Write an attempt that is about to be posted; see :meth:`_begin_all`.

        :param minutes: after which it is given up without a result
        :return: the attempt; none if the number is on a call
        """
        dial = {"reminder_id": reminder_id, "company_id": company.id}
        dial |= {"number": number, "phone": phone, "minutes": minutes}
        return self._begin_all([dial])

    @api.model
    def _begin_all(self, dials):
        """Write attempts that are about to be posted; commit before the POST.

        :param dials: dicts of reminder_id, company_id, number, phone, and the minutes
            after which an attempt is given up without a result
        :return: the attempts; none for a number that is on a call
        """
        rows = [self._row_of(**dial) for dial in dials]
        attempts = insert_rows(self, rows) if rows else self.browse()
        attempts.reminder_id.invalidate_recordset(["attempt_ids"])
        attempts.modified(["reminder_id", "is_counted", "state"])
        attempts._mark_number()
        return attempts

    @api.model
    def _row_of(self, minutes, **dial):
        now = fields.Datetime.now()
        return {
            **dial,
            "guid": str(uuid4()),
            "state": "requesting",
            "is_counted": True,
            "requested_at": now,
            "deadline": now + timedelta(minutes=minutes),
            "create_date": now,
            "create_uid": self.env.uid,
            "write_date": now,
            "write_uid": self.env.uid,
        }

    def write(self, vals):
        result = super().write(vals)
        if "is_counted" in vals:
            self._mark_number()
        return result

    def _mark_number(self):
        """Whose number is counted to so many calls, others may have as well."""
        if self and self.env["res.company"]._reminder_caps_calls():
            numbers = list(filter(None, self.mapped("phone")))
            self.env["clinic.reminder.mark"]._leave_numbers(numbers, wakes=False)

    # === The reply to our POST === #
    def _record_reply(self, reply):
        """Write down what Voicebox said to the POST of this attempt.

        A callback may have come before: then the reply adds its words, no more.

        :param VoiceboxReply reply: what the client made of it
        :return: whether the reply told the provider's id of the call
        """
        self.ensure_one()
        self.write(
            {
                "http_status": reply.http_status or 0,
                "provider_reply": reply.body.replace("\x00", ""),
                "error_kind": False if reply.kind == "accepted" else reply.kind,
                "error_message": False if reply.kind == "accepted" else reply.message,
            }
        )
        learned = reply.kind == "accepted" and self._learn_call_id(
            reply.call_id, certain=True
        )
        if self.state == "requesting":
            self._leave_requesting(reply.kind)
        return learned

    def _leave_requesting(self, kind):
        if kind in ("accepted", "ambiguous"):
            self.state = "requested"
        else:
            self._finish_unplaced(kind)

    def _finish_unplaced(self, kind):
        """End an attempt that did not ring."""
        self.write(
            {
                "state": "finished",
                "finished_at": fields.Datetime.now(),
                "is_counted": kind not in UNCOUNTED_ERRORS,
                "result": "rejected" if kind == "rejected" else False,
            }
        )
        self._tell_reminders()

    def _tell_reminders(self):
        """Everything that the call spoke of takes its result."""
        for reminder in (*self.reminder_id, *self.companion_ids):
            reminder._after_attempt(self)

    def _learn_call_id(self, call_id, certain=False):
        """Keep the provider's id of the call.

        :param bool certain: it stood in the reply to our POST
        :return: whether it was new: callbacks that knew only that may be waiting
        """
        if not call_id or call_id == self.call_id or (self.call_id and not certain):
            return False
        self.call_id = call_id
        return True

    # === Results === #
    def _knowledge(self):
        if self.result:
            return KNOWLEDGE[self.result]
        return KNOWS_ANSWERED if self.state == "answered" else KNOWS_NOTHING

    def _apply_result(self, result):
        """Take a result if it knows more than what is known.

        The attempt has to be locked. Late results count as well, whatever has
        happened to the reminder since.

        :param str result: one of the attempt's results, or "answered"
        :return: the callback's disposition: "applied", "repeated" or "stale"
        """
        self.ensure_one()
        if result == self.result or (result == "answered" and self.answered_at):
            return "repeated"
        if KNOWLEDGE[result] <= self._knowledge():
            if KNOWLEDGE[result] == KNOWS_DECISION and self.reminder_id:
                self.reminder_id._note_contradiction(result)
            return "stale"
        if result == "answered":
            self._take_answered()
        else:
            self._finish(result)
        return "applied"

    def _apply_opt_out(self):
        """Never call this number again; a person settles what the call was about.

        The number goes on Odoo's blacklist, which knows nothing of contacts: a family
        that shares it is left alone, also when this addon is gone.

        The attempt has to be locked, as for :meth:`_apply_result`.
        """
        # whatever another module thinks of it, the answer itself is kept
        alone(self.env, f"Opt-out in call {self.id}", self._stop_number)
        if self.reminder_id:
            self.reminder_id._leave_errand("opt_out")
        if self.result in FINAL_RESULTS:
            return "applied"
        return self._apply_result("operator")

    def _stop_number(self):
        if self.phone:
            self.env["phone.blacklist"].sudo()._add([self.phone])

    def _take_answered(self):
        """Picked up: the conversation has its own time to end."""
        now = fields.Datetime.now()
        self.write({"answered_at": now, "is_counted": True})
        if self.state == "finished":
            self._finish("hung_up")
            return
        wait = timedelta(minutes=self.company_id.reminder_result_timeout)
        self.write({"state": "answered", "deadline": now + wait})

    def _finish(self, result):
        """End the attempt, or upgrade one that has ended."""
        values = {
            "state": "finished",
            "result": result,
            "finished_at": self.finished_at or fields.Datetime.now(),
        }
        if not self.is_counted:
            values["is_counted"] = True
        # what a reminder takes for its outcome is told to the open pages with that
        is_outcome = result in FINAL_RESULTS and self.reminder_id
        with live.told_later() if is_outcome else nullcontext():
            self.write(values)
        self._tell_reminders()

    def _give_up(self):
        """The deadline has passed without a result."""
        for attempt in self:
            answered = attempt.state == "answered"
            attempt._finish("hung_up" if answered else "no_result")

    @api.depends("number", "reminder_id", "result", "state")
    def _compute_display_name(self):
        for attempt in self:
            call = self.env._("Call %s", attempt.number)
            is_test = not attempt.reminder_id
            attempt.display_name = self.env._("Test call") if is_test else call
