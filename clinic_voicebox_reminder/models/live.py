"""Tells the open pages of a clinic's staff that something they show has changed.

The bottom of the house, as waking is: whoever changes something tells it, and knows
nothing of the pages. The news goes with the caller's commit over Odoo's bus, to the
front desk of the records' company alone. It holds ids and nothing personal: each page
reads anew with the rights of its own user.
"""

from collections import defaultdict
from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, models

NEWS = "clinic_voicebox_reminder/changed"
TEST_CALL = "clinic_voicebox_reminder/test_call"
DESK = "clinic_voicebox_reminder.desk"  # a company's front desk, as a bus channel
COLLECTED = "clinic_voicebox_reminder.live"
_is_told_later = ContextVar("is_told_later", default=False)  # no client can set it


@contextmanager
def told_later():
    """Who writes meanwhile sees to it that the messenger tells of it."""
    token = _is_told_later.set(True)
    try:
        yield
    finally:
        _is_told_later.reset(token)


def channel_of(company):
    """The bus channel of a company's front desk: no client can ask for it by name."""
    return company, DESK


def tell_of_visits(events):
    """What staff see of these visits has changed; other events are no news."""
    for event in events.sudo():
        if event.patient_id and event.reminder_company_id:
            _collect(event.env, event.reminder_company_id.id, event_ids=event.id)


def tell_of_reminders(reminders, urgent=False):
    """What staff see of these reminders, and so of their visits, has changed.

    :param urgent: a patient is waiting for a person
    """
    for reminder in reminders.sudo():
        ids = {"event_ids": reminder.event_id.id, "reminder_ids": reminder.id}
        if urgent:
            ids["urgent_reminder_ids"] = reminder.id
        _collect(reminder.env, reminder.company_id.id, **ids)


def tell_of_test_calls(attempts):
    """What is known of these test calls has changed: news for whoever made them."""
    for attempt in attempts:
        attempt.create_uid._bus_send(TEST_CALL, {"attempt_id": attempt.id})


def _collect(env, company_id, **ids):
    hooks = env.cr.precommit
    if COLLECTED not in hooks.data:
        hooks.data[COLLECTED] = defaultdict(_empty)
        hooks.add(lambda: _send(env, hooks.data.pop(COLLECTED)))
    for name, number in ids.items():
        if number:
            hooks.data[COLLECTED][company_id][name].add(number)


def _empty():
    return {"event_ids": set(), "reminder_ids": set(), "urgent_reminder_ids": set()}


def _send(env, collected):
    for company_id, news in collected.items():
        channel = channel_of(env["res.company"].browse(company_id))
        payload = {name: sorted(ids) for name, ids in news.items()}
        env["bus.bus"]._sendone(channel, NEWS, payload)


class ClinicLive(models.AbstractModel):
    """Records whose changes are news for the front desk."""

    _name = "clinic.live"
    _description = "Shown Live to the Front Desk"

    _live_fields = frozenset()  # those whose change is to be seen at once

    def _tell_live(self):
        """Tell of these records; each model says what they mean to the front desk."""

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._tell_live()
        return records

    def write(self, vals):
        """The company that a record leaves is told as well."""
        if "company_id" in vals:
            self._tell_live()
        result = super().write(vals)
        if self._live_fields & vals.keys() and not _is_told_later.get():
            self._tell_live()
        return result

    def unlink(self):
        self._tell_live()
        return super().unlink()
