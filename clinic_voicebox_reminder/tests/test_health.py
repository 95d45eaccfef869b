"""The health page, the route for monitoring, and the notice that calling is stopped."""

from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..controllers.main import HEALTH_PATH
from ..tools import health
from .common import ReminderCase
from .test_callback import CallbackCase
from .test_callback_limits import CountedAtOnce
from .test_views import DeskCase

PATIENT = "Иванова Валерия Сергеевна"


@tagged("post_install", "-at_install")
class TestHealthRules(TransactionCase):
    def test_a_sudden_rise_of_no_answer(self):
        for calls, rise in (
            ((15, 20, 300, 1000), True),
            ((60, 100, 300, 1000), True),
            ((19, 19, 300, 1000), False),  # too few
            ((20, 20, 5, 10), False),  # too few before
            ((8, 20, 300, 1000), False),  # chance
            ((320, 1000, 300, 1000), False),  # certain, but no matter
            ((5, 20, 0, 1000), True),
            ((0, 20, 900, 1000), False),  # a fall
        ):
            with self.subTest(calls):
                self.assertEqual(health.is_sudden_rise(*calls), rise)

    def test_a_scheduled_action(self):
        minute = timedelta(minutes=1)
        for age, interval, level in (
            (9, 1, "ok"),
            (11, 1, "error"),
            (19, 10, "ok"),
            (21, 10, "error"),
        ):
            with self.subTest(age):
                found = health.level_of_cron(True, 0, age * minute, interval * minute)
                self.assertEqual(found, level)
        self.assertEqual(health.level_of_cron(False, 0, minute, minute), "error")
        self.assertEqual(health.level_of_cron(True, 1, minute, minute), "warning")

    def test_the_worst_light_counts(self):
        self.assertEqual(health.worst(["ok", "error", "warning"]), "error")
        self.assertEqual(health.worst([]), "ok")


class HealthCase(ReminderCase):
    def setUp(self):
        super().setUp()
        self.crons_ran()

    def crons_ran(self, **ago):
        for name in ("plan", "dispatch", "sweep"):
            self.env.ref(f"clinic_voicebox_reminder.ir_cron_{name}").lastcall = (
                self.now - timedelta(**ago)
            )

    def checks(self):
        self.env.invalidate_all()
        sections = self.env["clinic.reminder.health"]._sections(self.company)
        return {check.name: check for _title, checks in sections for check in checks}

    def level(self, name):
        return self.checks()[name].level


