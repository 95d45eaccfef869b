from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.orm.models import NO_ACCESS

from ..models.transactions import lock_rows

SAID = "clinic_voicebox_reminder.said"  # the client action that tells and offers
WITHIN = timedelta(minutes=2)
TODO = "mail.mail_activity_data_todo"
# what an action of the front desk may change, and is put back
KEPT = {
    "clinic.reminder.call": (
        "attention_kind",
        "is_void",
        "next_call_at",
        "outcome",
        "phone",
        "requested_by_id",
        "skip_reason",
        "snoozed_until",
        "state",
        "taken_by_id",
    ),
    "calendar.event": (
        "show_as",
        "specialist_id",
        "specialty",
        "start",
        "stop",
        "visit_status",
        "visit_status_code",
        "visit_status_note",
        "visit_status_origin",
    ),
    "res.partner": ("phone",),
    "calendar.attendee": ("state",),
}


class ClinicReminderUndo(models.TransientModel):
    """What an action of the front desk changed, so that it can be taken back at once.

    Never over what has changed since: whatever the robot or a colleague has done in the
    meantime stands.
    """

    _name = "clinic.reminder.undo"
    _description = "Undo of the Front Desk"

    reminder_ids = fields.Many2many("clinic.reminder.call", readonly=True)
    made_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    calls = fields.Integer(readonly=True, help="Those made until then")
    before = fields.Json(readonly=True, groups=NO_ACCESS)
    after = fields.Json(readonly=True, groups=NO_ACCESS)
    todos = fields.Json(readonly=True, groups=NO_ACCESS)

    @api.model
    def _remember(self, reminders):
        """Keep the reminders, their visits and patients as they are.

        Asks for no right, and locks nothing: whoever calls does.
        """
        reminders = reminders.sudo()
        values = {
            "reminder_ids": [Command.set(reminders.ids)],
            "before": _photograph(_shown(reminders)),
            "todos": {r.id: todo for r in reminders if (todo := _todo_of(r))},
        }
        return self.sudo().create(values)

    def _note(self, said):
        """Write what was done into the history as well.

        :param str said: a sentence
        :return: see :meth:`_offer`
        """
        for reminder in self.reminder_ids:
            reminder.message_post(body=said)
        return self._offer(said)

    def _offer(self, said):
        """Tell the user what was done, who may undo it.

        :return: the client action that shows it
        """
        self.env.flush_all()
        self.calls = len(self._calls())
        self.after = _photograph(self._records())
        params = {
            "message": said,
            "undo_id": self.id,
            "reminder_ids": self.reminder_ids.ids,
        }
        return {"type": "ir.actions.client", "tag": SAID, "params": params}

    def action_undo(self):
        """Put everything back as it was before.

        :raise AccessError: it is another user's, or another clinic's
        :raise UserError: it is too late, or something has changed since
        """
        self.ensure_one()
        self.check_access("read")
        self.reminder_ids.check_access("read")
        undo = self.sudo()
        lock_rows(undo.reminder_ids)
        undo._check_nothing_changed()
        undo._put_back()
        for reminder in undo.reminder_ids:
            reminder.message_post(body=self.env._("Undone."))
        undo.unlink()

    def _check_nothing_changed(self):
        is_late = self.made_at < fields.Datetime.now() - WITHIN
        is_called = len(self._calls()) != self.calls
        if is_late or is_called or _photograph(self._records()) != self.after:
            raise UserError(
                self.env._("Something has changed since: nothing was undone.")
            )

    def _calls(self):
        return self.reminder_ids.event_id.reminder_call_ids.attempt_ids

    def _records(self):
        """What was kept, as far as it still exists."""
        keys = [key.split(",") for key in self.before]
        records = [self.env[model].browse(int(number)) for model, number in keys]
        return [record for record in records if record.exists()]

    def _put_back(self):
        """The reminder last: what follows from the others is overwritten."""
        for record in reversed(self._records()):
            kept = self.before[_key(record)]
            if kept != _values(record):
                record.with_context(no_calendar_sync=True).write(kept)
        quiet = self.reminder_ids.with_context(mail_activity_quick_update=True)
        for reminder in quiet:
            todo = (self.todos or {}).get(str(reminder.id))
            if todo and not reminder.activity_search([TODO]):
                reminder.activity_schedule(TODO, **todo)


def _shown(reminders):
    """The reminders and the records around them that an action may change."""
    visits, patients = reminders.event_id, reminders.patient_id
    invitations = visits.attendee_ids.filtered(lambda a: a.partner_id in patients)
    others = visits.reminder_call_ids - reminders
    return [*reminders, *others, *visits, *patients, *invitations]


def _photograph(records):
    return {_key(record): _values(record) for record in records}


def _key(record):
    return f"{record._name},{record.id}"


def _values(record):
    return {name: _value(record, name) for name in KEPT[record._name]}


def _value(record, name):
    """As JSON keeps it and as it can be written."""
    field = record._fields[name]
    value = field.convert_to_write(record[name], record)
    return fields.Datetime.to_string(value) if field.type == "datetime" else value


def _todo_of(reminder):
    todo = reminder.activity_search([TODO])[:1]
    return todo and {
        "summary": todo.summary,
        "note": str(todo.note or ""),
        "user_id": todo.user_id.id,
        "date_deadline": fields.Date.to_string(todo.date_deadline),
    }
