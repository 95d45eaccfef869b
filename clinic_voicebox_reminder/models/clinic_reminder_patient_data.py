from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from .clinic_reminder_call import OPEN_STATES
from .clinic_reminder_retention import PERSONAL
from .rows import lock_rows

PATIENT_FIELDS = (
    "name",
    "phone",
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


class ClinicReminderPatientData(models.Model):
    """One patient's call data: to hand over, or to erase, on request.

    Within the companies and rights of the user who asks.
    """

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.model
    def _of_patient(self, patient):
        return self.search([("patient_id", "=", patient.id)], order="visit_start, id")

    def _loose_callbacks(self, patient):
        """Callbacks that found no call, but name a number of the patient's."""
        numbers = {
            *self.mapped("phone"),
            *self.attempt_ids.mapped("phone"),
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
        reminders = self._of_patient(patient)
        loose = reminders._loose_callbacks(patient)
        return {
            "exported_at": fields.Datetime.now().isoformat(),
            "patient": _values(patient, PATIENT_FIELDS),
            "reminders": [reminder._export() for reminder in reminders],
            "other_callbacks": [_values(c, CALLBACK_FIELDS) for c in loose],
        }

    def _export(self):
        return {
            **_values(self, REMINDER_FIELDS),
            "notes": [
                {"date": note.date.isoformat(), "text": html2plaintext(note.body)}
                for note in self._notes().sorted("id")
            ],
            "calls": [
                {
                    **_values(attempt, ATTEMPT_FIELDS),
                    "callbacks": [
                        _values(c, CALLBACK_FIELDS) for c in attempt.callback_ids
                    ],
                }
                for attempt in self.attempt_ids.sorted("number")
            ],
        }

    @api.model
    def _erase_patient(self, patient):
        """Erase texts, numbers, notes and raw bodies now; outcomes and times stay.

        :return: the reminders
        :raise UserError: while a reminder is open: what is needed to call is not
            taken away under a running call
        """
        reminders = self._of_patient(patient)
        lock_rows(reminders.sudo())
        reminders._check_closed()
        attempts = reminders.attempt_ids
        callbacks = attempts.callback_ids | reminders._loose_callbacks(patient)
        for records in (reminders, attempts, callbacks):
            blank = dict.fromkeys(PERSONAL[records._name], False)
            records.sudo().write(blank)
        reminders._erase_notes()
        return reminders

    def _check_closed(self):
        still_open = self.filtered(
            lambda r: r.state in OPEN_STATES or r._is_being_called()
        )
        if still_open:
            # no name: such sentences get into the log
            policy = self.env["clinic.reminder.policy"]
            day, hour, _is_today = policy._words(still_open[0].visit_start)
            raise UserError(
                self.env._(
                    "The reminder of the visit on %(date)s at %(time)s is still open. "
                    "Skip it, or let it end, and erase afterwards.",
                    date=day,
                    time=hour,
                )
            )


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
