"""A visit's own form: what it proposes, whose the event is, what it warns of."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .test_views import USER
from .test_visit_times import NOW, TimesCase, wall

FORM = "clinic_voicebox_reminder.calendar_event_view_form"
BOOK = "clinic_voicebox_reminder.visit_action_book"


class BookingCase(TimesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(
            cls.env, "desk", name="Reception", groups=USER, tz="Europe/Moscow"
        )
        cls.second = cls.specialist.copy(
            {
                "login": "second",
                "name": "Second",
                "visit_duration": 1,
                "function": "Терапевт",
            }
        )
        cls.env["res.users"].search([("takes_visits", "=", True)]).filtered(
            lambda user: user not in (cls.specialist | cls.second)
        ).takes_visits = False

    def form(self, event=None, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id(BOOK)
        context = {**safe_eval(action["context"]), "lang": "en_US", **context}
        events = self.env["calendar.event"]
        env = self.env(user=self.desk.id, context=context)
        records = (event or events).with_env(env)
        return Form(records, FORM)

    def booked(self, patient=None, specialist=None, **context):
        form = self.form(**context)
        form.patient_id = patient or self.patient()
        if specialist:
            form.specialist_id = specialist
        return form.save()


@tagged("post_install", "-at_install")
class TestProposals(BookingCase):
    def test_never_the_receptionist(self):
        self.assertFalse(self.form().specialist_id)
        form = self.form()
        form.patient_id = self.patient()
        with self.assertRaises(AssertionError):  # a specialist is required
            form.save()

    def test_the_one_who_was_clicked_on(self):
        form = self.form(default_specialist_id=self.second.id)
        self.assertEqual(form.specialist_id, self.second)
        self.assertEqual(form.specialty, "Терапевт")
        self.assertEqual(form.duration, 1)

    def test_the_one_booked_last_by_the_same_user(self):
        self.booked(specialist=self.second)
        self.visit(self.patient(ordinal=2))  # by another
        self.assertEqual(self.form().specialist_id, self.second)

    def test_the_only_one(self):
        self.second.takes_visits = False
        self.assertEqual(self.form().specialist_id, self.specialist)

    def test_the_next_working_time(self):
        """On Wednesday at 10:01, and on Friday night."""
        self.later(minutes=1)
        form = self.form(default_specialist_id=self.specialist.id)
        self.assertEqual(form.start, NOW + timedelta(minutes=15))
        self.at(datetime(2030, 6, 7, 18))
        form = self.form(default_specialist_id=self.specialist.id)
        self.assertEqual(form.start, datetime(2030, 6, 10, 6))

    def test_without_a_specialist_in_the_clinics_hours(self):
        self.company.resource_calendar_id = self.hours
        self.at(datetime(2030, 6, 5, 22, 0))  # one at night in Moscow
        form = self.form()
        self.assertEqual(form.start, wall(9))
        self.assertEqual(form.duration, 0.5)

    def test_a_time_that_was_clicked_on(self):
        form = self.form(
            default_start="2030-06-06 07:00:00",
            default_stop="2030-06-06 08:30:00",
            default_specialist_id=self.specialist.id,
        )
        self.assertEqual(form.start, wall(10))
        self.assertEqual(form.duration, 1.5)

    def test_a_day_that_was_clicked_on(self):
        self.visit(self.patient(), wall(9))
        form = self.form(
            default_start="2030-06-06",
            default_stop="2030-06-06",
            default_allday=True,
            default_specialist_id=self.specialist.id,
        )
        self.assertFalse(form.allday)
        self.assertEqual(form.start, wall(9, 30))
        self.assertEqual(form.duration, 0.5)

    def test_the_length_follows_the_specialist(self):
        form = self.form(default_specialist_id=self.specialist.id)
        form.patient_id = self.patient()
        form.specialist_id = self.second
        self.assertEqual(form.duration, 1)
        visit = form.save()
        self.assertEqual(visit.stop - visit.start, timedelta(hours=1))

    def test_until_somebody_sets_it(self):
        form = self.form(default_specialist_id=self.specialist.id)
        form.duration = 0.75
        form.specialist_id = self.second
        self.assertEqual(form.duration, 0.75)
        form.patient_id = self.patient()
        visit = form.save()
        self.assertEqual(visit.stop - visit.start, timedelta(minutes=45))
        with self.form(visit) as form:
            form.specialist_id = self.specialist
        self.assertEqual(visit.duration, 0.75)

    def test_also_of_a_visit_that_is_saved(self):
        visit = self.booked(specialist=self.specialist)
        with self.form(visit) as form:
            form.specialist_id = self.second
        self.assertEqual(visit.stop - visit.start, timedelta(hours=1))

    def test_only_who_takes_visits(self):
        views = self.env["calendar.event"].with_user(self.desk)
        arch = views.get_view(self.env.ref(FORM).id)["arch"]
        (field,) = etree.fromstring(arch).xpath("//field[@name='specialist_id']")
        found = self.env["res.users"].search(safe_eval(field.get("domain")))
        self.assertEqual(found, self.specialist | self.second)

    def test_odoos_own_form_proposes_what_it_did(self):
        doctor = new_test_user(self.env, "doctor", takes_visits=True)
        view = "calendar.view_calendar_event_form"
        form = Form(self.env["calendar.event"].with_user(doctor), view)
        self.assertEqual(form.user_id, doctor)
        self.assertEqual(form.duration, 1)
        self.assertEqual(form.partner_ids[:], doctor.partner_id)


@tagged("post_install", "-at_install")
class TestWhoseVisit(BookingCase):
    def test_the_specialists_own_and_the_patients(self):
        patient = self.patient()
        visit = self.booked(patient, self.specialist)
        self.assertEqual(visit.patient_id, patient)
        self.assertEqual(visit.user_id, self.specialist)
        self.assertEqual(visit.create_uid, self.desk)
        self.assertEqual(visit.name, patient.name)
        self.assertEqual(visit.partner_ids, patient | self.specialist.partner_id)
        self.assertEqual(visit.attendee_ids.partner_id, visit.partner_ids)
        self.assertFalse(visit.description)

    def test_no_mail_goes_out(self):
        """Odoo would invite both, and write to them of each change."""
        self.specialist.email = "specialist@example.com"
        self.second.email = "second@example.com"
        patient = self.patient(email="patient@example.com")
        self.assertFalse(self.mailed(patient, no_mail_to_attendees=True))
        self.assertTrue(self.mailed(patient, no_mail_to_attendees=False))

    def mailed(self, patient, **context):
        with self.mock_invitations() as invited:
            visit = self.booked(
                patient,
                self.specialist,
                **{"default_start": "2030-06-06 07:00:00", **context},
            )
            with self.form(visit, **context) as form:
                form.start = wall(11)
                form.specialist_id = self.second
        return invited

    @contextmanager
    def mock_invitations(self):
        """Whom Odoo's mails would have reached."""
        invited = []
        event = self.env.registry["calendar.event"]

        def note(events, *_args, **_kwargs):
            invited.append(events)
            return events.env["mail.message"]

        with patch.object(event, "message_notify", note):
            yield invited

    def test_whoever_keeps_a_private_calendar_can_be_booked(self):
        specialist = self.specialist.with_user(self.specialist)
        specialist.calendar_default_privacy = "private"
        visit = self.booked(specialist=self.specialist)
        seen = visit.with_user(self.desk)
        self.env.invalidate_all()
        self.assertTrue(seen.patient_id)
        seen.start = wall(11)

    def test_another_specialist_takes_over(self):
        """However: by the form, the board, an import."""
        visit = self.booked(specialist=self.specialist)
        relative = self.env["res.partner"].create({"name": "Relative"})
        visit.partner_ids += relative
        visit.with_user(self.desk).specialist_id = self.second
        self.assertEqual(visit.user_id, self.second)
        people = visit.patient_id | self.second.partner_id | relative
        self.assertEqual(visit.partner_ids, people)
        self.assertEqual(visit.attendee_ids.partner_id, people)

    def test_another_patient_comes(self):
        first, second = self.patient(), self.patient("Петрова Анна", 2)
        visit = self.booked(first, self.specialist)
        with self.form(visit) as form:
            form.patient_id = second
        self.assertEqual(visit.name, second.name)
        self.assertEqual(visit.partner_ids, second | self.specialist.partner_id)

    def test_whose_event_somebody_says_it_is(self):
        visit = self.env["calendar.event"].create(
            {
                "name": "Gastroscopy",
                "start": wall(10),
                "stop": wall(11),
                "patient_id": self.patient().id,
                "specialist_id": self.specialist.id,
                "user_id": self.desk.id,
            }
        )
        self.assertEqual(visit.user_id, self.desk)
        visit.specialist_id = self.second
        self.assertEqual(visit.user_id, self.desk)
        self.assertEqual(visit.name, "Gastroscopy")


