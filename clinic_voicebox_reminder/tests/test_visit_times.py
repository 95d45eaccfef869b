from datetime import datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOW, ReminderCase
from .test_views import USER

MIDNIGHT = datetime(2030, 6, 5, 21, 0)  # of Thursday 6 June in Moscow
NEXT_MIDNIGHT = MIDNIGHT + timedelta(days=1)


def wall(hour, minute=0):
    """A time of Thursday in Moscow, as naive UTC."""
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


class TimesCase(ReminderCase):
    """The specialist works from 9 to 13 and from 14 to 18 in Moscow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours = cls.hours_of("Europe/Moscow")
        cls.specialist.visit_calendar_id = cls.hours
        cls.times = cls.env["clinic.visit.times"]

    @classmethod
    def hours_of(cls, zone):
        attendances = [
            (
                0,
                0,
                {
                    "name": f"{day} {start}",
                    "dayofweek": str(day),
                    "hour_from": start,
                    "hour_to": start + 4,
                },
            )
            for day in range(5)
            for start in (9, 14)
        ]
        return cls.env["resource.calendar"].create(
            {"name": f"Hours in {zone}", "tz": zone, "attendance_ids": attendances}
        )

    def leave(self, start, stop, **vals):
        return self.env["resource.calendar.leaves"].create(
            {"name": "Off", "date_from": start, "date_to": stop, **vals}
        )

    def working(self, start=MIDNIGHT, stop=NEXT_MIDNIGHT, user=None):
        user = user or self.specialist
        return self.times._working(user, start, stop)[user]

    def busy(self, user=None, start=MIDNIGHT, stop=NEXT_MIDNIGHT):
        user = user or self.specialist
        taken = self.times._busy(user, start, stop)[user]
        return [(begins, ends) for begins, ends, _event in taken]

    def blocker(self, start, stop, **vals):
        return self.env["calendar.event"].create(
            {
                "name": "Council",
                "start": start,
                "stop": stop,
                "user_id": self.specialist.id,
                "partner_ids": [(6, 0, self.specialist.partner_id.ids)],
                "patient_id": False,
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestWorkingHours(TimesCase):
    def test_a_day(self):
        day = [(wall(9), wall(13)), (wall(14), wall(18))]
        self.assertEqual(self.working(), day)

    def test_the_hours_are_those_of_their_own_zone(self):
        self.specialist.visit_calendar_id = self.hours_of("Asia/Yekaterinburg")
        day = [(wall(7), wall(11)), (wall(12), wall(16))]
        self.assertEqual(self.working(), day)

    def test_the_clock_changes(self):
        """Berlin put its clocks forward on Sunday, 31 March 2030."""
        self.specialist.visit_calendar_id = self.hours_of("Europe/Berlin")
        friday, monday = datetime(2030, 3, 29), datetime(2030, 4, 1)
        (before, _) = self.working(friday, friday + timedelta(days=1))
        (after, _) = self.working(monday, monday + timedelta(days=1))
        self.assertEqual(before[0], friday.replace(hour=8))
        self.assertEqual(after[0], monday.replace(hour=7))

    def test_whose_hours(self):
        """The visiting hours, else those on the user's resource, else the company's."""
        self.specialist.visit_calendar_id = False
        self.company.resource_calendar_id = self.hours_of("Asia/Omsk")
        self.assertEqual(self.working()[0][0], wall(6))
        self.env["resource.resource"].create(
            {
                "name": "Specialist",
                "user_id": self.specialist.id,
                "calendar_id": self.hours_of("Europe/Samara").id,
            }
        )
        self.assertEqual(self.working()[0][0], wall(8))
        self.specialist.visit_calendar_id = self.hours
        self.assertEqual(self.working()[0][0], wall(9))

    def test_no_hours_at_all_are_no_limit(self):
        self.specialist.visit_calendar_id = False
        self.company.resource_calendar_id = False
        self.assertEqual(self.working(), [(MIDNIGHT, NEXT_MIDNIGHT)])

    def test_holidays_and_leaves(self):
        self.leave(wall(0), wall(10), company_id=self.company.id)
        self.leave(wall(12), wall(13), calendar_id=self.hours.id)
        resource = self.env["resource.resource"].create(
            {"name": "Specialist", "user_id": self.specialist.id}
        )
        self.leave(wall(16), wall(23), resource_id=resource.id)
        day = [(wall(10), wall(12)), (wall(14), wall(16))]
        self.assertEqual(self.working(), day)

    def test_other_clinics_holidays_do_not_count(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        leaves = self.env["resource.calendar.leaves"].with_company(other)
        vals = {"date_from": wall(0), "date_to": wall(24), "calendar_id": False}
        self.assertEqual(leaves.create(vals).company_id, other)
        self.assertEqual(len(self.working()), 2)

    def test_many_at_once(self):
        second = self.specialist.copy({"login": "second", "name": "Second"})
        second.visit_calendar_id = self.hours_of("Europe/Samara")
        users = self.specialist | second
        found = self.times._working(users, MIDNIGHT, NEXT_MIDNIGHT)
        self.assertEqual(found[self.specialist][0][0], wall(9))
        self.assertEqual(found[second][0][0], wall(8))

    @mute_logger("odoo.sql_db")
    def test_a_visit_takes_some_time(self):
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.specialist.visit_duration = 0
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestBusy(TimesCase):
    def test_visits_are_the_specialists(self):
        self.visit(self.patient(), wall(10))
        self.assertEqual(self.busy(), [(wall(10), wall(10, 30))])
        nurse = new_test_user(self.env, "nurse", groups="base.group_user")
        second = self.visit(self.patient(ordinal=2), wall(11))
        second.partner_ids += nurse.partner_id
        self.assertFalse(self.busy(nurse))

    def test_what_is_off_takes_no_time(self):
        for number, status in enumerate(("cancelled", "no_show")):
            visit = self.visit(self.patient(ordinal=number), wall(10 + number))
            visit.visit_status = status
        self.visit(self.patient(ordinal=5), wall(14)).active = False
        self.visit(self.patient(ordinal=6), wall(15), show_as="free")
        self.assertFalse(self.busy())

    def test_who_wants_another_time_has_this_one_until_then(self):
        self.visit(self.patient(), wall(10)).visit_status = "reschedule"
        self.assertEqual(len(self.busy()), 1)

    def test_other_events_take_organizer_and_guests(self):
        guest = new_test_user(self.env, "guest", groups="base.group_user")
        event = self.blocker(wall(10), wall(11))
        event.partner_ids += guest.partner_id
        self.assertEqual(self.busy(), [(wall(10), wall(11))])
        self.assertEqual(self.busy(guest), [(wall(10), wall(11))])
        mine = event.attendee_ids.filtered(lambda a: a.partner_id == guest.partner_id)
        mine.state = "declined"
        self.assertFalse(self.busy(guest))
        self.assertTrue(self.busy())

    def test_a_whole_day_is_one_of_the_specialists_zone(self):
        self.specialist.tz = "Asia/Kamchatka"
        self.blocker("2030-06-06", "2030-06-06", allday=True, start_date="2030-06-06")
        day = (datetime(2030, 6, 5, 12), datetime(2030, 6, 6, 12))
        self.assertEqual(self.busy(), [day])

    def test_a_visit_without_time_of_day_takes_none(self):
        visit = self.visit(self.patient(), allday=True)
        self.assertTrue(visit.allday and visit.patient_id)
        self.assertFalse(self.busy())

    def test_of_any_number_of_specialists_in_as_many_queries(self):
        users = self.specialist
        for number in range(4):
            users |= self.specialist.copy({"login": f"s{number}"})
        counts = []
        for some in (users[:1], users):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.times._busy(some, MIDNIGHT, NEXT_MIDNIGHT)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestFree(TimesCase):
    def starts(self, start=MIDNIGHT, stop=NEXT_MIDNIGHT, **kwargs):
        places = self.times._free(self.specialist, start, stop, **kwargs)
        return [begins for begins, _ends in places]

    def test_a_day_of_half_hours(self):
        starts = self.starts()
        self.assertEqual(len(starts), 16)
        self.assertEqual(starts[:2], [wall(9), wall(9, 30)])
        self.assertNotIn(wall(13), starts)

    def test_what_is_taken_is_left_out(self):
        self.visit(self.patient(), wall(9, 30), stop=wall(10, 10))
        self.assertEqual(self.starts(limit=3), [wall(9), wall(10, 15), wall(10, 45)])

    def test_a_freed_place_is_free(self):
        self.visit(self.patient(), wall(9)).visit_status = "cancelled"
        self.assertEqual(self.starts(limit=1), [wall(9)])

    def test_a_longer_visit_needs_the_room(self):
        self.visit(self.patient(), wall(10), stop=wall(13))
        self.assertEqual(self.starts(hours=2, limit=2), [wall(14), wall(14, 30)])
        places = self.times._free(self.specialist, MIDNIGHT, NEXT_MIDNIGHT, 2, 1)
        self.assertEqual(places, [(wall(14), wall(16))])

    def test_from_now_on_at_the_next_quarter(self):
        self.assertEqual(self.starts(start=wall(10, 1), limit=1), [wall(10, 15)])

    def test_the_specialists_own_length(self):
        self.specialist.visit_duration = 1 / 3
        expected = [wall(9), wall(9, 20), wall(9, 40)]
        self.assertEqual(self.starts(limit=3), expected)
        self.specialist.visit_duration = 0.75
        expected = [wall(9), wall(9, 45), wall(10, 30)]
        self.assertEqual(self.starts(limit=3), expected)


@tagged("post_install", "-at_install")
class TestConflicts(TimesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(cls.env, "desk", groups=USER, tz="Europe/Moscow")

    def conflicts(self, start, stop, patient=None, visit=None):
        times = self.times.with_user(self.desk)
        patient = patient or self.env["res.partner"]
        ids = visit.ids if visit else []
        return times._conflicts(self.specialist, patient, start, stop, ids)

    def test_none(self):
        patient = self.patient()
        visit = self.visit(patient, wall(10))
        self.assertFalse(self.conflicts(wall(10, 30), wall(11), patient))
        self.assertFalse(self.conflicts(wall(10), wall(10, 30), patient, visit))

    def test_the_specialist_is_taken(self):
        self.visit(self.patient(), wall(10))
        (said,) = self.conflicts(wall(10, 15), wall(10, 45))
        self.assertIn("Specialist of the tests is taken from 10:00", said)
        self.assertIn("Иванова", said)

    def test_private_events_give_time_only(self):
        self.blocker(wall(10), wall(11), name="Divorce", privacy="private")
        (said,) = self.conflicts(wall(10), wall(10, 30))
        self.assertIn("a private event", said)
        self.assertNotIn("Divorce", said)

    def test_nor_is_a_patient_named_whom_the_user_may_not_read(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.visit(self.patient(company_id=other.id), wall(10))
        (said,) = self.conflicts(wall(10), wall(10, 30))
        self.assertIn("another visit", said)
        self.assertNotIn("Иванова", said)

    def test_outside_working_hours(self):
        for start in (wall(8, 45), wall(12, 45), wall(20)):
            (said,) = self.conflicts(start, start + timedelta(minutes=30))
            self.assertIn("outside the working hours of Specialist", said)

    def test_the_patient_is_elsewhere(self):
        patient = self.patient()
        second = self.specialist.copy({"login": "second", "name": "Second"})
        self.visit(patient, wall(10), user_id=second.id)
        (said,) = self.conflicts(wall(10), wall(10, 30), patient)
        self.assertIn("another visit then: Second", said)
        self.assertIn("10:00", said)

    def test_one_event_is_told_once(self):
        patient = self.patient()
        self.visit(patient, wall(10))
        self.assertEqual(len(self.conflicts(wall(10), wall(10, 30), patient)), 1)

    def test_without_specialist(self):
        times = self.times.with_user(self.desk)
        nobody = self.env["res.users"]
        args = (nobody, self.patient(), NOW, NOW + timedelta(hours=1))
        self.assertFalse(times._conflicts(*args))
