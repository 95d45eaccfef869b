"""The scenario of one call: which event leads where, and how long it takes.

Pure: no clock, no network. Seconds are seconds of life; whoever plays the call
divides them by the speed.
"""

from collections import deque
from typing import NamedTuple

PHONE_PHASES = {
    "dialling": "dialling",
    "ringing": "ringing",
    "question_1": "talking",
    "question_1_again": "talking",
    "question_2": "talking",
    "goodbye": "talking",
    "transfer": "talking",
}

# (phase, event) -> (next phase, HTTP block the scenario runs on the way)
TRANSITIONS = {
    ("dialling", "rings"): ("ringing", None),
    ("dialling", "busy"): ("ended", "no_answer"),
    ("ringing", "pick_up"): ("question_1", "answered"),
    ("ringing", "no_answer"): ("ended", "no_answer"),
    ("ringing", "busy"): ("ended", "no_answer"),
    ("question_1", "silence"): ("question_1_again", None),
    ("question_1_again", "silence"): ("transfer", "operator"),
    ("question_2", "yes"): ("transfer", "operator"),
    ("question_2", "no"): ("goodbye", "declined"),
    ("question_2", "unclear"): ("transfer", "operator"),
    ("question_2", "silence"): ("transfer", "operator"),
    ("question_2", "hang_up"): ("ended", None),
    ("goodbye", "over"): ("ended", None),
    ("goodbye", "hang_up"): ("ended", None),
    ("transfer", "over"): ("ended", None),
    ("transfer", "hang_up"): ("ended", None),
}
for _phase in ("question_1", "question_1_again"):
    TRANSITIONS |= {
        (_phase, "yes"): ("goodbye", "confirmed"),
        (_phase, "no"): ("question_2", None),
        (_phase, "unclear"): ("transfer", "operator"),
        (_phase, "robot_fails"): ("transfer", "operator"),
        (_phase, "machine"): ("ended", "machine"),
        (_phase, "hang_up"): ("ended", None),
    }

# What each kind of patient does, one event for each time the scenario waits.
BEHAVIOURS = {
    "confirm": ("pick_up", "yes"),
    "decline": ("pick_up", "no", "no"),
    "another_time": ("pick_up", "no", "yes"),
    "no_then_silence": ("pick_up", "no", "silence"),
    "no_then_hang_up": ("pick_up", "no", "hang_up"),
    "operator": ("pick_up", "unclear"),
    "silence": ("pick_up", "silence", "silence"),
    "hang_up": ("pick_up", "hang_up"),
    "machine": ("pick_up", "machine"),
    "no_answer": ("no_answer",),
    "busy": ("busy",),
}
PERSON = "person"

ANSWER_SECONDS = 10
RING_SECONDS = 35
LETTERS_A_SECOND = 15

# What a button of the page means where it isn't one event of the scenario.
_MACROS = {
    ("ringing", "machine"): ("pick_up", "machine"),
    ("question_1", "another_time"): ("no", "yes"),
    ("question_1_again", "another_time"): ("no", "yes"),
}


class Wait(NamedTuple):
    """The scenario waits ``seconds``, then takes ``event`` as what happened.

    ``scaled`` says whether the seconds shrink with the speed: a person at the page
    is as slow as ever.
    """

    event: str
    seconds: float
    scaled: bool = True


def advance(phase, event):
    """Return ``(next phase, block or None)``; KeyError when the event can't be."""
    return TRANSITIONS[phase, event]


def expand(phase, press):
    """Return the events a pressed button stands for; empty when it means nothing."""
    if (phase, press) in _MACROS:
        return _MACROS[phase, press]
    return (press,) if (phase, press) in TRANSITIONS else ()


def spoken(phase, name, visit, block=None):
    """Return what the robot says on entering ``phase``, as the clinic wrote it."""
    question = f"{name}, вы записаны на прием: {visit}. Вы придете?"
    if phase == "goodbye":
        thanks = "Спасибо, ждем вас." if block == "confirmed" else "Запись отменена."
        return f"{thanks} До свидания!"
    return {
        "question_1": question,
        "question_1_again": f"Я не расслышала. {question}",
        "question_2": "Вам подойдет другое время?",
        "transfer": "Соединяю с оператором.",
    }.get(phase, "")


class ScriptedPatient:
    """Does what its behaviour says, after seeded pauses."""

    def __init__(self, behaviour, rng):
        self._events = deque(BEHAVIOURS[behaviour])
        self._rng = rng

    def wait(self, phase, text):
        """Return the ``Wait`` until this patient's next event in ``phase``."""
        event = self._next_event(phase)
        return Wait(event, self._seconds(phase, event, len(text) / LETTERS_A_SECOND))

    def spoil(self):
        """Make the robot fail at its first question: it can't say the text."""
        self._events = deque(
            ["pick_up", "robot_fails"] if self._events[0] == "pick_up" else self._events
        )

    def _next_event(self, phase):
        if phase == "dialling":
            return "busy" if self._events[0] == "busy" else "rings"
        if phase in ("goodbye", "transfer"):
            return "over"
        return self._events.popleft()

    def _seconds(self, phase, event, speech):
        uniform = self._rng.uniform
        if phase == "dialling":
            return uniform(1, 4)
        if phase == "ringing":
            return RING_SECONDS if event == "no_answer" else uniform(4, 20)
        if phase == "transfer":
            return speech + uniform(20, 60)
        if event == "hang_up":
            return uniform(0.5, max(1, speech))
        pauses = {
            "over": 0,
            "silence": ANSWER_SECONDS,
            "machine": uniform(2, 5) - speech,
            "robot_fails": -speech,
        }
        return max(0, speech + pauses.get(event, uniform(0.5, 4)))


class PersonPatient:
    """Somebody at the page. Only tells what follows if nothing is pressed."""

    def __init__(self, ring_seconds, answer_seconds, unspeakable=False):
        self._ring_seconds = ring_seconds
        self._answer_seconds = answer_seconds
        self._unspeakable = unspeakable

    def wait(self, phase, text):
        """Return the ``Wait`` after which ``phase`` is left without a press."""
        speech = len(text) / LETTERS_A_SECOND
        if phase == "dialling":
            return Wait("rings", 2)
        if phase == "ringing":
            return Wait("no_answer", self._ring_seconds, scaled=False)
        if phase in ("goodbye", "transfer"):
            return Wait("over", speech + 2, scaled=False)
        if self._unspeakable:
            return Wait("robot_fails", 0)
        return Wait("silence", self._answer_seconds, scaled=False)
