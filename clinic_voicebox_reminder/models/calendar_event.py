from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import calling_hours, conversation, speech
from ..tools.vocabulary import (
    BY_PHONE,
    COLORS,
    FINISHED_STATUSES,
    OPEN_STATUSES,
    STATUS_CODES,
    STATUSES,
    selection,
)
from . import live
from .calendar_event_visit import CALENDAR
from .question import Question
from .res_company import STAFF

# how to address a patient whose name gives nothing to say
NAMELESS = {"ru_RU": "Уважаемый пациент", "en_US": "Dear patient"}
QUESTION_FIELDS = {
    "allday",
    "attendee_ids",
    "categ_ids",
    "partner_ids",
    "patient_id",
    "privacy",
    "res_model_id",
    "specialist_id",
    "start",
    "start_date",
    "user_id",
}
# Google's and Microsoft's: the id of an event there, the mark of what waits for a sync
SYNCS = {"google_id": "need_sync", "ms_universal_event_id": "need_sync_m"}
LIVE_FIELDS = QUESTION_FIELDS | {
    "active",
    "duration",
    "location",
    "name",
    "reminder_company_id",
    "specialty",
    "stop",
    "visit_status",
    "visit_status_note",
    "visit_status_reason",
}
COMPUTED_FIELDS = {"patient_id", "reminder_company_id", "specialist_id"}
MAKING_FIELDS = (QUESTION_FIELDS - {"allday", "start", "start_date"}) | {
    "reminder_company_id",
    "specialty",
    "visit_status",
    "visit_status_origin",
}
PLAN_FIELDS = QUESTION_FIELDS | {
    "active",
    "reminder_company_id",
    "specialty",
    "visit_status",
}


