from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.shares import NOT_CALLED
from ..tools.vocabulary import OUTCOMES, STATUSES, selection

NO_ANSWER = (NOT_CALLED, "Without a call")
WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


# Reminders with an outcome. Only where the question stands does the visit's status
# belong to the answer.
CALLED = """
    SELECT reminder.id * 2 + 1 AS id,
           reminder.id AS reminder_id,
           event.id AS event_id,
           reminder.company_id,
           reminder.specialist_id,
           reminder.visit_start AS moment,
           event.stop,
           %(day)s AS day,
           reminder.outcome AS answer,
           reminder.attempt_count AS call_count,
           event.visit_status,
           EXTRACT(EPOCH FROM event.stop - event.start)::float / 3600 AS hours
      FROM clinic_reminder_call AS reminder
      JOIN %(clinics)s ON clinic.id = reminder.company_id
      LEFT JOIN calendar_event AS event
             ON event.id = reminder.event_id AND %(stands)s
     WHERE reminder.outcome IS NOT NULL"""
# Visits of whose time no call has told: they may come all the same.
UNCALLED = """
    SELECT event.id * 2,
           NULL::int,
           event.id,
           event.reminder_company_id,
           event.specialist_id,
           event.start,
           event.stop,
           CASE WHEN event.allday THEN event.start_date ELSE %(day)s END,
           %(not_called)s,
           0,
           event.visit_status,
           CASE WHEN event.allday THEN 0
                ELSE EXTRACT(EPOCH FROM event.stop - event.start)::float / 3600 END
      FROM calendar_event AS event
      JOIN %(clinics)s ON clinic.id = event.reminder_company_id
     WHERE event.patient_id IS NOT NULL
       AND event.active
       AND NOT EXISTS (
           SELECT 1 FROM clinic_reminder_call AS reminder
            WHERE reminder.event_id = event.id
              AND reminder.outcome IS NOT NULL
              AND %(stands)s)"""
# What is told of both; the time of a cancelled visit is free for others.
VISITS = """
    SELECT visit.*,
           EXTRACT(ISODOW FROM visit.day)::int::text AS weekday,
           CASE WHEN visit_status = 'cancelled' THEN hours ELSE 0 END AS freed_hours,
           CASE WHEN visit_status = 'cancelled' THEN LEAST(hours, (%(taken)s)) ELSE 0
                END AS filled_hours,
           CASE WHEN visit_status = 'cancelled' THEN EXISTS (%(others)s) ELSE FALSE
                END AS is_filled
      FROM (%(called)s UNION ALL %(uncalled)s) AS visit"""


def clinics(env):
    """All companies with the names of their zones, as rows of (id, tz); record rules
    tell whose rows are seen."""
    companies = env["res.company"].sudo().with_context(active_test=False).search([])
    rows = (SQL("(%s, %s)", one.id, one._reminder_zone().key) for one in companies)
    return SQL("(VALUES %s) AS clinic (id, tz)", SQL(", ").join(rows))


class ClinicVisitReport(models.Model):
    """A visit at a time, as the manager counts it: what was answered, who came.

    A visit that was moved after the call counts twice: at its old time with the answer
    it had there and without a status, at the new one with its status.
    """

    _name = "clinic.visit.report"
    _description = "Visit in Figures"
    _auto = False
    _order = "moment, id"
    _rec_name = "patient_name"
    _depends = {
        "calendar.event": [
            "active",
            "allday",
            "patient_id",
            "reminder_company_id",
            "specialist_id",
            "start",
            "start_date",
            "stop",
            "visit_status",
        ],
        "clinic.reminder.call": [
            "attempt_count",
            "company_id",
            "event_id",
            "is_void",
            "outcome",
            "specialist_id",
            "visit_start",
        ],
    }

    moment = fields.Datetime("Visit Time", readonly=True)
    day = fields.Date(readonly=True, help="On the clinic's calendar")
    weekday = fields.Selection(WEEKDAYS, readonly=True, help="On the clinic's calendar")
    company_id = fields.Many2one("res.company", "Clinic", readonly=True)
    specialist_id = fields.Many2one("res.users", readonly=True)
    event_id = fields.Many2one("calendar.event", "Visit", readonly=True)
    reminder_id = fields.Many2one("clinic.reminder.call", readonly=True)
    patient_name = fields.Char("Patient", compute="_compute_patient_name")
    answer = fields.Selection([*selection(OUTCOMES), NO_ANSWER], readonly=True)
    call_count = fields.Integer("Calls Made", readonly=True)
    visit_status = fields.Selection(selection(STATUSES), readonly=True)
    freed_hours = fields.Float(readonly=True, help="Of a cancelled visit")
    filled_hours = fields.Float(
        "Hours Filled Again",
        readonly=True,
        help="Of a cancelled visit: what another visit to the same specialist took",
    )
    is_filled = fields.Boolean("Filled Again", readonly=True)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("event_id", "reminder_id")
    def _compute_patient_name(self):
        """Empty where the reader may not know whose visit it is."""
        for row in self:
            event = row.event_id or row.reminder_id.event_id
            patient = row.sudo().reminder_id.patient_id or event.sudo().patient_id
            hidden = event._check_private_event_conditions() if event else False
            known = patient.sudo(False)._filtered_access("read")
            row.patient_name = known.sudo().name if known and not hidden else ""

    # === Actions === #
    def action_open(self):
        """The visit; its reminder, where the visit is gone or was moved."""
        self.ensure_one()
        self.check_access("read")
        if self.event_id:
            return self.event_id.action_open_visit()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.reminder.call",
            "res_id": self.reminder_id.id,
            "views": [(False, "form")],
        }

    # === The rows === #
    @property
    def _table_query(self):
        clinic = {"clinics": clinics(self.env), "stands": _stands()}
        uncalled = {"day": _local_day("event", "start"), "not_called": NOT_CALLED}
        return SQL(
            VISITS,
            taken=_instead(SQL("COALESCE(SUM(%s), 0)", _overlap())),
            others=_instead(SQL("1")),
            called=SQL(CALLED, day=_local_day("reminder", "visit_start"), **clinic),
            uncalled=SQL(UNCALLED, **uncalled, **clinic),
        )


def _stands():
    """Is the reminder's question still the visit's?"""
    return SQL(
        "reminder.is_void IS NOT TRUE AND event.active "
        "AND event.start = reminder.visit_start"
    )


def _local_day(table, column):
    moment = SQL.identifier(table, column)
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE clinic.tz)::date", moment)


def _instead(what):
    """Of the visits that took the time of a cancelled one; none is longer than half a
    day, or the index would be of no help."""
    return SQL(
        """SELECT %s FROM calendar_event AS other
            WHERE other.specialist_id = visit.specialist_id
              AND other.patient_id IS NOT NULL
              AND other.active
              AND other.allday IS NOT TRUE
              AND other.visit_status != 'cancelled'
              AND other.start < visit.stop
              AND other.start > visit.moment - INTERVAL '12 hours'
              AND other.stop > visit.moment""",
        what,
    )


def _overlap():
    return SQL(
        "EXTRACT(EPOCH FROM LEAST(other.stop, visit.stop) "
        "- GREATEST(other.start, visit.moment))::float / 3600"
    )
