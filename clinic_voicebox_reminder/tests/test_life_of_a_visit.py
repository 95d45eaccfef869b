"""What people do to a visit while the robot calls about it."""

from datetime import timedelta

from odoo.tests import tagged

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestStaffAndVisits(ReminderCase):
    """Laws 7 and 8, and 2 for the visits of one patient."""

    def test_call_now_revives_no_other_visit(self):
        patient = self.patient()
        first = self.visit(patient)
        second = self.visit(patient, start=NOW + timedelta(days=1, hours=6))
        self.run_cron("plan")
        both = self.reminder_of(first) | self.reminder_of(second)
        both.action_skip()
        self.reminder_of(second).action_call_now()
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertIn("16 00", self.voicebox.requests[0]["data"]["visit"])
        self.assertEqual(self.reminder_of(first).skip_reason, "staff")

    def test_an_answer_about_an_archived_visit_is_kept(self):
        event = self.visit(self.patient())
        self.call()
        event.action_archive()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        self.assertEqual(event.visit_status, "booked")
        event.action_unarchive()
        self.call()
        self.assertEqual(event.visit_status, "confirmed")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_staff_ask_again_after_the_answer(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("confirmed", self.reminder_of(event).attempt_ids)
        event.visit_status = "booked"
        self.run_cron("plan")
        self.assertEqual(event.visit_status, "booked")

    def test_moved_and_booked_in_one_save(self):
        event = self.visit(self.patient())
        self.call()
        self.callback("declined", self.reminder_of(event).attempt_ids)
        event.write(
            {"start": event.start + timedelta(hours=1), "visit_status": "booked"}
        )
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_plan_during_the_call_keeps_the_conversation_together(self):
        self.company.reminder_pause_no_answer = 0
        patient = self.patient()
        for hours in (0, 2, 4):
            self.visit(patient, start=NOW + timedelta(days=1, hours=hours))
        self.call()
        self.run_cron("plan")
        attempt = self.env["clinic.reminder.attempt"].search([])
        self.callback("no_answer", attempt)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"],
            self.voicebox.requests[1]["data"]["visit"],
        )

    def test_contacts_of_one_patient_are_merged(self):
        double = self.patient(ordinal=2)
        event, other = self.visit(self.patient()), self.visit(double)
        self.run_cron("plan")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([event.patient_id.id, double.id], event.patient_id)
        self.assertEqual(other.patient_id, event.patient_id)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_the_specialists_company_changes(self):
        event = self.visit(self.patient())
        self.run_cron("plan")
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.specialist.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.run_cron("dispatch", "plan", "dispatch")
        self.assertFalse(self.voicebox.requests)
        self.assertEqual(self.reminder_of(event).company_id, other)

    def test_a_zone_that_odoo_filled_in(self):
        """A contact gets the zone of whoever creates it: both clocks have to agree."""
        self.env.user.tz = "Asia/Bangkok"
        self.at(NOW - timedelta(days=1))
        event = self.visit(self.patient(tz="Asia/Bangkok"))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).next_call_at.hour, 6)

    def test_a_to_do_goes_to_somebody_who_can_read_it(self):
        event = self.visit(self.patient())
        self.call()
        mails = self.env["mail.mail"].search_count([])
        self.callback("operator", self.reminder_of(event).attempt_ids)
        user = self.reminder_of(event).activity_ids.user_id
        self.assertTrue(user.active)
        self.assertTrue(self.reminder_of(event).with_user(user).has_access("read"))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)


@tagged("post_install", "-at_install")
class TestFreeAndBusy(ReminderCase):
    """What a status implies for the specialist's time."""

    def test_a_copy_of_a_cancelled_visit_takes_its_time(self):
        event = self.visit(self.patient())
        event.visit_status = "cancelled"
        self.assertEqual(event.show_as, "free")
        week = timedelta(days=7)
        copied = event.copy({"start": event.start + week, "stop": event.stop + week})
        self.assertEqual(copied.visit_status, "booked")
        self.assertEqual(copied.show_as, "busy")

    def test_one_cancelled_visit_among_many(self):
        free = self.visit(self.patient(), show_as="free")
        cancelled = self.visit(self.patient(ordinal=2))
        cancelled.visit_status = "cancelled"
        (free | cancelled).write({"visit_status": "confirmed"})
        self.assertEqual(free.show_as, "free")
        self.assertEqual(cancelled.show_as, "busy")

    def test_what_was_written_on_purpose_stays(self):
        event = self.visit(self.patient())
        event.visit_status = "cancelled"
        event.write({"visit_status": "booked", "show_as": "free"})
        self.assertEqual(event.show_as, "free")

    def test_the_caller_s_values_stay_his(self):
        event = self.visit(self.patient())
        vals = {"visit_status": "cancelled"}
        event.write(vals)
        self.assertEqual(vals, {"visit_status": "cancelled"})

    def test_the_others_of_a_series_take_their_time(self):
        """The first occurrence was declined; then all are made again, longer."""
        first = self.visit(
            self.patient(),
            recurrency=True,
            rrule_type="weekly",
            count=3,
            thu=True,
        )
        first.visit_status = "cancelled"
        first.write({"recurrence_update": "all_events", "duration": 1})
        ours = [("patient_id", "=", first.patient_id.id)]
        made_again = self.env["calendar.event"].search(ours, order="start") - first
        self.assertEqual(len(made_again), 2)
        self.assertEqual(set(made_again.mapped("show_as")), {"busy"})


