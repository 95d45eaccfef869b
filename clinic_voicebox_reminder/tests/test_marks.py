"""A plan looks only at what was marked and at what time has changed: that is enough.

Law 6: nobody is forgotten for it. Whatever a verdict depends on leaves a mark.
"""

import random
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.orm.fields import Field
from odoo.tests import tagged

from ..models.calendar_event import PLAN_FIELDS as OF_VISITS
from ..models.res_company import WEIGHED as OF_COMPANIES
from ..models.res_partner import PLAN_FIELDS as OF_PATIENTS
from .common import NOW, ReminderCase

SEED = 12
STEPS = 60


class MarksCase(ReminderCase):
    """A plan without the net of its full pass."""

    def setUp(self):
        super().setUp()
        self.marks = self.env["clinic.reminder.mark"]
        self.plan_marked()  # the company of the tests is new to it

    def plan_marked(self):
        """:return: the patients that were looked at"""
        self.planner._mark_what_changed()
        looked_at, left = [], []
        while patients := self.planner._marked(left):
            looked_at += patients
            left += self.planner._plan_marked(patients)
        self.env.invalidate_all()
        return looked_at

    def picture(self):
        patients = self.planner._patients()
        closed = self.reminders.search([]).patient_id.ids
        return self.planner._picture({0, *patients, *closed})

    def assert_nothing_missed(self, what):
        before = self.picture()
        everybody = self.planner._patients()
        if everybody:
            self.planner._plan_patients(everybody)
        missed = before.symmetric_difference(self.picture())
        self.assertFalse(missed, f"{what}: a full pass finds more to do")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMarks(MarksCase):
    def test_nothing_to_do(self):
        event = self.visit(self.patient())
        self.assertEqual(self.plan_marked(), event.patient_id.ids)
        self.assertEqual(self.plan_marked(), [])
        self.assertFalse(self.marks.search([]))

    def test_an_event_without_a_patient_leaves_none(self):
        event = self.visit(self.specialist.partner_id)
        event.start += timedelta(hours=1)
        event.unlink()
        self.assertFalse(self.marks.search([]))

    def test_whose_visit_it_was_and_whose_it_is(self):
        event, other = self.visit(self.patient()), self.patient(ordinal=2)
        left = event.patient_id
        self.plan_marked()
        event.patient_id = other
        self.assertEqual(set(self.plan_marked()), {left.id, other.id})

    def test_a_mark_goes_with_its_plan(self):
        """A plan that fails leaves it: the next one looks again."""
        event = self.visit(self.patient())
        model = self.env.registry["clinic.reminder.planner"]
        with (
            self.assertRaises(ZeroDivisionError),
            patch.object(model, "_plan_once", lambda *args: 1 / 0),
            self.cr.savepoint(),
        ):
            self.plan_marked()
        self.assertEqual(self.plan_marked(), event.patient_id.ids)

    def test_who_is_in_other_hands_is_looked_at_again(self):
        event = self.visit(self.patient())
        self.plan_marked()
        event.patient_id.phone = "+1 202 555 0177"
        model = self.env.registry["clinic.reminder.planner"]
        nothing_free = patch.object(model, "_lock_open", lambda s, ids: s._reminders)
        with nothing_free:
            self.plan_marked()
        self.assertEqual(self.plan_marked(), event.patient_id.ids)
        self.assertEqual(self.reminder_of(event).phone, "+12025550177")

    def test_one_patient_goes_before_many(self):
        first, second = (self.visit(self.patient(ordinal=n)).patient_id for n in (1, 2))
        self.plan_marked()
        self.company.reminder_lead_days = 2
        self.planner._mark_what_changed()
        second._reminder_mark()
        self.assertEqual(self.planner._marked([])[0], second.id)
        self.assertEqual(set(self.plan_marked()), {first.id, second.id})

    def test_a_visit_comes_within_the_horizon(self):
        event = self.visit(self.patient(), start=NOW + timedelta(days=62))
        self.plan_marked()
        self.assertFalse(self.reminder_of(event))
        self.later(days=2, hours=12)
        self.plan_marked()
        self.assertEqual(self.reminder_of(event).state, "planned")

    def test_the_net_tells_what_the_marks_had_missed(self):
        """What was written past Odoo is found by a full pass, some times a day."""
        event = self.visit(self.patient(), start=NOW + timedelta(days=5))
        self.run_cron("plan")
        self.cr.execute(
            "UPDATE calendar_event SET visit_status = 'cancelled' WHERE id = %s",
            [event.id],
        )
        self.env.invalidate_all()
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(event).state, "planned")
        model = self.env.registry["clinic.reminder.planner"]
        with patch.object(model, "_tell_missed") as told:
            self.later(hours=7)
            self.run_cron("plan")
            self.assertEqual(self.reminder_of(event).skip_reason, "cancelled")
            self.later(hours=7)
            self.run_cron("plan")
        told.assert_called_once_with(1)

    def test_each_hook_by_itself(self):
        """What concerns all, and what has no field on visit or patient."""
        calendar = self.company.reminder_calendar_id
        wording = {"specialty": "эндоскопист", "rule": "none"}
        blacklist = self.env["phone.blacklist"].sudo()
        day = {"name": "Holiday", "date_from": NOW, "date_to": NOW + timedelta(hours=9)}
        changes = {
            "blacklist": lambda: blacklist._add(["+12025550101"]),
            "no blacklist": lambda: blacklist._remove(["+12025550101"]),
            "wording": lambda: self.env["clinic.reminder.wording"].create(wording),
            "holiday": lambda: self.env["resource.calendar.leaves"].create(day),
            "hours": lambda: calendar.attendance_ids[0].write({"hour_from": 10}),
            "fewer hours": lambda: calendar.attendance_ids[0].unlink(),
            "company": lambda: self.company.write({"reminder_lead_days": 2}),
            "position": lambda: self.specialist.write({"function": "Хирург"}),
        }
        patient = self.visit(self.patient()).patient_id
        self.plan_marked()
        for what, change in changes.items():
            with self.subTest(what):
                change()
                self.assertEqual(self.plan_marked(), patient.ids)

    def test_a_contact_that_is_deleted(self):
        event = self.visit(self.patient())
        self.plan_marked()
        reminder, patient = self.reminder_of(event), event.patient_id
        event.write({"patient_id": False, "partner_ids": [(3, patient.id)]})
        reminder.patient_id = patient
        self.plan_marked()
        patient.unlink()
        self.plan_marked()
        self.assert_nothing_missed("a contact was deleted")
        self.assertEqual(reminder.state, "skipped")


