"""What people will do in the fortnight: decided before it begins, by a seed."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

CLINIC = ZoneInfo("America/New_York")
FIRST_DAY = date(2030, 3, 4)  # a Monday; the clocks change on Sunday, 10 March
HOLIDAY = date(2030, 3, 7)
ZONES = ("",) * 14 + (
    "America/Los_Angeles",
    "America/Los_Angeles",
    "America/Anchorage",
    "Europe/Berlin",
)
VISITS_OF_A_PATIENT = 2
SLOTS = [time(hour, minute) for hour in range(9, 17) for minute in range(0, 60, 5)]
OFF_FROM, OFF_UNTIL = time(13, 0), time(13, 40)  # the kill switch, on the ninth day


def to_utc(day: date, clock: time) -> datetime:
    """A time on the clinic's wall as naive UTC."""
    local = datetime.combine(day, clock, CLINIC)
    return local.astimezone(timezone.utc).replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None)


@dataclass
class Patient:
    ordinal: int
    household: int  # who shares a telephone
    zone: str
    has_phone: bool = True

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone) if self.zone else CLINIC


@dataclass
class Visit:
    ordinal: int
    patient: Patient
    start: datetime


@dataclass(order=True)
class Deed:
    """Something a person does; `visit` is an ordinal, `value` depends on `what`."""

    at: datetime
    ordinal: int
    what: str = field(compare=False)
    visit: int | None = field(default=None, compare=False)
    value: object = field(default=None, compare=False)


class Story:
    def __init__(self, visits: int, days: int, seed: int):
        self._chance = random.Random(seed)
        self._days = days
        self.patients = self._make_patients(visits // VISITS_OF_A_PATIENT)
        self._taken = {patient.ordinal: set() for patient in self.patients}
        self.visits = [self._make_visit(ordinal) for ordinal in range(visits)]
        self.deeds = sorted(self._make_deeds())

    @property
    def begin(self):
        return to_utc(FIRST_DAY, time(7))

    @property
    def end(self):
        """Two days after the last visit."""
        return to_utc(FIRST_DAY + timedelta(days=self._days + 2), time(7))

    def _make_patients(self, number):
        chance = self._chance
        return [
            Patient(
                ordinal,
                household=ordinal - (ordinal % 20 == 1),  # one in twenty is a child
                zone="" if ordinal % 20 < 2 else chance.choice(ZONES),
                has_phone=ordinal % 100 != 50,
            )
            for ordinal in range(number)
        ]

    def _make_visit(self, ordinal):
        patient = self.patients[ordinal // VISITS_OF_A_PATIENT]
        if ordinal % 30 == 1:  # on one day with the first one
            first = self._last_start
            day = to_local(first, CLINIC).date()
            start = self._free_start(patient, day)
        else:
            start = self._free_start(patient, self._any_day())
        self._last_start = start
        return Visit(ordinal, patient, start)

    def _any_day(self):
        return FIRST_DAY + timedelta(days=self._chance.randrange(1, self._days))

    def _free_start(self, patient, day):
        """A time that this patient has no other visit at, nor ever had."""
        taken = self._taken[patient.ordinal]
        while True:
            start = to_utc(day, self._chance.choice(SLOTS))
            if start not in taken:
                taken.add(start)
                return start

    # === Deeds === #
    def _make_deeds(self):
        self._ordinal = 0
        for visit in self.visits:
            booked_at = self._booking_time(visit)
            yield self._deed(booked_at, "book", visit)
            yield from self._fate(visit, booked_at)
        switch = FIRST_DAY + timedelta(days=8)
        yield self._deed(to_utc(switch, OFF_FROM), "mode", value="disabled")
        yield self._deed(to_utc(switch, OFF_UNTIL), "mode", value="live")

    def _deed(self, at, what, visit=None, value=None):
        self._ordinal += 1
        ordinal = visit.ordinal if visit else None
        return Deed(at, self._ordinal, what, ordinal, value)

    def _booking_time(self, visit):
        """Some are booked before the fortnight, most days, some hours before."""
        chance = self._chance.random()
        if chance < 0.1:
            return self.begin
        ahead = self._chance.uniform(*((2, 40) if chance > 0.85 else (30, 120)))
        return max(self.begin, visit.start - timedelta(hours=ahead))

    def _fate(self, visit, since):
        """What else becomes of a visit."""
        chance = self._chance
        kind = chance.choices(
            [None, "move", "status", "delete", "archive", "now", "skip", "opt_out"],
            [70, 9, 7, 2, 4, 4, 2, 2],
        )[0]
        if not kind:
            return
        at = self._some_time(since, visit.start)
        if kind == "move":
            for _move in range(chance.choice((1, 1, 2))):
                # days ahead, or by minutes: the drag and drop of a busy desk
                day = to_local(max(at, visit.start), CLINIC).date()
                day += timedelta(days=chance.choice((0, 0, 1, 2)))
                day = min(day, FIRST_DAY + timedelta(days=self._days))
                start = self._free_start(visit.patient, day)
                yield self._deed(at, "move", visit, start)
                at += timedelta(hours=chance.uniform(0.2, 20))
        elif kind == "status":
            status = chance.choice(["cancelled", "cancelled", "confirmed", "done"])
            yield self._deed(at, "status", visit, status)
        elif kind == "archive":
            yield self._deed(at, "archive", visit)
            later = at + timedelta(hours=chance.uniform(0.5, 30))
            if chance.random() < 0.6:
                yield self._deed(later, "restore", visit)
        else:
            yield self._deed(at, kind, visit)

    def _some_time(self, since, until):
        """Preferably while calls are being made: on the day before."""
        if self._chance.random() < 0.6:
            day = to_local(until, CLINIC).date() - timedelta(days=1)
            since = max(since, to_utc(day, time(9)))
            until = min(until, to_utc(day, time(20)))
        span = max((until - since).total_seconds(), 60)
        return since + timedelta(seconds=int(self._chance.uniform(30, span)))
