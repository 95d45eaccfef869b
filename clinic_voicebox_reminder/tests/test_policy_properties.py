"""Law 3 with random settings, zones and instants: what has to hold for all of them.

The hours are searched minute by minute here, and only here.
"""

from datetime import datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.tests import BaseCase, tagged

from ..policy import visit_facts
from ..tools import calling_hours
from ..tools.vocabulary import SKIP_REASONS, selection
from .policy_case import PolicyCase, moment_of, read_rows

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
SEARCHED = 3 * DAY
MOST_SPANS = 3
ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Vladivostok",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Moscow",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "UTC",
)
# nights in which the clock is changed in some of the zones
CHANGES = (
    datetime(2030, 3, 10),
    datetime(2030, 3, 31),
    datetime(2030, 4, 7),
    datetime(2030, 4, 26),
    datetime(2030, 9, 8),
    datetime(2030, 9, 29),
    datetime(2030, 10, 6),
    datetime(2030, 10, 27),
    datetime(2030, 11, 3),
)


def wall_windows(week, first_day, days, holidays=()):
    """The week's hours as wall times; `week` has quarters of an hour by weekday."""
    found = []
    for offset in range(days):
        day = first_day + timedelta(days=offset)
        if offset not in holidays:
            midnight = datetime.combine(day, time.min)
            for begins, ends in week[day.weekday()]:
                window = midnight + begins * QUARTER, midnight + ends * QUARTER
                found.append(window)
    return found


def is_open(moment, wall, zone):
    local = calling_hours.to_local(moment, zone).replace(tzinfo=None)
    return any(begins <= local < ends for begins, ends in wall)


def search(earliest, latest, wall, zone):
    """The first open minute, found the slow way."""
    moment = earliest
    while moment <= latest:
        if is_open(moment, wall, zone):
            return moment
        moment += MINUTE
    return None


def is_plain(window, zone):
    """Do the window's bounds mean one moment each?"""
    return all(len(set(calling_hours.to_utc(bound, zone))) == 1 for bound in window)


def clock_changes(zone):
    """The moments of 2030 (naive UTC) at which the zone's clock is changed."""
    hour = timedelta(hours=1)
    hours = [datetime(2030, 1, 1) + n * hour for n in range(365 * 24)]
    offsets = [calling_hours.to_local(moment, zone).utcoffset() for moment in hours]
    return [
        moment
        for moment, before, after in zip(hours[1:], offsets, offsets[1:], strict=False)
        if before != after
    ]


class Counted(list):
    """Counts how many of its windows are looked at."""

    steps = 0

    def __iter__(self):
        for item in super().__iter__():
            self.steps += 1
            yield item


@tagged("post_install", "-at_install")
class TestHypothesis(BaseCase):
    def test_hypothesis_is_there(self):
        """Else the classes with random cases below are not even defined."""
        if not given:
            self.skipTest("random cases need the Python package hypothesis")


@tagged("post_install", "-at_install")
class TestClockChanges(BaseCase):
    """All hours that begin or end near a change of the clock, in all the zones."""

    def test_hours_around_a_change(self):
        changed = 0
        for zone in map(ZoneInfo, ZONES):
            for change in clock_changes(zone):
                changed += 1
                with self.subTest(zone=zone.key, change=change):
                    self.check_hours_around(change, zone)
        self.assertGreaterEqual(changed, 20)

    def check_hours_around(self, change, zone):
        wall = calling_hours.to_local(change, zone).replace(tzinfo=None)
        bounds = [wall + n * QUARTER for n in range(-12, 13)]
        for begins in bounds:
            for ends in (bound for bound in bounds if bound > begins):
                self.check_window(begins, ends, zone)

    def check_window(self, begins, ends, zone):
        windows = calling_hours.windows([(begins, ends)], zone)
        for window in windows:
            for moment in (window.start, window.end - timedelta(seconds=1)):
                self.assertTrue(is_open(moment, [(begins, ends)], zone))
        if is_plain((begins, ends), zone):
            start, end = (calling_hours.to_utc(b, zone)[0] for b in (begins, ends))
            self.assertEqual([(w.start, w.end) for w in windows], [(start, end)])


