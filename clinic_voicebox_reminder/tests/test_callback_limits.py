"""A flood of callbacks fills neither the database nor the day (laws 4, 5 and 9)."""

from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models import voicebox_callback, voicebox_tally
from ..services import voicebox_callback_flood
from ..tools.tally import Tally
from .common import ReminderCase
from .test_callback import CallbackCase


class CountedAtOnce:
    """Every count is written at once, and none waits from an earlier test."""

    def setUp(self):
        patcher = patch.object(voicebox_tally, "_tallies", _Tallies())
        patcher.start()
        self.addCleanup(patcher.stop)
        super().setUp()


class _Tallies(dict):
    def __missing__(self, name):
        self[name] = Tally(0)
        return self[name]


@tagged("post_install", "-at_install")
class TestRefusedSecrets(CountedAtOnce, CallbackCase):
    def refused(self):
        return sum(self.env["voicebox.tally"].search([]).mapped("count"))

    def test_wrong_secrets_are_counted_and_nothing_of_them_is_kept(self):
        for secret in ("wrong", None, "секрет".encode().decode("latin-1")):
            self.assertEqual(self.post(self.body(), secret=secret).status_code, 401)
        tally = self.env["voicebox.tally"].search([])
        self.assertEqual(tally.count, 3)
        self.assertEqual((tally.kind, tally.company_id.id), ("refused", False))
        self.assertFalse(self.inbox())

    def test_the_right_secret_is_not_counted(self):
        self.post(self.body())
        self.assertFalse(self.refused())

    def test_a_401_does_not_depend_on_the_count(self):
        fault = patch.object(
            voicebox_tally, "_add_statement", side_effect=ValueError("a fault")
        )
        with fault:
            self.assertEqual(self.post(self.body(), secret="no").status_code, 401)
        self.assertFalse(self.refused())
        self.assertEqual(self.post(self.body(), secret="no").status_code, 401)
        self.assertEqual(self.refused(), 2)

    def test_floods_cost_one_statement_a_second(self):
        voicebox_tally._tallies[self.env.cr.dbname] = Tally(3600)
        for _time in range(5):
            self.post(self.body(), secret="no")
        self.assertEqual(self.refused(), 1)


@tagged("post_install", "-at_install")
class TestTally(TransactionCase):
    def test_it_gives_out_at_most_once_in_a_while(self):
        with patch("odoo.addons.clinic_voicebox_reminder.tools.tally.time") as time:
            time.monotonic.return_value = 100.0
            tally = Tally(1)
            tally.add("a")
            self.assertEqual(tally.take(), {"a": 1})
            tally.add("a", 2)
            tally.add("b")
            self.assertEqual(tally.take(), {})
            time.monotonic.return_value = 101.0
            taken = tally.take()
            self.assertEqual(taken, {"a": 2, "b": 1})
            tally.put_back(taken)
            self.assertEqual(tally.take(), {})
            time.monotonic.return_value = 102.0
            self.assertEqual(tally.take(), taken)


