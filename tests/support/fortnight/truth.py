"""What was promised, against what is there at the end.

Knows the ten laws and nothing of the addon's code: it reads the journal of what people
and patients did from the beginning, and keeps its own idea of every visit.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic import MONTHS, SPECIALTY

from .robot import TROUBLES
from .story import CLINIC, HOLIDAY, to_local

OPEN, FINISHED = ("booked", "not_confirmed"), ("done", "no_show")
IMPLIED = {"confirmed": "confirmed", "declined": "cancelled", "operator": "reschedule"}
MEANINGS = {"1": "confirmed", "2": "declined", "3": "operator", "5": "no_answer"}
KNOWLEDGE = {"answered": 1, "no_answer": 2, "machine": 2, **dict.fromkeys(IMPLIED, 3)}
UNCOUNTED = ("down", "unauthorized", "throttled", "rejected")
MOST_CALLS = 3
NOTICE = timedelta(hours=2)
SHORTEST_PAUSE = timedelta(minutes=30)
# who could be called for so long, and was not, was forgotten
ENOUGH_TIME = timedelta(minutes=180)
STEP = timedelta(minutes=10)


def is_calling_time(moment, zone):
    local = to_local(moment, zone)
    opens, closes = (10, 18) if local.weekday() >= 5 else (9, 20)
    return opens <= local.hour < closes and local.date() != HOLIDAY


def lead_day(start):
    """The day on which this visit is to be called about."""
    day = to_local(start, CLINIC).date() - timedelta(days=1)
    return day - timedelta(days=1) if day == HOLIDAY else day


def spoken(start):
    local = to_local(start, CLINIC)
    month = MONTHS[local.month - 1]
    when = f"{local.day} {month} {local.year} г {local.hour} {local:%M}"
    return f"{SPECIALTY} {when}"


@dataclass
class Standing:
    """A visit as it should be."""

    ordinal: int
    patient: object
    start: datetime = None
    asked_since: datetime = None
    is_there: bool = False
    is_active: bool = True
    status: str = "booked"
    by_robot: bool = False
    answer: str = ""
    is_answer_told: bool = True
    is_asked_for: bool = False
    is_skipped: bool = False
    dials: list = field(default_factory=list)

    def take_answer(self):
        """The patient's word on the visit, unless a person has decided."""
        self.is_answer_told = True
        if self.status in OPEN or (self.by_robot and self.status not in FINISHED):
            self.status, self.by_robot = IMPLIED[self.answer], True

    def counted_dials(self):
        return [dial for dial in self.dials if dial.reply not in UNCOUNTED]

    def ask_anew(self, start, now):
        self.start, self.asked_since = start, now
        self.answer, self.is_answer_told = "", True
        self.is_asked_for = self.is_skipped = False
        self.dials = []
        is_for_good = self.status in FINISHED or (
            self.status == "cancelled" and not self.by_robot
        )
        if not is_for_good:
            self.status, self.by_robot = "booked", False


