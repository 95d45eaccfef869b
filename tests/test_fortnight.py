"""A clinic's fortnight, from the first booking to the last visit: laws 1 to 8.

Moves, cancellations, deletions, a holiday, a change of the clocks, Voicebox in all its
moods, callbacks lost, late and twice, dispatchers that die: see package `fortnight`.
"""

import json
import os
import subprocess

import pytest

import databases
import ground
import odoo_runner
from clinic import find_leaks, find_troubles

# what the dead dispatcher and the refused calls leave in the log
DOCUMENTED = ()
PRIVATE = ("Иванова", "Валерия", "Эндоскопист", "5550")


def play(visits, **options):
    """The figures of a play in a process of its own, whose table is empty."""
    log = ground.LOGS / f"e2e_fortnight_{visits}.log"
    log.unlink(missing_ok=True)
    env = odoo_runner.odoo_env()
    tests = ground.ROOT / "tests" / "support"
    folders = [tests, ground.ROOT / "script", env["PYTHONPATH"]]
    env["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    with databases.temporary_database(databases.addon_database()) as database:
        command = [ground.PYTHON, "-m", "fortnight", database]
        options = {"visits": visits, "log": log, **options}
        command += [f"--{name}={value}" for name, value in options.items()]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert not done.returncode, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["broken"] == []
    text = log.read_text()
    assert find_troubles(text, DOCUMENTED) + find_leaks(text, PRIVATE) == []
    return report["figures"]


@pytest.mark.slow
def test_a_week_of_a_small_clinic():
    figures = play(visits=80, days=7, seed=1, step=60)
    assert sum(figures["dials"].values()) > 50
    assert figures["deaths"] and figures["shared calls"]
    assert {"confirmed", "cancelled", "not_confirmed"} <= set(figures["visits"])


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_fortnight_of_two_thousand_visits():
    figures = play(visits=2000, days=14, seed=2)
    troubles = {"unauthorized", "throttled", "broken", "rubbish", "silent", "reset"}
    assert troubles < set(figures["dials"])