@tagged("post_install", "-at_install")
class TestMarksAreEnough(MarksCase):
    """Changes in random order; after each, a full pass finds nothing to do."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.clinic = self.env["res.company"].create(
            {"name": "Another clinic", "country_id": self.company.country_id.id}
        )
        self.others = [
            self.specialist.copy(
                {"login": f"other-{n}", "function": "Терапевт", "takes_visits": True}
            )
            for n in range(2)
        ]
        self.patients = [self.patient(ordinal=n) for n in range(4)]
        for patient in self.patients:
            self.visit(patient, start=self.some_time())
        self.plan_marked()
        self.assert_nothing_missed("the beginning")

    # === Choices === #
    def pick(self, *choices):
        return self.random.choice(choices)

    def some_time(self):
        days, hours = self.random.randint(0, 4), self.pick(-2, 0, 2, 2, 2, 3)
        return NOW + timedelta(days=days, hours=hours)

    def events(self):
        ours = [("patient_id", "in", [patient.id for patient in self.patients])]
        return self.env["calendar.event"].with_context(active_test=False).search(ours)

    def an_event(self):
        return self.pick(*self.events())

    def a_patient(self):
        return self.pick(*self.patients)

    # === Changes === #
    def change_visit(self):
        name, value = self.pick(
            ("start", self.some_time()),
            ("start", self.some_time()),
            ("visit_status", self.pick("booked", "cancelled", "confirmed", "done")),
            ("visit_status", "booked"),
            ("active", self.pick(True, True, False)),
            ("patient_id", self.a_patient().id),
            ("user_id", self.pick(self.specialist, *self.others).id),
            ("reminder_company_id", self.pick(self.company, self.clinic).id),
            ("specialty", self.pick("Терапевт", "Эндоскопист", False)),
        )
        event = self.an_event()
        event.write({name: value})
        return f"{name} of a visit"

    def make_visit(self):
        event = self.visit(self.a_patient(), start=self.some_time())
        if self.pick(True, False):
            event.user_id = self.others[0]
        return "a visit"

    def delete_visit(self):
        if len(self.events()) > 3:
            self.an_event().unlink()
        return "a visit was deleted"

    def answer_invitation(self):
        event = self.an_event()
        mine = event.attendee_ids.filtered(lambda a: a.partner_id == event.patient_id)
        mine.state = self.pick("declined", "needsAction")
        return "an invitation"

    def change_patient(self):
        name, value = self.pick(
            ("phone", self.pick("+1 202 555 0101", "+1 202 555 0102", "none", False)),
            ("reminder_do_not_call", self.pick(True, False)),
            ("reminder_consent", self.pick("given", "refused", False)),
            ("reminder_mute_until", self.pick("2030-06-06", "2030-06-08", False)),
            ("reminder_preferred_time", self.pick("morning", "evening", False)),
            ("tz", self.pick("Europe/Moscow", "Asia/Vladivostok", False)),
            ("reminder_deceased", self.pick(True, False, False)),
            ("active", self.pick(True, True, False)),
        )
        self.a_patient()[name] = value
        return f"{name} of a patient"

    def change_company(self):
        name, value = self.pick(
            ("reminder_calls_per_day", self.pick(0, 1)),
            ("reminder_consent_mode", self.pick("off", "opt_out", "explicit")),
            ("reminder_late_booking", self.pick(0, 0, 30)),
            ("reminder_lead_days", self.pick(1, 2)),
            ("reminder_max_calls", self.pick(1, 3)),
            ("reminder_min_notice", self.pick(2, 20)),
            ("reminder_one_call_a_day", self.pick(True, False)),
            ("reminder_pause_no_answer", self.pick(30, 240)),
            ("reminder_phone_weekly_cap", self.pick(0, 2)),
            ("reminder_spread", self.pick(True, False)),
            ("reminder_tz", self.pick("Europe/Moscow", "Asia/Yekaterinburg")),
            ("reminder_vary_time", self.pick(True, False)),
            ("voicebox_mode", self.pick("live", "live", "test", "disabled")),
            ("voicebox_test_numbers", self.pick("+1 202 555 0101", False)),
        )
        self.pick(self.company, self.clinic)[name] = value
        return f"{name} of a company"

    def change_hours(self):
        line = self.pick(*self.company.reminder_calendar_id.attendance_ids)
        line.hour_from = self.pick(8, 10, 11)
        return "calling hours"

    def change_holidays(self):
        leaves = self.env["resource.calendar.leaves"]
        ours = leaves.search([("name", "=", "Holiday")])
        if ours:
            ours.unlink()
            return "no holiday"
        day = NOW.replace(hour=0) + timedelta(days=self.random.randint(0, 3))
        leaves.create(
            {
                "name": "Holiday",
                "calendar_id": self.pick(self.company.reminder_calendar_id.id, False),
                "date_from": day,
                "date_to": day + timedelta(hours=20),
            }
        )
        return "a holiday"

    def change_wording(self):
        wordings = self.env["clinic.reminder.wording"]
        ours = wordings.search([("specialty", "=", "Терапевт")])
        if not ours:
            ours = wordings.create({"specialty": "Терапевт", "rule": "none"})
        elif self.pick(True, False):
            ours.write({"rule": self.pick("none", "full")})
        else:
            ours.unlink()
        return "the wording"

    def change_blacklist(self):
        number = self.pick("+12025550101", "+12025550102")
        blacklist = self.env["phone.blacklist"].sudo()
        blacklist._add([number]) if self.pick(True, False) else blacklist._remove(
            [number]
        )
        return "the blacklist"

    def change_specialist(self):
        user = self.pick(self.specialist, *self.others)
        if self.pick(True, False):
            user.partner_id.function = self.pick("Терапевт", "Хирург")
            return "a specialist's position"
        user.company_ids |= self.clinic
        user.company_id = self.pick(self.company, self.clinic)
        return "a specialist's company"

    def staff_act(self):
        open_ones = self.reminders.search([("state", "=", "planned")])
        if open_ones:
            reminder = self.pick(*open_ones)
            with suppress(UserError):
                self.pick(reminder.action_skip, reminder.action_call_now)()
        return "staff"

    def call_and_answer(self):
        """Without a dispatcher's transactions: a call, and how it ends."""
        dispatcher = self.env["clinic.reminder.dispatcher"].sudo()
        due = self.reminders.search([("carried_by_id", "=", False)]).filtered(
            lambda r: r.state == "planned" and r._verdict().is_due(self.now)
        )
        for reminder in due[:1]:
            for dial in dispatcher._dials_of(reminder):
                self.plan_marked()
                attempt = self.env["clinic.reminder.attempt"].browse(dial.attempt_id)
                answer = self.pick("no_answer", "hung_up", "confirmed", "operator")
                self.callback(answer, attempt)
        return "a call"

    def let_time_pass(self):
        self.later(minutes=self.pick(1, 40, 90, 400, 900))
        return "time"

    def test_after_every_change_a_full_pass_finds_nothing(self):
        changes = (
            *[self.change_visit] * 4,
            *[self.let_time_pass] * 3,
            *[self.call_and_answer] * 3,
            *[self.change_patient] * 3,
            *[self.change_company] * 3,
            self.make_visit,
            self.make_visit,
            self.delete_visit,
            self.answer_invitation,
            self.change_hours,
            self.change_holidays,
            self.change_wording,
            self.change_blacklist,
            self.change_specialist,
            self.staff_act,
        )
        done = []
        for _step in range(STEPS):
            done.append(self.pick(*changes)())
            self.plan_marked()
            self.assert_nothing_missed(f"seed {SEED}, after {done[-3:]}")


