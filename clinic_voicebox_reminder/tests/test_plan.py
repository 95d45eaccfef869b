"""One open reminder for each visit that should get one, none for any other.

Laws 2 (no second one), 6 (nobody forgotten) and 7 (a moved visit asks anew).
"""

from datetime import datetime, timedelta

from psycopg2.errors import UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, ReminderCase

TOMORROW = NOW + timedelta(days=1, hours=2)


@tagged("post_install", "-at_install")
class TestPlan(ReminderCase):
    def open_reminders(self):
        return self.reminders.search([("state", "in", ("planned", "calling"))])

    def test_safe_to_repeat(self):
        self.visit(self.patient())
        self.run_cron("plan", "plan", "plan")
        self.assertEqual(len(self.open_reminders()), 1)

    def test_who_gets_none(self):
        patient = self.patient()
        for vals in (
            {"start": NOW + timedelta(hours=3)},
            {"start": NOW - timedelta(days=1)},
            {"visit_status": "cancelled"},
            {"visit_status": "done"},
            {"visit_status": "no_show"},
            {"visit_status": "confirmed"},
            {"visit_status": "reschedule"},
            {"active": False},
            {"allday": True, "start_date": "2030-06-06", "stop_date": "2030-06-06"},
        ):
            with self.subTest(vals):
                event = self.visit(patient, **vals)
                self.run_cron("plan")
                self.assertFalse(self.open_reminders())
                self.assertTrue(event.reminder_explanation.startswith("Not called: "))
                event.unlink()

    def test_the_organizer_is_no_patient(self):
        event = self.visit(self.specialist.partner_id)
        self.assertFalse(event.patient_id)
        self.run_cron("plan")
        self.assertFalse(self.open_reminders())
        self.assertFalse(event.reminder_explanation)

    def test_a_visit_that_changes(self):
        """Each change closes the old reminder and, where it should, opens a new."""
        other = self.patient("Петрова Анна Ильинична", 2)
        changes = {
            "moved": lambda e: e.write({"start": e.start + timedelta(hours=1)}),
            "archived": lambda e: e.action_archive(),
            "cancelled": lambda e: e.write({"visit_status": "cancelled"}),
            "patient_changed": lambda e: e.write({"patient_id": other.id}),
            "specialist_changed": lambda e: e.write({"user_id": self.env.uid}),
            "attendee_declined": lambda e: e.attendee_ids.filtered(
                lambda a: a.partner_id == e.patient_id
            ).do_decline(),
        }
        reopened = {"moved", "patient_changed", "specialist_changed"}
        patient = self.patient()
        for reason, change in changes.items():
            with self.subTest(reason):
                event = self.visit(patient)
                self.run_cron("plan")
                reminder = self.reminder_of(event)
                change(event)
                self.run_cron("plan")
                self.assertEqual(reminder.state, "skipped")
                self.assertEqual(reminder.skip_reason, reason)
                self.assertEqual(len(self.open_reminders()), reason in reopened)
                event.unlink()
                self.run_cron("plan")
                self.assertFalse(self.open_reminders())

    def test_deleted(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        event.unlink()
        self.run_cron("plan")
        self.assertEqual(reminder.skip_reason, "deleted")
        self.assertTrue(reminder.patient_id)

    def test_restored(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        event.action_archive()
        self.run_cron("plan")
        event.action_unarchive()
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).state, "planned")

    def test_an_attendee_taken_off_is_no_patient(self):
        event = self.visit(self.patient())
        other = self.patient("Петрова Анна Ильинична", 2)
        event.partner_ids = [(3, event.patient_id.id), (4, other.id)]
        self.assertEqual(event.patient_id, other)
        event.partner_ids = [(3, other.id)]
        self.assertFalse(event.patient_id)

    def test_a_new_phone_number(self):
        patient = self.patient(phone="not a number")
        event = self.visit(patient)
        self.run_cron("plan")
        reminder = self.reminder_of(event)
        self.assertEqual(reminder.skip_reason, "bad_phone")
        self.assertTrue(reminder.needs_attention)
        patient.phone = "+1 202 555 0177"
        self.run_cron("plan")
        self.assertEqual(reminder.state, "planned")
        self.assertEqual(reminder.phone, "+12025550177")
        self.assertFalse(reminder.needs_attention)
        patient.phone = "+1 202 555 0178"
        self.run_cron("plan")
        self.assertEqual(reminder.phone, "+12025550178")

    def test_a_patient_who_is_not_to_be_called(self):
        cases = {
            "do_not_call": {"reminder_do_not_call": True},
            "refused": {"reminder_consent": "refused"},
            "muted": {"reminder_mute_until": "2030-07-01"},
            "no_phone": {"phone": False},
            "patient_archived": {"active": False},
        }
        for reason, vals in cases.items():
            with self.subTest(reason):
                event = self.visit(self.patient(**vals))
                event.patient_id = event.patient_id or self.env["res.partner"].search(
                    [("active", "=", False)], order="id desc", limit=1
                )
                self.run_cron("plan")
                self.assertEqual(self.reminder_of(event).skip_reason, reason)
                event.unlink()

    def test_the_phone_blacklist(self):
        event = self.visit(self.patient())
        self.env["phone.blacklist"].sudo().add("+12025550101")
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).skip_reason, "blacklisted")

    def test_short_notice(self):
        """Booked the evening before: at once if hours allow, else visibly skipped."""
        self.at(datetime(2030, 6, 5, 16, 30))
        called = self.visit(self.patient())
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.at(datetime(2030, 6, 5, 17, 30))
        skipped = self.visit(self.patient(ordinal=2))
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.reminder_of(called).state, "calling")
        self.assertEqual(self.reminder_of(skipped).skip_reason, "too_late")
        self.assertEqual(
            skipped.reminder_explanation,
            "Not called: no calling hours left before the visit.",
        )

    def test_late_booking(self):
        self.company.reminder_late_booking = 48
        event = self.visit(self.patient())
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).skip_reason, "late_booking")

    def test_two_events_at_one_time_are_one_visit(self):
        patient = self.patient()
        self.visit(patient)
        self.visit(patient)
        self.run_cron("plan", "plan", "dispatch")
        self.assertEqual(len(self.open_reminders()), 1)
        self.assertEqual(len(self.voicebox.requests), 1)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_open_reminder(self):
        """Law 2: neither for the visit nor for the patient's time."""
        event = self.visit(self.patient())
        self.run_cron("plan")
        vals = event._reminder_snapshot()
        another_time = {"visit_start": TOMORROW + timedelta(hours=1)}
        for changes in (another_time, {"event_id": False}):
            with self.assertRaises(UniqueViolation), self.cr.savepoint():
                self.reminders.create({**vals, **changes})
                self.env.flush_all()

    def test_a_series_edited_asks_nobody_twice(self):
        patient = self.patient()
        event = self.visit(
            patient,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=3,
            event_tz="UTC",
        )
        self.call()
        first = self.reminder_of(event)
        self.assertEqual(first.state, "calling")
        self.callback("confirmed", first.attempt_ids)
        event.write({"recurrence_update": "future_events", "name": "Renamed"})
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        now_at_that_time = self.env["calendar.event"].search(
            [("patient_id", "=", patient.id), ("start", "=", TOMORROW)]
        )
        self.assertEqual(now_at_that_time.visit_status, "confirmed")
        self.assertEqual(len(self.open_reminders()), 2)

    def test_a_series_made_again_asks_nobody_twice(self):
        """Laws 2 and 7: the visit has another id, the question is the same."""
        first = self.visit(
            self.patient(),
            start=TOMORROW - timedelta(days=1),
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=3,
            event_tz="UTC",
        )
        at_that_time = [("patient_id", "=", first.patient_id.id)]
        at_that_time += [("start", "=", TOMORROW)]
        asked = self.env["calendar.event"].search(at_that_time)
        self.call()
        self.callback("confirmed", self.reminder_of(asked).attempt_ids)
        first.write({"recurrence_update": "all_events", "count": 4})
        made_again = self.env["calendar.event"].search(at_that_time)
        self.assertNotEqual(made_again, asked)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(made_again.visit_status, "confirmed")

    def test_a_confirmed_visit_that_is_moved(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.start += timedelta(hours=2)
        self.assertEqual(event.visit_status, "booked")
        self.assertFalse(event.visit_status_reason)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertIn("14 00", self.voicebox.requests[1]["data"]["visit"])

    def test_moved_there_and_back_asks_again(self):
        """Law 7: the patient may have been told of the other time meanwhile."""
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.start += timedelta(hours=2)
        event.start -= timedelta(hours=2)
        self.assertEqual(event.visit_status, "booked")
        self.later(hours=1)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_room_or_a_note_is_no_new_question(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.write(
            {"location": "Room 5", "notes": "Bring the card", "start": event.start}
        )
        self.call()
        self.assertEqual(event.visit_status, "confirmed")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_what_staff_cancelled_stays_cancelled(self):
        event = self.visit(self.patient(), visit_status="cancelled")
        event.start += timedelta(hours=1)
        self.assertEqual(event.visit_status, "cancelled")

    def test_status_frees_and_takes_the_time(self):
        event = self.visit(self.patient())
        event.visit_status = "cancelled"
        self.assertEqual(event.show_as, "free")
        event.visit_status = "booked"
        self.assertEqual(event.show_as, "busy")