class CalendarEvent(models.Model):
    """A visit is a calendar event with a patient."""

    _inherit = "calendar.event"

    patient_phone = fields.Char(
        "Phone",
        compute="_compute_patient_phone",
        search="_search_patient_phone",
        groups=STAFF,
        help="Dialled is the first of the contact's numbers that can be dialled; a "
        "mobile number, where another module keeps one, goes before the phone number.",
    )
    specialty = fields.Char(
        compute="_compute_specialty",
        store=True,
        readonly=False,
        help="What the robot says the visit is: “Эндоскопист”. Taken from the "
        "specialist's job position.",
    )
    visit_status = fields.Selection(
        selection(STATUSES), default="booked", copy=False, tracking=True, index=True
    )
    visit_status_code = fields.Selection(
        STATUS_CODES,
        "Reason Known to the Robot",
        copy=False,
        readonly=True,
        help="Kept as a code, so that everybody reads it in their own language",
    )
    visit_status_note = fields.Char("Reason in Somebody's Words", copy=False)
    visit_status_reason = fields.Char(
        "Status Reason",
        compute="_compute_visit_status_reason",
        inverse="_inverse_visit_status_reason",
        search="_search_visit_status_reason",
        copy=False,
    )
    visit_status_origin = fields.Selection(
        [("staff", "Staff"), ("reminder", "Reminder call")],
        "Status Set by",
        default="staff",
        copy=False,
        readonly=True,
    )
    visit_status_color = fields.Integer(
        compute="_compute_visit_status_color", export_string_translation=False
    )
    reminder_booked_at = fields.Datetime(
        "Booked at", default=fields.Datetime.now, copy=False, readonly=True
    )
    calling_notice = fields.Char(
        compute="_compute_calling_notice",
        groups=STAFF,
        help="Why nobody is called at present; empty while calling goes on",
    )
    reminder_preview = fields.Char(
        "The Robot Will Say", compute="_compute_reminder_preview", groups=STAFF
    )

    # === Computes === #
    @api.depends("specialist_id")
    def _compute_specialty(self):
        for event in self:
            event.specialty = event.specialist_id.sudo().partner_id.function

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        lambda self: [
            f"patient_id.{name}"
            for name in self.env["res.partner"]._phone_get_number_fields()
        ]
    )
    def _compute_patient_phone(self):
        known = self._with_known_patient()
        for event in self:
            company = event._reminder_company()
            event.patient_phone = (
                event in known and event.patient_id._reminder_written_number(company)
            )

    @api.model
    def _search_patient_phone(self, operator, value):
        """By the number on a caller's display, however it is written."""
        if operator not in ("ilike", "like"):
            return NotImplemented
        patients = self.env["res.partner"]._reminder_phone_domain(value)
        return Domain("patient_id", "any", patients)

    @api.onchange("patient_id")
    def _onchange_patient_id(self):
        """A visit needs no other title than its patient."""
        if self.patient_id and not self.name:
            self.name = self.patient_id.name

    @api.depends("visit_status")
    def _compute_visit_status_color(self):
        for event in self:
            event.visit_status_color = COLORS.get(event.visit_status, 0)

    @api.depends_context("lang")
    @api.depends("visit_status_code", "visit_status_note")
    def _compute_visit_status_reason(self):
        codes = self._status_words()
        for event in self:
            said = codes.get(event.visit_status_code)
            event.visit_status_reason = said or event.visit_status_note

    def _inverse_visit_status_reason(self):
        for event in self:
            event.visit_status_note = event.visit_status_reason
            event.visit_status_code = False

    @api.model
    def _search_visit_status_reason(self, operator, value):
        """By the words as the reader sees them."""
        if operator not in ("ilike", "like", "=", "in"):
            return NotImplemented
        words = Domain("visit_status_note", operator, value)
        asked = [value] if isinstance(value, str) else value or []
        codes = [
            code
            for code, said in self._status_words().items()
            if any(isinstance(one, str) and one.lower() in said for one in asked)
        ]
        return words | Domain("visit_status_code", "in", codes)

    @api.model
    def _status_words(self):
        field = self._fields["visit_status_code"]
        return dict(field._description_selection(self.env))

    @api.depends_context("lang", "tz")
    @api.depends("patient_id", "reminder_company_id", "start", "visit_status")
    def _compute_calling_notice(self):
        waiting = self.filtered(lambda event: event._awaits_reminder())
        companies = {event: event._reminder_company() for event in waiting}
        notices = self.env["voicebox.channel"]._calling_notices(
            self.env["res.company"].union(*companies.values())
        )
        for event in self:
            event.calling_notice = notices.get(companies.get(event), "")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("patient_id", "reminder_company_id", "specialty", "start")
    def _compute_reminder_preview(self):
        known = self._with_known_patient()
        for event in self:
            is_told = event in known and event.start and not event.allday
            event.reminder_preview = event._reminder_question() if is_told else ""

    def _reminder_question(self):
        """What the patient hears, with the words of the scenario that the guide has."""
        return conversation.question(self._reminder_lang(), self._reminder_variables())

    def _reminder_variables(self):
        """All that the scenario is given to speak of this visit, by its names there."""
        return {
            "name": self._reminder_spoken_name(),
            "visit": self._reminder_spoken_visit(),
            **self._reminder_rich_variables(),
        }

    def _reminder_rich_variables(self):
        """Those for richer scenarios, if the clinic sends them; of several visits in
        order of time."""
        company = self[:1]._reminder_company().sudo()
        told = (event._reminder_told(company) for event in self)
        return self.env["clinic.reminder.specialty"]._variables(
            company, self[:1]._reminder_lang(), told
        )

    def _reminder_told(self, company):
        """The specialty, where it may be named, and the start on the clinic's clock."""
        is_neutral = self._reminder_wording().rule == "neutral"
        specialty = "" if is_neutral else self._reminder_specialty()
        return specialty, calling_hours.to_local(self.start, company._reminder_zone())

    def _compute_user_can_edit(self):
        """Whoever works with reminder calls may edit visits, not only attendees."""
        result = super()._compute_user_can_edit()
        if self.env.user.has_group("clinic_voicebox_reminder.group_user"):
            for event in self.filtered("patient_id"):
                hidden = event._check_private_event_conditions()
                here = event._reminder_company() in self.env.user.company_ids
                event.user_can_edit = event.user_can_edit or (here and not hidden)
        return result

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        if self._name != CALENDAR:
            return super().create(vals_list)
        events = super().create([self._signed(vals) for vals in vals_list])
        events._inherit_decisions()
        live.tell_of_visits(events)
        events.patient_id._reminder_mark()
        return events

    def write(self, vals):
        if self._name != CALENDAR:
            return super().write(vals)
        touched = set(vals)
        if not self._concerns_visits(touched):
            return super().write(vals)
        if touched & PLAN_FIELDS:
            live.tell_of_visits(self)  # a clinic or a patient may be left
        before = self._reminder_questions() if touched & QUESTION_FIELDS else {}
        asked = self.patient_id if touched & PLAN_FIELDS else self.patient_id.browse()
        restored = self._restored_by(vals)
        result = super().write(self._with_status_consequences(vals))
        left = self.exists()  # a series may have been made anew
        if restored:
            super(CalendarEvent, restored & left).write({"show_as": "busy"})
        if vals.get("visit_status") in OPEN_STATUSES:
            left._renew_declined_invitations()
        if before:
            left._renew_questions(before, "visit_status" in touched)
        if touched & PLAN_FIELDS:
            (asked | left.patient_id)._reminder_mark()
        if touched & LIVE_FIELDS:
            live.tell_of_visits(left)
        return result

    def _concerns_visits(self, touched):
        """Is any of these a visit, or may it become one, or lose what makes one?"""
        return bool(touched & MAKING_FIELDS or self.patient_id)

    def unlink(self):
        if self._name != CALENDAR:
            return super().unlink()
        live.tell_of_visits(self)
        self.patient_id._reminder_mark()
        return super().unlink()

    def _write_multi(self, vals_list):
        """What Odoo computes anew by itself passes by no other hook."""
        result = super()._write_multi(vals_list)
        written = set().union(*vals_list)
        if self._name == CALENDAR and written & COMPUTED_FIELDS:
            self.sudo().patient_id._reminder_mark(wakes=False)
        return result

    def _with_status_consequences(self, vals):
        """A status carries who set it, and frees or takes the time."""
        if "visit_status_origin" in vals:
            vals = self._signed(vals)
        if "visit_status" not in vals:
            return vals
        implied = {"visit_status_origin": "staff"}
        if "visit_status_reason" not in vals:
            implied |= {"visit_status_code": False, "visit_status_note": False}
        if vals["visit_status"] == "cancelled":
            implied["show_as"] = "free"
        return {**implied, **vals}

    def _restored_by(self, vals):
        """The cancelled visits that a change brings back: they take their time."""
        status = vals.get("visit_status", "cancelled")
        if status == "cancelled" or "show_as" in vals:
            return self.browse()
        return self.filtered(lambda event: event.visit_status == "cancelled")

    def copy_data(self, default=None):
        """A copy is a new visit: it is booked, and takes its time.

        Odoo makes the other occurrences of a series out of a copy of the first.
        """
        copies = super().copy_data(default)
        if self._name != CALENDAR:
            return copies
        given = set(default or {})
        for event, vals in zip(self, copies, strict=True):
            if event.visit_status == "cancelled" and "show_as" not in given:
                vals["show_as"] = "busy"
            if "user_id" in given and "specialist_id" not in given:
                event._follow_organizer(vals)
            same = vals.get("specialist_id") == event.specialist_id.id
            if not same and "specialty" not in given:
                vals.pop("specialty", None)  # the other specialist's own
        return copies

    def _follow_organizer(self, vals):
        """A copy for another organizer goes by that one, unless others were chosen."""
        if vals["user_id"] != self.user_id.id and not self.is_specialist_chosen:
            vals.pop("specialist_id", None)
            vals.pop("reminder_company_id", None)

    def _inherit_decisions(self):
        """What was decided belongs to patient, time and specialist (law 8); when it was
        booked, to patient and time.

        Odoo edits a series by making its events again and detaching the old ones,
        which have no series any more but still call themselves recurrent.
        """
        again = self.filtered(lambda event: event.patient_id and event.recurrence_id)
        detached = self.sudo().with_context(active_test=False)
        former = detached.search(
            [
                ("recurrency", "=", True),
                ("recurrence_id", "=", False),
                ("patient_id", "in", again.patient_id.ids),
                ("start", "in", list(set(again.mapped("start")))),
            ],
            order="id",
        )
        questions = {event: Question.of_visit(event) for event in former}
        last = {question: event for event, question in questions.items()}
        at_that_time = {question.moment: e for e, question in questions.items()}
        for event in again:
            question = Question.of_visit(event.sudo())
            if question.moment in at_that_time:
                booked_at = at_that_time[question.moment].reminder_booked_at
                event.reminder_booked_at = booked_at
            if question in last:
                event._take_decision(last[question])

    def _take_decision(self, twin):
        """Staff's, and what the patient has answered to the invitation."""
        if twin.visit_status_origin == "staff" and twin.visit_status != "booked":
            names = ("visit_status", "visit_status_code", "visit_status_note")
            self.write({name: twin[name] for name in (*names, "show_as")})
        for invitation in twin._patients_invitations():
            self._set_invitation(invitation.state)

    def _reset_attendees_status(self):
        """Odoo asks everybody anew where the visit is made longer; the patient has
        answered, and a new question has reset the answer already."""
        invitations = self._patients_invitations().sudo()
        answers = {invitation: invitation.state for invitation in invitations}
        result = super()._reset_attendees_status()
        for invitation, state in answers.items():
            if invitation.state != state:
                invitation.state = state
        return result

    def _signed(self, vals):
        """What people write is theirs: they can't pass it off as the robot's."""
        return vals if self.env.su else {**vals, "visit_status_origin": "staff"}

    # === The question a visit asks === #
    def _reminder_questions(self):
        """What makes the question to the patient: who, when, with whom."""
        return {event.id: Question.of_visit(event) for event in self}

    def _renew_questions(self, before, keep_status):
        """A visit that was moved asks anew: the answer to the old question is void.

        :param dict before: :meth:`_reminder_questions` before the change
        :param bool keep_status: the same change has set the status on purpose
        """
        after = self._reminder_questions()
        asking = self.filtered(lambda e: e.patient_id or before[e.id].patient)
        for event in asking.filtered(lambda e: after[e.id] != before[e.id]):
            event._void_answers(before[event.id])
            if after[event.id].moment != before[event.id].moment:
                event.reminder_booked_at = fields.Datetime.now()
            event._set_invitation("needsAction")
            if not keep_status and event._is_answered():
                event.visit_status = "booked"

    def _void_answers(self, asked):
        ours = [("event_id", "=", self.id), ("state", "=", "done")]
        reminders = self.env["clinic.reminder.call"].sudo()
        reminders.search([*ours, *asked.domain]).is_void = True

    def _is_answered(self):
        """Does the status tell an answer, and not what staff decided for good?"""
        if self.visit_status == "cancelled":
            return self.visit_status_origin == "reminder"
        return self.visit_status not in ("booked", *FINISHED_STATUSES)

    # === The patient === #
    def _with_known_patient(self):
        """The visits whose patient the user may read; all visits for the superuser."""
        if self._name != CALENDAR:
            return self.browse()
        readable = self.patient_id._origin._filtered_access("read")
        return self.filtered(
            lambda e: e.patient_id and e.patient_id._origin in readable
        )

    def _propose_patient_again(self):
        """The patient is no attendee any more."""
        for event in self:
            left = event.patient_id
            rest = event.with_context(active_test=False)
            event.patient_id = False
            proposed = rest._proposed_patient() - left
            if proposed and rest._is_reminder_visit():
                event.patient_id = proposed

    def _renew_declined_invitations(self):
        """A visit that is booked again invites the patient again."""
        invitations = self._patients_invitations()
        declined = invitations.filtered(lambda attendee: attendee.state == "declined")
        declined.sudo().write({"state": "needsAction"})

    def _patients_invitations(self):
        return self.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == attendee.event_id.patient_id
        )

    def _set_invitation(self, state):
        self._patients_invitations().sudo().write({"state": state})

    # === Odoo's own reminders === #
    def _spares_patient(self):
        """Do Odoo's reminders by mail and SMS leave the patient in peace?

        They are known by what their scheduled action has in its context: there is no
        method that both pass through with their recipients.
        """
        return (
            "lastcall" in self.env.context
            and self.visit_status == "confirmed"
            and self.visit_status_code in BY_PHONE
            and self._reminder_company().reminder_one_voice
        )

    def _mail_get_partners(self, introspect_fields=False):
        """Whom a reminder by SMS goes to."""
        partners = super()._mail_get_partners(introspect_fields=introspect_fields)
        for event in self.filtered(lambda event: event._spares_patient()):
            partners[event.id] -= event.patient_id
        return partners

    # === What the reminder needs to know === #
    def _awaits_reminder(self):
        """Is this a visit to come on whose status a call may bear?"""
        upcoming = self.start and self.start > fields.Datetime.now()
        is_open = self.visit_status in OPEN_STATUSES
        is_visit = self._name == CALENDAR and self.patient_id
        return bool(is_visit and upcoming and is_open)

    def _reminder_phone(self):
        """The number to dial in E.164, or an empty string."""
        return self.patient_id._reminder_dialled_number(self._reminder_company())

    def _reminder_snapshot(self):
        """What a reminder copies from its visit, as values to write."""
        return {
            "event_id": self.id,
            "patient_id": self.patient_id.id,
            "specialist_id": self.specialist_id.id,
            "company_id": self._reminder_company().id,
            "visit_start": self.start,
            "phone": self._reminder_phone(),
            "spoken_name": self._reminder_spoken_name(),
            "spoken_visit": self._reminder_spoken_visit(),
        }

    def _reminder_spoken_name(self):
        name = self.sudo().patient_id._reminder_name()
        return name or NAMELESS[self._reminder_lang()]

    def _reminder_lang(self):
        """The language of the call: the patient's, else the clinic's."""
        return (
            self.sudo().patient_id.reminder_lang
            or self._reminder_company().sudo().reminder_lang
        )

    def _reminder_specialty(self):
        return self.specialty or self.specialist_id.sudo().partner_id.function or ""

    def _reminder_wording(self):
        """The rule for what may be said of this visit's specialty; may be empty."""
        return self.env["clinic.reminder.wording"]._rule_of(
            self._reminder_specialty(), self._reminder_company()
        )

    def _reminder_spoken_visit(self):
        """What the robot says the visit is: specialty, or its wording, and time."""
        company = self._reminder_company().sudo()
        wording = self._reminder_wording()
        said = wording.spoken if wording.rule == "neutral" else False
        specialty = said or self.env["clinic.reminder.pronunciation"]._pronounce(
            self._reminder_specialty(), company
        )
        local = calling_hours.to_local(self.start, company._reminder_zone())
        return speech.spoken_visit(specialty, local, self._reminder_lang())

    def _take_outcome(self, outcome):
        """Let a reminder's outcome decide, unless a person has decided before.

        To be called as the superuser.

        :param outcome: a row of the vocabulary's OUTCOMES
        :return: whether the visit took it
        """
        self.ensure_one()
        if not self._robot_may_decide():
            return False
        self.write(
            {
                "visit_status": outcome.status,
                "visit_status_origin": "reminder",
                "visit_status_code": outcome.code,
            }
        )
        if outcome.invitation:
            self._set_invitation(outcome.invitation)
            self._leave_to_sync()
        return True

    def _leave_to_sync(self):
        """Other calendars learn of an answer by their own next synchronization."""
        for sync_id, mark in SYNCS.items():
            if mark in self._fields:
                self.filtered(sync_id).write({mark: True})

    def _robot_may_decide(self):
        """People win: only an open status, or one that a robot has set."""
        if self.visit_status in FINISHED_STATUSES:
            return False
        return (
            self.visit_status in OPEN_STATUSES or self.visit_status_origin == "reminder"
        )

    # === Actions === #
    def action_visit_done(self):
        """The patients came."""
        self.filtered("patient_id").write({"visit_status": "done"})

    def action_visit_no_show(self):
        """The patients did not come."""
        self.filtered("patient_id").write({"visit_status": "no_show"})
