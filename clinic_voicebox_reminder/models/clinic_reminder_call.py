from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .clinic_reminder_attempt import FINAL_RESULTS
from .rows import lock_rows

OPEN_STATES = ("planned", "calling")

SKIP_REASONS = [
    # the visit
    ("no_patient", "The visit has no patient"),
    ("all_day", "The visit has no time of day"),
    ("past", "The visit's time has come"),
    ("today", "The visit is today"),
    ("archived", "The visit was archived"),
    ("deleted", "The visit was deleted"),
    ("cancelled", "The visit is cancelled"),
    ("finished", "The visit is over"),
    ("confirmed", "The visit is confirmed already"),
    ("reschedule", "The visit is being rescheduled"),
    ("attendee_declined", "The patient declined the invitation"),
    ("moved", "The visit was moved"),
    ("patient_changed", "The visit's patient changed"),
    ("specialist_changed", "The visit's specialist changed"),
    ("duplicate", "Another visit at the same time"),
    ("answered", "The patient has answered"),
    # the patient
    ("deceased", "The patient has died"),
    ("patient_archived", "The patient's contact is archived"),
    ("no_phone", "No phone number"),
    ("bad_phone", "The phone number can't be dialled"),
    ("no_consent", "No consent to calls"),
    ("refused", "Calls refused by the patient"),
    ("do_not_call", "Marked “no reminder calls”"),
    ("blacklisted", "Number on the phone blacklist"),
    ("muted", "No calls until a later date"),
    ("capped", "The number was called often enough"),
    # the calls
    ("missed", "The call could not be made in time"),
    ("late_booking", "Booked too close to the visit"),
    ("too_late", "No calling hours left before the visit"),
    ("not_spoken_of", "The specialty is not to be spoken of"),
    ("no_hours", "The calling hours are empty"),
    ("calls_spent", "All calls were made"),
    ("disabled", "Calling is switched off"),
    ("test_mode", "Test mode: not a test number"),
    ("rejected", "Rejected by Voicebox"),
    ("reconsidered", "Rejected under other settings"),
    ("staff", "Skipped by staff"),
]
# what a person can put right, or has to do instead of the robot
REASONS_FOR_STAFF = ("no_phone", "bad_phone", "missed", "rejected")
# time or calls ran out: after at least one call this is an outcome, no skipping
REASONS_OF_EXHAUSTION = (
    "calls_spent",
    "capped",
    "disabled",
    "no_hours",
    "past",
    "test_mode",
    "today",
    "too_late",
)


