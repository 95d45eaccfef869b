def pre_init_hook(env):
    """Nobody knows when the visits that exist already were booked."""
    env.cr.execute(
        "ALTER TABLE calendar_event "
        "ADD COLUMN IF NOT EXISTS reminder_booked_at timestamp"
    )


def post_init_hook(env):
    """Give every company that exists already its secret and its calling hours."""
    env["res.company"].search([])._reminder_set_up()


def uninstall_hook(env):
    """Leave no to-do of ours on anybody's list."""
    env["mail.activity"].search(
        [("res_model", "in", ("clinic.reminder.call", "voicebox.channel"))]
    ).unlink()
