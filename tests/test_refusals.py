"""An answer is kept, whatever another module makes of the visit (laws 2 and 5).

The other module is a probe (`tests/addons/`) that each test tells what to do: to raise
this or that where the visit, its invitation or its patient is written, or to be slow.
"""

from functools import partial

import pytest

import neighbours
from neighbours import PROBE, WITH_PROBES

SOURCE = partial(neighbours.beside, f"{PROBE}refusals")
SERVER_OPTIONS = ("--max-cron-threads=1", WITH_PROBES)
# a contact's refusal of calls that could not be noted on it
DOCUMENTED = [
    r"Errand \d+: \w+Error$",
]
WORDS = "The doctor is on leave."
REFUSED = [
    ("event", "UserError", "confirmed", WORDS),
    ("event", "ValidationError", "declined", WORDS),
    ("event", "AccessError", "operator", WORDS),
    ("event", "Exception", "confirmed", "Exception"),
    ("event", "IntegrityError", "declined", "NotNullViolation"),
    ("event", "OperationalError", "confirmed", "OperationalError"),
    ("attendee", "ValidationError", "confirmed", WORDS),
    ("attendee", "IntegrityError", "declined", "NotNullViolation"),
    ("compute", "ValidationError", "confirmed", WORDS),
    ("constraint", "ValidationError", "declined", WORDS),
]


@pytest.fixture
def switch(clinic):
    """`switch(where, what)`: the probe does so from now on; nothing without `what`."""

    def off(where="%"):
        sql = "DELETE FROM ir_config_parameter WHERE key LIKE %s"
        clinic.rows(sql, f"probe.{where}")

    def switch(where, what=None):
        off(where)
        if what:
            sql = "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)"
            clinic.rows(sql, f"probe.{where}", what)

    yield switch
    off()


@pytest.fixture
def call(clinic, standin):
    """A visit whose patient has been called just now."""

    def call():
        (event,) = clinic.book()
        placed = partial(clinic.attempt, event)
        clinic.wait("the patient is called", lambda: placed().get("call_id"))
        return event

    return call


def answer(clinic, event, word):
    """The patient says it: over HTTP, as Voicebox does."""
    reply = clinic.report(guid=clinic.attempt(event)["guid"], response=word)
    assert reply.status_code == 200, reply.text
    assert clinic.callbacks(clinic.attempt(event)["guid"])


def errands(clinic):
    sql = "SELECT count(*) FROM clinic_reminder_errand"
    return clinic.rows(sql)[0]["count"]


def outcome(clinic, event):
    reminder = clinic.reminder(event)
    return reminder["state"], reminder["outcome"]


def status(clinic, event):
    return clinic.visit(event)["visit_status"]


@pytest.mark.parametrize(("where", "what", "word", "said"), REFUSED)
def test_the_answer_is_kept(clinic, standin, switch, call, where, what, word, said):
    event = call()
    switch(where, what)
    answer(clinic, event, word)
    clinic.wait("it is kept", lambda: outcome(clinic, event) == ("done", word))
    assert clinic.attempt(event)["result"] == word
    clinic.wait("staff are told", lambda: clinic.reminder(event)["visit_refusal"])
    assert clinic.reminder(event)["visit_refusal"] == said
    assert clinic.reminder(event)["needs_attention"]
    assert (status(clinic, event), errands(clinic)) == ("booked", 0)
    clinic.run("plan", "dispatch", "sweep")
    assert len(standin.requests) == 1
    switch(where)
    clinic.run("plan")
    decided = {"declined": "cancelled", "operator": "reschedule"}
    assert status(clinic, event) == decided.get(word, word)
    assert not clinic.reminder(event)["visit_refusal"]


def test_no_answer_waits_for_a_slow_module(clinic, switch, call):
    """Not even while the only cron thread is held up by it."""
    first, second = call(), call()
    switch("event", "wait")
    for event in (first, second):
        answer(clinic, event, "confirmed")
        assert status(clinic, event) == "booked"
    switch("event")
    for event in (first, second):
        clinic.wait("it is brought", lambda e=event: status(clinic, e) == "confirmed")


def test_a_contact_that_cannot_be_written(clinic, standin, switch, call):
    """Who wants no calls gets none, whatever keeps the contact from telling so."""
    event = call()
    switch("partner", "ValidationError")
    answer(clinic, event, "opt_out")
    kept = ("done", "operator")
    clinic.wait("it is kept", lambda: outcome(clinic, event) == kept)
    clinic.wait("all is brought", lambda: not errands(clinic))
    assert status(clinic, event) == "reschedule"
    switch("partner")
    clinic.book(patient_ids=[clinic.visit(event)["patient_id"]])
    clinic.run("plan", "dispatch", "sweep")
    assert len(standin.requests) == 1
