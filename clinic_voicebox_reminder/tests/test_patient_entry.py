"""The front desk makes and corrects patients, and nothing else on contacts."""

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import NOW
from .test_views import DeskCase

ENTRY = "clinic.reminder.patient.entry"


class EntryCase(DeskCase):
    def make_from(self, text):
        made = self.as_desk(self.env[ENTRY]).make_from(text)
        return self.env["res.partner"].browse(made or [])

    def entry_form(self, **context):
        return Form(self.as_desk(self.env[ENTRY]).with_context(**context))

    def correct(self, patient, **vals):
        """As the form does that opens on the patient."""
        context = {"default_patient_id": patient.id}
        form = self.entry_form(**context)
        for name, value in vals.items():
            form[name] = value
        self.kept(form)

    def kept(self, form):
        """The patient of a form whose button was pressed."""
        entry = form.save()
        entry.action_keep()
        return entry.patient_id

    def denied(self, patient, **vals):
        desk = self.as_desk(self.env[ENTRY])
        entry = desk.create({"patient_id": patient.id, "name": patient.name, **vals})
        with self.env.cr.savepoint(), self.assertRaises(AccessError):
            entry.action_keep()
        return True


@tagged("post_install", "-at_install")
class TestMadeOnTheSpot(EntryCase):
    def test_name_and_number_are_enough(self):
        patient = self.make_from("Иванова Валерия 8 912 345-67-89")
        self.assertEqual(patient.name, "Иванова Валерия")
        self.assertEqual(patient.phone, "+7 912 345-67-89")
        self.assertFalse(patient.is_company)
        self.assertFalse(patient.company_id)
        self.assertEqual(patient.create_uid, self.desk)
        self.assertFalse(patient.reminder_consent_date)

    def test_what_a_person_has_to_look_at_makes_nobody(self):
        self.patient("Петрова Анна", phone="8 912 111-22-33")
        before = self.env["res.partner"].search_count([])
        for text in (
            "Иванова Валерия",
            "8 912 345-67-89",
            "Иванова 8 912 345",
            "Иванова Валерия +7 (912) 111-22-33",
            "анна ПЕТРОВА 8 912 345-67-89",
        ):
            with self.subTest(text):
                self.assertFalse(self.make_from(text))
        self.company.reminder_consent_mode = "explicit"
        self.assertFalse(self.make_from("Иванова Валерия 8 912 345-67-89"))
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_the_form_says_what_is_to_be_looked_at(self):
        known = self.patient("Петрова Анна", phone="8 912 111-22-33")
        text = "Иванова 8 912 111-22-33"
        form = self.entry_form(clinic_patient_text=text)
        self.assertEqual(form.name, "Иванова")
        self.assertEqual(form.phone, "8 912 111-22-33")
        self.assertEqual(form.phone_note, "The robot will dial +7 912 111-22-33.")
        self.assertEqual(form.same_ids.ids, known.ids)
        form.phone = "8 912 345"
        self.assertFalse(form.same_ids.ids)
        self.assertEqual(
            form.phone_note, "This number can't be dialled. Please check it."
        )
        form.phone = False
        self.assertEqual(form.phone_note, "Without a number the robot calls nobody.")

    def test_it_is_one_of_those_known(self):
        known = self.patient("Петрова Анна", phone="8 912 111-22-33")
        form = self.entry_form(clinic_patient_text="Петрова Анна 8 912 345-67-89")
        form.same_id = known
        self.assertEqual(self.kept(form), known)
        self.assertEqual(known.phone, "8 912 111-22-33")

    def test_a_family_shares_a_number(self):
        known = self.patient("Петрова Анна", phone="8 912 111-22-33")
        form = self.entry_form(clinic_patient_text="Петров Иван 8 912 111-22-33")
        child = self.kept(form)
        self.assertNotEqual(child, known)
        self.assertEqual(child.phone, "+7 912 111-22-33")

    def test_all_that_the_desk_asks_is_kept(self):
        form = self.entry_form(clinic_patient_text="Иванова 8 912 345-67-89")
        form.consent = "given"
        self.assertEqual(form.consent_source, "said at the front desk")
        form.lang = "ru_RU"
        form.preferred_time = "evening"
        form.spoken_name = "Валерия Сергеевна"
        patient = self.kept(form)
        self.assertEqual(patient.reminder_lang, "ru_RU")
        self.assertEqual(patient.reminder_preferred_time, "evening")
        self.assertEqual(patient.reminder_spoken_name, "Валерия Сергеевна")
        self.assertEqual(patient.reminder_consent, "given")
        self.assertEqual(patient.reminder_consent_source, "said at the front desk")
        self.assertEqual(patient.reminder_consent_user_id, self.desk)
        self.assertEqual(patient.reminder_consent_date.date(), NOW.date())

    def test_more_than_a_number_stays_as_it_was_written(self):
        form = self.entry_form(clinic_patient_text="Иванова")
        form.phone = "8 912 345-67-89 дочь"
        self.assertEqual(self.kept(form).phone, "8 912 345-67-89 дочь")

    def test_a_form_that_is_left_open_makes_nobody(self):
        """Odoo saves it when the page is left."""
        before = self.env["res.partner"].search_count([])
        form = self.entry_form(clinic_patient_text="Иванова 8 912 345-67-89")
        self.assertFalse(form.save().patient_id)
        self.assertEqual(self.env["res.partner"].search_count([]), before)


