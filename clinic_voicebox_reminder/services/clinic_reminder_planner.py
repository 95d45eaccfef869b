import logging
from collections import defaultdict
from datetime import timedelta
from functools import partial
from itertools import zip_longest

from odoo import api, fields, models
from odoo.tools import SQL

from ..models import live, question
from ..models.clinic_reminder_mark import EVERY_COMPANY, NOBODY, unmarked
from ..models.question import Question
from ..models.transactions import (
    BATCH,
    Run,
    alone,
    fill_rows,
    insert_rows,
    lock_free_rows,
    lock_rows,
    together_or_singly,
)
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

_logger = logging.getLogger(__name__)

HORIZON = timedelta(days=60)
DAY = timedelta(days=1)
FULL_PASS = "all patients"
FULL_PASS_EVERY = timedelta(hours=6)
PERSONAL = ("phone", "spoken_name", "spoken_visit")
ROUNDS = 3  # in which a patient's reminders come to rest
IN_OTHER_HANDS = timedelta(seconds=20)  # for as long rows may be locked


class ClinicReminderPlanner(models.AbstractModel):
    """Keeps the reminders as they should be: the reconciliation over all visits.

    It looks again at the patients that are marked, as something has changed for them,
    and at those for whom time alone has changed something. Some times a day it looks at
    all of them: what the marks had missed is found then, and told in the log.

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
        run.piece(self._mark_what_changed)
        plan_marked = partial(run.exhaust, self._marked, self._plan_marked)
        plan_marked()
        places = self.env["clinic.reminder.place"]
        if places._is_due(FULL_PASS, FULL_PASS_EVERY):
            plan = self._plan_missed if places._is_known(FULL_PASS) else self._plan_all
            run.batches(FULL_PASS, self._patients, plan, plan_marked)
        if self.env["clinic.reminder.queue"]._is_anything_due():
            wake_dispatch(self.env)
        run.end()

    # === Whom to look at === #
    @api.model
    def _mark_what_changed(self):
        """Marks for what concerns many at once, and for what nobody has written.

        :return: None; the marks are there
        """
        companies = self._marks._take("company")
        if EVERY_COMPANY in companies:
            every = self.env.execute_query(SQL("SELECT id FROM res_company"))
            companies = {id_ for (id_,) in every}
        if companies:
            self._marks._leave_found(self._patients_of(companies), is_wide=True)
        self._marks._leave_found(self._patients_of_time())

    @api.model
    def _patients_of(self, companies):
        return SQL(
            """SELECT e.patient_id FROM calendar_event e
                WHERE %s AND coalesce(e.reminder_company_id, 0) IN %s
                UNION
               SELECT coalesce(r.patient_id, 0) FROM clinic_reminder_call r
                WHERE r.state IN %s AND r.company_id IN %s""",
            self._is_to_come(),
            (0, *companies),
            OPEN_STATES,
            tuple(companies),
        )

    @api.model
    def _patients_of_time(self):
        """Those for whom time alone may have changed something.

        A verdict says how long it holds. Who is on a call is looked at by every plan.
        Visits without a reminder come near, or come within the horizon. And what Odoo
        has refused to write is tried again.
        """
        now = fields.Datetime.now()
        return SQL(
            """SELECT coalesce(r.patient_id, 0)
                 FROM clinic_reminder_call r LEFT JOIN calendar_event e
                   ON e.id = r.event_id
                WHERE r.review_at <= %(now)s
                  AND (r.state = 'planned' OR r.state = 'skipped' AND %(is_to_come)s)
                UNION
               SELECT coalesce(r.patient_id, 0) FROM clinic_reminder_call r
                WHERE r.state = 'calling'
                UNION
               SELECT e.patient_id FROM calendar_event e
                WHERE %(is_to_come)s AND (e.start < %(near)s OR e.start > %(far)s)
                  AND NOT EXISTS (
                      SELECT 1 FROM clinic_reminder_call r WHERE r.event_id = e.id)
                UNION
               SELECT r.patient_id FROM clinic_reminder_call r
                WHERE r.visit_refusal IS NOT NULL AND NOT r.is_on_visit
                  AND r.visit_start > %(now)s AND r.patient_id IS NOT NULL""",
            now=now,
            near=now + DAY,
            far=now + HORIZON - DAY,
            is_to_come=self._is_to_come(),
        )

    @api.model
    def _is_to_come(self):
        """An event (e) about whose status a call may be made, as an SQL condition."""
        now = fields.Datetime.now()
        return SQL(
            """e.active AND e.patient_id IS NOT NULL
               AND NOT coalesce(e.allday, false) AND e.visit_status IN %s
               AND e.start > %s AND e.start < %s""",
            OPEN_STATUSES,
            now,
            now + HORIZON,
        )

    @api.model
    def _marked(self, left_out):
        return self._marks._next_patients(left_out, BATCH)

    @api.model
    def _patients(self):
        """Everybody with a visit to come or an open reminder."""
        rows = self.env.execute_query(
            SQL(
                """SELECT e.patient_id FROM calendar_event e WHERE %s
                    UNION
                   SELECT coalesce(r.patient_id, %s) FROM clinic_reminder_call r
                    WHERE r.state IN %s
                    ORDER BY 1""",
                self._is_to_come(),
                NOBODY,
                OPEN_STATES,
            )
        )
        return [id_ for (id_,) in rows]

    @property
    def _marks(self):
        return self.env["clinic.reminder.mark"]

    # === Planning for patients === #
    @api.model
    def _plan_marked(self, patient_ids):
        """Plan for marked patients, and take their marks away.

        :return: those who have to wait: their rows are in other hands, or a fault
        """
        self._marks._take("patient", patient_ids)
        left = self._plan_patients(patient_ids)
        self._marks._leave("patient", left, wakes=False)
        return left

    @api.model
    def _plan_all(self, patient_ids):
        """Plan for patients whom no plan has looked at yet."""
        self._plan_marked(patient_ids)

    @api.model
    def _plan_missed(self, patient_ids):
        """Plan for patients whom nothing has marked: nothing should come of it."""
        marked = self._marks._take("patient", patient_ids)
        before = self._picture(patient_ids)
        left = self._plan_patients(patient_ids)
        self._marks._leave("patient", left, wakes=False)
        changed = before.symmetric_difference(self._picture(patient_ids))
        missed = {patient for patient, *_ in changed} - marked
        if missed:
            self._tell_missed(len(missed))

    @api.model
    def _tell_missed(self, number):
        _logger.info("Planning: marks had missed %s patients", number)

    @api.model
    def _plan_patients(self, patient_ids):
        """Bring all reminders of these patients up to date.

        Those of several visits depend on each other: what was done for one may be what
        another waits for.

        :return: patients who have to wait
        """
        left = self._plan_once(patient_ids)
        restless = self._with_several(patient_ids)
        for _round in range(ROUNDS):
            if not restless:
                break
            before = self._picture(restless)
            left |= self._plan_once(restless)
            changed = before.symmetric_difference(self._picture(restless))
            restless = {patient for patient, *_ in changed}
        return left

    @api.model
    @unmarked()
    def _plan_once(self, patient_ids):
        """:return: patients who have to wait"""
        left = self._carefully(self._reconcile_open, self._open_ids(patient_ids))
        waiting = {r.patient_id.id or NOBODY for r in self._reminders.browse(left)}
        left = self._carefully(self._plan_visits, self._unserved_ids(patient_ids))
        waiting.update(self.env["calendar.event"].browse(left).patient_id.ids)
        several = self._ids_of_several_visits(patient_ids)
        return waiting.union(self._carefully(self._share_calls, several))

    @api.model
    def _carefully(self, work, ids):
        """Work on all at once; where that fails on each: a bad one costs itself only.

        :return: ids of what has to wait
        """
        waiting = []

        def work_on(some):
            left = []
            what = f"Planning {some}"
            well = alone(self.env, what, lambda: left.extend(work(some) or ()))
            if not well and len(some) == 1:
                left = some
            waiting.extend(left)
            return well or None

        if ids:
            together_or_singly(work_on, ids)
        return waiting

    @api.model
    def _with_several(self, patient_ids):
        """Patients with more than one reminder about the time to come."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT patient_id FROM clinic_reminder_call
                    WHERE patient_id IN %s AND visit_start > %s AND is_void IS NOT TRUE
                    GROUP BY patient_id HAVING count(*) > 1""",
                tuple(patient_ids),
                fields.Datetime.now(),
            )
        )
        return {id_ for (id_,) in rows}

    @api.model
    def _picture(self, patient_ids):
        """What was decided for these patients, as a set of rows."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT coalesce(patient_id, 0), id, event_id, state, skip_reason,
                          outcome, next_call_at, carried_by_id, company_id, phone
                     FROM clinic_reminder_call
                    WHERE %s AND (visit_start > %s OR state IN %s)""",
                self._is_of(patient_ids),
                fields.Datetime.now(),
                OPEN_STATES,
            )
        )
        return set(rows)

    @api.model
    def _is_of(self, patient_ids):
        """Rows of these patients, as an SQL condition."""
        ours = SQL("patient_id IN %s", tuple(patient_ids))
        if NOBODY in patient_ids:
            return SQL("(%s OR patient_id IS NULL)", ours)
        return ours

    @api.model
    def _reconsider_rejected(self):
        """Reminders that were rejected under other settings may be opened again."""
        channels = self.env["voicebox.channel"].search(
            [("has_to_reconsider", "=", True)]
        )
        if not channels:
            return
        lock_rows(channels)
        companies = channels.company_id | channels.company_id._voicebox_callers()
        rejected = self._reminders.search(
            [
                ("company_id", "in", companies.ids),
                ("skip_reason", "=", "rejected"),
                ("visit_start", ">", fields.Datetime.now()),
            ]
        )
        rejected.skip_reason = "reconsidered"
        channels.has_to_reconsider = False

    @property
    def _reminders(self):
        return self.env["clinic.reminder.call"]

    # === Open reminders === #
    @api.model
    def _open_ids(self, patient_ids=None):
        """:param patient_ids: of these only"""
        self.env.flush_all()
        ours = SQL("TRUE") if patient_ids is None else self._is_of(patient_ids)
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM clinic_reminder_call
                    WHERE state IN %s AND %s ORDER BY visit_start, id""",
                OPEN_STATES,
                ours,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _reconcile_open(self, ids):
        """Arm or close open reminders as their visits now demand.

        :return: ids of those that are in somebody else's hands
        """
        free = self._lock_open(ids) if ids else self._reminders
        self._reconcile_all(free)
        return sorted(set(ids) - set(free.ids))

    @api.model
    def _reconcile_all(self, reminders):
        verdicts = self.env["clinic.reminder.policy"]._verdicts_on_reminders(reminders)
        for reminder in reminders:
            self._reconcile(reminder, verdicts[reminder.id])

    @api.model
    def _lock_open(self, ids):
        """Those of the reminders that are open and in nobody else's hands.

        A plan comes again for the others."""
        condition = SQL("id IN %s AND state IN %s", tuple(ids), OPEN_STATES)
        free = lock_free_rows(self._reminders, condition, SQL("id"), len(ids))
        if len(free) < len(ids):
            wake_plan(self.env, fields.Datetime.now() + IN_OTHER_HANDS)
        return free

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
    def _unserved_ids(self, patient_ids):
        """Future visits of these patients that no open reminder serves."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM calendar_event e
                    WHERE e.patient_id IN %s AND %s
                      AND NOT EXISTS (
                          SELECT 1 FROM clinic_reminder_call r
                           WHERE r.event_id = e.id AND r.state IN %s)
                    ORDER BY e.id""",
                tuple(patient_ids),
                self._is_to_come(),
                OPEN_STATES,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _plan_visits(self, ids):
        """Give each visit the reminder that the verdict asks for, if any."""
        if not ids:
            return
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
            reminder._review_at(verdict.until)
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
        made = insert_rows(self._reminders, rows)
        if made:
            fill_rows(made, {r.id: self._personal(r.event_id) for r in made})
            made.event_id.invalidate_recordset(["reminder_call_ids"])
            live.tell_of_reminders(made)
            made._mark_for_plan()

    @api.model
    def _personal(self, event):
        """Columns of a new reminder that no log may show."""
        snapshot = event._reminder_snapshot()
        return {name: snapshot[name] or None for name in PERSONAL}

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
            "review_at": verdict.until,
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
    def _ids_of_several_visits(self, patient_ids):
        """Those with several open reminders, and those that shared a call."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT patient_id FROM clinic_reminder_call
                    WHERE patient_id IN %s AND state IN %s
                    GROUP BY patient_id
                   HAVING count(*) > 1 OR count(carried_by_id) > 0""",
                tuple(patient_ids),
                OPEN_STATES,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _share_calls(self, patient_ids):
        """One of a patient's reminders leads: its call speaks of the others' visits.

        Patients with a planned row in other hands are left as they are: with the
        dispatcher holding a lead, its companions would seem to be alone.

        :return: ids of those patients
        """
        if not patient_ids:
            return []
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
        return in_other_hands.ids

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
