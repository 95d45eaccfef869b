"""A row of the work list: every way to finish it, and the way back."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import NOW, ReminderCase
from .permissions import PermissionCase
from .test_views import USER

SAID = "clinic_voicebox_reminder.said"


class RowCase(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk, cls.colleague = (
            new_test_user(cls.env, login, groups=USER, tz="Europe/Moscow")
            for login in ("desk-of-the-tests", "colleague-of-the-tests")
        )
        cls.company.reminder_responsible_id = cls.desk
        cls.specialist.visit_calendar_id = cls.env.ref(
            "clinic_voicebox_reminder.reminder_calendar"
        )

    def row(self, answer="operator", **vals):
        """A reminder on the work list, its visit the day after tomorrow at noon."""
        self.event = self.visit(self.patient(**vals), start=NOW + timedelta(days=2))
        self.run_cron("plan")
        self.at(NOW + timedelta(days=1, minutes=1))
        self.call()
        row = self.reminder_of(self.event)
        if answer:
            self.callback(answer, row.attempt_ids)
        return row.with_user(self.desk)

    def undo_of(self, said, user=None):
        self.assertEqual(said["tag"], SAID)
        undo = self.env["clinic.reminder.undo"].browse(said["params"]["undo_id"])
        return undo.with_user(user or self.desk)

    def assertSaid(self, row, words):
        """In the row's history, by who did it."""
        message = row.sudo().message_ids.filtered("body")[:1]
        self.assertIn(words, message.body)
        self.assertEqual(message.author_id, row.env.user.partner_id)


@tagged("post_install", "-at_install")
class TestGroups(RowCase):
    """One place says in which group a row stands."""

    def test_answers(self):
        for word, kind in (
            ("operator", "asks_person"),
            ("declined", "declined"),
            ("confirmed", False),
        ):
            with self.subTest(word=word), self.env.cr.savepoint() as savepoint:
                row = self.row(word)
                self.assertEqual(row.attention_kind, kind)
                self.assertEqual(row.needs_attention, bool(kind))
                savepoint.rollback()
                self.env.invalidate_all()
                self.at(NOW)

    def test_not_reached(self):
        self.company.reminder_max_calls = 1
        self.assertEqual(self.row("no_answer").attention_kind, "not_reached")

    def test_two_answers(self):
        row = self.row("confirmed")
        self.callback("operator", row.sudo().attempt_ids)
        self.assertEqual(row.attention_kind, "two_answers")

    def test_no_usable_number(self):
        for phone in (False, "спросить у дочери"):
            with self.subTest(phone=phone):
                row = self.row(None, phone=phone)
                self.assertEqual(row.attention_kind, "number")
                self.assertTrue(row.needs_attention)
                self.assertEqual(row.written_phone, phone)
                self.at(NOW)

    def test_other_reasons_are_nobody_s_work(self):
        row = self.row(None, reminder_do_not_call=True)
        self.assertFalse(row.attention_kind)
        self.assertFalse(row.needs_attention)

    def test_set_to_reschedule_by_staff(self):
        """On the visit's own form: the row stays, and says what is left."""
        event = self.visit(self.patient(), start=NOW + timedelta(days=2))
        self.run_cron("plan")
        event.visit_status = "reschedule"
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).attention_kind, "asks_time")

    def test_found_and_counted(self):
        row = self.row()
        self.assertEqual(row.get_work_counts(), {"asks_person": 1})
        found = row.search([("needs_attention", "=", True)])
        self.assertEqual(found, row)
        self.at(self.event.start + timedelta(minutes=1))
        self.assertEqual(row.get_work_counts(), {})


