import logging
from collections import defaultdict
from datetime import timedelta
from operator import attrgetter

from psycopg2.errors import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import calling_hours
from .clinic_reminder_call import (
    OPEN_STATES,
    REASONS_FOR_STAFF,
    REASONS_OF_EXHAUSTION,
)
from .rows import insert_rows, lock_free_rows, lock_rows

_logger = logging.getLogger(__name__)

BATCH = 200
HORIZON = timedelta(days=60)
TO_REMIND = ("booked", "not_confirmed")
# reasons that staff should see on a reminder of its own, not only on the visit
VISIBLE_REASONS = (
    "bad_phone",
    "blacklisted",
    "capped",
    "do_not_call",
    "deceased",
    "late_booking",
    "muted",
    "no_consent",
    "no_hours",
    "no_phone",
    "not_spoken_of",
    "patient_archived",
    "refused",
    "today",
    "too_late",
)


class ClinicReminderPlan(models.Model):
    """Keeps the rows as they should be: the reconciliation over all visits."""

    # one model, one room for each of its duties
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    @api.model
    def _cron_plan(self):
        """Close what should not be open, open what should be. Commits in batches.

        Safe to repeat and to run late: it looks at the visits as they are, not at
        windows of time.
        """
        reminders = self.sudo()
        reminders._in_batches(reminders._open_ids(), reminders._reconcile_open)
        reminders._in_batches(reminders._unserved_ids(), reminders._serve)
        reminders._in_batches(reminders._shareable_ids(), reminders._share_calls)
        if reminders._is_anything_due():
            self._wake_dispatch()

    @api.model
    def _in_batches(self, ids, work):
        """Call `work` with lists of ids and commit after each.

        A batch that fails, because it met another transaction or a record that can't
        be worked on, is done once more, one by one: a bad record costs itself only.
        """
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            if not self._work_and_commit(work, batch):
                for record_id in batch:
                    self._work_and_commit(work, [record_id])

    @api.model
    def _work_and_commit(self, work, ids):
        """:return: whether it went well; if not, nothing of it was done"""
        try:
            work(ids)
            self.env["ir.cron"]._commit_progress()
            return True
        except OperationalError as error:
            self.env.cr.rollback()
            _logger.info("Planning met another transaction: %s", error.pgcode)
            if len(ids) == 1:  # a conflict is no fault of the record: again, at once
                self._wake_plan()
                self.env["ir.cron"]._commit_progress()
            return False
        except Exception as error:  # pylint: disable=broad-except
            self.env.cr.rollback()
            # the message may hold personal data: the type has to do
            level = logging.INFO if len(ids) > 1 else logging.WARNING
            _logger.log(level, "Planning %s: %s", ids[:1], type(error).__name__)
            return False

    # === Open reminders === #
    @api.model
    def _open_ids(self):
        return self._search([("state", "in", OPEN_STATES)], order="id").get_result_ids()

    @api.model
    def _reconcile_open(self, ids):
        """Arm or close open reminders as their visits now demand."""
        reminders = self._lock_open(ids)
        verdicts = reminders._verdict_each()
        for reminder in reminders:
            reminder._reconcile(verdicts[reminder.id])

    @api.model
    def _lock_open(self, ids):
        """Those of the reminders that are open and in nobody else's hands."""
        condition = SQL("id IN %s AND state IN %s", tuple(ids), OPEN_STATES)
        return lock_free_rows(self, condition, SQL("id"), len(ids))

    def _reconcile(self, verdict):
        """Bring one open reminder up to date; a call that runs ends by itself."""
        ends_by_itself = verdict.kind != "never" or verdict.reason in (
            REASONS_OF_EXHAUSTION
        )
        if self.state == "calling" and ends_by_itself:
            return
        if verdict.kind != "never":
            self._refresh_contact()
        self._apply_verdict(verdict)

    def _refresh_contact(self):
        """Number and company as they are now: the claim looks for them."""
        company = self.event_id._reminder_company()
        phone = company._reminder_dialable(
            self.patient_id.phone, self.patient_id.country_id
        )
        if phone != self.phone:
            self.phone = phone
        if company != self.company_id:
            self.company_id = company

    # === Visits without an open reminder === #
    @api.model
    def _unserved_ids(self):
        """Future visits that no open reminder serves."""
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM calendar_event e
                    WHERE e.active AND e.patient_id IS NOT NULL
                      AND NOT coalesce(e.allday, false)
                      AND e.visit_status IN %s
                      AND e.start > %s AND e.start < %s
                      AND NOT EXISTS (
                          SELECT 1 FROM clinic_reminder_call r
                           WHERE r.event_id = e.id AND r.state IN %s)
                    ORDER BY e.start, e.id""",
                TO_REMIND,
                fields.Datetime.now(),
                fields.Datetime.now() + HORIZON,
                OPEN_STATES,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _serve(self, ids):
        """Give each visit the reminder that the verdict asks for, if any."""
        events = self.env["calendar.event"].browse(ids)
        verdicts = self.env["clinic.reminder.policy"]._verdicts(events)
        asked, open_times = self._asked_before(events)
        unasked = []
        for event in events:
            verdict, before = verdicts[event.id], asked[_question(event)]
            time = (event.patient_id, event.start)
            if verdict.reason in ("answered", "calls_spent"):
                self._adopt(event, before)
            elif verdict.kind == "never" and verdict.reason not in VISIBLE_REASONS:
                continue
            elif reusable := before.filtered(_may_be_opened_again)[-1:]:
                if time not in open_times:
                    reusable._open_again(event, verdict)
                open_times.add(time)
            else:
                unasked.append(event)
        self._open_new(unasked, verdicts)

    @api.model
    def _asked_before(self, events):
        """Reminders that asked the same question, by :func:`_question`, and the
        (patient, start) that have an open one: there may be no second."""
        reminders = self.search(
            [
                ("patient_id", "in", events.patient_id.ids),
                ("visit_start", "in", list(set(events.mapped("start")))),
                ("is_void", "=", False),
            ],
            order="id",
        )
        key = attrgetter("patient_id", "visit_start", "specialist_id")
        open_times = {
            (reminder.patient_id, reminder.visit_start)
            for reminder in reminders
            if reminder.state in OPEN_STATES
        }
        return defaultdict(self.browse, reminders.grouped(key)), open_times

    @api.model
    def _adopt(self, event, asked):
        """A visit that was made again for the same time inherits the answer given.

        Editing a series archives its events and makes new ones.
        """
        given = asked.filtered(
            lambda r: (
                r.outcome
                and (
                    not r.event_id.active
                    if r.event_id != event
                    else not r.is_told and r.outcome != "not_reached"
                )
            )
        )
        if given:
            lock_rows(given)
            given[-1].event_id = event
            event._take_reminder_outcome(given[-1])

    def _open_again(self, event, verdict):
        """Bring a closed reminder of the same question up to date."""
        if verdict.kind == "never" and self.skip_reason in (verdict.reason, "missed"):
            return
        lock_rows(self)
        self.write(self._visit_vals(event))
        self.env.flush_all()
        self._apply_verdict(verdict)

    @api.model
    def _open_new(self, events, verdicts):
        """New reminders, where the visit's time has none that is open by now.

        Another event of the same patient and time, or another planner, may have been
        first: the database allows one, and says so without an error. The rows are
        made without personal data, as a failing statement would be logged.
        """
        if not events:
            return
        rows = [self._opening_row(event, verdicts[event.id]) for event in events]
        for reminder in insert_rows(self, rows):
            reminder.write(self._visit_vals(reminder.event_id))

    @api.model
    def _opening_row(self, event, verdict):
        """Columns of a new reminder: all that is not personal."""
        now = fields.Datetime.now()
        closed = verdict.kind == "never"
        return {
            "event_id": event.id,
            "patient_id": event.patient_id.id,
            "specialist_id": event.user_id.id or None,
            "company_id": event._reminder_company().id,
            "visit_start": event.start,
            "state": "skipped" if closed else "planned",
            "skip_reason": verdict.reason if closed else None,
            "needs_attention": closed and verdict.reason in REASONS_FOR_STAFF,
            "next_call_at": verdict.moment,
            "attempt_count": 0,
            "create_date": now,
            "create_uid": self.env.uid,
            "write_date": now,
            "write_uid": self.env.uid,
        }

    @api.model
    def _visit_vals(self, event):
        """What a reminder copies from its visit."""
        company = event._reminder_company()
        return {
            "event_id": event.id,
            "patient_id": event.patient_id.id,
            "specialist_id": event.user_id.id,
            "company_id": company.id,
            "visit_start": event.start,
            "phone": company._reminder_dialable(
                event.patient_id.phone, event.patient_id.country_id
            ),
            "spoken_name": event._reminder_spoken_name(),
            "spoken_visit": event._reminder_spoken_visit(),
        }

    @api.model
    def _close_doubles(self, patients):
        """Of several open reminders for one time keep the first; see partner merge."""
        ours = [("patient_id", "in", patients.ids), ("state", "in", OPEN_STATES)]
        for same_time in self.search(ours, order="id").grouped("visit_start").values():
            for double in same_time[1:]:
                double._skip("duplicate")

    # === One call for the visits of a day === #
    @api.model
    def _shareable_ids(self):
        """Patients with several planned reminders, and those that shared a call."""
        planned = [("state", "=", "planned"), ("patient_id", "!=", False)]
        groups = self._read_group(planned, ["patient_id"], having=[("__count", ">", 1)])
        carried = self.search([*planned, ("carried_by_id", "!=", False)])
        return list({patient.id for (patient,) in groups} | set(carried.patient_id.ids))

    @api.model
    def _share_calls(self, patient_ids):
        """The earliest visit of a patient's day carries the others.

        Patients with a row in other hands are left as they are: with the dispatcher
        holding a carrier, the visits it carries would seem to be alone. So are those
        on a call, which may speak of several: the next is to speak of the same.
        """
        condition = SQL("patient_id IN %s AND state = 'planned'", tuple(patient_ids))
        planned = lock_free_rows(self, condition, SQL("visit_start, id"), None)
        ours = [("patient_id", "in", patient_ids), ("state", "in", OPEN_STATES)]
        in_other_hands = (self.search(ours) - planned).patient_id
        free = planned.filtered(lambda r: r.patient_id not in in_other_hands)
        for day in free.grouped(lambda reminder: reminder._day_key()).values():
            for reminder in day:
                together = reminder.company_id.reminder_one_call_a_day
                carrier = day[0] if together and reminder != day[0] else self.browse()
                if reminder.carried_by_id != carrier:
                    reminder.carried_by_id = carrier

    def _day_key(self):
        """Reminders with one key may share a call."""
        zone = self.company_id._reminder_zone()
        day = calling_hours.to_local(self.visit_start, zone).date()
        return self.company_id, self.patient_id, day

    @api.model
    def _is_anything_due(self):
        now = fields.Datetime.now()
        return bool(
            self.search_count(
                [("state", "=", "planned"), ("next_call_at", "<=", now)], limit=1
            )
        )


def _question(event):
    return event.patient_id, event.start, event.user_id


def _may_be_opened_again(reminder):
    return reminder.state == "skipped" and reminder.skip_reason != "staff"
