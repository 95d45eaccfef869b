from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import calling_hours, speech
from .res_company import STAFF

STATUSES = [
    ("booked", "Booked"),
    ("confirmed", "Confirmed"),
    ("not_confirmed", "Not confirmed"),
    ("reschedule", "To reschedule"),
    ("cancelled", "Cancelled"),
    ("done", "Done"),
    ("no_show", "No-show"),
]
OPEN_STATUSES = ("booked", "not_confirmed")
FINISHED_STATUSES = ("done", "no_show")
COLORS = {
    "booked": 4,
    "confirmed": 10,
    "not_confirmed": 3,
    "reschedule": 2,
    "cancelled": 1,
    "done": 7,
    "no_show": 9,
}
# outcome of the reminder: status of the visit, state of the patient's invitation
OUTCOMES = {
    "confirmed": ("confirmed", "accepted"),
    "declined": ("cancelled", "declined"),
    "operator": ("reschedule", False),
    "not_reached": ("not_confirmed", False),
}
# how to address a patient whose name gives nothing to say
NAMELESS = {"ru_RU": "Уважаемый пациент", "en_US": "Dear patient"}
QUESTION_FIELDS = {
    "allday",
    "attendee_ids",
    "partner_ids",
    "patient_id",
    "start",
    "start_date",
    "user_id",
}
PLAN_FIELDS = QUESTION_FIELDS | {"active", "visit_status"}


