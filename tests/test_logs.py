"""Law 10: the log of a server that met every kind of trouble, and nothing private.

The addon and the HTTP library below it log all they have to say. Odoo itself at that
level writes the arguments of every RPC into its log, whatever the addon.

The other modules' logs are read at their end as well (`module_clinic`).
"""

import json

import pytest
import requests

import standin as far
from clinic import ADDON, AREA_CODES, METHOD, PATIENT, RpcError

SERVER_OPTIONS = (
    "--max-cron-threads=1",
    f"--log-handler=odoo.addons.{ADDON}:DEBUG",
    "--log-handler=urllib3:DEBUG",
)
DOCUMENTED = (
    # Odoo logs every refusal that a user is shown
    r"odoo\.http: (This patient is being called right now|Not called: )",
)

pytestmark = pytest.mark.slow

ECHO = json.dumps({"error": f"{' '.join(PATIENT)} 12025550100"}, ensure_ascii=False)


@pytest.mark.parametrize(
    "behave",
    [
        far.reply(200, b'{"id": "x"}'),
        far.reply(200, ECHO.encode()),
        far.reply(400, ECHO.encode()),
        far.reply(401, ECHO.encode()),
        far.reply(429, ECHO.encode(), Retry_After="nonsense"),
        far.reply(500, ECHO.encode()),
        far.reset,
    ],
    ids=["accepted", "echo", "400", "401", "429", "500", "reset"],
)
def test_replies(clinic, standin, behave):
    standin.behave = behave
    (event,) = clinic.book()
    clinic.wait("there is a reply", lambda: has_reply(clinic.attempt(event)))
    assert standin.requests
    clinic.run("plan", "dispatch", "sweep")


def has_reply(attempt):
    return attempt["state"] not in (None, "requesting")


def test_callbacks(clinic, standin):
    (event,) = clinic.book()
    clinic.wait("it rings", lambda: clinic.attempt(event)["state"] == "requested")
    fields = {"guid": clinic.attempt(event)["guid"], "number_b": clinic.phone(event)}
    bodies = [
        {**fields, "response": "answered"},
        {**fields, "response": clinic.phone(event)},
        {**fields, "response": " ".join(PATIENT)},
        {**fields, "guid": clinic.phone(event), "response": "confirmed"},
        {**fields, "number_b": "12125550199", "response": "confirmed"},
        {**fields, "response": "operator"},
        [fields],
    ]
    for body in bodies:
        for address, headers in ways_in(clinic):
            requests.post(address, json=body, headers=headers, timeout=60)
    assert clinic.delivered().visit(event)["visit_status"] == "reschedule"


def ways_in(clinic):
    """The callback address with the secret in each place it may be."""
    yield clinic.callback_url, {"Authorization": f"Bearer {clinic.secret}"}
    yield f"{clinic.callback_url}/{clinic.secret}", {}
    yield f"{clinic.callback_url}/{clinic.secret}?number=1{AREA_CODES[0]}5550100", {}
    yield f"{clinic.callback_url}?secret={clinic.secret}", {}
    yield f"{clinic.callback_url}/{clinic.secret}x", {}
    yield clinic.callback_url, {"Authorization": f"Basic {clinic.secret}"}


def test_refusals_to_staff(clinic, standin):
    (event,) = clinic.book()
    clinic.wait("it rings", lambda: clinic.attempt(event)["state"] == "requested")
    for values in ({}, {"visit_status": "done"}):
        clinic.desk("calendar.event", "write", [event], values)
        with pytest.raises(RpcError):
            clinic.call_now(event)


def test_numbers_that_cannot_be_dialled(clinic, standin):
    patients = clinic.patients(phone=f"+7 495 555-01-00 доб. {PATIENT[0]}")
    patients += clinic.patients(phone=PATIENT[1])
    events = clinic.book(patient_ids=patients)
    clinic.run("plan", "dispatch")
    assert standin.requests == []
    assert all(clinic.reminder(e)["skip_reason"] == "bad_phone" for e in events)


def test_settings_broken_behind_odoos_back(clinic, standin):
    clinic.rows("UPDATE res_company SET voicebox_method = %s", PATIENT[0])
    (event,) = clinic.book()
    clinic.run("plan", "dispatch", "sweep")
    assert standin.requests == []
    assert clinic.reminder(event)["state"] == "planned"
    assert clinic.channel()["error_kind"] == "configuration"
    clinic.configure(voicebox_method=METHOD)
    clinic.wait("it is called", lambda: standin.requests)
