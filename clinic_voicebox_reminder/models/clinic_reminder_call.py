import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.vocabulary import (
    ATTENTION_OF_REASON,
    ATTENTIONS,
    FINAL_RESULTS,
    OPEN_STATES,
    OUTCOME,
    OUTCOMES,
    REASONS_OF_EXHAUSTION,
    REASONS_OF_TIME,
    SKIP_REASONS,
    selection,
)
from . import live, moments, question
from .clinic_reminder_mark import is_unmarked, unmarked
from .question import Question
from .transactions import CONFLICTS, lock_rows
from .waking import wake_dispatch, wake_plan

_logger = logging.getLogger(__name__)

TODO = "mail.mail_activity_data_todo"
LONGEST_REFUSAL = 300
LIVE_FIELDS = frozenset(
    {
        "attention_kind",
        "company_id",
        "event_id",
        "is_void",
        "next_call_at",
        "outcome",
        "patient_id",
        "phone",
        "requested_by_id",
        "skip_reason",
        "specialist_id",
        "state",
        "visit_refusal",
        "visit_start",
    }
)
# what others of the patient's reminders depend on, or the verdict on the visit
WEIGHED = frozenset(
    {
        "carried_by_id",
        "company_id",
        "event_id",
        "is_void",
        "outcome",
        "patient_id",
        "requested_by_id",
        "skip_reason",
        "specialist_id",
        "state",
        "visit_start",
    }
)