@tagged("post_install", "-at_install")
class TestHealth(HealthCase):
    def attempts(self, results, requested_at):
        reminder = self.reminders.search([], limit=1)
        number = max(reminder.attempt_ids.mapped("number"), default=0)
        self.env["clinic.reminder.attempt"].create(
            [
                {
                    "reminder_id": reminder.id,
                    "company_id": self.company.id,
                    "number": number + ordinal,
                    "guid": f"{requested_at}-{number + ordinal}",
                    "state": "finished",
                    "result": result,
                    "http_status": 200,
                    "requested_at": requested_at,
                    "deadline": requested_at,
                }
                for ordinal, result in enumerate(results, 1)
            ]
        )

    def test_all_is_well(self):
        self.visit(self.patient())
        self.call()
        self.crons_ran()
        checks = self.checks()
        levels = {name: check.level for name, check in checks.items()}
        self.assertEqual(set(levels.values()), {"ok"}, levels)
        self.assertEqual(checks["replies"].figures, {"accepted": 1})

    def test_mode(self):
        self.company.voicebox_mode = "test"
        self.assertEqual(self.level("mode"), "warning")
        self.company.voicebox_mode = "disabled"
        self.assertEqual(self.level("mode"), "warning")
        self.company.write({"voicebox_mode": "live", "voicebox_login": False})
        self.assertEqual(self.level("mode"), "error")

    def test_a_dispatcher_that_does_not_run_is_an_alarm(self):
        self.crons_ran(minutes=11)
        dispatch = self.checks()["dispatch"]
        self.assertEqual(dispatch.level, "error")
        self.assertIn("no run since", dispatch.sentence)
        self.assertEqual(self.level("plan"), "ok")
        self.crons_ran()
        self.env.ref("clinic_voicebox_reminder.ir_cron_dispatch").active = False
        self.assertEqual(self.level("dispatch"), "error")

    def test_a_paused_connection(self):
        self.voicebox.reply = (401, {}, {})
        self.visit(self.patient())
        self.call()
        self.assertEqual(self.level("connection"), "error")
        self.assertEqual(self.checks()["backlog"].figures["due_paused"], 1)

    def test_backlog_by_reason(self):
        patients = [self.patient(ordinal=n) for n in (1, 2, 3)]
        patients[2].phone = patients[0].phone
        self.company.write({"voicebox_max_lines": 1, "reminder_spread": False})
        for patient in patients:
            self.visit(patient)
        self.call()
        figures = self.checks()["backlog"].figures
        self.assertEqual(figures["due"], 2)
        self.assertEqual((figures["due_busy"], figures["due_no_line"]), (1, 1))
        self.assertEqual(self.level("backlog"), "ok")
        self.later(minutes=40)
        self.assertEqual(self.level("backlog"), "warning")

    def test_due_calls_that_nothing_hinders_are_an_alarm(self):
        self.visit(self.patient())
        self.run_cron("plan")
        self.reminders.search([]).next_call_at = self.now
        self.assertEqual(self.level("backlog"), "ok")
        self.later(minutes=11)
        self.assertEqual(self.level("backlog"), "error")
        self.company.voicebox_mode = "disabled"
        self.assertEqual(self.level("backlog"), "ok")
        self.assertEqual(self.checks()["backlog"].figures["due_held"], 1)

    def test_a_slow_queue_is_no_alarm(self):
        self.company.write({"voicebox_calls_per_minute": 1, "reminder_spread": False})
        for ordinal in (1, 2, 3):
            self.visit(self.patient(ordinal=ordinal))
        self.call()
        self.later(minutes=9)
        self.run_cron("dispatch")
        self.later(minutes=3)
        self.assertEqual(self.checks()["backlog"].figures["due_unexplained"], 1)
        self.assertEqual(self.level("backlog"), "ok")
        self.later(minutes=11)
        self.assertEqual(self.level("backlog"), "error")

    def test_operators_block_the_calls(self):
        self.visit(self.patient())
        self.run_cron("plan")
        before = self.now - timedelta(days=7)
        self.attempts(["no_answer"] * 10 + ["confirmed"] * 30, before)
        self.attempts(["no_answer"] * 5 + ["confirmed"] * 15, self.now)
        self.assertEqual(self.level("no_answer"), "ok")
        self.attempts(["no_answer"] * 20, self.now)
        check = self.checks()["no_answer"]
        self.assertEqual(check.level, "warning")
        self.assertEqual(check.figures, {"percent_today": 62, "percent_before": 25})

    def test_calls_without_a_result(self):
        self.visit(self.patient())
        self.run_cron("plan")
        self.attempts(["confirmed"] * 17 + ["no_result"] * 3, self.now)
        self.assertEqual(self.level("no_result"), "warning")

    def test_a_day_begins_at_the_clinic_s_midnight(self):
        self.visit(self.patient())
        self.run_cron("plan")
        self.attempts(["no_result"] * 30, self.now - timedelta(hours=10, minutes=1))
        self.assertEqual(self.checks()["no_result"].figures, {"today": 0})

    def test_callbacks(self):
        self.visit(self.patient())
        self.call()
        attempt = self.reminders.search([]).attempt_ids
        self.callback("answered", attempt)
        self.assertEqual(self.level("callbacks"), "ok")
        self.callback("perhaps", attempt)
        check = self.checks()["callbacks"]
        self.assertEqual(check.level, "warning")
        self.assertEqual(check.figures, {"applied": 1, "unknown_response": 1})

    def test_wrong_secrets_and_dropped_callbacks(self):
        hour = {"hour": self.now.replace(minute=0), "count": 5}
        tallies = self.env["voicebox.tally"]
        tallies.create({**hour, "kind": "refused"})
        self.assertEqual(self.level("refused"), "warning")
        self.assertEqual(self.level("unmatched"), "ok")
        tallies.create({**hour, "kind": "dropped", "company_id": self.company.id})
        self.assertEqual(self.level("unmatched"), "error")
        self.assertEqual(self.level("callbacks"), "ok")
        tallies.create({**hour, "kind": "surplus", "company_id": self.company.id})
        self.assertEqual(self.level("callbacks"), "warning")
        self.assertEqual(self.checks()["callbacks"].figures["surplus_today"], 5)

    def test_a_company_sees_its_own(self):
        self.visit(self.patient())
        self.call()
        self.company = self.env["res.company"].create({"name": "Another clinic"})
        checks = self.checks()
        self.assertEqual(checks["replies"].figures, {})
        self.assertEqual(checks["backlog"].figures["due"], 0)
        self.assertEqual(checks["mode"].level, "warning")

    def test_the_number_of_queries_does_not_grow(self):
        def queries():
            before = self.env.cr.sql_log_count
            self.checks()
            return self.env.cr.sql_log_count - before

        self.visit(self.patient())
        self.call()
        queries()  # fills caches that later calls find
        few = queries()
        for ordinal in range(2, 12):
            self.visit(self.patient(ordinal=ordinal))
        self.call()
        self.assertEqual(queries(), few)
        self.assertLess(few, 25)


