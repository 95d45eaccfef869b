"""Wakes the scheduled actions, so that nobody waits for their next turn.

The bottom of the house: whoever changes what others have to look at calls it, and knows
nothing of them. A wake-up is a row of its own: it counts when the caller commits.
"""


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
    xml_id = f"clinic_voicebox_reminder.ir_cron_{name}"
    cron_id = env["ir.model.data"]._xmlid_to_res_id(xml_id, raise_if_not_found=True)
    env["ir.cron"].sudo().browse(cron_id)._trigger(at)
