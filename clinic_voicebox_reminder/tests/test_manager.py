"""The manager's figures: what was planted is what is told, and what a click opens."""

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..tools.shares import ANSWERS, FEW
from ..tools.vocabulary import FINAL_RESULTS
from .common import ReminderCase
from .history import MINUTES, Planted, plant
from .permissions import PermissionCase
from .test_views import ADMINISTRATOR, USER

MANAGER = "clinic_voicebox_reminder.group_manager"
MOSCOW = ZoneInfo("Europe/Moscow")
VISITS = 10_000
FIRST = date(2030, 5, 5)  # a Sunday: the first of five weeks
DAYS = 35
WEEK = "2030-06-05"  # in the last of them
SLOTS = 10 * 60 // MINUTES  # of a day from eight to six
REFUSED = ("no_answer", "machine", "hung_up", "no_result")
# in a hundred visits
ANSWERED = {"confirmed": 55, "declined": 10, "operator": 5, "not_reached": 20, None: 10}
# in a hundred of each; the others came, or were cancelled by those who declined
NO_SHOWS = {"confirmed": 4, "declined": 5, "operator": 25, "not_reached": 30, None: 17}
CANCELLED = {"declined": 90}


def utc(day, hour, minute=0, zone=MOSCOW):
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return wall.astimezone(timezone.utc).replace(tzinfo=None)


class ManagerCase(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "manager-of-the-tests", groups=MANAGER, tz="Asia/Tokyo"
        )
        cls.page = cls.env["clinic.week"].with_user(cls.manager)
        cls.somebody = cls.env["res.partner"].create({"name": "Иванова Валерия"})

    def plant(self, *history, company=None):
        return plant(self.env, company or self.company, self.somebody, history)

    def week(self, day=WEEK, **context):
        return self.page.with_context(**context).get_week(day)

    def rows(self, *asked, **context):
        action = self.page.with_context(**context).get_rows(*asked)
        model = self.env[action["res_model"]].with_user(self.manager)
        return model.with_context(**context).search(action["domain"])

    def assertShare(self, share, part, whole):
        self.assertAlmostEqual(share["part"], part)
        self.assertAlmostEqual(share["whole"], whole)
        if whole:
            self.assertAlmostEqual(share["rate"], part / whole)
        else:
            self.assertIsNone(share["rate"])


def history(specialists):
    """Ten thousand visits of five weeks, of answers and attendance at known rates."""
    dice = Random(11)
    answers, statuses = deck(dice, ANSWERED), {}
    for answer in ANSWERED:
        statuses[answer] = deck(dice, attendance(answer))
    made = []
    for day, slot, who in product(range(DAYS), range(SLOTS), specialists):
        start = utc(FIRST + timedelta(days=day), 8) + timedelta(minutes=slot * MINUTES)
        for _visit in range(1 + (slot % 5 == 0)):  # booked again, if it came free
            answer = next(answers)
            status = next(statuses[answer])
            made.append(Planted(start, who, status, answer, calls(dice, start, answer)))
    return made[:VISITS]


def deck(dice, percentages):
    """Of every hundred exactly so many, in any order."""
    while True:
        cards = [card for card, number in percentages.items() for _n in range(number)]
        dice.shuffle(cards)
        yield from cards


def attendance(answer):
    told = {"no_show": NO_SHOWS[answer], "cancelled": CANCELLED.get(answer, 0)}
    return {**told, "done": 100 - sum(told.values())}


def calls(dice, start, answer):
    if not answer:
        return []
    number = 3 if answer == "not_reached" else dice.choice((1, 1, 2, 3))
    before = start - timedelta(days=1)
    moments = [
        before.replace(hour=dice.randrange(6 + n * 3, 9 + n * 3)) for n in range(number)
    ]
    results = [dice.choice(REFUSED) for _n in range(number)]
    if answer != "not_reached":
        results[-1] = answer
    return list(zip(moments, results, strict=True))


