from datetime import timedelta

from odoo import api, fields, models

from ..models.calendar_event_visit import CALENDAR
from ..models.res_company import STAFF
from ..tools import calling_hours
from ..tools.vocabulary import SILENT_STATUSES

# a field of the visit's own form, and of no other
FORM_MARK = "is_duration_chosen"
LOOKED_AHEAD = timedelta(days=14)


class CalendarEventBooking(models.Model):
    """The visit's own form: what it proposes, what follows what, what it warns of."""

    # the front desk's, above the times of specialists
    _inherit = "calendar.event"  # pylint: disable=R8180

    is_duration_chosen = fields.Boolean(
        compute="_compute_is_duration_chosen",
        readonly=False,
        export_string_translation=False,
        help="For the form: a length that somebody set does not follow the specialist",
    )
    visit_conflict = fields.Text(
        compute="_compute_visit_conflict",
        groups=STAFF,
        help="What speaks against this time, a sentence a line",
    )
    visit_attempt_ids = fields.Many2many(
        "clinic.reminder.attempt",
        string="Calls Made about the Visit",
        compute="_compute_visit_attempt_ids",
        groups="clinic_voicebox_reminder.group_user",
    )

    # === Computes === #
    def _compute_is_duration_chosen(self):
        """As it was saved; of a new event only the visit's own form says no."""
        for event in self:
            saved = event._origin
            usual = saved.specialist_id.visit_duration
            event.is_duration_chosen = not saved or saved.duration != usual

    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    @api.depends(
        "allday", "patient_id", "specialist_id", "start", "stop", "visit_status"
    )
    def _compute_visit_conflict(self):
        for event in self:
            event.visit_conflict = "\n".join(dict.fromkeys(event._visit_conflicts()))

    def _visit_conflicts(self):
        """Only what is to come, and has a time, can take anybody's."""
        if self.allday or self.visit_status in SILENT_STATUSES:
            return []
        if not (self.start and self.stop) or self.start < fields.Datetime.now():
            return []
        return self.env["clinic.visit.times"]._conflicts(
            self.specialist_id._origin,
            self.patient_id._origin,
            self.start,
            self.stop,
            self._origin.ids,
        )

    @api.depends("reminder_call_ids")
    def _compute_visit_attempt_ids(self):
        for event in self:
            event.visit_attempt_ids = event.reminder_call_ids._all_attempts()

    # === What the form proposes === #
    def onchange(self, values, field_names, fields_spec):
        """A new visit opens with proposals of its own; other forms keep Odoo's."""
        events = self
        is_new = self._name == CALENDAR and not self and not field_names
        if is_new and FORM_MARK in fields_spec:
            proposed = self._booking_defaults()
            context = {f"default_{name}": value for name, value in proposed.items()}
            events = self.with_context(**context)
        return super(CalendarEventBooking, events).onchange(
            values, field_names, fields_spec
        )

    @api.model
    def _booking_defaults(self):
        """A specialist, who is never the one who books, and the next time to come."""
        given = self.default_get(["specialist_id", "allday"])
        specialist = self.env["res.users"].browse(given.get("specialist_id"))
        specialist = specialist or self._usual_specialist()
        start, stop = self._booking_times(specialist, given.get("allday"))
        length = (stop - start).total_seconds() / 3600
        return {
            FORM_MARK: bool(specialist) and length != specialist.visit_duration,
            "allday": False,
            "specialist_id": specialist.id,
            "start": start,
            "stop": stop,
            "duration": length,
        }

    @api.model
    def _usual_specialist(self):
        """The last one whom this user booked, else the only one there is."""
        takes_visits = ("specialist_id.takes_visits", "=", True)
        mine = [("create_uid", "=", self.env.uid), ("patient_id", "!=", False)]
        last = self.search([*mine, takes_visits], order="id desc", limit=1)
        if last:
            return last.specialist_id
        users = self.env["res.users"].search([("takes_visits", "=", True)], limit=2)
        return users if len(users) == 1 else users.browse()

    @api.model
    def _booking_times(self, specialist, is_day):
        """From when to when; on a day that was clicked on without a time, its first
        free place."""
        usual = timedelta(hours=specialist.visit_duration or 0.5)
        start = fields.Datetime.to_datetime(self.env.context.get("default_start"))
        stop = fields.Datetime.to_datetime(self.env.context.get("default_stop"))
        if is_day or not start:
            start = self._next_place(specialist, start and start.date(), usual)
            stop = None
        return start, stop if stop and stop > start else start + usual

    @api.model
    def _next_place(self, specialist, day, length):
        start = fields.Datetime.now()
        if day:
            zone = self.env.company._reminder_zone()
            start = max(start, calling_hours.start_of_day(day, zone))
        return self.env["clinic.visit.times"]._next_place(
            specialist, start, start + LOOKED_AHEAD, length.total_seconds() / 3600
        )

    # === What follows what === #
    @api.onchange("duration")
    def _onchange_duration_chosen(self):
        usual = self.specialist_id.visit_duration
        self.is_duration_chosen = bool(usual) and self.duration != usual

    @api.onchange("specialist_id")
    def _onchange_specialist_booked(self):
        """The length follows the specialist."""
        if not self.is_duration_chosen and self.specialist_id.takes_visits:
            self.duration = self.specialist_id.visit_duration

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        if self._name != CALENDAR:
            return super().create(vals_list)
        return super().create([self._with_people(vals) for vals in vals_list])

    @api.model
    def _with_people(self, vals):
        """A visit is in its specialist's calendar, not in that of who books it, and
        its people are the specialist and the patient.

        Only where nobody says whose event it is.
        """
        said = {"user_id", "partner_ids"} & vals.keys()
        specialist = self.env["res.users"].browse(vals.get("specialist_id"))
        patient = self.env["res.partner"].browse(vals.get("patient_id"))
        if said or not specialist or not patient:
            return vals
        people = specialist.partner_id | patient
        implied = {
            "name": patient.sudo().name,
            "user_id": specialist.id,
            "partner_ids": [fields.Command.set(people.ids)],
            "privacy": "public",
        }
        return {**implied, **vals}

    def write(self, vals):
        people = {"patient_id", "specialist_id"} & vals.keys()
        is_said = {"user_id", "partner_ids"} & vals.keys()
        if self._name != CALENDAR or not people or is_said:
            return super().write(vals)
        before = {event: event._visit_people() for event in self}
        result = super().write(vals)
        for event, (specialist, patient) in before.items():
            event._hand_over(specialist, patient)
        return result

    def _visit_people(self):
        visit = self if self.patient_id else self.browse()
        return visit.specialist_id, visit.patient_id

    def _hand_over(self, specialist, patient):
        """What was the former specialist's and patient's is the new ones'.

        Nobody gets a mail: the desk has told them, or the robot will.
        """
        vals = {}
        if self.user_id == specialist != self.specialist_id:
            vals["user_id"] = self.specialist_id.id
            vals["privacy"] = self.privacy or "public"
        if patient and self.name == patient.sudo().name:
            vals["name"] = self.patient_id.sudo().name or self.name
        left = (specialist.partner_id - self.specialist_id.partner_id) | (
            patient - self.patient_id
        )
        if left & self.partner_ids:
            people = self.partner_ids - left
            people |= self.specialist_id.partner_id | self.patient_id
            vals["partner_ids"] = [fields.Command.set(people.ids)]
        if vals:
            self.with_context(no_mail_to_attendees=True).write(vals)
