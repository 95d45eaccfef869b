"""A patient's visits on one day are one conversation (laws 2 and 3)."""

from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, ReminderCase


@tagged("post_install", "-at_install")
class TestOneConversation(ReminderCase):
    def setUp(self):
        super().setUp()
        self.therapist = self.env["res.users"].create(
            {
                "name": "Therapist",
                "login": "therapist-test",
                "function": "Терапевт",
                "takes_visits": True,
            }
        )
        patient = self.patient()
        self.late = self.visit(patient)
        self.early = self.visit(
            patient,
            start=NOW + timedelta(days=1, hours=-1),
            user_id=self.therapist.id,
        )
        self.next_day = self.visit(patient, start=NOW + timedelta(days=2))

    def attempts(self):
        return self.env["clinic.reminder.attempt"].search([], order="id")

    def both(self):
        return [self.early.visit_status, self.late.visit_status]

    def test_one_call_names_the_visits_in_order_of_time(self):
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"],
            "Терапевт 6 июня 2030 г 9 00 и Эндоскопист 6 июня 2030 г 12 00",
        )
        self.assertEqual(
            self.reminder_of(self.late).carried_by_id, self.reminder_of(self.early)
        )
        self.assertEqual(self.reminder_of(self.late).attempt_count, 1)
        self.assertEqual(self.late.reminder_explanation, "Being called now.")

    def test_confirmed_confirms_all(self):
        self.call()
        self.callback("confirmed", self.attempts())
        self.assertEqual(self.both(), ["confirmed", "confirmed"])
        self.assertEqual(self.next_day.visit_status, "booked")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_operator_hands_over_all(self):
        self.call()
        self.callback("operator", self.attempts())
        self.assertEqual(self.both(), ["reschedule", "reschedule"])

    def test_declined_cancels_none_by_itself(self):
        self.call()
        self.callback("declined", self.attempts())
        self.assertEqual(self.both(), ["reschedule", "reschedule"])
        for event in (self.early, self.late):
            self.assertTrue(self.reminder_of(event).needs_attention)
            self.assertEqual(event.show_as, "busy")

    def test_three_calls_for_all_of_them(self):
        for _ordinal in range(4):
            self.call()
            self.callback("no_answer", self.attempts()[-1])
            self.later(minutes=61)
        self.assertEqual(len(self.voicebox.requests), 3)
        self.assertEqual(self.both(), ["not_confirmed", "not_confirmed"])

    def test_the_carrier_is_cancelled_between_two_calls(self):
        self.call()
        self.callback("no_answer", self.attempts())
        self.early.visit_status = "cancelled"
        self.later(minutes=61)
        self.run_cron("dispatch")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(
            self.voicebox.requests[1]["data"]["visit"],
            "Эндоскопист 6 июня 2030 г 12 00",
        )
        self.assertEqual(self.reminder_of(self.late).attempt_count, 2)
        self.callback("confirmed", self.attempts()[-1])
        self.assertEqual(self.both(), ["cancelled", "confirmed"])

    def test_the_carried_visit_waits_for_its_carrier(self):
        """Law 2: due before it or not, there is one call."""
        self.run_cron("plan")
        self.reminder_of(self.late).next_call_at = NOW - timedelta(minutes=1)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertIn(" и ", self.voicebox.requests[0]["data"]["visit"])

    def test_each_visit_is_checked_again_at_the_claim(self):
        """Law 3: the carrier is called about, what changed since is not."""
        self.run_cron("plan")
        self.late.visit_status = "cancelled"
        self.run_cron("dispatch")
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"], "Терапевт 6 июня 2030 г 9 00"
        )
        self.callback("confirmed", self.attempts())
        self.assertEqual(self.both(), ["confirmed", "cancelled"])

    def test_a_visit_booked_during_the_call_is_asked_about_by_itself(self):
        self.call()
        new = self.visit(self.late.patient_id, start=NOW + timedelta(days=1, hours=6))
        self.call()
        self.callback("confirmed", self.attempts())
        self.assertEqual(new.visit_status, "booked")
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertNotIn(" и ", self.voicebox.requests[1]["data"]["visit"])

    def test_switched_off(self):
        self.company.reminder_one_call_a_day = False
        self.call()
        self.callback("confirmed", self.attempts()[0])
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)

    def test_a_visit_that_may_not_be_spoken_of(self):
        self.env["clinic.reminder.wording"].create(
            {"specialty": "эндоскопист", "rule": "none"}
        )
        self.call()
        self.assertEqual(
            self.voicebox.requests[0]["data"]["visit"], "Терапевт 6 июня 2030 г 9 00"
        )
        self.assertEqual(self.reminder_of(self.late).skip_reason, "not_spoken_of")


