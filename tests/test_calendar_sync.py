"""Beside Google's and Microsoft's calendars: the real modules, and a stand-in on the
loopback in the place of their servers.

What a sync brings is no patient's visit by itself; and what a patient says is kept and
brought there by the sync's own run, never by the callback's.
"""

import json
import uuid
from datetime import timedelta
from functools import partial

import pytest

import neighbours
from clinic import running_clinic
from neighbours import PROBE, WITH_PROBES
from standin import StandIn, reply

GUEST, SPECIALIST = "guest@example.com", "specialist@example.com"
TOKENS = """
    INSERT INTO res_users_settings (user_id) SELECT %s
     WHERE NOT EXISTS (SELECT 1 FROM res_users_settings WHERE user_id = %s);
    UPDATE res_users_settings
       SET google_calendar_rtoken = 'r', google_calendar_token = 't',
           google_calendar_sync_token = 's', microsoft_calendar_sync_token = 's',
           google_calendar_token_validity = '2099-01-01',
           google_synchronization_stopped = %s, microsoft_synchronization_stopped = %s
     WHERE user_id = %s;
    UPDATE res_users
       SET microsoft_calendar_rtoken = 'r', microsoft_calendar_token = 't',
           microsoft_calendar_token_validity = '2099-01-01'
     WHERE id = %s;
"""


class Elsewhere(StandIn):
    """Google's and Microsoft's calendars: `items` are what has changed there."""

    def __init__(self):
        super().__init__(self.answer)
        self.items = []

    @property
    def root(self):
        return f"http://127.0.0.1:{self.port}"

    def answer(self, connection, standin):
        line = self.requests[-1].line.decode()
        answer = {"id": f"elsewhere-{len(self.requests)}", "iCalUId": "uid"}
        if line.startswith("GET /calendar/v3/"):
            answer = {"items": self.items, "nextSyncToken": "next"}
        elif line.startswith("GET /v1.0/"):
            link = f"{self.root}/delta?$deltatoken=next"
            answer = {"value": self.items, "@odata.deltaLink": link}
        reply(200, json.dumps(answer).encode())(connection, standin)


@pytest.fixture(scope="module")
def elsewhere():
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module")
def module_clinic(elsewhere):
    where = {
        "name": "sync",
        "env": {"PROBE_CALENDARS_URL": elsewhere.root},
    }
    source = neighbours.beside(f"{PROBE}sync")
    options = ("--max-cron-threads=1", WITH_PROBES)
    with running_clinic(*options, source=source, **where) as clinic:
        specialist = [clinic.specialist_partner_id]
        clinic.admin("res.partner", "write", specialist, {"email": SPECIALIST})
        yield clinic
        clinic.assert_log_is_clean()


@pytest.fixture(params=["google", "microsoft"])
def service(request, clinic, elsewhere):
    """The calendar that the specialist's is synchronized with.

    Without the events of other tests: Outlook's takes none where an address is missing.
    """
    clinic.rows("UPDATE calendar_event SET active = FALSE")
    elsewhere.items = []
    connect(clinic, request.param)
    return request.param


def connect(clinic, service):
    user = clinic.specialist_id
    stopped = (service != "google", service != "microsoft")
    clinic.rows(TOKENS, user, user, *stopped, user, user)
    # the server has read the tokens before
    clinic.admin("res.users", "write", [user], {"signature": f"<p>{service}</p>"})


def synchronize(clinic, service):
    """The module's own scheduled action, from start to end."""
    trigger = clinic._trigger(f"{service}_calendar.ir_cron_sync_all_cals")
    clinic._notify()
    sql = "SELECT 1 FROM ir_cron_trigger WHERE id = %s"
    clinic.wait(f"{service} has run", partial(clinic._is_gone, sql, trigger))


# === What it brings === #


def google_event(clinic, ordinal, **values):
    start = clinic.tomorrow(minutes=ordinal)
    times = {"start": start, "end": start + timedelta(minutes=30)}
    return {
        "id": f"google{ordinal}",
        "summary": "Brought",
        "updated": "2099-01-01T00:00:00Z",
        "organizer": {"email": SPECIALIST, "self": True},
        "reminders": {"useDefault": True},
        "attendees": [
            {"email": SPECIALIST, "responseStatus": "accepted"},
            {"email": GUEST, "responseStatus": "needsAction"},
        ],
        **{name: {"dateTime": f"{t.isoformat()}Z"} for name, t in times.items()},
        **values,
    }


