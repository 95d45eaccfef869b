"""Long works in pieces: laws 6 and 10 for the room of the transactions itself."""

from contextlib import contextmanager, suppress
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import transactions
from .common import ReminderCase

TRANSACTIONS = "odoo.addons.clinic_voicebox_reminder.models.transactions"
NAME = "work of the tests"


@tagged("post_install", "-at_install")
class TestRun(ReminderCase):
    """A run as Odoo's scheduler grants it: with an end to its time, or without."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(transactions, "BATCH", 2))
        self.worked = []
        self.looked_aside_at = []
        self.progress = []
        self.woken = 0

    @contextmanager
    def run_with(self, *seconds_left):
        """A run; Odoo says at each commit how much time is left, at last for ever."""
        left = list(seconds_left)

        def commit(cron, processed=0, *, remaining=None, deactivate=False):
            self.progress.append((processed, remaining))
            return left.pop(0) if left else float("inf")

        with (
            patch.object(self.env.registry["ir.cron"], "_commit_progress", commit),
            patch.object(self.env.cr, "rollback", lambda: None),
        ):
            yield transactions.Run(self.env, "Working", self.wake, self.look_aside)

    def wake(self, env):
        self.woken += 1

    def look_aside(self, piece):
        self.looked_aside_at.append(list(self.worked))

    def work(self, ids):
        self.worked += ids

    def test_what_is_left_is_the_next_run_s_beginning(self):
        with self.run_with(9, 5, 0) as run:
            run.batches(NAME, lambda: [1, 2, 3, 4, 5], self.work)
            run.end()
        self.assertEqual(self.worked, [1, 2, 3, 4])
        self.assertEqual(self.progress[-1], (0, 1), "Odoo is told that work is left")
        self.assertEqual(self.woken, 1)
        with self.run_with() as run:
            run.batches(NAME, lambda: [1, 2, 3, 4, 5, 6], self.work)
            run.end()
        self.assertEqual(self.worked[4:], [5, 6, 1, 2, 3, 4])
        self.assertEqual(self.progress[-1], (0, 0))
        self.assertEqual(self.woken, 1)
        with self.run_with() as run:
            run.batches(NAME, lambda: [1, 2], self.work)
        self.assertEqual(self.worked[10:], [1, 2], "a work that was done begins anew")

    def test_a_killed_run_has_left_its_place(self):
        """Nothing is said at its end: the place is committed with each batch."""

        def dying(ids):
            if 3 in ids:
                raise KeyboardInterrupt
            self.worked += ids

        with self.run_with() as run, suppress(KeyboardInterrupt):
            run.batches(NAME, lambda: [1, 2, 3, 4], dying)
        self.assertEqual(self.worked, [1, 2])
        self.assertIn((1, 1), self.progress, "a run with progress counts as no failure")
        with self.run_with() as run:
            run.batches(NAME, lambda: [1, 2, 3, 4], self.work)
        self.assertEqual(self.worked[2:], [3, 4, 1, 2])

    def test_every_work_gets_its_turn_without_time(self):
        """Finding what to do may take all of it: each work does one batch all the
        same, or the last would starve."""
        for _run in range(2):
            with self.run_with(*[0] * 99) as run:
                for name in ("first", "second"):
                    run.batches(name, lambda: [1, 2, 3, 4], self.work)
                run.end()
        self.assertEqual(self.worked, [1, 2, 1, 2, 3, 4, 3, 4])

    @mute_logger(TRANSACTIONS)
    def test_a_bad_record_costs_itself_only(self):
        def faulty(ids):
            if 1 in ids:
                raise ValueError("a fault")
            self.worked += ids

        with self.run_with() as run:
            run.batches(NAME, lambda: [1, 2, 3], faulty)
            run.end()
        self.assertEqual(self.worked, [2, 3])
        self.assertEqual(self.woken, 0)

    def test_who_met_another_transaction_comes_again(self):
        def conflicting(ids):
            raise SerializationFailure

        with self.run_with() as run:
            run.batches(NAME, lambda: [1], conflicting)
            run.end()
        self.assertEqual(self.woken, 1)
        self.assertEqual(self.progress[-1], (0, 0), "no hot loop of Odoo's")

    def test_between_pieces_there_is_a_look_aside(self):
        """What can't wait for the end of a run; also when a piece was the last."""
        with self.run_with() as run:
            run.batches(NAME, lambda: [1, 2, 3], self.work)
            run.repeat(lambda: self.worked.append(4))
        self.assertEqual(self.looked_aside_at, [[1, 2], [1, 2, 3], [1, 2, 3, 4]])

    def test_repeat_ends_with_the_time(self):
        with self.run_with(5, 0) as run:
            run.repeat(lambda: self.worked.append(1) or True)
            run.end()
        self.assertEqual(len(self.worked), 2)
        self.assertEqual(self.woken, 1)


@tagged("post_install", "-at_install")
class TestCronTime(ReminderCase):
    """Plan and sweep keep to the time that Odoo gives them."""

    def test_a_plan_cut_short_is_woken_and_ends(self):
        self.startPatcher(patch.object(transactions, "BATCH", 2))
        events = [self.visit(self.patient(ordinal=n)) for n in range(7)]
        cron = self.env.registry["ir.cron"]
        whole = cron._commit_progress

        def without_time(cron, *args, **kwargs):
            whole(cron, *args, **kwargs)
            return 0

        planner = self.env.registry["clinic.reminder.planner"]
        runs = patch.object(planner, "_run", autospec=True, side_effect=planner._run)
        with patch.object(cron, "_commit_progress", without_time), runs as run:
            self.run_cron("plan")
        self.assertGreater(run.call_count, 1)
        self.assertTrue(all(self.reminder_of(event) for event in events))