@tagged("post_install", "-at_install")
class TestUnmatchedLimit(CountedAtOnce, ReminderCase):
    def setUp(self):
        super().setUp()
        for module, name, number in (
            (voicebox_callback, "KEPT", 3),
            (voicebox_callback, "LIMIT", 6),
            (voicebox_callback_flood, "BATCH", 2),
        ):
            self.startPatcher(patch.object(module, name, number))
        self.event = self.visit(self.patient())
        self.call()
        self.attempt = self.reminder_of(self.event).attempt_ids

    def receive(self, call_id, company=None):
        values = {"guid": "", "number_b": "", "response": "confirmed"}
        with self.enter_registry_test_mode():
            return self.env["voicebox.callback"]._receive(
                company or self.company, {**values, "call_id": call_id}, payload="{}"
            )

    def unmatched(self):
        return self.env["voicebox.callback"].search(
            [("disposition", "=", "unmatched"), ("company_id", "=", self.company.id)],
            order="id",
        )

    def dropped(self):
        tallies = self.env["voicebox.tally"].search([("kind", "=", "dropped")])
        self.assertLessEqual(tallies.company_id, self.company)
        return sum(tallies.mapped("count"))

    def todos(self):
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        return channel.activity_ids.filtered(lambda a: "unknown" in a.summary)

    def test_beyond_the_limit_they_are_only_counted(self):
        kept = [bool(self.receive(f"unknown-{n}")) for n in range(9)]
        self.assertEqual(kept, [True] * 6 + [False] * 3)
        self.assertEqual(len(self.unmatched()), 6)
        self.assertEqual(self.dropped(), 3)

    def test_known_calls_are_served_in_a_flood(self):
        for n in range(8):
            self.receive(f"unknown-{n}")
        self.assertEqual(self.callback("confirmed", self.attempt), "applied")
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_a_limit_is_one_company_s(self):
        other = self.env["res.company"].create({"name": "Another clinic"})
        for n in range(8):
            self.receive(f"unknown-{n}")
        self.assertTrue(self.receive("unknown-9", other))

    def test_the_sweep_keeps_the_newest_and_tells_once(self):
        for n in range(6):
            self.receive(f"unknown-{n}")
        self.run_cron("sweep")
        ids = self.unmatched().mapped("call_id")
        self.assertEqual(ids, ["unknown-3", "unknown-4", "unknown-5"])
        self.assertEqual(self.dropped(), 3)
        told = self.todos()
        self.assertTrue(told)
        told.action_done()
        for n in range(6, 9):
            self.receive(f"unknown-{n}")
        self.run_cron("sweep")
        self.assertEqual(self.dropped(), 6)
        self.assertFalse(self.todos())

    def test_the_newest_still_finds_its_call(self):
        self.attempt.call_id = False
        for n in range(5):
            self.receive(f"unknown-{n}")
        self.receive("mine")
        self.run_cron("sweep")
        self.learn_call_id(self.attempt, "mine")
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_a_flood_between_two_sweeps_is_told_as_well(self):
        for n in range(7):
            self.receive(f"unknown-{n}")
        self.assertEqual(self.dropped(), 1)
        self.run_cron("sweep")
        self.assertTrue(self.todos())

    def test_old_ones_go(self):
        self.receive("unknown")
        self.callback("confirmed", self.attempt)
        self.later(days=29)
        self.env["voicebox.callback.flood"]._gc_unmatched()
        self.assertTrue(self.unmatched())
        self.later(days=2)
        self.env["voicebox.callback.flood"]._gc_unmatched()
        self.assertFalse(self.unmatched())
        self.assertTrue(self.attempt.callback_ids)

    def test_old_counts_go(self):
        with self.enter_registry_test_mode():
            self.env["voicebox.tally"]._count("refused")
        self.later(days=31)
        self.env["voicebox.tally"]._gc_old()
        self.assertFalse(self.env["voicebox.tally"].search([]))


