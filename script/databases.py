"""Databases with Odoo in them: made once, cloned for each use, dropped at the end."""

import ast
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from ground import (
    ADDON,
    ADDONS,
    DATA_DIR,
    LOGS,
    OCA_ADDONS,
    ROOT,
    GroundError,
    digest,
    locked,
)
from odoo_runner import odoo_command, odoo_env, odoo_tree, run_odoo
from postgres import (
    TemporaryCluster,
    libpq_env,
    postgres_binary,
    run_sql,
    start_postgres,
)

TEMPLATE_PREFIX = "tmpl_"
DEMO_LANGUAGES = ["--load-language=ru_RU"]  # beside English


def databases(prefix=""):
    """Names of the databases that start with `prefix`."""
    rows = run_sql("SELECT datname FROM pg_database WHERE NOT datistemplate")
    return sorted(name for (name,) in rows if name.startswith(prefix))


def database_exists(name):
    return name in databases()


def drop_database(name):
    """Drop a database, its connections and its files, if there is one."""
    run_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone_database(source, target):
    """Make `target` a copy of `source`, files included. Takes about a second."""
    drop_database(target)
    run_sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    copy_filestore(source, target)


def copy_filestore(source, target):
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target))


def dump_database(name, path):
    """Write a database into a file, for a server other than the one it is on."""
    command = [postgres_binary("pg_dump"), "--no-owner", "-f", path, "-d", name]
    subprocess.run(command, env=libpq_env(), check=True)


def restore_database(path, name):
    """Make a database out of what `dump_database` has written."""
    run_sql(f'CREATE DATABASE "{name}"')
    command = [postgres_binary("psql"), "-X", "-q", "-o", os.devnull]
    command += ["-v", "ON_ERROR_STOP=1", "-d", name, "-f", path]
    subprocess.run(command, env=libpq_env(), check=True)


@contextlib.contextmanager
def database_on_own_server(source):
    """A copy of `source` on a temporary cluster: (the cluster, the copy's name)."""
    name = f"tmp_{uuid.uuid4().hex[:10]}"
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "dump.sql")
        dump_database(source, dump)
        with TemporaryCluster() as cluster:
            restore_database(dump, name)
            copy_filestore(source, name)
            try:
                yield cluster, name
            finally:
                shutil.rmtree(filestore(name), ignore_errors=True)


def rename_database(source, target):
    drop_database(target)
    run_sql(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
    if filestore(source).exists():
        filestore(source).rename(filestore(target))


def filestore(database):
    return DATA_DIR / "filestore" / database


@contextlib.contextmanager
def temporary_database(source):
    """A clone of `source` under a name of its own, dropped at the end."""
    name = f"tmp_{uuid.uuid4().hex[:10]}"
    clone_database(source, name)
    try:
        yield name
    finally:
        drop_database(name)


def template_database(with_demo=False):
    """Name of a database with what the addon depends on; made once, then reused."""
    name = f"{TEMPLATE_PREFIX}base_{'demo_' * with_demo}"
    return modules_database(name, addon_depends(ADDON), with_demo)


def neighbours_template():
    """Name of a database with all that any of the addons meets; made once."""
    return modules_database(f"{TEMPLATE_PREFIX}neighbours_", neighbours())


def modules_database(prefix, modules, with_demo=False):
    tree = odoo_tree()
    key = digest(tree["version"], tree["package"], *map(module_version, modules))
    return cached_database(
        prefix + key, lambda draft: install(draft, modules, with_demo)
    )


def addon_database(with_demo=False, with_assets=False):
    """Name of a database with the addon as it is now; made anew when its files change.

    Clone it: tests must not write into it. `with_assets`: the web client's files are
    built (13 s, once), which else the first page of each clone waits for.
    """
    template = template_database(with_demo)
    key = digest(template, addon_digest())
    name = f"{TEMPLATE_PREFIX}addon_{'demo_' * with_demo}{key}"

    def make(draft):
        clone_database(template, draft)
        install(draft, [ADDON], with_demo, *DEMO_LANGUAGES * with_demo)

    database = cached_database(name, make)
    return add_assets(database) if with_assets else database


def add_assets(source):
    """Name of a copy of a cached database in which the web client's files are built."""

    def make(draft):
        clone_database(source, draft)
        generate_assets(draft)

    kind, _, key = source.rpartition("_")
    return cached_database(f"{kind}_assets_{key}", make)


def cached_database(name, make):
    """Return `name`; if there is none, `make(draft)` it under a draft name first."""
    start_postgres()
    with locked(f"database-{name}"):
        if not database_exists(name):
            drop_outdated(name)
            draft = f"{name}_part"
            drop_database(draft)
            make(draft)
            rename_database(draft, name)
    return name


def drop_outdated(name):
    """Drop earlier makes of a cached database: same name but for the key, unused."""
    kind = name.rpartition("_")[0]
    pattern = re.compile(re.escape(kind) + r"_[0-9a-f]{10}")
    in_use = {row[0] for row in run_sql("SELECT datname FROM pg_stat_activity")}
    for database in databases(kind):
        if pattern.fullmatch(database) and database not in in_use:
            drop_database(database)


def install(database, modules, with_demo=False, *more):
    """Install modules into a database, new or not.

    :param more: options of Odoo's command line
    """
    log_path = LOGS / f"{database}.log"
    options = ["-d", database, "-i", ",".join(modules), "--stop-after-init", *more]
    options += ["--with-demo"] if with_demo else []
    if run_odoo(*options, "--max-cron-threads=0", "--no-http", log_path=log_path):
        raise GroundError(
            f"Odoo could not install {', '.join(modules)}; see {log_path}.\n"
            + "\n".join(log_path.read_text().splitlines()[-15:])
        )


def generate_assets(database):
    """Build the web client's files, which else the first page or test waits for."""
    run_code(
        database, "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
    )


def run_code(database, code, *more):
    """Run lines of Python in Odoo's shell, which has `env`.

    :param more: options of Odoo's command line
    """
    options = ("-d", database, "--no-http", "--log-level=warn", *more)
    subprocess.run(
        odoo_command("shell", *options),
        env=odoo_env(),
        input=code,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def addon_depends(addon):
    """An addon's dependencies, from its manifest."""
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
    return sorted(manifest["depends"])


def module_version(name):
    """A module's name and, if it is OCA's, its manifest."""
    manifest = OCA_ADDONS / name / "__manifest__.py"
    return name + (manifest.read_text() if manifest.exists() else "")


def neighbours():
    """Modules of others that an addon of ours depends on, and all that is OCA's."""
    of_oca = {path.parent.name for path in OCA_ADDONS.glob("*/__manifest__.py")}
    depends = {name for addon in ADDONS for name in addon_depends(addon)}
    return sorted({*of_oca, *depends} - {*ADDONS})


def addon_digest(addons=(ADDON,), skip=("tests", "__pycache__", ".ruff_cache")):
    """Digest of addons' files, but for those in folders named in `skip`."""
    files = sorted(
        path
        for addon in addons
        for path in (ROOT / addon).rglob("*")
        if path.is_file() and not set(path.relative_to(ROOT).parts) & set(skip)
    )
    return digest(*(part for f in files for part in (f, f.read_bytes())))
