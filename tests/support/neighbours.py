"""Databases in which the addon has neighbours: Odoo's own modules, and the probes."""

import databases
import ground
from ground import ADDON, ROOT
from odoo_runner import addons_path, odoo_tree

PROBES_PATH = ROOT / "tests" / "addons"
# for every Odoo that has probes in its database
WITH_PROBES = f"--addons-path={addons_path(PROBES_PATH)}"
PROBE = f"{ADDON.rpartition('_')[0]}_probe_"
# modules that make calendar events, remind of them, or carry them elsewhere; and those
# whose demo data fill the calendars of a whole company
TWENTY = (
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
    "maintenance",
    "mass_mailing_sms",
    "microsoft_calendar",
    "portal",
    "project",
    "sale_management",
    "sms_twilio",
    "survey",
    "website",
    "website_event",
)


def neighbourhood(with_demo=True):
    """Name of a database with Odoo's twenty modules and more, without ours."""
    key = ground.digest(odoo_tree()["version"], odoo_tree()["package"], *TWENTY)
    name = f"{databases.TEMPLATE_PREFIX}twenty_{'demo_' * with_demo}{key}"

    def make(draft):
        databases.clone_database(databases.template_database(with_demo), draft)
        databases.install(draft, TWENTY, with_demo)

    return databases.cached_database(name, make)


def beside(*modules):
    """Name of a copy of the addon's database with these modules installed as well."""
    source = databases.addon_database()
    parts = (source, *modules, databases.addon_digest(["tests/addons"], skip=("__pycache__",)))
    kind = ground.digest(*modules)[:4]
    name = f"{databases.TEMPLATE_PREFIX}probe{kind}_{ground.digest(*parts)}"

    def make(draft):
        databases.clone_database(source, draft)
        databases.install(draft, modules, False, WITH_PROBES)

    return databases.cached_database(name, make)


def among_neighbours(with_demo=True):
    """Name of a copy of it with the addon installed as it is now."""
    source = neighbourhood(with_demo)
    key = ground.digest(source, databases.addon_digest())
    name = f"{databases.TEMPLATE_PREFIX}beside_{'demo_' * with_demo}{key}"

    def make(draft):
        databases.clone_database(source, draft)
        databases.install(draft, [ADDON], with_demo)

    return databases.cached_database(name, make)
