"""The callback endpoint, attacked: thousands of requests over real sockets.

Law 9: nobody without the secret leaves a trace but a count, and one company's secret
touches nothing of another's. Law 5: what is authentic and can be read is kept and has
its effect, whatever goes on around it. Law 10: nothing private in the log, which
`module_clinic` reads at the end; a traceback would be found there, too.

FUZZ_SEED=… makes the requests of a failure again.
"""

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from attacker import CALLBACK, Attacker, basic, bearer, message, send
from clinic import PATIENT, QUIET, REASON, SPECIALTY

SEED = int(os.environ.get("FUZZ_SEED", "1931"))
SERVER_OPTIONS = ("--max-cron-threads=1", "--proxy-mode")
CLIENTS = 4
KEPT_OF_CALL = 50  # as the addon has it
HEALTH_PAGE = "clinic.reminder.health.page"
# by crons, each minute: their own rows, and when the dispatcher last looked for calls;
# and what is counted
WRITTEN_ANYWAY = (
    "ir_cron",
    "ir_cron_progress",
    "ir_cron_trigger",
    "voicebox_channel",
    "voicebox_tally",
)

pytestmark = pytest.mark.slow


# === Two clinics with calls under way === #


@pytest.fixture(scope="module")
def other_company(module_clinic):
    """A second company on the same server, called by the same Voicebox."""
    clinic = module_clinic
    shared = ["country_id", "reminder_tz", "reminder_calendar_id", "voicebox_login"]
    shared += ["voicebox_password", "voicebox_method", "voicebox_max_lines"]
    (values,) = clinic.admin("res.company", "read", [clinic.company_id], shared)
    values = {key: v[0] if isinstance(v, list) else v for key, v in values.items()}
    del values["id"]
    (company,) = clinic.admin("res.company", "create", [{**values, "name": "Other"}])
    (admin,) = clinic.admin("res.users", "search", [("login", "=", "admin")])
    clinic.admin("res.users", "write", [admin], {"company_ids": [(4, company)]})
    return company


@pytest.fixture(scope="module")
def other_specialist(module_clinic, other_company):
    return module_clinic._make_user(
        "other",
        company_id=other_company,
        company_ids=[(6, 0, [other_company])],
        takes_visits=True,
    )


@pytest.fixture
def calls(clinic, standin, other_company, other_specialist):
    """Calls that ring, of each company: dict of its id to rows of attempts."""
    voicebox = {"voicebox_url": standin.url, "voicebox_mode": "live"}
    voicebox["voicebox_live_reason"] = REASON
    clinic.admin("res.company", "write", [other_company], voicebox)
    specialists = {
        clinic.company_id: clinic.specialist_id,
        other_company: other_specialist,
    }
    events = {company: book(clinic, who) for company, who in specialists.items()}
    every = sum(events.values(), [])
    clinic.wait("all ring", lambda: are_ringing(clinic, every))
    yield {company: clinic.attempts(*some) for company, some in events.items()}
    values = {"visit_status": "cancelled"}
    clinic.admin("calendar.event", "write", every, values, context=QUIET)


def book(clinic, specialist, count=10):
    visits = [
        clinic._visit(patient, {"user_id": specialist})
        for patient in clinic.patients(count)
    ]
    return clinic.admin("calendar.event", "create", visits, context=QUIET)


def are_ringing(clinic, events):
    ringing = [a for a in clinic.attempts(*events) if a["state"] == "requested"]
    return len(ringing) == len(events)


def secret_of(clinic, company):
    sql = "SELECT voicebox_callback_secret AS secret FROM res_company WHERE id = %s"
    return clinic.rows(sql, company)[0]["secret"].encode()


def names_of(attempt):
    """What tells a callback's call."""
    phone = attempt["phone"].lstrip("+")
    return {"guid": attempt["guid"], "call_id": attempt["call_id"], "number_b": phone}


def attacker(clinic, calls, company, seed=SEED):
    known = [names_of(attempt) for some in calls.values() for attempt in some]
    private = [*PATIENT, SPECIALTY, *(names["number_b"] for names in known)]
    return Attacker(seed, secret_of(clinic, company), known, private)


# === Attacking === #


