from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

AHEAD = timedelta(days=30)
OFFERED = 6  # free times of the specialist, and of all colleagues together


class CalendarEventRebook(models.Model):
    """Another time for a visit: the next free ones, and the move to one of them."""

    # above the board's moves
    _inherit = "calendar.event"  # pylint: disable=R8180

    def get_free_times(self, after=False):
        """The next free times for this visit.

        :param str after: later than this moment (UTC) only
        :return: two lists, "same" of the visit's specialist and "others" of colleagues
            of the same specialty: dicts of start (UTC), specialist_id, specialist
        :raise AccessError: the visit is none of a chosen clinic's, or private
        :raise UserError: there is none any more, or it is over
        """
        visit = self._to_rebook()
        begin = _later(after)
        return {
            "same": visit._offered(visit.specialist_id, begin),
            "others": visit._offered(visit._colleagues(), begin),
        }

    def _rebook(self, start, specialist_id):
        """Move the visit: that is a new question, and the patient is asked anew.

        :param str start: UTC
        :return: a sentence that says so
        :raise UserError: the time is not free any more
        """
        visit = self._to_rebook()
        specialist = (visit.specialist_id | visit._colleagues()).filtered(
            lambda user: user.id == specialist_id
        )
        begin = fields.Datetime.to_datetime(start)
        stop = begin + (visit.stop - visit.start)
        visit._check_still_free(specialist, begin, stop)
        self.env["clinic.visit.move"]._move(
            visit,
            start=begin,
            stop=stop,
            specialist_id=specialist,
            visit_status="booked",
        )
        shown = format_datetime(self.env, begin, dt_format="short")
        words = {"specialist": specialist.name, "time": shown}
        said = self.env._("New visit: %(specialist)s, %(time)s.", **words)
        visit.sudo().message_post(body=said)
        return said

    def _to_rebook(self):
        if not self.active:
            raise UserError(self.env._("There is no visit to move any more."))
        return self.env["clinic.visit.move"]._visit_to_move(self.id)

    def _colleagues(self):
        """Who sees patients of the same specialty at the same clinic."""
        specialty = _specialty(self.specialist_id)
        specialists = self.env["res.users"].search(
            [
                ("takes_visits", "=", True),
                ("company_id", "=", self._reminder_company().id),
                ("id", "!=", self.specialist_id.id),
            ]
        )
        return specialists.filtered(lambda u: specialty and _specialty(u) == specialty)

    def _offered(self, specialists, begin):
        """The next free times of any of them, the earliest first."""
        times = self.env["clinic.visit.times"]
        length = _hours(self)
        free = [
            (start, specialist)
            for specialist in specialists
            for start, _stop in times._free(
                specialist, begin, begin + AHEAD, hours=length, limit=OFFERED
            )
            if start != self.start or specialist != self.specialist_id
        ]
        return [
            {
                "start": fields.Datetime.to_string(start),
                "specialist_id": specialist.id,
                "specialist": specialist.name,
            }
            for start, specialist in sorted(free, key=lambda f: (f[0], f[1].name))
        ][:OFFERED]

    def _check_still_free(self, specialist, begin, stop):
        against = self.env["clinic.visit.times"]._conflicts(
            specialist, self.patient_id, begin, stop, self.ids
        )
        if not specialist or begin <= fields.Datetime.now() or against:
            raise UserError(
                self.env._("This time is not free any more. %s", " ".join(against))
            )


class ClinicReminderRebook(models.Model):
    # above the row's own actions
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    def get_free_times(self, after=False):
        """The next free times for the visit; see the visit's own method."""
        self.ensure_one()
        self.check_access("read")
        return self.event_id.get_free_times(after)

    def action_rebook(self, start, specialist_id):
        """Move the visit, with a way back.

        :param str start: UTC
        :raise UserError: the time is not free any more
        """
        undo = self._start_alone()
        return undo._note(self.event_id._rebook(start, specialist_id))


def _specialty(specialist):
    return (specialist.sudo().partner_id.function or "").strip().casefold()


def _later(after):
    now = fields.Datetime.now()
    last = after and fields.Datetime.to_datetime(after) + timedelta(minutes=1)
    return max(now, last or now)


def _hours(visit):
    length = visit.stop - visit.start
    return length.total_seconds() / 3600
