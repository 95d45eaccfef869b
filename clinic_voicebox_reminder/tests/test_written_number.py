"""Which number is dialled out of what people write into a phone field (law 3)."""

from odoo.tests import BaseCase, tagged

from ..tools.written_number import first_number
from .common import ReminderCase

NUMBER = "202 555-0101"
OTHER = "202 555-0102"


@tagged("post_install", "-at_install")
class TestWrittenNumber(BaseCase):
    def test_words_beside_a_number(self):
        for text in (
            f"муж {NUMBER}",
            f"{NUMBER} мама",
            f"{NUMBER} (мама)",
            f"моб:{NUMBER}",
            f"{NUMBER} после 18 часов",
            f"{NUMBER}, кв. 12",
        ):
            with self.subTest(text):
                self.assertEqual(first_number(text, "US"), NUMBER)

    def test_of_several_the_first(self):
        for between in (", ", "; ", "/", " / ", " или ", "\n", " ", ","):
            with self.subTest(between):
                text = f"{NUMBER}{between}{OTHER}"
                self.assertEqual(first_number(text, "US"), NUMBER)

    def test_an_extension_is_for_people(self):
        for extension in (
            "доб. 12",
            "доб. Anna",
            "доб 12",
            "(доб. 12)",
            "добавочный 12",
            "доп. 12",
            "вн. 12",
            "внутр. 12",
            "ext 12",
            "x12",
            "#12",
        ):
            with self.subTest(extension):
                self.assertEqual(first_number(f"{NUMBER} {extension}", "US"), "")

    def test_what_is_no_number_is_for_others_to_judge(self):
        """Odoo mends some: two zeros for the plus, no plus at all."""
        for text in ("", "спросить у дочери", "кв. 12", "0012025550101"):
            with self.subTest(text):
                self.assertEqual(first_number(text, "DE"), text)

    def test_an_international_number_needs_no_country(self):
        self.assertEqual(first_number("son +1 202 555 0101"), "+1 202 555 0101")
        self.assertEqual(first_number(f"{NUMBER} ext 5"), "")


@tagged("post_install", "-at_install")
class TestDialled(ReminderCase):
    def test_what_is_dialled(self):
        for text, dialled in (
            ("дочь +1 202 555 0101", "+12025550101"),
            ("+1 202 555 0101 +1 202 555 0102", "+12025550101"),
            ("+1 202 555 0101 доб. 7", ""),
            ("спросить у дочери", ""),
            ("кв. 12", ""),
        ):
            with self.subTest(text):
                self.assertEqual(self.company._reminder_dialable(text), dialled)

    def test_an_extension_goes_to_the_work_list(self):
        event = self.visit(self.patient(phone="+1 202 555 0101 доб. 7"))
        self.call()
        self.assertFalse(self.voicebox.requests)
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.skip_reason, "bad_phone")
        self.assertTrue(reminder.needs_attention)
