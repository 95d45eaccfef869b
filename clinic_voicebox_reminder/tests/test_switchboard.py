"""How many calls are under way, and who waits for whose replies."""

import threading
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..services import clinic_reminder_dispatcher, clinic_reminder_queue
from ..tools.bell import Bell
from ..tools.switchboard import Dial, Switchboard
from ..tools.voicebox_client import VoiceboxClient
from ..tools.voicebox_reply import VoiceboxReply
from .common import NOW, ReminderCase

GOOD = VoiceboxReply("accepted", call_id="1", http_status=200)
NAMELESS = VoiceboxReply("ambiguous", http_status=200)
BROKEN = VoiceboxReply("ambiguous", http_status=500)
REFUSED = VoiceboxReply("configuration", http_status=401)
PATIENCE = 10  # seconds that a call of the tests waits for another at most
BATCH = 2


@tagged("post_install", "-at_install")
class TestLine(BaseCase):
    """Law 6: on a Voicebox in trouble no more than a batch is spent."""

    def setUp(self):
        super().setUp()
        self.board = Switchboard(BATCH)
        self.addCleanup(self.board.__exit__)
        self.line = self.board.line_of(1)

    def post(self, *replies):
        """Post a dial for each; take as many answers as there are replies."""
        for ordinal, reply in enumerate(replies):
            client = type("Client", (), {"call": lambda *_args, r=reply: r})()
            self.line.post(client, Dial(ordinal, "", "", "", "", "", {}))

    def take(self, number):
        taken = 0
        while taken < number:
            taken += len(self.board.take(number - taken, PATIENCE))

    def test_in_doubt_all_replies_are_waited_for(self):
        self.post(GOOD, GOOD)
        self.assertFalse(self.line.has_room)
        self.take(1)
        self.assertEqual(self.board.news(), {})
        self.assertFalse(self.line.has_room)
        self.take(1)
        self.assertEqual(self.board.news(), {1: [GOOD, GOOD]})
        self.assertTrue(self.line.has_room)

    def test_one_is_claimed_while_the_others_replies_come_in(self):
        for reply in (GOOD, NAMELESS):
            self.post(reply, reply)
            self.take(2)
            self.board.news()
            self.post(reply, reply)
            self.assertTrue(self.line.has_room)
            self.post(reply)
            self.assertFalse(self.line.has_room)
            self.take(3)
            self.board.news()

    def test_trouble_is_learned_from_when_all_are_in(self):
        self.post(GOOD, GOOD)
        self.take(2)
        self.board.news()
        self.post(GOOD)
        self.take(1)
        self.post(BROKEN, BROKEN)
        self.take(1)
        self.assertEqual((self.line.has_room, self.board.news()), (False, {}))
        self.take(1)
        self.assertEqual(self.board.news(), {1: [BROKEN, BROKEN]})
        self.post(GOOD)
        self.assertFalse(self.line.has_room)

    def test_a_refusal_is_seen_before_it_is_taken(self):
        self.post(REFUSED)
        while not self.board.is_refused(1):
            self.assertEqual(self.line.under_way, 1)
        self.assertFalse(self.board.is_refused(2))
        self.take(1)

    def test_a_fault_in_a_thread_is_an_answer(self):
        self.line.post(None, Dial(7, "", "", "", "", "", {}))
        (answer,) = self.board.take(1, PATIENCE)
        self.assertEqual((answer.attempt_id, answer.reply.kind), (7, "ambiguous"))


@tagged("post_install", "-at_install")
class TestBell(BaseCase):
    def test_it_is_rung_once_more_for_all_who_came_meanwhile(self):
        bell, rung = Bell(), []

        def ring():
            rung.append(None)
            if len(rung) == 1:
                for _late in range(5):
                    bell.ask(ring)

        bell.ask(ring)
        self.assertEqual(len(rung), 2)
        bell.ask(ring)
        self.assertEqual(len(rung), 3)

    def test_a_broken_one_is_tried_by_the_next(self):
        bell, rung = Bell(), []
        with self.assertRaises(OSError):
            bell.ask(lambda: open("/no/such/bell"))
        bell.ask(lambda: rung.append(None))
        self.assertEqual(len(rung), 1)