@tagged("post_install", "-at_install")
class TestIdleLimit(CountedAtOnce, ReminderCase):
    """Laws 4 and 5: of what changes nothing only so much is kept, of effects all."""

    def setUp(self):
        super().setUp()
        for module, name, number in (
            (voicebox_callback, "KEPT_OF_CALL", 3),
            (voicebox_callback_flood, "BATCH", 2),
            (voicebox_callback, "REPLAYED_AT_ONCE", 2),
        ):
            patcher = patch.object(module, name, number)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.event = self.visit(self.patient())
        self.call()
        self.attempt = self.reminder_of(self.event).attempt_ids

    def callback(self, response, attempt, **values):
        with self.enter_registry_test_mode():
            return super().callback(response, attempt, **values)

    def kept(self, disposition):
        mine = [("attempt_id", "=", self.attempt.id)]
        callbacks = self.env["voicebox.callback"].search(mine, order="id")
        return callbacks.filtered(lambda c: c.disposition == disposition)

    def surplus(self):
        tallies = self.env["voicebox.tally"].search([("kind", "=", "surplus")])
        self.assertLessEqual(tallies.company_id, self.company)
        return sum(tallies.mapped("count"))

    def todos(self):
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        return channel.activity_ids.filtered(lambda a: "effect" in a.summary)

    def test_repeats_beyond_the_limit_are_only_counted(self):
        said = [self.callback("answered", self.attempt) for _time in range(7)]
        self.assertEqual(said, ["applied"] + ["repeated"] * 3 + [False] * 3)
        self.assertEqual(len(self.kept("repeated")), 3)
        self.assertEqual(self.surplus(), 3)

    def test_each_kind_has_a_limit_of_its_own(self):
        self.callback("confirmed", self.attempt)
        for n in range(5):
            self.callback("confirmed", self.attempt)
            self.callback("no_answer", self.attempt)
            self.callback(f"perhaps {n}", self.attempt)
            self.callback("declined", self.attempt, number_b="12025550199")
        for disposition in voicebox_callback.IDLE:
            with self.subTest(disposition):
                self.assertEqual(len(self.kept(disposition)), 3)
        words = self.kept("unknown_response").mapped("response")
        self.assertEqual(words, ["perhaps 0", "perhaps 1", "perhaps 2"])
        self.assertEqual(self.surplus(), 8)

    def test_an_effect_is_kept_in_any_flood(self):
        for n in range(5):
            self.callback(f"perhaps {n}", self.attempt)
            self.callback("confirmed", self.attempt, number_b="12025550199")
        for word in ("answered", "no_answer", "confirmed"):
            for _time in range(5):
                self.callback(word, self.attempt)
        words = self.kept("applied").mapped("response")
        self.assertEqual(words, ["answered", "no_answer", "confirmed"])
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_staff_are_told_of_a_contradiction_once(self):
        self.callback("confirmed", self.attempt)
        for _time in range(5):
            self.callback("no_answer", self.attempt)
        reminder = self.attempt.reminder_id
        messages = reminder.message_ids
        said = [self.callback(word, self.attempt) for word in ("declined", "2", "3")]
        self.assertEqual(said, ["stale", "repeated", "stale"])
        for word in ("declined", "operator") * 5:
            self.assertIn(self.callback(word, self.attempt), ("repeated", False))
        self.assertEqual(len(reminder.activity_ids), 1)
        self.assertEqual(len(reminder.message_ids - messages), 1)
        stale = self.kept("stale").mapped("response")
        self.assertEqual(stale, ["no_answer"] * 3 + ["declined", "3"])
        self.run_cron("sweep")
        self.assertEqual(self.kept("stale").mapped("response"), stale)

    def test_the_wish_for_no_calls_counts_once_in_any_writing(self):
        said = [self.callback(w, self.attempt) for w in ("opt_out", " OPT_out", "3")]
        self.assertEqual(said, ["applied", "repeated", "repeated"])

    def test_a_limit_is_one_call_s(self):
        other = self.visit(self.patient(ordinal=2))
        self.call()
        for _time in range(6):
            self.callback("answered", self.attempt)
        attempt = self.reminder_of(other).attempt_ids
        said = [self.callback("answered", attempt) for _time in range(3)]
        self.assertEqual(said, ["applied", "repeated", "repeated"])

    def test_the_sweep_drops_what_got_an_attempt_later(self):
        self.attempt.call_id = False
        for _time in range(9):
            self.callback("confirmed", self.attempt, guid="", call_id="late")
        self.learn_call_id(self.attempt, "late")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertEqual(len(self.kept("repeated")), 1)
        self.run_cron("sweep")
        self.assertEqual(len(self.kept("applied")), 1)
        self.assertEqual(len(self.kept("repeated")), 3)
        self.assertEqual(self.surplus(), 5)

    def test_administrators_are_told_once_a_day(self):
        for _time in range(6):
            self.callback("answered", self.attempt)
        self.run_cron("sweep")
        self.assertTrue(self.todos())
        self.todos().action_done()
        self.callback("answered", self.attempt)
        self.run_cron("sweep")
        self.assertFalse(self.todos())
        self.later(days=2)
        self.callback("answered", self.attempt)
        self.run_cron("sweep")
        self.assertTrue(self.todos())

    def test_the_ordinary_callback_costs_no_query_more(self):
        callbacks = self.env["voicebox.callback"]
        with patch.object(self.env.registry[callbacks._name], "search_count") as search:
            self.assertEqual(self.callback("answered", self.attempt), "applied")
        search.assert_not_called()