class CalendarEvent(models.Model):
    """A visit is a calendar event with a patient."""

    _inherit = "calendar.event"

    patient_id = fields.Many2one(
        "res.partner",
        compute="_compute_patient_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        help="With a patient the event is a visit, and the patient gets a reminder "
        "call the day before.",
    )
    patient_phone = fields.Char(
        "Phone",
        compute="_compute_patient_phone",
        search="_search_patient_phone",
        groups=STAFF,
    )
    specialty = fields.Char(
        compute="_compute_specialty",
        store=True,
        readonly=False,
        help="What the robot says the visit is: “Эндоскопист”. Taken from the "
        "specialist's job position.",
    )
    visit_status = fields.Selection(
        STATUSES, default="booked", copy=False, tracking=True, index=True
    )
    visit_status_reason = fields.Char("Status Reason", copy=False)
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
        "Booked at", default=fields.Datetime.now, readonly=True
    )
    reminder_call_ids = fields.One2many(
        "clinic.reminder.call",
        "event_id",
        "Reminder Calls",
        groups="clinic_voicebox_reminder.group_user",
    )
    reminder_call_count = fields.Integer(
        "Calls Made",
        compute="_compute_reminder_call_count",
        groups="clinic_voicebox_reminder.group_user",
    )
    reminder_explanation = fields.Char(
        "Reminder Call", compute="_compute_reminder_explanation", groups=STAFF
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
    @api.depends("partner_ids")
    def _compute_patient_id(self):
        for event in self:
            event.patient_id = event.patient_id or event._proposed_patient()

    @api.depends("user_id")
    def _compute_specialty(self):
        for event in self:
            event.specialty = event.user_id.sudo().partner_id.function

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("patient_id.phone")
    def _compute_patient_phone(self):
        known = self._with_known_patient()
        for event in self:
            event.patient_phone = event in known and event.patient_id.phone

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

    @api.depends("reminder_call_ids.attempt_count")
    def _compute_reminder_call_count(self):
        for event in self:
            event.reminder_call_count = sum(
                event.reminder_call_ids.mapped("attempt_count")
            )

    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    @api.depends("patient_id", "start", "user_id", "active", "allday", "visit_status")
    def _compute_reminder_explanation(self):
        policy = self.env["clinic.reminder.policy"].sudo()
        known = self._with_known_patient()
        sentences = policy._explain_events(known._origin.sudo())
        for event in self:
            event.reminder_explanation = sentences.get(event._origin.id, "")

    @api.depends_context("lang", "tz")
    @api.depends("patient_id", "start", "user_id", "visit_status")
    def _compute_calling_notice(self):
        waiting = self.filtered(lambda event: event._awaits_reminder())
        companies = {event: event._reminder_company() for event in waiting}
        notices = self.env["voicebox.channel"]._calling_notices(
            self.env["res.company"].union(*companies.values())
        )
        for event in self:
            event.calling_notice = notices.get(companies.get(event), "")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("patient_id", "specialty", "start", "user_id")
    def _compute_reminder_preview(self):
        known = self._with_known_patient()
        for event in self:
            said = ""
            if event in known and event.start and not event.allday:
                said = f"{event._reminder_spoken_name()}: "
                said += event._reminder_spoken_visit()
            event.reminder_preview = said

    def _compute_user_can_edit(self):
        """Whoever works with reminder calls may edit visits, not only attendees."""
        result = super()._compute_user_can_edit()
        if self.env.user.has_group("clinic_voicebox_reminder.group_user"):
            for event in self.filtered("patient_id"):
                hidden = event._check_private_event_conditions()
                event.user_can_edit = event.user_can_edit or not hidden
        return result

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create([self._signed(vals) for vals in vals_list])
        if events.patient_id:
            self.env["clinic.reminder.call"]._wake_plan()
        return events

    def write(self, vals):
        touched = set(vals)
        before = self._reminder_questions() if touched & QUESTION_FIELDS else {}
        result = super().write(self._with_status_consequences(vals))
        if vals.get("visit_status") in OPEN_STATUSES:
            self.exists()._renew_declined_invitations()
        if before:
            self.exists()._renew_questions(before, "visit_status" in touched)
        if touched & PLAN_FIELDS and self.exists().patient_id:
            self.env["clinic.reminder.call"]._wake_plan()
        return result

    def unlink(self):
        if self.patient_id:
            self.env["clinic.reminder.call"]._wake_plan()
        return super().unlink()

    def _with_status_consequences(self, vals):
        """A status carries who set it, and frees or takes the time."""
        if "visit_status_origin" in vals:
            vals = self._signed(vals)
        if "visit_status" not in vals:
            return vals
        implied = {"visit_status_origin": "staff", "visit_status_reason": False}
        if vals["visit_status"] == "cancelled":
            implied["show_as"] = "free"
        elif "cancelled" in self.mapped("visit_status"):
            implied["show_as"] = "busy"
        for name, value in implied.items():
            vals.setdefault(name, value)
        return vals

    def _signed(self, vals):
        """What people write is theirs: they can't pass it off as the robot's."""
        return vals if self.env.su else {**vals, "visit_status_origin": "staff"}

    # === The question a visit asks === #
    def _reminder_questions(self):
        """What makes the question to the patient: who, when, with whom."""
        return {e.id: (e.patient_id, e.start, e.user_id) for e in self}

    def _renew_questions(self, before, keep_status):
        """A visit that was moved asks anew: the answer to the old question is void.

        :param dict before: :meth:`_reminder_questions` before the change
        :param bool keep_status: the same change has set the status on purpose
        """
        after = self._reminder_questions()
        for event in self.filtered(lambda e: after[e.id] != before[e.id]):
            patient, start, specialist = before[event.id]
            event._void_answers(patient, start, specialist)
            if event.start != start:
                event.reminder_booked_at = fields.Datetime.now()
            event._set_invitation("needsAction")
            if not keep_status and event._is_answered():
                event.visit_status = "booked"

    def _void_answers(self, patient, start, specialist):
        self.env["clinic.reminder.call"].sudo().search(
            [
                ("event_id", "=", self.id),
                ("patient_id", "=", patient.id),
                ("visit_start", "=", start),
                ("specialist_id", "=", specialist.id),
                ("state", "=", "done"),
            ]
        ).is_void = True

    def _is_answered(self):
        """Does the status tell an answer, and not what staff decided for good?"""
        if self.visit_status == "cancelled":
            return self.visit_status_origin == "reminder"
        return self.visit_status not in ("booked", *FINISHED_STATUSES)

    # === The patient === #
    def _proposed_patient(self):
        """The attendee who is no internal user; never the organizer."""
        outside = self.partner_ids.filtered(
            lambda p: p.partner_share and p != self.user_id.partner_id
        )
        people = outside.filtered(lambda partner: not partner.is_company)
        return (people or outside)[:1]

    def _with_known_patient(self):
        """The visits whose patient the user may read; all visits for the superuser."""
        readable = self.patient_id._origin._filtered_access("read")
        return self.filtered(
            lambda e: e.patient_id and e.patient_id._origin in readable
        )

    def _propose_patient_again(self):
        """The patient is no attendee any more."""
        for event in self:
            left = event.patient_id
            rest = event.with_context(active_test=False)
            event.patient_id = rest._proposed_patient() - left

    def _renew_declined_invitations(self):
        """A visit that is booked again invites the patient again."""
        self.attendee_ids.filtered(
            lambda attendee: (
                attendee.partner_id == attendee.event_id.patient_id
                and attendee.state == "declined"
            )
        ).sudo().write({"state": "needsAction"})

    def _set_invitation(self, state):
        self.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == self.patient_id
        ).sudo().write({"state": state})

    # === What the reminder needs to know === #
    def _awaits_reminder(self):
        """Is this a visit to come on whose status a call may bear?"""
        upcoming = self.start and self.start > fields.Datetime.now()
        is_open = self.visit_status in OPEN_STATUSES
        return bool(self.patient_id and upcoming and is_open)

    def _reminder_company(self):
        """Events have no company: the specialist's, else the patient's, else the
        creator's."""
        self.ensure_one()
        event = self.sudo()
        return (
            event.user_id.company_id
            or event.patient_id.company_id
            or event.create_uid.company_id
            or self.env.company
        )

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
        return self.specialty or self.user_id.sudo().partner_id.function or ""

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

    def _take_reminder_outcome(self, reminder):
        """Write a reminder's outcome on its visit, unless a person decided before.

        To be called as the superuser.
        """
        self.ensure_one()
        reminder.is_told = True
        reminder = reminder._in_staff_language()
        status, invitation = OUTCOMES[reminder.outcome]
        if reminder.outcome == "declined" and reminder._is_shared():
            status, invitation = OUTCOMES["operator"]
        if not self._robot_may_decide():
            self._report_kept_status(reminder, status)
            return
        self.with_context(lang=reminder.env.lang).write(
            {
                "visit_status": status,
                "visit_status_origin": "reminder",
                "visit_status_reason": reminder._outcome_words(),
            }
        )
        if invitation:
            self._set_invitation(invitation)
        if status == "reschedule":
            reminder._ask_for_person(reminder._why_a_person())

    def _report_kept_status(self, reminder, status):
        """A person decided before the robot's result came: tell of a difference."""
        if reminder.outcome != "not_reached" and status != self.visit_status:
            reminder._ask_for_person(
                reminder.env._(
                    "The robot's result differs from the status that staff had set. "
                    "The status was kept."
                )
            )

    def _robot_may_decide(self):
        """People win: only an open status, or one that a robot has set."""
        if self.visit_status in FINISHED_STATUSES:
            return False
        return (
            self.visit_status in OPEN_STATUSES or self.visit_status_origin == "reminder"
        )

    # === Actions === #
    def action_reminder_call_now(self):
        """Call about this visit as soon as the rules permit.

        :raise UserError: with the reason, where the rules do not permit a call
        """
        self._reminder_for_staff().action_call_now()

    def action_reminder_skip(self):
        """Do not call about this visit (any more)."""
        self._reminder_for_staff().action_skip()

    def _reminder_for_staff(self):
        """This visit's reminder, made now if no plan has made it yet.

        :raise UserError: with the reason, where the visit gets none
        """
        self.ensure_one()
        self.check_access("read")
        self.env["clinic.reminder.call"].check_access("read")
        event = self.sudo()
        event.patient_id.with_env(self.env).check_access("read")
        if not event._standing_reminders():
            event.env["clinic.reminder.call"]._serve(event.ids)
            event.invalidate_recordset(["reminder_call_ids"])
        reminders = event._standing_reminders()
        if not reminders:
            raise UserError(self.reminder_explanation)
        still_open = reminders.filtered(lambda r: r.state in ("planned", "calling"))
        return (still_open or reminders)[-1].sudo(False)

    def _standing_reminders(self):
        standing = self.reminder_call_ids.filtered(lambda r: r._question_stands())
        return standing.sorted("id")

    def action_visit_done(self):
        """The patients came."""
        self.filtered("patient_id").write({"visit_status": "done"})

    def action_visit_no_show(self):
        """The patients did not come."""
        self.filtered("patient_id").write({"visit_status": "no_show"})

    def action_view_reminder_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.clinic_reminder_call_action"
        )
        action["domain"] = [("event_id", "=", self.id)]
        action["context"] = {}
        return action
