"""The connection to Voicebox: what stops the queue, and what opens it again."""

from odoo.tests import tagged

from .common import ReminderCase


@tagged("post_install", "-at_install")
class TestChannel(ReminderCase):
    """Law 6: the queue rests, and goes on by itself."""

    def channel(self):
        return self.env["voicebox.channel"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_success_without_an_id_ends_a_pause(self):
        for ordinal in range(4):
            self.visit(self.patient(ordinal=ordinal))
        self.company.voicebox_max_lines = 1
        self.voicebox.replies = [(401, "", {})]
        self.call()
        self.assertEqual(self.channel().state, "paused")
        self.company.voicebox_max_lines = 0
        self.later(minutes=20)
        self.voicebox.reply = (200, "", {})
        self.run_cron("dispatch", "dispatch")
        self.assertEqual(self.channel().state, "open")
        self.assertFalse(self.channel().activity_ids)
        self.assertEqual(len(self.voicebox.requests), 5)

    def test_a_wrong_address_stops_the_queue_and_loses_nobody(self):
        self.company.voicebox_max_lines = 4
        events = [self.visit(self.patient(ordinal=n)) for n in range(12)]
        self.voicebox.reply = (404, "nothing here", {})
        self.call()
        self.assertEqual(self.channel().state, "paused")
        self.assertEqual(len(self.voicebox.requests), 4)
        self.voicebox.reply = (200, {"id": "7"}, {})
        self.company.write(
            {"voicebox_url": f"{self.voicebox.url}/", "voicebox_max_lines": 0}
        )
        self.call()
        called = self.reminders.search([("state", "=", "calling")]).event_id
        self.assertEqual(set(called.ids), {event.id for event in events})
