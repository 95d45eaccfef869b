"""Several servers, many clients, sudden deaths: nobody is called twice, or forgotten.

Laws 1 (no call without a row), 2 (one dial at a time) and 6 (everything ends) of the
design, and 5 where callbacks come at once. Real processes: HTTP workers, cron workers,
a second server on the same database.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from agreement import broken_promises, disagreements, never_called, server_errors
from clinic import RpcError, running_clinic
from conftest import FIRST_PORT, THREADED

import ground

PREFORK = ("--workers=2", "--max-cron-threads=2")
SERVER_OPTIONS = PREFORK
# Odoo logs every refusal that a user is shown
REFUSALS = r"odoo\.http: (This patient is being called right now|Not called: )"
# Odoo's HTTP worker, of a client that it kept waiting for too long
OVERLOAD = r"werkzeug: .* Request timed out"
DOCUMENTED = (REFUSALS, OVERLOAD)
LINES = 10

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def lines(clinic):
    """As many calls at once as a small clinic's two HTTP workers can listen to."""
    clinic.configure(voicebox_max_lines=LINES)


def in_parallel(count, work):
    """Call `work(ordinal)` in so many threads, all at the same moment."""
    start = threading.Barrier(count)

    def run(ordinal):
        start.wait(60)
        return work(ordinal)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# === Many at once === #


def test_two_servers_and_impatient_staff(clinic, simulator):
    """Plan, dispatch and sweep on two servers, "Call Now" pressed meanwhile."""
    simulator.set_script(default={"confirm": 4, "no_answer": 3, "operator": 1})
    simulator.set_faults({"slow": {"probability": 0.5, "seconds": 0.2}})
    log_path = ground.LOGS / "e2e_processes_second.log"
    second = ground.OdooServer(
        clinic.database, *THREADED, port=ground.free_port(8175), log_path=log_path
    )
    with second:
        events = clinic.book(80)
        refusals = in_parallel(4, lambda n: press_call_now(clinic, events, seed=n))
        finish(clinic, simulator, events)
    assert set().union(*refusals) <= {"UserError"}
    assert_nobody_was_wronged(clinic, simulator, events)
    assert never_called(clinic, simulator) == []
    clinic.assert_log_is_clean(DOCUMENTED, second.log())


def press_call_now(clinic, events, seed, presses=20):
    """One impatient person; the kinds of refusal that were met."""
    chance = random.Random(seed)
    person = clinic.sign_in("desk", "desk-of-the-tests")
    met = set()
    for event in chance.choices(events, k=presses):
        clinic.wake("plan", "dispatch", "sweep")
        try:
            clinic.call_now(event, person)
        except RpcError as error:
            met.add(error.name)
    return met


def wait_until_processed(clinic, guids, callbacks):
    """A callback that meets another is kept, and applied right after by the sweep."""

    def are_all():
        kept = [clinic.callbacks(guid) for guid in guids]
        done = [[c for c in some if c["disposition"]] for some in kept]
        return all(len(some) == callbacks for some in done)

    clinic.wait("all callbacks have had their effect", are_all)


@pytest.mark.parametrize("word", ["confirmed", "operator", "no_answer"])
def test_one_callback_from_ten_clients_has_one_effect(clinic, standin, word):
    clinic.configure(reminder_pause_no_answer=60)
    (event,) = clinic.book()
    clinic.wait("it rings", lambda: clinic.attempt(event)["state"] == "requested")
    fields = {"guid": clinic.attempt(event)["guid"], "response": word}
    replies = in_parallel(10, lambda _n: clinic.report(**fields))
    clinic.configure(reminder_pause_no_answer=0)
    assert [reply.status_code for reply in replies] == [200] * 10
    wait_until_processed(clinic, [fields["guid"]], callbacks=10)
    kept = [callback["disposition"] for callback in clinic.callbacks(fields["guid"])]
    assert sorted(kept) == ["applied"] + ["repeated"] * 9
    assert clinic.results(event) == [word]
    assert clinic.to_dos(event) == (word == "operator")
    assert clinic.status_changes(event) == (word != "no_answer")


def test_contradicting_callbacks_at_once_leave_one_answer(clinic, standin):
    # without a pause the next call may begin between two of the words
    clinic.configure(reminder_pause_no_answer=60, reminder_pause_machine=60)
    events = clinic.book(8)
    clinic.wait("all ring", lambda: len(standin.requests) == len(events))
    guids = {event: clinic.attempt(event)["guid"] for event in events}
    words = ["answered", "no_answer", "confirmed", "declined", "machine", "confirmed"]
    for guid in guids.values():
        replies = in_parallel(
            len(words), lambda n, guid=guid: clinic.report(guid=guid, response=words[n])
        )
        assert [reply.status_code for reply in replies] == [200] * len(words)
    wait_until_processed(clinic, guids.values(), callbacks=len(words))
    clinic.configure(reminder_pause_no_answer=0, reminder_pause_machine=0)
    implied = {"confirmed": "confirmed", "declined": "cancelled"}
    for event in events:
        (result,) = clinic.results(event)
        assert clinic.visit(event)["visit_status"] == implied[result]
        assert clinic.to_dos(event) == 1  # staff are told of the contradiction


