"""The front desk at work on the day board, in a browser and in both languages."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.tests import HttpCase, new_test_user, tagged

from .test_views import USER

BOARD = "/odoo/clinic-board"
LANGUAGES = ("en_US", "ru_RU")
PATIENCE = 300  # seconds a tour may take on a busy machine
MOSCOW = ZoneInfo("Europe/Moscow")
QUIET = {"no_mail_to_attendees": True, "skip_contact_description": True}


@tagged("post_install", "-at_install", "browser")
class TestBoardTours(HttpCase):
    """Two specialists, and tomorrow a visit of each kind with the first of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, **QUIET})
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.env.company.reminder_tz = MOSCOW.key
        cls.env["res.users"].search([("takes_visits", "=", True)]).takes_visits = False
        cls.desk = new_test_user(
            cls.env, "desk-of-the-tours", groups=USER, tz=MOSCOW.key
        )
        hours = cls.every_day(9, 18)
        cls.first, cls.second = (
            new_test_user(
                cls.env,
                f"{name.lower()}-of-the-board",
                name=f"{name} of the board",
                takes_visits=True,
                visit_calendar_id=hours.id,
            )
            for name in ("First", "Second")
        )
        cls.ivanova = cls.booked("Иванова Валерия", 10)
        cls.petrova = cls.booked("Петрова Анна", 11, visit_status="confirmed")
        cls.sidorova = cls.booked("Сидорова Ольга", 12, visit_status="reschedule")
        cls.gone = cls.booked("Фёдорова Мария", 14, visit_status="cancelled")

    @classmethod
    def every_day(cls, hour_from, hour_to):
        attendances = [
            {
                "name": str(day),
                "dayofweek": str(day),
                "hour_from": hour_from,
                "hour_to": hour_to,
                "day_period": "full_day",
            }
            for day in range(7)
        ]
        return cls.env["resource.calendar"].create(
            {
                "name": "Every day",
                "tz": MOSCOW.key,
                "company_id": False,
                "attendance_ids": [(5,), *((0, 0, vals) for vals in attendances)],
            }
        )

    @classmethod
    def tomorrow(cls, hour):
        """By the clock of Moscow, as naive UTC."""
        day = datetime.now(MOSCOW).date() + timedelta(days=1)
        wall = datetime(day.year, day.month, day.day, hour, tzinfo=MOSCOW)
        return wall.astimezone(timezone.utc).replace(tzinfo=None)

    @classmethod
    def booked(cls, name, hour, specialist=None, **vals):
        specialist = specialist or cls.first
        start = cls.tomorrow(hour)
        patient = cls.env["res.partner"].create({"name": name, "phone": "+12025550101"})
        return cls.env["calendar.event"].create(
            {
                "name": name,
                "start": start,
                "stop": start + timedelta(minutes=30),
                "user_id": specialist.id,
                "patient_id": patient.id,
                "partner_ids": [(6, 0, (patient | specialist.partner_id).ids)],
                **vals,
            }
        )

    def play(self, tour, lang):
        self.desk.lang = lang
        self.start_tour(BOARD, tour, login=self.desk.login, timeout=PATIENCE)
        self.env.invalidate_all()

    def test_statuses(self):
        for lang in LANGUAGES:
            self.play("clinic_board_statuses", lang)

    def test_a_visit_is_moved_to_another_specialist(self):
        """In spite of a conflict, which is told; the answer is void (law 7)."""
        for _visit in range(2):  # two of them, told in the same words
            self.booked("Морозова Елена", 11, self.second)
        for lang in LANGUAGES:
            self.petrova.write(
                {"specialist_id": self.first.id, "visit_status": "confirmed"}
            )
            self.play("clinic_board_move", lang)
            self.assertEqual(self.petrova.specialist_id, self.second)
            self.assertEqual(self.petrova.visit_status, "booked")
            self.assertEqual(self.petrova.start, self.tomorrow(11))

    def test_a_visit_stays_where_it_was(self):
        self.booked("Морозова Елена", 11, self.second)
        self.play("clinic_board_leave_there", "ru_RU")
        self.assertEqual(self.petrova.specialist_id, self.first)
        self.assertEqual(self.petrova.visit_status, "confirmed")

    def test_a_freed_time_is_booked(self):
        for lang in LANGUAGES:
            patient = self.env["res.partner"].create(
                {"name": "Новикова Анна", "phone": "+12025550102"}
            )
            self.play("clinic_board_book", lang)
            (event,) = self.env["calendar.event"].search(
                [("patient_id", "=", patient.id)]
            )
            self.assertEqual(event.specialist_id, self.first)
            self.assertEqual(event.start, self.tomorrow(14))
            self.assertEqual(event.stop - event.start, timedelta(minutes=30))
            event.unlink()
            patient.name = "Another"
