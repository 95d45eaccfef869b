from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext, is_html_empty

from ..models import moments
from ..models.transactions import lock_rows
from ..tools.vocabulary import OPEN_STATES

BATCH = 1000
# what is blanked; everything else is statistics
PERSONAL = {
    "clinic.reminder.call": ("phone", "spoken_name", "spoken_visit", "visit_refusal"),
    "clinic.reminder.attempt": ("phone", "provider_reply"),
    "voicebox.callback": ("payload", "number_b", "remote_addr"),
}
PATIENT_FIELDS = (
    "name",
    "tz",
    "reminder_spoken_name",
    "reminder_lang",
    "reminder_preferred_time",
    "reminder_consent",
    "reminder_consent_source",
    "reminder_consent_date",
    "reminder_do_not_call",
    "reminder_mute_until",
    "reminder_deceased",
)
REMINDER_FIELDS = (
    "visit_start",
    "specialist_id",
    "phone",
    "spoken_name",
    "spoken_visit",
    "state",
    "outcome",
    "skip_reason",
    "visit_refusal",
    "attempt_count",
    "create_date",
)
ATTEMPT_FIELDS = (
    "number",
    "phone",
    "guid",
    "call_id",
    "state",
    "result",
    "error_kind",
    "error_message",
    "http_status",
    "provider_reply",
    "requested_at",
    "answered_at",
    "finished_at",
)
CALLBACK_FIELDS = (
    "received_at",
    "remote_addr",
    "guid",
    "call_id",
    "number_b",
    "response",
    "payload",
    "disposition",
)


class ClinicReminderPrivacy(models.AbstractModel):
    """What is kept of patients' data, for how long, and for whom."""

    _name = "clinic.reminder.privacy"
    _description = "Privacy of Reminder Calls"

    # === Retention === #
    @api.autovacuum
    def _gc_personal_data(self):
        """Erase texts, numbers, notes and raw bodies of closed calls when it is time.

        Statistics stay.

        :return: (erased records, are there more), as Odoo's autovacuum asks
        """
        done = more = 0
        keeping = [("reminder_retention_days", ">", 0)]
        for company in self.env["res.company"].sudo().search(keeping):
            before = fields.Datetime.now() - timedelta(
                days=company.reminder_retention_days
            )
            for records in self._personal_data(company, before):
                self._blank(records)
                done += len(records)
                more += len(records) == BATCH
        return done, more

    @api.model
    def _personal_data(self, company, before):
        """Records with personal data from before a moment, model by model."""
        over = {
            "clinic.reminder.call": [
                ("state", "in", ("done", "skipped")),
                ("visit_start", "<", before),
            ],
            "clinic.reminder.attempt": [
                ("state", "=", "finished"),
                ("requested_at", "<", before),
            ],
            "voicebox.callback": [("received_at", "<", before)],
        }
        for model, names in PERSONAL.items():
            ours = [("company_id", "=", company.id), *over[model]]
            records = self.env[model].sudo()
            yield records.search([*ours, *_any_filled(names)], limit=BATCH)

    @api.model
    def _blank(self, records):
        """Take the personal data out of records of one model."""
        records = records.sudo()
        records.write(dict.fromkeys(PERSONAL[records._name], False))
        if records._name == "clinic.reminder.call":
            records.activity_ids.unlink()
            self._notes(records).unlink()

    @api.model
    def _notes(self, reminders):
        """What people wrote about the calls, as the reader may see it.

        The history of the states is none of it.
        """
        is_here = Domain("model", "=", reminders._name)
        is_here &= Domain("res_id", "in", reminders.ids)
        messages = reminders.env["mail.message"].search(is_here)
        return messages.filtered(lambda message: not is_html_empty(message.body))

    # === One patient's data === #
    @api.model
    def _reminders_of(self, patient):
        """Within the companies and rights of the user who asks."""
        ours = [("patient_id", "=", patient.id)]
        return self.env["clinic.reminder.call"].search(ours, order="visit_start, id")

    @api.model
    def _loose_callbacks(self, reminders, patient):
        """Callbacks that found no call, but name a number of the patient's."""
        numbers = {
            *reminders.mapped("phone"),
            *reminders.attempt_ids.mapped("phone"),
            patient.phone_sanitized,
        }
        endings = {number[-10:] for number in numbers if number}
        return self.env["voicebox.callback"].search(
            Domain("attempt_id", "=", False)
            & Domain.OR(Domain("number_b", "like", ending) for ending in endings)
        )

    @api.model
    def _export_patient(self, patient):
        """All that is kept about the calls to a patient, as plain values."""
        reminders = self._reminders_of(patient)
        loose = self._loose_callbacks(reminders, patient)
        return {
            "exported_at": fields.Datetime.now().isoformat(),
            "patient": _values(patient, self._patient_fields()),
            "reminders": [self._export(reminder) for reminder in reminders],
            "other_callbacks": [_values(c, CALLBACK_FIELDS) for c in loose],
        }

    @api.model
    def _patient_fields(self):
        numbers = self.env["res.partner"]._phone_get_number_fields()
        return (*PATIENT_FIELDS, *numbers)

    @api.model
    def _export(self, reminder):
        return {
            **_values(reminder, REMINDER_FIELDS),
            "notes": [
                {"date": note.date.isoformat(), "text": html2plaintext(note.body)}
                for note in self._notes(reminder).sorted("id")
            ],
            "calls": [
                {
                    **_values(attempt, ATTEMPT_FIELDS),
                    "callbacks": [
                        _values(c, CALLBACK_FIELDS) for c in attempt.callback_ids
                    ],
                }
                for attempt in reminder.attempt_ids.sorted("number")
            ],
        }

    @api.model
    def _erase_patient(self, patient):
        """Erase texts, numbers, notes and raw bodies now; outcomes and times stay.

        :return: the reminders
        :raise UserError: while a reminder is open: what is needed to call is not
            taken away under a running call
        """
        reminders = self._reminders_of(patient)
        lock_rows(reminders.sudo())
        self._check_closed(reminders)
        attempts = reminders.attempt_ids
        loose = self._loose_callbacks(reminders, patient)
        for records in (reminders, attempts, attempts.callback_ids | loose):
            self._blank(records)
        return reminders

    @api.model
    def _check_closed(self, reminders):
        still_open = reminders.filtered(
            lambda r: r.state in OPEN_STATES or r.is_on_call
        )
        if still_open:
            # no name: such sentences get into the log
            start = still_open[0].visit_start
            day, hour, _is_today = moments.parts_in_words(self.env, start)
            raise UserError(
                self.env._(
                    "The reminder of the visit on %(date)s at %(time)s is still open. "
                    "Skip it, or let it end, and erase afterwards.",
                    date=day,
                    time=hour,
                )
            )


def _any_filled(names):
    return ["|"] * (len(names) - 1) + [(name, "!=", False) for name in names]


def _values(record, names):
    """What JSON can hold: times in UTC, names instead of records, null for nothing."""
    return {name: _plain(record[name], record._fields[name].type) for name in names}


def _plain(value, kind):
    if kind == "boolean":
        return value
    if kind == "many2one":
        return value.display_name or None
    if kind in ("date", "datetime"):
        return value.isoformat() if value else None
    return None if value is False else value
