"""What is shown of the calls: the state for tests, the snapshot for the page."""

import time
from collections import Counter

from .faults import NAMES

CARD_LIMIT = 60
ROW_LIMIT = 150


def state(exchange):
    """Return the counts; ``idle`` says that nothing is under way any more."""
    phases = Counter(call.phone_phase for call in exchange.live.values())
    queued = sum(call.entry.phase == "queued" for call in exchange.live.values())
    return {
        "accepted": len(exchange.journal.entries),
        "refused": len(exchange.journal.refused),
        "queued": queued,
        "dialling": phases["dialling"],
        "ringing": phases["ringing"],
        "talking": phases["talking"],
        "done": sum(exchange.done.values()),
        "outcomes": dict(exchange.done),
        "pending": exchange.pending,
        "idle": not exchange.pending and not exchange.live,
        "violations": len(exchange.journal.violations),
        "defects": sum(bool(entry.defects) for entry in exchange.journal.entries),
        "speed": exchange.speed,
        "person": exchange.person_mode,
        "lines": exchange.config.lines,
        "callback_set": bool(exchange.callback.url),
    }


def snapshot(exchange):
    """Return everything the page shows, small enough to be sent at each change."""
    ready = [call for call in exchange.live.values() if call.phone_phase]
    entries = exchange.journal.entries[-ROW_LIMIT:]
    return {
        "now": time.time(),
        "state": state(exchange),
        "cards": [_card(call) for call in ready[:CARD_LIMIT]],
        "more_cards": max(0, len(ready) - CARD_LIMIT),
        "rows": [_row(entry) for entry in reversed(entries)],
        "faults": exchange.faults.rules,
        "fault_names": NAMES,
    }


def _card(call):
    entry = call.entry
    return {
        "ordinal": entry.ordinal,
        "number": entry.number,
        "name": entry.name,
        "visit": entry.visit,
        "phase": entry.phase,
        "outcome": entry.outcome,
        "text": call.text,
        "silent": call.waits_for_clinic,
        "person": call.by_person,
        "deadline": call.deadline,
        "wait": call.wait_seconds,
    }


def _row(entry):
    return {
        "ordinal": entry.ordinal,
        "time": entry.time,
        "number": entry.number,
        "name": entry.name,
        "visit": entry.visit,
        "behaviour": entry.behaviour,
        "phase": entry.phase,
        "outcome": entry.outcome if entry.phase == "ended" else "",
        "faults": entry.faults,
        "callbacks": [
            {key: sent.get(key) for key in ("block", "response", "status", "error")}
            for sent in entry.callbacks
        ],
        "alarms": entry.defects + [item["kind"] for item in entry.violations],
    }