@tagged("post_install", "-at_install")
class TestPlantedHistory(ManagerCase):
    """Counted again by hand, from what was planted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.specialists = [
            new_test_user(cls.env, f"doctor{n}", takes_visits=True).id for n in range(4)
        ]
        cls.planted = history(cls.specialists)
        plant(cls.env, cls.company, cls.somebody, cls.planted)
        cls.page_data = cls.page.get_week(WEEK)
        cls.taken = {
            (one.specialist, one.start)
            for one in cls.planted
            if one.status != "cancelled"
        }

    # === By hand === #
    def local(self, moment):
        return moment.replace(tzinfo=timezone.utc).astimezone(MOSCOW)

    def visits(self, span, keys):
        """The planted visits of a span, as a table's row has them."""
        return [
            one
            for one in self.planted
            if self.is_in(one.start, span) and keys(one, self.local(one.start))
        ]

    def calls(self, span, keys):
        return [
            result
            for one in self.planted
            for number, (moment, result) in enumerate(one.calls, 1)
            if self.is_in(moment, span) and keys(number, self.local(moment))
        ]

    def is_in(self, moment, span):
        week = (self.local(moment).date() - FIRST).days // 7
        return 0 <= week < 4 if span == "before" else week == 4

    def by_hand(self, visits):
        """{measure: (part, whole)} of visits."""
        told = self.answers_by_hand([one.answer for one in visits if one.answer])
        for answer in (*ANSWERS, None):
            alike = [one.status for one in visits if one.answer == answer]
            told[f"no_show_{answer or 'none'}"] = no_shows(alike)
        told["no_show"] = no_shows([one.status for one in visits])
        gone = [one for one in visits if one.status == "cancelled"]
        filled = [one for one in gone if (one.specialist, one.start) in self.taken]
        told["refilled"] = len(filled) * MINUTES / 60, len(gone) * MINUTES / 60
        return told

    def answers_by_hand(self, answers):
        number = Counter(answers)
        told = {code: (number[code], len(answers)) for code in ANSWERS}
        reached = sum(number[code] for code in FINAL_RESULTS)
        return {**told, "reached": (reached, len(answers))}

    def assertTold(self, shares, told):
        self.assertEqual(set(shares), set(told))
        for measure, (part, whole) in told.items():
            with self.subTest(measure):
                self.assertShare(shares[measure], part, whole)

    # === The proof === #
    def test_the_whole_clinic(self):
        self.assertEqual(len(self.planted), VISITS)
        everything = self.visits("now", lambda *_any: True)
        self.assertGreater(len(everything), 1500)
        told = self.by_hand(everything)
        self.assertTold(self.page_data["weeks"][-1]["shares"], told)
        told = self.by_hand(self.visits("before", lambda *_any: True))
        self.assertTold(self.page_data["before"], told)

    def test_the_rates_are_those_that_were_planted(self):
        """Of the five weeks together, to the last visit."""
        now, before = self.page_data["weeks"][-1]["shares"], self.page_data["before"]

        def rate(measure):
            part, whole = (
                now[measure][side] + before[measure][side] for side in ("part", "whole")
            )
            return 100 * part / whole

        for answer, percent in ANSWERED.items():
            if answer:
                self.assertAlmostEqual(rate(answer), 100 * percent / 90, msg=answer)
            absent = NO_SHOWS[answer] / (100 - CANCELLED.get(answer, 0))
            told = rate(f"no_show_{answer or 'none'}")
            self.assertAlmostEqual(told, 100 * absent, msg=answer)

    def test_week_by_week(self):
        firsts = [FIRST + timedelta(weeks=n) for n in range(5)]
        weeks = self.page_data["weeks"]
        self.assertEqual([week["first"] for week in weeks], firsts)
        for first, week in zip(firsts, weeks, strict=True):
            days = range((first - FIRST).days, (first - FIRST).days + 7)
            alike = [
                one
                for one in self.planted
                if (self.local(one.start).date() - FIRST).days in days
            ]
            self.assertTold(week["shares"], self.by_hand(alike))

    def test_by_specialist_and_weekday(self):
        keys = {
            "specialist": lambda key: lambda one, _local: one.specialist == key,
            "weekday": lambda key: lambda _one, at: str(at.isoweekday()) == key,
        }
        for by, is_alike in keys.items():
            for row in self.page_data["groups"][by]:
                for span in ("now", "before"):
                    with self.subTest(by=by, key=row["key"], span=span):
                        alike = self.visits(span, is_alike(row["key"]))
                        self.assertTold(row[span], self.by_hand(alike))
        groups = self.page_data["groups"]
        self.assertEqual(
            {r["key"] for r in groups["specialist"]}, set(self.specialists)
        )
        self.assertEqual([r["key"] for r in groups["weekday"]], list("7123456"))

    def test_by_hour_and_number_of_the_call(self):
        keys = {
            "hour": lambda key: lambda _number, at: at.hour == key,
            "number": lambda key: lambda number, _at: number == key,
        }
        for by, is_alike in keys.items():
            rows = self.page_data["groups"][by]
            self.assertGreater(len(rows), 2)
            for row, span in product(rows, ("now", "before")):
                with self.subTest(by=by, key=row["key"], span=span):
                    results = self.calls(span, is_alike(row["key"]))
                    said = [r if r in FINAL_RESULTS else "not_reached" for r in results]
                    self.assertTold(row[span], self.answers_by_hand(said))

    def test_each_figure_leads_to_its_rows(self):
        """As many as are counted; of freed time, as many hours."""
        places = [(False, False, "now"), (False, False, "before")]
        places += [(False, False, str(FIRST + timedelta(weeks=2)))]
        for by, rows in self.page_data["groups"].items():
            places.append((by, rows[0]["key"], "now"))
        for by, key, span in places:
            shares = self.shares_at(by, key, span)
            for (measure, share), side in product(shares.items(), ("part", "whole")):
                with self.subTest(by=by, key=key, span=span, measure=measure):
                    counted = self.counted(WEEK, span, measure, side, by, key)
                    self.assertAlmostEqual(counted, share[side])

    def counted(self, *asked):
        action = self.page.get_rows(*asked)
        rows = self.env[action["res_model"]].with_user(self.manager)
        if asked[2] != "refilled":
            return rows.search_count(action["domain"])
        hours = "filled_hours" if asked[3] == "part" else "freed_hours"
        return rows._read_group(action["domain"], [], [f"{hours}:sum"])[0][0]

    def shares_at(self, by, key, span):
        if by:
            (row,) = (r for r in self.page_data["groups"][by] if r["key"] == key)
            return row[span]
        if span == "before":
            return self.page_data["before"]
        weeks = {str(w["first"]): w["shares"] for w in self.page_data["weeks"]}
        return weeks.get(span, self.page_data["weeks"][-1]["shares"])

    def test_few_are_marked(self):
        told = [*self.page_data["groups"]["specialist"]]
        told += self.page_data["groups"]["hour"]
        for row, span in product(told, ("now", "before")):
            for measure, share in row[span].items():
                if measure != "refilled":
                    self.assertEqual(share["few"], share["whole"] < FEW, measure)
        marks = {row["now"]["no_show_declined"]["few"] for row in told[:4]}
        self.assertIn(True, marks)

    def test_few_queries_whatever_the_number(self):
        """A count of visits and one of calls; each sets its plan and asks for zones."""
        self.page.get_week(WEEK)
        with self.assertQueryCount(6):
            self.page.get_week(WEEK)

    def test_the_export_holds_what_the_page_counts(self):
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        wanted = self.page.get_export(WEEK)
        rows = self.env[wanted["model"]].with_user(self.manager)
        self.assertEqual(rows.search_count(wanted["domain"]), VISITS)
        few = rows.search(wanted["domain"], limit=3)
        names = [one["name"] for one in wanted["fields"]]
        (first, *_rest) = few.export_data(names)["datas"]
        self.assertIn("Иванова Валерия", first)


