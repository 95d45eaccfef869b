"""A Voicebox with bad manners: what it does follows from a seed and the call."""

import heapq
import itertools
import json
import random
import threading
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .story import FIRST_DAY, to_utc

WORDS = {
    "confirmed": ("confirmed", "1", " Confirmed "),
    "declined": ("declined", "2"),
    "operator": ("operator", "3"),
    "hung_up": (),
    "no_answer": ("no_answer", "5"),
    "machine": ("machine",),
}
PICKED_UP = ("confirmed", "declined", "operator", "hung_up")
OUTCOMES = {
    "confirmed": 42,
    "declined": 8,
    "operator": 6,
    "hung_up": 10,
    "no_answer": 22,
    "machine": 12,
}
REFUSED_ENDING = "77"  # of the numbers that Voicebox will not dial


def _period(day, begin, end):
    date = FIRST_DAY + timedelta(days=day)
    return to_utc(date, begin), to_utc(date, end)


# what Voicebox answers at these times, instead of starting the call properly
TROUBLES = {
    "down": (_period(2, time(11), time(12)), _period(10, time(19), time(23))),
    "unauthorized": (_period(4, time(14), time(14, 40)),),
    "throttled": (_period(5, time(11), time(11, 20)),),
    "broken": (_period(7, time(16), time(16, 30)),),
    "rubbish": (_period(9, time(12), time(13)),),
    "silent": (_period(11, time(9), time(10)),),
}


@dataclass
class Dial:
    """One POST as Voicebox saw it."""

    at: datetime
    guid: str
    number: str
    text: str
    reply: str  # "accepted" or the trouble
    rings: bool
    outcome: str = ""
    ends: datetime | None = None
    call_id: str = ""
    words: list = field(default_factory=list)


@dataclass(order=True)
class Report:
    """A callback on its way."""

    at: datetime
    ordinal: int
    dial: Dial = field(compare=False)
    word: str = field(compare=False)
    fields: dict = field(compare=False)
    tells: bool = field(compare=False)  # is it to have an effect?


class Robot:
    """Answers POSTs; its callbacks wait in `due()` until the clock is there."""

    def __init__(self, clock, journal, seed):
        self._clock, self._journal, self._seed = clock, journal, seed
        self._reports, self._ordinals = [], itertools.count()
        self._lock = threading.Lock()
        self._calls_of = {}
        self.deliver_early = None  # set by the office
        self._server = None
        self.port = None
        self.open()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/v1/sb"

    def open(self):
        handler = type("Handler", (_Handler,), {"robot": self})
        self._server = _Server(("127.0.0.1", self.port or 0), handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def keep_hours(self):
        """Be down when it is time to be, and up again after."""
        if self.trouble() == "down":
            self.close()
        elif not self._server:
            self.open()

    def trouble(self):
        for name, periods in TROUBLES.items():
            if any(begin <= self._clock.now < end for begin, end in periods):
                return name
        return ""

    # === A call === #
    def take(self, body):
        """Start a call as well as it goes; the reply's status, body, headers."""
        data = body["data"]
        with self._lock:
            calls = self._calls_of.setdefault(data["number"], [])
            chance = random.Random(f"{self._seed} {data['number']} {len(calls)}")
            dial = self._dial(data, chance)
            calls.append(dial)
            self._journal.append(("dial", self._clock.now, dial))
        if dial.rings:
            early = self._converse(dial, chance)
            for report in early:
                self.deliver_early(report)
        return _reply(dial, chance)

    def _dial(self, data, chance):
        trouble = self.trouble()
        if data["number"].endswith(REFUSED_ENDING) and not trouble:
            trouble = "rejected"
        if not trouble and chance.random() < 0.02:
            trouble = "reset"
        rings = trouble in ("", "rubbish", "silent", "reset")
        if trouble == "broken":
            rings = chance.random() < 0.5
        return Dial(
            self._clock.now,
            data["guid"],
            data["number"],
            data["visit"],
            trouble or "accepted",
            rings,
        )

    def _converse(self, dial, chance):
        """Play the conversation; the reports that come before our reply."""
        dial.outcome = chance.choices([*OUTCOMES], [*OUTCOMES.values()])[0]
        dial.call_id = f"call {dial.guid[:13]}"
        picks_up = dial.at + timedelta(seconds=20)
        dial.ends = picks_up + timedelta(seconds=chance.randrange(20, 150))
        reports = []
        if dial.outcome in PICKED_UP:
            reports += self._report(dial, "answered", picks_up, chance)
        if WORDS[dial.outcome]:
            word = chance.choice(WORDS[dial.outcome])
            reports += self._report(dial, word, dial.ends, chance)
        early = reports if chance.random() < 0.03 else []
        with self._lock:
            for report in reports if not early else ():
                heapq.heappush(self._reports, report)
        return early

    def _report(self, dial, word, at, chance):
        """One word of the scenario, on its bad way to us."""
        fate = chance.choices(
            ["right", "lost", "twice", "late", "by_id", "by_guid", "noise"],
            [74, 6, 6, 4, 4, 4, 2],
        )[0]
        if fate == "lost":
            return []
        if fate == "late":
            at += timedelta(minutes=chance.randrange(1, 400))
        fields = {
            "guid": dial.guid if fate != "by_id" else "",
            "call_id": dial.call_id if fate != "by_guid" else "",
            "number_b": dial.number,
        }
        reports = [self._make(at, dial, word, fields)] * (2 if fate == "twice" else 1)
        if fate == "noise":
            reports += self._noise(dial, word, at, fields)
        return reports

    def _make(self, at, dial, word, fields, tells=True):
        return Report(at, next(self._ordinals), dial, word, fields, tells)

    def _noise(self, dial, word, at, fields):
        """Authentic callbacks that may change nothing."""
        stranger = {"guid": "of another system", "call_id": "x", "number_b": ""}
        other_number = {**fields, "number_b": "12125550199"}
        yield self._make(at, dial, "confirmed", stranger, tells=False)
        yield self._make(at, dial, "declined", other_number, tells=False)
        yield self._make(at, dial, "perhaps", fields, tells=False)

    def due(self, until):
        """The reports up to a moment, in the order of their arrival."""
        while self._reports and self._reports[0].at <= until:
            yield heapq.heappop(self._reports)


def _reply(dial, chance):
    """Status, body and headers; no status: the connection is cut."""
    accepted = {"id": dial.call_id}
    if chance.random() < 0.5:
        accepted = {"id": dial.call_id, "state": "queued", "lines": [1, 2]}
    return {
        "accepted": (200, json.dumps(accepted), {}),
        "unauthorized": (401, "who are you?", {}),
        "throttled": (429, "", {"Retry-After": "120"}),
        "broken": (503, "<html>Bad Gateway</html>", {}),
        "rubbish": (200, "\x00<html>�{", {}),
        "silent": (204, "", {}),
        "rejected": (400, '{"error": "no such number"}', {}),
        "reset": (None, "", {}),
    }[dial.reply]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    robot = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer, headers = self.robot.take(json.loads(body))
        if status is None:
            self.close_connection = True
            return
        answer = answer.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Keep the play's output quiet."""