@tagged("post_install", "-at_install")
class TestHealthPage(DeskCase, HealthCase):
    def page(self, user):
        model = self.env["clinic.reminder.health.page"].with_user(user)
        return html.fromstring(model.create({}).content)

    def test_a_light_and_a_sentence_for_each_check(self):
        self.visit(self.patient(PATIENT))
        self.call()
        page = self.page(self.admin)
        shown = page.xpath("//li/@data-check")
        self.assertEqual(shown, list(self.checks()))
        self.assertEqual(len(page.xpath("//li//i[@title]")), len(shown))

    def test_no_patient_on_it(self):
        self.visit(self.patient(PATIENT))
        self.call()
        text = html.tostring(self.page(self.admin), encoding="unicode")
        for personal in ("Иванова", "Валерия", "2025550101", "Эндоскопист"):
            self.assertNotIn(personal, text)

    def test_administrators_only(self):
        for user in (self.desk, self.outsider):
            with self.assertRaises(AccessError):
                self.page(user)

    def test_without_the_settings_no_link_to_them(self):
        self.admin.group_ids -= self.env.ref("base.group_system")
        links = self.page(self.admin).xpath("//a/@href")
        self.assertTrue(links)
        self.assertFalse([link for link in links if "config" in link])


@tagged("post_install", "-at_install")
class TestHealthRoute(CountedAtOnce, CallbackCase, HealthCase):
    def get(self, secret="secret-of-the-tests"):
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.env.flush_all()
        return self.url_open(HEALTH_PATH, headers=headers)

    def test_the_company_of_the_secret(self):
        self.crons_ran()
        reply = self.get()
        self.assertEqual(reply.status_code, 200)
        report = reply.json()
        self.assertEqual((report["status"], report["company"]), ("ok", self.company.id))
        self.assertEqual(set(report["checks"]), set(self.checks()))
        for check in report["checks"].values():
            self.assertIn(check["status"], health.LEVELS)
        for personal in ("Иванова", "Валерия", "2025550101", "Эндоскопист"):
            self.assertNotIn(personal, reply.text)
        self.assertNotIn("Set-Cookie", reply.headers)

    def test_an_alarm_is_a_503(self):
        self.crons_ran(hours=1)
        reply = self.get()
        self.assertEqual(reply.status_code, 503)
        self.assertEqual(reply.json()["checks"]["dispatch"]["status"], "error")

    def test_a_warning_is_none(self):
        self.crons_ran()
        self.company.voicebox_mode = "test"
        reply = self.get()
        self.assertEqual((reply.status_code, reply.json()["status"]), (200, "warning"))

    def test_nobody_else_learns_anything(self):
        for secret in ("wrong", None):
            with patch.object(
                self.env.registry["clinic.reminder.health"], "_report"
            ) as report:
                reply = self.get(secret)
            self.assertEqual(reply.status_code, 401)
            self.assertEqual(reply.json(), {"status": "unauthorized"})
            report.assert_not_called()


@tagged("post_install", "-at_install")
class TestCallingNotice(DeskCase):
    def notice(self, **context):
        channels = self.as_desk(self.env["voicebox.channel"]).with_context(**context)
        return channels.get_calling_notice()

    def pause(self, kind, **ago):
        channel = self.env["voicebox.channel"]._for_companies(self.company)
        channel.write(
            {
                "state": "paused",
                "error_kind": kind,
                "paused_since": fields.Datetime.now() - timedelta(**ago),
                "pause_until": fields.Datetime.now() + timedelta(minutes=15),
            }
        )

    def test_while_all_is_well_there_is_none(self):
        event = self.planned()
        self.assertEqual(self.notice(), "")
        self.assertFalse(self.as_desk(event).calling_notice)
        self.assertFalse(self.as_desk(event.reminder_call_ids).calling_notice)

    def test_staff_see_why_calling_is_stopped(self):
        event = self.planned()
        self.pause("configuration")
        for notice in (
            self.notice(),
            self.as_desk(event).calling_notice,
            self.as_desk(event.reminder_call_ids).calling_notice,
        ):
            self.assertIn("Settings or credentials", notice)

    def test_a_short_pause_is_not_worth_a_banner(self):
        self.pause("not_sent", minutes=2)
        self.assertEqual(self.notice(), "")
        self.pause("not_sent", minutes=6)
        self.assertIn("can't be reached", self.notice())

    def test_the_mode(self):
        self.company.voicebox_mode = "test"
        self.assertIn("test numbers", self.notice())
        self.company.voicebox_mode = "disabled"
        self.assertIn("switched off", self.notice())

    def test_a_company_without_calls_is_not_spoken_of(self):
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.desk.company_ids += other
        both = [self.company.id, other.id]
        self.assertEqual(self.notice(allowed_company_ids=both), "")
        self.pause("configuration")
        notice = self.notice(allowed_company_ids=both)
        self.assertIn(self.company.name, notice)
        self.assertNotIn("Another clinic", notice)

    def test_not_on_what_is_over(self):
        event = self.planned()
        self.company.voicebox_mode = "disabled"
        self.assertTrue(event.calling_notice)
        event.visit_status = "done"
        self.assertFalse(event.calling_notice)

    def test_nobody_outside_learns_it(self):
        self.company.voicebox_mode = "disabled"
        public = self.env.ref("base.public_user")
        channels = self.env["voicebox.channel"].with_user(public)
        self.assertEqual(channels.get_calling_notice(), "")