def no_shows(statuses):
    number = Counter(statuses)
    return number["no_show"], number["no_show"] + number["done"]


@tagged("post_install", "-at_install")
class TestManagerWeek(ManagerCase):
    def shares(self, day=WEEK, **context):
        return self.week(day, **context)["weeks"][-1]["shares"]

    def test_an_empty_week_has_no_rate(self):
        for share in self.shares("2020-01-01").values():
            self.assertIsNone(share["rate"])
            self.assertTrue(share["few"])

    def test_a_week_begins_where_the_reader_s_weeks_do(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        english, russian = self.week(lang="en_US"), self.week(lang="ru_RU")
        self.assertEqual(english["weeks"][-1]["first"], date(2030, 6, 2))
        self.assertEqual(russian["weeks"][-1]["first"], date(2030, 6, 3))
        sunday = Planted(utc(date(2030, 6, 2), 12), self.specialist.id, "done")
        self.plant(sunday)
        counted = [self.shares(lang=lang)["no_show"] for lang in ("en_US", "ru_RU")]
        self.assertEqual([share["whole"] for share in counted], [1, 0])

    def test_nothing_of_the_weeks_to_come(self):
        self.assertFalse(self.week(False)["next"])
        self.assertEqual(self.week("2030-05-28")["next"], date(2030, 6, 2))

    def test_the_clock_is_the_clinics(self):
        """The reader is in Tokyo; on Wednesday evening it is Thursday in
        Vladivostok."""
        evening = datetime(2030, 6, 5, 20, 0)
        self.plant(
            Planted(
                evening,
                self.specialist.id,
                "done",
                "confirmed",
                [(evening, "confirmed")],
            )
        )
        for zone, day, hour in (
            ("Europe/Moscow", "3", 23),
            ("Asia/Vladivostok", "4", 6),
        ):
            self.company.reminder_tz = zone
            groups = self.week()["groups"]
            self.assertEqual([row["key"] for row in groups["weekday"]], [day])
            self.assertEqual([row["key"] for row in groups["hour"]], [hour])

    def test_hours_hold_when_the_clock_changes(self):
        """Berlin, 31 March 2030: at one o'clock UTC it is three there, not two."""
        self.company.reminder_tz = "Europe/Berlin"
        calls = [(datetime(2030, 3, 31, hour, 30), "no_answer") for hour in (0, 1)]
        calls.append((datetime(2030, 3, 31, 22, 30), "confirmed"))  # on Monday
        start = datetime(2030, 4, 2, 8, 0)
        self.plant(Planted(start, self.specialist.id, "done", "confirmed", calls))
        week = self.week("2030-03-31")["groups"]["hour"]
        told = {row["key"]: row["now"]["reached"]["whole"] for row in week}
        self.assertEqual(told, {0: 1, 1: 1, 3: 1})
        self.assertEqual(len(self.rows("2030-03-31", "now", "reached", "whole")), 1)

    def test_a_branch_without_a_zone_has_its_company_s(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.assertFalse(branch.reminder_tz)
        self.manager.company_ids += branch
        late = datetime(2030, 6, 5, 22, 0)
        self.plant(Planted(late, self.specialist.id, "done"), company=branch)
        chosen = {"allowed_company_ids": [self.company.id, branch.id]}
        weekdays = self.week(**chosen)["groups"]["weekday"]
        self.assertEqual([row["key"] for row in weekdays], ["4"])

    # === A visit that changed === #
    def test_a_moved_visit_keeps_its_answer_and_takes_its_attendance_along(self):
        event = self.visit(self.patient(), datetime(2030, 6, 6, 9, 0))
        self.run_cron("plan")
        self.at(datetime(2030, 6, 5, 7, 0))
        self.call()
        self.callback("operator", self.reminder_of(event).attempt_ids)
        event.start = datetime(2030, 6, 7, 9, 0)
        event.visit_status = "no_show"
        shares = self.shares()
        self.assertShare(shares["operator"], 1, 1)
        self.assertShare(shares["no_show_operator"], 0, 0)
        self.assertShare(shares["no_show_none"], 1, 1)

    def test_archived_visits_are_none(self):
        (event,) = self.plant(Planted(self.now, self.specialist.id, "no_show"))
        self.env["calendar.event"].browse(event).active = False
        self.assertShare(self.shares()["no_show"], 0, 0)

    def test_a_deleted_visit_leaves_its_answer(self):
        calls = [(self.now, "declined")]
        one = Planted(self.now, self.specialist.id, "cancelled", "declined", calls)
        self.env["calendar.event"].browse(self.plant(one)).unlink()
        self.assertShare(self.shares()["declined"], 1, 1)
        row = self.rows(WEEK, "now", "declined", "part")
        self.assertEqual(row.action_open()["res_model"], "clinic.reminder.call")
        self.assertEqual(row.patient_name, "Иванова Валерия")

    def test_half_of_a_freed_hour_is_filled(self):
        start = utc(date(2030, 6, 5), 12)
        half = start + timedelta(minutes=30)
        gone = Planted(start, self.specialist.id, "cancelled", minutes=60)
        instead = Planted(half, self.specialist.id, "booked", minutes=60)
        other = self.specialist.copy({"login": "another-specialist"})
        elsewhere = Planted(start, other.id, "booked", minutes=60)
        self.plant(gone, instead, elsewhere, Planted(self.now, other.id, "cancelled"))
        hours = 1 + MINUTES / 60
        self.assertShare(self.shares()["refilled"], 0.5, hours)
        for side, number in (("part", 1), ("whole", 2)):
            rows = self.rows(WEEK, "now", "refilled", side)
            self.assertEqual(len(rows), number)

    def test_two_at_once_fill_no_more_than_there_was(self):
        gone, *instead = (
            Planted(self.now, self.specialist.id, status, minutes=30)
            for status in ("cancelled", "done", "done")
        )
        self.plant(gone, *instead)
        self.assertShare(self.shares()["refilled"], 0.5, 0.5)

    # === Where it leads === #
    def test_a_row_leads_to_its_visit(self):
        (event,) = self.plant(Planted(self.now, self.specialist.id, "no_show"))
        row = self.rows(WEEK, "now", "no_show", "part")
        action = row.action_open()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("calendar.event", event)
        )

    def test_a_call_leads_to_its_attempt(self):
        calls = [(self.now, "confirmed")]
        self.plant(Planted(self.now, self.specialist.id, "done", "confirmed", calls))
        row = self.rows(WEEK, "now", "confirmed", "part", "number", 1)
        action = row.action_open()
        self.assertEqual(action["res_id"], row.attempt_id.id)

    def test_a_private_visit_is_counted_and_not_told(self):
        (event,) = self.plant(Planted(self.now, self.specialist.id, "no_show"))
        self.env["calendar.event"].browse(event).privacy = "private"
        row = self.rows(WEEK, "now", "no_show", "part")
        self.assertEqual(len(row), 1)
        self.assertEqual(row.patient_name, "")

    def test_who_sees_it(self):
        desk = new_test_user(self.env, "desk-without-figures", groups=USER)
        administrator = new_test_user(self.env, "boss", groups=ADMINISTRATOR)
        with self.assertRaises(AccessError):
            self.page.with_user(desk).get_week()
        for model in ("clinic.visit.report", "clinic.call.report"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(desk).search([])
        self.assertTrue(self.page.with_user(administrator).get_week())


@tagged("post_install", "-at_install")
class TestManagerOfClinics(PermissionCase):
    def test_the_chosen_clinics_alone(self):
        user = self.users["administrator"]
        page = self.env["clinic.week"].with_user(user)
        somebody = self.env["res.partner"].create({"name": "Somebody"})
        for company, doctor, number in (
            (self.company, self.specialist, 1),
            (self.other, self.other_specialist, 2),
        ):
            some = [Planted(self.now, doctor.id, "no_show") for _one in range(number)]
            plant(self.env, company, somebody, some)

        def counted(*companies):
            ids = [company.id for company in companies]
            chosen = page.with_context(allowed_company_ids=ids)
            week = chosen.get_week()
            rows = week["groups"]["specialist"]
            return week["weeks"][-1]["shares"]["no_show"]["part"], len(rows)

        self.assertEqual(counted(self.company), (1, 1))
        with self.assertRaises(AccessError):
            counted(self.other)
        user.company_ids += self.other
        self.assertEqual(counted(self.other), (2, 1))
        self.assertEqual(counted(self.company, self.other), (3, 2))
        asked = (False, "now", "no_show", "part")
        for company, number in ((self.company, 1), (self.other, 2)):
            chosen = page.with_context(allowed_company_ids=company.ids)
            action = chosen.get_rows(*asked)
            rows = chosen.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(rows), number)
