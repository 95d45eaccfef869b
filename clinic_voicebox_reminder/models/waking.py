"""Wakes the scheduled actions, so that nobody waits for their next turn.

The bottom of the house: whoever changes what others have to look at calls it, and knows
nothing of them. A wake-up is a row of its own: it counts when the caller commits.
"""

import logging
from collections import defaultdict
from functools import partial

from odoo import fields

from ..tools.bell import Bell

_logger = logging.getLogger(__name__)

WOKEN = "clinic_voicebox_reminder.woken"

_bells = defaultdict(Bell)  # by database


def wake_plan(env, at=None):
    """Something that a verdict may depend on has changed.

    :param datetime at: naive UTC; now, if it is left out
    """
    _wake(env, "plan", at)


def wake_sweep(env):
    """Something waits that was not done at once."""
    _wake(env, "sweep")


def wake_dispatch(env, at=None):
    """:param datetime at: naive UTC; now, if it is left out"""
    _wake(env, "dispatch", at)


def _wake(env, name, at=None):
    """Who is woken already by what is not written down yet need not be woken again."""
    hooks = env.cr.precommit
    woken = hooks.data.setdefault(WOKEN, set())
    if (name, at) in woken:
        return
    woken.add((name, at))
    hooks.add(woken.clear)
    xmlid = f"clinic_voicebox_reminder.ir_cron_{name}"
    cron_id = env["ir.model.data"]._xmlid_to_res_id(xmlid, raise_if_not_found=True)
    cron = env["ir.cron"].sudo().browse(cron_id)
    if at:
        cron._trigger(at)
    else:
        now = fields.Datetime.now()
        env["ir.cron.trigger"].sudo().create({"cron_id": cron.id, "call_at": now})
        env.cr.postcommit.add(partial(_ring, cron))


def _ring(cron):
    """Odoo's own call to the scheduled actions takes a connection of its own: where
    many come at once, one makes it for all. Without it they wait for their next look.
    """
    try:
        _bells[cron.env.cr.dbname].ask(cron._notifydb)
    except Exception as error:  # pylint: disable=broad-except
        # what was to be kept is committed: its sender must not hear of a fault
        _logger.info("Nobody was woken at once: %s", type(error).__name__)
