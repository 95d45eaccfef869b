"""When one may call. Pure functions: no ORM, no clock, no settings.

Two kinds of time meet here. *Wall* times are naive and read off the patient's own
clock ("weekdays 9-20"); *moments* are naive UTC, as Odoo stores them.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from hashlib import sha256
from zoneinfo import ZoneInfo

DAYS_LOOKED_BACK = 21
PARTS = (("morning", 0), ("afternoon", 12), ("evening", 17))


@dataclass(frozen=True)
class Window:
    """Calls are permitted from `start` up to, but not at, `end` (naive UTC).

    `day` is the date on the patient's own calendar.
    """

    day: date
    start: datetime
    end: datetime


def to_utc(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The earliest and the latest moment (naive UTC) a wall time may mean.

    They differ only in the hour that a change of the clock skips or doubles.
    """
    readings = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    moments = sorted(reading.astimezone(timezone.utc) for reading in readings)
    return moments[0].replace(tzinfo=None), moments[1].replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A naive UTC moment as the aware time on the clock of `zone`."""
    return moment.replace(tzinfo=timezone.utc).astimezone(zone)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment (naive UTC) of a date in `zone`.

    Where a change of the clock skips midnight, the date begins later.
    """
    early, late = to_utc(datetime.combine(day, datetime.min.time()), zone)
    return early if to_local(early, zone).date() == day else late


def by_day(wall_windows):
    """The wall windows cut at midnight: Odoo joins hours that touch."""
    for start, end in wall_windows:
        while start < end:
            midnight = datetime.combine(start.date() + timedelta(days=1), time.min)
            yield start, min(end, midnight)
            start = midnight


def windows(wall_windows, zone: ZoneInfo) -> list[Window]:
    """The wall windows as moments; in doubt about the clock, the narrower reading.

    A window that a change of the clock leaves without a moment is dropped.
    """
    result = []
    for wall_start, wall_end in sorted(wall_windows):
        start, end = to_utc(wall_start, zone)[1], to_utc(wall_end, zone)[0]
        if start < end:
            result.append(Window(wall_start.date(), start, end))
    return result


def in_both(some: list[Window], others: list[Window]) -> list[Window]:
    """What both lists of windows permit, on the days of the first."""
    common = (
        Window(one.day, max(one.start, other.start), min(one.end, other.end))
        for one in some
        for other in others
    )
    return [window for window in common if window.start < window.end]


def opening_day(permitted: list[Window], day: date, latest: datetime) -> list[Window]:
    """The windows of the day on which the calls of a visit begin, up to `latest`.

    That is `day`; where it has no window that opens by `latest`, the last day before
    it that has one, else the first day after it.
    """
    usable = [
        Window(window.day, window.start, min(window.end, latest))
        for window in permitted
        if window.start <= latest
    ]
    days = sorted({window.day for window in usable})
    before = [each for each in days if each <= day]
    chosen = before[-1] if before else next(iter(days), None)
    return [window for window in usable if window.day == chosen]


def first_moment(
    permitted: list[Window], earliest: datetime, latest: datetime
) -> datetime | None:
    """The first permitted moment from `earliest` to `latest`, both included."""
    for window in permitted:
        moment = max(window.start, earliest)
        if moment < window.end and moment <= latest:
            return moment
    return None


def permission_ends(
    permitted: list[Window], now: datetime, latest: datetime
) -> datetime:
    """When a call that may be made now may not be made any more."""
    ends = [window.end for window in permitted if window.start <= now < window.end]
    return min([*ends, latest + timedelta(seconds=1)])


def next_part(now: datetime, zone: ZoneInfo) -> datetime:
    """When the next part of the day begins (naive UTC, as `now`)."""
    wall = to_local(now, zone).replace(tzinfo=None)
    midnight = datetime.combine(wall.date(), time.min)
    starts = [midnight.replace(hour=hour) for _part, hour in PARTS]
    later = [start for start in starts if start > wall]
    return to_utc(min(later, default=midnight + timedelta(days=1)), zone)[1]


def part_of_day(wall: datetime) -> str:
    """The part of the day a wall time belongs to."""
    return next(name for name, hour in reversed(PARTS) if wall.hour >= hour)


def in_part(window: Window, part: str, zone: ZoneInfo) -> datetime | None:
    """The first moment of the window that lies in a part of the day, if any."""
    starts = dict(PARTS)
    wall = datetime.combine(window.day, datetime.min.time())
    begins = to_utc(wall.replace(hour=starts[part]), zone)[1]
    moment = max(window.start, begins)
    if moment < window.end and part_of_day(to_local(moment, zone)) == part:
        return moment
    return None


def spread_moment(day: list[Window], reserve: timedelta, key: str) -> datetime:
    """A moment of a day's windows that is always the same for the same key.

    :param reserve: what is kept free at the day's end for further calls
    """
    lengths = [window.end - window.start for window in day]
    room = max(sum(lengths, timedelta()) - reserve, timedelta())
    share = int.from_bytes(sha256(key.encode()).digest()[:4], "big") / 2**32
    offset = timedelta(seconds=int(room.total_seconds() * share))
    for window, length in zip(day, lengths, strict=True):
        if offset < length:
            return window.start + offset
        offset -= length
    return day[0].start