# what never changes, or leads to something else that is looked at
FIXED = {"id", "create_uid", "create_date"}
MARKED = {
    # the moment of the booking is written with a new question only
    "calendar.event": {*OF_VISITS, "stop", "reminder_booked_at"},
    "calendar.attendee": {"state", "partner_id", "event_id"},
    "res.company": {*OF_COMPANIES, "parent_id", "partner_id"},
    "res.users": {"company_id", "partner_id", "tz"},
    # the whole of them, by their own hooks
    "resource.calendar": None,
    "resource.calendar.attendance": None,
    "resource.calendar.leaves": None,
    "clinic.reminder.wording": None,
    "phone.blacklist": None,
    # our own: changed by plan, or by whom marks the patient
    "clinic.reminder.call": None,
    "clinic.reminder.attempt": None,
    # only told in sentences
    "voicebox.channel": None,
    # Odoo's own tables of the world
    "res.country": {"code", "phone_code"},
}
# read by Odoo together with a company's country
ADDRESS = {"city", "state_id", "street", "street2", "type", "zip"}


@tagged("post_install", "-at_install")
class TestWhatVerdictsDependOn(MarksCase):
    def test_every_field_read_has_its_mark(self):
        """A new dependency of the verdict needs a hook: add it, then its line here."""
        numbers = self.env["res.partner"]._phone_get_number_fields()
        of_contacts = {*OF_PATIENTS, *ADDRESS, *numbers, "function"}
        marked = {**MARKED, "res.partner": of_contacts}
        read = self.fields_read()
        self.assertIn(("res.company", "reminder_vary_time"), read, "it is seen")
        unmarked = {
            (model, name)
            for model, name in read
            if model not in marked
            or not (marked[model] is None or name in FIXED | marked[model])
        }
        self.assertFalse(unmarked)

    def fields_read(self):
        """Stored fields that a verdict was made of, in a rich situation."""
        self.company.write(
            {
                "reminder_phone_weekly_cap": 9,
                "reminder_late_booking": 1,
                "reminder_vary_time": True,
                "reminder_spread": True,
                "reminder_calls_per_day": 2,
            }
        )
        patient = self.patient(tz="Asia/Vladivostok")
        called = self.visit(patient)
        self.visit(patient, start=called.start + timedelta(hours=1))
        self.call()
        self.callback("no_answer", self.reminder_of(called).attempt_ids)
        self.later(hours=2)
        self.env.invalidate_all()
        read = set()
        get = Field.__get__

        def spy(field, record, owner=None):
            if record is not None and field.store:
                read.add((field.model_name, field.name))
            return get(field, record, owner)

        everything = self.env["calendar.event"].search([("patient_id", "!=", False)])
        with patch.object(Field, "__get__", spy):
            self.policy._verdicts(everything)
        return read