@tagged("post_install", "-at_install")
class TestTaking(RowCase):
    def test_taken_and_released(self):
        row = self.row()
        row.action_take()
        self.assertEqual(row.taken_by_id, self.desk)
        self.assertSaid(row, "Taken by")
        theirs = row.with_user(self.colleague)
        with self.assertRaisesRegex(UserError, "has taken this already"):
            theirs.action_take()
        theirs.action_release()
        self.assertFalse(row.taken_by_id)
        theirs.action_take()
        self.assertEqual(row.taken_by_id, self.colleague)

    def test_undone(self):
        row = self.row()
        self.undo_of(row.action_take()).action_undo()
        self.assertFalse(row.taken_by_id)
        self.assertSaid(row, "Undone")

    def test_put_off_and_back_again(self):
        row = self.row()
        row.action_snooze(60)
        put_off = row.snoozed_until - self.now
        self.assertEqual(put_off // timedelta(minutes=1), 60)
        self.assertEqual(row.get_work_counts(), {})
        self.later(minutes=61)
        self.assertEqual(row.get_work_counts(), {"asks_person": 1})

    def test_put_off_too_far(self):
        row = self.row()
        for minutes, words in ((24 * 60, "before that"), (0, "week"), (20000, "week")):
            with self.subTest(minutes=minutes):
                with self.assertRaisesRegex(UserError, words):
                    row.action_snooze(minutes)

    def test_what_the_messenger_repeats_is_no_news(self):
        """Somebody has taken it before the answer came to the visit."""
        row = self.row(None)
        guid = row.sudo().attempt_ids.guid
        callback = {"guid": guid, "response": "operator"}
        self.env["voicebox.callback"]._receive(self.company, callback)
        row.action_take()
        self.run_errands()
        self.assertEqual(row.attention_kind, "asks_person")
        self.assertEqual(row.taken_by_id, self.desk)

    def test_colleagues_see_it_at_once(self):
        row = self.row()
        self.env.cr.flush()
        self.env["bus.bus"].search([]).unlink()
        row.action_take()
        self.env.cr.flush()
        told = self.env["bus.bus"].search([]).mapped("message")
        self.assertIn("clinic_voicebox_reminder/changed", " ".join(told))

    def test_news_wakes_what_was_put_off(self):
        row = self.row("confirmed")
        row.sudo().attention_kind = "not_reached"
        row.action_snooze(60)
        row.action_take()
        self.callback("operator", row.sudo().attempt_ids)
        self.assertFalse(row.snoozed_until)
        self.assertFalse(row.taken_by_id)


@tagged("post_install", "-at_install")
class TestHandling(RowCase):
    def test_handled_and_back_again(self):
        row = self.row()
        self.assertTrue(row.sudo().activity_ids)
        said = row.action_done_by_staff()
        self.assertFalse(row.needs_attention)
        self.assertFalse(row.sudo().activity_ids)
        self.assertSaid(row, "off the work list")
        self.undo_of(said).action_undo()
        self.assertEqual(row.attention_kind, "asks_person")
        self.assertTrue(row.needs_attention)
        self.assertEqual(row.sudo().activity_ids.user_id, self.desk)

    def test_many_at_once(self):
        rows = self.row() | self.row(None, ordinal=2, phone=False)
        said = rows.action_done_by_staff()
        self.assertFalse(any(rows.mapped("needs_attention")))
        self.undo_of(said).action_undo()
        self.assertTrue(all(rows.mapped("needs_attention")))

    def test_not_undone_over_what_a_colleague_did(self):
        row = self.row()
        said = row.action_done_by_staff()
        self.event.with_user(self.colleague).visit_status = "confirmed"
        with self.assertRaisesRegex(UserError, "changed since"):
            self.undo_of(said).action_undo()
        self.assertFalse(row.needs_attention)

    def test_not_undone_when_it_is_late(self):
        said = self.row().action_done_by_staff()
        self.later(minutes=3)
        with self.assertRaisesRegex(UserError, "changed since"):
            self.undo_of(said).action_undo()

    def test_undone_once(self):
        undo = self.undo_of(self.row().action_done_by_staff())
        undo.action_undo()
        self.assertFalse(undo.exists())

    def note(self, row, result, **vals):
        wizard = self.env["clinic.reminder.manual.call"].with_user(self.desk)
        with Form(wizard.with_context(default_reminder_id=row.id)) as form:
            form.result = result
        return form.record.action_note()

    def test_a_noted_call_and_back_again(self):
        row = self.row()
        said = self.note(row, "declined")
        self.assertEqual(self.event.visit_status, "cancelled")
        self.assertEqual(self.event.show_as, "free")
        self.assertFalse(row.needs_attention)
        self.undo_of(said).action_undo()
        self.assertEqual(self.event.visit_status, "reschedule")
        self.assertEqual(self.event.visit_status_origin, "reminder")
        self.assertEqual(self.event.visit_status_code, "operator")
        self.assertEqual(self.event.show_as, "busy")
        self.assertEqual(row.attention_kind, "asks_person")


@tagged("post_install", "-at_install")
class TestAnotherTime(RowCase):
    """Stays until there is a new visit, or it is noted that there will be none."""

    def setUp(self):
        super().setUp()
        self.reminder = self.row()
        wizard = self.env["clinic.reminder.manual.call"].with_user(self.desk)
        vals = {"reminder_id": self.reminder.id, "result": "reschedule"}
        self.said = wizard.create(vals).action_note()

    def test_stays_when_it_is_noted(self):
        self.assertEqual(self.reminder.attention_kind, "asks_time")
        self.assertIn("until there is a new visit", self.said["params"]["message"])

    def test_can_not_be_handled_away(self):
        with self.assertRaisesRegex(UserError, "wants another time"):
            self.reminder.action_done_by_staff()
        self.assertTrue(self.reminder.needs_attention)

    def test_no_visit_any_more(self):
        wizard = self.env["clinic.reminder.manual.call"].with_user(self.desk)
        vals = {"reminder_id": self.reminder.id, "result": "declined"}
        wizard.create(vals).action_note()
        self.assertFalse(self.reminder.needs_attention)
        self.assertEqual(self.event.visit_status, "cancelled")

    def test_moved_by_hand(self):
        start = self.event.start + timedelta(days=1)
        self.event.write({"start": start, "stop": start + timedelta(minutes=30)})
        self.assertFalse(self.reminder.needs_attention)
        self.assertEqual(self.event.visit_status, "booked")

    def test_a_new_visit_to_the_same_specialist(self):
        start = self.event.start + timedelta(days=1)
        self.visit(self.event.patient_id, start=start)
        self.assertFalse(self.reminder.needs_attention)
        self.assertEqual(self.event.visit_status, "cancelled")

    def test_another_visit_is_no_new_one(self):
        dentist = new_test_user(self.env, "dentist", takes_visits=True)
        dentist.partner_id.function = "Стоматолог"
        start = self.event.start + timedelta(days=1)
        self.visit(self.event.patient_id, start=start, user_id=dentist.id)
        self.assertTrue(self.reminder.needs_attention)
        self.assertEqual(self.event.visit_status, "reschedule")

    def test_the_day_has_come(self):
        self.at(self.event.start + timedelta(hours=1))
        self.reminder.invalidate_recordset()
        self.reminder.action_done_by_staff()
        self.assertFalse(self.reminder.needs_attention)


@tagged("post_install", "-at_install")
class TestRebooking(RowCase):
    def setUp(self):
        super().setUp()
        self.reminder = self.row()
        self.colleague_doctor = new_test_user(
            self.env,
            "another-endoscopist",
            takes_visits=True,
            visit_calendar_id=self.specialist.visit_calendar_id.id,
        )
        self.colleague_doctor.partner_id.function = "эндоскопист"

    def test_the_next_free_times(self):
        times = self.reminder.get_free_times()
        self.assertEqual(
            {t["specialist_id"] for t in times["same"]}, set(self.specialist.ids)
        )
        self.assertEqual(
            {t["specialist_id"] for t in times["others"]},
            set(self.colleague_doctor.ids),
        )
        for free in times.values():
            starts = [t["start"] for t in free]
            self.assertEqual(starts, sorted(starts))
            self.assertGreater(starts[0], str(self.now))

    def test_later_ones(self):
        first = self.reminder.get_free_times()["same"]
        more = self.reminder.get_free_times(first[-1]["start"])["same"]
        self.assertGreater(more[0]["start"], first[-1]["start"])

    def test_taken_times_are_not_offered(self):
        first = self.reminder.get_free_times()["same"][0]["start"]
        start = datetime.fromisoformat(first)
        self.visit(self.patient("Иванов Пётр Ильич", 2), start=start)
        offered = [t["start"] for t in self.reminder.get_free_times()["same"]]
        self.assertNotIn(first, offered)
        with self.assertRaisesRegex(UserError, "not free any more"):
            self.reminder.action_rebook(first, self.specialist.id)

    def rebook(self, which="same"):
        free = self.reminder.get_free_times(str(NOW + timedelta(days=4)))[which][0]
        said = self.reminder.action_rebook(free["start"], free["specialist_id"])
        return free, said

    def test_moved_in_one_step_and_asked_anew(self):
        free, _said = self.rebook()
        self.assertEqual(str(self.event.start), free["start"])
        self.assertEqual(self.event.stop - self.event.start, timedelta(minutes=30))
        self.assertEqual(self.event.visit_status, "booked")
        self.assertFalse(self.reminder.needs_attention)
        self.assertTrue(self.reminder.is_void)
        self.run_cron("plan")
        asked_anew = self.reminder_of(self.event) - self.reminder.sudo()
        self.assertEqual(asked_anew.state, "planned")
        self.assertEqual(asked_anew.visit_start, self.event.start)

    def test_to_a_colleague(self):
        self.rebook("others")
        self.assertEqual(self.event.specialist_id, self.colleague_doctor)

    def test_undone(self):
        before = self.event.start
        _free, said = self.rebook()
        self.run_cron("plan")
        self.undo_of(said).action_undo()
        self.assertEqual(self.event.start, before)
        self.assertEqual(self.event.visit_status, "reschedule")
        self.assertEqual(self.event.visit_status_origin, "reminder")
        self.assertEqual(self.reminder.attention_kind, "asks_person")
        self.assertFalse(self.reminder.is_void)
        self.run_cron("plan")
        self.assertFalse(
            self.reminder_of(self.event).filtered(lambda r: r.state == "planned")
        )

    def test_a_stranger_takes_no_visits(self):
        with self.assertRaisesRegex(UserError, "not free"):
            self.reminder.action_rebook("2030-06-10 09:00:00", self.desk.id)

    def test_what_is_over_stays(self):
        self.event.visit_status = "done"
        with self.assertRaisesRegex(UserError, "is over"):
            self.reminder.get_free_times()


@tagged("post_install", "-at_install")
class TestNumberAndRobot(RowCase):
    def setUp(self):
        super().setUp()
        patient = self.patient(phone="спросить у дочери")
        self.event = self.visit(patient, start=NOW + timedelta(days=2))
        self.run_cron("plan")
        self.reminder = self.reminder_of(self.event).with_user(self.desk)

    def test_corrected_and_planned_anew(self):
        self.assertEqual(self.reminder.attention_kind, "number")
        self.reminder.action_correct_number("+1 (202) 555-01-09")
        self.assertEqual(self.event.patient_id.phone, "+1 (202) 555-01-09")
        self.assertEqual(self.reminder.state, "planned")
        self.assertFalse(self.reminder.needs_attention)
        self.at(NOW + timedelta(days=1, minutes=1))
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_who_was_not_reached_keeps_the_outcome(self):
        """All calls were made: the new number is for people."""
        self.company.reminder_max_calls = 1
        row = self.row("no_answer", ordinal=2)
        said = row.action_correct_number("+1 202 555 0109")
        self.assertEqual(row.outcome, "not_reached")
        self.assertEqual(row.attention_kind, "not_reached")
        self.assertEqual(row.phone, "+12025550109")
        self.undo_of(said).action_undo()
        self.assertEqual(row.phone, "+12025550102")

    def test_no_number_is_not_written(self):
        with self.assertRaisesRegex(UserError, "no number that can be dialled"):
            self.reminder.action_correct_number("у соседки")
        self.assertEqual(self.event.patient_id.phone, "спросить у дочери")

    def test_what_the_robot_can_not_do_stays_for_people(self):
        """Corrected on the day itself: nobody is called by the robot any more."""
        self.at(self.event.start - timedelta(hours=1))
        self.reminder.action_correct_number("+1 202 555 0109")
        self.assertEqual(self.reminder.attention_kind, "not_reached")
        self.assertEqual(self.reminder.skip_reason, "today")

    def test_undone(self):
        said = self.reminder.action_correct_number("+1 202 555 0109")
        self.undo_of(said).action_undo()
        self.assertEqual(self.event.patient_id.phone, "спросить у дочери")
        self.assertEqual(self.reminder.attention_kind, "number")
        self.assertEqual(self.reminder.state, "skipped")

    def test_the_number_does_not_stand_in_the_history(self):
        self.reminder.action_correct_number("+1 202 555 0109")
        history = self.reminder.sudo().message_ids.mapped("body")
        self.assertNotIn("555", " ".join(history))

    def test_why_the_robot_may_not(self):
        self.assertFalse(self.reminder.may_call_now)
        self.assertIn("can't be dialled", self.reminder.call_refusal)

    def test_the_robot_again(self):
        self.event.patient_id.phone = "+12025550109"
        self.assertTrue(self.reminder.may_call_now)
        self.assertFalse(self.reminder.call_refusal)
        said = self.reminder.action_call_now()
        self.assertEqual(self.reminder.state, "planned")
        self.undo_of(said).action_undo()
        self.assertEqual(self.reminder.state, "skipped")

    def test_not_undone_when_it_rings(self):
        said = self.reminder.action_correct_number("+1 202 555 0109")
        self.event.write({"start": NOW + timedelta(days=2)})
        self.reminder.action_call_now()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        with self.assertRaisesRegex(UserError, "changed since"):
            self.undo_of(said).action_undo()
        self.assertEqual(self.event.patient_id.phone, "+1 202 555 0109")


@tagged("post_install", "-at_install")
class TestOtherClinics(PermissionCase):
    def test_the_undo_of_another(self):
        """Not a colleague's, and nobody forges one."""
        reminder = self.mine["clinic.reminder.call"]
        reminder.attention_kind = "number"
        desk = self.users["desk"]
        said = reminder.with_user(desk).action_done_by_staff()
        undo = self.env["clinic.reminder.undo"].browse(said["params"]["undo_id"])
        for role in self.users.keys() - {"desk"}:
            with self.subTest(role=role), self.assertRaises(AccessError):
                undo.with_user(self.users[role]).action_undo()
        for name in ("before", "after", "todos"):
            with self.assertRaises(AccessError):
                undo.with_user(desk).read([name])
        forged = {"before": {"res.partner,1": {"phone": "+12025550100"}}}
        with self.assertRaises(AccessError):
            undo.with_user(desk).write(forged)

    def test_a_clinic_that_was_left(self):
        reminder = self.mine["clinic.reminder.call"]
        reminder.attention_kind = "number"
        desk = self.users["desk"]
        said = reminder.with_user(desk).action_done_by_staff()
        undo = self.env["clinic.reminder.undo"].browse(said["params"]["undo_id"])
        reminder.company_id = self.other
        with self.assertRaises(AccessError):
            undo.with_user(desk).action_undo()
