"""Do Voicebox's log and Odoo's records tell the same story?"""

from collections import Counter
from datetime import datetime

RESULTS = {"hung_up": {"hung_up", "no_result"}}
IMPLIED = {"confirmed": "confirmed", "declined": "cancelled", "operator": "reschedule"}


def disagreements(clinic, simulator, lossy=False):
    """Everything in which the simulator's log and Odoo's attempts differ.

    The log says who was really called. `lossy`: the server was overloaded or died
    meanwhile: what Voicebox could not deliver is not asked for.
    """
    log = simulator.log()
    attempts = {a["guid"]: a for a in clinic.attempts()}
    found = [f"guid {guid} dialled twice" for guid in _repeated(c["guid"] for c in log)]
    for call in log:
        attempt = attempts.get(call["guid"])
        found += _differences(call, attempt, lossy) if attempt else [f"no row: {call}"]
    return found


def broken_promises(clinic, simulator):
    """Answers that were delivered, and are not on their visit."""
    visits = clinic.visits_by_number()
    return [
        f"visit {visit['id']}: {visit['visit_status']}, said {call['outcome']}"
        for call in simulator.log()
        if call["outcome"] in IMPLIED and _is_delivered(call)
        for visit in visits[call["number"]]
        if visit["visit_status"] != IMPLIED[call["outcome"]]
    ]


def _differences(call, attempt, lossy):
    pairs = {"number": (call["number"], attempt["phone"].lstrip("+"))}
    if attempt["call_id"] or not lossy:
        pairs["call id"] = str(call["call_id"]), attempt["call_id"]
    if _is_delivered(call) or not lossy:
        here = attempt["result"]
        is_same = here in RESULTS.get(call["outcome"], {call["outcome"]})
        if lossy and call["outcome"] not in IMPLIED:
            # a deadline that was moved forward came before the word
            is_same = is_same or here == "no_result"
        pairs["outcome"] = call["outcome"], call["outcome"] if is_same else here
    return [
        f"{what} of call {call['ordinal']}: {there!r}, here {here!r}"
        for what, (there, here) in pairs.items()
        if there != here
    ]


def _is_delivered(call):
    """Was the last word of the call taken?"""
    return bool(call["callbacks"]) and call["callbacks"][-1]["status"] == 200


def never_called(clinic, simulator):
    """Attempts to call the log's patients that count as calls, and are in no log."""
    log = simulator.log()
    called = {call["guid"] for call in log}
    numbers = {call["number"] for call in log}
    return [
        f"attempt {attempt['guid']} never called"
        for attempt in clinic.attempts()
        if attempt["phone"].lstrip("+") in numbers
        and attempt["is_counted"]
        and attempt["guid"] not in called
    ]


def lost_callbacks(clinic, simulator):
    """Callbacks that Odoo took with 200, and has no row of (law 5)."""
    kept = clinic.callback_counts()
    taken = Counter(
        (call["guid"], callback["response"])
        for call in simulator.log()
        for callback in call["callbacks"]
        if callback["status"] == 200
    )
    return [f"callback {key} lost" for key in taken if kept[key] < taken[key]]


def lost_replies(clinic, simulator):
    """Accepted calls whose attempt knows neither a reply nor why there is none."""
    known = {
        a["guid"] for a in clinic.attempts() if a["http_status"] or a["error_kind"]
    }
    return [
        f"reply to call {call['ordinal']} lost"
        for call in simulator.log()
        if call["guid"] not in known
    ]


def server_errors(simulator):
    """Callbacks that Odoo answered otherwise than with 200."""
    return [
        callback
        for call in simulator.log()
        for callback in call["callbacks"]
        if callback["status"] not in (200, None)
    ]


def assert_nobody_was_wronged(clinic, simulator, events, outages=()):
    """Laws 1, 2, 5 and 6, as far as Voicebox's log can tell.

    :param outages: (begin, end) of times in which the database was away: callbacks of
        then may be refused
    """
    complaints = [
        *disagreements(clinic, simulator, lossy=True),
        *broken_promises(clinic, simulator),
        *lost_callbacks(clinic, simulator),
        *(c for c in server_errors(simulator) if not _meets(c, outages)),
        *simulator.violations(),
    ]
    assert not complaints, "\n".join(map(str, complaints[:20]))
    assert most_dials(clinic, events) <= 3
    assert clinic.open_reminders() == {}


def most_dials(clinic, events):
    dials = Counter(a["event_id"] for a in clinic.attempts(*events) if a["is_counted"])
    return max(dials.values())


def _meets(callback, outages):
    """Was the callback under way in one of these times?"""
    sent, answered = map(datetime.fromisoformat, (callback["sent"], callback["time"]))
    return any(sent <= end and answered >= begin for begin, end in outages)


def _repeated(values):
    seen = set()
    return [value for value in values if value in seen or seen.add(value)]
