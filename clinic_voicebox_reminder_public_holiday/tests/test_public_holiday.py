from datetime import date, datetime

from odoo.tests import tagged

from odoo.addons.clinic_voicebox_reminder.tests.common import NOW, ReminderCase

TODAY = NOW.date()


@tagged("post_install", "-at_install")
class TestPublicHoliday(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.russia = cls.env.ref("base.ru")
        cls.moscow, cls.tver = cls.env["res.country.state"].create(
            [
                {"name": name, "code": name, "country_id": cls.russia.id}
                for name in ("Moscow of the tests", "Tver of the tests")
            ]
        )
        cls.company.partner_id.state_id = cls.moscow

    def holiday(self, country=None, states=None, day=TODAY):
        """A public holiday today, unless told otherwise."""
        return self.env["calendar.public.holiday"].create(
            {
                "year": day.year,
                "country_id": country.id if country else False,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Day of the tests",
                            "date": day,
                            "state_ids": [(6, 0, states.ids if states else [])],
                        },
                    )
                ],
            }
        )

    def verdict(self):
        """On a visit of tomorrow, about which one would call today."""
        visit = self.visit(self.patient())
        return self.policy._verdicts(visit)[visit.id]

    def assert_called_today(self):
        verdict = self.verdict()
        self.assertEqual((verdict.kind, verdict.moment.date()), ("call", TODAY))

    def test_a_day_without_a_holiday(self):
        self.assert_called_today()

    def test_a_holiday_that_comes_or_goes_is_planned_by(self):
        visit = self.visit(self.patient())
        self.run_cron("plan")
        planned = self.reminder_of(visit).next_call_at
        holiday = self.holiday(self.russia)
        self.run_cron("plan")
        self.assertNotEqual(self.reminder_of(visit).next_call_at, planned)
        holiday.line_ids.unlink()
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(visit).next_call_at.date(), TODAY)

    def test_no_call_on_a_holiday_of_the_country(self):
        self.holiday(self.russia)
        self.visit(self.patient())
        self.call()
        self.assertFalse(self.voicebox.requests)

    def test_a_holiday_everywhere_counts(self):
        self.holiday()
        self.assertNotEqual(self.verdict().kind, "call")

    def test_another_country_s_holiday_is_none(self):
        self.holiday(self.env.ref("base.de"))
        self.assert_called_today()

    def test_a_holiday_of_the_clinic_s_state_counts(self):
        self.holiday(self.russia, self.moscow)
        self.assertNotEqual(self.verdict().kind, "call")

    def test_another_state_s_holiday_is_none(self):
        self.holiday(self.russia, self.tver)
        self.assert_called_today()

    def test_the_call_is_made_on_the_last_day_before_the_holiday(self):
        self.holiday(self.russia, day=date(2030, 6, 6))
        visit = self.visit(self.patient(), datetime(2030, 6, 7, 9, 0))
        moment = self.policy._verdicts(visit)[visit.id].moment
        self.assertEqual(moment.date(), TODAY)

    def test_the_whole_day_is_off_on_the_patient_s_clock(self):
        self.holiday(self.russia, day=date(2030, 6, 6))
        windows = self.company.reminder_calendar_id._reminder_wall_windows(
            date(2030, 6, 5), date(2030, 6, 7), self.company
        )
        days = [opens.date() for opens, _closes in windows]
        self.assertEqual(days, [date(2030, 6, 5), date(2030, 6, 7)])

    def test_a_branch_has_those_of_the_company_above(self):
        self.holiday(self.russia)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "country_id": False}
        )
        windows = self.company.reminder_calendar_id._reminder_wall_windows(
            TODAY, TODAY, branch
        )
        self.assertFalse(windows)

    def test_a_holiday_is_no_visit(self):
        event = self.holiday(self.russia).line_ids.meeting_id
        self.assertTrue(event)
        self.assertFalse(event.patient_id)
