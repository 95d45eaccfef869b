"""A contact has a mobile number too, where OCA's partner_mobile is installed."""

from odoo.tests import tagged

from .common import ReminderCase

MOBILE = "+12025550177"


@tagged("post_install", "-at_install", "-standard", "neighbours")
class TestMobile(ReminderCase):
    def patient_with(self, **numbers):
        return self.patient(**{"phone": False, **numbers})

    def dialled(self, **numbers):
        self.visit(self.patient_with(**numbers))
        self.call()
        return self.voicebox.numbers

    def test_the_only_number_is_called(self):
        self.assertEqual(self.dialled(mobile=MOBILE), [MOBILE[1:]])

    def test_the_mobile_goes_before_the_phone(self):
        self.assertEqual(
            self.dialled(mobile=MOBILE, phone="+12025550101"), [MOBILE[1:]]
        )

    def test_the_phone_where_the_mobile_can_t_be_dialled(self):
        self.assertEqual(
            self.dialled(mobile="ask the daughter", phone="+12025550101"),
            ["12025550101"],
        )

    def test_no_number_and_none_that_can_be_dialled(self):
        for mobile, reason in ((False, "no_phone"), ("12", "bad_phone")):
            with self.subTest(reason):
                visit = self.visit(self.patient_with(mobile=mobile))
                verdict = self.policy._verdicts(visit)[visit.id]
                self.assertEqual(verdict.reason, reason)

    def test_staff_see_it_and_find_the_visit_by_it(self):
        visit = self.visit(self.patient_with(mobile=MOBILE))
        self.assertEqual(visit.patient_phone, MOBILE)
        found = self.env["calendar.event"].search([("patient_phone", "ilike", "0177")])
        self.assertIn(visit, found)
        self.run_cron("plan")
        by_caller = self.env["calendar.event"].search(
            [("patient_phone", "ilike", "202 555-01-77")]
        )
        self.assertIn(visit, by_caller)

    def test_either_number_finds_the_visit(self):
        visit = self.visit(self.patient_with(mobile=MOBILE, phone="+12025550101"))
        for digits in ("5550177", "5550101"):
            found = self.env["calendar.event"].search(
                [("patient_phone", "ilike", digits)]
            )
            self.assertIn(visit, found)

    def test_a_changed_mobile_wakes_the_plan(self):
        visit = self.visit(self.patient_with(mobile="12"))
        self.run_cron("plan")
        self.assertEqual(self.reminder_of(visit).skip_reason, "bad_phone")
        cron = self.env.ref("clinic_voicebox_reminder.ir_cron_plan")
        of_plan = [("cron_id", "=", cron.id)]
        self.env["ir.cron.trigger"].search(of_plan).unlink()
        visit.patient_id.mobile = MOBILE
        self.assertTrue(self.env["ir.cron.trigger"].search(of_plan))
        self.call()
        self.assertEqual(self.voicebox.numbers, [MOBILE[1:]])

    def test_a_patient_s_own_data_name_it(self):
        patient = self.patient_with(mobile=MOBILE)
        export = self.env["clinic.reminder.privacy"]._export_patient(patient)
        self.assertEqual(export["patient"]["mobile"], MOBILE)
