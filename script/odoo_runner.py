"""Odoo's command line on this ground: its source tree, configuration, environment."""

import json
import os
import subprocess

from ground import (
    DATA_DIR,
    LOCAL,
    LOGS,
    OCA,
    OCA_ADDONS,
    PYTHON,
    ROOT,
    TREE_FILE,
    VENV,
    GroundError,
    replace_file,
)
from postgres import postgres_binary, postgres_env, start_postgres, uses_own_server


def odoo_tree():
    """What the bootstrap wrote about Odoo: `source`, `version`, `package`, `root`."""
    if not TREE_FILE.exists():
        raise GroundError("There is no Odoo here yet: run script/bootstrap.")
    return json.loads(TREE_FILE.read_text())


def odoo_command(*arguments):
    """Argument list of an Odoo command line; run it with `odoo_env()`."""
    return [str(PYTHON), str(LOCAL / "odoo-bin"), *map(str, arguments)]


def odoo_env(**extra):
    """Environment for `odoo_command()`: configuration, source tree, database server.

    `extra` goes before all of it but the PATH, which is what Odoo needs and then its.
    """
    packages = os.pathsep.join([odoo_tree()["root"], str(OCA)])
    own = {"ODOO_RC": str(write_odoo_config()), "PYTHONPATH": packages}
    env = {**os.environ, **postgres_env(), **own, **extra}
    env.pop("PGDATABASE", None)
    programs = [LOCAL / "bin", VENV / "bin"]
    if not uses_own_server():
        # Odoo wants a pg_dump as new as the server
        programs.append(postgres_binary("pg_dump").parent)
    path = [*map(str, programs), env.get("PATH", os.defpath)]
    env["PATH"] = os.pathsep.join(path)
    return env


def write_odoo_config():
    """Write the configuration file all Odoo processes read and return its path."""
    text = (
        "[options]\n"
        f"addons_path = {addons_path()}\n"
        f"data_dir = {DATA_DIR}\n"
        "http_interface = 127.0.0.1\n"
    )
    path = LOCAL / "odoo.conf"
    if not path.exists() or path.read_text() != text:
        replace_file(path, text)
    return path


def addons_path(*more):
    """The value of Odoo's option of this name; with `more` folders at its end."""
    folders = [*odoo_tree()["addons"], ROOT]
    folders += [OCA_ADDONS] if OCA_ADDONS.exists() else []
    return ",".join(map(str, [*folders, *more]))


def run_odoo(*arguments, log_path=None, **env):
    """Run an Odoo command to its end, output into a log; return its exit code."""
    LOGS.mkdir(parents=True, exist_ok=True)
    start_postgres()
    with open(log_path or LOGS / "odoo.log", "w") as log:
        return subprocess.run(
            odoo_command(*arguments),
            env=odoo_env(**env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
