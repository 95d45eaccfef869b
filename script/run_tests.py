"""Runs the tests and closes with the counts; see `script/test --help`."""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import databases
import ground
import odoo_runner
from ground import ADDON, ADDONS, GLUE, LOCAL, LOGS, PYTHON, ROOT, VENV, GroundError

SUITES = ("lint", "odoo", "neighbours", "pytest")
# Jobs side by side: as many as there are cores, for each waits for its servers and
# browsers while another works. The longest begin, so that none ends long after all.
LANES = min(max(os.cpu_count() or 1, 2), 4)
LONGEST = (
    "twenty_modules",
    "fortnight",
    "package",
    "processes",
    "fuzz",
    "deaths",
    "demo",
    "simulator",
    "wire",
)
NO_TESTS = 5  # pytest's exit code
REPORT_LINES = 60
SOAKED_EXAMPLES = "300"  # random interleavings; the suite plays a tenth

LOG_RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ ([A-Z]+) ", re.MULTILINE)
PROBLEM_LEVELS = ("WARNING", "ERROR", "CRITICAL")
TEST_TOTALS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
TEST_START = re.compile(r": Starting \w+\.\w+")
TEST_SKIPPED = re.compile(r" skipped (\S.*?) : (.*)$", re.MULTILINE)
NEEDS_NEIGHBOURS = re.compile(rf"\bneighbours\b|/({'|'.join(GLUE)})\b")
NEEDED = re.compile("chrom|browser|websocket|playwright|hypothesis", re.IGNORECASE)


