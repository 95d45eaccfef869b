"""What changes for the front desk goes to its open pages, and to nobody else's."""

import json
from unittest.mock import Mock, patch

from odoo.tests import new_test_user, tagged

from ..models.live import NEWS, channel_of
from .common import ReminderCase
from .permissions import PermissionCase
from .test_views import USER

FIELDS = ("event_ids", "reminder_ids", "urgent_reminder_ids")


class LiveCase(ReminderCase):
    def messages(self):
        """(channel, message) of what was sent since this was last asked."""
        self.env.cr.flush()
        rows = self.env["bus.bus"].search([], order="id")
        sent = [(json.loads(row.channel), json.loads(row.message)) for row in rows]
        rows.unlink()
        return [(where, what) for where, what in sent if what["type"] == NEWS]

    def news(self):
        """For each message the ids of visits, reminders, urgent reminders."""
        return [
            tuple(message["payload"][name] for name in FIELDS)
            for _channel, message in self.messages()
        ]


@tagged("post_install", "-at_install")
class TestNews(LiveCase):
    def setUp(self):
        super().setUp()
        self.event = self.visit(self.patient())
        self.news()

    @property
    def reminder(self):
        return self.reminder_of(self.event)

    def test_a_new_visit(self):
        event = self.visit(self.patient("Иванов Пётр Ильич", 2))
        self.assertEqual(self.news(), [(event.ids, [], [])])

    def test_a_visit_that_is_moved_or_cancelled(self):
        for change in ({"visit_status": "cancelled"}, {"active": False}):
            with self.subTest(change=change):
                self.event.write(change)
                self.assertEqual(self.news(), [(self.event.ids, [], [])])

    def test_a_visit_that_is_deleted(self):
        ids = self.event.ids
        self.event.unlink()
        self.assertEqual(self.news(), [(ids, [], [])])

    def test_many_in_one_message(self):
        events = self.visit(self.patient(ordinal=2)) | self.visit(
            self.patient(ordinal=3)
        )
        self.news()
        events.write({"visit_status": "confirmed"})
        self.assertEqual(self.news(), [(sorted(events.ids), [], [])])

    def test_what_is_no_visit_is_no_news(self):
        meeting = self.visit(self.env["res.partner"])
        meeting.write({"visit_status": "cancelled", "name": "Another name"})
        meeting.unlink()
        self.assertEqual(self.news(), [])

    def test_what_nobody_sees_is_no_news(self):
        self.event.reminder_booked_at = self.now
        self.assertEqual(self.news(), [])

    def test_a_visit_that_gets_another_clinic(self):
        """Both are told: of one it is gone."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids += other
        self.event.reminder_company_id = other
        told = {
            company: message["payload"]["event_ids"]
            for (_database, _model, company, _desk), message in self.messages()
        }
        self.assertEqual(
            told, dict.fromkeys((self.company | other).ids, self.event.ids)
        )

    def test_plan_and_call(self):
        self.run_cron("plan")
        told = (self.event.ids, self.reminder.ids, [])
        self.assertIn(told, self.news())
        self.run_cron("dispatch")
        self.assertIn(told, self.news())

    def answer(self, word):
        """What is told in the callback's own transaction."""
        self.news()
        guid = self.reminder.attempt_ids.guid
        callback = {"guid": guid, "response": word}
        self.env["voicebox.callback"]._receive(self.company, callback)
        return self.news()

    def urgent(self, news):
        return [ids for *_rest, ids in news if ids]

    def test_an_answer_is_told_when_it_is_brought_to_the_visit(self):
        """The patient is still on the phone while it is taken in."""
        self.call()
        told = (self.event.ids, self.reminder.ids, [])
        self.assertEqual(self.answer("confirmed"), [])
        self.run_errands()
        self.assertIn(told, self.news())

    def test_who_asks_for_a_person_is_urgent(self):
        self.call()
        news = self.answer("operator")
        self.assertEqual(self.urgent(news), [self.reminder.ids])

    def test_who_asks_for_a_person_in_the_second_place(self):
        self.call()
        self.assertEqual(self.urgent(self.answer("confirmed")), [])
        news = self.answer("operator")
        self.assertEqual(self.urgent(news), [self.reminder.ids])

    def test_nothing_but_ids(self):
        self.call()
        self.answer("operator")
        self.run_errands()
        self.event.visit_status = "confirmed"
        told = self.messages()
        self.assertTrue(told)
        for _channel, message in told:
            self.assertEqual(message["payload"].keys(), set(FIELDS))
            for ids in message["payload"].values():
                self.assertTrue(all(isinstance(number, int) for number in ids))

    def test_it_costs_a_row(self):
        """Whatever the number of visits: one message, and no look at each."""
        patients = self.env["res.partner"].create(
            [{"name": f"Patient {n}", "phone": "+12025550177"} for n in range(20)]
        )
        events = self.env["calendar.event"].union(*map(self.visit, patients))
        self.news()
        events.invalidate_recordset()
        events.write({"location": "Room 7"})
        self.env.flush_all()
        with self.assertQueryCount(1):  # the message's own row
            self.env.cr.flush()
        self.assertEqual(len(self.news()), 1)


@tagged("post_install", "-at_install")
class TestWhoHears(PermissionCase):
    """Ids of one clinic's patients are no other clinic's business."""

    def channels(self, role):
        """Whatever the client asks for."""
        env = self.env(user=self.users[role])
        session = Mock(session=Mock(uid=env.uid))
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", session):
            wanted = ["clinic_voicebox_reminder.desk", f"res.company_{self.other.id}"]
            return env["ir.websocket"]._build_bus_channel_list(wanted)

    def test_the_front_desk_hears_of_its_own_companies(self):
        for role in self.users:
            heard = [c for c in self.channels(role) if isinstance(c, tuple)]
            is_desk = role in {"desk", "administrator", "owner"}
            mine = [channel_of(self.company)]
            with self.subTest(role=role):
                self.assertEqual([c for c in heard if c in mine], mine * is_desk)
                self.assertNotIn(channel_of(self.other), heard)

    def test_of_all_that_the_user_works_in(self):
        self.users["desk"].company_ids += self.other
        heard = self.channels("desk")
        self.assertIn(channel_of(self.company), heard)
        self.assertIn(channel_of(self.other), heard)

    def test_who_is_let_go_hears_no_more(self):
        self.users["desk"].group_ids = self.env.ref("base.group_user")
        self.assertNotIn(channel_of(self.company), self.channels("desk"))


@tagged("post_install", "-at_install")
class TestSound(ReminderCase):
    def test_off_until_somebody_wants_it(self):
        user = new_test_user(self.env, "desk-of-the-tests", groups=USER)
        settings = self.env["res.users.settings"]._find_or_create_for_user(user)
        own = settings.with_user(user)
        self.assertFalse(own._res_users_settings_format()["clinic_sound"])
        own.set_res_users_settings({"clinic_sound": True})
        self.assertTrue(own._res_users_settings_format()["clinic_sound"])
