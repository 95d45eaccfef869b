"""A specialist's day on paper: in order, and nothing that its reader may not know."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_visit_board import THURSDAY, BoardCase

REPORT = "clinic_voicebox_reminder.clinic_day_sheet_report"


@tagged("post_install", "-at_install")
class TestDaySheet(BoardCase):
    def sheet(self, **vals):
        sheets = self.env["clinic.day.sheet"].with_user(self.desk)
        return sheets.create({"day": THURSDAY, **vals})

    def lines(self, **vals):
        (page,) = self.sheet(**vals)._pages()
        return page["lines"]

    def test_visits_in_order(self):
        late, early = self.booked(15, ordinal=1), self.booked(9, 30, ordinal=2)
        late.visit_status = "confirmed"
        early.visit_status = "reschedule"
        self.reminders.create(
            {
                "event_id": early.id,
                "patient_id": early.patient_id.id,
                "company_id": self.company.id,
                "visit_start": early.start,
                "state": "done",
                "outcome": "operator",
            }
        )
        self.assertEqual(
            [
                (one["time"], one["minutes"], one["word"], one["answer"])
                for one in self.lines()
            ],
            [
                ("09:30", 30, "To reschedule", "Asked for a person"),
                ("15:00", 30, "Confirmed", ""),
            ],
        )

    def test_a_void_answer_is_none(self):
        event = self.booked(10)
        reminder = self.reminders.create(
            {
                "event_id": event.id,
                "patient_id": event.patient_id.id,
                "company_id": self.company.id,
                "visit_start": event.start,
                "state": "done",
                "outcome": "confirmed",
                "is_void": True,
            }
        )
        self.assertEqual(self.lines()[0]["answer"], "")
        reminder.is_void = False
        self.assertEqual(self.lines()[0]["answer"], "Confirmed")

    def test_a_private_visit_is_taken_time(self):
        event = self.booked(10)
        self.booked(11, ordinal=2)
        event.privacy = "private"
        private, _told = self.lines()
        self.assertEqual((private["time"], private["name"]), ("10:00", "Busy"))
        self.assertEqual((private["word"], private["answer"]), ("", ""))

    def test_the_specialist_reads_their_own(self):
        event = self.booked(10)
        event.privacy = "private"
        user = self.specialist
        user.group_ids += self.desk.group_ids
        sheet = self.env["clinic.day.sheet"].with_user(user).create({"day": THURSDAY})
        (page,) = sheet._pages()
        self.assertEqual(page["lines"][0]["name"], event.patient_id.name)

    def test_a_page_for_each_specialist_with_visits(self):
        second = self.specialist.copy(
            {"name": "Second specialist", "login": "second", "takes_visits": True}
        )
        self.booked(10)
        self.assertEqual(len(self.sheet()._pages()), 1)
        self.booked(10, ordinal=2, user_id=second.id)
        self.assertEqual(len(self.sheet()._pages()), 2)
        chosen = self.sheet(specialist_ids=[(6, 0, second.ids)])
        self.assertEqual([page["id"] for page in chosen._pages()], second.ids)

    def test_another_clinic_s_day_is_not_printed(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.sheet(company_ids=[(6, 0, other.ids)])._pages()

    def test_printed(self):
        self.booked(10).visit_status = "confirmed"
        self.booked(11, ordinal=2).visit_status = "cancelled"
        sheet = self.sheet()
        self.assertEqual(sheet.action_print()["type"], "ir.actions.report")
        for lang, word in (("en_US", "Confirmed"), ("ru_RU", "Подтверждён")):
            self.env["res.lang"]._activate_lang(lang)
            reports = self.env["ir.actions.report"].with_user(self.desk)
            html, _kind = reports.with_context(lang=lang)._render_qweb_html(
                REPORT, sheet.ids
            )
            text = html.decode()
            self.assertIn("10:00", text)
            self.assertIn("Иванова Валерия Сергеевна", text)
            self.assertEqual(text.count("<s>"), 1)
            if lang == "en_US":
                self.assertIn(word, text)

    def test_for_the_front_desk_only(self):
        staff = new_test_user(self.env, "staff-without-a-sheet")
        with self.assertRaises(AccessError):
            self.env["clinic.day.sheet"].with_user(staff).create({"day": THURSDAY})
