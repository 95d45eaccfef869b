"""Where it is measured: a clinic whose database has the opponents beside the addon."""

import databases
import ground
import odoo_runner
from clinic import running_clinic

BENCHMARK = "clinic_voicebox_benchmark"
ADDONS = ground.ROOT / "benchmarks" / "addons"
OPPONENTS = ground.OPPONENTS / "odoo" / "addons"
WITH_OPPONENTS = f"--addons-path={odoo_runner.addons_path(ADDONS, OPPONENTS)}"


def database():
    """Name of a database with the addon, its opponents and the benchmark's own side."""
    source = databases.addon_database()
    digest = databases.addon_digest([ADDONS], skip=("__pycache__",))
    name = f"{databases.TEMPLATE_PREFIX}bench_{ground.digest(source, digest)}"

    def make(draft):
        databases.clone_database(source, draft)
        databases.install(draft, [BENCHMARK], False, WITH_OPPONENTS)

    return databases.cached_database(name, make)


def clinic(name, *options, **env):
    """A clinic of its own for one part; see :func:`clinic.running_clinic`.

    :param env: variables of the server's environment
    """
    where = {"name": f"benchmark_{name}", "env": env}
    return running_clinic(WITH_OPPONENTS, *options, source=database(), **where)


def run_code(database, code):
    """Run lines in Odoo's shell; which has `env`."""
    databases.run_code(database, code, WITH_OPPONENTS)
