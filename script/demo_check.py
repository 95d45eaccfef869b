"""Judges the demo: what came of each visit, and whether two logs tell the same."""

from collections import Counter
from dataclasses import dataclass

import demo_patients
import demo_records

TITLES = ("visit", "number", "the patient does", "visit, reminder, calls")
LINE = "{:12}  {:11}  {:29}  {}"
OPEN_STATUSES = ("booked", "not_confirmed")
UNSENT = ("configuration", "not_sent", "throttled", "rejected")


@dataclass(frozen=True)
class Result:
    """What is to be seen of one visit."""

    status: str
    reminders: tuple
    calls: int

    def __str__(self):
        reminders = " + ".join(self.reminders) or "no reminder"
        return f"{self.status}, {reminders}, {self.calls}"


def expectations(visits, before):
    """What has to come of each visit: its key, and every `Result` that is right.

    :param list visits: `demo_records.visits()`, in the order of their time
    :param dict before: by key, what they were like before the first call
    """
    called = set()
    right = {}
    for visit in visits:
        status = before[visit["key"]]["status"]
        uncalled = uncalled_results(visit, status)
        conversation = (visit["patient_key"], visit["start"].split()[0])
        right[visit["key"]] = uncalled or [told(visit, conversation in called)]
        if not uncalled:
            called.add(conversation)
    return right


def uncalled_results(visit, status):
    """What is right for a visit that leads to no call; empty for one that does."""
    as_before = Result(status, (), 0)
    no_time = visit["key"].endswith("all_day")
    if status not in OPEN_STATUSES or no_time or not visit["patient"]:
        return [as_before]
    if visit["key"].startswith("visit_today"):
        return [as_before, Result(status, ("today",), 0)]
    reason = demo_patients.NOT_CALLED.get(visit["patient_key"])
    return [Result(status, (reason,), 0)] if reason else []


def told(visit, is_told_along):
    """A patient's second visit of a day is told of in the call for the first."""
    calls, outcome = demo_patients.story(visit["number"])
    status = demo_patients.VISIT_STATUSES[outcome]
    return Result(status, (outcome,), 0 if is_told_along else len(calls))


def found(visit):
    return Result(visit["status"], tuple(visit["reminders"]), visit["calls"])


def judge(database, before, simulator):
    """Print what came of each visit; return what is wrong, as sentences."""
    visits = demo_records.visits(database)
    right = expectations(visits, before)
    log = simulator.log()
    problems = [*judge_visits(visits, right), *judge_behaviours(visits, right, log)]
    problems += compare_logs(log, demo_records.attempts(database))
    problems += [f"The simulator reports: {text}" for text in simulator.violations()]
    problems += [f"A request was refused: {entry}" for entry in simulator.refused()]
    return problems


def judge_visits(visits, right):
    print(" ", LINE.format(*TITLES))
    for visit in visits:
        results, actual = right[visit["key"]], found(visit)
        print_line(visit, results, actual)
        if actual not in results:
            yield (
                f"{visit['key']} ({visit['number'] or 'no number'}): expected "
                f"{results[-1]} calls; found {actual} calls."
            )


def print_line(visit, results, actual):
    number = visit["number"] or "-"
    does = " ".join(demo_patients.story(number)[0]) if results[-1].calls else "-"
    sign = " " if actual in results else "!"
    print(sign, LINE.format(visit["start"], number, does, actual))


def judge_behaviours(visits, right, log):
    """Each number was called as often as its patient's script says."""
    wanted = Counter()
    for visit in visits:
        if right[visit["key"]][-1].calls:
            number = visit["number"]
            wanted.update((number, does) for does in demo_patients.story(number)[0])
    called = Counter((call["number"], call["behaviour"]) for call in log)
    for number, does in sorted((wanted - called) + (called - wanted)):
        yield (
            f"{number}: {does} {called[number, does]} times, "
            f"{wanted[number, does]} expected."
        )


def compare_logs(log, attempts):
    """Call for call: what the simulator accepted, and what Odoo says it sent."""
    accepted = Counter((call["guid"], call["number"]) for call in log)
    sent = Counter(
        (attempt["guid"], attempt["number"])
        for attempt in attempts
        if attempt["error"] not in UNSENT
    )
    for guid, number in (accepted - sent).elements():
        yield f"{number} was called ({guid}), and Odoo has no such attempt."
    for guid, number in (sent - accepted).elements():
        yield f"Odoo has a call to {number} ({guid}) that the simulator never got."
    for call in log:
        if call["defects"]:
            yield f"{call['number']}: {call['defects']}"
