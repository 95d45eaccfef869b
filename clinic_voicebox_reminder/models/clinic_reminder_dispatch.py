import logging
import random
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.errors import OperationalError, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import speech
from ..tools.stopping import is_stopping
from ..tools.voicebox_client import VoiceboxClient, VoiceboxConfigurationError
from .rows import lock_rows

_logger = logging.getLogger(__name__)

RUN_BUDGET = 25  # seconds
BATCH = 32  # calls claimed at a time, and threads that start them
RECORD_AT_ONCE = 8  # replies in one transaction: what a crash may lose
TRIES = 8  # of a transaction that met another one
LONGEST_WAIT = 0.2  # seconds before the next try
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


class ClinicReminderDispatch(models.Model):
    """Claim, commit, POST, record."""

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.model
    def _cron_dispatch(self):
        """Start the calls that are due, company by company, in turns. Commits.

        Begins no batch after RUN_BUDGET seconds, nor when Odoo is asked to stop, and
        wakes itself while work remains. No exception leaves it: Odoo would run it
        again at once.
        """
        dispatcher = self.sudo()
        stop_at = time.monotonic() + RUN_BUDGET
        waiting = deque(dispatcher._companies_to_call())
        while waiting and time.monotonic() < stop_at and not is_stopping():
            company = waiting.popleft()
            if dispatcher._dispatch_guarded(company):
                waiting.append(company)
        if waiting:
            dispatcher._wake_dispatch()
        dispatcher.env["ir.cron"]._commit_progress()

    @api.model
    def _companies_to_call(self):
        """Who has waited longest comes first: a run may be too short for all."""
        companies = self.env["res.company"].search(
            [("voicebox_mode", "!=", "disabled")]
        )
        ours = [("company_id", "in", companies.ids)]
        channels = self.env["voicebox.channel"].search(ours)
        turns = {c.company_id: c.last_claim_at or datetime.min for c in channels}
        return companies.sorted(lambda company: turns.get(company, datetime.min))

    @api.model
    def _dispatch_guarded(self, company):
        """One batch of a company; a fault ends its turn, not the run.

        :return: whether it is worth asking this company again in this run
        """
        try:
            return self._dispatch_batch(company)
        except Exception as error:  # pylint: disable=broad-except
            # the message may hold personal data: the type has to do
            _logger.error("Dispatching failed: %s", type(error).__name__)
            self.env.cr.rollback()
            return False

    @api.model
    def _dispatch_batch(self, company):
        """Claim, commit, POST and record up to BATCH calls."""
        claimed, dials = self._in_fresh_transaction(self._claim, company)
        if not dials:
            return claimed
        replies = []
        with ExitStack() as stack:
            clients = {
                method: stack.enter_context(
                    self._voicebox_client(company, method, len(dials))
                )
                for method in {dial.method for dial in dials}
            }
            pool = stack.enter_context(ThreadPoolExecutor(len(dials)))
            started = {pool.submit(_start_call, clients[d.method], d): d for d in dials}
            for batch in _batches(as_completed(started), RECORD_AT_ONCE):
                answers = [(started[f].attempt_id, f.result()) for f in batch]
                self._record_guarded(answers)
                replies += [reply for _attempt, reply in answers]
        return self._in_fresh_transaction(self._conclude_batch, company, replies)

    @api.model
    def _in_fresh_transaction(self, work, *args):
        """Run and commit; begin again where another transaction came first.

        What the caller had not committed yet is committed before: `work` is to see
        the rows as they are now.

        :raise OperationalError: the last one, when TRIES were not enough
        """
        self.env["ir.cron"]._commit_progress()
        for tries_left in reversed(range(TRIES)):
            try:
                result = work(*args)
                # progress keeps Odoo from counting a killed run as a hung one
                self.env["ir.cron"]._commit_progress(1)
                return result
            except (OperationalError, UniqueViolation):
                self.env.cr.rollback()
                if not tries_left:
                    raise
                time.sleep(random.uniform(0, LONGEST_WAIT))
        raise AssertionError("unreachable")

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
        free = self._free_lines(company, channel)
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
                for method in {
                    company.voicebox_method,
                    *company.voicebox_method_ids.mapped("method"),
                }:
                    self._voicebox_client(company, method, 1).close()
                return True
            except VoiceboxConfigurationError:
                message = company.env._("The campaign URL or method ID is malformed.")
        channel._pause_for_settings(message)
        return False

    @api.model
    def _voicebox_client(self, company, method, connections):
        return VoiceboxClient(
            company.voicebox_url,
            company.voicebox_login,
            company.voicebox_password,
            method,
            connections=connections,
        )

    @api.model
    def _free_lines(self, company, channel):
        """How many calls may be started now; one, to try a channel that rested."""
        attempts = self.env["clinic.reminder.attempt"]
        ours = [("company_id", "=", company.id)]
        limits = [BATCH]
        if company.voicebox_max_lines:
            busy = attempts.search_count([*ours, ("state", "!=", "finished")])
            limits.append(company.voicebox_max_lines - busy)
        if company.voicebox_calls_per_minute:
            minute_ago = fields.Datetime.now() - timedelta(minutes=1)
            recent = attempts.search_count([*ours, ("requested_at", ">", minute_ago)])
            limits.append(company.voicebox_calls_per_minute - recent)
        if channel.state == "paused":
            limits.append(1)
        return max(min(limits), 0)

    @api.model
    def _claim_due(self, company, limit):
        """Lock due reminders whose number is on no call, the most urgent first."""
        numbers = SQL("TRUE")
        if company.voicebox_mode == "test":
            listed = tuple(company._voicebox_test_phones()) or ("",)
            numbers = SQL("r.phone IN %s", listed)
        attempts = self.env["clinic.reminder.attempt"]
        busy = attempts._search(attempts._busy_domain())
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT r.id FROM clinic_reminder_call r
                    WHERE r.state = 'planned' AND r.company_id = %s
                      AND r.next_call_at <= %s AND %s
                      AND NOT EXISTS (
                          SELECT 1 FROM clinic_reminder_call c
                           WHERE c.id = r.carried_by_id AND c.state = 'planned')
                      AND r.phone NOT IN %s
                    ORDER BY r.next_call_at, r.visit_start, r.id LIMIT %s
                      FOR NO KEY UPDATE OF r SKIP LOCKED""",
                company.id,
                fields.Datetime.now(),
                numbers,
                busy.subselect("phone"),
                limit,
            ),
            log_exceptions=False,
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _dials_of(self, reminders):
        """Check each claimed reminder once more and make its attempt.

        Every reminder that does not lead to a dial is closed or put off, so that it
        does not come up again at once.
        """
        self._keep_as_they_are(reminders)
        dials = []
        for reminder in reminders:
            try:
                with self.env.cr.savepoint():
                    dials += reminder._dial_or_put_off()
            except OperationalError:
                raise
            except Exception as error:  # pylint: disable=broad-except
                # one bad record must not stop the others; the type has to do
                _logger.error(
                    "Reminder %s can't be called: %s", reminder.id, type(error).__name__
                )
                reminder.next_call_at = fields.Datetime.now() + HOLD_BACK
        return dials

    @api.model
    def _keep_as_they_are(self, reminders):
        """Nobody may change visits and patients between the check and the commit.

        :raise OperationalError: somebody has, since this transaction began
        """
        lock_rows(reminders.event_id, "SHARE")
        lock_rows(reminders.patient_id, "SHARE")

    def _dial_or_put_off(self):
        """The dial of one claimed reminder, in a list; empty if it is not called."""
        verdict = self._verdict()
        if not verdict.is_due(fields.Datetime.now()):
            self._put_off(verdict)
            return []
        company = self.company_id
        self.write(self._visit_vals(self.event_id))
        if self.company_id != company or self._is_phone_busy():
            return []
        companions = self._claim_companions()
        self._keep_as_they_are(companions)
        return self._new_attempt(companions)

    def _claim_companions(self):
        """Reminders of the patient's other visits that this call speaks of as well.

        Each has to be permitted by itself: a visit that may not be called about is
        not spoken of. Planning may hold one: it is waited for, as left out of this
        call it would get another.
        """
        ours = [("carried_by_id", "=", self.id), ("state", "=", "planned")]
        carried = self.search(ours, order="visit_start, id", limit=BATCH)
        lock_rows(carried)
        companions = carried.filtered(lambda r: r._verdict().kind == "call")
        for companion in companions:
            companion.write(self._visit_vals(companion.event_id))
        return companions

    def _put_off(self, verdict):
        self._apply_verdict(verdict)
        now = fields.Datetime.now()
        if self.state == "planned" and self.next_call_at <= now:
            self.next_call_at = now + HOLD_BACK

    def _is_phone_busy(self):
        attempts = self.env["clinic.reminder.attempt"]
        return self.phone in attempts._busy_phones([self.phone])

    def _new_attempt(self, companions):
        """Write the attempt of a dial that follows the commit.

        :return: the dial in a list; empty if the number is on a call by now
        """
        numbers = self.attempt_ids.mapped("number")
        attempt = self.env["clinic.reminder.attempt"]._begin(
            self.company_id,
            self.phone,
            self.company_id.reminder_result_timeout,
            reminder_id=self.id,
            number=max(numbers, default=0) + 1,
        )
        if not attempt:
            return []
        attempt.companion_ids = companions
        self.write(
            {"state": "calling", "next_call_at": False, "requested_by_id": False}
        )
        lang = self.event_id._reminder_lang()
        told = (self | companions).sorted("visit_start")
        self.spoken_visit = speech.join_visits(told.mapped("spoken_visit"), lang)
        dial = Dial(
            attempt.id,
            self.phone.removeprefix("+"),
            attempt.guid,
            self.env["voicebox.method"]._method_of(self.company_id, lang),
            self.spoken_name,
            self.spoken_visit,
        )
        return [dial]

    # === Record === #
    @api.model
    def _record_guarded(self, answers):
        """Write down some replies, one by one where together they meet others.

        A reply that can't be written down is lost alone: its call ends by its
        callback or by its deadline.
        """
        try:
            self._in_fresh_transaction(self._record, answers)
        except Exception as error:  # pylint: disable=broad-except
            self.env.cr.rollback()
            if len(answers) == 1:
                _logger.error("A reply was not recorded: %s", type(error).__name__)
                return
            for answer in answers:
                self._record_guarded([answer])

    @api.model
    def _record(self, answers):
        """Write down some replies; callbacks may have come before them.

        :param answers: list of (attempt id, VoiceboxReply)
        """
        attempts = self.env["clinic.reminder.attempt"]
        attempts.browse(attempt_id for attempt_id, _reply in answers)._lock()
        for attempt_id, reply in answers:
            attempts.browse(attempt_id)._record_reply(reply)

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
    return client.call(dial.number, dial.guid, dial.name, dial.visit)


def _batches(futures, size):
    batch = []
    for future in futures:
        batch.append(future)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
