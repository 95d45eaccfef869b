from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

AHEAD = timedelta(days=30)
OFFERED = 6  # free times of the specialist, and of all colleagues together


class ClinicReminderRebook(models.Model):
    """Another time for a visit: the next free ones, and the move to one of them."""

    # above the row's own actions
    _inherit = "clinic.reminder.call"  # pylint: disable=R8180

    def get_free_times(self, after=False):
        """The next free times for this visit.

        :param str after: later than this moment (UTC) only
        :return: two lists, "same" of the visit's specialist and "others" of colleagues
            of the same specialty: dicts of start (UTC), specialist_id, specialist
        """
        self.ensure_one()
        self.check_access("read")
        visit = self._visit_to_rebook()
        begin = _later(after)
        colleagues = self._colleagues(visit)
        return {
            "same": self._offered(visit, visit.specialist_id, begin),
            "others": self._offered(visit, colleagues, begin),
        }

    def action_rebook(self, start, specialist_id):
        """Move the visit: that is a new question, and the patient is asked anew.

        :param str start: UTC
        :raise UserError: the time is not free any more
        """
        undo = self._start_alone()
        visit = self._visit_to_rebook()
        specialist = (visit.specialist_id | self._colleagues(visit)).filtered(
            lambda user: user.id == specialist_id
        )
        begin = fields.Datetime.to_datetime(start)
        self._check_still_free(visit, specialist, begin)
        self._move(visit, specialist, begin)
        shown = format_datetime(self.env, begin, dt_format="short")
        words = {"specialist": specialist.name, "time": shown}
        said = self.env._("New visit: %(specialist)s, %(time)s.", **words)
        visit.sudo().message_post(body=said)
        return undo._note(said)

    def _visit_to_rebook(self):
        """:raise UserError: there is none, or it is over"""
        visit = self.event_id
        if not visit.active or not visit.patient_id:
            raise UserError(self.env._("There is no visit to move any more."))
        if visit.visit_status in ("done", "no_show"):
            raise UserError(self.env._("This visit is over: it can't be moved."))
        return visit

    def _colleagues(self, visit):
        """Who sees patients of the same specialty at the same clinic."""
        specialty = _specialty(visit.specialist_id)
        specialists = self.env["res.users"].search(
            [
                ("takes_visits", "=", True),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", visit.specialist_id.id),
            ]
        )
        return specialists.filtered(lambda u: specialty and _specialty(u) == specialty)

    def _offered(self, visit, specialists, begin):
        """The next free times of any of them, the earliest first."""
        times = self.env["clinic.visit.times"]
        free = [
            (start, specialist)
            for specialist in specialists
            for start, _stop in times._free(
                specialist,
                begin,
                begin + AHEAD,
                hours=_hours(visit),
                limit=OFFERED,
            )
            if start != visit.start or specialist != visit.specialist_id
        ]
        return [
            {
                "start": fields.Datetime.to_string(start),
                "specialist_id": specialist.id,
                "specialist": specialist.name,
            }
            for start, specialist in sorted(free, key=lambda f: (f[0], f[1].name))
        ][:OFFERED]

    def _check_still_free(self, visit, specialist, begin):
        stop = begin + (visit.stop - visit.start)
        against = self.env["clinic.visit.times"]._conflicts(
            specialist, visit.patient_id, begin, stop, visit.ids
        )
        if not specialist or begin <= fields.Datetime.now() or against:
            raise UserError(
                self.env._("This time is not free any more. %s", " ".join(against))
            )

    def _move(self, visit, specialist, begin):
        """As the user: another clinic's visits are its own to move."""
        visit.write(
            {
                "start": begin,
                "stop": begin + (visit.stop - visit.start),
                "specialist_id": specialist.id,
                "visit_status": "booked",
            }
        )


def _specialty(specialist):
    return (specialist.sudo().partner_id.function or "").strip().casefold()


def _later(after):
    now = fields.Datetime.now()
    last = after and fields.Datetime.to_datetime(after) + timedelta(minutes=1)
    return max(now, last or now)


def _hours(visit):
    length = visit.stop - visit.start
    return length.total_seconds() / 3600