@tagged("post_install", "-at_install")
class TestCorrected(EntryCase):
    def test_the_form_opens_on_what_is_known(self):
        patient = self.patient(
            phone="спросить", reminder_lang="ru_RU", reminder_preferred_time="evening"
        )
        form = self.entry_form(default_patient_id=patient.id)
        self.assertEqual(form.name, patient.name)
        self.assertEqual(form.phone, "спросить")
        self.assertEqual(form.lang, "ru_RU")
        self.assertEqual(form.preferred_time, "evening")
        self.assertFalse(form.same_ids.ids)

    def test_what_differs_is_written(self):
        patient = self.patient(reminder_consent="given")
        self.later(days=1)
        self.correct(patient, phone="8 912 345-67-89", name="Иванова Валерия")
        self.assertEqual(patient.phone, "+7 912 345-67-89")
        self.assertEqual(patient.name, "Иванова Валерия")
        self.assertEqual(patient.reminder_consent_date.date(), NOW.date())

    def test_a_number_on_the_work_list_is_mended_and_called(self):
        event = self.visit(self.patient(phone="спросить"))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).skip_reason, "bad_phone")
        self.correct(event.patient_id, phone="+12025550101")
        self.call()
        self.assertEqual(self.voicebox.numbers, ["12025550101"])

    def test_who_may_be_corrected(self):
        other = self.env["res.company"].create({"name": "Second clinic"})
        own = self.patient("Своя", 1, company_id=self.company.id)
        self.correct(own, phone="+12025550111")
        self.assertEqual(own.phone, "+1 202-555-0111")
        colleague = new_test_user(self.env, "colleague-of-the-tests").partner_id
        for stranger in (
            self.patient("Чужая", 2, company_id=other.id),
            self.patient("Ромашка", 3, is_company=True),
            self.company.partner_id,
            colleague,
            self.desk.partner_id,
            self.specialist.partner_id,
        ):
            with self.subTest(stranger.name):
                before = stranger.phone
                self.assertTrue(self.denied(stranger, phone="+12025550122"))
                self.assertEqual(stranger.phone, before)

    def test_nobody_but_the_desk(self):
        patient = self.patient()
        for user in (self.outsider, self.env.ref("base.public_user")):
            entries = self.env[ENTRY].with_user(user)
            with self.assertRaises(AccessError):
                entries.make_from("Иванова 8 912 345-67-89")
            with self.assertRaises(AccessError):
                entries.create({"patient_id": patient.id, "name": "Другая"})
            partners = self.env["res.partner"].with_user(user)
            with self.assertRaises(AccessError):
                partners.reminder_find_patients("Иванова")
            with self.assertRaises(AccessError):
                partners._desk_make({"name": "Другая"})
            with self.assertRaises(AccessError):
                partners.browse(patient.id)._desk_correct({"name": "Другая"})

    def test_the_desk_itself_may_not_write_contacts(self):
        patient = self.as_desk(self.patient())
        for vals in ({"phone": "+12025550122"}, {"reminder_deceased": True}):
            with self.assertRaises(AccessError):
                patient.write(vals)
        with self.assertRaises(AccessError):
            patient.create({"name": "Другая"})

    def test_nothing_else_can_be_smuggled_in(self):
        other = self.env["res.company"].create({"name": "Second clinic"})
        context = {
            "default_company_id": other.id,
            "default_is_company": True,
            "default_email": "smuggled@example.com",
            "default_reminder_deceased": True,
            "default_user_ids": [(0, 0, {"login": "smuggled", "name": "Smuggled"})],
        }
        desk = self.as_desk(self.env[ENTRY]).with_context(**context)
        entry = desk.create({"name": "Иванова", "phone": "1"})
        entry.action_keep()
        patient = entry.patient_id.sudo()
        self.assertFalse(patient.company_id or patient.email or patient.user_ids)
        self.assertFalse(patient.is_company or patient.reminder_deceased)
        partners = self.as_desk(self.env["res.partner"])
        made = partners._desk_make({"name": "Другая", "email": "x@example.com"})
        self.assertFalse(made.email)

    def test_an_entry_of_others_is_out_of_reach(self):
        entry = self.env[ENTRY].create({"name": "Иванова"})
        with self.assertRaises(AccessError):
            self.as_desk(entry).read(["name"])


