from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..models.clinic_reminder_call import LIVE_FIELDS
from ..models.transactions import lock_rows

HANDS = ("snoozed_until", "taken_by_id")  # in whose, and for how long
LONGEST_SNOOZE = timedelta(days=7)


class ClinicReminderWork(models.Model):
    """A row of the work list, as the front desk works on it.

    Every action says what it did, in the row's history and to the user, who may undo it
    for some seconds.
    """

    # above the undo, and the service that knows free times
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    _live_fields = LIVE_FIELDS | set(HANDS)

    taken_by_id = fields.Many2one(
        "res.users", "Taken by", readonly=True, copy=False, ondelete="set null"
    )
    snoozed_until = fields.Datetime(readonly=True, copy=False)
    is_coming = fields.Boolean(
        "Visit to Come", compute="_compute_is_coming", export_string_translation=False
    )
    written_phone = fields.Char("Number as Written", related="patient_id.phone")
    may_call_now = fields.Boolean(compute="_compute_may_call_now")
    call_refusal = fields.Char(
        compute="_compute_may_call_now", help="Why the robot may not call (again)"
    )

    # === Computes === #
    @api.depends("visit_start")
    def _compute_is_coming(self):
        now = fields.Datetime.now()
        for reminder in self:
            reminder.is_coming = reminder.visit_start > now

    @api.depends_context("tz", "lang")
    @api.depends("state", "attention_kind", "next_call_at", "attempt_count")
    def _compute_may_call_now(self):
        """Would “Call Now” lead to a call, as the rules stand at this moment?"""
        verdicts = (
            self.env["clinic.reminder.policy"]
            .sudo()
            ._verdicts_on_reminders(self.sudo(), as_if_asked=True)
        )
        explanation = self.env["clinic.reminder.explanation"]
        for reminder in self:
            verdict = verdicts[reminder.id]
            is_free = reminder.state in ("planned", "skipped")
            may = is_free and verdict.kind == "call" and not reminder.is_on_call
            reminder.may_call_now = may
            reminder.call_refusal = not may and explanation._sentence(verdict)

    @api.model
    def get_work_counts(self):
        """How much is waiting now, by group, of visits to come.

        :return: {attention_kind: number}
        """
        waiting = Domain("attention_kind", "!=", False) & Domain(
            "visit_start", ">=", fields.Datetime.now()
        )
        rows = self._read_group(
            waiting & self._awake(), ["attention_kind"], ["__count"]
        )
        return dict(rows)

    @api.model
    def _awake(self):
        asleep = Domain("snoozed_until", ">", fields.Datetime.now())
        return Domain("snoozed_until", "=", False) | ~asleep

    # === CRUD === #
    def write(self, vals):
        """What is new is nobody's yet, and not to be put off."""
        changing = self.browse()
        if "attention_kind" in vals:
            kind = vals["attention_kind"] or False
            changing = self.filtered(lambda r: r.attention_kind != kind)
        result = super().write(vals)
        fresh = {name: False for name in HANDS if name not in vals}
        in_hand = changing.filtered(lambda r: any(r[name] for name in fresh))
        if in_hand:
            in_hand.write(fresh)
        return result

    # === Actions === #
    def action_take(self):
        """Let colleagues see that somebody is at it.

        :raise UserError: a colleague is
        """
        undo = self._start_alone()
        holder = self.sudo().taken_by_id
        if holder and holder != self.env.user:
            raise UserError(self.env._("%s has taken this already.", holder.name))
        self.sudo().taken_by_id = self.env.uid
        return undo._note(self.env._("Taken by %s.", self.env.user.name))

    def action_release(self):
        """Anybody may: colleagues go home."""
        undo = self._start_alone()
        self.sudo().taken_by_id = False
        return undo._note(self.env._("Released."))

    def action_snooze(self, minutes):
        """Put the row off; it comes back by itself.

        :param int minutes: from now on
        :raise UserError: the visit is before that, or it is a matter of weeks
        """
        undo = self._start_alone()
        until = fields.Datetime.now() + timedelta(minutes=minutes)
        if minutes <= 0 or minutes > LONGEST_SNOOZE.total_seconds() / 60:
            raise UserError(self.env._("Put it off for a week at most."))
        if self.visit_start <= until:
            raise UserError(self.env._("The visit is before that."))
        self.sudo().snoozed_until = until
        shown = format_datetime(self.env, until, dt_format="short")
        return undo._note(self.env._("Put off until %s.", shown))

    def action_call_now(self):
        undo = self._start()
        super().action_call_now()
        return undo._note(self.env._("The robot will call as soon as it may."))

    def action_skip(self):
        undo = self._start()
        super().action_skip()
        return undo._note(self.env._("The robot will not call."))

    def action_correct_number(self, number):
        """Write the patient's number, and plan the call anew where that is permitted.

        :raise AccessError: the contact is not the front desk's to correct
        :raise UserError: nobody can dial that
        """
        undo = self._start_alone()
        reminder = self.sudo()
        reminder.phone = self._dialable(number)
        self.patient_id._desk_correct({"phone": number})
        self.env["clinic.reminder.planner"].sudo()._plan_visits(reminder.event_id.ids)
        if reminder.state == "skipped":  # not by the robot: then by a person
            reminder._skip(reminder._verdict().reason)
            reminder.attention_kind = "not_reached"
        said = self.env._("The number was corrected. %s", self.explanation)
        return undo._note(said)

    def action_done_by_staff(self):
        """A patient who wants another time stays until there is a new visit, or it is
        noted that there will be none."""
        without_time = self.sudo().filtered(
            lambda r: r.attention_kind == "asks_time" and r.is_coming and r.event_id
        )
        if without_time:
            raise UserError(
                self.env._(
                    "%s wants another time: book one, or note that there will be no "
                    "visit.",
                    without_time[0].patient_id.name,
                )
            )
        undo = self._start()
        super().action_done_by_staff()
        return undo._note(self.env._("Handled: off the work list."))

    # === Steps === #
    def _start(self):
        """Check the right to the rows, and remember them as they are."""
        self.check_access("read")
        return self.env["clinic.reminder.undo"]._remember(self)

    def _start_alone(self):
        """The same for an action on one row, which locks it."""
        self.ensure_one()
        self.check_access("read")
        lock_rows(self.sudo())
        return self._start()

    def _dialable(self, number):
        """:raise UserError: nobody can dial that"""
        reminder = self.sudo()
        country = reminder.patient_id.country_id
        dialable = reminder.company_id._reminder_dialable(number, country)
        if not dialable:
            raise UserError(
                self.env._("“%s” is no number that can be dialled.", number)
            )
        return dialable

    def _keep_for_new_visit(self):
        """The patient wants another time: the row stays until there is one."""
        self.write({"attention_kind": "asks_time"})