@tagged("post_install", "-at_install")
class TestOneMoment(ReminderCase):
    """What is said of a visit that shares a call is when that call is made."""

    def setUp(self):
        super().setUp()
        self.mother = self.patient()

    def visits(self, *hours):
        day = NOW + timedelta(days=1)
        return [
            self.visit(self.mother, start=day + timedelta(hours=hour)) for hour in hours
        ]

    def said(self, events):
        self.env.invalidate_all()
        moments = {self.reminder_of(event).next_call_at for event in events}
        sentences = {event.reminder_explanation for event in events}
        sentences |= {self.reminder_of(event).explanation for event in events}
        return moments, sentences

    def test_spread_over_the_day(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=3))
        events = self.visits(2, 3, 5)
        self.run_cron("plan")
        moments, sentences = self.said(events)
        self.assertEqual(len(moments), 1)
        self.assertEqual(len(sentences), 1)
        self.at(min(moments) + timedelta(seconds=1))
        self.call()
        self.assertEqual(self.voicebox.requests[0]["data"]["visit"].count("июня"), 3)

    def test_booked_after_an_unanswered_call(self):
        """Earlier than the first visit or later, it waits for the pause."""
        (first,) = self.visits(3)
        self.call()
        self.callback("no_answer", self.reminder_of(first).attempt_ids)
        others = self.visits(2, 5)
        for _before_and_after_the_plan in range(2):
            for event in others:
                sentence = event.reminder_explanation
                self.assertRegex(sentence, r"^Will be called today from 8:00\.$")
            self.run_cron("plan")
        self.assertEqual(len(self.said([first, *others])[0]), 1)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.later(minutes=61)
        self.run_cron("dispatch")
        self.assertEqual(self.voicebox.requests[1]["data"]["visit"].count("июня"), 3)

    def test_booked_during_the_call(self):
        (first,) = self.visits(3)
        self.call()
        (second,) = self.visits(5)
        self.run_cron("plan")
        waiting = "Will be called after another call to this number."
        self.assertEqual(second.reminder_explanation, waiting)
        self.callback("no_answer", self.reminder_of(first).attempt_ids)
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)

    def test_long_notice(self):
        """Who can wait least leads, so that nobody is called too late."""
        self.company.reminder_min_notice = 24
        self.at(NOW - timedelta(hours=1))
        (late,) = self.visits(8)
        self.call()
        self.callback("no_answer", self.reminder_of(late).attempt_ids)
        (early,) = self.visits(0.5)
        self.call()
        self.assertEqual(len(self.voicebox.requests), 2)
        self.assertEqual(self.reminder_of(early).attempt_count, 1)

    def test_the_lead_falls_away(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=3))
        first, second, third = self.visits(2, 3, 5)
        self.run_cron("plan")
        first.visit_status = "cancelled"
        self.run_cron("plan")
        moments, sentences = self.said([second, third])
        self.assertEqual((len(moments), len(sentences)), (1, 1))
        self.assertFalse(self.reminder_of(second).carried_by_id)
        self.assertEqual(
            self.reminder_of(third).carried_by_id, self.reminder_of(second)
        )

    def test_call_now_is_for_all_of_them(self):
        self.company.reminder_spread = True
        self.at(NOW - timedelta(hours=1))
        first, second = self.visits(2, 3)
        self.run_cron("plan")
        second.action_reminder_call_now()
        self.run_cron("dispatch")
        self.assertEqual(len(self.voicebox.requests), 1)
        self.assertEqual(self.reminder_of(second).attempt_count, 1)


