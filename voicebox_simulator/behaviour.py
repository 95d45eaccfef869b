"""Who answers what: a script by number, seeded weights, or a person at the page."""

import random
from collections import Counter

from .dialogue import BEHAVIOURS, PERSON

NAMES = (*BEHAVIOURS, PERSON)


class ScriptError(ValueError):
    """The script can't be used; the message is a sentence for its author."""


class Script:
    """Chooses the behaviour of each successive call to a number.

    A *rule* is a behaviour's name, weights ``{"confirm": 7, "no_answer": 3}``, or a
    list of these: one for each successive call to the number, the last repeats.
    Counting starts when the script is made.
    """

    def __init__(self, spec, seed):
        _check_script(spec)
        self.spec = spec
        self._seed = seed
        self._numbers = spec.get("numbers", {})
        self._default = spec.get("default", "confirm")
        self._calls = Counter()

    def next(self, number):
        """Return the behaviour for the next call to ``number`` and count that call."""
        self._calls[number] += 1
        turn = self._calls[number]
        rule = self._numbers.get(number, self._default)
        if isinstance(rule, list):
            rule = rule[min(turn, len(rule)) - 1]
        if isinstance(rule, str):
            return rule
        rng = random.Random(f"{self._seed}:{number}:{turn}:behaviour")
        return rng.choices(list(rule), weights=list(rule.values()))[0]


def _check_script(spec):
    if not isinstance(spec, dict) or set(spec) - {"default", "numbers"}:
        raise ScriptError('A script is an object with "default" and "numbers".')
    if not isinstance(spec.get("numbers", {}), dict):
        raise ScriptError('"numbers" of a script maps a number to its rule.')
    _check_rule("default", spec.get("default", "confirm"))
    for number, rule in spec.get("numbers", {}).items():
        _check_rule(number, rule)


def _check_rule(where, rule, nested=False):
    if isinstance(rule, list) and rule and not nested:
        for item in rule:
            _check_rule(where, item, nested=True)
        return
    names = [rule] if isinstance(rule, str) else rule
    if not names or not isinstance(names, (list, dict)) or isinstance(rule, list):
        raise ScriptError(f"{where}: a rule is a name, weights or a list of these.")
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ScriptError(
            f"{where}: {unknown[0]} is no behaviour; there are {', '.join(NAMES)}."
        )
    if isinstance(rule, dict):
        _check_weights(where, rule.values())


def _check_weights(where, weights):
    numeric = all(
        isinstance(weight, (int, float)) and not isinstance(weight, bool)
        for weight in weights
    )
    if not numeric or min(weights) < 0 or sum(weights) <= 0:
        raise ScriptError(f"{where}: weights are numbers from 0, not all of them 0.")
