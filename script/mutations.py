"""Breaks the ten laws on purpose, one mutation at a time, and sees the tests fall.

The list is tests/mutations.toml; its head tells what an entry says. Nothing is changed
in the working tree: a copy of it in .local/mutations/ is. Half an hour for the whole
list; name the mutations you want to see, by a part of their sentence or by law.
"""

import argparse
import ast
import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import databases
import ground
import postgres
from ground import ADDON, LOCAL, PYTHON, ROOT, GroundError

try:
    import tomllib
except ImportError:  # Python 3.10; pytest brings it
    import tomli as tomllib

LIST = ROOT / "tests" / "mutations.toml"
COPY = LOCAL / "mutations"
COPIED_LOGS = COPY / ".local" / "log"
# of .local, what the copy shares with the tree; its logs are its own
SHARED = ("bin", "data", "locks", "node", "odoo", "odoo-bin", "odoo.json", "venv")
LEFT_BEHIND = shutil.ignore_patterns(".git", ".local", "__pycache__", ".*_cache")
LAWS = range(1, 11)
SOURCE_VARIABLE = "MUTATIONS_DATABASE"
LONGEST_RUN = 900  # seconds
STARTED = re.compile(r": Starting (\w+\.\w+)")
FALLEN = re.compile(r": (?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+)")
# a program that can't run proves nothing: words of such a fault
FAULT = re.compile(
    r"\b(SyntaxError|IndentationError|NameError|UnboundLocalError|AttributeError|"
    r"ImportError|ModuleNotFoundError|TypeError|ParseError|GroundError|"
    r"Failed to load registry)\b"
)


@dataclass(frozen=True)
class Mutation:
    """One way to break a law, and the tests that must fall for it."""

    law: int
    name: str
    file: str
    old: str
    new: str
    odoo: tuple = ()
    pytest: tuple = ()
    update: bool = False

    @property
    def tests(self):
        return (*self.odoo, *self.pytest)

    def __str__(self):
        return f"law {self.law}: {self.name}"

    def trouble(self, root):
        """Why it can't be applied to a tree any more; empty if it can."""
        path = root / self.file
        count = path.read_text().count(self.old) if path.exists() else 0
        if count == 1:
            return ""
        return (
            f"its old text stands {count} times in {self.file}, not once: bring its "
            f"entry in {LIST.relative_to(ROOT)} up to date"
        )


class Broken(Exception):
    """It could not be seen whether a test falls; the message tells why."""


def read_list():
    entries = tomllib.loads(LIST.read_text())["mutation"]
    lists = ("odoo", "pytest")
    return [
        Mutation(**{k: tuple(v) if k in lists else v for k, v in entry.items()})
        for entry in entries
    ]


def chosen(mutations, wishes):
    """Those that the words on the command line name; all without words."""
    found = [m for m in mutations if not wishes or any(_names(w, m) for w in wishes)]
    unknown = [w for w in wishes if not any(_names(w, m) for m in mutations)]
    if unknown:
        raise GroundError(
            f"No mutation is named by {', '.join(map(repr, unknown))}: "
            "script/mutations --list shows them all."
        )
    return found


def _names(wish, mutation):
    if wish.isdigit():
        return int(wish) == mutation.law
    return wish.lower() in str(mutation).lower()


# === The copy === #


def make_copy():
    """A fresh copy of the tree, on the same ground, with logs of its own."""
    if postgres.postgres_home().parent != LOCAL:
        raise GroundError(
            "PostgreSQL's user can't enter this clone, so that its copy would have no "
            "ground. Move the clone to a folder that every user may enter."
        )
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT, COPY, ignore=LEFT_BEHIND, symlinks=True)
    COPIED_LOGS.mkdir(parents=True)
    for name in SHARED:
        (COPY / ".local" / name).symlink_to(LOCAL / name)
    # a bootstrap of the copy would make the shared ground anew
    (COPY / "script" / "bootstrap").write_text("#!/bin/sh\n")


@contextlib.contextmanager
def applied(mutation):
    """Change the copy for a while."""
    if trouble := mutation.trouble(COPY):
        raise Broken(trouble)
    path = COPY / mutation.file
    text = path.read_text()
    changed = text.replace(mutation.old, mutation.new)
    if path.suffix == ".py":
        _check_syntax(changed)
    path.write_text(changed)
    try:
        yield
    finally:
        path.write_text(text)


def _check_syntax(text):
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise Broken(f"its new text is no Python: {error}") from None


def copy_env(**extra):
    """The copy's processes: the server of this clone, and no compiled leftovers."""
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(COPY / "script")}
    return {**os.environ, **postgres.postgres_env(), **own, **extra}


def run_in_copy(log_path, command, **extra):
    """Run to the end, output into a log; its text."""
    with open(log_path, "w") as log, contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            cwd=COPY,
            env=copy_env(**extra),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_RUN,
        )
        return log_path.read_text(errors="replace")
    raise Broken(f"it did not end in {LONGEST_RUN} s: see {log_path}")


def run_odoo(database, *arguments):
    return run_in_copy(
        COPIED_LOGS / "odoo.log",
        [PYTHON, COPY / "script" / "run_odoo.py", "-d", database, *arguments]
        + ["--stop-after-init", "--max-cron-threads=0"]
        + [f"--http-port={ground.free_port()}"],
    )