def most_dials(clinic, events):
    dials = [a["event_id"] for a in clinic.attempts(*events) if a["is_counted"]]
    return max(map(dials.count, events))


def assert_nobody_was_wronged(clinic, simulator, events):
    assert disagreements(clinic, simulator, lossy=True) == []
    assert broken_promises(clinic, simulator, events) == []
    assert server_errors(simulator) == []
    assert simulator.violations() == []
    assert most_dials(clinic, events) <= 3
    assert clinic.open_reminders() == {}


# === Voicebox in trouble === #


def test_voicebox_goes_down_and_comes_back(clinic, simulator):
    simulator.set_script(default={"confirm": 3, "busy": 1})
    simulator.set_faults({"slow": 0.5})
    events = clinic.book(60)
    clinic.wait("calls are made", lambda: simulator.state()["accepted"] >= 10)
    simulator.down(4)
    clinic.wait_waking(
        "the queue rests", lambda: clinic.channel()["state"] == "paused", "dispatch"
    )
    assert clinic.channel()["error_kind"] == "not_sent"
    clinic.wait("Voicebox is back", lambda: is_up(simulator))
    simulator.set_faults()
    finish(clinic, simulator, events)
    assert_nobody_was_wronged(clinic, simulator, events)
    assert never_called(clinic, simulator) == []


def is_up(simulator):
    try:
        return bool(simulator.state())
    except OSError:
        return False


def test_credentials_are_refused_in_the_middle(clinic, simulator):
    """Nothing is spent, nothing is lost, the administrator is told once."""
    simulator.set_faults({"401": list(range(20, 60))})
    events = clinic.book(50)
    clinic.wait("the queue rests", lambda: clinic.channel()["state"] == "paused")
    for _ in range(3):  # it rests longer and longer, and tries one call each time
        clinic.pause_over()
        clinic.run("dispatch")
    assert clinic.channel()["error_kind"] == "configuration"
    assert clinic.channel_to_dos() == 1
    simulator.set_faults()
    finish(clinic, simulator, events)
    assert clinic.channel_to_dos() == 0
    assert_nobody_was_wronged(clinic, simulator, events)
    assert never_called(clinic, simulator) == []
    assert clinic.statuses(events) == {"confirmed": len(events)}


def finish(clinic, simulator, events):
    """Let rests and deadlines pass until all reminders have ended."""

    def go_on():
        clinic.pause_over()
        let_deadlines_pass(clinic, simulator)

    go_on()
    clinic.wait("all have ended", lambda: clinic.all_ended(events), again=go_on)
    simulator.wait_idle()


def let_deadlines_pass(clinic, simulator, never_sent=()):
    """The clock goes on for calls that are over, and for those never placed."""
    over = {call["guid"] for call in simulator.log() if call["ended"]}
    clinic.overdue_calls(over | set(never_sent))


# === Sudden deaths === #


def kill_and_revive(clinic, simulator):
    """kill -9 of the server and its workers; guids of what was not sent by then."""
    clinic.server.kill()
    simulator.wait_idle()
    sent = {call["guid"] for call in simulator.log()}
    claimed = {a["guid"] for a in clinic.attempts() if a["state"] != "finished"}
    clinic.server.start()
    clinic.run("plan")
    return claimed - sent


def survive(clinic, simulator, visits, moments):
    """Kill the server each time so many calls were accepted; then let all end."""
    events = clinic.book(visits)
    never_sent = set()

    def go_on():
        let_deadlines_pass(clinic, simulator, never_sent)
        clinic.wake("plan", "dispatch")

    for moment in moments:
        clinic.wait(
            f"{moment} calls are made",
            lambda moment=moment: simulator.state()["accepted"] >= moment,
            again=go_on,
        )
        never_sent |= kill_and_revive(clinic, simulator)
        go_on()
    clinic.wait("all have ended", lambda: clinic.all_ended(events), again=go_on)
    simulator.wait_idle()
    return events


@pytest.fixture
def mortal(module_simulator):
    """A clinic of its own, whose server may be killed, and its Voicebox."""
    with running_clinic(*PREFORK, port=FIRST_PORT + 30, name="mortal") as clinic:
        clinic.configure(voicebox_max_lines=LINES)
        module_simulator.reset()
        module_simulator.set_script(default={"confirm": 4, "no_answer": 2, "busy": 1})
        module_simulator.set_faults({"slow": {"probability": 0.6, "seconds": 0.3}})
        clinic.connect_simulator(module_simulator)
        yield clinic
        # Odoo, of a job whose process has died three times running
        died = r"ir_cron: Job '.*' \(\d+\) timed out"
        clinic.assert_log_is_clean([*DOCUMENTED, died])


def test_killed_in_the_middle_of_a_dispatch(mortal, module_simulator):
    events = survive(mortal, module_simulator, visits=100, moments=[3, 30, 55, 80])
    assert_nobody_was_wronged(mortal, module_simulator, events)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_thirty_times(mortal, module_simulator):
    chance = random.Random(1)
    moments = sorted(chance.choices(range(1, 400), k=30))
    events = survive(mortal, module_simulator, visits=400, moments=moments)
    assert_nobody_was_wronged(mortal, module_simulator, events)
