import re

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, is_html_empty

ADDON = "clinic_voicebox_reminder"

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
    """Leave nothing of ours that Odoo itself would leave.

    Numbers on Odoo's phone blacklist stay: who refused calls is never to get one.
    """
    own_models = _only_ours(env, "ir.model").mapped("model")
    own_fields = _only_ours(env, "ir.model.fields")
    env["mail.activity"].search([("res_model", "in", own_models)]).unlink()
    _forget_changes(env, own_fields)
    _forget_filters(env, own_models, own_fields)
    _forget_exports(env, own_models, own_fields)
    _forget_entries(env, own_models)


def _only_ours(env, model):
    """Records of the model that no other module knows by a name."""
    names = env["ir.model.data"].search([("model", "=", model)])
    ours = names.filtered(lambda name: name.module == ADDON)
    shared = set((names - ours).mapped("res_id"))
    return env[model].browse(set(ours.mapped("res_id")) - shared)


def _forget_changes(env, own_fields):
    """Notes in the history that one of our fields was changed, and no more."""
    changes = env["mail.tracking.value"].search([("field_id", "in", own_fields.ids)])
    messages = changes.mail_message_id
    changes.unlink()
    messages.filtered(
        lambda message: (
            is_html_empty(message.body)
            and not message.tracking_value_ids
            and not message.attachment_ids
        )
    ).unlink()


def _forget_filters(env, own_models, own_fields):
    """Searches that people have saved and that would fail without our fields."""
    filters = env["ir.filters"].with_context(active_test=False).search([])
    for model, saved in filters.grouped("model_id").items():
        names = own_fields.filtered(lambda f, m=model: f.model == m).mapped("name")
        word = re.compile(rf"\b({'|'.join(names) or '$^'})\b")
        saved.filtered(
            lambda one, m=model, w=word: (
                m in own_models or w.search(f"{one.domain} {one.context} {one.sort}")
            )
        ).unlink()


def _forget_exports(env, own_models, own_fields):
    """Lists of fields to export that people have saved."""
    exports = env["ir.exports"].search([])
    exports.filtered(lambda export: export.resource in own_models).unlink()
    own = {(field.model, field.name) for field in own_fields}
    exports.exists().export_fields.filtered(
        lambda line: (line.export_id.resource, line.name.split("/")[0]) in own
    ).unlink()


def _forget_entries(env, own_models):
    """What Odoo writes on our models into the books of other modules, and never
    strikes out: names of what a mixin brought along, and foreign keys."""
    entries = {"ir.model.inherit": "model_id", "ir.model.fields.selection": "field_id"}
    names = Domain("model", "in", own_models)
    for model, field in entries.items():
        found = env[model].search([(f"{field}.model", "in", own_models)])
        names |= Domain("model", "=", model) & Domain("res_id", "in", found.ids)
    env["ir.model.data"].search(Domain("module", "!=", ADDON) & names).unlink()
    foreign_keys = [("module.name", "=", ADDON), ("type", "=", "f")]
    env["ir.model.constraint"].search(foreign_keys).unlink()