def base_database():
    """A database with the addon as the copy has it; kept for the next time."""
    name = f"{databases.TEMPLATE_PREFIX}mutations_{databases.addon_digest()}"
    template = databases.template_database()

    def make(draft):
        databases.clone_database(template, draft)
        if FAULT.search(run_odoo(draft, "-i", ADDON)):
            raise GroundError(f"The addon does not install: see {COPIED_LOGS}.")
        databases.generate_assets(draft)

    return databases.cached_database(name, make)


# === Running tests === #


def fallen_tests(database, odoo, pytest):
    """Run the named tests in the copy; those that fell.

    :raise Broken: they could not be run
    """
    return {*fallen_of_odoo(database, odoo), *fallen_of_pytest(database, pytest)}


def fallen_of_odoo(database, tests):
    if not tests:
        return set()
    tags = ",".join(sorted(f"/{ADDON}:{test}" for test in set(tests)))
    text = run_odoo(database, f"--test-tags={tags}")
    look_for_faults(text, "odoo.log")
    check_ran(tests, STARTED.findall(text), "odoo.log")
    return {t for t in tests if _is_among(t, FALLEN.findall(text))}


def check_ran(tests, names, log):
    if missing := sorted(t for t in tests if not _is_among(t, names)):
        raise Broken(f"{', '.join(missing)} did not run: see {COPIED_LOGS / log}")


def _is_among(test, names):
    """Is it Class.test or the Class of one of the names?"""
    return any(test in (name, name.partition(".")[0]) for name in names)


def fallen_of_pytest(database, tests):
    if not tests:
        return set()
    report = COPIED_LOGS / "pytest.xml"
    report.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", "-p", "mutations", "--tb=short", "-q"]
    command += ["-k", " or ".join(sorted(set(tests))), f"--junitxml={report}"]
    text = run_in_copy(
        COPIED_LOGS / "pytest.log", command, **{SOURCE_VARIABLE: database}
    )
    look_for_faults(text, "pytest.log")
    for log in COPIED_LOGS.glob("e2e_*.log"):
        look_for_faults(log.read_text(errors="replace"), log.name)
    results = read_pytest_report(report)
    check_ran(tests, results, "pytest.log")
    return {test for test in tests if results[test]}


def read_pytest_report(report):
    """Did it fall, by the name of the test function."""
    results = {}
    if report.exists():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = case.get("name").partition("[")[0]
            fell = any(child.tag in ("failure", "error") for child in case)
            results[name] = fell or results.get(name, False)
    return results


def look_for_faults(text, name):
    if fault := FAULT.search(text):
        raise Broken(f"a program that can't run ({fault[0]}): see {COPIED_LOGS / name}")


def pytest_configure():
    """A hook: as pytest's plugin in the copy this module brings its database."""
    if source := os.environ.get(SOURCE_VARIABLE):
        databases.addon_database = lambda **options: source


# === The list === #


def check_unbroken(database, mutations):
    """All named tests have to pass before anything is broken."""
    odoo = {test for mutation in mutations for test in mutation.odoo}
    pytest = {test for mutation in mutations for test in mutation.pytest}
    print(f"{len(odoo | pytest)} tests without a mutation …", flush=True)
    with databases.temporary_database(database) as copy:
        fallen = fallen_tests(copy, odoo, pytest)
    if fallen:
        raise GroundError(
            f"They fall without a mutation: {', '.join(sorted(fallen))}. See "
            f"{COPIED_LOGS}; mend them first (script/test)."
        )


def try_one(database, mutation):
    """Apply one mutation and run its tests.

    :return: whether all of them fell, and a sentence on it
    """
    try:
        with applied(mutation), databases.temporary_database(database) as copy:
            if mutation.update:
                look_for_faults(run_odoo(copy, "-u", ADDON), "odoo.log")
            fallen = fallen_tests(copy, mutation.odoo, mutation.pytest)
    except Broken as error:
        return False, f"BROKEN, {error}"
    if standing := set(mutation.tests) - fallen:
        return False, f"SURVIVED {', '.join(sorted(standing))}"
    return True, f"fell by {', '.join(sorted(fallen))}"


def show(mutations):
    for mutation in mutations:
        print(f"{mutation}\n    {mutation.file}\n    {', '.join(mutation.tests)}")
    counts = {law: sum(m.law == law for m in mutations) for law in LAWS}
    by_law = ", ".join(f"law {law}: {count}" for law, count in counts.items())
    print(f"{len(mutations)} mutations ({by_law})")


def run(mutations):
    """:return: whether every mutation was noticed"""
    print(f"A copy of the tree in {COPY} …", flush=True)
    make_copy()
    print("A database with the addon …", flush=True)
    database = base_database()
    check_unbroken(database, mutations)
    noticed = 0
    for mutation in mutations:
        start = time.monotonic()
        fell, sentence = try_one(database, mutation)
        noticed += fell
        print(f"{mutation}: {sentence} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"\n{noticed} of {len(mutations)} mutations were noticed")
    return noticed == len(mutations)


def main():
    parser = argparse.ArgumentParser(prog="script/mutations", description=__doc__)
    parser.add_argument(
        "wishes", nargs="*", metavar="NAME", help="part of it, or a law"
    )
    parser.add_argument("--list", action="store_true", help="show, do not run")
    options = parser.parse_args()
    try:
        mutations = chosen(read_list(), options.wishes)
        if options.list:
            return show(mutations)
        with ground.locked("mutations"):
            sys.exit(not run(mutations))
    except (GroundError, Broken) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
