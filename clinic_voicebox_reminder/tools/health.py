"""What the figures of the last hours and weeks mean. Pure functions."""

from dataclasses import dataclass, field
from datetime import timedelta
from math import sqrt

OK, WARNING, ERROR = LEVELS = ("ok", "warning", "error")

SILENCE = timedelta(minutes=10)  # without a run of a scheduled action
LATE = timedelta(minutes=30)  # of a call that is due
LONG_PAUSE = timedelta(minutes=30)  # of the connection
FEWEST_CALLS = 20  # of which a share says something
SUDDEN_RISE = 0.15  # of the share of calls without an answer
CERTAINTY = 3  # standard deviations
TOLERATED_SHARE = 0.1  # of replies that are refusals, of calls without a result
TOLERATED_REFUSALS = 4  # wrong secrets a day: the Internet knocks everywhere


@dataclass(frozen=True)
class Check:
    """One line of the health page.

    :param str name: for machines
    :param str level: one of LEVELS
    :param str title: and `sentence`: for people
    :param dict figures: numbers by name, for machines
    """

    name: str
    level: str
    title: str
    sentence: str
    figures: dict = field(default_factory=dict)


def worst(levels):
    return max(levels, key=LEVELS.index, default=OK)


def level_of_cron(active, failures, age, interval):
    """A scheduled action that does not run is an alarm; one that fails, a warning.

    :param timedelta age: since its last run
    :param timedelta interval: between its runs
    """
    if not active or age > max(SILENCE, 2 * interval):
        return ERROR
    return WARNING if failures else OK


def level_of_pause(needs_person, age):
    return ERROR if needs_person or age > LONG_PAUSE else WARNING


def level_of_backlog(age, idle):
    """Due calls wait for a line or a number; without any such reason it's an alarm.

    :param timedelta age: of the call that has been due for longest
    :param timedelta idle: for so long nothing stood in the way and nobody was called
    """
    if idle > SILENCE:
        return ERROR
    return WARNING if age > LATE else OK


def level_of_share(bad, total):
    """Many of too few are no sign."""
    few = total < FEWEST_CALLS
    return OK if few or bad <= TOLERATED_SHARE * total else WARNING


def is_sudden_rise(part, total, part_before, total_before):
    """Has a share risen by more than chance explains?

    Both shares have to be of FEWEST_CALLS at least; the risen one is compared with
    the spread that as many calls would have by chance at the former share.
    """
    if min(total, total_before) < FEWEST_CALLS:
        return False
    before = part_before / total_before
    rise = part / total - before
    spread = sqrt(max(before * (1 - before), 0.01) / total)
    return rise >= SUDDEN_RISE and rise > CERTAINTY * spread


def percent(part, total):
    return round(100 * part / total) if total else 0
