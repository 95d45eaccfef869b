"""What goes wrong, how often, and for which requests."""

import random

# Refused before a call exists. Their order is the order in which one wins.
REFUSALS = ("refuse", "401", "403", "429", "400", "500")
# The call is placed; its reply is spoilt.
REPLIES = ("slow", "no_reply", "empty_body", "html_body", "callback_before_reply")
# The call is placed and its reply is good; callbacks are spoilt.
CALLBACKS = (
    "callback_twice",
    "callbacks_swapped",
    "callback_lost",
    "callback_late",
    "wrong_number_b",
    "unknown_word",
    "guid_left_out",
    "call_id_number",
)
NAMES = (*REFUSALS, *REPLIES, *CALLBACKS)

_CONDITIONS = {"probability", "ordinals", "numbers", "calls"}
_OPTIONS = {
    "429": {"retry_after": 30},
    "400": {"words": "Campaign is stopped: not enough money on the account"},
    "500": {"placed": False},
    "slow": {"seconds": 5},
    "no_reply": {"hang": False},
    "callback_late": {"hours": 3, "which": "all"},
    "unknown_word": {"word": "mystery", "which": "all"},
    **{
        name: {"which": "all"}
        for name in ("callback_twice", "callback_lost", "wrong_number_b")
    },
    **{name: {"which": "all"} for name in ("guid_left_out", "call_id_number")},
}


class FaultError(ValueError):
    """The faults can't be used; the message is a sentence for their author."""


class Faults:
    """Tells which faults befall a request: the same seed, the same faults."""

    def __init__(self, spec, seed):
        if not isinstance(spec, dict):
            raise FaultError("Faults are an object: name of the fault to its rule.")
        self._seed = seed
        self.rules = {name: _rule(name, value) for name, value in spec.items()}

    def strike(self, ordinal, number, call):
        """Return ``{fault: its options}`` for one request.

        ``ordinal`` counts all requests, ``call`` those to this number; both from 1.
        """
        return {
            name: {k: v for k, v in rule.items() if k not in _CONDITIONS}
            for name, rule in self.rules.items()
            if self._hits(name, rule, ordinal, number, call)
        }

    def _hits(self, name, rule, ordinal, number, call):
        if ordinal not in rule.get("ordinals", [ordinal]):
            return False
        if number not in rule.get("numbers", [number]):
            return False
        if call not in rule.get("calls", [call]):
            return False
        draw = random.Random(f"{self._seed}:{name}:{ordinal}").random()
        return draw < rule.get("probability", 1)


def concerns(options, block):
    """Tell whether a callback fault's ``which`` (answered, final, all) means it."""
    which = options.get("which", "all")
    return which == "all" or (which == "answered") == (block == "answered")


def _rule(name, value):
    if name not in NAMES:
        raise FaultError(f"{name} is no fault; there are {', '.join(NAMES)}.")
    if isinstance(value, list):
        value = {"ordinals": value}
    elif isinstance(value, (int, float)):
        value = {"probability": float(value)}
    if not isinstance(value, dict):
        raise FaultError(f"{name}: a probability, a list of ordinals or an object.")
    defaults = _OPTIONS.get(name, {})
    unknown = set(value) - _CONDITIONS - set(defaults)
    if unknown:
        raise FaultError(f"{name} has no option {min(unknown)}.")
    _check_values(name, {**defaults, **value})
    return {**defaults, **value}


def _check_values(name, rule):
    for condition in ("ordinals", "numbers", "calls"):
        if not isinstance(rule.get(condition, []), list):
            raise FaultError(f"{name}: {condition} is a list.")
    if rule.get("which", "all") not in ("answered", "final", "all"):
        raise FaultError(f"{name}: which is answered, final or all.")
    for option in ("probability", "seconds", "hours", "retry_after"):
        value, most = rule.get(option, 0), 1 if option == "probability" else 1e9
        if not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise FaultError(f"{name}: {option} is a number from 0 to {most:g}.")
