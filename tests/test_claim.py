"""Who comes first, by construction: dispatchers, staff, the phone (laws 1, 2 and 3)."""

import json
import subprocess

import pytest

import databases
import ground
import odoo_runner
from standin import accept

CODE = """
import json, sys
sys.path.insert(0, {folder!r})
import two_transactions
print("FOUND", json.dumps(two_transactions.look(env)))
"""


def test_a_post_finds_its_row_committed(clinic, standin):
    """Law 1: another connection sees the attempt when its POST arrives."""
    missing = []

    def look(connection, standin):
        guids = [request.data["guid"] for request in list(standin.requests)]
        sql = "SELECT guid FROM clinic_reminder_attempt WHERE guid = ANY(%s)"
        known = {row["guid"] for row in clinic.rows(sql, guids)}
        missing.extend(set(guids) - known)
        accept()(connection, standin)

    standin.behave = look
    events = clinic.book(5)
    clinic.wait("all are called", lambda: len(standin.numbers()) == len(events))
    clinic.wait("all ring", lambda: are_ringing(clinic, events))
    assert missing == []


def are_ringing(clinic, events):
    return {a["state"] for a in clinic.attempts(*events)} == {"requested"}


@pytest.fixture(scope="module")
def found():
    """What others met while a claim of one call was open; see two_transactions."""
    with databases.temporary_database(databases.addon_database()) as database:
        done = subprocess.run(
            odoo_runner.odoo_command("shell", "-d", database, "--no-http"),
            env=odoo_runner.odoo_env(),
            input=CODE.format(folder=str(ground.ROOT / "tests" / "support")),
            capture_output=True,
            text=True,
        )
    lines = [x for x in done.stdout.splitlines() if x.startswith("FOUND ")]
    assert lines, done.stderr
    found = json.loads(lines[0].removeprefix("FOUND "))
    assert len(found["due"]) == 2
    assert len(found["claimed"]) == 1
    return found


def test_one_dispatcher_claims_at_a_time(found):
    """Law 2: a second one would count the one line as free."""
    assert found["second dispatcher"] == 0


def test_no_reminder_is_claimed_twice(found):
    """Law 2: nor is a claimed one waited for."""
    assert found["second claim"] == sorted(set(found["due"]) - set(found["claimed"]))


def test_a_callback_waits_for_nobody(found):
    """Law 5: not for an errand, in which other modules are at work; it is kept."""
    assert not found["callback"]
    (line,) = found["told"]
    assert line.endswith("has to wait: 55P03")  # not 57014, after a wait


def test_what_is_called_about_stays_as_it_was_checked(found):
    """Law 3: until the attempt is committed; other visits are free."""
    assert (found["move"], found["opt out"]) == ("waits", "waits")
    assert found["move another"] == "done"
