"""Many servers and clients, a Voicebox in trouble: nobody is called twice, or lost.

Laws 1 (no call without a row), 2 (one dial at a time) and 6 (everything ends) of the
design, and 5 where callbacks come at once. Real processes: HTTP workers, cron workers,
a second server on the same database. An hour's trouble: the addon's `test_outage`.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import THREADED

import ground
import odoo_server
from agreement import assert_nobody_was_wronged, never_called
from clinic import RpcError
from evening import Evening
from standin import reply, reset

PREFORK = ("--workers=2", "--max-cron-threads=2")
SERVER_OPTIONS = PREFORK
# Odoo logs every refusal that a user is shown
REFUSALS = r"odoo\.http: (This patient is being called right now|Not called: )"
# Odoo's HTTP worker, of a client that it kept waiting for too long
OVERLOAD = r"werkzeug: .* Request timed out"
DOCUMENTED = (REFUSALS, OVERLOAD)
LINES = 10
REPLY_TIMEOUT = 10  # seconds that the addon waits for Voicebox's reply

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
    second = odoo_server.OdooServer(clinic.database, *THREADED, log_path=log_path)
    with second:
        evening = Evening(clinic, simulator, visits=80)
        events = evening.events
        refusals = in_parallel(4, lambda n: press_call_now(clinic, events, seed=n))
        evening.end_after_rests()
        told = second.log()  # its threads may die noisily with it
    assert set().union(*refusals) <= {"UserError"}
    assert_nobody_was_wronged(clinic, simulator, events)
    assert never_called(clinic, simulator) == []
    clinic.assert_log_is_clean(DOCUMENTED, told)


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


@pytest.fixture
def unhurried(clinic):
    """The next call does not begin while several clients still speak of this one."""
    names = ("reminder_pause_no_answer", "reminder_pause_machine")
    clinic.configure(**dict.fromkeys(names, 60))
    yield
    clinic.configure(**dict.fromkeys(names, 0))


@pytest.mark.parametrize("word", ["confirmed", "operator", "no_answer"])
@pytest.mark.usefixtures("unhurried")
def test_one_callback_from_ten_clients_has_one_effect(clinic, standin, word):
    (event,) = clinic.book()
    clinic.wait("it rings", lambda: clinic.attempt(event)["state"] == "requested")
    fields = {"guid": clinic.attempt(event)["guid"], "response": word}
    replies = in_parallel(10, lambda _n: clinic.report(**fields))
    assert [reply.status_code for reply in replies] == [200] * 10
    wait_until_processed(clinic, [fields["guid"]], callbacks=10)
    kept = [callback["disposition"] for callback in clinic.callbacks(fields["guid"])]
    assert sorted(kept) == ["applied"] + ["repeated"] * 9
    assert clinic.delivered().results(event) == [word]
    assert clinic.to_dos(event) == (word == "operator")
    assert clinic.status_changes(event) == (word != "no_answer")


@pytest.mark.usefixtures("unhurried")
def test_contradicting_callbacks_at_once_leave_one_answer(clinic, standin):
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
    implied = {"confirmed": "confirmed", "declined": "cancelled"}
    clinic.delivered()
    for event in events:
        (result,) = clinic.results(event)
        assert clinic.visit(event)["visit_status"] == implied[result]
        assert clinic.to_dos(event) == 1  # staff are told of the contradiction


# === Voicebox in trouble === #


def test_voicebox_goes_down_and_comes_back(clinic, simulator):
    simulator.set_script(default={"confirm": 3, "busy": 1})
    simulator.set_faults({"slow": 0.5})
    evening = Evening(clinic, simulator, visits=60)
    clinic.wait("calls are made", lambda: simulator.state()["accepted"] >= 10)
    go_down(clinic, simulator)
    assert clinic.channel()["error_kind"] == "not_sent"
    clinic.wait("Voicebox is back", lambda: is_up(simulator))
    simulator.set_faults()
    evening.end_after_rests()
    assert_nobody_was_wronged(clinic, simulator, evening.events)
    assert never_called(clinic, simulator) == []


def go_down(clinic, simulator):
    """Voicebox is away, at least until the dispatcher has met nobody."""

    def is_met():
        if is_up(simulator):
            simulator.down(4)
            clinic.wait("Voicebox is away", lambda: not is_up(simulator))
        return clinic.channel()["state"] == "paused"

    clinic.wait_waking("the queue rests", is_met, "dispatch")


def is_up(simulator):
    try:
        return bool(simulator.state())
    except OSError:
        return False


def test_credentials_are_refused_in_the_middle(clinic, simulator):
    """Nothing is spent, nothing is lost, the administrator is told once."""
    simulator.set_faults({"401": list(range(20, 60))})
    evening = Evening(clinic, simulator, visits=50)
    clinic.wait("the queue rests", lambda: clinic.channel()["state"] == "paused")
    for _ in range(3):  # it rests longer and longer, and tries one call each time
        clinic.pause_over()
        clinic.run("dispatch")
    assert clinic.channel()["error_kind"] == "configuration"
    assert clinic.channel_to_dos() == 1
    simulator.set_faults()
    evening.end_after_rests()
    assert clinic.channel_to_dos() == 0
    assert_nobody_was_wronged(clinic, simulator, evening.events)
    assert never_called(clinic, simulator) == []
    assert clinic.statuses(evening.events) == {"confirmed": 50}


def test_replies_that_come_too_late(clinic, simulator):
    """Law 2: the phone rings long before we are told, or have stopped waiting."""
    clinic.configure(voicebox_max_lines=0)
    simulator.set_script(default={"confirm": 2, "no_answer": 1, "hang_up": 1})
    simulator.set_faults({"slow": {"calls": [1], "seconds": REPLY_TIMEOUT + 2}})
    evening = Evening(clinic, simulator, visits=30)
    evening.end_after_rests()
    assert_nobody_was_wronged(clinic, simulator, evening.events)
    assert never_called(clinic, simulator) == []
    assert {c["error_kind"] for c in clinic.attempts(*evening.events)} >= {"ambiguous"}


# === Rubbish === #

JSON = {"Content_Type": "application/json"}
PAGE = b"<html><body>Back soon</body></html>"


def say(connection, standin):
    """Accept, with something that is no answer; another thing each time."""
    RUBBISH[len(standin.requests) % len(RUBBISH)](connection, standin)


def raw(message):
    return lambda connection, _standin: hang_up(connection, message)


def hang_up(connection, message):
    connection.sendall(message)
    connection.close()


def endless(connection, _standin):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
    while True:
        connection.sendall(b" " * 65536)


RUBBISH = [
    reply(200, PAGE, Content_Type="text/html"),
    reply(200, bytes(range(256)), **JSON),
    reply(200, b'{"id": 12', **JSON),
    reply(200, b"[" * 100_000, **JSON),
    *(
        reply(200, b'{"id": %s}' % value, **JSON)
        for value in (
            b"null",
            b"true",
            b"[1]",
            b'{"id": 1}',
            b'""',
            b"1e999",
            b'"\\u0000"',
        )
    ),
    reply(503, PAGE, Content_Type="text/html", Content_Encoding="gzip"),
    raw(b"\x16\x03\x01\x00garbage\r\n\r\n"),
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{"),
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
    raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    raw(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 5000 + b"\r\n"),
    raw(b"HTTP/9.9 \xff\xfe\r\n\r\n"),
    endless,
    reset,
]


def test_rubbish_for_an_answer(clinic, standin):
    """Laws 2 and 6: each call is placed once, waited for, and takes its callback."""
    standin.behave = say
    clinic.configure(voicebox_max_lines=0)
    events = clinic.book(len(RUBBISH))
    clinic.wait(
        "all were called",
        lambda: len(standin.requests) >= len(events),
        again=clinic.pause_over,
    )
    clinic.run("dispatch", "sweep")
    attempts = clinic.attempts(*events)
    assert sorted(standin.numbers()) == sorted(a["phone"][1:] for a in attempts)
    assert len(attempts) == len(events)
    assert {a["is_counted"] for a in attempts} == {True}
    assert {a["state"] for a in attempts} == {"requested"}
    for attempt in attempts:
        answer = clinic.report(guid=attempt["guid"], response="confirmed")
        assert answer.status_code == 200
    assert clinic.delivered().statuses(events) == {"confirmed": len(events)}
