"""Law 3: every line of `policy_cases.csv` is played and compared with the verdict."""

from odoo.tests import tagged

from .policy_case import PolicyCase, moment_of, read_rows

LEAST_ROWS = 130


@tagged("post_install", "-at_install")
class TestPolicyTable(PolicyCase):
    def test_every_line_of_the_table(self):
        rows = read_rows()
        self.assertGreaterEqual(len(rows), LEAST_ROWS)
        for row in rows:
            with self.subTest(row["case"]), self.rolled_back():
                self.check(row)

    def test_the_lines_have_names_of_their_own(self):
        names = [row["case"] for row in read_rows()]
        self.assertEqual(len(names), len(set(names)))

    def check(self, row):
        event = self.play(row)
        verdict = self.policy._verdicts(event)[event.id]
        self.assertEqual(verdict.kind, row["decision"], verdict)
        self.assertEqual(verdict.reason, row["reason"], verdict)
        self.check_moment(verdict.moment, row["when"])
        reader = event.with_context(tz=self.zone.key, lang="en_US")
        if row["sentence"] or verdict.kind == "never":
            self.assertEqual(reader.reminder_explanation, row["sentence"])
        if "ringing" not in row["calls so far"] and event.patient_id:
            self.check_plan(event, verdict)

    def check_moment(self, moment, when):
        if not when:
            self.assertFalse(moment)
        elif when.startswith("between "):
            first, _and, last = when.removeprefix("between ").partition(" and ")
            self.assertGreaterEqual(moment, moment_of(first, self.zone))
            self.assertLess(moment, moment_of(last, self.zone))
        else:
            expected = self.now if when == "now" else moment_of(when, self.zone)
            self.assertEqual(moment, expected)

    def check_plan(self, event, verdict):
        """The plan does what the verdict says."""
        if open_ids := self.planner._open_ids():
            self.planner._reconcile_open(open_ids)
        self.planner._plan_visits([event.id])
        planned = self.reminder_of(event).filtered(lambda r: r.state == "planned")
        if verdict.kind == "never":
            self.assertFalse(planned)
        else:
            self.assertEqual(planned.next_call_at, verdict.moment)
