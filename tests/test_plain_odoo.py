"""The addon's tests on a plain Odoo: what needs more than Odoo is skipped by name."""

import os
import re

import pytest

import databases
import ground
import odoo_runner
from run_tests import TEST_SKIPPED, TEST_TOTALS

pytestmark = pytest.mark.slow

TAGS = ",".join(
    f"/{ground.ADDON}:{name}"
    for name in ("TestLaws", "TestHypothesis", "TestClockChanges")
)


def test_hypothesis_is_not_asked_for(tmp_path):
    missing = "raise ImportError('there is no hypothesis here')\n"
    (tmp_path / "hypothesis.py").write_text(missing)
    log = ground.LOGS / "plain_odoo.log"
    path = os.pathsep.join([str(tmp_path), odoo_runner.odoo_env()["PYTHONPATH"]])
    with databases.temporary_database(databases.addon_database()) as database:
        options = ("-d", database, f"--test-tags={TAGS}", "--stop-after-init")
        quiet = ("--max-cron-threads=0", f"--http-port={ground.free_port()}")
        code = odoo_runner.run_odoo(*options, *quiet, log_path=log, PYTHONPATH=path)
    text = log.read_text()
    assert code == 0, text[-3000:]
    failed, errors, total = map(int, TEST_TOTALS.findall(text)[-1])
    assert (failed, errors) == (0, 0) and total > 0
    skipped = [name for name, why in TEST_SKIPPED.findall(text) if "hypothesis" in why]
    assert skipped and all(re.search(r"\.test_", name) for name in skipped)
