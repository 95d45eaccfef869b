"""Who in a calendar is a patient, and whose visit it is."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import NOW, ReminderCase
from .test_views import USER


@tagged("post_install", "-at_install")
class TestRule(ReminderCase):
    def event(self, **vals):
        return self.visit(self.patient(), **vals)

    def test_with_a_specialist(self):
        self.assertTrue(self.event().patient_id)
        self.specialist.takes_visits = False
        self.assertFalse(self.event().patient_id)

    def test_a_patient_who_was_set_always_makes_a_visit(self):
        self.company.reminder_visit_rule = "manual"
        self.specialist.takes_visits = False
        patient = self.patient()
        event = self.visit(patient, patient_id=patient.id, privacy="private")
        self.assertTrue(event._is_reminder_visit())
        event.partner_ids += self.patient(ordinal=2)
        event.privacy = "confidential"
        self.assertEqual(event.patient_id, patient)

    def test_by_tags(self):
        tag, other = self.env["calendar.event.type"].create(
            [{"name": "Reception"}, {"name": "Meeting"}]
        )
        self.company.write(
            {"reminder_visit_rule": "tags", "reminder_visit_tag_ids": tag.ids}
        )
        self.assertFalse(self.event().patient_id)
        self.assertFalse(self.event(categ_ids=other.ids).patient_id)
        self.assertTrue(self.event(categ_ids=tag.ids).patient_id)

    def test_by_hand(self):
        self.company.reminder_visit_rule = "manual"
        self.assertFalse(self.event().patient_id)

    def test_everybody_from_outside(self):
        self.company.reminder_visit_rule = "outside"
        self.specialist.takes_visits = False
        self.assertTrue(self.event().patient_id)
        supplier = self.patient("Supplies Ltd", is_company=True)
        self.assertEqual(self.visit(supplier).patient_id, supplier)

    def test_no_companies_and_their_people(self):
        supplier = self.patient("Supplies Ltd", is_company=True)
        agent = self.patient("Agent", ordinal=2, parent_id=supplier.id)
        self.assertFalse(self.visit(supplier | agent).patient_id)
        patient = self.patient(ordinal=3)
        self.assertEqual(self.visit(agent | patient).patient_id, patient)

    def test_never_by_themselves(self):
        about = self.env["ir.model"]._get_id("res.country")
        for rule in ("specialists", "outside"):
            self.company.reminder_visit_rule = rule
            for vals in (
                {"privacy": "private"},
                {"privacy": "confidential"},
                {"res_model_id": about, "res_id": self.env.ref("base.ru").id},
            ):
                with self.subTest(rule=rule, vals=vals):
                    self.assertFalse(self.event(**vals).patient_id)

    def test_a_calendar_that_is_private_as_a_whole(self):
        own = self.specialist.with_user(self.specialist)
        own.calendar_default_privacy = "private"
        self.assertFalse(self.event().patient_id)

    def test_a_form_proposes_and_takes_back(self):
        self.specialist.takes_visits = True
        form = Form(self.env["calendar.event"].with_user(self.specialist))
        form.name = "Somebody"
        form.partner_ids.add(self.patient())
        self.assertTrue(form.patient_id)
        form.privacy = "private"
        self.assertFalse(form.patient_id)
        chosen = self.patient(ordinal=2)
        form.patient_id = chosen
        form.partner_ids.add(self.patient(ordinal=3))
        self.assertEqual(form.save().patient_id, chosen)

    def test_nothing_becomes_a_visit_behind_people_s_backs(self):
        self.company.reminder_visit_rule = "manual"
        event = self.event()
        self.company.reminder_visit_rule = "outside"
        self.run_cron("plan")
        self.assertFalse(event.patient_id)
        wizard = self.env["clinic.reminder.take.over"].create({})
        self.assertIn(event, wizard.line_ids.event_id)
        wizard.action_take_over()
        self.assertTrue(event.patient_id)
        self.assertEqual(event.specialist_id, self.specialist)
        self.assertFalse(self.env["clinic.reminder.take.over"].create({}).line_ids)

    def test_what_was_removed_from_the_list_is_not_taken_over(self):
        self.company.reminder_visit_rule = "manual"
        events = self.event() | self.event(start=NOW + timedelta(days=2))
        self.company.reminder_visit_rule = "specialists"
        wizard = self.env["clinic.reminder.take.over"].create({})
        wizard.line_ids.filtered(lambda line: line.event_id == events[0]).unlink()
        wizard.action_take_over()
        self.assertEqual([bool(e.patient_id) for e in events], [False, True])


@tagged("post_install", "-at_install")
class TestWhose(ReminderCase):
    """The visit's own specialist and clinic."""

    def setUp(self):
        super().setUp()
        self.there = self.env["res.company"].create({"name": "Second clinic"})
        self.doctor = new_test_user(
            self.env,
            "doctor-there",
            company_id=self.there.id,
            company_ids=[(6, 0, self.there.ids)],
            takes_visits=True,
            function="Окулист",
        )
        self.desk = new_test_user(self.env, "desk-here", groups=USER)

    def booked(self, doctor, **vals):
        """Made by the desk, which is its organizer."""
        patient = self.patient()
        return self.visit(
            patient,
            user_id=self.desk.id,
            patient_id=patient.id,
            partner_ids=[(6, 0, (patient | doctor.partner_id).ids)],
            **vals,
        )

    def test_the_doctor_whom_the_desk_has_invited(self):
        event = self.booked(self.doctor)
        self.assertEqual(event.specialist_id, self.doctor)
        self.assertEqual(event.reminder_company_id, self.there)
        self.assertEqual(event.specialty, "Окулист")
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.company_id, self.there)
        self.assertEqual(reminder.specialist_id, self.doctor)

    def test_the_organizer_as_the_last_proposal(self):
        patient = self.patient()
        event = self.visit(patient, user_id=self.desk.id, patient_id=patient.id)
        self.assertEqual(event.specialist_id, self.specialist)
        event = self.booked(self.desk)
        self.assertEqual(event.specialist_id, self.desk)

    def test_set_by_hand_they_follow_no_more(self):
        event = self.booked(self.doctor)
        event.specialist_id = self.specialist
        event.reminder_company_id = self.there
        event.user_id = self.doctor
        self.assertEqual(event.specialist_id, self.specialist)
        self.assertEqual(event.reminder_company_id, self.there)

    def test_until_then_they_follow(self):
        event = self.visit(self.patient())
        self.assertEqual(event.reminder_company_id, self.company)
        event.user_id = self.doctor
        self.assertEqual(event.specialist_id, self.doctor)
        self.assertEqual(event.reminder_company_id, self.there)
        self.assertEqual(event.specialty, "Окулист")

    def test_what_is_over_stays_with_its_clinic(self):
        coming = self.visit(self.patient())
        past = self.visit(self.patient(ordinal=2), start=NOW - timedelta(days=3))
        self.specialist.write(
            {"company_ids": [(4, self.there.id)], "company_id": self.there.id}
        )
        self.assertEqual(coming.reminder_company_id, self.there)
        self.assertEqual(past.reminder_company_id, self.company)

    def test_another_specialist_asks_anew(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.specialist_id = self.doctor
        self.assertEqual(event.visit_status, "booked")

    def test_another_clinic_s_visits_are_its_own_to_change(self):
        theirs = self.booked(self.doctor)
        theirs.user_id = self.doctor
        desk = theirs.with_user(self.desk)
        self.assertFalse(desk.user_can_edit)
        for vals in (
            {"visit_status": "cancelled"},
            {"patient_id": self.patient(ordinal=2).id},
            {"specialist_id": self.desk.id},
            {"reminder_company_id": self.company.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                desk.write(vals)
        self.desk.company_ids += self.there
        desk.write({"visit_status": "confirmed"})
        self.assertEqual(theirs.visit_status, "confirmed")