def attack(clinic, made):
    """Send all from several clients at once; the replies, each as it should be."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        replies = list(clients.map(lambda r: send(clinic.server.port, r.raw), made))
    wrong = [
        f"{reply.status} and not {request.statuses}: {request}"
        for request, reply in zip(made, replies, strict=True)
        if reply.status not in request.statuses
    ]
    assert not wrong, "\n".join(wrong[:10])
    return replies


def fingerprints(clinic):
    """Of the contents of every table."""
    sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    names = {row["name"] for row in clinic.rows(sql)} - set(WRITTEN_ANYWAY)
    digest = "md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
    return {
        name: clinic.rows(f'SELECT {digest} AS print FROM "{name}" t')[0]["print"]
        for name in names
    }


def changed(before, after):
    return sorted(name for name in before if before[name] != after[name])


def refusals(clinic):
    """How many the health route tells of; every question writes down what waits."""
    headers = {"Authorization": f"Bearer {clinic.secret}"}
    url = clinic.server.url + "/clinic_voicebox_reminder/health"
    report = requests.get(url, headers=headers, timeout=60).json()
    return report["checks"]["refused"]["today"]


def health_page(clinic):
    (page,) = clinic.admin(HEALTH_PAGE, "create", [{}])
    return clinic.admin(HEALTH_PAGE, "read", [page], ["content"])[0]["content"]


def strangers(clinic, calls, seed, count):
    """Nothing changes in any table, and every refusal is counted."""
    clinic.run("plan", "dispatch", "sweep")
    before, refused_before = fingerprints(clinic), refusals(clinic)
    stranger = attacker(clinic, calls, clinic.company_id, seed).stranger
    replies = attack(clinic, [stranger(ordinal) for ordinal in range(count)])
    refused = [reply for reply in replies if reply.status == 401]
    assert len(refused) > count / 2
    assert changed(before, fingerprints(clinic)) == []
    total = refused_before + len(refused)
    clinic.wait("all refusals are told", lambda: refusals(clinic) == total)
    assert f"for all companies: {total}." in health_page(clinic)


def muddlers(clinic, calls, seed, count):
    """What can be read is kept as it was said, once; of the rest there is nothing."""
    muddler = attacker(clinic, calls, clinic.company_id, seed).muddler
    made = [muddler(ordinal) for ordinal in range(count)]
    before = clinic.rows("SELECT max(id) AS id FROM voicebox_callback")[0]["id"] or 0
    replies = attack(clinic, made)
    assert all(json.loads(reply.body).keys() == {"status"} for reply in replies)
    sql = "SELECT call_id, number_b, response FROM voicebox_callback WHERE id > %s"
    rows = [{k: v or "" for k, v in row.items()} for row in clinic.rows(sql, before)]
    kept = [request.kept for request in made if request.kept]
    assert len(kept) > count / 3
    assert sorted(rows, key=call_id_of) == sorted(kept, key=call_id_of)


def call_id_of(values):
    return values["call_id"]


# === Laws === #


def test_strangers_leave_nothing_but_a_count(clinic, calls):
    """Law 9, and its count on the health page."""
    strangers(clinic, calls, SEED, 1500)


def test_what_can_be_read_is_kept(clinic, calls):
    """Law 5."""
    muddlers(clinic, calls, SEED, 1000)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_more(clinic, calls):
    """Laws 5 and 9, with other requests; fewer are kept than a flood may leave."""
    for seed in range(SEED + 1, SEED + 11):
        strangers(clinic, calls, seed, 4000)
        muddlers(clinic, calls, seed, 600)


def reports(secret, attempt, words):
    """Requests that report these words of one call, one after another."""
    bodies = [{**names_of(attempt), "response": word} for word in words]
    headers = [bearer(secret)]
    return [message(CALLBACK, headers, json.dumps(body).encode()) for body in bodies]


def test_a_secret_touches_no_other_company(clinic, calls):
    """Law 9: all that names a call is right, but it's another's."""
    clinic.run("plan", "dispatch", "sweep")
    before = fingerprints(clinic)
    words = ["answered", "declined", "opt_out", "perhaps"]
    for job in thefts(clinic, calls, words):
        for raw in job:
            assert send(clinic.server.port, raw).body == b'{"status": "unmatched"}'
    clinic.run("sweep")
    assert changed(before, fingerprints(clinic)) == ["voicebox_callback"]
    assert strayed(clinic) == []


def thefts(clinic, calls, words):
    """Each company reports these words of each of the other's calls."""
    ours, others = calls
    for thief, owner in ((ours, others), (others, ours)):
        secret = secret_of(clinic, thief)
        for attempt in calls[owner]:
            yield reports(secret, attempt, words)


