"""A clinic, its patients and a Voicebox of our own for the tests of the addon."""

import json
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from freezegun import freeze_time

from odoo.tests import TransactionCase

from ..tools.voicebox_reply import VoiceboxReply

METHOD = "b70a03fe-e239-11ec-0c87-fe3375dcbab9"
# Wednesday, 10:00 in Moscow
NOW = datetime(2030, 6, 5, 7, 0)


class FakeVoicebox:
    """Answers POSTs as it is told and remembers them."""

    def __init__(self):
        self.requests = []
        self.replies = []
        self.reply = (200, {"id": "call-{ordinal}"}, {})
        handler = type("Handler", (_Handler,), {"voicebox": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/v1/sb"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def numbers(self):
        return [request["data"]["number"] for request in self.requests]

    @property
    def guids(self):
        return [request["data"]["guid"] for request in self.requests]

    def next_reply(self):
        status, body, headers = self.replies.pop(0) if self.replies else self.reply
        if isinstance(body, dict):
            body = json.dumps(body).replace("{ordinal}", str(len(self.requests)))
        return status, body.encode(), headers


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a whole batch connects at once


class _Handler(BaseHTTPRequestHandler):
    voicebox = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.voicebox.requests.append(json.loads(body))
        status, answer, headers = self.voicebox.next_reply()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Keep the tests' output quiet."""


class ReminderCase(TransactionCase):
    """A clinic in Moscow on a Wednesday at ten; Voicebox is a local fake."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={**cls.env.context, "no_mail_to_attendees": True, "lang": "en_US"}
        )
        cls.voicebox = FakeVoicebox()
        cls.addClassCleanup(cls.voicebox.close)
        cls.company = cls.env.company
        cls.company.country_id = cls.env.ref("base.ru")
        cls.company.write(
            {
                "voicebox_mode": "live",
                "voicebox_url": cls.voicebox.url,
                "voicebox_login": "clinic",
                "voicebox_password": "not-a-secret",
                "voicebox_method": METHOD,
                "voicebox_max_lines": 0,
                "reminder_tz": "Europe/Moscow",
                "reminder_calendar_id": cls.env.ref(
                    "clinic_voicebox_reminder.reminder_calendar"
                ).id,
            }
        )
        cls.specialist = cls.env["res.users"].create(
            {
                "name": "Specialist of the tests",
                "login": "specialist-of-the-tests",
                "function": "Эндоскопист",
                "company_id": cls.company.id,
                "takes_visits": True,
            }
        )
        cls.policy = cls.env["clinic.reminder.policy"]
        cls.explanation = cls.env["clinic.reminder.explanation"]
        cls.planner = cls.env["clinic.reminder.planner"].sudo()
        cls.reminders = cls.env["clinic.reminder.call"]

    def setUp(self):
        super().setUp()
        self.voicebox.requests.clear()
        self.voicebox.replies.clear()
        self.voicebox.reply = (200, {"id": "call-{ordinal}"}, {})
        self.at(NOW)

    def at(self, moment):
        """Set the clock (naive UTC) until the next call or the test's end."""
        if getattr(self, "_clock", None):
            self._clock.stop()
        else:
            self.addCleanup(lambda: self._clock.stop())
        self._clock = freeze_time(moment, tick=True)
        self._clock.start()
        self.now = moment

    def later(self, **delta):
        self.at(self.now + timedelta(**delta))

    def patient(self, name="Иванова Валерия Сергеевна", ordinal=1, **vals):
        number = f"+12025550{100 + ordinal}"
        return self.env["res.partner"].create({"name": name, "phone": number, **vals})

    def visit(self, patient, start=None, **vals):
        """A visit tomorrow at 12:00 in Moscow, unless told otherwise."""
        start = start or NOW + timedelta(days=1, hours=2)
        return self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(minutes=30),
                "user_id": self.specialist.id,
                "partner_ids": [(6, 0, (patient | self.specialist.partner_id).ids)],
                **vals,
            }
        )

    def run_cron(self, *names):
        for name in names:
            cron = self.env.ref(f"clinic_voicebox_reminder.ir_cron_{name}")
            with self.crons():
                self.assertTrue(cron.method_direct_trigger())
            self.env.invalidate_all()

    @contextmanager
    def crons(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            yield

    def call(self):
        """Plan and dispatch."""
        self.run_cron("plan", "dispatch")

    def callback(self, response, attempt, **values):
        """What the scenario would report about an attempt, and what follows from it.

        :return: the callback's disposition
        """
        callback = self.env["voicebox.callback"]._receive(
            attempt.company_id,
            {
                "guid": attempt.guid,
                "call_id": attempt.call_id or "",
                "number_b": (attempt.phone or "").removeprefix("+"),
                "response": response,
                **values,
            },
        )
        self.run_errands()
        return callback.disposition

    def run_errands(self):
        """As the scheduled action that a callback wakes."""

        def piece(work, *args):
            return work(*args)

        self.env["clinic.reminder.messenger"]._deliver(piece)

    def learn_call_id(self, attempt, call_id):
        """Voicebox's reply to the POST names the call, and what follows from it."""
        reply = VoiceboxReply("accepted", call_id=call_id, http_status=200)
        self.env["clinic.reminder.dispatcher"]._record([(attempt.id, reply)])
        self.run_errands()

    def reminder_of(self, event):
        return self.reminders.search([("event_id", "=", event.id)], order="id")
