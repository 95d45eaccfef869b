"""What is seen of a patient through visits and routes, and by whom.

Laws 9 and 10: another clinic's patients and private events stay where they are; the
front desk sees whom it has to call.
"""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..controllers.main import HEALTH_PATH
from .common import NOW
from .permissions import PermissionCase, RemotePermissionCase
from .test_callback_limits import CountedAtOnce

TELLING = ("patient_phone", "reminder_explanation", "reminder_preview")
PERSONAL = ("Валерия", "2025550101", "2025550102", "Эндоскопист")


class VisitCase(PermissionCase):
    def seen(self, role, event, names):
        """What a role reads of a visit, in three ways that have to agree."""
        (row,) = self.rpc(role, "calendar.event", "read", event.ids, list(names))
        spec = {name: {} for name in names}
        (same,) = self.rpc(role, "calendar.event", "web_read", event.ids, spec)
        self.assertEqual([row[n] for n in names], [same[n] for n in names])
        for name in names:
            (alone,) = self.rpc(role, "calendar.event", "read", event.ids, [name])
            self.assertEqual(alone[name], row[name])
        return {name: row[name] for name in names}


@tagged("post_install", "-at_install")
class TestVisits(VisitCase):
    def test_own_clinic(self):
        for role in ("staff", "desk", "administrator", "system"):
            seen = self.seen(role, self.mine["calendar.event"], TELLING)
            self.assertEqual(seen["patient_phone"], "+1 202-555-0101")
            self.assertIn("Валерия Сергеевна", seen["reminder_preview"])
            self.assertIn("next call on", seen["reminder_explanation"])

    def test_a_patient_of_another_clinic(self):
        """Odoo shares events among companies, but not every contact."""
        for role in ("staff", "desk", "administrator"):
            seen = self.seen(role, self.foreign["calendar.event"], TELLING)
            self.assertFalse(any(seen.values()), seen)

    def test_not_by_the_companies_that_are_switched_off(self):
        desk, event = self.users["desk"], self.foreign["calendar.event"]
        desk.company_ids += self.other
        for switched_on, is_seen in (
            (self.company, False),
            (self.other, True),
            (self.company | self.other, True),
        ):
            context = {"allowed_company_ids": switched_on.ids}
            (row,) = self.rpc(
                *("desk", "calendar.event", "read", event.ids, list(TELLING)),
                context=context,
            )
            self.assertEqual(bool(row["reminder_preview"]), is_seen)
            self.assertEqual(bool(row["patient_phone"]), is_seen)

    def test_a_list_with_another_clinic_s_visits_opens(self):
        both = self.mine["calendar.event"] | self.foreign["calendar.event"]
        columns = ["display_name", *TELLING, "calling_notice", "visit_status_color"]
        rows = self.rpc("desk", "calendar.event", "read", both.ids, columns)
        self.assertEqual(len(rows), 2)

    def test_a_private_event_is_busy_to_others(self):
        event = self.mine["calendar.event"]
        event.privacy = "private"
        names = ("patient_id", "specialty", "visit_status", "visit_status_reason")
        for role in ("staff", "rights", "desk", "administrator", "system"):
            with self.subTest(role=role):
                seen = self.seen(role, event, (*names, *TELLING, "calling_notice"))
                self.assertFalse(any(seen.values()), seen)
                own = self.rpc(
                    role,
                    "calendar.event",
                    "formatted_read_group",
                    [("id", "=", event.id)],
                    ["patient_id", "visit_status"],
                    ["__count"],
                )
                self.assertEqual(own, [])
                change = {"visit_status": "done"}
                write = ("calendar.event", "write", event.ids, change)
                self.assertTrue(self.denied(role, *write))

    def test_the_front_desk_sees_whom_to_call_about_it(self):
        """The reminder is the clinic's: a patient's call can't wait for a doctor."""
        event, reminder = (
            self.mine[model] for model in ("calendar.event", "clinic.reminder.call")
        )
        event.privacy = "private"
        names = ["patient_id", "event_id"]
        (row,) = self.rpc("desk", reminder._name, "read", reminder.ids, names)
        self.assertIn("Иванова", row["patient_id"][1])
        self.assertEqual(row["event_id"][1], "Busy")
        self.rpc("desk", "calendar.event", "action_reminder_skip", event.ids)
        self.assertEqual(reminder.skip_reason, "staff")

    def test_a_patient_who_logs_in_sees_the_visit_and_no_more(self):
        event = self.mine["calendar.event"]
        event.partner_ids += self.users["portal"].partner_id
        fields = self.rpc("portal", "calendar.event", "fields_get")
        self.assertIn("visit_status", fields)
        (row,) = self.rpc(
            "portal", "calendar.event", "read", event.ids, ["visit_status"]
        )
        self.assertEqual(row["visit_status"], "booked")
        for name in (*TELLING, "calling_notice", "reminder_call_ids"):
            read = ("calendar.event", "read", event.ids, [name])
            self.assertNotIn(name, fields)
            self.assertTrue(self.denied("portal", *read), name)
        for button in ("action_reminder_skip", "action_visit_done"):
            call = ("calendar.event", button, event.ids)
            self.assertTrue(self.denied("portal", *call))

    def test_nor_anything_that_is_noted_about_patients(self):
        names = {
            name for name in self.env["res.partner"]._fields if name.startswith("remi")
        }
        self.assertGreater(len(names), 10)
        for role in ("public", "portal"):
            fields = self.rpc(role, "res.partner", "fields_get")
            self.assertFalse(names & set(fields))
        self.assertTrue(
            names - {"reminder_call_ids", "reminder_call_count"}
            <= set(self.rpc("staff", "res.partner", "fields_get"))
        )

    def test_messages_and_to_dos_are_for_who_sees_the_reminder(self):
        reminder = self.mine["clinic.reminder.call"]
        reminder.message_post(body="The patient asked for a person")
        reminder.activity_schedule(
            "mail.mail_activity_data_todo",
            summary="Call the patient",
            user_id=self.users["desk"].id,
        )
        for model, domain in (
            ("mail.message", [("model", "=", reminder._name)]),
            ("mail.activity", [("res_model", "=", reminder._name)]),
        ):
            for role, is_seen in (("staff", False), ("system", False), ("desk", True)):
                with self.subTest(model=model, role=role):
                    rows = self.rpc(role, model, "search_read", domain, ["res_id"])
                    self.assertEqual(bool(rows), is_seen)
        for method, arguments in (
            ("message_post", {"body": "x"}),
            ("message_subscribe", {"partner_ids": self.specialist.partner_id.ids}),
            ("activity_schedule", {"act_type_xmlid": "mail.mail_activity_data_todo"}),
        ):
            call = (reminder._name, method, reminder.ids)
            self.assertTrue(self.denied("staff", *call, **arguments), method)


