from odoo.exceptions import UserError
from odoo.tools import SQL

# Odoo would compute and write them for every event, and note it in its chatter.
# A constant default touches no row; and no event of the past becomes a visit.
EVENT_COLUMNS = {
    "patient_id": "integer",
    "specialist_id": "integer",
    "reminder_company_id": "integer",
    "specialty": "varchar",
    "reminder_booked_at": "timestamp",
    "visit_status": "varchar DEFAULT 'booked'",
    "visit_status_origin": "varchar DEFAULT 'staff'",
}


def pre_init_hook(env):
    """Add the columns of the calendar's events, without a look at the events.

    :raise UserError: another module has a patient of its own on events
    """
    _refuse_another_patient(env)
    for name, kind in EVENT_COLUMNS.items():
        column = SQL("ADD COLUMN IF NOT EXISTS %s %s", SQL.identifier(name), SQL(kind))
        env.cr.execute(SQL("ALTER TABLE calendar_event %s", column))
        if "DEFAULT" in kind:
            no_default = SQL("ALTER COLUMN %s DROP DEFAULT", SQL.identifier(name))
            env.cr.execute(SQL("ALTER TABLE calendar_event %s", no_default))


def _refuse_another_patient(env):
    others = env["ir.model.fields"].search(
        [
            ("model", "=", "calendar.event"),
            ("name", "=", "patient_id"),
            ("relation", "!=", "res.partner"),
        ]
    )
    if others:
        raise UserError(
            env._(
                "Calendar events have a patient already, a “%(model)s” of the module "
                "%(module)s. Clinic Voicebox Reminder can't be installed beside it.",
                model=others.relation,
                module=others.modules,
            )
        )


def post_init_hook(env):
    """Give every company that exists already its secret and its calling hours.

    Branches have them from above, as the ones that are made later.
    """
    companies = env["res.company"].search([])
    companies._reminder_set_up()
    branches = companies.filtered("parent_id")
    branches.write({"reminder_tz": False, "reminder_calendar_id": False})


def uninstall_hook(env):
    """Leave nothing of ours on anybody's list, nor in any history."""
    env["mail.activity"].search(
        [("res_model", "in", ("clinic.reminder.call", "voicebox.channel"))]
    ).unlink()