class Truth:
    def __init__(self, story, journal, records):
        self._journal, self._records = journal, records
        self._visits = {v.ordinal: Standing(v.ordinal, v.patient) for v in story.visits}
        self._plans = {visit.ordinal: visit for visit in story.visits}
        self._attempts = {row["guid"]: row for row in records["attempts"]}
        self._reminders = {row["id"]: row for row in records["reminders"]}
        self._opted_out, self._mode, self._switched = set(), "live", []
        self._knowledge, self._taught = Counter(), set()
        self._waiting = defaultdict(list)
        self._by_time = {}
        self._delivered = 0
        self._broken = []

    def report(self):
        """The figures, and the table of promised against actual: empty is good."""
        for kind, now, what in self._journal:
            getattr(self, f"_see_{kind}")(now, what)
        self._check_rows()
        self._check_telephones()
        for visit in self._visits.values():
            self._check_end(visit)
        return {"broken": self._broken, "figures": self._figures()}

    def _figures(self):
        dials = [what for kind, _now, what in self._journal if kind == "dial"]
        deeds = [what for kind, _now, what in self._journal if kind == "deed"]
        visits = self._records["visits"].values()
        return {
            "deeds": Counter(deed.what for deed in deeds),
            "dials": Counter(dial.reply for dial in dials),
            "outcomes": Counter(dial.outcome for dial in dials if dial.rings),
            "callbacks": self._delivered,
            "deaths": sum(kind == "death" for kind, _now, _what in self._journal),
            "shared calls": sum(" и " in dial.text for dial in dials),
            "visits": Counter(visit["visit_status"] for visit in visits),
            "not called": Counter(
                row["skip_reason"]
                for row in self._reminders.values()
                if row["skip_reason"]
            ),
        }

    def _break(self, law, where, what):
        self._broken.append(f"law {law}: {where}: {what}")

    # === People === #
    def _see_deed(self, now, deed):
        visit = self._visits.get(deed.visit)
        getattr(self, f"_see_{deed.what}")(now, visit, deed.value)

    def _see_book(self, now, visit, _value):
        visit.is_there = True
        self._ask(visit, self._plans[visit.ordinal].start, now)

    def _see_move(self, now, visit, start):
        self._ask(visit, start, now)

    def _ask(self, visit, start, now):
        visit.ask_anew(start, now)
        self._by_time[visit.patient.ordinal, start] = visit

    def _see_status(self, _now, visit, status):
        visit.status, visit.by_robot = status, False

    def _see_delete(self, _now, visit, _value):
        visit.is_there = False

    def _see_archive(self, _now, visit, _value):
        visit.is_active = False

    def _see_restore(self, now, visit, _value):
        visit.is_active = True
        visit.asked_since = now
        if not visit.is_answer_told:
            visit.take_answer()

    def _see_now(self, _now, visit, _value):
        visit.is_asked_for, visit.is_skipped = True, False

    def _see_skip(self, _now, visit, _value):
        visit.is_skipped = True

    def _see_opt_out(self, _now, visit, _value):
        self._opted_out.add(visit.patient.ordinal)

    def _see_mode(self, now, _visit, mode):
        self._mode = mode
        self._switched.append(now)

    def _see_death(self, _now, _what):
        """What the dispatcher's death leaves behind is seen in the rows."""

    # === Calls === #
    def _told_of(self, guid):
        """(patient, start) of what an attempt's reminders asked."""
        row = self._attempts.get(guid)
        if not row:
            return []
        partners = {partner: n for n, partner in self._records["partners"].items()}
        reminders = [row["reminder_id"], *row["companion_ids"]]
        rows = [self._reminders[each] for each in reminders]
        return sorted((partners[r["patient_id"]], r["visit_start"]) for r in rows)

    def _see_dial(self, now, dial):
        told = self._told_of(dial.guid)
        if not told:
            self._break(1, dial.guid, "a POST without a row")
        if self._mode != "live":
            self._break(3, dial.guid, "called while calling was off")
        visits = [self._by_time[patient, start] for patient, start in told]
        untimely = [self._why_untimely(visit, now) for visit in visits]
        if untimely and all(untimely):  # a call may speak of a visit before its time
            self._break(3, dial.guid, untimely)
        for visit, (_patient, start) in zip(visits, told, strict=True):
            for law, fault in self._faults(visit, start, dial, now):
                self._break(law, f"visit {visit.ordinal} at {now}", fault)
            visit.dials.append(dial)

    def _why_untimely(self, visit, now):
        """Why this visit alone would be no reason to call now, unless asked for."""
        if visit.is_asked_for:
            return ""
        day = to_local(now, visit.patient.clock).date()
        if day != lead_day(visit.start):
            return f"visit {visit.ordinal} on {day}, not on {lead_day(visit.start)}"
        before = visit.counted_dials()
        if before and now - before[-1].at < SHORTEST_PAUSE:
            return f"visit {visit.ordinal} again after {now - before[-1].at}"
        return ""

    def _faults(self, visit, start, dial, now):
        """What is wrong with calling about this visit now, as (law, words)."""
        local = to_local(now, visit.patient.clock)
        if not is_calling_time(now, visit.patient.clock):
            yield 3, f"outside the hours: {local}"
        if not visit.is_there or not visit.is_active:
            yield 3, "deleted or archived"
        if visit.start != start:
            yield 3, f"moved to {visit.start}"
        if visit.status not in OPEN:
            yield 3, visit.status
        if visit.patient.ordinal in self._opted_out:
            yield 3, "opted out"
        if visit.is_skipped:
            yield 8, "skipped by staff"
        if visit.answer:
            yield 4, f"called again after {visit.answer}"
        if now > start - NOTICE:
            yield 3, "too close to the visit"
        if to_local(now, CLINIC).date() >= to_local(start, CLINIC).date():
            yield 3, "on the visit's day"
        if len(visit.counted_dials()) >= MOST_CALLS:
            yield 2, "a call too many"
        if spoken(start) not in dial.text:
            yield 7, f"the robot said: {dial.text!r}"

    # === Callbacks === #
    def _see_word(self, _now, delivery):
        report, code = delivery
        self._delivered += 1
        if code != 200:
            self._break(5, report.dial.guid, f"answered {code}")
        guid = report.dial.guid
        has_number = report.fields["number_b"] == report.dial.number
        if has_number and report.fields["guid"] and report.fields["call_id"]:
            self._taught.add(guid)
            for waiting in self._waiting.pop(guid, ()):
                self._hear(waiting)
        if not report.tells:
            return
        if report.fields["guid"] or self._is_id_known(report.dial):
            self._hear(report)
        else:
            self._waiting[guid].append(report)

    def _is_id_known(self, dial):
        was_kept = bool(self._attempts.get(dial.guid, {}).get("http_status"))
        is_told = dial.reply == "accepted" and was_kept
        return is_told or dial.guid in self._taught

    def _hear(self, report):
        """A patient's word has come: does it tell more than we knew?"""
        word = report.word.strip().lower()
        meaning, guid = MEANINGS.get(word, word), report.dial.guid
        if KNOWLEDGE[meaning] <= self._knowledge[guid]:
            return
        self._knowledge[guid] = KNOWLEDGE[meaning]
        if meaning not in IMPLIED:
            return
        told = self._told_of(guid)
        for patient, start in told:
            visit = self._by_time.get((patient, start))
            if visit.start == start and not visit.answer:
                is_shared = len(told) > 1 and meaning == "declined"
                visit.answer = "operator" if is_shared else meaning
                visit.is_answer_told = False
                if visit.is_there and visit.is_active:
                    visit.take_answer()

    # === At the end === #
    def _check_rows(self):
        dials = [what for kind, _now, what in self._journal if kind == "dial"]
        for guid, times in Counter(dial.guid for dial in dials).items():
            if times > 1:
                self._break(1, guid, f"posted {times} times")
        for row in self._records["attempts"]:
            if row["state"] != "finished":
                self._break(6, row["guid"], f"is still {row['state']}")
        for row in self._records["reminders"]:
            if row["state"] in ("planned", "calling"):
                self._break(6, row["id"], f"is still {row['state']}")
            if row["attempt_count"] > MOST_CALLS:
                self._break(2, row["id"], f"{row['attempt_count']} calls")
        if self._records["callbacks"] != self._delivered:
            here = self._records["callbacks"]
            self._break(5, "inbox", f"{here} kept of {self._delivered}")
        self._check_never_called({dial.guid for dial in dials})

    def _check_never_called(self, called):
        """Only a dead dispatcher leaves attempts that count and never rang."""
        lost = [
            row["guid"]
            for row in self._records["attempts"]
            if row["is_counted"] and row["guid"] not in called and row["http_status"]
        ]
        for guid in lost:
            self._break(1, guid, "has a reply, and was never posted")

    def _check_telephones(self):
        """No telephone rings twice at once."""
        by_number = defaultdict(list)
        for kind, _now, dial in self._journal:
            if kind == "dial" and dial.rings:
                by_number[dial.number].append(dial)
        for number, dials in by_number.items():
            for one, other in zip(dials, dials[1:], strict=False):
                if other.at < one.ends:
                    self._break(2, f"number …{number[-2:]}", f"twice at {other.at}")

    def _check_end(self, visit):
        row = self._records["visits"].get(visit.ordinal)
        if bool(row) != visit.is_there:
            self._break(0, f"visit {visit.ordinal}", "is not where it should be")
        if not row or not visit.is_active:
            return
        reminders = [
            reminder
            for reminder in self._reminders.values()
            if reminder["event_id"] == row["id"]
            and reminder["visit_start"] == visit.start
        ]
        expected = self._expected_statuses(visit, reminders)
        if row["visit_status"] not in expected:
            told = f"{row['visit_status']}, expected {'/'.join(sorted(expected))}"
            self._break(4, f"visit {visit.ordinal}", f"{told}: {_brief(reminders)}")
        if not row["reminder_explanation"]:
            self._break(6, f"visit {visit.ordinal}", "no word on why (not) called")
        if visit.status in OPEN:
            self._check_not_forgotten(visit, reminders)

    def _expected_statuses(self, visit, reminders):
        if visit.status not in OPEN:
            return {visit.status}
        calls = sum(reminder["attempt_count"] for reminder in reminders)
        if not calls:
            return {"booked"}
        if self._is_refused(visit):
            return {"booked"}
        is_out = visit.is_skipped or visit.patient.ordinal in self._opted_out
        return {"booked", "not_confirmed"} if is_out else {"not_confirmed"}

    def _is_refused(self, visit):
        """Has Voicebox said that it will not dial this number?"""
        return any(dial.reply == "rejected" for dial in visit.dials)

    def _check_not_forgotten(self, visit, reminders):
        """Whoever could be called long enough was called often enough."""
        calls = sum(reminder["attempt_count"] for reminder in reminders)
        is_out = visit.is_skipped or visit.patient.ordinal in self._opted_out
        if calls >= MOST_CALLS or is_out or self._is_refused(visit):
            return
        where = f"visit {visit.ordinal} at {visit.start}"
        if not visit.patient.has_phone:
            if [r["skip_reason"] for r in reminders] != ["no_phone"]:
                self._break(6, where, "no number, and nobody is told")
            return
        since = max([visit.asked_since, *(dial.at for dial in visit.dials)])
        if self._time_to_call(visit, since) >= ENOUGH_TIME:
            found = f"forgotten after {calls} calls: {_brief(reminders)}"
            self._break(6, where, found)

    def _time_to_call(self, visit, since):
        """How long one could have called, from a moment on the day of the calls."""
        until = visit.start - NOTICE
        moment, found = since, timedelta()
        while moment < until:
            local = to_local(moment, visit.patient.clock)
            is_day = local.date() == lead_day(visit.start)
            if is_day and self._could_call(moment, visit.patient.clock):
                found += STEP
            moment += STEP
        return found

    def _could_call(self, moment, zone):
        periods = [p for periods in TROUBLES.values() for p in periods]
        is_trouble = any(begin <= moment < end for begin, end in periods)
        is_off = len(self._switched) == 2 and (
            self._switched[0] <= moment < self._switched[1]
        )
        return is_calling_time(moment, zone) and not is_trouble and not is_off


def _brief(reminders):
    return [(r["state"], r["outcome"] or r["skip_reason"]) for r in reminders]
