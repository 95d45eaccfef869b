from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

TALK_WITH_OPERATOR = timedelta(minutes=2)
AT_ONCE = 32  # calls claimed at a time


class ClinicReminderQueue(models.AbstractModel):
    """What is due, and what it waits for: one answer for dispatcher, policy and health.

    Reads only.
    """

    _name = "clinic.reminder.queue"
    _description = "Reminder Calls That Are Due"

    @api.model
    def _due(self, companies):
        """Reminders (r) of companies whose call is due, as an SQL condition."""
        return SQL(
            "r.state = 'planned' AND r.company_id IN %s AND r.next_call_at <= %s",
            tuple(companies.ids),
            fields.Datetime.now(),
        )

    @api.model
    def _obstacle(self, companies):
        """What a due reminder (r) waits for, as an SQL expression.

        "held": the mode does not permit it; "companion": another reminder's call will
        speak of it; "busy": its number is on a call; "line": nothing but a free line.
        """
        attempts = self.env["clinic.reminder.attempt"]
        return SQL(
            """CASE WHEN %s THEN 'held'
                    WHEN r.carried_by_id IS NOT NULL THEN 'companion'
                    WHEN r.phone IN %s THEN 'busy'
                    ELSE 'line' END""",
            self._is_held(companies),
            attempts._search(self._busy()).subselect("phone"),
        )

    @api.model
    def _is_held(self, companies):
        held = (
            SQL("r.company_id = %s AND %s", company.id, self._is_held_at(company))
            for company in companies
        )
        return SQL("(%s)", SQL(" OR ").join(held))

    @api.model
    def _is_held_at(self, company):
        mode = company._voicebox_mode_in_force()
        if mode == "test":
            listed = tuple(company._voicebox_test_phones()) or ("",)
            return SQL("r.phone NOT IN %s", listed)
        return SQL("TRUE") if mode == "disabled" else SQL("FALSE")

    @api.model
    def _backlog(self, company):
        """Due calls by what they wait for.

        :return: rows of (obstacle, number, the moment since which the oldest is due)
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT obstacle, count(*), min(next_call_at)
                     FROM (SELECT r.next_call_at, %s AS obstacle
                             FROM clinic_reminder_call r WHERE %s) due
                    GROUP BY obstacle""",
                self._obstacle(company),
                self._due(company),
            )
        )

    @api.model
    def _is_anything_due(self):
        """In any company."""
        due = [("state", "=", "planned"), ("next_call_at", "<=", fields.Datetime.now())]
        return bool(self.env["clinic.reminder.call"].search_count(due, limit=1))

    # === Lines and numbers === #
    @api.model
    def _free_lines(self, company, channel):
        """How many calls may be started now; one, to try a channel that rested.

        :param company: the owner of the channel, for all that call through it
        """
        attempts = self.env["clinic.reminder.attempt"]
        ours = [("company_id", "in", company._voicebox_callers().ids)]
        limits = [AT_ONCE]
        if company.voicebox_max_lines:
            busy = attempts.search_count([*ours, ("state", "!=", "finished")])
            limits.append(company.voicebox_max_lines - busy)
        if company.voicebox_calls_per_minute:
            minute_ago = fields.Datetime.now() - timedelta(minutes=1)
            recent = attempts.search_count([*ours, ("requested_at", ">", minute_ago)])
            limits.append(company.voicebox_calls_per_minute - recent)
        if channel.state == "paused":
            limits.append(1)
        return max(min(limits), 0)

    @api.model
    def _busy_phones(self, phones):
        """Those of the numbers (E.164) that must not be dialled now."""
        busy = self._busy() & Domain("phone", "in", phones)
        return set(self.env["clinic.reminder.attempt"].search(busy).mapped("phone"))

    @api.model
    def _busy(self):
        """Domain of the attempts whose number must not be dialled now.

        After the transfer to an operator the patient goes on talking.
        """
        transferred = fields.Datetime.now() - TALK_WITH_OPERATOR
        return Domain("phone", "!=", False) & (
            Domain("state", "!=", "finished")
            | Domain("result", "=", "operator")
            & Domain("finished_at", ">", transferred)
        )