def strayed(clinic):
    """Callbacks at calls of another company."""
    return clinic.rows(
        """SELECT c.id FROM voicebox_callback c
             JOIN clinic_reminder_attempt a ON a.id = c.attempt_id
            WHERE a.company_id != c.company_id"""
    )


def test_right_ones_get_through_in_the_midst(clinic, calls):
    """Laws 4, 5 and 9: strangers, muddlers and thieves shout, the calls are heard."""
    chance = random.Random(SEED)
    truth, jobs = {}, list(thefts(clinic, calls, ["confirmed", "declined"]))
    for company, attempts in calls.items():
        for attempt in attempts:
            word = chance.choice(["confirmed", "declined", "operator"])
            truth[attempt["guid"]] = word
            secret = secret_of(clinic, company)
            jobs.append(reports(secret, attempt, ["answered", word, "answered", word]))
    noisy = attacker(clinic, calls, clinic.company_id, SEED + 100)
    jobs += [[noisy.stranger(n).raw, noisy.muddler(n).raw] for n in range(200)]
    chance.shuffle(jobs)
    port = clinic.server.port
    with ThreadPoolExecutor(CLIENTS) as clients:
        replies = list(clients.map(lambda job: [send(port, raw) for raw in job], jobs))
    assert max(reply.status for some in replies for reply in some) < 500
    clinic.delivered().run("sweep")
    attempts = [a for a in clinic.attempts() if a["guid"] in truth]
    assert {a["guid"]: a["result"] for a in attempts} == truth
    for guid in truth:
        kept = [callback["disposition"] for callback in clinic.callbacks(guid)]
        assert sorted(kept) in (
            ["applied"] * 2 + ["repeated"] * 2 + ["unmatched"] * 2,
            # the pick-up met others, and had its turn after the decision
            ["applied"] + ["repeated"] * 2 + ["stale"] + ["unmatched"] * 2,
            ["applied"] + ["repeated"] + ["stale"] * 2 + ["unmatched"] * 2,
        )
    assert strayed(clinic) == []


def test_a_flood_of_repeats_is_counted(clinic, calls):
    """Law 5: what changes nothing is kept so often and then counted, effects always."""
    (attempt,) = calls[clinic.company_id][:1]
    secret = secret_of(clinic, clinic.company_id)
    (raw,) = reports(secret, attempt, ["answered"])
    port = clinic.server.port
    with ThreadPoolExecutor(CLIENTS) as clients:
        replies = list(clients.map(lambda _n: send(port, raw), range(150)))
    assert {reply.status for reply in replies} == {200}
    (last,) = reports(secret, attempt, ["confirmed"])
    assert send(port, last).status == 200
    clinic.delivered().run("sweep")
    kept = [callback["disposition"] for callback in clinic.callbacks(attempt["guid"])]
    assert sorted(kept) == ["applied"] * 2 + ["repeated"] * KEPT_OF_CALL
    clinic.wait("all are counted", lambda: is_surplus_of(clinic, 151 - len(kept)))


def is_surplus_of(clinic, count):
    refusals(clinic)  # any authentic question writes down what waits
    sql = "SELECT sum(count) AS sum FROM voicebox_tally WHERE kind = 'surplus'"
    return clinic.rows(sql)[0]["sum"] == count


# === Secrets === #


def test_no_secret_lets_nobody_in(clinic, calls):
    """Law 9: no secret, or one of spaces only, is none."""
    secret = clinic.secret
    (attempt,) = calls[clinic.company_id][:1]
    body = json.dumps({**names_of(attempt), "response": "confirmed"}).encode()
    offered = [b"", b" ", b"   ", b"None", b"False", secret.encode()]
    ways = [way for word in offered for way in ways_in(word)]
    try:
        for nothing in (False, "", "   "):
            clinic.configure(voicebox_callback_secret=nothing)
            for target, headers in ways:
                raw = message(target, headers, body)
                assert send(clinic.server.port, raw).status == 401
    finally:
        clinic.configure(voicebox_callback_secret=secret)
    assert clinic.callbacks(attempt["guid"]) == []


def ways_in(secret):
    """Each place where a secret may be: a callback's target and headers."""
    yield CALLBACK, [bearer(secret)]
    yield CALLBACK, [basic(secret)]
    yield CALLBACK + b"/" + secret.replace(b" ", b"%20"), []
