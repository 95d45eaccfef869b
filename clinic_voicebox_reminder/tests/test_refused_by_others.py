"""An answer stands, whatever other modules think of the visit (law 5)."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ReminderCase

# refuses at the commit, when nobody is there any more to be told
PUT_OFF = """
    CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'The doctor is on leave.'; END $$;
    CREATE CONSTRAINT TRIGGER refusing AFTER UPDATE ON calendar_event
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.visit_status = 'confirmed')
        EXECUTE FUNCTION pg_temp.refuse();
"""


@tagged("post_install", "-at_install")
class TestRefused(ReminderCase):
    """Another module raises where the answer is to be written."""

    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        self.call()
        self.attempt = self.reminder_of(self.event).attempt_ids
        self.reminder = self.reminder_of(self.event)

    @contextmanager
    def refusing(self, model, name, error=None):
        """Writing this field of the model is refused."""
        whole = self.env.registry[model].write

        def write(records, vals):
            if name in vals:
                raise error or ValidationError("The doctor is on leave.")
            return whole(records, vals)

        with patch.object(self.env.registry[model], "write", write):
            yield

    def assertKept(self, outcome, status="booked"):
        """The answer is on attempt and reminder, and nobody is called again."""
        self.assertEqual(self.attempt.result, outcome)
        self.assertEqual(
            (self.reminder.state, self.reminder.outcome), ("done", outcome)
        )
        self.assertTrue(self.reminder.needs_attention)
        self.assertEqual(self.event.visit_status, status)
        self.later(minutes=90)
        self.run_cron("sweep", "plan", "dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_the_visit(self):
        with self.refusing("calendar.event", "visit_status"):
            self.assertEqual(self.callback("confirmed", self.attempt), "applied")
            self.assertKept("confirmed")
            self.assertEqual(
                self.event.reminder_explanation,
                "Called once: confirmed. Odoo refused to write it on the appointment: "
                "The doctor is on leave.",
            )

    def test_what_the_database_refuses_at_the_commit(self):
        self.env.flush_all()
        self.env.cr.execute(PUT_OFF)
        self.assertEqual(self.callback("confirmed", self.attempt), "applied")
        self.assertKept("confirmed")
        self.assertEqual(self.reminder.visit_refusal, "RaiseException")

    def test_the_invitation(self):
        """A booking that is recomputed when the invitation is accepted."""
        with self.refusing("calendar.attendee", "state"):
            self.assertEqual(self.callback("declined", self.attempt), "applied")
            self.assertKept("declined")

    def test_a_fault_that_is_not_for_people(self):
        """Its words may be anything: only its kind is shown."""
        error = ValueError("+12025550101")
        with self.refusing("calendar.event", "visit_status", error):
            self.callback("confirmed", self.attempt)
        self.assertEqual(self.reminder.visit_refusal, "ValueError")

    def test_written_by_the_next_plan(self):
        with self.refusing("calendar.event", "visit_status"):
            self.callback("confirmed", self.attempt)
        self.run_cron("plan")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertFalse(self.reminder.visit_refusal)

    def test_written_by_the_button(self):
        with self.refusing("calendar.event", "visit_status"):
            self.callback("confirmed", self.attempt)
            self.reminder.action_write_on_visit()
            self.assertTrue(self.reminder.visit_refusal)
        self.reminder.action_write_on_visit()
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertFalse(self.reminder.needs_attention)

    def test_silence_that_is_refused(self):
        self.company.reminder_max_calls = 1
        with self.refusing("calendar.event", "visit_status"):
            self.callback("no_answer", self.attempt)
            self.assertEqual(self.reminder.outcome, "not_reached")
        self.run_cron("plan")
        self.assertEqual(self.event.visit_status, "not_confirmed")

    def test_never_again(self):
        """The contact can't be written: the number is stopped all the same."""
        with self.refusing("res.partner", "reminder_do_not_call"):
            self.assertEqual(self.callback("opt_out", self.attempt), "applied")
        self.assertNeverAgain("blacklisted")

    def test_never_again_without_a_list(self):
        """Odoo's list of blocked numbers is not to be written, but the contact is."""
        blacklist = self.env.registry["phone.blacklist"]
        error = ValidationError("Nobody is blocked here.")
        with patch.object(blacklist, "_add", side_effect=error) as refusing:
            self.assertEqual(self.callback("opt_out", self.attempt), "applied")
        refusing.assert_called_once()
        self.assertNeverAgain("do_not_call")

    def assertNeverAgain(self, reason):
        self.assertEqual(self.attempt.result, "operator")
        self.assertEqual(self.event.visit_status, "reschedule")
        other = self.visit(self.event.patient_id, start=self.event.start.replace(day=7))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(other).skip_reason, reason)
