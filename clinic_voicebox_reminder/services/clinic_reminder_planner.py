from collections import defaultdict
from datetime import timedelta
from itertools import zip_longest

from odoo import api, fields, models
from odoo.tools import SQL

from ..models import question
from ..models.question import Question
from ..models.transactions import Run, insert_rows, lock_free_rows, lock_rows
from ..models.waking import wake_dispatch, wake_plan
from ..policy import conversation
from ..tools.vocabulary import (
    ATTENTION_OF_REASON,
    OPEN_STATES,
    OPEN_STATUSES,
    REASONS_FOR_STAFF,
    REASONS_OF_EXHAUSTION,
    VISIBLE_REASONS,
)

HORIZON = timedelta(days=60)


class ClinicReminderPlanner(models.AbstractModel):
    """Keeps the reminders as they should be: the reconciliation over all visits.

    To be called as the superuser.
    """

    _name = "clinic.reminder.planner"
    _description = "Planning of Reminder Calls"

    @api.model
    def _run(self):
        """Close what should not be open, open what should be. Commits in batches.

        Safe to repeat, to interrupt and to run late: it looks at the visits as they
        are, not at windows of time.
        """
        messenger = self.env["clinic.reminder.messenger"]
        run = Run(self.env, "Planning", wake_plan, messenger._deliver)
        run.piece(self._reconsider_rejected)
        run.batches("open reminders", self._open_ids, self._reconcile_open)
        run.batches("visits", self._unserved_ids, self._plan_visits)
        run.batches("shared calls", self._ids_of_several_visits, self._share_calls)
        if self.env["clinic.reminder.queue"]._is_anything_due():
            wake_dispatch(self.env)
        run.end()

    @api.model
    def _reconsider_rejected(self):
        """Reminders that were rejected under other settings may be opened again."""
        channels = self.env["voicebox.channel"].search(
            [("has_to_reconsider", "=", True)]
        )
        lock_rows(channels)
        companies = channels.company_id | channels.company_id._voicebox_callers()
        self._reminders.search(
            [
                ("company_id", "in", companies.ids),
                ("skip_reason", "=", "rejected"),
                ("visit_start", ">", fields.Datetime.now()),
            ]
        ).skip_reason = "reconsidered"
        channels.has_to_reconsider = False

    @property
    def _reminders(self):
        return self.env["clinic.reminder.call"]

    # === Open reminders === #
    @api.model
    def _open_ids(self):
        return self._reminders.search([("state", "in", OPEN_STATES)]).ids

    @api.model
    def _reconcile_open(self, ids):
        """Arm or close open reminders as their visits now demand."""
        self._reconcile_all(self._lock_open(ids))

    @api.model
    def _reconcile_all(self, reminders):
        verdicts = self.env["clinic.reminder.policy"]._verdicts_on_reminders(reminders)
        for reminder in reminders:
            self._reconcile(reminder, verdicts[reminder.id])

    @api.model
    def _lock_open(self, ids):
        """Those of the reminders that are open and in nobody else's hands."""
        condition = SQL("id IN %s AND state IN %s", tuple(ids), OPEN_STATES)
        return lock_free_rows(self._reminders, condition, SQL("id"), len(ids))

    @api.model
    def _reconcile(self, reminder, verdict):
        """Bring one open reminder up to date; a call that runs ends by itself."""
        ends_by_itself = verdict.kind != "never" or verdict.reason in (
            REASONS_OF_EXHAUSTION
        )
        if reminder.state == "calling" and ends_by_itself:
            return
        if verdict.kind != "never":
            self._refresh_contact(reminder)
        reminder._apply_verdict(verdict)

    @api.model
    def _refresh_contact(self, reminder):
        """Number and company as they are now: the claim looks for them."""
        event = reminder.event_id
        now = {
            "phone": event._reminder_phone(),
            "company_id": event._reminder_company(),
        }
        changed = {
            name: value for name, value in now.items() if reminder[name] != value
        }
        if changed:
            reminder.update(changed)

    # === Visits without an open reminder === #
    @api.model
    def _unserved_ids(self):
        """Future visits that no open reminder serves."""
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM calendar_event e
                    WHERE e.active AND e.patient_id IS NOT NULL
                      AND NOT coalesce(e.allday, false)
                      AND e.visit_status IN %s
                      AND e.start > %s AND e.start < %s
                      AND NOT EXISTS (
                          SELECT 1 FROM clinic_reminder_call r
                           WHERE r.event_id = e.id AND r.state IN %s)
                    ORDER BY e.id""",
                OPEN_STATUSES,
                fields.Datetime.now(),
                fields.Datetime.now() + HORIZON,
                OPEN_STATES,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _plan_visits(self, ids):
        """Give each visit the reminder that the verdict asks for, if any."""
        events = self.env["calendar.event"].browse(ids)
        verdicts = self.env["clinic.reminder.policy"]._verdicts(events)
        asked = self._asked_before(events)
        unasked = []
        for event in events:
            key, verdict = Question.of_visit(event), verdicts[event.id]
            if verdict.reason in ("answered", "calls_spent"):
                self._adopt(event, asked[key])
            elif verdict.kind == "never" and verdict.reason not in VISIBLE_REASONS:
                continue
            elif reusable := asked[key].filtered(_may_be_opened_again)[-1:]:
                if not asked[key].filtered(_is_open):
                    self._open_again(reusable, event, verdict)
            else:
                unasked.append(event)
        self._open_new(unasked, verdicts)

    @api.model
    def _asked_before(self, events):
        """Reminders that asked the same, by :class:`Question`."""
        about = [*question.domain_of_moments(events), ("is_void", "=", False)]
        reminders = self._reminders.search(about, order="id")
        asked = reminders.grouped(Question.of_reminder)
        return defaultdict(self._reminders.browse, asked)

    @api.model
    def _adopt(self, event, asked):
        """A visit that was made again for the same time inherits the answer given.

        Editing a series archives its events and makes new ones.
        """
        given = asked.filtered(
            lambda r: (
                r.outcome
                and (
                    not r.event_id.active
                    if r.event_id != event
                    else not r.is_on_visit
                    and (r.visit_refusal or r.outcome != "not_reached")
                )
            )
        )
        if given:
            lock_rows(given)
            given[-1].event_id = event
            given[-1]._bring_to_visit()

    @api.model
    def _open_again(self, reminder, event, verdict):
        """Bring a closed reminder of the same question up to date."""
        if verdict.kind == "never" and _is_told_already(reminder, verdict.reason):
            return
        lock_rows(reminder)
        reminder.write(event._reminder_snapshot())
        reminder.carried_by_id = reminder._leader_at_its_time()
        self.env.flush_all()
        reminder._apply_verdict(verdict)

    @api.model
    def _open_new(self, events, verdicts):
        """New reminders. Of several at one time the first leads the others.

        Another event with the same question, or another planner, may have been first:
        the database allows one, and says so without an error. The rows are made
        without personal data, as a failing statement would be logged.
        """
        by_time = defaultdict(list)
        for event in events:
            by_time[Question.of_visit(event).moment].append(event)
        for turn in zip_longest(*by_time.values()):
            self._insert([e for e in turn if e], verdicts)

    @api.model
    def _insert(self, events, verdicts):
        """:param events: of different patients or times"""
        moments = question.domain_of_moments(self.env["calendar.event"].union(*events))
        leaders = self._reminders._leaders_at(moments)
        rows = [
            self._opening_row(event, verdicts[event.id], leaders) for event in events
        ]
        for reminder in insert_rows(self._reminders, rows):
            reminder.write(reminder.event_id._reminder_snapshot())

    @api.model
    def _opening_row(self, event, verdict, leaders):
        """Columns of a new reminder: all that is not personal."""
        now = fields.Datetime.now()
        closed = verdict.kind == "never"
        company, patient = event._reminder_company(), event.patient_id
        leader = leaders.get((company, patient, event.start), self._reminders)
        attention = closed and ATTENTION_OF_REASON.get(verdict.reason)
        return {
            "event_id": event.id,
            "patient_id": patient.id,
            "specialist_id": event.specialist_id.id or None,
            "company_id": company.id,
            "carried_by_id": None if closed else leader.id or None,
            "visit_start": event.start,
            "state": "skipped" if closed else "planned",
            "skip_reason": verdict.reason if closed else None,
            "attention_kind": attention or None,
            "needs_attention": bool(attention),
            "next_call_at": verdict.moment,
            "attempt_count": 0,
            "create_date": now,
            "create_uid": self.env.uid,
            "write_date": now,
            "write_uid": self.env.uid,
        }

    @api.model
    def _close_doubles(self, patients):
        """Of the open reminders for one time keep one for each specialist, and one that
        leads them; see partner merge."""
        ours = [("patient_id", "in", patients.ids), ("state", "in", OPEN_STATES)]
        open_ones = self._reminders.search(ours, order="id")
        for same_time in open_ones.grouped("visit_start").values():
            leading_first = same_time.sorted(lambda r: (bool(r.carried_by_id), r.id))
            self._close_double_questions(leading_first)

    @api.model
    def _close_double_questions(self, same_time):
        """:param same_time: a patient's open reminders of a time, the leading first"""
        lead, asking = same_time[0], set()
        for reminder in same_time:
            is_double = reminder.specialist_id in asking
            if is_double or reminder.company_id != lead.company_id:
                reminder._skip("duplicate")
            elif reminder != lead:
                reminder.carried_by_id = lead._lead() or lead
            asking.add(reminder.specialist_id)

    # === One call for the visits of a day === #
    @api.model
    def _ids_of_several_visits(self):
        """Patients with several open reminders, and those that shared a call."""
        ours = [("state", "in", OPEN_STATES), ("patient_id", "!=", False)]
        groups = self._reminders._read_group(
            ours, ["patient_id"], having=[("__count", ">", 1)]
        )
        companions = self._reminders.search([*ours, ("carried_by_id", "!=", False)])
        return [*{patient.id for (patient,) in groups} | {*companions.patient_id.ids}]

    @api.model
    def _share_calls(self, patient_ids):
        """One of a patient's reminders leads: its call speaks of the others' visits.

        Patients with a planned row in other hands are left as they are: with the
        dispatcher holding a lead, its companions would seem to be alone.
        """
        condition = SQL("patient_id IN %s AND state = 'planned'", tuple(patient_ids))
        by_time = SQL("visit_start, id")
        planned = lock_free_rows(self._reminders, condition, by_time)
        ours = [("patient_id", "in", patient_ids), ("state", "in", OPEN_STATES)]
        still_open = self._reminders.search(ours)
        calling = still_open.filtered(lambda r: r.state == "calling")
        in_other_hands = (still_open - planned - calling).patient_id
        ours = (planned | calling).filtered(
            lambda r: r.patient_id not in in_other_hands
        )
        for together in ours.grouped(conversation.key_of).values():
            self._join(together & planned, min(together, key=conversation.rank_of))

    @api.model
    def _join(self, reminders, lead):
        """Link planned reminders to the one that leads them: its call is theirs."""
        companions = reminders - lead
        joined = companions.filtered(lambda r: r.carried_by_id != lead)
        joined.carried_by_id = lead
        # before another one leads: the database allows one of a time
        joined.flush_recordset(["carried_by_id"])
        left = (reminders & lead).filtered("carried_by_id")
        left.carried_by_id = False
        self._reconcile_all(left | joined)


def _is_told_already(reminder, reason):
    """That time runs on changes nothing about why nobody was called."""
    known = reminder.skip_reason
    for_staff = known in REASONS_FOR_STAFF and reason in REASONS_OF_EXHAUSTION
    return for_staff or known in (reason, "missed")


def _is_open(reminder):
    return reminder.state in OPEN_STATES


def _may_be_opened_again(reminder):
    return reminder.state == "skipped" and reminder.skip_reason != "staff"