if given:
    zones = st.sampled_from(ZONES).map(ZoneInfo)
    plain_instants = st.datetimes(datetime(2029, 1, 1), datetime(2031, 12, 31))
    changing_nights = st.builds(
        lambda night, minutes: night + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-36 * 60, 36 * 60),
    )
    instants = st.one_of(plain_instants, changing_nights).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    )

    @st.composite
    def day_hours(draw):
        """Up to three spans of a day, in quarters of an hour."""
        count = draw(st.integers(0, MOST_SPANS))
        bounds = st.lists(
            st.integers(0, 96), min_size=2 * count, max_size=2 * count, unique=True
        )
        cuts = sorted(draw(bounds))
        return list(zip(cuts[::2], cuts[1::2], strict=True))

    weeks = st.lists(day_hours(), min_size=7, max_size=7)
    few = settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    fewer = settings(few, max_examples=50)

    @st.composite
    def hours_around(draw):
        """Wall windows around an instant on the clock of a zone, and a latest one."""
        zone, earliest = draw(zones), draw(instants)
        first_day = calling_hours.to_local(earliest, zone).date() - DAY
        holidays = draw(st.sets(st.integers(0, 5), max_size=3))
        wall = wall_windows(draw(weeks), first_day, 6, holidays)
        latest = earliest + timedelta(minutes=draw(st.integers(0, 3 * 24 * 60)))
        return zone, wall, earliest, latest

    @st.composite
    def situations(draw):
        """A visit, its patient, the clinic's settings, and a later moment to ask."""
        lead = draw(st.integers(1, 7))
        now = draw(instants)
        ahead = timedelta(minutes=draw(st.integers(16 * 60, 9 * 24 * 60)))
        return {
            "clinic_zone": draw(zones),
            "patient_zone": draw(zones),
            "week": draw(weeks),
            "holidays": draw(st.sets(st.integers(-3, 5), max_size=3)),
            "now": now,
            "start": now + ahead,
            "later": timedelta(minutes=draw(st.integers(0, 2 * 24 * 60))),
            "prefers": draw(
                st.sampled_from([False, "morning", "afternoon", "evening"])
            ),
            "muted": draw(st.one_of(st.none(), st.integers(-1, 4))),
            "calls": draw(st.lists(calls, max_size=3)),
            "settings": {
                "reminder_lead_days": lead,
                "reminder_min_notice": draw(st.integers(0, min(24 * lead, 60))),
                "reminder_late_booking": draw(st.sampled_from([0, 0, 0, 4, 24])),
                "reminder_spread": draw(st.booleans()),
                "reminder_vary_time": draw(st.booleans()),
                "reminder_pause_no_answer": draw(st.integers(0, 300)),
                "reminder_max_calls": 3,
                "reminder_calls_per_day": draw(st.integers(0, 3)),
                "reminder_phone_daily_cap": draw(st.integers(0, 2)),
            },
        }

    calls = st.tuples(
        st.integers(1, 3 * 24 * 60),
        st.sampled_from(["no answer", "hung up", "machine", "not sent"]),
    )

    @tagged("post_install", "-at_install")
    class TestCallingHoursProperties(BaseCase):
        """The pure functions."""

        @few
        @given(hours_around())
        def test_what_is_permitted_is_open_on_the_wall(self, case):
            zone, wall, earliest, latest = case
            for window in calling_hours.windows(wall, zone):
                length = window.end - window.start
                last = window.end - timedelta(seconds=1)
                for moment in (window.start, window.start + length / 2, last):
                    self.assertTrue(is_open(moment, wall, zone))
            permitted = calling_hours.windows(wall, zone)
            moment = calling_hours.first_moment(permitted, earliest, latest)
            if moment:
                self.assertTrue(is_open(moment, wall, zone))
                self.assertTrue(earliest <= moment <= latest)

        @few
        @given(hours_around())
        def test_the_first_moment_is_found_where_a_search_finds_one(self, case):
            zone, wall, earliest, latest = case
            plain = [window for window in wall if is_plain(window, zone)]
            permitted = Counted(calling_hours.windows(wall, zone))
            moment = calling_hours.first_moment(permitted, earliest, latest)
            self.assertLessEqual(permitted.steps, len(wall))
            found = search(earliest, latest, plain, zone)
            if found:
                self.assertLessEqual(moment, found)
            if len(plain) == len(wall):
                self.assertEqual(moment, found)

        @few
        @given(hours_around(), st.integers(0, 2 * 24 * 60))
        def test_later_never_finds_earlier(self, case, minutes):
            zone, wall, earliest, latest = case
            permitted = calling_hours.windows(wall, zone)
            first = calling_hours.first_moment(permitted, earliest, latest)
            later = earliest + timedelta(minutes=minutes)
            second = calling_hours.first_moment(permitted, later, latest)
            if second:
                self.assertTrue(first and first <= second)

        @few
        @given(hours_around(), st.integers(0, 5))
        def test_the_calls_begin_on_one_day(self, case, offset):
            zone, wall, earliest, latest = case
            permitted = calling_hours.windows(wall, zone)
            day = calling_hours.to_local(earliest, zone).date() + offset * DAY
            chosen = calling_hours.opening_day(permitted, day, latest)
            usable = {w.day for w in permitted if w.start <= latest}
            self.assertEqual(bool(chosen), bool(usable))
            if chosen:
                (only,) = {window.day for window in chosen}
                before = [each for each in usable if each <= day]
                self.assertEqual(only, max(before) if before else min(usable))
                self.assertLessEqual(max(w.end for w in chosen), latest)

        @few
        @given(zones, instants)
        def test_a_day_begins_with_its_first_moment(self, zone, moment):
            day = calling_hours.to_local(moment, zone).date()
            start = calling_hours.start_of_day(day, zone)
            second_before = start - timedelta(seconds=1)
            self.assertEqual(calling_hours.to_local(start, zone).date(), day)
            self.assertLess(calling_hours.to_local(second_before, zone).date(), day)

        @few
        @given(hours_around(), st.sampled_from(calling_hours.PARTS))
        def test_a_part_of_the_day_is_in_it(self, case, part):
            zone, wall, _earliest, _latest = case
            for window in calling_hours.windows(wall, zone):
                moment = calling_hours.in_part(window, part[0], zone)
                if moment:
                    local = calling_hours.to_local(moment, zone)
                    self.assertEqual(calling_hours.part_of_day(local), part[0])
                    self.assertTrue(window.start <= moment < window.end)

        @few
        @given(hours_around(), st.integers(0, 600), st.text(max_size=9))
        def test_the_spread_stays_in_the_hours_and_leaves_room(
            self, case, minutes, key
        ):
            zone, wall, earliest, _latest = case
            permitted = calling_hours.windows(wall, zone)
            reserve = timedelta(minutes=minutes)
            for day in {window.day for window in permitted}:
                hours = [window for window in permitted if window.day == day]
                moment = calling_hours.spread_moment(hours, reserve, key)
                again = calling_hours.spread_moment(list(hours), reserve, key)
                self.assertEqual(moment, again)
                self.assertTrue(any(w.start <= moment < w.end for w in hours))
                left = sum(
                    (w.end - max(w.start, moment) for w in hours if w.end > moment),
                    timedelta(),
                )
                total = sum((w.end - w.start for w in hours), timedelta())
                self.assertGreaterEqual(left, min(reserve, total))

    @tagged("post_install", "-at_install")
    class TestPolicyProperties(PolicyCase):
        """The whole policy, on records that are rolled back."""

        @fewer
        @given(situations())
        def test_verdicts(self, case):
            with self.rolled_back():
                event = self.build(case)
                verdict = self.policy._verdicts(event)[event.id]
                self.assertEqual(self.policy._verdicts(event)[event.id], verdict)
                self.assertTrue(event.reminder_explanation)
                if verdict.moment:
                    self.check_moment(event, verdict.moment, case)
                else:
                    self.assertIn(verdict.reason, dict(selection(SKIP_REASONS)))
                if verdict.reason in ("no_hours", "too_late") and not case["calls"]:
                    self.check_absence(event, case)
                self.at(case["now"] + case["later"])
                later = self.policy._verdicts(event)[event.id]
                if later.moment:
                    self.assertTrue(verdict.moment)
                    self.assertLessEqual(verdict.moment, later.moment)

        def check_moment(self, event, moment, case):
            zone = case["patient_zone"]
            hours = timedelta(hours=self.company.reminder_min_notice)
            self.assertTrue(is_open(moment, self.wall, zone))
            self.assertGreaterEqual(moment, case["now"])
            self.assertLessEqual(moment, event.start - hours)
            self.assertLess(self.clinic_day(moment), self.clinic_day(event.start))

        def check_absence(self, event, case):
            """Where there is no moment, the slow search finds none either."""
            zone = case["patient_zone"]
            midnight = calling_hours.start_of_day(
                self.clinic_day(event.start), case["clinic_zone"]
            )
            hours = timedelta(hours=self.company.reminder_min_notice)
            latest = min(event.start - hours, midnight - timedelta(seconds=1))
            latest = min(latest, case["now"] + SEARCHED)
            plain = [window for window in self.wall if is_plain(window, zone)]
            self.assertFalse(search(case["now"], latest, plain, zone))

        def clinic_day(self, moment):
            return calling_hours.to_local(moment, self.zone).date()

        def build(self, case):
            """The records of a random case; the calendar's clock is the clinic's."""
            self.zone = case["clinic_zone"]
            self.at(case["now"] - timedelta(hours=6))
            calendar = self.random_calendar(case)
            self.company.write(
                {
                    **case["settings"],
                    "reminder_tz": self.zone.key,
                    "reminder_calendar_id": calendar.id,
                }
            )
            today = calling_hours.to_local(case["now"], case["patient_zone"]).date()
            muted = case["muted"]
            patient = self.patient(
                tz=case["patient_zone"].key,
                reminder_preferred_time=case["prefers"],
                reminder_mute_until=muted is not None and today + muted * DAY,
            )
            event = self.visit(patient, case["start"])
            for minutes, result in case["calls"]:
                reminder = self._reminder_for(event)
                moment = case["now"] - timedelta(minutes=minutes)
                self._make_attempt(reminder, moment, result)
            self.env.flush_all()
            self.env.invalidate_all()
            self.at(case["now"])
            return event

        def random_calendar(self, case):
            """The week's hours, with holidays; `self.wall` is what they come to."""
            today = case["now"].date()
            lines = [
                {
                    "name": "Hours",
                    "dayofweek": str(day),
                    "hour_from": begins / 4,
                    "hour_to": ends / 4,
                    "day_period": "full_day",
                }
                for day, spans in enumerate(case["week"])
                for begins, ends in spans
            ]
            calendar = self.make_calendar("empty", tz="UTC")
            calendar.attendance_ids = [Command.create(line) for line in lines]
            for offset in case["holidays"]:
                begins = datetime.combine(today + offset * DAY, time.min)
                self.env["resource.calendar.leaves"].create(
                    {
                        "calendar_id": calendar.id,
                        "date_from": begins,
                        "date_to": begins + DAY - timedelta(seconds=1),
                    }
                )
            first = today - 4 * DAY
            holidays = {offset + 4 for offset in case["holidays"]}
            self.wall = wall_windows(case["week"], first, 18, holidays)
            return calendar

        def test_the_search_is_bounded(self):
            """However far the visit, and however empty the hours."""
            row = read_rows()[0]
            for visit in ("Thu 12:00", "2035-06-07 12:00"):
                for hours in ("Mon-Sun 9-13 14-20", "empty"):
                    with self.subTest(visit, hours=hours), self.rolled_back():
                        self.play({**row, "visit": visit, "hours": hours})
                        self.check_bounded(self.env["calendar.event"].search([]))

        def check_bounded(self, events):
            looked_at = []
            read = visit_facts._Readings.windows

            def reading(case, *args):
                looked_at.append(len(read(case, *args)))
                return read(case, *args)

            with patch.object(visit_facts._Readings, "windows", reading):
                self.policy._verdicts(events.filtered("patient_id")[-1])
            days = calling_hours.DAYS_LOOKED_BACK + self.company.reminder_lead_days
            self.assertLessEqual(max(looked_at), 2 * (days + 1))

        def test_the_spread_does_not_move(self):
            """Planned again, the calls stay where they were, all over the day."""
            self.company.reminder_spread = True
            self.zone = ZoneInfo("Europe/Moscow")
            moments = {}
            visits = self.env["calendar.event"]
            for ordinal in range(24):
                start = moment_of("Thu 12:00", self.zone)
                visits |= self.visit(self.patient(ordinal=ordinal), start)
            for now in ("Mon 8:00", "Mon 21:00", "Wed 8:59"):
                self.at(moment_of(now, self.zone))
                verdicts = self.policy._verdicts(visits)
                for event in visits:
                    moment = verdicts[event.id].moment
                    self.assertEqual(moments.setdefault(event, moment), moment)
            opening = moment_of("Wed 9:00", self.zone)
            hours = {
                (moment - opening) // timedelta(hours=1) for moment in moments.values()
            }
            self.assertGreaterEqual(len(hours), 5)
            self.assertTrue(hours <= set(range(8)))
