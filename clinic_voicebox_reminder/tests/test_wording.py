"""What may be said, and in which language."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ReminderCase

ENGLISH = "0c87b70a-e239-11ec-03fe-fe3375dcbab9"


@tagged("post_install", "-at_install")
class TestWording(ReminderCase):
    def said(self):
        self.call()
        return self.voicebox.requests[-1]

    def test_neutral_wording(self):
        self.env["clinic.reminder.wording"].create(
            {
                "specialty": " Эндоскопист",
                "rule": "neutral",
                "spoken": "Приём в клинике",
            }
        )
        event = self.visit(self.patient())
        self.assertEqual(
            event.reminder_preview,
            "Валерия Сергеевна, вы записаны на прием: "
            "Прием в клинике 6 июня 2030 г 12 00. Вы придете?",
        )
        self.assertEqual(
            self.said()["data"]["visit"], "Прием в клинике 6 июня 2030 г 12 00"
        )

    def test_neutral_wording_has_to_be_said(self):
        with self.assertRaises(ValidationError):
            self.env["clinic.reminder.wording"].create(
                {"specialty": "Эндоскопист", "rule": "neutral", "spoken": "!!!"}
            )

    def test_pronunciation(self):
        self.env["clinic.reminder.pronunciation"].create(
            {"written": "УЗИ", "spoken": "у зэ и"}
        )
        self.visit(self.patient(), specialty="Врач УЗИ")
        self.assertEqual(
            self.said()["data"]["visit"], "Врач у зэ и 6 июня 2030 г 12 00"
        )

    def test_a_language_has_its_campaign(self):
        self.env["voicebox.method"].create({"lang": "en_US", "method": ENGLISH})
        self.visit(self.patient("John Smith", reminder_lang="en_US"))
        self.visit(self.patient(ordinal=2))
        self.call()
        by_method = {r["method"]: r["data"] for r in self.voicebox.requests}
        self.assertEqual(by_method[ENGLISH]["name"], "John Smith")
        self.assertIn("6 June 2030", by_method[ENGLISH]["visit"])
        self.assertIn("6 июня 2030", by_method[self.company.voicebox_method]["visit"])

    def test_a_name_of_its_own(self):
        self.visit(self.patient(reminder_spoken_name="Лера «Ёлка»"))
        self.assertEqual(self.said()["data"]["name"], "Лера Елка")

    def test_nobody_and_nothing_to_name(self):
        patient = self.patient("…")
        self.visit(patient, user_id=False, patient_id=patient.id, partner_ids=[])
        self.assertEqual(self.said()["data"]["name"], "Уважаемый пациент")
        self.assertEqual(self.said()["data"]["visit"], "6 июня 2030 г 12 00")

    def test_opt_out_in_the_call(self):
        event = self.visit(self.patient())
        self.call()
        attempt = self.reminder_of(event).attempt_ids
        self.assertEqual(self.callback("opt_out", attempt), "applied")
        self.assertTrue(event.patient_id.reminder_do_not_call)
        self.assertEqual(event.patient_id.reminder_consent, "refused")
        self.assertTrue(event.patient_id.reminder_consent_date)
        blacklisted = self.env["phone.blacklist"].search([]).mapped("number")
        self.assertEqual(blacklisted, ["+12025550101"])
        self.assertEqual(event.visit_status, "reschedule")
        other = self.visit(event.patient_id, start=event.start.replace(day=7))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(other).skip_reason, "do_not_call")
