from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, fields, models
from odoo.tools import SQL

from .waking import wake_plan

EVERY_COMPANY = 0
NOBODY = 0  # the patient of what has none any more
_is_unmarked = ContextVar("is_unmarked", default=False)  # no client can set it


@contextmanager
def unmarked():
    """Who writes meanwhile knows of it, as the plan does, or leaves the mark later."""
    token = _is_unmarked.set(True)
    try:
        yield
    finally:
        _is_unmarked.reset(token)


def is_unmarked():
    return _is_unmarked.get()


class ClinicReminderMark(models.Model):
    """Whom a plan has to look at again, as something has changed for them.

    The patient is the unit: what is decided about one visit depends on the others.
    Whoever changes what a verdict depends on leaves a mark in the same transaction.
    Marks are only ever added: writers never meet on one, and one that is left while a
    plan is at work is not the one that this plan takes away. A plan deletes those that
    it saw, in the transaction in which it plans for them.
    """

    _name = "clinic.reminder.mark"
    _description = "Mark for Planning"
    _rec_name = "kind"

    kind = fields.Selection(
        [("patient", "Patient"), ("company", "Company")], required=True, readonly=True
    )
    res_id = fields.Integer(
        "Record", required=True, readonly=True, help="0: without a patient; any company"
    )
    is_wide = fields.Boolean(
        "One of Many", readonly=True, help="What concerns one patient goes before it"
    )

    _patient_idx = models.Index("(res_id) WHERE (kind = 'patient')")
    _turn_idx = models.Index("(is_wide, id) WHERE (kind = 'patient')")

    @api.model
    def _leave(self, kind, ids, wakes=True):
        """:param wakes: a plan is to look at once; else the next one does"""
        if not ids:
            return
        rows = SQL(", ").join((kind, id_, False) for id_ in set(ids))
        insert = "INSERT INTO clinic_reminder_mark (kind, res_id, is_wide) VALUES %s"
        self.env.cr.execute(SQL(insert, rows))
        if wakes:
            wake_plan(self.env)

    @api.model
    def _leave_found(self, patients, is_wide=False):
        """Marks of the patients that a query finds. Flushes.

        :param SQL patients: query of their ids, each once
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_reminder_mark (kind, res_id, is_wide) "
                "SELECT 'patient', found.id, %s FROM (%s) AS found (id)",
                is_wide,
                patients,
            )
        )

    @api.model
    def _leave_numbers(self, numbers, wakes=True):
        """Marks of the patients with visits to come who have one of these numbers.

        :param numbers: in E.164
        """
        if not numbers:
            return
        patients = SQL(
            """SELECT coalesce(r.patient_id, 0) FROM clinic_reminder_call r
                WHERE r.phone IN %(numbers)s AND r.visit_start > %(now)s
                UNION
               SELECT e.patient_id
                 FROM res_partner p JOIN calendar_event e ON e.patient_id = p.id
                WHERE p.phone_sanitized IN %(numbers)s AND e.start > %(now)s""",
            numbers=tuple(numbers),
            now=fields.Datetime.now(),
        )
        self._leave_found(patients)
        if wakes:
            wake_plan(self.env)

    @api.model
    def _next_patients(self, left_out, limit):
        """Marked patients, the most urgent first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT res_id FROM clinic_reminder_mark
                    WHERE kind = 'patient' AND NOT res_id = ANY(%s)
                    ORDER BY is_wide, id LIMIT %s""",
                list(left_out),
                limit,
            )
        )
        return list(dict.fromkeys(id_ for (id_,) in rows))

    @api.model
    def _take(self, kind, ids=None):
        """Take the marks away, all of a kind or those of some records.

        :return: ids of the records that had any
        :raise OperationalError: another plan has taken one of them meanwhile
        """
        ours = SQL("kind = %s", kind)
        if ids is not None:
            ours = SQL("%s AND res_id IN %s", ours, tuple(ids))
        delete = SQL("DELETE FROM clinic_reminder_mark WHERE %s RETURNING res_id", ours)
        self.env.cr.execute(delete, log_exceptions=False)
        return {id_ for (id_,) in self.env.cr.fetchall()}