@dataclass
class Result:
    """What came of one suite; `report` is for the failures."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    report: list = field(default_factory=list)

    def __add__(self, other):
        return Result(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.report + other.report,
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def failure(*report):
    return Result(failed=1, report=list(report))


# === Lint === #


def lint(options):
    return sum((run_linter(*item) for item in linters(options.fast)), Result())


def linters(fast):
    """Name and command of each linter."""
    tools = VENV / "bin"
    addons = [ROOT / addon for addon in ADDONS]
    yield "ruff check", [tools / "ruff", "check", "--quiet", ROOT]
    yield "ruff format", [tools / "ruff", "format", "--check", "--quiet", ROOT]
    if fast:
        return
    yield "pylint-odoo", [tools / "pylint", "-j2", *addons]
    yield "oca-checks-odoo-module", [tools / "oca-checks-odoo-module", *addons]
    yield from translation_linters(tools, addons)
    files = [f"{ADDON}*/**/*.{{xml,js,css}}", "voicebox_simulator/**/*.{js,css}"]
    options = ["--no-error-on-unmatched-pattern", "--log-level=warn"]
    yield "prettier", [ground.NODE_TOOLS / "prettier", "--check", *options, *files]


def translation_linters(tools, addons):
    files = [file for addon in addons for file in addon.glob("i18n/*.po*")]
    if files:
        yield "oca-checks-po", [tools / "oca-checks-po", *files]


def run_linter(name, command):
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log = LOGS / f"lint_{name.replace(' ', '_')}.log"
    log.write_text(done.stdout)
    if not done.returncode:
        return Result(passed=1)
    return failure(f"{name}: see {log}\n{cut(done.stdout or 'failed')}")


# === The addons' own tests === #


@dataclass
class Place:
    """Where addons are tested: their names, and the database that has the rest."""

    name: str
    installed: list
    tested: list
    template: Callable
    tags: str

    @property
    def fast_database(self):
        return f"test_fast_{self.name}"

    @property
    def fast_state(self):
        return LOCAL / "stamps" / self.fast_database

    def log(self, step=""):
        return LOGS / f"test_{self.name}{step and '_' + step}.log"


ALONE = Place("odoo", [ADDON], [ADDON], databases.template_database, f"/{ADDON}")
# Tests of the first addon that need a neighbour are tagged "-standard", "neighbours".
AMONG_NEIGHBOURS = Place(
    "neighbours",
    ADDONS,
    GLUE,
    databases.neighbours_template,
    ",".join([f"neighbours/{ADDON}", *(f"/{addon}" for addon in GLUE)]),
)


def odoo_tests(place, options):
    if options.fast:
        with ground.locked(place.fast_database):
            return fast_odoo_tests(place, options)
    with databases.temporary_database(place.template()) as database:
        return full_odoo_tests(place, database, options)


def full_odoo_tests(place, database, options):
    """Install, update with the tests, uninstall; each must leave a clean log."""
    result = odoo_step(place, "install", database, "-i", ",".join(place.installed))
    if result.failed:
        return result
    update = ("-u", ",".join(place.tested))
    result += run_odoo_tests(place, database, options, *update)
    if not options.test_tags:
        result += odoo_uninstall(place, database)
    return result


def odoo_step(place, name, database, *arguments):
    """Run Odoo once without tests; any warning in its log is a failure."""
    log = place.log(name)
    code = odoo_runner.run_odoo(
        *("-d", database, *arguments, "--stop-after-init", "--no-http"),
        "--max-cron-threads=0",
        log_path=log,
    )
    return clean_log(name, log, code)


def odoo_uninstall(place, database):
    log = place.log("uninstall")
    code = odoo_runner.run_odoo(
        "module", "uninstall", "-d", database, *place.tested, log_path=log
    )
    return clean_log("uninstall", log, code)


def clean_log(name, log, code):
    problems = problem_records(log.read_text(errors="replace"))
    if not code and not problems:
        return Result(passed=1)
    said = "\n".join(problems) or tail(log)
    return failure(f"{name}: see {log}\n{cut(said)}")


def run_odoo_tests(place, database, options, *arguments):
    """Run a place's tests in a database; count them from Odoo's own closing line."""
    log = place.log()
    tags = options.test_tags or default_tags(place, options.fast)
    more = {"REMINDER_LAWS_EXAMPLES": SOAKED_EXAMPLES} if options.soak else {}
    code = odoo_runner.run_odoo(
        *("-d", database, *arguments, f"--test-tags={tags}", "--stop-after-init"),
        *("--max-cron-threads=0", f"--http-port={ground.free_port()}"),
        log_path=log,
        **more,
    )
    return read_odoo_log(log, code)


def default_tags(place, fast):
    return place.tags + (",-slow,-browser" if fast else "")


def read_odoo_log(log, code):
    text = log.read_text(errors="replace")
    totals = TEST_TOTALS.findall(text)
    if not totals:
        return failure(f"Odoo ran no tests (exit {code}): see {log}\n{tail(log)}")
    failures, errors, total = map(int, totals[-1])
    if not total:
        return failure(f"Odoo ran no tests, none has these tags: see {log}")
    skipped = TEST_SKIPPED.findall(text)
    result = odoo_counts(failures + errors, total, skipped)
    result += update_problems(text, log)
    if code and not result.failed:
        result += failure(f"Odoo ended with exit code {code}: see {log}\n{tail(log)}")
    if failures + errors:
        said = "\n".join(problem_records(text, ("ERROR", "CRITICAL")))
        result.report.append(f"Odoo tests: see {log}\n{cut(said)}")
    return result


def odoo_counts(failed, total, skipped):
    """Tests skipped for want of what the bootstrap installs are failures."""
    lost = [f"{name}: {why}" for name, why in skipped if NEEDED.search(why)]
    in_total = sum(not name.startswith("setUpClass") for name, why in skipped)
    report = [
        f"Skipped for want of a browser or of hypothesis:\n{cut(chr(10).join(lost))}"
    ]
    return Result(
        passed=max(total - failed - in_total, 0),
        failed=failed + len(lost),
        skipped=len(skipped) - len(lost),
        report=report if lost else [],
    )


def update_problems(text, log):
    """Warnings before the first test: those of the update."""
    first_test = TEST_START.search(text)
    problems = problem_records(text[: first_test.start()] if first_test else text)
    if not problems:
        return Result()
    return failure(f"update: see {log}\n{cut(chr(10).join(problems))}")


def problem_records(text, levels=PROBLEM_LEVELS):
    """The records of these levels in an Odoo log, tracebacks included."""
    starts = list(LOG_RECORD.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return [
        text[start.start() : end].rstrip()
        for start, end in zip(starts, ends, strict=True)
        if start[1] in levels
    ]


# === The inner loop === #


def fast_odoo_tests(place, options):
    """Tests in a database that is kept, updated only where an addon changed."""
    state = databases.addon_digest(place.installed)
    template = place.template()
    database = place.fast_database
    kept = databases.database_exists(database) and place.fast_state.exists()
    if kept and place.fast_state.read_text() == state:
        return run_odoo_tests(place, database, options)
    if not kept:
        databases.clone_database(template, database)
    place.fast_state.unlink(missing_ok=True)
    change = ["-i", ",".join(place.installed), *(["-u", ADDON] if kept else [])]
    result = run_odoo_tests(place, database, options, *change)
    if result.passed:
        ground.replace_file(place.fast_state, state)
    return result


# === End-to-end tests === #


def pytest_files():
    """The files of tests, the longest first."""
    order = {f"test_{name}.py": rank for rank, name in enumerate(LONGEST)}
    files = sorted((ROOT / "tests").glob("test_*.py"))
    return sorted(files, key=lambda path: order.get(path.name, len(order)))


def pytest_tests(path, options):
    """Run the tests of a file, in a process of its own."""
    report = LOGS / f"pytest_{path.stem}.xml"
    log = report.with_suffix(".log")
    report.unlink(missing_ok=True)
    with open(log, "w") as output:
        code = subprocess.run(
            pytest_command(path, options, report),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ).returncode
    if code == NO_TESTS and (options.fast or options.expression):
        return Result()
    if not report.exists():
        return failure(f"pytest did not run (exit {code}): see {log}\n{tail(log)}")
    return read_pytest_report(report, log, code)


def pytest_command(path, options, report):
    command = [PYTHON, "-m", "pytest", "-q", "--tb=short", f"--junitxml={report}", path]
    if options.fast:
        command += ["-m", "not soak and not slow and not browser"]
    elif options.soak:
        command += ["-m", "soak or not soak"]
    if options.expression:
        command += ["-k", options.expression]
    return command


def read_pytest_report(report, log, code):
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failed = [case for case in cases if outcome(case, "failure", "error")]
    skipped = [case for case in cases if outcome(case, "skipped")]
    lost = [case for case in skipped if NEEDED.search(outcome(case, "skipped"))]
    result = Result(
        passed=len(cases) - len(failed) - len(skipped),
        failed=len(failed) + len(lost),
        skipped=len(skipped) - len(lost),
    )
    if code or lost:
        result.failed = result.failed or 1
        result.report.append(f"pytest: see {log}\n{tail(log)}")
        result.report += [f"skipped, no browser: {case.get('name')}" for case in lost]
    return result


def outcome(case, *kinds):
    """The message of a test case's failure, error or skip, or None."""
    found = [child for child in case if child.tag in kinds]
    return f"{found[0].get('message')} {found[0].text}" if found else None


