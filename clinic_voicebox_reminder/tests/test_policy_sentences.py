"""The sentence shown to staff and the decision come from one verdict (law 3)."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools.verdict import Verdict
from ..tools.vocabulary import SKIP_REASONS, selection
from .common import NOW
from .policy_case import NORMAL, PolicyCase, moment_of

REASONS = dict(selection(SKIP_REASONS))
LATER = NOW + timedelta(hours=5)
TOMORROW = NOW + timedelta(days=1)
# every kind of verdict, and the sentence for a reader in Moscow
SENTENCES = {
    Verdict("call", "", NOW): "Will be called as soon as a line is free.",
    Verdict("call", "", NOW - timedelta(hours=1), 2, ("no_answer",) * 2): (
        "Called twice, no answer. Will be called as soon as a line is free."
    ),
    Verdict("call", "paused", NOW, 1, ("hung_up",)): (
        "Called once, hung up. Will be called when Voicebox takes calls again."
    ),
    Verdict("call", "", NOW, 1, ("confirmed",)): (
        "Will be called as soon as a line is free."
    ),
    Verdict(
        "call", "phone_busy", NOW
    ): "Will be called after another call to this number.",
    Verdict("call", "", LATER): "Will be called today from 15:00.",
    Verdict("call", "phone_busy", LATER): "Will be called today from 15:00.",
    Verdict("call", "", TOMORROW): "Will be called on 6 June from 10:00.",
    Verdict("call", "", LATER, 1, ("hung_up",)): (
        "Called once, hung up; next call today after 15:00."
    ),
    Verdict("call", "", LATER, 2, ("hung_up", "hung_up")): (
        "Called twice, picked up twice, hung up; next call today after 15:00."
    ),
    Verdict("call", "", LATER, 4, ("hung_up", "no_answer", "hung_up", "machine")): (
        "Called 4 times, picked up twice, hung up; no answer once; answering machine "
        "once; next call today after 15:00."
    ),
    Verdict("call", "", LATER, 2, ("no_answer", "no_answer")): (
        "Called twice, no answer; next call today after 15:00."
    ),
    Verdict("call", "", TOMORROW, 4, ("machine",) * 4): (
        "Called 4 times, answering machine; next call on 6 June after 10:00."
    ),
    Verdict("hold", "disabled", NOW): "Not called: reminder calls are switched off.",
    Verdict("hold", "test_mode", LATER): (
        "Not called: test mode, and this is no test number."
    ),
    Verdict("never", "late_booking", hours=4): (
        "Not called: booked less than 4 hours before the visit."
    ),
    Verdict(
        "never", "muted", day=date(2030, 7, 1)
    ): "Not called: no calls until 1 July.",
    **{
        Verdict("never", reason): f"Not called: {words[0].lower()}{words[1:]}."
        for reason, words in selection(SKIP_REASONS)
        if reason not in ("disabled", "test_mode")
    },
    Verdict("never", "disabled"): "Not called: reminder calls are switched off.",
    Verdict("never", "test_mode"): "Not called: test mode, and this is no test number.",
}


@tagged("post_install", "-at_install")
class TestPolicySentences(PolicyCase):
    def sentence(self, event, tz="Europe/Moscow", lang="en_US"):
        event.invalidate_recordset(["reminder_explanation"])
        return event.with_context(tz=tz, lang=lang).reminder_explanation

    def row(self, **cells):
        columns = (
            "now booked visit visit_is patient clinic hours holidays calls_so_far"
        ).split()
        row = {column.replace("_", " "): "" for column in columns}
        return {**row, **NORMAL, **{k.replace("_", " "): v for k, v in cells.items()}}

    def deciding(self, verdict):
        """The policy decides so, whatever the visit is like."""
        return patch.object(
            type(self.policy), "_verdict", lambda policy, facts: verdict
        )

    # === One verdict for all === #
    def test_every_reason_has_a_sentence_of_its_own(self):
        sentences = [
            self.explanation._sentence(Verdict("never", reason)) for reason in REASONS
        ]
        self.assertEqual(len(set(sentences)), len(REASONS))
        for sentence in sentences:
            self.assertRegex(sentence, r"^Not called: [^%]+[^.]\.$")

    def test_sentence_plan_and_dial_follow_the_verdict(self):
        for verdict, sentence in SENTENCES.items():
            with self.subTest(verdict), self.rolled_back(), self.deciding(verdict):
                self.at(NOW)
                event = self.visit(self.patient())
                self.assertEqual(self.sentence(event), sentence)
                self.voicebox.requests.clear()
                self.run_cron("plan", "dispatch")
                due = verdict.is_due(NOW)
                self.assertEqual(len(self.voicebox.requests), due)
                self.check_reminder(self.reminder_of(event), verdict, sentence)

    def check_reminder(self, reminder, verdict, sentence):
        reader = reminder.with_context(tz="Europe/Moscow", lang="en_US")
        if verdict.is_due(NOW):
            self.assertEqual(reminder.state, "calling")
            self.assertEqual(reader.explanation, "Being called now.")
        elif verdict.kind != "never":
            self.assertEqual(reminder.state, "planned")
            self.assertEqual(reader.explanation, sentence)
            if verdict.moment > NOW:
                self.assertEqual(reminder.next_call_at, verdict.moment)
        elif reminder:
            self.assertEqual(reminder.state, "skipped")
            self.assertEqual(reminder.skip_reason, verdict.reason)
            self.assertEqual(reader.explanation, sentence)

    def test_an_open_reminder_follows_a_changed_verdict(self):
        event = self.visit(self.patient())
        with self.deciding(Verdict("call", "", LATER)):
            self.run_cron("plan")
        reminder = self.reminder_of(event)
        for reason in REASONS:
            verdict = Verdict("never", reason)
            with self.subTest(reason), self.rolled_back(), self.deciding(verdict):
                event.patient_id._reminder_mark()
                self.run_cron("plan", "dispatch")
                self.assertEqual(reminder.state, "skipped")
                self.assertEqual(reminder.skip_reason, reason)
                sentence = self.explanation._sentence(verdict)
                self.assertEqual(reminder.explanation, sentence)
        self.assertFalse(self.voicebox.requests)

    def test_call_now_is_refused_in_the_same_words(self):
        event = self.visit(self.patient(reminder_consent="refused"))
        with self.assertRaises(UserError) as refused:
            event.action_reminder_call_now()
        self.assertEqual(str(refused.exception), self.sentence(event))

    def test_why_a_question_fell(self):
        changes = {
            "moved": {"start": NOW + timedelta(days=2)},
            "archived": {"active": False},
            "specialist_changed": {"user_id": self.env.uid},
            "patient_changed": {"patient_id": self.patient("Петрова", 2).id},
            "no_patient": {"patient_id": False},
        }
        for reason, vals in changes.items():
            with self.subTest(reason), self.rolled_back():
                event = self.visit(self.patient())
                self.run_cron("plan")
                reminder = self.reminder_of(event)
                event.write(vals)
                words = REASONS[reason]
                expected = f"Not called: {words[0].lower()}{words[1:]}."
                self.assertEqual(reminder.explanation, expected)
                self.run_cron("plan")
                self.assertEqual(reminder.skip_reason, reason)
                self.assertEqual(reminder.explanation, expected)

    # === The examples === #
    def test_will_be_called_on(self):
        event = self.play(self.row(visit="2030-06-13 12:00"))
        self.assertEqual(self.sentence(event), "Will be called on 12 June from 9:00.")

    def test_called_twice(self):
        calls = "Wed 13:20 no answer; Wed 14:30 no answer"
        event = self.play(self.row(now="Wed 14:40", calls_so_far=calls))
        self.assertEqual(
            self.sentence(event),
            "Called twice, no answer; next call today after 15:30.",
        )

    def test_booked_too_late(self):
        late = {"now": "Wed 21:30", "booked": "Wed 21:00", "visit": "Thu 0:30"}
        event = self.play(self.row(**late, clinic="late booking: 4"))
        self.assertEqual(
            self.sentence(event),
            "Not called: booked less than 4 hours before the visit.",
        )

    def test_not_reached_but_picked_up(self):
        hung_up = "Wed 13:20 hung up; Wed 14:30 no answer; Wed 15:40 hung up"
        event = self.play(self.row(now="Wed 18:00", calls_so_far=hung_up))
        self.run_cron("plan", "sweep")
        self.assertEqual(
            self.sentence(event),
            "Called 3 times: the patient was not reached (picked up twice, hung up; "
            "no answer once). Please call.",
        )

    def test_how_often_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        explanation = self.explanation.with_context(lang="ru_RU")
        for number, times, picked_up in (
            (1, "один раз", "один раз сняли трубку и положили"),
            (2, "дважды", "дважды снимали трубку и клали"),
            (3, "3 раза", "3 раза снимали трубку и клали"),
            (5, "5 раз", "5 раз снимали трубку и клали"),
            (11, "11 раз", "11 раз снимали трубку и клали"),
            (21, "21 раз", "21 раз снимали трубку и клали"),
            (22, "22 раза", "22 раза снимали трубку и клали"),
        ):
            with self.subTest(number):
                self.assertEqual(explanation._times(number), times)
                said = explanation._result_in_words("hung_up", number)
                self.assertEqual(said, picked_up)

    def test_what_came_of_calls_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        explanation = self.explanation.with_context(lang="ru_RU", tz="Europe/Moscow")
        results = ("hung_up",) * 3
        self.assertEqual(
            explanation._sentence(Verdict("call", "", NOW, 3, results)),
            "Робот звонил 3 раза (3 раза снимали трубку и клали). "
            "Робот позвонит, как только освободится линия.",
        )

    # === The reader's zone and language === #
    def test_in_the_readers_zone(self):
        event = self.play(self.row(now="Tue 20:00"))
        sentences = {
            "Europe/Moscow": "Will be called on 5 June from 9:00.",
            "Asia/Vladivostok": "Will be called today from 16:00.",
            "Asia/Kathmandu": "Will be called on 5 June from 11:45.",
            "America/New_York": "Will be called on 5 June from 2:00.",
            "Pacific/Honolulu": "Will be called today from 20:00.",
            "UTC": "Will be called on 5 June from 6:00.",
        }
        for tz, sentence in sentences.items():
            with self.subTest(tz):
                self.assertEqual(self.sentence(event, tz), sentence)

    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        event = self.play(self.row(now="Tue 20:00"))
        sentence = self.sentence(event, lang="ru_RU")
        self.assertIn("5 июня", sentence)
        self.assertIn("9:00", sentence)
        event.patient_id.reminder_mute_until = date(2030, 9, 1)
        self.assertIn("1 сентября", self.sentence(event, lang="ru_RU"))

    def test_a_mute_is_a_date_in_every_zone(self):
        event = self.play(self.row(patient="muted until: 2030-09-01"))
        for tz in ("Pacific/Honolulu", "Europe/Moscow", "Pacific/Kiritimati"):
            self.assertEqual(
                self.sentence(event, tz), "Not called: no calls until 1 September."
            )

    def test_the_sentence_moves_with_the_clock(self):
        event = self.play(self.row(now="Mon 12:00"))
        steps = {
            "Tue 23:59": "Will be called on 5 June from 9:00.",
            "Wed 0:00": "Will be called today from 9:00.",
            "Wed 9:00": "Will be called as soon as a line is free.",
            "Wed 20:00": "Not called: no calling hours left before the visit.",
            "Thu 0:00": "Not called: the visit is today.",
            "Thu 12:00": "Not called: the visit's time has come.",
        }
        for now, sentence in steps.items():
            with self.subTest(now):
                self.at(moment_of(now, self.zone))
                self.assertEqual(self.sentence(event), sentence)

    def test_many_visits_are_explained_at_once(self):
        """A list of visits takes no more queries than a page of it."""
        patients = [self.patient(ordinal=n) for n in range(40)]
        events = self.env["calendar.event"]
        for patient in patients:
            events |= self.visit(patient, datetime(2030, 6, 6, 9))
        self.run_cron("plan")

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("reminder_explanation")
            return self.cr.sql_log_count - before

        queries(events)
        self.assertLessEqual(queries(events), queries(events[:10]) + 5)
