"""The manager at the page, in a browser and in both languages."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .history import Planted, plant
from .test_manager import MANAGER

LANGUAGES = ("en_US", "ru_RU")
PATIENCE = 300  # seconds a tour may take on a busy machine


@tagged("post_install", "-at_install", "browser")
class TestWeekTours(HttpCase):
    """Five visits of today that were called about in this hour, one more cancelled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.env.company.reminder_tz = "UTC"
        cls.manager = new_test_user(
            cls.env, "manager-of-the-tours", groups=MANAGER, tz="UTC"
        )
        doctor = new_test_user(cls.env, "doctor-of-the-tours", takes_visits=True).id
        today = fields.Datetime.now().replace(hour=0, minute=30, second=0)
        said = ["confirmed"] * 3 + ["declined", "not_reached"]
        came = ["done", "done", "no_show", "cancelled", "no_show"]
        starts = (today + timedelta(minutes=30 * n) for n in range(len(said)))
        cls.env["clinic.reminder.call"].search([]).unlink()
        cls.env["calendar.event"].search([("patient_id", "!=", False)]).unlink()
        patient = cls.env["res.partner"].create({"name": "Иванова Валерия"})
        history = [
            Planted(start, doctor, status, answer, [(today, result_of(answer))])
            for start, answer, status in zip(starts, said, came, strict=True)
        ]
        plant(cls.env, cls.env.company, patient, history)

    def test_every_figure_leads_to_its_rows(self):
        for lang in LANGUAGES:
            self.manager.lang = lang
            self.start_tour(
                "/odoo/clinic-week",
                "clinic_week",
                login=self.manager.login,
                timeout=PATIENCE,
            )


def result_of(answer):
    return "no_answer" if answer == "not_reached" else answer
