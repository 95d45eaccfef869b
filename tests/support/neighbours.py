"""Databases in which the addon has neighbours: Odoo's own modules, and the probes."""

import databases
import ground
from ground import ADDON, ROOT
from odoo_runner import addons_path, odoo_tree

PROBES_PATH = ROOT / "tests" / "addons"
# for every Odoo that has probes in its database
WITH_PROBES = f"--addons-path={addons_path(PROBES_PATH)}"
PROBES = databases.addon_digest([PROBES_PATH], skip=("__pycache__",))
PROBE = f"{ADDON.rpartition('_')[0]}_probe_"
# modules that make calendar events, remind of them, or carry them elsewhere; and those
# whose demo data fill the calendars of a whole company
TWENTY = (
    "calendar_public_holiday",
    "calendar_sms",
    "contacts",
    "crm",
    "event",
    "event_sms",
    "fleet",
    "google_calendar",
    "hr_calendar",
    "hr_holidays",
    "hr_homeworking_calendar",
    "hr_recruitment",
    "im_livechat",
    "lunch",
    "maintenance",
    "mass_mailing_sms",
    "microsoft_calendar",
    "partner_mobile",
    "portal",
    "project",
    "project_todo",
    "resource_booking",
    "sms_twilio",
    "survey",
)
# as those, but with accounting and a website: minutes of installation
MORE = (*TWENTY, "sale_management", "website_event")


def neighbourhood(modules=TWENTY):
    """Name of a database with these modules and their demo data, without ours."""
    key = ground.digest(odoo_tree()["version"], odoo_tree()["package"], *modules)
    name = f"{databases.TEMPLATE_PREFIX}near{len(modules)}_{key}"

    def make(draft):
        databases.clone_database(databases.template_database(with_demo=True), draft)
        databases.install(draft, modules, with_demo=True)

    return databases.cached_database(name, make)


def beside(*modules):
    """Name of a copy of the addon's database with these modules installed as well."""
    return _with_modules(databases.addon_database(), modules)


def only(*modules):
    """Name of a database with these modules, without ours."""
    return _with_modules(databases.template_database(), modules)


def _with_modules(source, modules):
    parts = (source, *modules, PROBES)
    kind = "".join(name.rpartition("_")[2] for name in (*modules, source[5:9]))
    name = f"{databases.TEMPLATE_PREFIX}{kind}_{ground.digest(*parts)}"

    def make(draft):
        databases.clone_database(source, draft)
        databases.install(draft, modules, False, WITH_PROBES)

    return databases.cached_database(name, make)


def among_neighbours(modules=TWENTY):
    """Name of a copy of it with the addon and its demo data, as they are now."""
    source = neighbourhood(modules)
    # those of ours that install themselves as well
    key = ground.digest(source, databases.addon_digest(ground.ADDONS))
    name = f"{databases.TEMPLATE_PREFIX}among{len(modules)}_{key}"

    def make(draft):
        databases.clone_database(source, draft)
        databases.install(draft, [ADDON], with_demo=True)

    return databases.cached_database(name, make)