@tagged("post_install", "-at_install")
class TestBookedAt(ReminderCase):
    """“Booked” is when the patient got the time, not when somebody made the event."""

    def setUp(self):
        super().setUp()
        self.company.reminder_late_booking = 48
        self.at(NOW - timedelta(days=60))
        self.slot = self.visit(self.patient(), partner_ids=[])
        self.assertFalse(self.slot.patient_id)
        self.at(NOW)

    def test_a_slot_that_gets_its_patient_late(self):
        self.slot.patient_id = self.patient(ordinal=2)
        self.call()
        self.assertFalse(self.voicebox.requests)
        reminder = self.reminder_of(self.slot)
        self.assertEqual(reminder.skip_reason, "late_booking")

    def test_a_visit_that_was_duplicated(self):
        self.at(NOW - timedelta(days=60))
        self.slot.patient_id = self.patient(ordinal=2)
        self.at(NOW)
        copied = self.slot.copy()
        self.assertGreaterEqual(copied.reminder_booked_at, NOW)


@tagged("post_install", "-at_install")
class TestEditedSeries(ReminderCase):
    """Law 8: Odoo makes the events of an edited series again, with new ids."""

    def setUp(self):
        super().setUp()
        self.first = self.visit(
            self.patient(), recurrency=True, rrule_type="weekly", count=5, thu=True
        )
        self.own = [("patient_id", "=", self.first.patient_id.id)]

    @property
    def series(self):
        return self.env["calendar.event"].search(self.own, order="start")

    def lengthen(self, number, update):
        event = self.series[number]
        before = self.series.ids
        longer = event.stop + timedelta(minutes=30)
        event.write({"recurrence_update": update, "start": event.start, "stop": longer})
        self.assertNotEqual(self.series.ids, before, "made again")
        self.assertEqual(len(self.series), 5)

    def test_what_staff_decided_stays(self):
        for update in ("all_events", "future_events"):
            with self.subTest(update):
                statuses = ["booked", "done", "cancelled", "no_show", "reschedule"]
                for event, status in zip(self.series, statuses, strict=True):
                    event.visit_status = status
                self.lengthen(1, update)
                self.assertEqual(self.series.mapped("visit_status"), statuses)
                self.assertEqual(self.series[2].show_as, "free")
                self.assertEqual(self.series[3].show_as, "busy")

    def test_nobody_is_called_about_it(self):
        self.series[1].visit_status = "cancelled"
        self.lengthen(2, "all_events")
        self.at(self.series[1].start - timedelta(days=1))
        self.call()
        self.assertFalse(self.voicebox.requests)

    def test_the_last_word_counts(self):
        self.series[1].visit_status = "cancelled"
        self.lengthen(2, "all_events")
        self.series[1].visit_status = "booked"
        self.lengthen(2, "all_events")
        self.assertEqual(self.series[1].visit_status, "booked")

    def decide(self):
        statuses = ["booked", "done", "cancelled", "no_show", "reschedule"]
        for event, status in zip(self.series, statuses, strict=True):
            event.visit_status = status
        return statuses

    def test_whichever_is_edited(self):
        statuses = self.decide()
        for number in (0, 2, 4):
            for update in ("all_events", "future_events"):
                with self.subTest(number=number, update=update):
                    event = self.series[number]
                    longer = event.stop + timedelta(minutes=30)
                    times = {"start": event.start, "stop": longer}
                    event.write({"recurrence_update": update, **times})
                    self.assertEqual(self.series.mapped("visit_status"), statuses)

    def test_renamed_or_made_private(self):
        statuses = self.decide()
        for vals in ({"name": "Renamed"}, {"privacy": "private"}, {"location": "2"}):
            for update in ("self_only", "all_events", "future_events"):
                with self.subTest(update=update, **vals):
                    self.series[1].write({"recurrence_update": update, **vals})
                    self.assertEqual(self.series.mapped("visit_status"), statuses)

    def test_one_of_them_is_made_longer(self):
        statuses = self.decide()
        event = self.series[2]
        event.write({"recurrence_update": "self_only", "duration": 2})
        self.assertEqual(self.series.mapped("visit_status"), statuses)

    def test_one_of_them_is_moved(self):
        self.decide()
        event = self.series[4]
        hour = timedelta(hours=1)
        event.write(
            {
                "recurrence_update": "self_only",
                "start": event.start + hour,
                "stop": event.stop + hour,
            }
        )
        statuses = ["booked", "done", "cancelled", "no_show", "booked"]
        self.assertEqual(self.series.mapped("visit_status"), statuses)

    def test_will_come_noted_by_hand(self):
        event = self.series[1]
        wizards = self.env["clinic.reminder.manual.call"]
        wizards.create({"event_id": event.id, "result": "confirmed"}).action_note()
        for number, update in ((2, "all_events"), (0, "future_events")):
            self.lengthen(number, update)
            self.assertEqual(self.series[1].visit_status, "confirmed")
            self.assertEqual(self.series[1].visit_status_reason, "called by staff")
        self.at(self.series[1].start - timedelta(days=1))
        self.call()
        self.assertFalse(self.voicebox.requests)

    def test_an_invitation_that_the_patient_declined(self):
        for event in self.series[:2]:
            event._patients_invitations().do_decline()
        for update in ("all_events", "future_events"):
            self.lengthen(0, update)
        for event in self.series[:2]:
            self.at(event.start - timedelta(days=1))
            self.call()
            self.assertIn("declined the invitation", event.reminder_explanation)
        self.assertFalse(self.voicebox.requests)

    def test_booked_when_it_was_booked(self):
        """An edited series is no late booking; a moved one is."""
        long_ago = NOW - timedelta(days=60)
        self.series.reminder_booked_at = long_ago
        self.lengthen(0, "all_events")
        self.lengthen(1, "future_events")
        self.assertEqual(set(self.series.mapped("reminder_booked_at")), {long_ago})

    def test_copies_of_one(self):
        """For another day or another specialist: a new visit, which takes its time."""
        self.decide()
        other = self.specialist.copy({"login": "another-two", "function": "Окулист"})
        day = timedelta(days=1)
        for event in self.series:
            for given in (
                {"start": event.start + day, "stop": event.stop + day},
                {"user_id": other.id},
                {"specialist_id": other.id},
            ):
                with self.subTest(status=event.visit_status, given=set(given)):
                    copied = event.copy({**given, "recurrency": False})
                    self.assertEqual(copied.visit_status, "booked")
                    self.assertEqual(copied.show_as, "busy")
                    self.assertGreaterEqual(copied.reminder_booked_at, NOW)
                    wanted = copied.specialist_id.function
                    self.assertEqual(copied.specialty, wanted)

    def test_the_caller_s_values_stay_his(self):
        event = self.series[1]
        vals = {
            "recurrence_update": "all_events",
            "visit_status": "cancelled",
            "show_as": "busy",
        }
        given = dict(vals)
        event.write(vals)
        self.assertEqual(vals, given)

    def test_another_time_is_another_question(self):
        self.series[1].visit_status = "confirmed"
        third = self.series[2]
        third.write(
            {
                "recurrence_update": "all_events",
                "start": third.start + timedelta(hours=1),
                "stop": third.stop + timedelta(hours=1),
            }
        )
        self.assertEqual(set(self.series.mapped("visit_status")), {"booked"})


@tagged("post_install", "-at_install")
class TestDuplicated(ReminderCase):
    def test_another_specialist_s_specialty(self):
        other = self.specialist.copy({"login": "another-one", "function": "Окулист"})
        event = self.visit(self.patient())
        for name in ("user_id", "specialist_id"):
            copied = event.copy({name: other.id})
            self.assertEqual(copied.specialist_id, other)
            self.assertEqual(copied.specialty, "Окулист")
        event.specialty = "Прием"
        self.assertEqual(event.copy().specialty, "Прием")
        own = {"user_id": event.user_id.id, "specialist_id": event.specialist_id.id}
        self.assertEqual(event.copy(own).specialty, "Прием")
