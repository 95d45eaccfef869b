"""A day on a clinic's clock. Pure: no ORM, no settings.

*Moments* are naive UTC, as Odoo stores them; *wall* times are naive too, and are what
the clinic's clock shows.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo.tools.intervals import Intervals

from . import calling_hours

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
USUAL_HOURS = (8, 20)  # of a day of which nothing is known
NO_PAYLOAD = frozenset()


@dataclass(frozen=True)
class ClinicDay:
    date: date
    zone: ZoneInfo

    @property
    def start(self):
        """The day's first moment."""
        return calling_hours.start_of_day(self.date, self.zone)

    @property
    def stop(self):
        """The first moment of the next day."""
        return self.other(1).start

    @property
    def midnights(self):
        """The day's ends as wall times."""
        midnight = datetime.combine(self.date, time.min)
        return midnight, midnight + timedelta(days=1)

    def other(self, days):
        """So many days later."""
        return ClinicDay(self.date + timedelta(days=days), self.zone)

    def wall(self, moment):
        return calling_hours.to_local(moment, self.zone).replace(tzinfo=None)

    def moment(self, wall):
        """Where the clock was put back and shows a time twice: the earlier one."""
        return calling_hours.to_utc(wall, self.zone)[0]

    def offset(self, moment):
        """How far the clock is from UTC then: "+03:00"."""
        return calling_hours.to_local(moment, self.zone).isoformat()[-6:]

    def meets(self, start, stop):
        """Is any of the time between two moments on this day?"""
        return start < self.stop and stop > self.start

    # === Wall times of the day === #
    def within(self, intervals):
        """What of pairs of moments is on this day, as wall times."""
        return [
            (self.wall(max(start, self.start)), self.wall(min(stop, self.stop)))
            for start, stop in intervals
            if self.meets(start, stop)
        ]

    def hours(self, intervals):
        """From when to when the day has to be shown, in whole hours.

        What lasts all day says nothing of it.
        """
        first, last = self.midnights
        told = [(a, b) for a, b in intervals if a > first or b < last]
        if not told:
            return tuple(first + HOUR * hour for hour in USUAL_HOURS)
        starts = min(max(start, first) for start, _stop in told)
        stops = max(min(stop, last) for _start, stop in told)
        return starts - _past(starts, HOUR), next_step(stops, HOUR)


def gaps(hours, taken, first, last):
    """What of the hours nothing takes, between two wall times; a quarter at least."""
    within = _intervals((max(start, first), min(stop, last)) for start, stop in hours)
    free = within - _intervals(taken)
    return [(start, stop) for start, stop, _ in free if stop - start >= QUARTER]


def next_step(wall, step):
    """The wall time itself, if it is a whole number of steps after midnight."""
    return wall + -_past(wall, step) % step


def _past(wall, step):
    return (wall - datetime.min) % step


def _intervals(pairs):
    return Intervals((*pair, NO_PAYLOAD) for pair in pairs if pair[0] < pair[1])
