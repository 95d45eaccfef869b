"""What a call and a callback cost: statements, not seconds."""

import json

from odoo.tests import tagged

from ..controllers import main
from ..services.clinic_reminder_queue import AT_ONCE
from ..tools.crowd import Crowd
from .common import ReminderCase
from .test_callback import CallbackCase

CALLS = 2 * AT_ONCE
OF_THE_TEST = 2  # statements: the savepoint that a test has for a transaction


@tagged("post_install", "-at_install")
class TestCostOfACall(ReminderCase):
    def test_a_run_of_the_dispatcher(self):
        for ordinal in range(CALLS):
            self.visit(self.patient(ordinal=ordinal))
        self.run_cron("plan")
        before = self.env.cr.sql_log_count
        self.run_cron("dispatch")
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(len(self.voicebox.requests), CALLS)
        self.assertLessEqual(queries / CALLS, 4, "statements a call")


@tagged("post_install", "-at_install")
class TestCostOfACallback(CallbackCase):
    """Until the answer is out, and the patient's silence ends."""

    def statements(self):
        self.post(self.body(response="a word that nobody knows"))  # now caches are warm
        self.env.cr.flush()
        before = self.env.cr.sql_log_count
        reply = self.url_open(
            main.CALLBACK_PATH,
            data=json.dumps(self.body()),
            headers={"Authorization": "Bearer secret-of-the-tests"},
        )
        self.assertEqual(reply.status_code, 200)
        self.env.invalidate_all()
        return self.env.cr.sql_log_count - before

    def test_an_answer(self):
        self.assertLessEqual(self.statements(), 15 + OF_THE_TEST)
        self.assertEqual(self.reminder.outcome, "confirmed")
        self.assertEqual(self.event.visit_status, "booked")
        self.run_errands()
        self.assertEqual(self.event.visit_status, "confirmed")

    def test_an_answer_among_many(self):
        """It is kept, and applied by whoever was woken."""
        self.patch(main, "CALLBACKS", Crowd(few=0))
        self.assertLessEqual(self.statements(), 8 + OF_THE_TEST)
        self.assertFalse(self.reminder.outcome)
        self.run_errands()
        self.assertEqual(self.event.visit_status, "confirmed")
