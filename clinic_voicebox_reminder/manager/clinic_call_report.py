from odoo import fields, models
from odoo.tools import SQL

from ..tools.vocabulary import FINAL_RESULTS, OUTCOMES, RESULTS, selection
from .clinic_visit_report import clinics


class ClinicCallReport(models.Model):
    """A call that was made about a visit, as the manager counts it.

    One call about several visits is one call. Who is not reached by one call may be
    reached by the next: rates of calls and of visits differ.
    """

    _name = "clinic.call.report"
    _description = "Call in Figures"
    _auto = False
    _order = "moment, id"
    _depends = {
        "clinic.reminder.attempt": [
            "company_id",
            "is_counted",
            "number",
            "reminder_id",
            "requested_at",
            "result",
        ],
        "clinic.reminder.call": ["specialist_id"],
    }

    moment = fields.Datetime("Started", readonly=True)
    day = fields.Date(readonly=True, help="On the clinic's calendar")
    call_hour = fields.Integer(
        "Hour", readonly=True, aggregator=None, help="On the clinic's clock"
    )
    company_id = fields.Many2one("res.company", "Clinic", readonly=True)
    specialist_id = fields.Many2one("res.users", readonly=True)
    attempt_id = fields.Many2one("clinic.reminder.attempt", "Call", readonly=True)
    reminder_id = fields.Many2one("clinic.reminder.call", readonly=True)
    number = fields.Integer(
        "Number of the Call", readonly=True, aggregator=None, help="1 for the first try"
    )
    answer = fields.Selection(selection(OUTCOMES), readonly=True)
    result = fields.Selection(selection(RESULTS), readonly=True)

    def action_open(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.reminder.attempt",
            "res_id": self.attempt_id.id,
            "views": [(False, "form")],
        }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT attempt.id,
                   attempt.id AS attempt_id,
                   attempt.reminder_id,
                   attempt.company_id,
                   reminder.specialist_id,
                   attempt.requested_at AS moment,
                   (%(local)s)::date AS day,
                   EXTRACT(HOUR FROM %(local)s)::int AS call_hour,
                   attempt.number,
                   attempt.result,
                   CASE WHEN attempt.result IN %(answers)s THEN attempt.result
                        ELSE 'not_reached' END AS answer
              FROM clinic_reminder_attempt AS attempt
              JOIN clinic_reminder_call AS reminder
                ON reminder.id = attempt.reminder_id
              JOIN %(clinics)s ON clinic.id = attempt.company_id
             WHERE attempt.is_counted AND attempt.result IS NOT NULL
            """,
            local=SQL("attempt.requested_at AT TIME ZONE 'UTC' AT TIME ZONE clinic.tz"),
            answers=FINAL_RESULTS,
            clinics=clinics(self.env),
        )
