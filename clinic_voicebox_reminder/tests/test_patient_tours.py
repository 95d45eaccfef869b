"""The front desk with a patient on the telephone, in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .test_views import USER

SEARCH = "/odoo/patient-search"
NEW_VISIT = "/odoo/action-clinic_voicebox_reminder.calendar_event_action/new"


@tagged("post_install", "-at_install", "browser")
class TestPatientTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write(
            {"country_id": cls.env.ref("base.ru").id, "reminder_consent_mode": "off"}
        )
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.desk = new_test_user(cls.env, "desk-of-the-tests", groups=USER)
        cls.specialist = new_test_user(
            cls.env, "specialist-of-the-tests", takes_visits=True
        )

    def in_both_languages(self, address, tour):
        for lang in ("en_US", "ru_RU"):
            self.desk.lang = lang
            with self.subTest(lang):
                self.start_tour(address, tour, login=self.desk.login)
                yield lang
        self.env.invalidate_all()

    def patient(self, **vals):
        return self.env["res.partner"].create({"name": "Иванова Валерия", **vals})

    def visit(self, patient):
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=2)
        return self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(minutes=30),
                "user_id": self.specialist.id,
                "patient_id": patient.id,
            }
        )

    def called(self, event):
        """A reminder whose patient was not reached."""
        start = event.start
        reminder = self.env["clinic.reminder.call"].create(
            {
                **event._reminder_snapshot(),
                "state": "done",
                "outcome": "not_reached",
            }
        )
        self.env["clinic.reminder.attempt"].create(
            {
                "reminder_id": reminder.id,
                "company_id": reminder.company_id.id,
                "number": 1,
                "guid": "guid-of-the-tour",
                "state": "finished",
                "result": "hung_up",
                "is_counted": True,
                "requested_at": start - timedelta(days=2),
                "finished_at": start - timedelta(days=2),
                "deadline": start,
            }
        )

    def test_a_patient_calls_back(self):
        patient = self.patient(phone="+7 912 345-67-89")
        event = self.visit(patient)
        self.called(event)
        before = event.start
        for _lang in self.in_both_languages(SEARCH, "clinic_patient_calls_back"):
            self.env.invalidate_all()
            self.assertEqual(patient.phone, "+7 912 345-67-80")
            self.assertNotEqual(event.start, before)
            patient.phone, before = "+7 912 345-67-89", event.start

    def test_nobody_is_known_yet(self):
        partners = self.env["res.partner"]
        tour = "clinic_patient_made_from_search"
        for _lang in self.in_both_languages(SEARCH, tour):
            made = partners.search([("name", "=", "Сидорова Анна")])
            self.assertEqual(made.phone, "+7 912 777-11-22")
            self.assertEqual(made.create_uid, self.desk)
            made.active = False

    def test_a_visit_for_a_new_patient(self):
        partners = self.env["res.partner"]
        tour = "clinic_patient_made_in_visit"
        for _lang in self.in_both_languages(NEW_VISIT, tour):
            made = partners.search([("name", "=", "Иванова Валерия")])
            self.assertEqual(made.phone, "+7 912 345-67-89")
            event = self.env["calendar.event"].search([("patient_id", "=", made.id)])
            self.assertEqual(len(event), 1)
            made.active = False

    def test_a_visit_for_somebody_known(self):
        patient = self.patient(phone="8 (912) 345-67-89")
        tour = "clinic_patient_known_already"
        for _lang in self.in_both_languages(NEW_VISIT, tour):
            event = self.env["calendar.event"].search([("patient_id", "=", patient.id)])
            self.assertEqual(len(event), 1)
            event.unlink()
        self.assertEqual(
            self.env["res.partner"].search_count([("name", "ilike", "Иванова В")]), 1
        )