def microsoft_event(clinic, ordinal, **values):
    start = clinic.tomorrow(minutes=ordinal)
    times = {"start": start, "end": start + timedelta(minutes=30)}
    people = {SPECIALIST: "organizer", GUEST: "none"}
    return {
        "id": f"outlook{ordinal}",
        "iCalUId": f"uid{ordinal}",
        "type": "singleInstance",
        "subject": "Brought",
        "lastModifiedDateTime": "2099-01-01T00:00:00Z",
        "isAllDay": False,
        "isOrganizer": True,
        "showAs": "busy",
        "sensitivity": "normal",
        "organizer": {"emailAddress": {"address": SPECIALIST}},
        "attendees": [
            {"emailAddress": {"address": who}, "status": {"response": said}}
            for who, said in people.items()
        ],
        **{n: {"dateTime": t.isoformat(), "timeZone": "UTC"} for n, t in times.items()},
        **values,
    }


def brought(clinic):
    sql = """SELECT e.id, e.privacy, e.patient_id, count(g.res_partner_id) AS guests
               FROM calendar_event e
               JOIN calendar_event_res_partner_rel g ON g.calendar_event_id = e.id
              WHERE e.name = 'Brought' AND e.active GROUP BY e.id ORDER BY e.id"""
    return clinic.rows(sql)


@pytest.fixture
def guest(clinic):
    """Somebody whom the clinic knows, with a number that could be called."""
    (guest,) = clinic.patients(email=GUEST)
    yield guest
    clinic.rows("UPDATE res_partner SET email_normalized = NULL WHERE id = %s", guest)
    clinic.rows("UPDATE calendar_event SET active = FALSE WHERE name = 'Brought'")
    clinic.configure(reminder_visit_synced=False)


MAKERS = {"google": google_event, "microsoft": microsoft_event}
PRIVATE = {"google": {"visibility": "private"}, "microsoft": {"sensitivity": "private"}}


@pytest.mark.parametrize("wanted", [False, True])
def test_what_a_sync_brings_is_no_visit_unless_wanted(
    clinic, standin, service, elsewhere, guest, wanted
):
    clinic.configure(reminder_visit_synced=wanted)
    make, first = MAKERS[service], 300 + 100 * wanted
    elsewhere.items = [
        make(clinic, first),
        make(clinic, first + 50, **PRIVATE[service]),
    ]
    synchronize(clinic, service)
    public, private = brought(clinic)
    assert (public["guests"], private["guests"]) == (2, 2)
    assert (private["privacy"], private["patient_id"]) == ("private", None)
    assert public["patient_id"] == (guest if wanted else None)
    clinic.run("plan", "dispatch")
    assert len(standin.requests) == int(wanted)


# === What it is told === #


IDS = {
    "google": "UPDATE calendar_event SET google_id = 'google' || id",
    "microsoft": """UPDATE calendar_event SET microsoft_id = 'outlook' || id,
                    ms_universal_event_id = 'uid' || id""",
}


def call(clinic, service):
    """A visit that is known elsewhere, whose patient has been called just now."""
    (patient,) = clinic.patients(email=f"{uuid.uuid4().hex}@example.com")
    (event,) = clinic.book(patient_ids=[patient])
    clinic.wait("it is called", lambda: clinic.attempt(event).get("call_id"))
    known = f"{IDS[service]}, need_sync = FALSE, need_sync_m = FALSE WHERE id = %s"
    clinic.rows(known, event)
    return event


def say(clinic, event, word):
    reply = clinic.report(guid=clinic.attempt(event)["guid"], response=word)
    assert reply.status_code == 200, reply.text


def wait_for(clinic, event, status):
    clinic.wait(status, lambda: clinic.visit(event)["visit_status"] == status)


@pytest.mark.parametrize(
    ("word", "status", "invitation"),
    [("confirmed", "confirmed", "accepted"), ("declined", "cancelled", "declined")],
)
def test_an_answer_is_left_to_the_next_sync(
    clinic, standin, service, elsewhere, word, status, invitation
):
    event = call(clinic, service)
    # Google's organizer does not permit the guests to change anything
    sql = "UPDATE calendar_event SET guests_readonly = TRUE WHERE id = %s"
    clinic.rows(sql, event)
    before = len(elsewhere.requests)
    say(clinic, event, word)
    wait_for(clinic, event, status)
    assert clinic.invitation(event) == invitation
    clinic.run("plan", "dispatch", "sweep")
    assert len(clinic.attempts(event)) == 1
    assert len(elsewhere.requests) == before
    synchronize(clinic, service)
    told = [json.loads(r.body) for r in elsewhere.requests[before:] if r.body]
    assert invitation in json.dumps(told).lower()


def test_a_series_of_outlooks(clinic, standin, elsewhere):
    """Odoo refuses those whose calendar is Outlook's any change of a series."""
    connect(clinic, "neither")
    event = call(clinic, "microsoft")
    clinic.rows("UPDATE calendar_event SET recurrency = TRUE WHERE id = %s", event)
    connect(clinic, "microsoft")
    before = len(elsewhere.requests)
    say(clinic, event, "confirmed")
    wait_for(clinic, event, "confirmed")
    clinic.run("sweep", "plan", "dispatch")
    assert len(clinic.attempts(event)) == 1
    assert len(elsewhere.requests) == before
