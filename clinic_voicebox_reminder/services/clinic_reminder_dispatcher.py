import time
from collections import deque
from datetime import datetime, timedelta
from functools import cache, partial

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.transactions import alone, guarded, lock_rows, retried, together_or_singly
from ..models.waking import wake_dispatch
from ..tools import speech
from ..tools.stopping import is_stopping
from ..tools.switchboard import WITHDRAWN, Dial, Switchboard
from ..tools.voicebox_client import VoiceboxConfigurationError
from .clinic_reminder_queue import AT_ONCE

RUN_BUDGET = 25  # seconds
RECORD_AT_ONCE = 32  # replies in one transaction: what a crash may lose
PATIENCE = 0.5  # seconds until others' answers have their turn
DELIVERED_AT_ONCE = 20  # errands that are run before the next calls are claimed
HOLD_BACK = timedelta(minutes=1)


class ClinicReminderDispatcher(models.AbstractModel):
    """Claim, commit, POST, record. To be called as the superuser.

    One thread claims and records; those of the switchboard post meanwhile.
    """

    _name = "clinic.reminder.dispatcher"
    _description = "Dispatching of Reminder Calls"

    @api.model
    def _run(self):
        """Start the calls that are due, company by company, in turns. Commits.

        Claims nothing after RUN_BUDGET seconds, nor when Odoo is asked to stop; what
        is claimed is sent, and what is sent recorded. Wakes itself while work remains.
        No exception leaves it: Odoo would run it again at once.
        """
        stop_at = time.monotonic() + RUN_BUDGET
        waiting = deque(self._companies_to_call())
        with Switchboard(AT_ONCE) as board:
            while self._take_turn(board, waiting, stop_at):
                pass
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
    def _take_turn(self, board, waiting, stop_at):
        """Claim for one company that has room, and record the answers that have come.

        Nobody waits for another's slow Voicebox. Commits.

        :param deque waiting: companies that may have more calls due
        :return: whether there is more to do in this run
        """
        company = self._next_company(board, waiting, stop_at)
        if company:
            is_more = guarded(
                self.env, "Dispatching failed", self._dispatch_batch, board, company
            )
            if not is_more:
                waiting.remove(company)
        came = self._record_answers(board, 0 if company else PATIENCE)
        return bool(company or came or board.under_way)

    @api.model
    def _next_company(self, board, waiting, stop_at):
        """Who is asked next for calls that are due: in turns; perhaps nobody."""
        if time.monotonic() >= stop_at or is_stopping():
            return None
        for _ in range(len(waiting)):
            waiting.rotate(-1)
            if board.line_of(waiting[-1].id).has_room:
                return waiting[-1]
        return None

    @api.model
    def _dispatch_batch(self, board, company):
        """Claim and commit up to AT_ONCE calls, and start to post them.

        What is claimed while the first sign of trouble comes in is not posted.

        :param company: the owner of the campaign, for all that call through it
        :return: whether it is worth asking this company again in this run
        """
        claimed, dials = retried(self.env, self._claim, company)
        if dials and board.is_refused(company.id):
            self._withdraw(dials)
        else:
            self._post(company, board.line_of(company.id), dials)
        return claimed

    @api.model
    def _post(self, company, line, dials):
        """Hand the dials to the threads: they never touch a cursor."""
        access = company._voicebox_access() if dials else ()
        for dial in dials:
            make = partial(company._voicebox_client, dial.method)
            line.post(line.client((access, dial.method), make), dial)

    @api.model
    def _withdraw(self, dials):
        """Their requests were never sent: nobody's phone has rung."""
        answers = [(dial.attempt_id, WITHDRAWN) for dial in dials]
        together_or_singly(self._record_guarded, answers)

    @api.model
    def _record_answers(self, board, patience=0):
        """Record the answers that have come, and let others' have their turn. Commits.

        :param patience: seconds that the first answer is waited for
        :return: the answers
        """
        came = board.take(RECORD_AT_ONCE, patience)
        if came:
            answers = [(answer.attempt_id, answer.reply) for answer in came]
            together_or_singly(self._record_guarded, answers)
        else:
            # begin afresh, or what others have done meanwhile is not seen
            self.env["ir.cron"]._commit_progress()
        for company_id, replies in board.news().items():
            what = f"Nothing was learned from the replies of company {company_id}"
            company = self.env["res.company"].browse(company_id)
            learn = (retried, self.env, self._conclude_batch, company, replies)
            guarded(self.env, what, *learn)
        self._deliver()
        return came

    @api.model
    def _deliver(self):
        """What came in meanwhile does not wait for the end of this run. Commits."""
        piece = partial(guarded, self.env, "An answer was not delivered")
        self.env["clinic.reminder.messenger"]._deliver(piece, DELIVERED_AT_ONCE)

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
        """Check all claimed reminders once more and make their attempts.

        Every reminder that does not lead to a dial is closed or put off, so that it
        does not come up again at once. All are checked together; where that fails,
        each by itself: a bad one costs itself only.
        """
        carried = self._lock_companions(reminders)
        self._freeze(reminders.union(*carried.values()))
        dials = self._dials_of_some(reminders, carried)
        if dials is not None:
            return dials
        dials = []
        for reminder in reminders:
            dial = self._dials_of_some(reminder, carried)
            if dial is None:
                reminder.next_call_at = fields.Datetime.now() + HOLD_BACK
            dials += dial or []
        return dials

    @api.model
    def _dials_of_some(self, reminders, carried):
        """:return: dials; None where it failed, and nothing of it was done"""
        dials = []
        what = f"Reminders {reminders.ids} can't be called"
        is_done = alone(self.env, what, self._begin_calls, reminders, carried, dials)
        return dials if is_done else None

    @api.model
    def _freeze(self, reminders):
        """Nobody may change visits and patients between the check and the commit.

        :raise OperationalError: somebody has, since this transaction began
        """
        lock_rows(reminders.event_id, "SHARE")
        lock_rows(reminders.patient_id, "SHARE")

    @api.model
    def _begin_calls(self, reminders, carried, dials):
        """Add the dials of claimed reminders; none for what is not called now.

        :param dict carried: of a reminder to those that its call may speak of as well
        """
        policy = self.env["clinic.reminder.policy"]
        verdicts = policy._verdicts_on_reminders(
            reminders.union(*(carried[reminder] for reminder in reminders))
        )
        spoken_of = {
            lead: carried[lead].filtered(lambda r: verdicts[r.id].kind == "call")
            for lead in self._without_those_put_off(reminders, verdicts)
        }
        companies = {lead: lead.company_id for lead in spoken_of}
        reminders.browse().union(*spoken_of, *spoken_of.values())._take_snapshots()
        stayed = [
            lead for lead, company in companies.items() if lead.company_id == company
        ]
        attempts = self._new_attempts(self._without_busy(stayed), spoken_of)
        method_of = cache(self.env["voicebox.method"]._method_of)
        dials += [self._dial_of(attempt, method_of) for attempt in attempts]

    @api.model
    def _lock_companions(self, leads):
        """Reminders of the patients' other visits that these calls speak of as well.

        Each has to be permitted by itself: a visit that may not be called about is
        not spoken of. Planning may hold one: it is waited for, as left out of this
        call it would get another.

        :return: dict of a reminder to its companions
        """
        ours = [("carried_by_id", "in", leads.ids), ("state", "=", "planned")]
        found = leads.search(ours, order="visit_start, id")
        lock_rows(found)
        by_lead = found.grouped("carried_by_id")
        return {lead: by_lead.get(lead, found.browse())[:AT_ONCE] for lead in leads}

    @api.model
    def _without_those_put_off(self, reminders, verdicts):
        """The reminders whose call is permitted at this very moment."""
        now = fields.Datetime.now()
        due = reminders.filtered(lambda r: verdicts[r.id].is_due(now))
        for reminder in reminders - due:
            self._put_off(reminder, verdicts[reminder.id])
        return due

    @api.model
    def _put_off(self, reminder, verdict):
        reminder._apply_verdict(verdict)
        now = fields.Datetime.now()
        if reminder.state == "planned" and reminder.next_call_at <= now:
            reminder.next_call_at = now + HOLD_BACK

    @api.model
    def _without_busy(self, reminders):
        """Those whose number is on no call; of several with one number, the first."""
        phones = [reminder.phone for reminder in reminders]
        taken = self.env["clinic.reminder.queue"]._busy_phones(phones)
        free = self.env["clinic.reminder.call"]
        for reminder in reminders:
            if reminder.phone not in taken:
                taken.add(reminder.phone)
                free |= reminder
        return free

    @api.model
    def _new_attempts(self, reminders, spoken_of):
        """Write the attempts of the dials that follow the commit.

        :param dict spoken_of: of a reminder to its companions
        :return: attempts; none for a number that is on a call by now
        """
        attempts = self.env["clinic.reminder.attempt"]._begin_all(
            {
                "reminder_id": reminder.id,
                "company_id": reminder.company_id.id,
                "number": max(reminder.attempt_ids.mapped("number"), default=0) + 1,
                "phone": reminder.phone,
                "minutes": reminder.company_id.reminder_result_timeout,
            }
            for reminder in reminders
        )
        for attempt in attempts.filtered(lambda a: spoken_of[a.reminder_id]):
            attempt.companion_ids = spoken_of[attempt.reminder_id]
        dialled = attempts.reminder_id
        # the calls tell it: no line in the chatter for each of them
        untold = dialled.with_context(tracking_disable=True)
        untold.write({"state": "calling", "next_call_at": False})
        told = dialled.union(*(spoken_of[reminder] for reminder in dialled))
        told.filtered("requested_by_id").requested_by_id = False
        return attempts

    @api.model
    def _dial_of(self, attempt, method_of):
        """What is sent for an attempt; what is said is kept on its reminder.

        :param method_of: function of a company and a language
        """
        reminder = attempt.reminder_id
        lang = reminder.event_id._reminder_lang()
        told = (reminder | attempt.companion_ids).sorted("visit_start")
        said = speech.join_visits(told.mapped("spoken_visit"), lang)
        if said != reminder.spoken_visit:
            reminder.spoken_visit = said
        return Dial(
            attempt.id,
            reminder.phone.removeprefix("+"),
            attempt.guid,
            method_of(reminder.company_id, lang),
            reminder.spoken_name,
            said,
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
        replies = dict(answers)
        attempts = self.env["clinic.reminder.attempt"].browse(replies)
        attempts._lock()
        named = attempts.filtered(lambda a: a._record_reply(replies[a.id]))
        self.env["voicebox.callback"]._replay_call_ids(named)
        return True

    @api.model
    def _conclude_batch(self, company, replies):
        """Learn from the replies whether the queue goes on."""
        self.env["voicebox.channel"]._for_companies(company)._learn_from(replies)
