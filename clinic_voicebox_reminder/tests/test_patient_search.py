"""A patient is found however the number and the name are typed."""

from datetime import timedelta

from odoo.tests import new_test_user, tagged

from ..tools import person_words
from .common import NOW, ReminderCase
from .test_views import DeskCase

SPELLINGS = (
    "+7 912 345-67-89",
    "+79123456789",
    "79123456789",
    "8 (912) 345-67-89",
    "89123456789",
    "8-912-345-67-89",
    "9123456789",
    "345-67-89",
    "67 89",
    "8 912 34",
    "+7 (912) 3",
)
WRITTEN = ("+79123456789", "8 (912) 345-67-89", "912 345 67 89", "дочь: 89123456789")
NAMES = (
    "Берёзкина",
    "березкина",
    "БЕРЁЗКИНА Алёна",
    "алена Березкина",
    "Игоревна берез",
    "Петрова Берёзкина",
    "Берёзкина-Петрова Алёна Игоревна",
    "Бере\u0308зкина",
)


@tagged("post_install", "-at_install")
class TestPersonWords(ReminderCase):
    def test_name_and_number_are_told_apart(self):
        for typed, parts in {
            "Иванова 8 912 345-67-89": ("Иванова", "8 912 345-67-89"),
            "+7 (912) 345-67-89 Иванова Валерия": (
                "Иванова Валерия",
                "+7 (912) 345-67-89",
            ),
            "Иванова,89123456789, Валерия": ("Иванова Валерия", "89123456789"),
            "Иванова Валерия": ("Иванова Валерия", ""),
            "89123456789": ("", "89123456789"),
            "Иванова 2": ("Иванова 2", ""),
            "": ("", ""),
        }.items():
            with self.subTest(typed):
                self.assertEqual(person_words.split(typed), parts)

    def test_what_a_search_compares(self):
        self.assertEqual(
            person_words.search_text("Берёзкина-Петрова  Алёна", "8 (912) 345", None),
            " березкина петрова алена 8912345",
        )
        self.assertEqual(person_words.search_text(None, False), "")


