"""The stand-in for Voicebox by itself: its contract, its faults, its log."""

import base64
import http.server
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

import pytest
import requests

from ground import ROOT
from voicebox_simulator import dialogue, intake
from voicebox_simulator.behaviour import Script, ScriptError
from voicebox_simulator.config import Config, ConfigError, read
from voicebox_simulator.faults import NAMES, FaultError, Faults
from voicebox_simulator.process import Simulator, SimulatorError

METHOD = Config().method
AUTH = ("voicebox", "voicebox")
NUMBER = "12025550100"
NAME = "Валерия Сергеевна"
VISIT = "Эндоскопист 4 июня 2022 г 11 30"
SECRET = "very-secret-word"
CALLBACKS = {
    "confirm": ["answered", "confirmed"],
    "decline": ["answered", "declined"],
    "another_time": ["answered", "operator"],
    "no_then_silence": ["answered", "operator"],
    "no_then_hang_up": ["answered"],
    "operator": ["answered", "operator"],
    "silence": ["answered", "operator"],
    "hang_up": ["answered"],
    "machine": ["answered", "machine"],
    "no_answer": ["no_answer"],
    "busy": ["no_answer"],
}


class Clinic(http.server.ThreadingHTTPServer):
    """Receives callbacks, as the robot's client does."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ClinicHandler)
        self.received = []
        self.status = 200
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/callback"

    def bodies(self):
        return [json.loads(body) for _, _, body in self.received]

    def words(self):
        return [body["response"] for body in self.bodies()]


class ClinicHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


@pytest.fixture
def clinic():
    server = Clinic()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def running():
    with Simulator(speed=3000) as simulator:
        yield simulator


@pytest.fixture
def simulator(running, clinic):
    running.reset()
    running.set_faults()
    running.set_script()
    running.set_person(False)
    running.set_callback(clinic.url, SECRET)
    yield running
    assert running.output == ""


def order(number=NUMBER, **data):
    data = {"name": NAME, "visit": VISIT, **data}
    guid = str(uuid.uuid4())
    return {"method": METHOD, "data": {"number": number, "guid": guid, **data}}


def post(simulator, body=None, auth=AUTH, timeout=20, **arguments):
    with requests.Session() as session:
        session.trust_env = False
        session.auth = auth
        if body is None and "data" not in arguments:
            body = order()
        arguments |= {"json": body} if body is not None else {}
        return session.post(simulator.api_url, timeout=timeout, **arguments)


# === pure parts ===


def play(behaviour):
    patient = dialogue.ScriptedPatient(behaviour, random.Random(1))
    phase, blocks, seconds = "dialling", [], 0
    while phase != "ended":
        wait = patient.wait(phase, "x" * 90)
        phase, block = dialogue.advance(phase, wait.event)
        blocks += [block] if block else []
        seconds += wait.seconds
        assert wait.seconds >= 0
    return blocks, seconds


@pytest.mark.parametrize("behaviour", CALLBACKS)
def test_each_behaviour_runs_its_blocks(behaviour):
    blocks, seconds = play(behaviour)
    assert blocks == CALLBACKS[behaviour]
    assert seconds > 0


def test_every_behaviour_is_covered():
    assert set(CALLBACKS) == set(dialogue.BEHAVIOURS)


def test_silence_hears_the_question_twice():
    assert play("silence")[1] > play("operator")[1]


def test_every_press_of_the_page_leads_somewhere():
    assert dialogue.expand("ringing", "machine") == ("pick_up", "machine")
    assert dialogue.expand("question_1", "another_time") == ("no", "yes")
    assert dialogue.expand("question_2", "yes") == ("yes",)
    assert dialogue.expand("ringing", "yes") == ()


def test_script_gives_each_call_its_turn():
    script = Script({"numbers": {NUMBER: ["busy", "machine"]}, "default": "decline"}, 1)
    turns = [script.next(NUMBER) for _ in range(4)]
    assert turns == ["busy", "machine", "machine", "machine"]
    assert script.next("12025550101") == "decline"


def test_weights_follow_the_seed():
    def draw(seed):
        script = Script({"default": {"confirm": 3, "busy": 1}}, seed)
        return [script.next(f"120255501{number:02}") for number in range(100)]

    assert draw(1) == draw(1) != draw(2)
    assert 50 < draw(1).count("confirm") < 95


@pytest.mark.parametrize(
    "spec",
    [
        {"default": "maybe"},
        {"default": []},
        {"default": [["busy"]]},
        {"default": {"confirm": -1}},
        {"default": {"confirm": "much"}},
        {"numbers": []},
        {"number": {}},
        [],
    ],
)
def test_bad_scripts_are_refused(spec):
    with pytest.raises(ScriptError, match=r"\.$"):
        Script(spec, 1)


def test_faults_by_ordinal_number_and_call():
    faults = Faults({"401": [2], "slow": {"numbers": [NUMBER], "calls": [1]}}, 1)
    assert faults.strike(2, "", 1) == {"401": {}}
    assert faults.strike(1, NUMBER, 1) == {"slow": {"seconds": 5}}
    assert faults.strike(3, NUMBER, 2) == {}


def test_every_fault_has_words_in_both_languages():
    texts = (ROOT / "voicebox_simulator" / "static" / "texts.js").read_text()
    worded = re.findall(r"\n    fault: \{(.*?)\n    \}", texts, re.DOTALL)
    assert len(worded) == 2
    for words in worded:
        assert set(re.findall(r"^ +(\w+):", words, re.MULTILINE)) == set(NAMES)


def test_fault_chances_follow_the_seed():
    def draw(seed):
        faults = Faults({"no_reply": 0.3}, seed)
        return [bool(faults.strike(n, NUMBER, n)) for n in range(1, 301)]

    assert draw(1) == draw(1) != draw(2)
    assert 60 < sum(draw(1)) < 120


@pytest.mark.parametrize(
    "spec",
    [
        {"fire": 1},
        {"slow": 2},
        {"slow": "often"},
        {"slow": {"speed": 1}},
        {"slow": {"seconds": -1}},
        {"slow": {"probability": "1"}},
        {"callback_lost": {"which": "third"}},
        {"401": {"ordinals": 3}},
        [],
    ],
)
def test_bad_faults_are_refused(spec):
    with pytest.raises(FaultError, match=r"\w"):
        Faults(spec, 1)


def headers(**more):
    credentials = base64.b64encode(b"voicebox:voicebox").decode()
    return {
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/json",
        **more,
    }


def test_intake_takes_a_good_request():
    body = order(NUMBER, room="12")
    taken = intake.check(headers(), json.dumps(body).encode(), Config())
    assert taken == (NUMBER, body["data"]["guid"], NAME, VISIT, [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("number", "+12025550100"),
        ("number", 12025550100),
        ("number", "1202555010"),
        ("number", "1202555010٠"),
        ("number", "12025550100\n"),
        ("guid", "1"),
        ("guid", None),
        ("name", 5),
        ("visit", None),
    ],
)
def test_intake_refuses_bad_fields(key, value):
    body = json.dumps(order(**{key: value})).encode()
    with pytest.raises(intake.Refusal, match=key) as refusal:
        intake.check(headers(), body, Config())
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("more", "body", "status"),
    [
        ({"Authorization": ""}, b"{}", 401),
        ({"Authorization": "Basic !"}, b"{}", 401),
        ({"Authorization": "Basic eDp5"}, b"{}", 401),
        ({"Authorization": "Bearer eDp5"}, b"{}", 401),
        ({"Content-Type": "text/plain"}, b"{}", 400),
        ({}, b"{", 400),
        ({}, b"[" * 100_000, 400),
        ({}, b"\xff", 400),
        ({}, b"[]", 400),
        ({}, b'{"method": "other", "data": {}}', 400),
        ({}, b'{"method": "other", "data": []}', 400),
    ],
)
def test_intake_refuses_bad_requests(more, body, status):
    with pytest.raises(intake.Refusal) as refusal:
        intake.check(headers(**more), body, Config())
    assert refusal.value.status == status


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Лор 5 мая 11:30 A", True),
        ("Алёна", False),
        ("Петр-Иван", False),
        ("Лор, 5 мая", False),
        ("Лор\n5", False),
        ("Їжак", False),
        (" ", False),
    ],
)
def test_what_the_robot_stumbles_over(text, good):
    body = json.dumps(order(name=text)).encode()
    assert (intake.check(headers(), body, Config()).defects == []) == good


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"speed": 0}, "speed"),
        ({"speed": True}, "speed"),
        ({"port": 70000}, "port"),
        ({"lines": -1}, "lines"),
        ({"ids": "uuid"}, "ids"),
        ({"sped": 3}, "sped"),
    ],
)
def test_bad_settings_are_named(values, words):
    with pytest.raises(ConfigError, match=words):
        read(None, values)


# === calls over the wire ===


@pytest.mark.parametrize("behaviour", CALLBACKS)
def test_callbacks_of_each_behaviour(simulator, clinic, behaviour):
    simulator.set_script(default=behaviour)
    body = order()
    reply = post(simulator, body)
    assert reply.status_code == 200
    simulator.wait_idle(1)
    assert clinic.bodies() == [
        {
            "guid": body["data"]["guid"],
            "call_id": str(reply.json()["id"]),
            "number_b": NUMBER,
            "response": word,
        }
        for word in CALLBACKS[behaviour]
    ]
    entry = simulator.log()[0]
    assert [sent["status"] for sent in entry["callbacks"]] == [200] * len(
        CALLBACKS[behaviour]
    )
    assert bool(entry["talk_intervals"]) == ("answered" in CALLBACKS[behaviour])
    assert bool(entry["ring_intervals"]) == (behaviour != "busy")


def test_log_is_the_truth_to_the_byte(simulator):
    raw = json.dumps(order(), ensure_ascii=False).encode() + b"  "
    post(simulator, data=raw, headers={"Content-Type": "application/json"})
    simulator.wait_idle(1)
    entry = simulator.log()[0]
    assert entry["raw_body"] == raw
    assert ["Authorization", "Basic"] in entry["headers"]
    assert (entry["number"], entry["name"], entry["visit"]) == (NUMBER, NAME, VISIT)
    assert (entry["ordinal"], entry["outcome"]) == (1, "confirmed")
    rang, picked_up = entry["ring_intervals"][0]
    assert entry["time"] <= rang <= picked_up <= entry["ended"]
    assert picked_up == entry["talk_intervals"][0][0]


def test_wrong_password_is_refused_and_listed(simulator):
    assert post(simulator, auth=("voicebox", "wrong")).status_code == 401
    assert post(simulator, {"method": METHOD, "data": {}}).status_code == 400
    assert simulator.log() == []
    assert [refused["status"] for refused in simulator.refused()] == [401, 400]
    assert "wrong" not in json.dumps(simulator.refused()[0]["headers"])


def test_unspeakable_text_ends_at_the_operator(simulator, clinic):
    post(simulator, order(name="Алёна"))
    simulator.wait_idle(1)
    entry = simulator.log()[0]
    assert clinic.words() == ["answered", "operator"]
    assert "U+0451" in entry["defects"][0]
    assert entry["behaviour"] == "confirm"


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({}, "Basic " + base64.b64encode(f"x:{SECRET}".encode()).decode()),
        ({"auth": "bearer"}, f"Bearer {SECRET}"),
        ({"auth": "none"}, None),
    ],
)
def test_secret_goes_where_it_is_set(simulator, clinic, settings, header):
    simulator.set_callback(clinic.url, SECRET, **settings)
    post(simulator)
    simulator.wait_idle(1)
    assert [sent.get("Authorization") for _, sent, _ in clinic.received] == [header] * 2
    assert SECRET not in json.dumps(simulator.state())


def test_callbacks_as_form_fields_in_other_words(simulator, clinic):
    media_type = "application/x-www-form-urlencoded; charset=utf8"
    simulator.set_callback(
        clinic.url, format="form", words={"answered": "4"}, content_type=media_type
    )
    post(simulator)
    simulator.wait_idle(1)
    _, sent, body = clinic.received[0]
    assert sent["Content-Type"] == media_type
    fields = dict(urllib.parse.parse_qsl(body.decode()))
    assert (fields["number_b"], fields["response"]) == (NUMBER, "4")


def test_failed_callbacks_are_lost_and_logged(simulator, clinic):
    clinic.status = 503
    post(simulator)
    simulator.wait_idle(1)
    assert len(clinic.received) == 2
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/{SECRET}"
        simulator.set_callback(url)
        post(simulator)
        simulator.wait_idle(2)
    first, second = (entry["callbacks"] for entry in simulator.log())
    assert [sent["status"] for sent in first] == [503, 503]
    assert [sent["status"] for sent in second] == [None, None]
    assert "Connector" in second[0]["error"]
    assert SECRET not in json.dumps(second)


def test_dead_callback_address_does_not_end_the_call(simulator):
    simulator.set_callback("http://127.0.0.1:99999/")
    post(simulator)
    assert simulator.wait_idle(1)["outcomes"] == {"confirmed": 1}


def test_phone_rung_twice_at_once(simulator):
    simulator.set_person(True)
    post(simulator)
    simulator.set_person(False)
    wait_for(simulator, "ringing")
    post(simulator)
    wait_for(simulator, "done")
    simulator.press(1, "busy")
    simulator.wait_idle(2)
    (violation,) = simulator.violations()
    assert (violation["kind"], violation["ordinal"]) == ("rung twice at once", 2)
    assert (violation["other"], violation["phase"]) == (1, "ringing")
    assert simulator.log()[1]["outcome"] == "no_answer"
    assert simulator.log()[1]["violations"] == [violation]


def test_same_phone_one_after_the_other_is_fine(simulator):
    for calls in (1, 2):
        post(simulator)
        simulator.wait_idle(calls)
    assert simulator.violations() == []


def test_same_guid_twice(simulator):
    body = order()
    post(simulator, body)
    simulator.wait_idle(1)
    post(simulator, body)
    assert [item["kind"] for item in simulator.violations()] == ["guid used twice"]


def wait_for(simulator, phase, count=1):
    end = time.monotonic() + 20
    while simulator.state()[phase] != count:
        assert time.monotonic() < end, simulator.state()
        time.sleep(0.02)


# === a person ===


def test_person_answers_by_buttons(simulator, clinic):
    simulator.set_person(True)
    post(simulator)
    wait_for(simulator, "ringing")
    with pytest.raises(SimulatorError, match="Too late"):
        simulator.press(1, "yes")
    simulator.press(1, "pick_up")
    wait_for(simulator, "talking")
    wait_until_pressed(simulator, 1, "no")
    wait_until_pressed(simulator, 1, "yes")
    wait_until_pressed(simulator, 1, "hang_up")
    simulator.wait_idle(1)
    assert clinic.words() == ["answered", "operator"]
    assert simulator.log()[0]["behaviour"] == "person"


def wait_until_pressed(simulator, ordinal, button):
    """Press as soon as the robot listens: it is deaf while a callback is under way."""
    end = time.monotonic() + 20
    while True:
        try:
            return simulator.press(ordinal, button)
        except SimulatorError:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_person_who_does_nothing_is_not_reached(clinic):
    with Simulator(person=True, ring_timeout=0.2, speed=3000) as simulator:
        simulator.set_callback(clinic.url)
        post(simulator)
        simulator.wait_idle(1)
    assert clinic.words() == ["no_answer"]


def test_silent_person_goes_to_the_operator(clinic):
    settings = {"answer_timeout": 0.1, "speed": 3000}
    with Simulator(script={"default": "person"}, **settings) as simulator:
        simulator.set_callback(clinic.url)
        post(simulator)
        wait_for(simulator, "ringing")
        simulator.press(1, "pick_up")
        simulator.wait_idle(1)
    assert clinic.words() == ["answered", "operator"]


def test_person_takes_a_scripted_call_over(simulator, clinic):
    simulator.set_speed(1)
    post(simulator)
    wait_for(simulator, "ringing")
    simulator.press(1, "busy")
    simulator.wait_idle(1)
    simulator.set_speed(3000)
    assert clinic.words() == ["no_answer"]
    assert simulator.log()[0]["behaviour"] == "person"


# === faults ===


@pytest.mark.parametrize("status", [401, 403, 429, 400, 500])
def test_refusals_place_no_call(simulator, clinic, status):
    simulator.set_faults({str(status): [1]})
    reply = post(simulator)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]
    assert (reply.headers.get("Retry-After") == "30") == (status == 429)
    assert simulator.log() == clinic.received == []
    assert simulator.refused()[0]["fault"] == str(status)
    assert post(simulator).status_code == 200


def test_500_may_hide_a_placed_call(simulator, clinic):
    simulator.set_faults({"500": {"placed": True}})
    assert post(simulator).status_code == 500
    simulator.wait_idle(1)
    assert clinic.words() == ["answered", "confirmed"]


def test_refuse_resets_the_connection(simulator):
    simulator.set_faults({"refuse": 1})
    with pytest.raises(requests.ConnectionError):
        post(simulator)
    assert (simulator.log(), simulator.refused()[0]["status"]) == ([], 0)


def test_half_a_request_is_no_call(simulator):
    """Who asked has died over it, as a killed Odoo does: nothing to complain of."""
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = b"POST /api/v1/sb HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        connection.sendall(head + b"{")
        simulator.state()  # by now it is reading
    time.sleep(0.3)
    assert simulator.state()["accepted"] == 0


@pytest.mark.parametrize("hang", [False, True])
def test_no_reply_places_the_call(simulator, clinic, hang):
    simulator.set_faults({"no_reply": {"hang": hang}})
    with pytest.raises(requests.ReadTimeout if hang else requests.ConnectionError):
        post(simulator, timeout=1)
    simulator.wait_idle(1)
    assert clinic.words() == ["answered", "confirmed"]


def test_slow_reply_while_the_phone_rings(simulator, clinic):
    simulator.set_faults({"slow": {"seconds": 1.5}})
    with pytest.raises(requests.ReadTimeout):
        post(simulator, timeout=0.5)
    simulator.wait_idle(1)
    assert clinic.words() == ["answered", "confirmed"]


def test_useless_bodies(simulator):
    simulator.set_faults({"empty_body": [1], "html_body": [2]})
    empty, page = post(simulator), post(simulator)
    assert (empty.status_code, empty.content) == (200, b"")
    assert (page.status_code, page.text[:6]) == (200, "<html>")
    assert simulator.state()["accepted"] == 2


def test_callback_before_reply(simulator, clinic):
    simulator.set_faults({"callback_before_reply": 1})
    post(simulator)
    assert clinic.words()[0] == "answered"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"callback_twice": 1}, ["answered", "answered", "confirmed", "confirmed"]),
        ({"callbacks_swapped": 1}, ["confirmed", "answered"]),
        ({"callback_lost": 1}, []),
        ({"callback_lost": {"which": "answered"}}, ["confirmed"]),
        ({"callback_lost": {"which": "final"}}, ["answered"]),
        ({"unknown_word": {"which": "final"}}, ["answered", "mystery"]),
        ({"unknown_word": {"word": "7", "which": "answered"}}, ["7", "confirmed"]),
    ],
)
def test_spoilt_callbacks(simulator, clinic, fault, words):
    simulator.set_faults(fault)
    post(simulator)
    simulator.wait_idle(1)
    assert clinic.words() == words
    assert simulator.log()[0]["faults"] == list(fault)


def test_swapping_a_single_callback_loses_nothing(simulator, clinic):
    simulator.set_script(default="hang_up")
    simulator.set_faults({"callbacks_swapped": 1})
    post(simulator)
    simulator.wait_idle(1)
    assert clinic.words() == ["answered"]


def test_late_callback_comes_after_the_call(simulator, clinic):
    simulator.set_faults({"callback_late": {"hours": 1, "which": "answered"}})
    post(simulator)
    simulator.wait_idle(1)
    assert clinic.words() == ["confirmed", "answered"]


def test_wrong_fields_in_callbacks(simulator, clinic):
    simulator.set_faults({"wrong_number_b": 1, "guid_left_out": 1, "call_id_number": 1})
    reply = post(simulator)
    simulator.wait_idle(1)
    body = clinic.bodies()[0]
    assert body == {
        "call_id": reply.json()["id"],
        "number_b": "12025550101",
        "response": "answered",
    }


def test_every_fault_can_be_switched_on(simulator):
    simulator.set_faults(dict.fromkeys(NAMES, 0.0))
    assert post(simulator).status_code == 200


# === lines, ids, the file, the control API, the process ===


def test_calls_queue_for_a_line(clinic):
    with Simulator(lines=1, speed=3000) as simulator:
        simulator.set_callback(clinic.url)
        for number in range(6):
            post(simulator, order(f"1202555010{number}"))
        simulator.wait_idle(6)
        spans = [
            (entry["ring_intervals"][0][0], entry["talk_intervals"][0][1])
            for entry in simulator.log()
        ]
    assert all(
        end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False)
    )


def test_all_lines_busy_is_refused():
    with Simulator(lines=1, busy="reject", person=True) as simulator:
        assert post(simulator).status_code == 200
        refused = post(simulator, order("12025550101"))
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert simulator.refused()[0]["words"] == "All lines busy"


def test_ids_as_strings():
    with Simulator(ids="string") as simulator:
        first, second = (post(simulator).json()["id"] for _ in range(2))
    assert isinstance(first, str)
    assert first != second


def test_log_file_has_the_call_before_the_reply(tmp_path):
    path = tmp_path / "calls.jsonl"
    with Simulator(log=str(path), person=True) as simulator:
        post(simulator)
        post(simulator, auth=("x", "y"))
        simulator._process.kill()
        simulator._process.wait()
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [event["event"] for event in events] == ["accepted", "refused"]
    assert events[0]["number"] == NUMBER


def test_log_file_tells_the_whole_story(tmp_path, clinic):
    path = tmp_path / "calls.jsonl"
    settings = {"callback": {"url": clinic.url, "secret": SECRET}, "speed": 3000}
    with Simulator(log=str(path), **settings) as simulator:
        post(simulator)
        simulator.wait_idle(1)
    events = [
        json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()
    ]
    assert events == ["accepted", "callback", "callback", "ended"]
    assert SECRET not in path.read_text("utf-8")


def test_reset_forgets_calls_and_keeps_settings(simulator, clinic):
    simulator.set_script({NUMBER: ["busy", "confirm"]})
    simulator.set_faults({"401": [1]})
    post(simulator)
    simulator.set_person(True)
    post(simulator)
    simulator.set_person(False)
    state = simulator.reset()
    assert (state["accepted"], state["refused"], state["idle"]) == (0, 0, True)
    assert post(simulator).status_code == 401
    post(simulator)
    simulator.wait_idle(1)
    assert clinic.words() == ["no_answer"]


def test_down_refuses_connections_and_comes_back(simulator):
    with requests.Session() as session:
        session.trust_env = False
        state = f"{simulator.url}/control/state"
        session.get(state, timeout=5)
        simulator.down(1)
        with pytest.raises(requests.ConnectionError):
            while True:
                session.get(state, timeout=5)
    assert answers_again(state)


def answers_again(address):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            return requests.get(address, timeout=5).ok
        except requests.ConnectionError:
            time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("verb", "what", "body"),
    [
        ("PUT", "script", {"default": "maybe"}),
        ("PUT", "faults", {"fire": 1}),
        ("PUT", "callback", {"url": "ftp://x"}),
        ("PUT", "callback", {"words": {"hello": "1"}}),
        ("PUT", "speed", {"speed": 0}),
        ("PUT", "person", {"person": 1}),
        ("POST", "press", {"ordinal": [], "button": "yes"}),
        ("POST", "down", {}),
        ("PUT", "script", []),
    ],
)
def test_bad_control_requests_get_a_sentence(simulator, verb, what, body):
    with pytest.raises(SimulatorError, match=r"\w+ .*\w"):
        simulator._ask(verb, what, body)


def test_foreign_pages_can_not_control(simulator):
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        reply = requests.post(
            f"{simulator.url}/control/reset",
            data="{}",
            headers={"Content-Type": media_type},
            timeout=5,
        )
        assert reply.status_code == 400


def test_page_and_its_stream(simulator):
    page = requests.get(simulator.url, timeout=5)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    post(simulator)
    simulator.wait_idle(1)
    stream = requests.get(f"{simulator.url}/events", stream=True, timeout=5)
    with stream:
        line = next(stream.iter_lines(chunk_size=1))
    snapshot = json.loads(line.removeprefix(b"data: "))
    assert snapshot["rows"][0]["outcome"] == "confirmed"
    assert SECRET not in line.decode()


def test_a_desk_is_shown_beside_the_phones(simulator):
    assert requests.get(f"{simulator.url}/beside", timeout=5).status_code == 404
    with Simulator(desk="http://127.0.0.1:9/odoo/clinic-board") as other:
        page = requests.get(f"{other.url}/beside", timeout=5)
    assert 'src="http://127.0.0.1:9/odoo/clinic-board"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("frame-src 'self' http://127.0.0.1:9")


def test_a_desk_has_an_address():
    with pytest.raises(ConfigError):
        Config(desk="javascript:alert(1)")


def run(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "voicebox_simulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        **options,
    )


def test_port_taken_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = run("--port", str(taken.getsockname()[1]))
        out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "is taken by another program" in error
    assert (out, error.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "/nowhere.json"], "can't be read"),
        (["--script", "/nowhere.json"], "can't be used"),
        (["--log", "/nowhere/log"], "can't be written"),
        (["--fault", "slow=x"], "not JSON"),
        (["--fault", "fire"], "no fault"),
        (["--answer", "maybe"], "no behaviour"),
        (["--answer", "confirm=x"], "--answer"),
        (["--callback-auth", "digest"], "callback auth"),
        (["--speed", "-1"], "speed"),
    ],
)
def test_bad_command_lines_are_said_in_a_sentence(arguments, words):
    process = run(*arguments)
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly_with_calls_and_pages_open(tmp_path, number):
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps({"callback": {"url": "http://127.0.0.1:9/x", "secret": SECRET}})
    )
    process = run(
        *("--port", "0", "--config", str(config), "--answer", "confirm=7,busy=3"),
        *("--fault", 'no_reply={"hang": true}', "--person"),
    )
    address = process.stdout.readline().removeprefix("listening on ").strip()
    with requests.get(f"{address}/events", stream=True, timeout=5):
        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{address}/api/v1/sb", json=order(), auth=AUTH, timeout=0.5)
        process.send_signal(number)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (0, "", "")


def test_ends_when_its_parent_does():
    process = run("--port", "0", "--exit-with-parent", stdin=subprocess.PIPE)
    assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    process.stdout.close()
    process.stderr.close()


def test_start_failure_is_an_error_of_the_helper():
    with pytest.raises(SimulatorError, match="no setting called nonsense"):
        Simulator(nonsense=1).start()