@tagged("post_install", "-at_install")
class TestSaidBeforeSaving(BookingCase):
    def test_a_conflict_is_told_while_typing_and_no_obstacle(self):
        self.visit(self.patient(ordinal=2, name="Петрова Анна"), wall(10))
        form = self.form(
            default_start="2030-06-06 07:15:00",
            default_specialist_id=self.specialist.id,
        )
        self.assertIn("is taken from 10:00", form.visit_conflict)
        form.start = wall(8)
        self.assertIn("outside the working hours", form.visit_conflict)
        form.start = wall(11)
        self.assertFalse(form.visit_conflict)
        form.specialist_id = self.second
        form.patient_id = self.env["res.partner"].search(
            [("name", "=", "Петрова Анна")]
        )
        form.start = wall(9, 30)
        self.assertIn("another visit then", form.visit_conflict)
        self.assertTrue(form.save())

    def test_a_saved_visit_is_no_conflict_with_itself(self):
        visit = self.booked(specialist=self.specialist)
        self.assertFalse(self.form(visit).visit_conflict)

    def test_what_is_off_or_over_conflicts_with_nothing(self):
        visit = self.booked(
            specialist=self.specialist, default_start="2030-06-06 01:00"
        )
        self.assertTrue(visit.visit_conflict)
        visit.visit_status = "cancelled"
        self.assertFalse(visit.visit_conflict)
        visit.visit_status = "booked"
        self.later(days=7)
        self.env.invalidate_all()
        self.assertFalse(visit.visit_conflict)

    def test_the_whole_sentence(self):
        form = self.form(
            default_start="2030-06-06 07:00:00",
            default_specialist_id=self.specialist.id,
        )
        self.assertFalse(form.reminder_preview)
        form.patient_id = self.patient()
        self.assertEqual(
            form.reminder_preview,
            "Валерия Сергеевна, вы записаны на прием: "
            "Эндоскопист 6 июня 2030 г 10 00. Вы придете?",
        )
        form.patient_id = self.patient("Mary Smith", ordinal=2, reminder_lang="en_US")
        self.assertEqual(
            form.reminder_preview,
            "Mary Smith, you have a visit: "
            "Эндоскопист 6 June 2030 at 10 00 AM. Will you come?",
        )

    def test_a_reminder_opens_its_visit_in_the_same_form(self):
        visit = self.booked(
            specialist=self.specialist, default_start="2030-06-07 07:00:00"
        )
        self.run_cron("plan")
        action = self.reminder_of(visit).with_user(self.desk).action_open_visit()
        self.assertEqual(action["res_id"], visit.id)
        self.assertEqual(action["views"], [(self.env.ref(FORM).id, "form")])

    def test_the_history_of_calls(self):
        visit = self.booked(
            specialist=self.specialist, default_start="2030-06-06 07:00:00"
        )
        self.assertFalse(visit.visit_attempt_ids)
        self.call()
        attempt = self.reminder_of(visit).attempt_ids
        self.assertEqual(len(attempt), 1)
        self.assertEqual(visit.with_user(self.desk).visit_attempt_ids, attempt)