@tagged("post_install", "-at_install")
class TestPatientSearch(DeskCase):
    def patients(self, **context):
        return self.as_desk(self.env["res.partner"]).with_context(
            clinic_patient=True, **context
        )

    def proposed(self, text, **context):
        pairs = self.patients(**context).name_search(text, limit=8)
        return self.env["res.partner"].browse([patient for patient, _name in pairs])

    def test_whom_a_search_for_more_lists(self):
        """Whoever may be a patient, and whoever has been one; no company, no staff."""
        patient = self.patient()
        firm = self.patient("Поставщик", is_company=True)
        clerk = self.patient("Служащий", parent_id=firm.id)
        seen = self.patient("Служащая", parent_id=firm.id)
        self.visit(seen, patient_id=seen.id)
        everybody = patient | firm | clerk | seen | self.desk.partner_id
        listed = self.patients().search(
            [("is_proposed_patient", "=", True), ("id", "in", everybody.ids)]
        )
        self.assertEqual(listed, patient | seen)

    # === Spellings === #
    def test_by_any_spelling_of_the_number(self):
        stranger = self.patient("Другой", phone="+7 913 777-11-22")
        for written in WRITTEN:
            patient = self.patient(phone=written)
            for typed in SPELLINGS:
                with self.subTest(written=written, typed=typed):
                    self.assertIn(patient, self.proposed(typed))
                    self.assertNotIn(stranger, self.proposed(typed))

    def test_by_name_with_or_without_dots_in_any_order(self):
        patient = self.patient("Берёзкина-Петрова Алёна Игоревна")
        other = self.patient("Березняк Елена", 2)
        for typed in NAMES:
            with self.subTest(typed):
                self.assertIn(patient, self.proposed(typed))
                self.assertNotIn(other, self.proposed(typed))
        self.assertEqual(self.proposed("Елена Берёзняк"), other)

    def test_by_name_and_number_at_once(self):
        mother = self.patient("Иванова Валерия", phone="+79123456789")
        self.patient("Иванов Пётр", phone="+79123456789")
        self.assertEqual(self.proposed("8 912 345 ивановА"), mother)

    def test_words_are_begun_not_cut(self):
        self.patient("Жанна Круглова")
        self.assertFalse(self.proposed("анна"))

    def test_what_names_nobody_finds_nobody(self):
        self.patient()
        for typed in ("%", "_", "12", "?!", "нет такой"):
            with self.subTest(typed):
                self.assertFalse(self.proposed(typed))

    def test_a_changed_name_and_number_are_found(self):
        patient = self.patient()
        patient.write({"name": "Семёнова Ольга", "phone": "8 495 123-45-67"})
        self.assertEqual(self.proposed("Семенова"), patient)
        self.assertEqual(self.proposed("+7 495 123"), patient)
        self.assertFalse(self.proposed("Иванова Валерия"))

    # === Whom === #
    def test_companies_suppliers_and_colleagues_are_not_proposed(self):
        firm = self.patient("Ромашкина контора", is_company=True)
        self.patient("Ромашкина Анна", 2, parent_id=firm.id)
        new_test_user(self.env, "colleague-of-the-tests", name="Ромашкина Ольга")
        patient = self.patient("Ромашкина Ирина", 3)
        self.assertEqual(self.proposed("Ромашкина"), patient)

    def test_people_of_companies_where_all_from_outside_are_patients(self):
        self.company.reminder_visit_rule = "outside"
        firm = self.patient("Ромашка", is_company=True)
        person = self.patient("Ромашкина Анна", 2, parent_id=firm.id)
        self.assertEqual(self.proposed("Ромашкина"), person)

    def test_who_had_a_visit_is_a_patient_whatever_else(self):
        colleague = new_test_user(
            self.env, "colleague-of-the-tests", name="Ромашкина Ольга"
        ).partner_id
        self.visit(self.patient(), patient_id=colleague.id)
        self.assertEqual(self.proposed("Ромашкина"), colleague)

    def test_those_seen_last_come_first(self):
        first, second, third = (
            self.patient(f"Иванова {name}", n)
            for n, name in enumerate(("Анна", "Вера", "Галина"), 1)
        )
        self.visit(second, start=NOW - timedelta(days=9))
        self.visit(third, start=NOW + timedelta(days=1))
        self.assertEqual(self.proposed("Иванова").ids, (third | second | first).ids)
        pairs = self.patients().name_search("Иванова", limit=2)
        self.assertEqual([pair[0] for pair in pairs], (third | second).ids)

    def test_another_clinics_contacts_are_not_found(self):
        rule = self.env.ref("base.res_partner_rule")
        rule.active = True
        other = self.env["res.company"].create({"name": "Second clinic"})
        self.patient("Ромашкина Анна", company_id=other.id)
        self.assertFalse(self.proposed("Ромашкина"))

    def test_more_contacts_take_no_more_queries(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.patients().name_search("Иванова", limit=8)
            return self.cr.sql_log_count - before

        self.patient()
        queries()
        few = queries()
        for ordinal in range(20):
            self.patient(ordinal=ordinal)
        self.assertLessEqual(queries(), few)

    def test_an_index_serves_the_search(self):
        self.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'res_partner' "
            "AND indexdef LIKE '%reminder_search_text%gin_trgm_ops%'"
        )
        self.assertEqual(bool(self.cr.fetchall()), bool(self.registry.has_trigram))

    # === Where === #
    def test_other_fields_search_and_show_as_before(self):
        patient = self.patient("Берёзкина Алёна")
        plain = self.as_desk(self.env["res.partner"])
        self.assertFalse(plain.name_search("Алена Березкина"))
        self.assertEqual(plain.browse(patient.id).display_name, "Берёзкина Алёна")

    def test_two_of_one_name_are_told_apart(self):
        patient = self.patient(phone="8 912 345-67-89")
        shown = self.patients().browse(patient.id).display_name
        self.assertEqual(shown, "Иванова Валерия Сергеевна\n+7 912 345-67-89")
        (row,) = self.patients().web_name_search("Валерия", {"display_name": {}})
        self.assertEqual(
            row["__formatted_display_name"],
            "Иванова Валерия Сергеевна \t --+7 912 345-67-89--",
        )

    def test_the_lists_search_names_and_numbers_alike(self):
        event = self.as_desk(self.planned())
        reminder = self.as_desk(self.reminder_of(event))
        for record in (event, reminder):
            for typed in ("202 555 01 01", "0101", "Валерия иванова", "иванова 0101"):
                with self.subTest(record=record, typed=typed):
                    mine = [("id", "=", record.id), ("patient_search", "ilike", typed)]
                    self.assertEqual(record.search(mine), record)
            for typed in ("0177", "Сидорова", "Сидорова 0101", "?"):
                with self.subTest(record=record, typed=typed):
                    mine = [("id", "=", record.id), ("patient_search", "ilike", typed)]
                    self.assertFalse(record.search(mine))

    def test_enter_searches_the_patient(self):
        """What is typed goes to the first field of a search view."""
        for name in ("calendar_event_view_search", "clinic_reminder_call_view_search"):
            view = self.env.ref(f"clinic_voicebox_reminder.{name}")
            arch = self.env[view.model].get_view(view.id, "search")["arch"]
            self.assertLess(arch.index('"patient_search"'), arch.index("specialist_id"))
            self.assertRegex(arch, r'<search[^>]*>\s*<field name="patient_search"')

    def test_a_number_that_was_dialled_and_is_another_now(self):
        event = self.planned()
        event.patient_id.phone = "+12025550199"
        reminders = self.as_desk(self.reminders)
        for typed in ("2025550101", "2025550199"):
            found = reminders.search([("patient_search", "ilike", typed)])
            self.assertEqual(found, self.reminder_of(event))
