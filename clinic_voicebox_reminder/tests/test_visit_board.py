"""What the front desk sees of a day, and what it may move."""

from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import NOW
from .permissions import PermissionCase
from .test_views import USER
from .test_visit_times import TimesCase

THURSDAY = "2030-06-06"


def at(hour, minute=0, day=6):
    """A wall time in Moscow in June 2030."""
    return datetime(2030, 6, day, hour, minute)


class BoardCase(TimesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(
            cls.env, "desk-of-the-board", groups=USER, tz="Europe/Moscow"
        )
        cls.board = cls.env["clinic.visit.board"].with_user(cls.desk)
        cls.moves = cls.env["clinic.visit.move"].with_user(cls.desk)
        # one column is enough
        others = cls.env["res.users"].search([("takes_visits", "=", True)])
        (others - cls.specialist).takes_visits = False

    def booked(self, hour, minute=0, ordinal=1, **vals):
        """A visit on Thursday, by the clock of Moscow."""
        patient = self.patient(ordinal=ordinal)
        return self.visit(patient, at(hour, minute) - timedelta(hours=3), **vals)

    def day(self, day=THURSDAY):
        return self.board.get_day(day)

    def card(self, event):
        cards = self.day()["visits"]
        return next((card for card in cards if card["id"] == event.id), None)

    def ends(self, rows):
        return [(row["start"], row["stop"]) for row in rows]


@tagged("post_install", "-at_install")
class TestBoard(BoardCase):
    def test_a_day_with_its_visits(self):
        event = self.booked(10)
        day = self.day()
        (column,) = day["specialists"]
        self.assertEqual(column["id"], self.specialist.id)
        self.assertEqual(column["specialty"], "Эндоскопист")
        self.assertEqual(column["hours"], [(at(9), at(13)), (at(14), at(18))])
        self.assertEqual(column["length"], 0.5)
        self.assertEqual(day["hours"], (at(9), at(18)))
        (card,) = day["visits"]
        self.assertEqual(
            card,
            {
                "id": event.id,
                "specialist": self.specialist.id,
                "start": at(10),
                "stop": at(10, 30),
                "all_day": False,
                "name": "Иванова Валерия Сергеевна",
                "status": "booked",
                "group": "waiting",
                "word": "Booked",
            },
        )

    def test_the_clock_is_the_clinics(self):
        self.company.reminder_tz = "Asia/Vladivostok"
        event = self.booked(10)
        day = self.day()
        self.assertEqual(self.card(event)["start"], at(17))
        self.assertEqual((day["zone"], day["offset"]), ("Asia/Vladivostok", "+10:00"))

    def test_free_are_the_hours_that_nothing_takes(self):
        self.booked(10)
        self.assertEqual(
            self.ends(self.day()["free"]),
            [(at(9), at(10)), (at(10, 30), at(13)), (at(14), at(18))],
        )

    def test_what_has_passed_is_not_free(self):
        self.at(datetime(2030, 6, 6, 12, 50))  # 15:50 in Moscow
        self.assertEqual(self.ends(self.day()["free"]), [(at(16), at(18))])

    def test_less_than_a_quarter_of_an_hour_is_no_place(self):
        self.booked(9, 10, ordinal=1)
        free = self.ends(self.day()["free"])
        self.assertEqual(free[0], (at(9, 40), at(13)))

    def test_a_specialist_without_hours_is_free_in_those_that_are_shown(self):
        self.specialist.visit_calendar_id = False
        self.company.resource_calendar_id = False
        day = self.day()
        self.assertEqual(day["hours"], (at(8), at(20)))
        self.assertEqual(self.ends(day["free"]), [(at(8), at(20))])

    def test_hours_reach_as_far_as_the_visits(self):
        self.booked(7, 45)
        self.booked(20, 15, ordinal=2)
        self.assertEqual(self.day()["hours"], (at(7), at(21)))

    # === Statuses === #
    def test_what_there_is_to_do(self):
        wanted = {
            "booked": "waiting",
            "not_confirmed": "waiting",
            "confirmed": "confirmed",
            "reschedule": "person",
            "cancelled": "freed",
            "done": "over",
            "no_show": "over",
        }
        for ordinal, (status, group) in enumerate(wanted.items()):
            event = self.booked(9 + ordinal, ordinal=ordinal + 1)
            event.visit_status = status
            with self.subTest(status=status):
                self.assertEqual(self.card(event)["group"], group)
        self.assertEqual(
            self.day()["counters"],
            {"confirmed": 1, "waiting": 2, "person": 1, "freed": 1},
        )

    def test_who_is_on_the_work_list_needs_a_person(self):
        event = self.booked(15)
        event.patient_id.phone = False
        self.run_cron("plan")
        self.assertTrue(self.reminder_of(event).needs_attention)
        self.assertEqual(self.card(event)["group"], "person")

    def test_a_freed_place_is_one_until_it_is_taken(self):
        gone = self.booked(15)
        gone.visit_status = "cancelled"
        self.assertEqual(self.card(gone)["group"], "freed")
        self.assertNotIn((at(14), at(18)), self.ends(self.day()["free"]))
        self.booked(15, ordinal=2)
        self.assertFalse(self.card(gone))
        self.assertEqual(self.day()["counters"]["freed"], 0)

    def test_a_cancelled_visit_of_the_past_frees_nothing(self):
        gone = self.booked(9)
        gone.visit_status = "cancelled"
        self.at(datetime(2030, 6, 6, 9, 0))
        self.assertEqual(self.card(gone)["group"], "over")

    def test_a_visit_of_the_whole_day_takes_no_place(self):
        event = self.booked(0, allday=True, start_date=THURSDAY, stop_date=THURSDAY)
        self.assertTrue(self.card(event)["all_day"])
        self.assertEqual(len(self.day()["free"]), 2)

    def test_a_visit_without_a_specialist_has_a_column_too(self):
        event = self.booked(10)
        event.flush_recordset()
        self.env.cr.execute(
            "UPDATE calendar_event SET specialist_id = NULL WHERE id = %s", [event.id]
        )
        event.invalidate_recordset()
        self.assertFalse(self.day()["specialists"][-1]["id"])

    # === Days === #
    def test_today_is_the_default(self):
        self.assertEqual(self.board.get_day()["day"], date(2030, 6, 5))

    def test_a_day_far_from_today(self):
        """Its hours are read apart from those around today."""
        far = self.day("2030-09-06")
        (column,) = far["specialists"]
        hours = [(at(9), at(13)), (at(14), at(18))]
        self.assertEqual(
            column["hours"],
            [tuple(wall.replace(month=9) for wall in pair) for pair in hours],
        )
        self.assertEqual(far["next"], date(2030, 9, 9))
        self.assertEqual(far["after_today"], date(2030, 6, 6))

    def test_days_without_work_are_passed_over(self):
        friday = self.day("2030-06-07")
        self.assertEqual(friday["next"], date(2030, 6, 10))
        self.assertEqual(self.day("2030-06-10")["previous"], date(2030, 6, 7))
        self.assertEqual(friday["after_today"], date(2030, 6, 6))

    # === Cost === #
    def test_more_visits_cost_no_more_queries(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            self.day()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.day()
            return self.env.cr.sql_log_count - before

        self.booked(9)
        few = queries()
        for ordinal in range(2, 20):
            self.booked(9 + ordinal // 4, 15 * (ordinal % 4), ordinal=ordinal)
        self.assertEqual(len(self.day()["visits"]), 19)
        self.assertEqual(queries(), few)
        self.assertLessEqual(few, 15)


@tagged("post_install", "-at_install")
class TestWhatIsTold(BoardCase):
    """A desk of one clinic."""

    def test_for_the_front_desk_only(self):
        staff = new_test_user(self.env, "staff-of-the-board")
        with self.assertRaises(AccessError):
            self.board.with_user(staff).get_day()
        with self.assertRaises(AccessError):
            self.moves.with_user(staff).move_visit(
                self.booked(10).id, "2030-06-06T11:00:00", self.specialist.id, []
            )

    def test_a_private_visit_is_taken_time(self):
        event = self.booked(10)
        event.privacy = "private"
        self.assertFalse(self.card(event))
        (busy,) = self.day()["busy"]
        self.assertEqual((busy["start"], busy["name"]), (at(10), ""))
        self.assertEqual(self.day()["counters"]["waiting"], 0)

    def test_a_meeting_is_told_unless_it_is_private(self):
        meeting = self.env["calendar.event"].create(
            {
                "name": "Consilium",
                "start": at(11) - timedelta(hours=3),
                "stop": at(12) - timedelta(hours=3),
                "user_id": self.specialist.id,
                "partner_ids": [(6, 0, self.specialist.partner_id.ids)],
            }
        )
        self.assertEqual(self.day()["busy"][0]["name"], "Consilium")
        self.assertEqual(self.ends(self.day()["free"])[0], (at(9), at(11)))
        meeting.privacy = "private"
        self.assertEqual(self.day()["busy"][0]["name"], "")

    def test_a_patient_of_whom_the_desk_may_know_nothing(self):
        event = self.booked(10)
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        event.patient_id.company_id = foreign
        self.assertEqual(self.card(event)["name"], "")


@tagged("post_install", "-at_install")
class TestSeveralClinics(PermissionCase):
    def day(self, role="desk", **context):
        board = self.env["clinic.visit.board"].with_user(self.users[role])
        return board.with_context(**context).get_day("2030-06-07")

    def test_a_desk_sees_its_own_clinic(self):
        day = self.day()
        self.assertEqual(
            [card["id"] for card in day["visits"]], self.mine["calendar.event"].ids
        )
        shown = {column["id"] for column in day["specialists"]}
        self.assertIn(self.specialist.id, shown)
        self.assertNotIn(self.other_specialist.id, shown)

    def test_who_works_for_both_chooses(self):
        both = self.company | self.other
        self.users["desk"].company_ids = both
        day = self.day(allowed_company_ids=both.ids)
        events = self.mine["calendar.event"] | self.foreign["calendar.event"]
        self.assertEqual({card["id"] for card in day["visits"]}, set(events.ids))
        day = self.day(allowed_company_ids=self.other.ids)
        self.assertEqual(
            [card["id"] for card in day["visits"]], self.foreign["calendar.event"].ids
        )

    def test_a_visit_to_another_clinic_is_taken_time(self):
        self.other_specialist.company_ids += self.company
        day = self.day()
        shown = {column["id"] for column in day["specialists"]}
        self.assertIn(self.other_specialist.id, shown)
        (busy,) = day["busy"]
        self.assertEqual(busy["specialist"], self.other_specialist.id)
        self.assertEqual(busy["name"], "")
        self.assertNotIn(busy["id"], [card["id"] for card in day["visits"]])

    def test_another_clinics_visit_is_not_moved(self):
        event = self.foreign["calendar.event"]
        moves = self.env["clinic.visit.move"].with_user(self.users["desk"])
        with self.assertRaises(AccessError):
            moves.move_visit(
                event.id, "2030-06-07T12:00:00", self.specialist.id, accepted=[]
            )
        self.assertEqual(event.start, NOW + timedelta(days=2))


@tagged("post_install", "-at_install")
class TestMove(BoardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.specialist.copy(
            {"name": "Second specialist", "login": "second", "takes_visits": True}
        )
        cls.second.visit_calendar_id = cls.hours

    def move(self, event, hour=11, minute=0, specialist=None, **options):
        wall = f"{at(hour, minute):%Y-%m-%dT%H:%M:%S}"
        specialist = specialist or self.specialist
        return self.moves.move_visit(event.id, wall, specialist.id, **options)

    def test_only_asks_at_first(self):
        event = self.booked(10)
        before = event.start
        self.assertEqual(self.move(event), {"is_moved": False, "conflicts": []})
        self.assertEqual(event.start, before)

    def test_to_another_time_and_specialist(self):
        event = self.booked(10)
        event.visit_status = "confirmed"
        told = self.move(event, 15, 30, self.second, accepted=[])
        self.assertTrue(told["is_moved"])
        self.assertEqual(event.start, at(15, 30) - timedelta(hours=3))
        self.assertEqual(event.stop - event.start, timedelta(minutes=30))
        self.assertEqual(event.specialist_id, self.second)
        self.assertEqual(event.visit_status, "booked")  # a new question

    def test_staff_insist_on_what_they_have_read(self):
        event = self.booked(10)
        self.booked(15, ordinal=2)
        conflicts = self.move(event, 15)["conflicts"]
        self.assertEqual(len(conflicts), 1)
        self.assertFalse(self.move(event, 15, accepted=[])["is_moved"])
        self.assertFalse(self.move(event, 15, accepted=["Another"])["is_moved"])
        self.assertTrue(self.move(event, 15, accepted=conflicts)["is_moved"])

    def test_a_visit_does_not_stand_in_its_own_way(self):
        event = self.booked(10)
        self.assertTrue(self.move(event, 10, 15, accepted=[])["is_moved"])

    def test_outside_working_hours_is_told(self):
        self.assertTrue(self.move(self.booked(10), 20)["conflicts"])

    def test_what_is_over_stays_where_it_was(self):
        event = self.booked(10)
        event.visit_status = "done"
        with self.assertRaises(UserError):
            self.move(event, accepted=[])

    def test_to_nobody_but_a_specialist(self):
        with self.assertRaises(UserError):
            self.move(self.booked(10), specialist=self.desk, accepted=[])

    def test_a_private_visit_is_not_moved(self):
        event = self.booked(10)
        event.privacy = "private"
        with self.assertRaises(AccessError):
            self.move(event, accepted=[])

    def test_what_is_no_visit_is_not_moved(self):
        meeting = self.env["calendar.event"].create(
            {"name": "Consilium", "start": NOW, "stop": NOW + timedelta(hours=1)}
        )
        with self.assertRaises(AccessError):
            self.move(meeting, accepted=[])