class ClinicReminderCall(models.Model):
    """The reminder of one visit: one row for one question to one patient."""

    _name = "clinic.reminder.call"
    _description = "Reminder Call"
    _inherit = ["mail.thread", "mail.activity.mixin", "clinic.live"]
    _order = "visit_start, id"
    _mail_post_access = "read"
    _live_fields = LIVE_FIELDS

    event_id = fields.Many2one(
        "calendar.event", "Visit", index="btree_not_null", ondelete="set null"
    )
    patient_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="set null"
    )
    specialist_id = fields.Many2one(
        "res.users", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    phone = fields.Char(index="btree_not_null", help="International format (E.164)")
    visit_status = fields.Selection(related="event_id.visit_status")
    visit_start = fields.Datetime("Visit Time", required=True, index=True)
    spoken_name = fields.Char(help="What the robot says as the patient's name")
    spoken_visit = fields.Char(help="What the robot says about the visit")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("calling", "Calling"),
            ("done", "Done"),
            ("skipped", "Skipped"),
        ],
        default="planned",
        required=True,
        index=True,
        tracking=True,
    )
    outcome = fields.Selection(selection(OUTCOMES), tracking=True)
    skip_reason = fields.Selection(selection(SKIP_REASONS), tracking=True)
    is_on_visit = fields.Boolean(
        "On the Visit", help="The outcome was brought to the visit"
    )
    visit_refusal = fields.Char(
        "Refused",
        readonly=True,
        help="Why Odoo did not write the outcome on the visit",
    )
    is_void = fields.Boolean(
        "Void", help="The visit was changed afterwards: the answer no longer holds"
    )
    next_call_at = fields.Datetime("Next Call")
    review_at = fields.Datetime(
        readonly=True, help="When time alone may have changed what was decided"
    )
    requested_by_id = fields.Many2one(
        "res.users",
        "Call Asked for by",
        help="Who pressed “Call Now”: neither the day nor a pause is waited for",
    )
    attempt_ids = fields.One2many("clinic.reminder.attempt", "reminder_id", "Calls")
    shared_attempt_ids = fields.Many2many(
        "clinic.reminder.attempt",
        "clinic_reminder_attempt_companion_rel",
        "reminder_id",
        "attempt_id",
        "Calls about Several Visits",
    )
    attempt_count = fields.Integer(
        "Calls Made", compute="_compute_attempt_count", store=True
    )
    carried_by_id = fields.Many2one(
        "clinic.reminder.call",
        "Spoken of in",
        index="btree_not_null",
        ondelete="set null",
        help="The patient's other reminder whose call tells of this visit. One that is "
        "carried is never dialled itself.",
    )
    is_on_call = fields.Boolean("Being Called", compute="_compute_is_on_call")
    attention_kind = fields.Selection(
        selection(ATTENTIONS), "Why a Person Is Needed", readonly=True, copy=False
    )
    needs_attention = fields.Boolean(
        "Needs a Person",
        compute="_compute_needs_attention",
        store=True,
        index="btree_not_null",
        help="On the front desk's work list",
    )
    explanation = fields.Char(compute="_compute_explanation")
    calling_notice = fields.Char(
        compute="_compute_calling_notice",
        help="Why nobody is called at present; empty while calling goes on",
    )

    _event_open_uniq = models.UniqueIndex(
        "(event_id) WHERE (state IN ('planned', 'calling'))",
        "This visit has an open reminder already.",
    )
    _patient_start_open_uniq = models.UniqueIndex(
        "(patient_id, visit_start) "
        "WHERE (state IN ('planned', 'calling') AND carried_by_id IS NULL)",
        "This patient has an open reminder for this time already.",
    )
    _question_open_uniq = models.UniqueIndex(
        "(patient_id, visit_start, coalesce(specialist_id, 0)) "
        "WHERE (state IN ('planned', 'calling'))",
        "This patient has an open reminder for this time and specialist already.",
    )
    _due_idx = models.Index("(company_id, next_call_at) WHERE (state = 'planned')")
    _review_idx = models.Index(
        "(review_at) WHERE (state IN ('planned', 'skipped') AND review_at IS NOT NULL)"
    )
    _refused_idx = models.Index("(visit_start) WHERE (visit_refusal IS NOT NULL)")

    # === Computes === #
    @api.depends("attention_kind")
    def _compute_needs_attention(self):
        for reminder in self:
            reminder.needs_attention = bool(reminder.attention_kind)

    @api.depends("attempt_ids.is_counted", "shared_attempt_ids.is_counted")
    def _compute_attempt_count(self):
        for reminder in self:
            counted = reminder._all_attempts().filtered("is_counted")
            reminder.attempt_count = len(counted)

    @api.depends("attempt_ids.state", "shared_attempt_ids.state")
    def _compute_is_on_call(self):
        for reminder in self:
            reminder.is_on_call = any(
                attempt.state != "finished" for attempt in reminder._all_attempts()
            )

    @api.depends("patient_id", "visit_start")
    @api.depends_context("tz", "lang")
    def _compute_display_name(self):
        for reminder in self:
            when = fields.Datetime.context_timestamp(reminder, reminder.visit_start)
            patient = reminder.patient_id.name or self.env._("Reminder call")
            reminder.display_name = f"{patient}, {when:%d.%m.%Y %H:%M}"

    @api.depends_context("tz", "lang")
    @api.depends("state", "outcome", "skip_reason", "next_call_at", "attempt_count")
    def _compute_explanation(self):
        explanation = self.env["clinic.reminder.explanation"].sudo()
        sentences = explanation._explain_reminders(self.sudo())
        for reminder in self:
            reminder.explanation = sentences[reminder.id]

    @api.depends_context("tz", "lang")
    @api.depends("state", "company_id")
    def _compute_calling_notice(self):
        channels = self.env["voicebox.channel"]
        notices = channels._calling_notices(self.company_id)
        for reminder in self:
            is_open = reminder.state in OPEN_STATES
            reminder.calling_notice = is_open and notices[reminder.company_id]

    # === CRUD === #
    def write(self, vals):
        weighed = WEIGHED & vals.keys()
        changed = self.filtered(lambda r: r._differs(vals, weighed))
        changed._mark_for_plan()  # a patient may be left
        result = super().write(vals)
        if "patient_id" in weighed:
            changed._mark_for_plan()
        return result

    def _differs(self, vals, names):
        """Would writing these values change any of the fields of these names?"""
        now = self._convert_to_write({name: self[name] for name in names})
        return any((now[name] or False) != (vals[name] or False) for name in names)

    def _mark_for_plan(self):
        """The patients' other reminders may depend on these.

        The next plan looks; nobody waits for it. What a plan itself has written it
        knows.
        """
        if not is_unmarked():
            patients = [reminder.patient_id.id or 0 for reminder in self]
            self.env["clinic.reminder.mark"]._leave("patient", patients, wakes=False)

    # === Actions === #
    def action_call_now(self):
        """Call as soon as the rules permit, without waiting for the day or a pause.

        :raise UserError: with the reason, where the rules do not permit a call
        """
        self.check_access("read")
        reminders = self.sudo()
        lock_rows(reminders | reminders.carried_by_id)
        for reminder in reminders:
            reminder._call_now()
        wake_dispatch(self.env)

    def action_skip(self):
        """Do not call about this visit (any more)."""
        self.check_access("read")
        reminders = self.sudo()
        lock_rows(reminders)
        reminders.filtered(lambda r: r.state in OPEN_STATES)._skip("staff")

    def action_done_by_staff(self):
        """Take the reminder off the work list."""
        self.check_access("read")
        reminders = self.sudo()
        lock_rows(reminders)
        reminders._settle()

    def action_write_on_visit(self):
        """Try again to write an outcome on the visit that was refused before."""
        self.check_access("read")
        refused = self.sudo().filtered("visit_refusal")
        lock_rows(refused)
        for reminder in refused.filtered(question.stands):
            reminder._bring_to_visit()
            if not reminder.visit_refusal:
                left = OUTCOME[reminder.outcome].attention
                reminder.attention_kind = left or False

    def action_open_visit(self):
        self.ensure_one()
        form = self.env.ref("clinic_voicebox_reminder.calendar_event_view_form").sudo()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.event_id.id,
            "views": [(form.id, "form")],
            "context": {"no_mail_to_attendees": True},
        }

    # === Life of a reminder === #
    def _tell_live(self):
        live.tell_of_reminders(self)

    def _call_now(self):
        if self.state == "skipped":
            leader = self._leader_at_its_time()
            opened = {"state": "planned", "skip_reason": False}
            self.write({**opened, "carried_by_id": leader.id})
        lead = self._lead() or self
        if lead.is_on_call or self.is_on_call:
            raise UserError(self.env._("This patient is being called right now."))
        asked_for = lead | self
        asked_for.requested_by_id = self.env.uid
        for reminder in asked_for:
            reminder._arm_or_refuse()

    def _arm_or_refuse(self):
        verdict = self._verdict()
        if verdict.kind != "call":
            explanation = self.env["clinic.reminder.explanation"]
            raise UserError(explanation._sentence(verdict))
        self._apply_verdict(verdict)

    def _leader_at_its_time(self):
        """The other open reminder that speaks for the patient's visits at this time."""
        moment = Question.of_reminder(self).domain_of_moment
        leaders = self._leaders_at([*moment, ("id", "!=", self.id)])
        return leaders.get(_place(self), self.browse())

    @api.model
    def _leaders_at(self, moments):
        """Open reminders that speak for all of a patient's visits at one time.

        :param moments: domain of the times
        :return: dict of (company, patient, time) to the reminder
        """
        found = self.search([*moments, ("state", "in", OPEN_STATES)])
        leading_last = found.sorted(lambda r: (not r.carried_by_id, -r.id))
        return {
            _place(reminder): reminder._lead() or reminder for reminder in leading_last
        }

    def _verdict(self):
        """The verdict on this reminder's visit, at this moment."""
        self.ensure_one()
        return self.env["clinic.reminder.policy"]._verdicts_on_reminders(self)[self.id]

    def _apply_verdict(self, verdict):
        """Make an open reminder what the verdict says: armed, or closed."""
        self.ensure_one()
        if verdict.kind in ("call", "hold"):
            self._arm(verdict.moment, verdict.until)
        elif self.attempt_count and verdict.reason in REASONS_OF_EXHAUSTION:
            self._conclude("not_reached")
        elif self._is_missed(verdict):
            self._skip("missed", verdict.until)
        else:
            self._skip(verdict.reason, verdict.until)

    def _is_missed(self, verdict):
        """Was a call due, and time ran out before it could be made?"""
        return (
            self.state == "planned"
            and verdict.reason in REASONS_OF_TIME
            and self.company_id._voicebox_mode_in_force() == "live"
            and bool(self.next_call_at)
            and self.next_call_at <= fields.Datetime.now()
        )

    def _take_snapshots(self):
        """Copy anew from the visits what a call says of them."""
        for reminder in self:
            snapshot = reminder.event_id._reminder_snapshot()
            known = reminder._convert_to_write(
                {name: reminder[name] for name in snapshot}
            )
            changed = {k: v for k, v in snapshot.items() if known[k] != v}
            if changed:
                reminder.write(changed)

    def _all_attempts(self):
        """The calls about this visit alone and those about several visits."""
        return self.attempt_ids | self.shared_attempt_ids

    def _is_shared(self):
        """Was the answer given in a call about several visits?"""
        return any(
            a.companion_ids and a.result in FINAL_RESULTS for a in self._all_attempts()
        )

    def _lead(self):
        """The open reminder whose call will speak of this visit too, if any."""
        lead = self.carried_by_id
        is_companion = self.state == "planned" and lead.state in OPEN_STATES
        return lead if is_companion else self.browse()

    def _arm(self, moment, until):
        """Open the reminder for a call at `moment`; `until` then time alone changes
        nothing (both naive UTC)."""
        in_flight = self.attempt_ids.filtered(lambda a: a.state != "finished")
        now, dialled = fields.Datetime.now(), self._lead() or self
        waits = dialled.state == "planned" and (dialled.next_call_at or now) < now
        wanted = {
            "state": "calling" if in_flight else "planned",
            "next_call_at": dialled.next_call_at if waits and moment <= now else moment,
            "skip_reason": False,
            "outcome": False,
            "attention_kind": False,
            "review_at": until or False,
        }
        changed = {k: v for k, v in wanted.items() if self[k] != v}
        if changed:
            self.write(changed)

    def _review_at(self, moment):
        """A plan looks again then, whatever else happens; never, if there is none."""
        moment = moment or False
        self.filtered(lambda r: r.review_at != moment).review_at = moment

    def _skip(self, reason, until=None):
        """:param until: when time alone may give another reason (naive UTC)"""
        self.write(
            {
                "state": "skipped",
                "skip_reason": reason,
                "next_call_at": False,
                "requested_by_id": False,
                "carried_by_id": False,
                "attention_kind": ATTENTION_OF_REASON.get(reason) or False,
                "review_at": until,
            }
        )
        self._let_companions_go()

    def _let_companions_go(self):
        """Whom a closed reminder carried, a plan gives a call of their own."""
        carried = [("carried_by_id", "in", self.ids), ("state", "in", OPEN_STATES)]
        if self.search_count(carried, limit=1):
            wake_plan(self.env)

    def _settle(self):
        """No person is needed any more."""
        self.write({"attention_kind": False})
        self.activity_feedback([TODO])

    def _after_attempt(self, attempt):
        """An attempt has ended, or a late answer has upgraded it."""
        self.ensure_one()
        if attempt.result in FINAL_RESULTS:
            self._conclude(attempt.result)
            return
        if attempt.result == "rejected" and self.state in OPEN_STATES:
            self._skip("rejected")
        elif self.state in OPEN_STATES and not self.is_on_call:
            self._apply_verdict(self._verdict())
        wake_dispatch(self.env)

    def _conclude(self, outcome):
        """Close the reminder with an outcome and leave it to be written on the visit.

        The first decision of the patient stays. An answer to a question that no
        longer stands is kept on its attempt and changes nothing; one about a visit
        that is gone is kept, in case the visit comes back.
        """
        if self.outcome in FINAL_RESULTS:
            if outcome != self.outcome:
                self._note_contradiction(outcome)
            wake_dispatch(self.env)
            return
        fell_for = "" if question.stands(self) else question.why_it_fell(self)
        if fell_for not in ("", "archived", "deleted"):
            if self.state in OPEN_STATES:
                self._skip(fell_for)
            wake_dispatch(self.env)
            return
        self._close_with(outcome)
        self._tell_of_waiting(outcome)
        self._leave_errand("outcome")

    def _close_with(self, outcome):
        """Write down an outcome; the errand that is left tells of it: see
        :meth:`_follow_outcome`."""
        closed = {
            "state": "done",
            "outcome": outcome,
            "skip_reason": False,
            "next_call_at": False,
            "requested_by_id": False,
            "carried_by_id": False,
            "attention_kind": OUTCOME[outcome].attention or False,
            "is_on_visit": False,
            "visit_refusal": False,
            "review_at": False,
        }
        with unmarked(), live.told_later():
            self.with_context(tracking_disable=True).write(closed)

    def _follow_outcome(self):
        """What an outcome leaves to be told and done, but for the visit.

        Nobody has to wait for it who has given an answer on the phone.
        """
        self._message_track(["outcome"], {self.id: {"outcome": False}})
        live.tell_of_reminders(self)
        self._mark_for_plan()
        self._let_companions_go()
        wake_dispatch(self.env)

    def _note_contradiction(self, outcome):
        """Two different answers: the first stays, and staff are to be told."""
        self.attention_kind = "two_answers"
        self._tell_of_waiting(outcome)
        self._leave_errand("contradiction", outcome)

    def _tell_of_waiting(self, outcome):
        """Who asks for a person is told to the open pages at once."""
        if outcome == "operator":
            live.tell_of_reminders(self, urgent=True)

    def _leave_errand(self, kind, answer=False):
        """For the messenger: what concerns others is done after this transaction."""
        errand = {"reminder_id": self.id, "kind": kind, "answer": answer}
        self.env["clinic.reminder.errand"].create(errand)

    def _bring_outcome_once(self):
        """Unless a plan has done it, or the visit has changed since the answer."""
        if question.stands(self) and not (self.is_on_visit or self.visit_refusal):
            self._bring_to_visit()

    def _bring_to_visit(self):
        """Hand the outcome to the visit, unless another module does not permit it.

        To be called as the superuser. The outcome stands in any case: a refusal is
        told to staff, and it is tried again by every plan and on a button. Other
        calendars learn of it by their own synchronization: none is waited for.
        """
        self.write({"is_on_visit": True, "visit_refusal": False})
        try:
            with self.env.cr.savepoint():
                self._hand_over()
                # what others have put off until the commit is refused here, if it is
                self.env.cr.flush()
                self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except CONFLICTS:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # its words may be personal: they are for staff, not for the log
            _logger.info("Reminder %s: %s", self.id, type(error).__name__)
            self._take_refusal(error)

    def _hand_over(self):
        """Write the outcome on the visit, and tell staff what is left to them."""
        lock_rows(self.event_id)
        outcome = OUTCOME[self.outcome]
        if self.outcome == "declined" and self._is_shared():
            outcome = OUTCOME["operator"]
        reminder = self._in_staff_language()
        visit = self.event_id.with_context(no_calendar_sync=True)
        if visit._take_outcome(outcome):
            if outcome.status == "reschedule":
                kind = OUTCOME[self.outcome].attention
                reminder._ask_for_person(kind, reminder._why_a_person())
        elif self._differs_from_staff(outcome):
            reminder._ask_for_person(
                "two_answers",
                reminder.env._(
                    "The robot's result differs from the status that staff had set. "
                    "The status was kept."
                ),
            )

    def _take_refusal(self, error):
        """The visit stays as it is: a person has to see why."""
        is_meant_for_people = isinstance(error, UserError)
        words = str(error) if is_meant_for_people else type(error).__name__
        self.write(
            {
                "is_on_visit": False,
                "attention_kind": "unwritten",
                "visit_refusal": words[:LONGEST_REFUSAL],
            }
        )

    def _differs_from_staff(self, outcome):
        """Silence contradicts nobody; an answer may."""
        is_answer = self.outcome != "not_reached"
        return is_answer and outcome.status != self.event_id.visit_status

    def _why_a_person(self):
        """What the front desk has to do after this outcome."""
        if self.outcome == "operator":
            return self.env._("The patient asked for a person or another time.")
        return self.env._(
            "The patient declined in a call about several visits. Please ask which of "
            "them are to be cancelled."
        )

    def _report_contradiction(self, outcome):
        """Tell staff of an answer that differs from the one that was kept."""
        reminder = self._in_staff_language()
        labels = dict(self._fields["outcome"]._description_selection(reminder.env))
        reminder._ask_for_person(
            "two_answers",
            reminder.env._(
                "The robot reported “%(second)s” after “%(first)s”. The first answer "
                "was kept: please ask the patient.",
                first=labels.get(self.outcome, "?"),
                second=labels.get(outcome, outcome),
            ),
        )

    def _in_staff_language(self):
        """Texts are written for whoever has to read them."""
        return self.with_context(lang=self._responsible().lang)

    def _responsible(self):
        """Who gets the to-do: somebody who may read it; perhaps nobody."""
        group = self.env.ref("clinic_voicebox_reminder.group_user")
        first = self.company_id._reminder_setting("reminder_responsible_id")
        users = first | self.specialist_id
        users |= group.sudo().all_user_ids.sorted("id")
        return users.filtered(
            lambda user: (
                user.active
                and user.has_group("clinic_voicebox_reminder.group_user")
                and self.company_id in user.company_ids
            )
        )[:1]

    def _ask_for_person(self, kind, note):
        """Put the reminder on the work list, with a to-do for the front desk."""
        self.attention_kind = kind
        if self.activity_search([TODO]):
            self.message_post(body=note)
            return
        user = self._responsible()
        if user:
            # quick update: no e-mail with the patient's name in it
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                TODO,
                date_deadline=moments.today_at(self.company_id),
                summary=self.env._("Call the patient"),
                note=note,
                user_id=user.id,
            )


def _place(reminder):
    return reminder.company_id, reminder.patient_id, reminder.visit_start
