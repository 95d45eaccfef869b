from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import calling_hours

WEEK = timedelta(days=7)
FOUR_WEEKS = timedelta(days=28)


@dataclass
class Figures:
    """A company's numbers; each Counter is by the word that it is named after.

    "today" begins at midnight in the company's zone, "before" is the four weeks until
    then.
    """

    replies_today: Counter
    replies_week: Counter
    results_today: Counter
    results_before: Counter
    last_dial: datetime | None
    dispositions: Counter  # of the last seven days
    due: Counter  # by what they wait for, as the queue calls it
    oldest_due: datetime | None
    oldest_for_line: datetime | None
    unmatched: int
    tallies: dict


class ClinicReminderFigures(models.AbstractModel):
    """Counts what the health page tells of, in a few grouped queries."""

    _name = "clinic.reminder.figures"
    _description = "Reminder Call Figures"

    @api.model
    def _figures_of(self, company):
        """The company's figures as they are now, none of them about a person."""
        now = fields.Datetime.now()
        zone = company._reminder_zone()
        today = calling_hours.to_local(now, zone).date()
        midnight = calling_hours.start_of_day(today, zone)
        return Figures(
            *self._attempt_counters(company, now, midnight),
            dispositions=self._dispositions(company, now),
            **self._backlog(company),
            unmatched=self._unmatched(company),
            tallies=self.env["voicebox.tally"]._sums(company, midnight),
        )

    @api.model
    def _attempt_counters(self, company, now, midnight):
        """Counters of replies (today, seven days) and results (today, before), and
        the moment of the last call."""
        replies_today, replies_week = Counter(), Counter()
        results_today, results_before = Counter(), Counter()
        last_dial = None
        for is_today, in_week, reply, result, number, last in self.env.execute_query(
            _attempts_query(company.id, now - WEEK, midnight)
        ):
            last_dial = max(last_dial or last, last)
            if in_week:
                replies_week[reply] += number
            if is_today:
                replies_today[reply] += number
            if result:
                results = results_today if is_today else results_before
                results[result] += number
        return replies_today, replies_week, results_today, results_before, last_dial

    @api.model
    def _dispositions(self, company, now):
        ours = [("company_id", "=", company.id), ("received_at", ">=", now - WEEK)]
        callbacks = self.env["voicebox.callback"].sudo()
        rows = callbacks._read_group(ours, ["disposition"], ["__count"])
        return Counter(
            {disposition or "stored": number for disposition, number in rows}
        )

    @api.model
    def _unmatched(self, company):
        ours = [("company_id", "=", company.id), ("disposition", "=", "unmatched")]
        return self.env["voicebox.callback"].sudo().search_count(ours)

    @api.model
    def _backlog(self, company):
        rows = self.env["clinic.reminder.queue"]._backlog(company)
        oldest = {obstacle: moment for obstacle, _number, moment in rows}
        return {
            "due": Counter({obstacle: number for obstacle, number, _moment in rows}),
            "oldest_due": min(oldest.values(), default=None),
            "oldest_for_line": oldest.get("line"),
        }


def _attempts_query(company_id, week_ago, midnight):
    """2xx without an id is how some campaigns answer: no sign of trouble."""
    return SQL(
        """SELECT requested_at >= %(midnight)s, requested_at >= %(week_ago)s,
                  CASE WHEN error_kind = 'ambiguous' AND http_status BETWEEN 200 AND 299
                       THEN 'without_id'
                       WHEN error_kind IS NOT NULL THEN error_kind
                       WHEN COALESCE(http_status, 0) = 0 THEN 'none'
                       ELSE 'accepted' END,
                  result, count(*), max(requested_at)
             FROM clinic_reminder_attempt
            WHERE company_id = %(company_id)s AND requested_at >= %(four_weeks_ago)s
            GROUP BY 1, 2, 3, 4""",
        midnight=midnight,
        week_ago=week_ago,
        company_id=company_id,
        four_weeks_ago=midnight - FOUR_WEEKS,
    )
