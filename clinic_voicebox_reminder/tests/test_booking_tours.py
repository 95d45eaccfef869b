"""The front desk books in a real browser, in both languages."""

from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged

from .test_views import USER

ACTION = "/odoo/action-clinic_voicebox_reminder."
# the day in the middle of the week, as the language has it
LANGUAGES = {"en_US": "Wednesday", "ru_RU": "Thursday"}


@tagged("post_install", "-at_install", "browser")
class TestBookingTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        modules = cls.env["ir.module.module"].search([("state", "=", "installed")])
        modules._update_translations(["ru_RU"])
        users = cls.env["res.users"]
        users.search([("takes_visits", "=", True)]).takes_visits = False
        cls.env.company.country_id = cls.env.ref("base.ru")
        cls.specialist = new_test_user(
            cls.env,
            "specialist-of-the-tours",
            name="Specialist of the tours",
            takes_visits=True,
            function="Терапевт",
            visit_duration=0.75,
            tz="Europe/Moscow",
        )
        cls.patient = cls.env["res.partner"].create(
            {"name": "Берёзкина Ольга Игоревна", "phone": "+12025550123"}
        )
        for lang in LANGUAGES:
            new_test_user(
                cls.env, f"desk-{lang}", groups=USER, lang=lang, tz="Europe/Moscow"
            )

    def visit(self, name, start):
        patient = self.env["res.partner"].create({"name": name})
        return self.env["calendar.event"].create(
            {
                "start": start,
                "stop": start + timedelta(hours=1),
                "patient_id": patient.id,
                "specialist_id": self.specialist.id,
            }
        )

    def visits_of(self, patient):
        return self.env["calendar.event"].search([("patient_id", "=", patient.id)])

    def test_from_a_place_in_the_calendar_to_a_visit(self):
        address = f"{ACTION}calendar_event_action?view_type=calendar"
        for lang, day in LANGUAGES.items():
            with self.subTest(lang=lang):
                self.visits_of(self.patient).unlink()
                self.start_tour(
                    address, "clinic_book_from_calendar", login=f"desk-{lang}"
                )
                visit = self.visits_of(self.patient)
                self.assertEqual(len(visit), 1)
                self.assertEqual(visit.specialist_id, self.specialist)
                self.assertEqual(visit.user_id, self.specialist)
                people = self.patient | self.specialist.partner_id
                self.assertEqual(visit.partner_ids, people)
                self.assertEqual(visit.start.strftime("%A %H:%M"), f"{day} 10:00")
                self.assertEqual(visit.stop - visit.start, timedelta(minutes=45))
                self.assertGreater(visit.start, datetime.now())

    def test_what_the_patient_hears(self):
        visit = self.visit("Берёзкин Олег", datetime.now() + timedelta(days=3))
        for lang in LANGUAGES:
            with self.subTest(lang=lang):
                self.start_tour(
                    f"{ACTION}calendar_event_action/{visit.id}",
                    "clinic_conversation",
                    login=f"desk-{lang}",
                )

    def test_a_conflict_is_said_and_staff_may_insist(self):
        start = datetime.now().replace(second=0, microsecond=0) + timedelta(days=3)
        self.visit("Иванова Валерия", start)
        action = self.env.ref("clinic_voicebox_reminder.visit_action_book").copy()
        action.context = {
            "default_start": str(start),
            "default_specialist_id": self.specialist.id,
        }
        for lang in LANGUAGES:
            with self.subTest(lang=lang):
                self.visits_of(self.patient).unlink()
                self.start_tour(
                    f"/odoo/action-{action.id}",
                    "clinic_conflict_is_said",
                    login=f"desk-{lang}",
                )
                visit = self.visits_of(self.patient)
                self.assertEqual(visit.start, start)
                self.assertIn("Иванова", visit.visit_conflict)

    def test_a_visit_to_come_is_not_done_by_a_slip(self):
        for lang in LANGUAGES:
            with self.subTest(lang=lang):
                start = datetime.now().replace(microsecond=0) + timedelta(days=3)
                visit = self.visit("Иванова Валерия", start)
                self.start_tour(
                    f"{ACTION}calendar_event_action/{visit.id}",
                    "clinic_early_end_is_asked",
                    login=f"desk-{lang}",
                )
                self.assertEqual(visit.visit_status, "done")