# === Output === #


def cut(text):
    lines = text.splitlines()
    more = len(lines) - REPORT_LINES
    return "\n".join(lines[:REPORT_LINES] + [f"… {more} more lines"] * (more > 0))


def tail(path):
    return "\n".join(path.read_text(errors="replace").splitlines()[-REPORT_LINES:])


def jobs(options):
    """Name and work of each job of the suites that are wanted, the longest first."""
    tests = (
        (f"tests/{path.name}", partial(pytest_tests, path)) for path in pytest_files()
    )
    suites = {
        "odoo": [("odoo", partial(odoo_tests, ALONE))],
        "pytest": tests,
        "neighbours": [("neighbours", partial(odoo_tests, AMONG_NEIGHBOURS))],
        "lint": [("lint", lint)],
    }
    return [job for suite in suites if suite in options.suites for job in suites[suite]]


def run_job(options, job):
    """Run one job; what stops it is a failure of it, not of the whole run."""
    name, work = job
    start = time.monotonic()
    try:
        result = work(options)
    except GroundError as error:
        result = failure(str(error))
    said = [f"{name}: {result} ({time.monotonic() - start:.0f} s)"]
    said += [f"\n{text}\n" for text in result.report]
    print("\n".join(said), flush=True)
    return result


def left_out(options):
    """What a limited run does not tell."""
    if options.fast:
        yield "pylint-odoo, checks of XML, translations and JavaScript"
        yield "Odoo tests tagged slow or browser, at_install where nothing changed"
        yield "install, update and uninstall with a clean log"
        yield "pytest tests marked slow or browser"
    if not options.soak:
        yield "pytest tests marked soak (script/test --soak)"
    missing = [name for name in SUITES if name not in options.suites]
    if missing:
        yield ", ".join(missing)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/test", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--fast", action="store_true", help="the inner loop")
    parser.add_argument("--soak", action="store_true", help="tests of minutes, too")
    parser.add_argument("-k", dest="expression", help="pytest's: which of its tests")
    parser.add_argument("--test-tags", help="Odoo's: which of the addons' tests")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {SUITES}")
    options.suites = options.suites or chosen_suites(options)
    return options


def chosen_suites(options):
    """An option that picks tests of one suite picks the suite."""
    chosen = [name for name, picks in picked_by(options).items() if picks]
    return chosen or list(SUITES)


def picked_by(options):
    among_neighbours = options.test_tags and NEEDS_NEIGHBOURS.search(options.test_tags)
    return {
        "odoo": options.test_tags and not among_neighbours,
        "neighbours": among_neighbours,
        "pytest": options.expression,
    }


def main():
    options = parse_arguments()
    LOGS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    print(f"{', '.join(options.suites)}: {LANES} jobs at a time …", flush=True)
    with ThreadPoolExecutor(LANES) as pool:
        total = sum(pool.map(partial(run_job, options), jobs(options)), Result())
    print("\n".join(f"Left out: {what}" for what in left_out(options)))
    print(f"\n{total}")
    sys.exit(bool(total.failed or not total.passed))


if __name__ == "__main__":
    main()
