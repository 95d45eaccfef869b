from collections import defaultdict
from datetime import datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytz

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time
from odoo.tools.intervals import Intervals

from ..tools import calling_hours

# a visit that is off, or to which nobody came, takes no time
FREED_STATUSES = ("cancelled", "no_show")
QUARTER = timedelta(minutes=15)
FINE_STEP = timedelta(minutes=5)
DAY = timedelta(days=1)


class ClinicVisitTimes(models.AbstractModel):
    """When specialists work, when they are taken, and when they are free.

    All moments are naive UTC. Colleagues' events are read whoever asks, but what a
    private one is about is never told.
    """

    _name = "clinic.visit.times"
    _description = "Times of Specialists"

    # === Working hours === #
    @api.model
    def _working(self, users, start, stop):
        """When they work, by their hours, holidays and leaves.

        Who has no working hours at all may be booked at any time.

        :return: {user: [(start, stop), …]} from `start` to `stop`
        """
        leaves = self._leaves(users, start, stop)
        opened = {}
        working = {}
        for user in users:
            key = (user._visit_hours(), user.sudo().company_id)
            if key not in opened:
                opened[key] = self._opened(*key, start, stop)
            working[user] = _pairs(opened[key] - Intervals(leaves[user.id]))
        return working

    @api.model
    def _opened(self, calendar, company, start, stop):
        """The calendar's hours without its and the company's holidays."""
        empty = self.env["resource.calendar"]
        if not calendar:
            return Intervals([(start, stop, empty)])
        attendances = calendar._attendance_intervals_batch(
            pytz.utc.localize(start), pytz.utc.localize(stop)
        )[False]
        hours = Intervals(
            (_naive(opens), _naive(closes), empty)
            for opens, closes, _attendance in attendances
        )
        holidays = calendar._reminder_holidays(start, stop, company)
        return hours - Intervals((h.date_from, h.date_to, empty) for h in holidays)

    @api.model
    def _leaves(self, users, start, stop):
        """The users' own leaves, as intervals by the user's id."""
        rows = self.env["resource.calendar.leaves"].sudo()
        found = rows.search(
            [
                ("resource_id.user_id", "in", users.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<", stop),
                ("date_to", ">", start),
            ]
        )
        leaves = defaultdict(list)
        for leave in found:
            interval = (leave.date_from, leave.date_to, self.env["resource.calendar"])
            leaves[leave.resource_id.user_id.id].append(interval)
        return leaves

    # === What takes time === #
    @api.model
    def _busy(self, users, start, stop):
        """What takes their time: visits with them, and other events of theirs.

        The events are the superuser's: what they tell is for the caller to guard,
        see :meth:`_named`.

        :return: {user: [(start, stop, event), …]} by start; may overlap
        """
        busy = {user: [] for user in users}
        by_id = {user.id: user for user in users}
        for event in self._taking_time(self._theirs(users), start, stop):
            for user_id in self._taken_by(event) & by_id.keys():
                user = by_id[user_id]
                begins, ends = self._moments(event, user)
                if begins < stop and ends > start:
                    busy[user].append((begins, ends, event))
        return {
            user: sorted(taken, key=lambda t: t[:2]) for user, taken in busy.items()
        }

    @api.model
    def _theirs(self, users):
        others = Domain("patient_id", "=", False)
        attended = Domain("partner_ids", "in", users.partner_id.ids)
        return Domain("patient_id", "!=", False) & Domain(
            "specialist_id", "in", users.ids
        ) | others & (Domain("user_id", "in", users.ids) | attended)

    @api.model
    def _taking_time(self, domain, start, stop):
        """A whole day is kept in no zone: a day more on either side may hold it."""
        events = self.env["calendar.event"].sudo()
        found = events.search(
            domain
            & Domain("show_as", "=", "busy")
            & Domain("visit_status", "not in", FREED_STATUSES)
            & Domain("start", "<", stop + DAY)
            & Domain("stop", ">", start - DAY),
            order="start, id",
        )
        return found.filtered(lambda event: not (event.allday and event.patient_id))

    @api.model
    def _taken_by(self, event):
        """Ids of the users whose time the event takes; who has declined stays free."""
        if event.patient_id:
            return set(event.specialist_id.ids)
        declined = event.attendee_ids.filtered(lambda a: a.state == "declined")
        coming = event.partner_ids - declined.partner_id
        organizer = event.user_id
        if organizer.partner_id in declined.partner_id:
            organizer = organizer.browse()
        return set((coming.user_ids | organizer).ids)

    @api.model
    def _moments(self, event, user):
        """From when to when; a whole day is one of the user's own zone."""
        if not event.allday:
            return event.start, event.stop
        zone = ZoneInfo(user.sudo().tz or user.sudo()._visit_hours().tz or "UTC")
        first, last = event.start_date, event.stop_date or event.start_date
        return (
            calling_hours.start_of_day(first, zone),
            calling_hours.start_of_day(last + DAY, zone),
        )

    # === Free places === #
    @api.model
    def _free(self, user, start, stop, hours=None, limit=None):
        """Free places for a visit in the user's working hours.

        They begin on quarters of an hour and follow each other by the user's usual
        length; where that is no number of quarters, by steps of five minutes.

        :param hours: how long the visit is; usually as long as the user's visits are
        :return: [(start, stop), …] from `start` on, `limit` at most
        """
        usual = user.sudo().visit_duration
        length = _whole_minutes(hours or usual)
        places = []
        for opens, closes in self._open_times(user, start, stop):
            for begins in _starts(opens, closes - length, _whole_minutes(usual)):
                if limit and len(places) == limit:
                    return places
                places.append((begins, begins + length))
        return places

    @api.model
    def _next_place(self, user, start, stop, hours):
        """The first moment for a visit: a free place of the user's, or, of nobody,
        in the company's working hours; else the next quarter of an hour."""
        if user:
            places = self._free(user, start, stop, hours, limit=1)
            return places[0][0] if places else _rounded_up(start, QUARTER)
        company = self.env.company
        opened = self._opened(company.resource_calendar_id, company, start, stop)
        for opens, closes in _pairs(opened):
            for begins in _starts(opens, closes - _whole_minutes(hours), QUARTER):
                return begins
        return _rounded_up(start, QUARTER)

    @api.model
    def _open_times(self, user, start, stop):
        """Working hours that nothing takes."""
        empty = self.env["resource.calendar"]
        working = self._working(user, start, stop)[user]
        busy = self._busy(user, start, stop)[user]
        return _pairs(
            Intervals((*one, empty) for one in working)
            - Intervals((begins, ends, empty) for begins, ends, _event in busy)
        )

    # === Conflicts === #
    @api.model
    def _conflicts(self, specialist, patient, start, stop, event_ids=()):
        """What speaks against a visit at that time, as sentences for staff.

        :param event_ids: the visit itself, which is no conflict
        """
        taken = [
            row
            for row in self._busy(specialist, start, stop).get(specialist, ())
            if row[2].id not in event_ids
        ]
        told = {*event_ids, *(event.id for _start, _stop, event in taken)}
        return [
            *(self._taken_sentence(specialist, *row) for row in taken),
            *self._hours_sentences(specialist, start, stop),
            *self._patient_sentences(patient, start, stop, told),
        ]

    @api.model
    def _taken_sentence(self, specialist, begins, ends, event):
        zone = str(self.env.tz)
        return self.env._(
            "%(specialist)s is taken from %(start)s to %(stop)s: %(event)s.",
            specialist=specialist.name,
            start=format_time(self.env, begins, tz=zone, time_format="short"),
            stop=format_time(self.env, ends, tz=zone, time_format="short"),
            event=self._named(event),
        )

    @api.model
    def _hours_sentences(self, specialist, start, stop):
        if not specialist:
            return
        working = Intervals(
            (*one, specialist)
            for one in self._working(specialist, start - DAY, stop + DAY)[specialist]
        )
        if Intervals([(start, stop, specialist)]) - working:
            yield self.env._(
                "This is outside the working hours of %s.", specialist.name
            )

    @api.model
    def _patient_sentences(self, patient, start, stop, told):
        if not patient:
            return
        visits = self._taking_time(Domain("patient_id", "=", patient.id), start, stop)
        for visit in visits.filtered(lambda v: v.start < stop and v.stop > start):
            if visit.id not in told:
                yield self.env._(
                    "The patient has another visit then: %(specialist)s, %(start)s.",
                    specialist=visit.specialist_id.name or self.env._("no specialist"),
                    start=format_datetime(
                        self.env, visit.start, dt_format="short", tz=str(self.env.tz)
                    ),
                )

    @api.model
    def _named(self, event):
        """What an event may be called for the user: a private one tells nothing, nor
        does a patient of whom the user knows nothing."""
        as_seen = event.with_env(self.env)
        if as_seen._check_private_event_conditions():
            return self.env._("a private event")
        if not event.patient_id:
            return event.name
        known = as_seen._with_known_patient()
        return event.patient_id.name if known else self.env._("another visit")


def _naive(aware):
    """In UTC; Odoo ends a day at 23:59:59.999999: that is midnight."""
    moment = aware.astimezone(pytz.utc).replace(tzinfo=None)
    return moment + timedelta(microseconds=1) if moment.microsecond else moment


def _whole_minutes(hours):
    return timedelta(minutes=round(hours * 60))


def _pairs(intervals):
    return [(start, stop) for start, stop, _payload in intervals]


def _starts(first, last, step):
    """Moments from `first` to `last`, both included, as a clinic's clock has them."""
    fine = FINE_STEP if step % QUARTER else QUARTER
    moment = _rounded_up(first, QUARTER)
    while moment <= last:
        yield moment
        moment = _rounded_up(moment + step, fine)


def _rounded_up(moment, grid):
    midnight = datetime.combine(moment, time.min)
    return midnight + ceil((moment - midnight) / grid) * grid
