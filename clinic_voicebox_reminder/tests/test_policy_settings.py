"""Settings that contradict each other are refused, in words that name them."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .policy_case import PolicyCase

# settings, and the words that the refusal has to contain
CONTRADICTIONS = (
    (
        {"reminder_phone_daily_cap": 4, "reminder_phone_weekly_cap": 3},
        ("“Calls to a Number a Day” (4)", "“Calls to a Number in Seven Days” (3)"),
    ),
    (
        {"reminder_calls_per_day": 4, "reminder_max_calls": 3},
        ("“Calls a Day” (4)", "“Calls in All” (3)"),
    ),
    (
        {"reminder_min_notice": 48, "reminder_lead_days": 1},
        ("“Notice before the Visit” (hours: 48)", "(days before the visit: 1)"),
    ),
    ({"reminder_lead_days": 0}, ("“Days Before the Visit”", "less than 1")),
    ({"reminder_max_calls": 0}, ("“Calls in All”", "less than 1")),
    ({"reminder_pause_no_answer": -1}, ("“Pause after No Answer”", "less than 0")),
    ({"reminder_late_booking": -1}, ("“Late Booking”", "less than 0")),
    ({"voicebox_test_numbers": "+12025550101\n12"}, ("The test number 12",)),
)
# settings at the edge of the same rules, which are fine
AGREEMENTS = (
    {"reminder_phone_daily_cap": 3, "reminder_phone_weekly_cap": 3},
    {"reminder_phone_daily_cap": 4, "reminder_phone_weekly_cap": 0},
    {"reminder_calls_per_day": 3, "reminder_max_calls": 3},
    {"reminder_min_notice": 47, "reminder_lead_days": 1},
    {"reminder_min_notice": 48, "reminder_lead_days": 2},
    {"reminder_pause_no_answer": 0, "reminder_min_notice": 0},
)


@tagged("post_install", "-at_install")
class TestPolicySettings(PolicyCase):
    def test_contradictions_are_refused(self):
        for vals, words in CONTRADICTIONS:
            with self.subTest(vals), self.rolled_back():
                with self.assertRaises(ValidationError) as refused:
                    self.company.write(vals)
                for word in words:
                    self.assertIn(word, str(refused.exception))

    def test_the_second_of_two_settings_is_refused_too(self):
        """Whichever is changed last."""
        self.company.write(
            {
                "reminder_calls_per_day": 3,
                "reminder_min_notice": 50,
                "reminder_lead_days": 2,
                "reminder_phone_daily_cap": 3,
            }
        )
        for vals in (
            {"reminder_max_calls": 2},
            {"reminder_lead_days": 1},
            {"reminder_phone_weekly_cap": 2},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.company.write(vals)

    def test_what_agrees_is_taken(self):
        for vals in AGREEMENTS:
            with self.subTest(vals), self.rolled_back():
                self.company.write(vals)

    def test_flexible_hours_are_no_calling_hours(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "As you like", "schedule_type": "flexible"}
        )
        with self.assertRaisesRegex(
            ValidationError, "“Calling Hours” can't be flexible: “As you like”"
        ):
            self.company.reminder_calendar_id = calendar

    # === Hours over midnight === #
    def line(self, hour_from, hour_to):
        return {
            "name": "Night shift",
            "dayofweek": "0",
            "hour_from": hour_from,
            "hour_to": hour_to,
            "day_period": "full_day",
        }

    def test_hours_over_midnight_have_a_clear_error(self):
        calendars = self.env["resource.calendar"]
        lines = self.env["resource.calendar.attendance"]
        calendar = calendars.create({"name": "Nights"})
        words = "“Night shift” must end after it begins. Hours over midnight"
        for hours in ((22, 6), (22, 22), (22, 0)):
            line = self.line(*hours)
            command = [Command.clear(), Command.create(line)]
            for write in (
                lambda line=line: lines.create({**line, "calendar_id": calendar.id}),
                lambda c=command: calendars.create({"name": "N", "attendance_ids": c}),
                lambda c=command: calendar.write({"attendance_ids": c}),
            ):
                with (
                    self.subTest(hours=hours),
                    self.rolled_back(),
                    self.assertRaisesRegex(ValidationError, words),
                ):
                    write()

    def test_hours_over_midnight_as_two_lines(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Nights",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(self.line(22, 24)),
                    Command.create({**self.line(0, 6), "dayofweek": "1"}),
                ],
            }
        )
        self.company.reminder_calendar_id = calendar
        self.assertEqual(len(calendar.attendance_ids), 2)