@tagged("post_install", "-at_install")
class TestTwoSpecialists(ReminderCase):
    """Two visits of one patient at one minute: one call, whatever happens to them."""

    def setUp(self):
        super().setUp()
        self.company.reminder_one_call_a_day = False
        self.others = [
            self.specialist.copy({"login": f"therapist-{n}", "function": "Терапевт"})
            for n in range(2)
        ]
        self.mother = self.patient()
        self.first, self.second = self.visit(self.mother), self.with_other(0)

    def with_other(self, number):
        return self.visit(self.mother, user_id=self.others[number].id)

    def both(self):
        self.env.invalidate_all()
        return self.reminder_of(self.first), self.reminder_of(self.second)

    def attempts(self):
        return self.env["clinic.reminder.attempt"].search([], order="id")

    def told(self):
        return [request["data"]["visit"] for request in self.voicebox.requests]

    def assert_one_leads(self):
        self.env.flush_all()
        still_open = self.reminders.search([("state", "in", ("planned", "calling"))])
        leading = still_open.filtered(lambda r: not r.carried_by_id)
        self.assertEqual(len(leading), bool(still_open))
        self.assertLessEqual(still_open.carried_by_id, leading)

    def test_one_call_for_both(self):
        self.run_cron("plan")
        lead, companion = self.both()
        self.assertEqual((lead.state, companion.state), ("planned", "planned"))
        self.assertEqual(companion.carried_by_id, lead)
        self.assertEqual(
            self.first.reminder_explanation, self.second.reminder_explanation
        )
        self.run_cron("dispatch")
        self.assertEqual(
            self.told(),
            ["Эндоскопист 6 июня 2030 г 12 00 и Терапевт 6 июня 2030 г 12 00"],
        )
        self.callback("confirmed", self.attempts())
        self.assertEqual(
            (self.first | self.second).mapped("visit_status"), ["confirmed"] * 2
        )
        self.call()
        self.assertEqual(len(self.told()), 1)

    def test_booked_one_after_the_other(self):
        self.run_cron("plan")
        third = self.with_other(1)
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(third).carried_by_id, self.both()[0])
        self.run_cron("dispatch")
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(self.told()[0].count("12 00"), 3)

    def test_three_calls_for_both(self):
        for _ordinal in range(4):
            self.call()
            self.callback("no_answer", self.attempts()[-1])
            self.later(minutes=61)
        self.assertEqual(len(self.told()), 3)
        for reminder in self.both():
            self.assertEqual(reminder.outcome, "not_reached")

    def test_declined_cancels_neither_by_itself(self):
        self.call()
        self.callback("declined", self.attempts())
        statuses = (self.first | self.second).mapped("visit_status")
        self.assertEqual(statuses, ["reschedule"] * 2)

    def test_the_lead_closes_between_two_calls(self):
        changes = {
            "cancelled": lambda: self.first.write({"visit_status": "cancelled"}),
            "skipped": lambda: self.first.action_reminder_skip(),
            "moved": lambda: self.first.write({"start": NOW + timedelta(days=3)}),
            "deleted": lambda: self.first.unlink(),
        }
        for name, change in changes.items():
            with self.subTest(name), self.cr.savepoint() as savepoint:
                self.call()
                before = len(self.told())
                self.callback("no_answer", self.attempts()[-1])
                third = self.with_other(1)
                self.run_cron("plan")
                change()
                self.later(minutes=61)
                self.run_cron("dispatch", "plan", "dispatch")
                self.assertEqual(len(self.told()), before + 1)
                self.assertEqual(self.told()[-1].count("Терапевт"), 2)
                self.assertNotIn("Эндоскопист", self.told()[-1])
                leads = (self.second | third).reminder_call_ids.carried_by_id
                self.assertEqual(len(leads), 1)
                savepoint.rollback()
                self.env.invalidate_all()
                self.at(NOW)

    def test_the_lead_that_was_skipped_is_opened_again(self):
        self.run_cron("plan")
        self.first.action_reminder_skip()
        self.run_cron("plan")
        lead, companion = self.both()
        self.assertFalse(companion.carried_by_id)
        lead.action_call_now()
        self.assertEqual(lead.carried_by_id, companion)
        self.run_cron("dispatch")
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(self.told()[0].count("12 00"), 2)

    def test_call_now_is_refused_where_the_visit_s_own_rules_forbid_it(self):
        self.run_cron("plan")
        self.env["clinic.reminder.wording"].create(
            {"specialty": "терапевт", "rule": "none"}
        )
        with self.assertRaisesRegex(UserError, "not to be spoken of"):
            self.both()[1].action_call_now()

    def test_the_specialists_change_places(self):
        self.run_cron("plan")
        self.first.user_id, self.second.user_id = self.others[0], self.specialist
        self.run_cron("plan")
        self.assert_one_leads()
        self.run_cron("plan", "dispatch")
        self.assertEqual(len(self.told()), 1)

    def test_both_get_one_specialist(self):
        """Then they are one question: one of them is asked about."""
        self.run_cron("plan")
        self.first.user_id = self.others[0]
        self.run_cron("plan", "plan")
        self.assert_one_leads()
        open_ones = self.reminders.search([("state", "=", "planned")])
        self.assertEqual(len(open_ones), 1)
        self.run_cron("dispatch")
        self.assertEqual(self.told(), ["Терапевт 6 июня 2030 г 12 00"])

    def test_a_series_is_edited(self):
        (self.first | self.second).write(
            {"recurrency": True, "rrule_type": "weekly", "count": 2, "thu": True}
        )
        self.run_cron("plan")
        ours = [("patient_id", "=", self.mother.id), ("start", "=", self.first.start)]
        for event in self.first | self.second:
            event.write({"recurrence_update": "all_events", "duration": 1})
        self.run_cron("plan")
        events = self.env["calendar.event"].search(ours)
        self.assertEqual(len(events), 2)
        self.run_cron("dispatch")
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(self.told()[0].count("12 00"), 2)

    def test_contacts_are_merged(self):
        double = self.patient(ordinal=2)
        third = self.visit(double, user_id=self.others[1].id)
        same = self.visit(double)
        self.run_cron("plan")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.mother.id, double.id], self.mother)
        self.assert_one_leads()
        self.assertEqual(self.reminder_of(same).skip_reason, "duplicate")
        self.call()
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(self.told()[0].count("12 00"), 3)
        self.assertEqual(third.reminder_explanation, "Being called now.")

    def test_one_call_a_day_is_switched(self):
        earlier = self.visit(self.mother, start=self.first.start - timedelta(hours=1))
        for together in (True, False, True):
            self.company.reminder_one_call_a_day = together
            self.run_cron("plan")
            leads = {r.carried_by_id or r for r in self.both()}
            self.assertEqual(len(leads), 1)
            self.assertEqual(self.reminder_of(earlier) in leads, together)

    def test_two_clinics(self):
        """They do not share a call: the second is asked about after the first."""
        clinic = self.env["res.company"].create(
            {"name": "Another clinic", "country_id": self.company.country_id.id}
        )
        names = ("mode", "url", "login", "password", "method")
        names = [f"voicebox_{name}" for name in names]
        clinic.write({name: self.company[name] for name in names})
        self.run_cron("plan")
        self.second.reminder_company_id = clinic
        self.run_cron("plan")
        sentence = "Not called: another visit at the same time."
        self.assertEqual(self.second.reminder_explanation, sentence)
        self.run_cron("dispatch")
        self.assertEqual(self.told(), ["Эндоскопист 6 июня 2030 г 12 00"])
        self.callback("confirmed", self.attempts())
        self.later(minutes=31)
        self.call()
        self.assertEqual(self.told()[1:], ["Терапевт 6 июня 2030 г 12 00"])

    @mute_logger("odoo.sql_db")
    def test_the_database_permits_one_that_leads(self):
        self.run_cron("plan")
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.both()[1].carried_by_id = False
            self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_the_database_permits_one_of_a_question(self):
        self.run_cron("plan")
        lead, companion = self.both()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.reminders.create(
                {
                    **self.second._reminder_snapshot(),
                    "event_id": False,
                    "carried_by_id": lead.id,
                }
            )
            self.env.flush_all()
        self.assertEqual(companion.state, "planned")

    def test_planners_that_meet(self):
        """The other one's rows are there when ours come: no second, and no error."""
        self.planner._plan_visits(self.first.ids)
        self.planner._plan_visits((self.first | self.second).ids)
        self.planner._plan_visits((self.second | self.first).ids)
        self.assertEqual(len(self.both()[0] | self.both()[1]), 2)
        self.assert_one_leads()
