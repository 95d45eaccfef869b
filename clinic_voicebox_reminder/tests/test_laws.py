"""The ten laws under random interleavings, on the real addon and database.

A failing sequence is printed shrunk by hypothesis: a list of steps to read.
"""

import os
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools.voicebox_client import VoiceboxClient
from ..tools.voicebox_reply import VoiceboxReply
from .common import NOW, ReminderCase
from .reference import Reference

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

WORDS = ("answered", "confirmed", "declined", "operator", "no_answer", "machine", "4")
ODD_WORDS = ("perhaps", "")
KINDS = ("accepted",) * 6 + (
    "ambiguous",
    "not_sent",
    "throttled",
    "configuration",
    "rejected",
)
VISITS = range(8)  # the last three are a series
ATTEMPTS = range(6)


def steps():
    """What may happen, as hypothesis draws it."""
    return st.one_of(
        st.tuples(st.just("tick"), st.sampled_from((1, 5, 16, 31, 61, 200, 700, 1500))),
        *[
            st.tuples(
                st.just("run"),
                st.sampled_from(("plan", "dispatch", "dispatch", "sweep")),
            )
        ]
        * 4,
        st.tuples(st.just("replies"), st.lists(st.sampled_from(KINDS), max_size=4)),
        *[
            st.tuples(
                st.just("callback"),
                st.sampled_from(ATTEMPTS),
                st.sampled_from(WORDS + WORDS + ODD_WORDS),
                st.sampled_from(
                    ("guid", "both", "call_id", "both", "number", "swapped", "unknown")
                ),
            )
        ]
        * 4,
        st.tuples(
            st.just("status"),
            st.sampled_from(VISITS),
            st.sampled_from(
                ("booked", "confirmed", "cancelled", "done", "no_show", "not_confirmed")
            ),
        ),
        st.tuples(
            st.just("visit"),
            st.sampled_from(VISITS),
            st.sampled_from(
                (
                    "move",
                    "move_back",
                    "archive",
                    "restore",
                    "delete",
                    "other_specialist",
                )
            ),
        ),
        st.tuples(
            st.just("series"), st.sampled_from(("rename", "move", "move_back", "cut"))
        ),
        st.tuples(
            st.just("staff"),
            st.sampled_from(VISITS),
            st.sampled_from(("now", "skip", "done", "called", "declined_by_mail")),
        ),
        st.tuples(
            st.just("patient"),
            st.sampled_from(VISITS),
            st.sampled_from(("opt_out", "opt_in", "phone", "no_phone")),
        ),
        st.tuples(
            st.just("setting"),
            st.sampled_from(
                (
                    {"reminder_max_calls": 2},
                    {"reminder_max_calls": 3},
                    {"voicebox_mode": "disabled"},
                    {"voicebox_mode": "live"},
                    {"voicebox_max_lines": 1},
                    {"voicebox_max_lines": 0},
                    {"reminder_one_call_a_day": False},
                    {"reminder_one_call_a_day": True},
                    {"reminder_lead_days": 2},
                    {"reminder_lead_days": 1},
                    {"reminder_pause_no_answer": 0, "reminder_pause_no_result": 0},
                    {"reminder_phone_daily_cap": 1},
                    {"reminder_phone_daily_cap": 0},
                    {"voicebox_calls_per_minute": 1},
                    {"voicebox_calls_per_minute": 0},
                    {"reminder_spread": True},
                )
            ),
        ),
    )