@tagged("post_install", "-at_install")
class TestRoutes(CountedAtOnce, RemotePermissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.voicebox_callback_secret = "secret-of-the-first"
        cls.other.voicebox_callback_secret = "secret-of-the-second"

    def health(self, role, secret=None, method="GET"):
        self.log_in(role)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.env.flush_all()
        return self.url_open(HEALTH_PATH, headers=headers, method=method)

    def test_health_is_by_secret_alone(self):
        """Law 9: a session opens nothing, a secret its own clinic."""
        for role in ("public", "portal", "desk", "owner"):
            with self.subTest(role=role):
                self.assertEqual(self.health(role).status_code, 401)
                self.assertEqual(self.health(role, "wrong").status_code, 401)
                for company, secret in (
                    (self.company, "secret-of-the-first"),
                    (self.other, "secret-of-the-second"),
                ):
                    report = self.health(role, secret).json()
                    self.assertEqual(report["company"], company.id)
                    for personal in PERSONAL:
                        self.assertNotIn(personal, str(report))

    def test_health_by_get_alone(self):
        reply = self.health("public", "secret-of-the-first", "POST")
        self.assertEqual(reply.status_code, 405)

    def export(self, role, patient):
        self.log_in(role)
        self.env.flush_all()
        path = f"/clinic_voicebox_reminder/patient/{patient.id}/reminder_calls.json"
        with mute_logger("odoo.http"):
            return self.url_open(path, allow_redirects=False)

    def test_patients_data_are_for_administrators(self):
        """Law 10."""
        for role, code in (
            ("public", 303),
            ("portal", 403),
            ("staff", 403),
            ("rights", 403),
            ("desk", 403),
            ("system", 403),
            ("administrator", 200),
            ("owner", 200),
        ):
            with self.subTest(role=role):
                reply = self.export(role, self.mine["res.partner"])
                self.assertEqual(reply.status_code, code)
                has_data = "2025550101" in reply.text
                self.assertEqual(has_data, code == 200)

    def test_patients_data_of_the_own_clinic(self):
        """Law 9: whether the patient is the other clinic's, or both clinics'."""
        reply = self.export("administrator", self.foreign["res.partner"])
        self.assertEqual(reply.status_code, 403)
        self.assertNotIn("2025550102", reply.text)
        shared = self.foreign["res.partner"]
        shared.company_id = False
        reply = self.export("administrator", shared)
        self.assertEqual(reply.json()["reminders"], [])

    def test_of_a_patient_with_calls_from_both(self):
        shared = self.mine["res.partner"]
        shared.company_id = False
        reminder = self.foreign["clinic.reminder.call"]
        reminder.write(
            {"patient_id": shared.id, "visit_start": NOW + timedelta(days=3)}
        )
        reply = self.export("administrator", shared)
        phones = {row["phone"] for row in reply.json()["reminders"]}
        self.assertEqual(phones, {self.mine["clinic.reminder.call"].phone})
        self.assertEqual(len(reply.json()["reminders"]), 1)
