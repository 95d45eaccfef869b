import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.transactions import alone, guarded, lock_rows, retried, together_or_singly
from ..models.waking import wake_dispatch
from ..tools import speech
from ..tools.stopping import is_stopping
from ..tools.voicebox_client import VoiceboxConfigurationError
from .clinic_reminder_queue import AT_ONCE

RUN_BUDGET = 25  # seconds
RECORD_AT_ONCE = 8  # replies in one transaction: what a crash may lose
PATIENCE = 0.5  # seconds until others' answers have their turn
HOLD_BACK = timedelta(minutes=1)


@dataclass(frozen=True)
class Dial:
    """All that a thread needs to start one call."""

    attempt_id: int
    number: str
    guid: str
    method: str
    name: str
    visit: str
    more: dict


class ClinicReminderDispatcher(models.AbstractModel):
    """Claim, commit, POST, record. To be called as the superuser."""

    _name = "clinic.reminder.dispatcher"
    _description = "Dispatching of Reminder Calls"

    @api.model
    def _run(self):
        """Start the calls that are due, company by company, in turns. Commits.

        Begins no batch after RUN_BUDGET seconds, nor when Odoo is asked to stop, and
        wakes itself while work remains. No exception leaves it: Odoo would run it
        again at once.
        """
        stop_at = time.monotonic() + RUN_BUDGET
        waiting = deque(self._companies_to_call())
        while waiting and time.monotonic() < stop_at and not is_stopping():
            company = waiting.popleft()
            if guarded(self.env, "Dispatching failed", self._dispatch_batch, company):
                waiting.append(company)
        if waiting:
            wake_dispatch(self.env)
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _companies_to_call(self):
        """Who has waited longest comes first: a run may be too short for all."""
        calling = self.env["res.company"].search([("voicebox_mode", "!=", "disabled")])
        owners = calling.mapped(lambda company: company._voicebox_owner())
        ours = [("company_id", "in", owners.ids)]
        channels = self.env["voicebox.channel"].search(ours)
        turns = {c.company_id: c.last_claim_at or datetime.min for c in channels}
        return owners.sorted(lambda company: turns.get(company, datetime.min))

    @api.model
    def _dispatch_batch(self, company):
        """Claim, commit, POST and record up to AT_ONCE calls.

        :param company: the owner of the campaign, for all that call through it
        :return: whether it is worth asking this company again in this run
        """
        claimed, dials = retried(self.env, self._claim, company)
        if not dials:
            return claimed
        replies = self._post(company, dials)
        return retried(self.env, self._conclude_batch, company, replies)

    @api.model
    def _post(self, company, dials):
        """Start the calls in threads and record the replies as they come. Commits."""
        replies = []
        with ExitStack() as stack:
            clients = {
                method: stack.enter_context(
                    company._voicebox_client(method, len(dials))
                )
                for method in {dial.method for dial in dials}
            }
            pool = stack.enter_context(ThreadPoolExecutor(len(dials)))
            started = {pool.submit(_start_call, clients[d.method], d): d for d in dials}
            for batch in _as_they_come(started, RECORD_AT_ONCE, PATIENCE):
                answers = [(started[f].attempt_id, f.result()) for f in batch]
                together_or_singly(self._record_guarded, answers)
                replies += [reply for _attempt, reply in answers]
                self._deliver()
        return replies

    @api.model
    def _deliver(self):
        """What came in meanwhile does not wait for the end of this run. Commits."""
        piece = partial(guarded, self.env, "An answer was not delivered")
        self.env["clinic.reminder.messenger"]._deliver(piece)

    # === Claim === #
    @api.model
    def _claim(self, company):
        """Take what is due and may be called at this very moment.

        The company's channel is locked first, so that lines and calls per minute
        are counted by one dispatcher at a time, on a snapshot no older than the last
        claim.

        :return: (is there more to ask for, the dials to start after the commit)
        """
        channel = self.env["voicebox.channel"]._for_companies(company)
        if not channel._lock() or not channel._may_call():
            return False, []
        free = self.env["clinic.reminder.queue"]._free_lines(company, channel)
        due = self._claim_due(company, free)
        if not due:
            return False, []
        if not self._check_settings(company, channel):
            return False, []
        dials = self._dials_of(due)
        return True, dials

    @api.model
    def _check_settings(self, company, channel):
        """Stop the queue where it can't even be tried."""
        company = company.with_context(lang=company.partner_id.lang)
        missing = company._voicebox_missing_settings()
        message = company.env._("Missing: %s", ", ".join(missing))
        if not missing:
            try:
                others = company._voicebox_callers().voicebox_method_ids
                own = company._reminder_setting("voicebox_method")
                for method in {own, *others.mapped("method")}:
                    company._voicebox_client(method).close()
                return True
            except VoiceboxConfigurationError:
                message = company.env._("The campaign URL or method ID is malformed.")
        channel._pause_for_settings(message)
        return False

    @api.model
    def _claim_due(self, company, limit):
        """Lock due reminders that wait for a line only, the most urgent first."""
        queue = self.env["clinic.reminder.queue"]
        callers = company._voicebox_callers().filtered("active")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT r.id FROM clinic_reminder_call r
                    WHERE %s AND %s = 'line'
                    ORDER BY r.next_call_at, r.visit_start, r.id LIMIT %s
                      FOR NO KEY UPDATE OF r SKIP LOCKED""",
                queue._due(callers),
                queue._obstacle(callers),
                limit,
            ),
            log_exceptions=False,
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        return self.env["clinic.reminder.call"].browse(ids)

    @api.model
    def _dials_of(self, reminders):
        """Check each claimed reminder once more and make its attempt.

        Every reminder that does not lead to a dial is closed or put off, so that it
        does not come up again at once.
        """
        self._freeze(reminders)
        dials = []
        for reminder in reminders:
            what = f"Reminder {reminder.id} can't be called"
            if not alone(self.env, what, self._dial_or_put_off, reminder, dials):
                reminder.next_call_at = fields.Datetime.now() + HOLD_BACK
        return dials

    @api.model
    def _freeze(self, reminders):
        """Nobody may change visits and patients between the check and the commit.

        :raise OperationalError: somebody has, since this transaction began
        """
        lock_rows(reminders.event_id, "SHARE")
        lock_rows(reminders.patient_id, "SHARE")

    @api.model
    def _dial_or_put_off(self, reminder, dials):
        """Add the dial of one claimed reminder; none, if it is not called now."""
        verdict = reminder._verdict()
        if not verdict.is_due(fields.Datetime.now()):
            self._put_off(reminder, verdict)
            return
        company, queue = reminder.company_id, self.env["clinic.reminder.queue"]
        reminder.write(reminder.event_id._reminder_snapshot())
        if reminder.company_id != company or queue._busy_phones([reminder.phone]):
            return
        companions = self._claim_companions(reminder)
        self._freeze(companions)
        attempt = self._new_attempt(reminder, companions)
        if attempt:
            dials.append(self._dial_of(attempt))

    @api.model
    def _claim_companions(self, lead):
        """Reminders of the patient's other visits that this call speaks of as well.

        Each has to be permitted by itself: a visit that may not be called about is
        not spoken of. Planning may hold one: it is waited for, as left out of this
        call it would get another.
        """
        ours = [("carried_by_id", "=", lead.id), ("state", "=", "planned")]
        candidates = lead.search(ours, order="visit_start, id", limit=AT_ONCE)
        lock_rows(candidates)
        companions = candidates.filtered(lambda r: r._verdict().kind == "call")
        for companion in companions:
            companion.write(companion.event_id._reminder_snapshot())
        return companions

    @api.model
    def _put_off(self, reminder, verdict):
        reminder._apply_verdict(verdict)
        now = fields.Datetime.now()
        if reminder.state == "planned" and reminder.next_call_at <= now:
            reminder.next_call_at = now + HOLD_BACK

    @api.model
    def _new_attempt(self, reminder, companions):
        """Write the attempt of a dial that follows the commit.

        :return: the attempt; none if the number is on a call by now
        """
        numbers = reminder.attempt_ids.mapped("number")
        attempt = self.env["clinic.reminder.attempt"]._begin(
            reminder.company_id,
            reminder.phone,
            reminder.company_id.reminder_result_timeout,
            reminder_id=reminder.id,
            number=max(numbers, default=0) + 1,
        )
        if attempt:
            attempt.companion_ids = companions
            reminder.write({"state": "calling", "next_call_at": False})
            (reminder | companions).requested_by_id = False
        return attempt

    @api.model
    def _dial_of(self, attempt):
        """What is sent for an attempt; what is said is kept on its reminder."""
        reminder = attempt.reminder_id
        lang = reminder.event_id._reminder_lang()
        told = (reminder | attempt.companion_ids).sorted("visit_start")
        reminder.spoken_visit = speech.join_visits(told.mapped("spoken_visit"), lang)
        return Dial(
            attempt.id,
            reminder.phone.removeprefix("+"),
            attempt.guid,
            self.env["voicebox.method"]._method_of(reminder.company_id, lang),
            reminder.spoken_name,
            reminder.spoken_visit,
            told.event_id._reminder_rich_variables(),
        )

    # === Record === #
    @api.model
    def _record_guarded(self, answers):
        """Write down some replies and commit.

        A reply that can't be written down is lost alone: its call ends by its
        callback or by its deadline.

        :return: None where it failed
        """
        what = "A reply was not recorded"
        return guarded(self.env, what, retried, self.env, self._record, answers)

    @api.model
    def _record(self, answers):
        """Write down some replies; callbacks may have come before them.

        :param answers: list of (attempt id, VoiceboxReply)
        """
        attempts = self.env["clinic.reminder.attempt"]
        attempts.browse(attempt_id for attempt_id, _reply in answers)._lock()
        for attempt_id, reply in answers:
            attempt = attempts.browse(attempt_id)
            if attempt._record_reply(reply):
                self.env["voicebox.callback"]._replay_call_id(attempt)
        return True

    @api.model
    def _conclude_batch(self, company, replies):
        """Learn from the replies whether the queue goes on.

        :return: whether it does
        """
        channel = self.env["voicebox.channel"]._for_companies(company)
        channel._learn_from(replies)
        return channel.state == "open"


def _start_call(client, dial):
    """Runs in a thread: no cursor, no environment."""
    return client.call(dial.number, dial.guid, dial.name, dial.visit, dial.more)


def _as_they_come(futures, size, patience):
    """Futures that are done: about `size` at a time, and whatever there is, be it none,
    after `patience` seconds."""
    pending, done = set(futures), set()
    turn_ends = time.monotonic() + patience
    while pending:
        left = max(0, turn_ends - time.monotonic())
        came, pending = wait(pending, left, FIRST_COMPLETED)
        done |= came
        if not came or len(done) >= size or not pending:
            yield done
            done, turn_ends = set(), time.monotonic() + patience