class ClinicReminderCall(models.Model):
    """The reminder of one visit: one row for one question to one patient."""

    _name = "clinic.reminder.call"
    _description = "Reminder Call"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "visit_start, id"
    _mail_post_access = "read"

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
    phone_search = fields.Char(
        "Phone Number", store=False, search="_search_phone_search"
    )
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
    outcome = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("declined", "Declined"),
            ("operator", "Asked for a person"),
            ("not_reached", "Not reached"),
        ],
        tracking=True,
    )
    skip_reason = fields.Selection(SKIP_REASONS, tracking=True)
    is_told = fields.Boolean(
        "On the Visit", help="The outcome was brought to the visit"
    )
    is_void = fields.Boolean(
        "Void", help="The visit was changed afterwards: the answer no longer holds"
    )
    next_call_at = fields.Datetime("Next Call")
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
        help="The reminder of the same patient and day whose call tells of this visit",
    )
    needs_attention = fields.Boolean(
        "Needs a Person", index="btree_not_null", help="On the front desk's work list"
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
        "(patient_id, visit_start) WHERE (state IN ('planned', 'calling'))",
        "This patient has an open reminder for this time already.",
    )
    _due_idx = models.Index("(company_id, next_call_at) WHERE (state = 'planned')")

    # === Computes === #
    @api.depends("attempt_ids.is_counted", "shared_attempt_ids.is_counted")
    def _compute_attempt_count(self):
        for reminder in self:
            counted = reminder._all_attempts().filtered("is_counted")
            reminder.attempt_count = len(counted)

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
        policy = self.env["clinic.reminder.policy"].sudo()
        sentences = policy._explain_reminders(self.sudo())
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

    @api.model
    def _search_phone_search(self, operator, value):
        """By the number that was dialled or is the patient's now, however written."""
        if operator not in ("ilike", "like"):
            return NotImplemented
        patients = self.env["res.partner"]._reminder_phone_domain(value)
        found = Domain("patient_id", "any", patients)
        digits = "".join(filter(str.isdecimal, value or ""))[-10:]
        if len(digits) < 3:
            return found
        return found | Domain("phone", "like", digits)

    # === Actions === #
    def action_call_now(self):
        """Call as soon as the rules permit, without waiting for the day or a pause.

        :raise UserError: with the reason, where the rules do not permit a call
        """
        self.check_access("read")
        asked_for = self.sudo().mapped(lambda r: r._carrier() or r)
        lock_rows(asked_for)
        for reminder in asked_for:
            reminder._call_now()
        self._wake_dispatch()

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

    def action_open_visit(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.event_id.id,
            "view_mode": "form",
        }

    # === Life of a reminder === #
    def _call_now(self):
        if self._is_being_called():
            raise UserError(self.env._("This patient is being called right now."))
        if self.state == "skipped":
            self.write({"state": "planned", "skip_reason": False})
        self.requested_by_id = self.env.uid
        verdict = self._verdict()
        if verdict.kind != "call":
            raise UserError(self.env["clinic.reminder.policy"]._sentence(verdict))
        self._apply_verdict(verdict)

    def _verdict(self):
        """The verdict on this reminder's visit, at this moment."""
        self.ensure_one()
        return self._verdict_each()[self.id]

    def _verdict_each(self):
        """Verdicts by reminder id, read in bulk."""
        policy = self.env["clinic.reminder.policy"]
        standing = self.filtered(lambda r: r._question_stands())
        by_event = policy._verdicts(standing.event_id)
        return {
            reminder.id: by_event[reminder.event_id.id]
            if reminder in standing
            else policy._never(reminder._why_question_fell())
            for reminder in self
        }

    def _question_stands(self):
        """Is this still the question that the visit, as it is now, would ask?"""
        event = self.event_id.sudo()
        return (
            bool(event)
            and event.active
            and not self.is_void
            and event.start == self.visit_start
            and event.patient_id == self.patient_id
            and event.user_id == self.specialist_id
        )

    def _why_question_fell(self):
        event = self.event_id.sudo()
        if not event:
            return "deleted"
        if not event.active:
            return "archived"
        if event.patient_id != self.patient_id:
            return "patient_changed" if event.patient_id else "no_patient"
        if event.user_id != self.specialist_id:
            return "specialist_changed"
        return "moved"

    def _apply_verdict(self, verdict):
        """Make an open reminder what the verdict says: armed, or closed."""
        self.ensure_one()
        if verdict.kind in ("call", "hold"):
            self._arm(verdict.moment)
        elif self.attempt_count and verdict.reason in REASONS_OF_EXHAUSTION:
            self._conclude("not_reached")
        elif self._is_missed(verdict):
            self._skip("missed")
        else:
            self._skip(verdict.reason)

    def _is_missed(self, verdict):
        """Was a call due, and time ran out before it could be made?"""
        return (
            self.state == "planned"
            and verdict.reason in ("past", "today", "too_late")
            and self.company_id.voicebox_mode == "live"
            and bool(self.next_call_at)
            and self.next_call_at <= fields.Datetime.now()
        )

    def _all_attempts(self):
        """The calls about this visit alone and those about several visits."""
        return self.attempt_ids | self.shared_attempt_ids

    def _is_being_called(self):
        return any(a.state != "finished" for a in self._all_attempts())

    def _is_shared(self):
        """Was the answer given in a call about several visits?"""
        return any(
            a.companion_ids and a.result in FINAL_RESULTS for a in self._all_attempts()
        )

    def _carrier(self):
        """The open reminder whose call will speak of this visit too, if any."""
        carrier = self.carried_by_id
        carried = self.state == "planned" and carrier.state in OPEN_STATES
        return carrier if carried else self.browse()

    def _arm(self, moment):
        """Open the reminder for a call at `moment` (naive UTC)."""
        in_flight = self.attempt_ids.filtered(lambda a: a.state != "finished")
        now = fields.Datetime.now()
        waits = self.state == "planned" and (self.next_call_at or now) < now
        wanted = {
            "state": "calling" if in_flight else "planned",
            "next_call_at": self.next_call_at if waits and moment <= now else moment,
            "skip_reason": False,
            "outcome": False,
            "needs_attention": False,
        }
        changed = {k: v for k, v in wanted.items() if self[k] != v}
        if changed:
            self.write(changed)

    def _skip(self, reason):
        self.write(
            {
                "state": "skipped",
                "skip_reason": reason,
                "next_call_at": False,
                "requested_by_id": False,
                "carried_by_id": False,
                "needs_attention": reason in REASONS_FOR_STAFF,
            }
        )

    def _settle(self):
        """No person is needed any more."""
        self.write({"needs_attention": False})
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def _after_attempt(self, attempt):
        """An attempt has ended, or a late answer has upgraded it."""
        self.ensure_one()
        if attempt.result in FINAL_RESULTS:
            self._conclude(attempt.result)
        elif attempt.result == "rejected" and self.state in OPEN_STATES:
            self._skip("rejected")
        elif self.state in OPEN_STATES and not self._is_being_called():
            self._apply_verdict(self._verdict())
        self._wake_dispatch()

    def _conclude(self, outcome):
        """Close the reminder with an outcome and write it on the visit.

        The first decision of the patient stays. An answer to a question that no
        longer stands is kept on its attempt and changes nothing; one about a visit
        that is gone is kept, in case the visit comes back.
        """
        if self.outcome in FINAL_RESULTS:
            if outcome != self.outcome:
                self._report_contradiction(outcome)
            return
        fell_for = "" if self._question_stands() else self._why_question_fell()
        if fell_for not in ("", "archived", "deleted"):
            if self.state in OPEN_STATES:
                self._skip(fell_for)
            return
        self.write(
            {
                "state": "done",
                "outcome": outcome,
                "skip_reason": False,
                "next_call_at": False,
                "requested_by_id": False,
                "carried_by_id": False,
                "needs_attention": outcome != "confirmed",
            }
        )
        if not fell_for:
            self.event_id._take_reminder_outcome(self)

    def _outcome_words(self):
        """The outcome as the reason of the visit's status."""
        return {
            "confirmed": self.env._("reminder call: confirmed"),
            "declined": self.env._("reminder call: declined"),
            "operator": self.env._("reminder call: asked for a person"),
            "not_reached": self.env._("reminder call: not reached"),
        }[self.outcome]

    def _why_a_person(self):
        """What the front desk has to do after this outcome."""
        if self.outcome == "operator":
            return self.env._("The patient asked for a person or another time.")
        return self.env._(
            "The patient declined in a call about several visits. Please ask which of "
            "them are to be cancelled."
        )

    def _report_contradiction(self, outcome):
        """Two different answers: the first stays, and staff are told."""
        reminder = self._in_staff_language()
        labels = dict(self._fields["outcome"]._description_selection(reminder.env))
        reminder._ask_for_person(
            reminder.env._(
                "The robot reported “%(second)s” after “%(first)s”. The first answer "
                "was kept: please ask the patient.",
                first=labels.get(self.outcome, "?"),
                second=labels.get(outcome, outcome),
            )
        )

    def _in_staff_language(self):
        """Texts are written for whoever has to read them."""
        return self.with_context(lang=self._responsible().lang)

    def _responsible(self):
        """Who gets the to-do: somebody who may read it; perhaps nobody."""
        group = self.env.ref("clinic_voicebox_reminder.group_user")
        users = self.company_id.reminder_responsible_id | self.specialist_id
        users |= group.sudo().all_user_ids.sorted("id")
        return users.filtered(
            lambda user: (
                user.active
                and user.has_group("clinic_voicebox_reminder.group_user")
                and self.company_id in user.company_ids
            )
        )[:1]

    def _ask_for_person(self, note):
        """Put the reminder on the work list, with a to-do for the front desk."""
        self.needs_attention = True
        if self.activity_search(["mail.mail_activity_data_todo"]):
            self.message_post(body=note)
            return
        user = self._responsible()
        if user:
            # quick update: no e-mail with the patient's name in it
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Call the patient"),
                note=note,
                user_id=user.id,
            )

    @api.model
    def _reconsider_rejected(self, companies):
        """The settings were wrong, not the calls: plan may open them again."""
        self.search(
            [
                ("company_id", "in", companies.ids),
                ("skip_reason", "=", "rejected"),
                ("visit_start", ">", fields.Datetime.now()),
            ]
        ).skip_reason = "reconsidered"

    # === Waking the crons === #
    @api.model
    def _wake_plan(self):
        self.env.ref("clinic_voicebox_reminder.ir_cron_plan").sudo()._trigger()

    @api.model
    def _wake_sweep(self):
        self.env.ref("clinic_voicebox_reminder.ir_cron_sweep").sudo()._trigger()

    @api.model
    def _wake_dispatch(self, at=None):
        """:param datetime at: naive UTC; now, if it is left out"""
        self.env.ref("clinic_voicebox_reminder.ir_cron_dispatch").sudo()._trigger(at)