@tagged("post_install", "-at_install")
class TestCard(EntryCase):
    def found(self, text):
        return self.as_desk(self.env["res.partner"]).reminder_find_patients(text)

    def test_who_calls_back(self):
        patient = self.patient(phone="8 912 345-67-89")
        self.visit(patient)
        (row,) = self.found("+7 (912) 345-67-89")
        self.assertEqual(row["id"], patient.id)
        self.assertEqual(row["name"], patient.name)
        self.assertEqual(row["phone"], "+7 912 345-67-89")
        self.assertIn("6 June", row["visit"])
        self.assertEqual(len(self.found("иванова")), 1)
        for text in ("", "  ", "Сидорова"):
            self.assertFalse(self.found(text))

    def test_a_whole_day_has_no_hour(self):
        self.visit(
            self.patient(), allday=True, start_date="2030-06-06", stop_date="2030-06-06"
        )
        (row,) = self.found("Иванова")
        self.assertEqual(row["visit"], "6 June")

    def test_the_card(self):
        patient = self.patient(phone="8 912 345-67-89")
        past = self.visit(patient, start=NOW.replace(month=5))
        event = self.visit(patient)
        self.call()
        self.callback("operator", self.reminder_of(event).attempt_ids)
        card = self.as_desk(patient)
        self.assertEqual(card.coming_visit_ids, self.as_desk(event))
        self.assertEqual(card.past_visit_ids, self.as_desk(past))
        self.assertEqual(card.last_reminder_ids, self.as_desk(self.reminder_of(event)))
        self.assertIn("asks for a person", card.last_reminder_ids.explanation)
        self.assertTrue(card.may_correct)
        self.assertEqual(card.reminder_phone_shown, "+7 912 345-67-89")
        self.assertFalse(card.coming_visit_ids.may_call_now)

    def test_the_buttons_lead_on(self):
        patient = self.as_desk(self.patient())
        event = self.as_desk(self.visit(patient))
        self.assertTrue(event.may_call_now)
        self.assertEqual(event.action_open_visit()["res_id"], event.id)
        book = patient.action_book_visit()
        self.assertEqual(book["context"]["default_patient_id"], patient.id)
        correct = patient.action_correct_patient()
        self.assertEqual(correct["res_model"], ENTRY)
        self.assertEqual(correct["context"], {"default_patient_id": patient.id})

    def test_another_time_from_the_card(self):
        event = self.as_desk(self.visit(self.patient()))
        event.visit_status = "reschedule"
        params = event.action_choose_time()["params"]
        self.assertEqual(params["visit_id"], event.id)
        free = event.get_free_times()["same"][0]
        said = event.action_rebook(free["start"], free["specialist_id"])
        self.assertEqual(str(event.start), free["start"])
        self.assertEqual(event.visit_status, "booked")
        self.assertNotIn("undo_id", said["params"])

    def test_another_time_with_a_way_back(self):
        event = self.as_desk(self.visit(self.patient()))
        self.run_cron("plan")
        before = event.start
        free = event.get_free_times()["same"][0]
        said = event.action_rebook(free["start"], free["specialist_id"])
        undo = self.env["clinic.reminder.undo"].browse(said["params"]["undo_id"])
        undo.with_user(self.desk).action_undo()
        self.assertEqual(event.start, before)

    def test_the_card_of_somebody_who_works_here_is_not_corrected(self):
        colleague = self.as_desk(self.specialist.partner_id)
        self.assertFalse(colleague.may_correct)

    def test_numbers_are_written_in_one_way(self):
        patient = self.patient(phone="8(912)3456789")
        event = self.as_desk(self.visit(patient))
        self.call()
        reminder = self.as_desk(self.reminder_of(event))
        wizard = self.as_desk(self.env["clinic.reminder.manual.call"]).create(
            {"reminder_id": reminder.id}
        )
        shown = {
            event.patient_phone,
            reminder.phone_shown,
            reminder.attempt_ids.phone_shown,
            wizard.phone,
            self.found("Иванова")[0]["phone"],
        }
        self.assertEqual(shown, {"+7 912 345-67-89"})

    def test_what_was_written_wrongly_is_shown_as_it_is(self):
        event = self.as_desk(self.visit(self.patient(phone="спросить у дочери")))
        self.run_cron("plan")
        reminder = self.as_desk(self.reminder_of(event))
        for shown in (event.patient_phone, reminder.phone_shown):
            self.assertEqual(shown, "спросить у дочери")
