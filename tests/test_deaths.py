"""Sudden deaths in the middle of a dispatch: of Odoo, of its workers, of PostgreSQL.

Laws 1 (no call without a row), 2 (one dial at a time), 5 (what was taken is kept) and
6 (everything ends). A service manager starts a server again that has ended.
"""

import random
from functools import partial

import pytest

from agreement import assert_nobody_was_wronged, lost_replies
from clinic import clinic_on_own_postgres, find_leaks, running_clinic
from evening import Evening

PREFORK = ("--workers=2", "--max-cron-threads=2")
BATCH = 32  # calls that the addon claims at a time
LINES = 10  # as many as a small clinic's two HTTP workers can listen to
# Odoo's HTTP worker, of a client that it kept waiting for too long
OVERLOAD = r"werkzeug: .* Request timed out"
# Odoo, of a job whose process has died three times running
DIED = r"ir_cron: Job '.*' \(\d+\) timed out"

pytestmark = pytest.mark.slow


def prepare(clinic, simulator):
    """A few lines, and a Voicebox that takes its time."""
    clinic.configure(voicebox_max_lines=LINES)
    simulator.reset()
    simulator.set_script(default={"confirm": 4, "no_answer": 2, "busy": 1})
    simulator.set_faults({"slow": {"probability": 0.6, "seconds": 0.3}})
    clinic.connect_simulator(simulator)


@pytest.fixture
def mortal(module_simulator):
    """A clinic of its own, whose server may be killed."""
    with running_clinic(*PREFORK, name="mortal") as clinic:
        prepare(clinic, module_simulator)
        yield clinic
        clinic.assert_log_is_clean([OVERLOAD, DIED])


@pytest.fixture
def on_own_postgres(module_simulator):
    """A PostgreSQL that may be crashed, and a clinic on it."""
    where = {"name": "on_own_postgres"}
    with clinic_on_own_postgres(*PREFORK, **where) as (cluster, clinic):
        prepare(clinic, module_simulator)
        yield cluster, clinic


# === Odoo === #


def outlive_kills(clinic, simulator, rounds):
    """kill -9, ten times a round: nine of all workers, the last of the whole server."""
    blows = [Evening.kill_workers] * 9 + [Evening.kill_server]
    evening = Evening(clinic, simulator)
    evening.survive(blows * rounds, seed=1)
    assert_nobody_was_wronged(clinic, simulator, evening.events)


def test_killed_ten_times(mortal, module_simulator):
    """Laws 1, 2 and 6."""
    outlive_kills(mortal, module_simulator, rounds=1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_thirty_times(mortal, module_simulator):
    outlive_kills(mortal, module_simulator, rounds=3)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_server_killed_thirty_times(mortal, module_simulator):
    evening = Evening(mortal, module_simulator)
    evening.survive([Evening.kill_server] * 30, seed=2)
    assert_nobody_was_wronged(mortal, module_simulator, evening.events)


def test_stopped_in_good_order(mortal, module_simulator):
    """Law 1: SIGTERM lets what was claimed be sent, and what was sent be recorded."""
    evening = Evening(mortal, module_simulator)
    evening.survive([Evening.terminate_server] * 2, seed=3)
    assert evening.never_sent == set()
    mortal.run("dispatch")  # the last replies may come after the callbacks
    assert lost_replies(mortal, module_simulator) == []
    assert_nobody_was_wronged(mortal, module_simulator, evening.events)


def test_stopped_with_threads(module_simulator):
    """Laws 1, 2 and 6: there Odoo waits a second for its threads, not for its jobs."""
    threads = "--max-cron-threads=2"
    with running_clinic(threads, name="threads") as clinic:
        prepare(clinic, module_simulator)
        evening = Evening(clinic, module_simulator)
        evening.survive([Evening.terminate_server], seed=6)
        assert_nobody_was_wronged(clinic, module_simulator, evening.events)


def test_a_long_dispatch_ends_when_asked(mortal, module_simulator):
    """It could go on for its whole budget; a stop waits for what is claimed."""
    mortal.configure(voicebox_max_lines=0)
    module_simulator.set_faults({"slow": {"seconds": 2}})
    evening = Evening(mortal, module_simulator, visits=8 * BATCH)
    evening.wait_for_calls(1)
    before = evening.accepted()
    evening.stop_server()
    evening.bury()
    assert evening.never_sent == set()
    assert evening.accepted() <= before + 2 * BATCH


# === PostgreSQL === #


def restarts(cluster, modes, seed):
    """Blows: PostgreSQL away for a moment, or for two seconds."""
    chance = random.Random(seed)
    for mode in modes:
        yield partial(
            Evening.restart_postgres,
            cluster=cluster,
            mode=mode,
            pause=chance.uniform(0, 2),
        )


def outlive_postgres(cluster, clinic, simulator, modes):
    evening = Evening(clinic, simulator)
    evening.survive(restarts(cluster, modes, seed=4), seed=4)
    assert_nobody_was_wronged(clinic, simulator, evening.events, evening.outages)
    # Odoo's log is full of its own troubles: a statement that failed, with a traceback
    assert find_leaks(clinic.server.log(), clinic.private_words()) == []


def test_postgres_restarts_underneath(on_own_postgres, module_simulator):
    """Laws 1, 2, 5 and 6: "immediate" is a crash, with what was committed kept."""
    outlive_postgres(*on_own_postgres, module_simulator, ["fast", "immediate"])


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_postgres_restarts_thirty_times(on_own_postgres, module_simulator):
    modes = random.Random(5).choices(["fast", "immediate"], k=30)
    outlive_postgres(*on_own_postgres, module_simulator, modes)
