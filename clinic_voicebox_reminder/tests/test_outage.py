"""Voicebox in trouble for an hour, minute by minute (laws 2, 3 and 6)."""

from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from threading import Thread
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..services import clinic_reminder_dispatcher, clinic_reminder_queue
from ..tools.voicebox_client import VoiceboxClient
from ..tools.voicebox_reply import VoiceboxReply
from .common import NOW, FakeVoicebox, ReminderCase

BATCH = 8
VISITS = BATCH + 4
PAGE = "<!DOCTYPE html><html><body>Back soon</body></html>"
LONGEST_PAUSE = 15 + 1  # minutes, and one until the cron has seen its end
MOST_TRIES = 10  # in an hour, with pauses that grow from one to fifteen minutes
CLOSING, OPENING = datetime(2030, 6, 5, 17, 0), datetime(2030, 6, 6, 6, 0)


class FaultyVoicebox(FakeVoicebox):
    @contextmanager
    def unreachable(self):
        """Connections are refused meanwhile."""
        server = self._server
        self.close()
        yield
        self._server = type(server)(server.server_address, server.RequestHandlerClass)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()


@tagged("post_install", "-at_install", "slow")
class TestOutage(ReminderCase):
    """Nothing is lost, little or nothing is spent, and calling resumes by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.voicebox = FaultyVoicebox()
        cls.addClassCleanup(cls.voicebox.close)
        cls.company.write(
            {
                "voicebox_url": cls.voicebox.url,
                "reminder_lead_days": 2,
                "reminder_pause_no_result": 0,
            }
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(clinic_reminder_queue, "AT_ONCE", BATCH))
        friday = NOW + timedelta(days=2, hours=2)
        self.visits = self.env["calendar.event"]
        for ordinal in range(VISITS):
            start = friday + timedelta(minutes=ordinal)
            self.visits |= self.visit(self.patient(ordinal=ordinal), start=start)
        self.run_cron("plan")

    @property
    def calls(self):
        return self.reminders.search([("event_id", "in", self.visits.ids)])

    @property
    def channel(self):
        ours = [("company_id", "=", self.company.id)]
        return self.env["voicebox.channel"].search(ours)

    def minutes(self, count, step=1):
        """Let time pass as it does: the crons run every so many minutes."""
        for _ in range(0, count, step):
            self.later(minutes=step)
            self.run_cron("dispatch", "sweep")

    def answered(self):
        """Everybody who is on the phone confirms."""
        for attempt in self.calls.attempt_ids.filtered(lambda a: a.state != "finished"):
            self.callback("confirmed", attempt)

    def assert_told_once(self):
        told = Counter(to_do.user_id for to_do in self.channel.activity_ids)
        self.assertTrue(told)
        self.assertEqual(set(told.values()), {1})

    def assert_nobody_lost(self, minutes):
        """Calling resumes by itself, and everybody was called after so many minutes."""
        for _ in range(minutes):
            self.minutes(1)
            self.answered()
        self.assertEqual(set(self.visits.mapped("visit_status")), {"confirmed"})
        self.assertFalse(self.channel.activity_ids)

    def outage_without_a_call(self, outage):
        """An hour in which surely nobody is called: nothing is spent (law 2)."""
        with outage:
            self.minutes(60)
        self.assertFalse(any(self.calls.mapped("attempt_count")))
        self.assertEqual(set(self.calls.mapped("state")), {"planned"})
        tries = Counter(a.requested_at for a in self.calls.attempt_ids)
        self.assertLess(len(tries), MOST_TRIES)
        self.assertGreater(len(tries), 3)
        self.assert_told_once()
        self.voicebox.requests.clear()
        self.voicebox.reply = (200, {"id": "call-{ordinal}"}, {})
        self.assert_nobody_lost(LONGEST_PAUSE)
        self.assertEqual(set(Counter(self.voicebox.numbers).values()), {1})

    def outage_in_doubt(self, outage):
        """An hour in which each call may be ringing: a batch is spent, and tries."""
        with outage:
            self.minutes(60)
        spent = self.calls.mapped("attempt_count")
        self.assertLess(sum(spent), BATCH + MOST_TRIES)
        self.assertLess(max(spent), self.company.reminder_max_calls)
        self.assertNotIn("not_reached", self.calls.mapped("outcome"))
        self.assert_told_once()
        self.voicebox.reply = (200, {"id": "call-{ordinal}"}, {})
        self.assert_nobody_lost(LONGEST_PAUSE + self.company.reminder_result_timeout)

    def test_wrong_credentials(self):
        self.voicebox.reply = (401, "who are you?", {})
        self.outage_without_a_call(nullcontext())

    def test_too_many_calls(self):
        self.voicebox.reply = (429, "", {"Retry-After": "600"})
        self.outage_without_a_call(nullcontext())

    def test_unreachable(self):
        self.outage_without_a_call(self.voicebox.unreachable())

    def test_errors(self):
        self.voicebox.reply = (503, PAGE, {"Content-Type": "text/html"})
        self.outage_in_doubt(nullcontext())

    def test_a_page_instead_of_an_answer(self):
        self.voicebox.reply = (200, PAGE, {"Content-Type": "text/html"})
        self.outage_in_doubt(nullcontext())

    def test_silence(self):
        """Each reply takes longer than we wait."""
        reply = VoiceboxReply("ambiguous", message="timed out")
        self.outage_in_doubt(
            patch.object(VoiceboxClient, "call", lambda *args: reply),
        )

    def test_back_after_closing_time(self):
        """Law 3: calling resumes in the morning, not when Voicebox does."""
        self.at(CLOSING - timedelta(minutes=30))
        with self.voicebox.unreachable():
            self.minutes(60)
        while self.now < OPENING - timedelta(minutes=30):
            self.minutes(30, step=30)
            self.assertFalse(self.voicebox.requests)
        self.minutes(29)
        self.assertFalse(self.voicebox.requests)
        self.assert_nobody_lost(LONGEST_PAUSE)


@tagged("post_install", "-at_install")
class TestSlowVoicebox(ReminderCase):
    def test_a_run_too_short_for_all_companies(self):
        """Law 6: nobody is forgotten where each batch takes longer than a run may."""
        for name in ("Second clinic", "Third clinic"):
            country = self.company.country_id.id
            clinic = {"name": name, "country_id": country, "voicebox_mode": "live"}
            self.company.create(clinic)
        clock = SimpleNamespace(seconds=0.0)
        served = []

        def serve(dispatcher, board, company):
            served.append(company)
            clock.seconds += 30
            channel = self.env["voicebox.channel"]._for_companies(company)
            channel.last_claim_at = NOW + timedelta(seconds=clock.seconds)
            return True

        with (
            patch.object(
                clinic_reminder_dispatcher,
                "time",
                SimpleNamespace(monotonic=lambda: clock.seconds),
            ),
            patch.object(
                self.env.registry["clinic.reminder.dispatcher"],
                "_dispatch_batch",
                serve,
            ),
        ):
            for run in range(1, 4):
                self.run_cron("dispatch")
                self.assertEqual(len(served), run)
        self.assertEqual(len(set(served)), 3)

    def test_asked_to_stop(self):
        """No batch is begun once Odoo is to end; the rest is for the next start."""
        self.visit(self.patient())
        self.run_cron("plan")
        with patch.object(clinic_reminder_dispatcher, "is_stopping", lambda: True):
            self.run_cron("dispatch")
        self.assertFalse(self.voicebox.requests)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