class DispatchCase(ReminderCase):
    def setUp(self):
        super().setUp()
        for module in (clinic_reminder_dispatcher, clinic_reminder_queue):
            self.startPatcher(patch.object(module, "AT_ONCE", BATCH))

    @contextmanager
    def answered_by(self, call):
        """:param call: function of a number, as the client's call: a reply"""

        def answer(client, number, *_rest):
            return call(number)

        with patch.object(VoiceboxClient, "call", answer):
            yield


@tagged("post_install", "-at_install")
class TestNobodyWaits(DispatchCase):
    def test_the_next_batch_goes_out_before_the_last_reply(self):
        for ordinal in range(3 * BATCH):
            self.visit(self.patient(ordinal=ordinal))
        ordinals, of_third_batch, waited = count(), threading.Event(), []

        def call(number):
            ordinal = next(ordinals)
            if ordinal == BATCH:
                waited.append(of_third_batch.wait(PATIENCE))
            elif ordinal >= 2 * BATCH:
                of_third_batch.set()
            return GOOD

        with self.answered_by(call):
            self.call()
        self.assertEqual((next(ordinals), waited), (3 * BATCH, [True]))

    def test_another_companys_slow_voicebox(self):
        ours = self.visit(self.patient(ordinal=1))
        other = self.company.create(
            {
                "name": "Another clinic",
                "country_id": self.company.country_id.id,
                "voicebox_mode": "live",
                "voicebox_url": self.voicebox.url,
                "voicebox_login": "another",
                "voicebox_password": "not-a-secret-either",
                "voicebox_method": self.company.voicebox_method,
            }
        )
        theirs = self.visit(self.patient(ordinal=2), reminder_company_id=other.id)
        gate = threading.Barrier(2, timeout=PATIENCE)

        def call(number):
            gate.wait()  # until the other one is called as well
            return GOOD

        with self.answered_by(call):
            self.call()
        for event in (ours, theirs):
            self.assertEqual(self.reminder_of(event).attempt_ids.call_id, "1")


@tagged("post_install", "-at_install")
class TestWithdrawn(DispatchCase):
    def test_what_is_claimed_while_a_refusal_comes_in(self):
        """Law 2: it is not sent, and costs the patients nothing."""
        events = [self.visit(self.patient(ordinal=n)) for n in range(2)]
        with patch.object(Switchboard, "is_refused", return_value=True):
            self.call()
        self.assertFalse(self.voicebox.requests)
        for event in events:
            reminder = self.reminder_of(event)
            self.assertEqual(reminder.attempt_ids.error_kind, "not_sent")
            self.assertEqual((reminder.state, reminder.attempt_count), ("planned", 0))
        self.later(minutes=2)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 2)

    @mute_logger("odoo.addons.clinic_voicebox_reminder.models.transactions")
    def test_one_that_can_not_be_called_costs_itself_only(self):
        events = [self.visit(self.patient(ordinal=n)) for n in range(2)]
        self.run_cron("plan")
        bad = self.reminder_of(events[0])
        model = self.env.registry["clinic.reminder.dispatcher"]
        whole = model._dial_of

        def dial_of(dispatcher, attempt, method_of):
            if attempt.reminder_id.id == bad.id:
                raise ValueError("a fault")
            return whole(dispatcher, attempt, method_of)

        with patch.object(model, "_dial_of", dial_of):
            self.run_cron("dispatch")
        self.assertEqual(self.voicebox.numbers, ["12025550101"])
        self.assertFalse(bad.attempt_ids)
        self.assertGreater(bad.next_call_at, NOW)
