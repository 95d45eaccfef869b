"""A patient's call data: handed over, and erased, on request (law 10)."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..services.clinic_reminder_privacy import PERSONAL
from .test_views import ADMINISTRATOR, DeskCase

NAME = "Иванова Валерия Сергеевна"


class PatientDataCase(DeskCase):
    def setUp(self):
        super().setUp()
        self.ill = self.patient(NAME)
        self.event = self.visit(self.ill)
        self.other = self.visit(self.patient("Петров Иван Ильич", ordinal=2))
        self.call()
        self.reminder = self.reminder_of(self.event)
        self.attempt = self.reminder.attempt_ids

    def personal(self, reminder, with_loose=False):
        """All values that are to go."""
        attempts = reminder.attempt_ids
        callbacks = attempts.callback_ids
        if with_loose:
            callbacks |= callbacks.search([("attempt_id", "=", False)])
        return [
            record[name]
            for records in (reminder, attempts, callbacks)
            for record in records
            for name in PERSONAL[records._name]
            if record[name]
        ]

    def as_admin(self, records):
        return records.with_user(self.admin).with_context(lang="en_US")

    def notes(self):
        return " ".join(self.ill.message_ids.mapped("body"))


@tagged("post_install", "-at_install")
class TestErasure(PatientDataCase):
    def erase(self, patient=None):
        wizards = self.as_admin(self.env["clinic.reminder.erasure"])
        patient = patient or self.ill
        return wizards.with_context(active_id=patient.id).create({}).action_erase()

    def test_personal_data_go_and_statistics_stay(self):
        self.callback("confirmed", self.attempt, number_b="12025550101")
        self.callback("answered", self.attempt, guid="", call_id="unknown")
        self.assertEqual(len(self.personal(self.reminder, with_loose=True)), 7)
        others = self.personal(self.reminder_of(self.other))
        self.erase()
        self.assertEqual(self.personal(self.reminder, with_loose=True), [])
        self.assertEqual(self.personal(self.reminder_of(self.other)), others)
        self.assertEqual(self.reminder.outcome, "confirmed")
        self.assertEqual(self.reminder.attempt_count, 1)
        self.assertEqual(self.attempt.callback_ids.disposition, "applied")
        self.assertEqual(self.event.visit_status, "confirmed")
        self.assertTrue(self.ill.phone)

    def test_what_people_wrote_goes_and_the_history_stays(self):
        self.callback("confirmed", self.attempt)
        self.reminder.message_post(body="Called by hand: her daughter will come")
        note = "Her daughter asks to be called"
        self.reminder._ask_for_person("asks_person", note)
        self.env.flush_all()
        self.assertIn("daughter", self.written())
        self.erase()
        self.assertNotIn("daughter", self.written())
        self.assertFalse(self.reminder.activity_ids)
        tracked = self.reminder.message_ids.tracking_value_ids
        self.assertIn("Confirmed", tracked.mapped("new_value_char"))

    def written(self):
        notes = self.reminder.activity_ids.mapped("note")
        return " ".join([*self.reminder.message_ids.mapped("body"), *notes])

    def test_it_is_noted_on_the_contact_without_the_data(self):
        self.callback("confirmed", self.attempt)
        phone = self.reminder.phone
        self.erase()
        note = self.ill.message_ids[0]
        self.assertIn("erased", note.body)
        self.assertEqual(note.author_id, self.admin.partner_id)
        for personal in (phone, "Валерия", "Эндоскопист"):
            self.assertNotIn(personal, self.notes())

    def test_not_under_a_running_call(self):
        with self.assertRaisesRegex(UserError, "still open") as refusal:
            self.erase()
        self.assertNotIn("Иванова", str(refusal.exception))
        self.reminder.action_skip()
        with self.assertRaises(UserError):
            self.erase()
        self.assertTrue(self.reminder.phone)
        self.later(hours=3)
        self.run_cron("sweep")
        self.erase()
        self.assertFalse(self.reminder.phone)

    def test_not_before_a_planned_call(self):
        self.callback("no_answer", self.attempt)
        self.assertEqual(self.reminder.state, "planned")
        with self.assertRaises(UserError):
            self.erase()
        self.reminder.action_skip()
        self.erase()
        self.assertEqual(self.personal(self.reminder), [])

    def test_nobody_is_called_again_because_of_it(self):
        self.callback("confirmed", self.attempt)
        self.erase()
        self.later(hours=1)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(self.callback("declined", self.attempt), "stale")

    def test_another_company_s_reminders_stay(self):
        self.callback("confirmed", self.attempt)
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.admin.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.admin.company_ids -= self.company
        self.erase()
        self.assertTrue(self.reminder.phone)

    def test_administrators_only(self):
        wizards = self.env["clinic.reminder.erasure"].with_user(self.desk)
        with self.assertRaises(AccessError):
            wizards.create({"patient_id": self.ill.id})

    def test_in_the_action_menu_of_administrators(self):
        names = {"Export Reminder Calls", "Erase Reminder Calls' Personal Data"}
        for user, seen in ((self.admin, names), (self.desk, set())):
            bindings = self.env["ir.actions.actions"].with_user(user)
            offered = bindings.get_bindings("res.partner").get("action", ())
            self.assertEqual(names & {action["name"] for action in offered}, seen)


@tagged("post_install", "-at_install")
class TestExport(PatientDataCase, HttpCase):
    def crons(self):
        """An HttpCase is in registry test mode all the time."""
        self.env.flush_all()
        return self.env.cr.savepoint(flush=False)

    def download(self, user, patient=None):
        self.authenticate(user.login, user.login)
        action = (patient or self.ill).action_export_reminder_calls()
        self.env.flush_all()
        reply = self.url_open(action["url"])
        self.env.invalidate_all()
        return reply

    def test_all_that_is_kept(self):
        self.callback("confirmed", self.attempt)
        self.callback("answered", self.attempt, guid="", call_id="unknown")
        self.reminder.message_post(body="Called by hand: she will come")
        reply = self.download(self.admin)
        self.assertEqual(reply.status_code, 200)
        self.assertIn("attachment", reply.headers["Content-Disposition"])
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        data = reply.json()
        self.assertEqual(data["patient"]["name"], NAME)
        (reminder,) = data["reminders"]
        self.assertEqual(reminder["outcome"], "confirmed")
        self.assertEqual(reminder["spoken_name"], "Валерия Сергеевна")
        (note,) = reminder["notes"]
        self.assertEqual(note["text"], "Called by hand: she will come")
        (call,) = reminder["calls"]
        self.assertEqual(call["phone"], "+12025550101")
        self.assertEqual(call["callbacks"][0]["response"], "confirmed")
        self.assertEqual(data["other_callbacks"][0]["call_id"], "unknown")
        self.assertNotIn("Петров", reply.text)

    def test_it_is_noted_on_the_contact_without_the_data(self):
        self.download(self.admin)
        note = self.ill.message_ids[0]
        self.assertIn("exported", note.body)
        self.assertEqual(note.author_id, self.admin.partner_id)
        self.assertNotIn("2025550101", self.notes())

    def test_administrators_only(self):
        for user in (self.desk, self.outsider):
            reply = self.download(user)
            self.assertEqual(reply.status_code, 403)
            self.assertNotIn("2025550101", reply.text)
        self.assertNotIn("exported", self.notes())

    def test_own_companies_only(self):
        other = self.env["res.company"].create({"name": "Another clinic"})
        stranger = new_test_user(
            self.env,
            "administrator-elsewhere",
            groups=ADMINISTRATOR,
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self.download(stranger).json()["reminders"], [])

    def test_nobody_of_that_number(self):
        self.authenticate(self.admin.login, self.admin.login)
        url = self.ill.action_export_reminder_calls()["url"]
        reply = self.url_open(url.replace(str(self.ill.id), "999999999"))
        self.assertEqual(reply.status_code, 404)

    def test_nothing_without_a_login(self):
        self.authenticate(None, None)
        url = self.ill.action_export_reminder_calls()["url"]
        reply = self.url_open(url, allow_redirects=False)
        self.assertEqual(reply.status_code, 303)

    def test_a_patient_without_calls(self):
        data = self.download(self.admin, self.patient(ordinal=7)).json()
        self.assertEqual((data["reminders"], data["other_callbacks"]), ([], []))
        self.assertLess(
            data["exported_at"], (self.now + timedelta(hours=1)).isoformat()
        )
