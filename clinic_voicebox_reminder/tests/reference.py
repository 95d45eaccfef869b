"""What may happen to a reminder, in pure Python: the tests' own idea of the laws.

Knows nothing of the addon's code. Fed with what was done and what was seen, it says
which law was broken.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

CLINIC = ZoneInfo("Europe/Moscow")
UTC = ZoneInfo("UTC")
DECISIONS = {"confirmed", "declined", "operator"}
KNOWLEDGE = {
    False: 0,
    "answered": 1,
    "no_answer": 2,
    "machine": 2,
    "hung_up": 2,
    "no_result": 2,
    "rejected": 2,
    "confirmed": 3,
    "declined": 3,
    "operator": 3,
}
FOR_STAFF = {"done", "no_show", "cancelled", "confirmed", "reschedule"}


def is_calling_time(moment):
    """Weekdays 9-20, weekend 10-18, on the clock of the clinic (the patients' too)."""
    local = moment.replace(tzinfo=UTC).astimezone(CLINIC)
    opens, closes = (10, 18) if local.weekday() >= 5 else (9, 20)
    return opens <= local.hour < closes


def day_of(moment):
    return moment.replace(tzinfo=UTC).astimezone(CLINIC).date()


@dataclass
class Reference:
    """The observer; every method raises AssertionError with the law's number."""

    most_calls: int = 3
    guids: set = field(default_factory=set)
    dials: Counter = field(default_factory=Counter)
    known: dict = field(default_factory=dict)
    decided: dict = field(default_factory=dict)
    by_staff: dict = field(default_factory=dict)
    callbacks: int = 0
    in_flight: defaultdict = field(default_factory=lambda: defaultdict(set))

    def posted(self, dial, visit, now):
        """A POST was seen; `visit` is the visit as it was at that moment."""
        assert dial["guid"] not in self.guids, "law 1: a guid was posted twice"
        self.guids.add(dial["guid"])
        assert visit is not None, "law 1: a POST without a row, or without a visit"
        assert is_calling_time(now), "law 3: outside the calling hours"
        assert visit["active"], "law 3: the visit is archived"
        assert visit["status"] in ("booked", "not_confirmed"), "law 3: status"
        assert not visit["do_not_call"], "law 3: opted out"
        assert visit["start"] == visit["asked_for"], "law 3: the visit was moved"
        assert day_of(now) < day_of(visit["start"]), "law 3: on the visit's day"
        assert now <= visit["start"] - timedelta(hours=2), "law 3: notice"

    def counted(self, calls_by_visit):
        """Counted dials by (patient, time)."""
        for visit, calls in calls_by_visit.items():
            assert calls <= self.most_calls, f"law 2: {calls} calls for {visit}"

    def flying(self, attempts):
        """The attempts that have not ended, as (phone, reminder)."""
        for position in (0, 1):
            busy = Counter(attempt[position] for attempt in attempts)
            assert all(count == 1 for count in busy.values()), "law 2: in flight"

    def learned(self, attempt, result):
        """The result of an attempt as it stands now."""
        before = self.known.get(attempt, False)
        assert KNOWLEDGE[result] >= KNOWLEDGE[before], f"law 4: {before} -> {result}"
        if before in DECISIONS:
            assert result == before, f"law 4: {before} became {result}"
        self.known[attempt] = result

    def staff_set(self, visit, status):
        self.by_staff[visit] = status if status in FOR_STAFF else None

    def moved(self, visit):
        if self.by_staff.get(visit) in ("confirmed", "reschedule"):
            self.by_staff[visit] = None

    def seen_status(self, visit, status):
        decided = self.by_staff.get(visit)
        assert decided in (None, status), f"law 8: {decided} became {status}"
