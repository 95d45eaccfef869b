"""A recorded consent is evidence: who recorded it, and when."""

from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestConsentTrace(ReminderCase):
    def setUp(self):
        super().setUp()
        self.clerk = new_test_user(self.env, "clerk-of-the-tests", "base.group_user")
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")

    def recorded(self, **vals):
        """A patient whose consent the clerk has written."""
        patient = self.patient()
        patient.with_user(self.clerk).write(vals)
        return patient

    def assertNoTrace(self, patient):
        self.assertFalse(patient.reminder_consent_date)
        self.assertFalse(patient.reminder_consent_user_id)

    def test_no_consent_has_no_trace(self):
        """An import with empty columns, a form saved with the field empty."""
        empty = {"reminder_consent": False, "reminder_consent_source": False}
        self.assertNoTrace(self.patient(**empty))
        self.assertNoTrace(self.recorded(**empty))
        self.assertNoTrace(self.recorded(reminder_consent_source="to be asked"))

    def test_a_consent_is_traced(self):
        patient = self.recorded(reminder_consent="given")
        self.assertEqual(patient.reminder_consent_date.date(), NOW.date())
        self.assertEqual(patient.reminder_consent_user_id, self.clerk)
        self.assertTrue(self.patient(reminder_consent="refused").reminder_consent_date)

    def test_what_was_written_again_is_not_recorded_again(self):
        patient = self.recorded(reminder_consent="given")
        recorded_at = patient.reminder_consent_date
        self.later(days=1)
        patient.write({"reminder_consent": "given", "comment": "was here"})
        self.assertEqual(patient.reminder_consent_date, recorded_at)
        self.assertEqual(patient.reminder_consent_user_id, self.clerk)

    def test_of_several_only_those_who_changed(self):
        given = self.recorded(reminder_consent="given")
        self.later(days=1)
        (given | self.patient(ordinal=2)).write({"reminder_consent": "given"})
        self.assertEqual(given.reminder_consent_date.date(), NOW.date())

    def test_a_consent_taken_back_leaves_no_trace_of_one(self):
        patient = self.recorded(reminder_consent="given")
        patient.reminder_consent = False
        self.assertNoTrace(patient)


@tagged("post_install", "-at_install")
class TestRefusal(ReminderCase):
    """Law 3: who has refused is not called, whatever the clinic's mode."""

    def test_a_recorded_refusal_holds_in_every_mode(self):
        event = self.visit(self.patient(reminder_consent="refused"))
        for mode in ("off", "opt_out", "explicit"):
            with self.subTest(mode):
                self.company.reminder_consent_mode = mode
                self.call()
                self.assertFalse(self.voicebox.requests)
                self.assertEqual(self.reminder_of(event).skip_reason, "refused")

    def test_said_in_a_call_it_stops_the_number(self):
        """Of the whole family, in Odoo's own list."""
        event = self.visit(self.patient())
        later = NOW + timedelta(days=2)
        child = self.visit(self.patient("Иванов Илья Петрович"), start=later)
        self.call()
        attempt = self.reminder_of(event).attempt_ids
        self.assertEqual(self.callback("opt_out", attempt), "applied")
        stopped = self.env["phone.blacklist"].search([("active", "=", True)])
        self.assertIn(attempt.phone, stopped.mapped("number"))
        self.assertEqual(event.patient_id.reminder_consent, "refused")
        self.assertFalse(child.patient_id.reminder_consent)
        self.at(later - timedelta(days=1))
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.reminder_of(child).skip_reason, "blacklisted")