@tagged("post_install", "-at_install", "slow")
class TestLaws(ReminderCase):
    examples = int(os.environ.get("REMINDER_LAWS_EXAMPLES", 30))

    def test_random_interleavings(self):
        if not given:
            self.skipTest("random cases need the Python package hypothesis")
        profile = settings(
            max_examples=self.examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )

        @profile
        @given(st.lists(steps(), min_size=15, max_size=40))
        def play(sequence):
            self.play(sequence)

        play()

    def play(self, sequence):
        """One clinic's evening; undone afterwards."""
        with self.env.cr.savepoint() as savepoint:
            self.begin()
            with patch.object(VoiceboxClient, "call", self.post_of()):
                self.do_run("plan")
                self.do_run("dispatch")
                for step in sequence:
                    getattr(self, f"do_{step[0]}")(*step[1:])
                    self.check()
                self.end()
            savepoint.rollback()
        self.env.invalidate_all()

    def begin(self):
        self.at(NOW)
        self.reference = Reference()
        self.posts, self.kinds, self.sent = [], [], 0
        mother, other = self.patient(), self.patient("Петров Пётр Ильич", 2)
        child = self.patient("Иванов Илья Петрович", 1)
        self.second = self.specialist.copy({"login": "second-of-the-laws"})
        self.treated_daily = self.patient("Сидорова Анна Ильинична", 4)
        day = timedelta(days=1)
        self.visits = [
            self.visit(mother, start=NOW + day + timedelta(hours=2)),
            self.visit(mother, start=NOW + day + timedelta(hours=5)),
            self.visit(child, start=NOW + day + timedelta(hours=3)),
            self.visit(other, start=NOW + 2 * day),
            self.visit(
                mother, start=NOW + day + timedelta(hours=2), user_id=self.second.id
            ),
        ]
        self.visit(
            self.treated_daily,
            start=NOW + day,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=3,
            event_tz="UTC",
        )

    def post_of(self):
        """What stands for the client's method; runs in the dispatcher's threads."""
        known = {"accepted": 200, "ambiguous": 500, "throttled": 429}

        def post(client, number, guid, name, visit, more):
            self.posts.append({"number": number, "guid": guid})
            kind = self.kinds.pop() if self.kinds else "accepted"
            return VoiceboxReply(
                kind,
                call_id=f"call {len(self.posts)}" if kind == "accepted" else "",
                http_status=known.get(kind, 400),
            )

        return post

    # === Steps === #
    def do_tick(self, minutes):
        self.later(minutes=minutes)

    def do_run(self, name):
        before = len(self.posts)
        self.run_cron(name)
        for dial in self.posts[before:]:
            self.reference.posted(dial, self.asked_visit(dial["guid"]), self.now)

    def asked_visit(self, guid):
        attempt = self.attempts().filtered(lambda a: a.guid == guid)
        event = attempt.reminder_id.event_id
        return event and {
            "active": event.active,
            "status": event.visit_status,
            "start": event.start,
            "asked_for": attempt.reminder_id.visit_start,
            "do_not_call": event.patient_id.reminder_do_not_call,
        }

    def do_replies(self, kinds):
        self.kinds[:] = kinds

    def do_callback(self, index, word, how):
        attempts = self.attempts()
        if not attempts:
            return
        attempt = attempts[index % len(attempts)]
        values = {
            "guid": {"guid": attempt.guid, "call_id": ""},
            "call_id": {"guid": "", "call_id": attempt.call_id or f"call {index}"},
            "both": {"guid": attempt.guid, "call_id": attempt.call_id or ""},
            "number": {"number_b": "12025550199"},
            "swapped": {"call_id": attempts[index % len(attempts) - 1].call_id or ""},
            "unknown": {"guid": "no such guid", "call_id": "no such call"},
        }[how]
        self.sent += 1
        self.callback(word, attempt, **values)

    def event(self, index):
        """A visit that is there; editing a series makes new ones."""
        if index < len(self.visits):
            return self.visits[index].exists()
        treatments = self.treatments()
        return treatments[index % len(treatments)] if treatments else treatments

    def treatments(self):
        of_patient = [("patient_id", "=", self.treated_daily.id)]
        return self.env["calendar.event"].search(of_patient, order="start, id")

    def do_status(self, index, status):
        if event := self.event(index):
            event.visit_status = status
            self.reference.staff_set(event.id, status)

    def do_visit(self, index, what):
        event = self.event(index)
        if not event:
            return
        if what == "delete":
            event.unlink()
        elif what in ("archive", "restore"):
            event.active = what == "restore"
        elif what == "other_specialist":
            event.user_id = (self.specialist | self.env.user) - event.user_id
            self.reference.moved(event.id)
        else:
            hour = timedelta(hours=1)
            event.start += hour if what == "move" else -hour
            self.reference.moved(event.id)

    def do_series(self, what):
        """Edit the series from its second visit on, or all of it."""
        event = self.treatments().filtered("recurrence_id")[1:2]
        if not event:
            return
        hour = timedelta(hours=1 if what == "move" else -1)
        times = {"start": event.start + hour, "stop": event.stop + hour}
        event.write(
            {
                "rename": {"recurrence_update": "future_events", "name": "Renamed"},
                "move": {"recurrence_update": "all_events", **times},
                "move_back": {"recurrence_update": "future_events", **times},
                "cut": {"recurrence_update": "all_events", "recurrency": False},
            }[what]
        )
        for edited in self.env["calendar.event"].browse(self.reference.by_staff):
            if edited.exists():
                self.reference.moved(edited.id)

    def do_staff(self, index, what):
        event = self.event(index)
        reminder = event and self.reminder_of(event)[-1:]
        if not reminder:
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, f"staff_{what}")(reminder)
        except UserError:
            self.env.invalidate_all()

    def staff_now(self, reminder):
        reminder.action_call_now()

    def staff_skip(self, reminder):
        reminder.action_skip()

    def staff_done(self, reminder):
        reminder.action_done_by_staff()

    def staff_called(self, reminder):
        """A person has called: the patient will come."""
        wizards = self.env["clinic.reminder.manual.call"]
        wizards.create(
            {"reminder_id": reminder.id, "result": "confirmed"}
        ).action_note()
        self.reference.staff_set(reminder.event_id.id, "confirmed")

    def staff_declined_by_mail(self, reminder):
        """The patient's own click in the invitation."""
        event = reminder.event_id
        event.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == event.patient_id
        ).do_decline()

    def do_patient(self, index, what):
        if event := self.event(index):
            event.patient_id.write(
                {
                    "opt_out": {"reminder_do_not_call": True},
                    "opt_in": {"reminder_do_not_call": False},
                    "phone": {"phone": "+12025550103"},
                    "no_phone": {"phone": False},
                }[what]
            )

    def do_setting(self, vals):
        self.company.write(vals)

    # === Checks === #
    def attempts(self):
        return self.env["clinic.reminder.attempt"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    def check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        attempts = self.attempts()
        counted = {}
        for attempt in attempts.filtered("is_counted"):
            told = attempt.reminder_id | attempt.companion_ids
            for key in {(each.patient_id.id, each.visit_start) for each in told}:
                counted[key] = counted.get(key, 0) + 1
        self.reference.counted(counted)
        self.reference.flying(
            [(a.phone, a.reminder_id.id) for a in attempts if a.state != "finished"]
        )
        for attempt in attempts:
            self.reference.learned(attempt.id, attempt.result)
        for event in map(self.event, VISITS):
            if event:
                self.reference.seen_status(event.id, event.visit_status)
        kept = self.env["voicebox.callback"].search_count([])
        self.assertEqual(kept, self.sent, "law 5")
        posted = {dial["guid"] for dial in self.posts}
        self.assertLessEqual(posted, set(attempts.mapped("guid")), "law 1")

    def end(self):
        """Law 6: in bounded time nothing is open, whatever has happened."""
        for _day in range(6):
            self.do_tick(700)
            for name in ("plan", "dispatch", "sweep"):
                self.do_run(name)
            self.check()
        left = self.reminders.search([("state", "in", ("planned", "calling"))])
        self.assertFalse(left.mapped("explanation"), "law 6")
        self.assertEqual(
            set(self.attempts().mapped("state")) - {"finished"}, set(), "law 6"
        )
