"""Over the wire with a far side of bare sockets.

The bytes we send, what each class of reply does to the records (laws 2 and 6), and what
a callback may look like (laws 5 and 9).
"""

import base64
import json
import socket
import uuid

import pytest
import requests

import standin as far
from clinic import LOGIN, METHOD, PASSWORD, SPECIALTY, SPOKEN_NAME, RpcError
from standin import StandIn

DOCUMENTED = (r"odoo\.http: This patient is being called right now",)
HTML = "<html><body>Принято</body></html>".encode()


# === The request === #


def call(clinic):
    """Book a visit and wait until its call got some reply."""
    (event,) = clinic.book()
    clinic.wait(
        "a call has its reply",
        lambda: clinic.attempt(event)["state"] not in (None, "requesting"),
    )
    clinic.run("dispatch")
    return event


def test_the_request_byte_for_byte(clinic, standin):
    event = call(clinic)
    (request,) = standin.requests
    visit = f"{SPECIALTY} {clinic.spoken_time(clinic.visit(event)['start'])}"
    guid = clinic.attempt(event)["guid"]
    assert str(uuid.UUID(guid)) == guid
    assert clinic.phone(event).isdigit() and len(clinic.phone(event)) == 11
    body = (
        f'{{"method": "{METHOD}", "data": {{"number": "{clinic.phone(event)}", '
        f'"guid": "{guid}", "name": "{SPOKEN_NAME}", "visit": "{visit}"}}}}'
    )
    assert request.body.decode() == body


def test_the_head_of_the_request(clinic, standin):
    call(clinic)
    (request,) = standin.requests
    credentials = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
    assert request.line == b"POST /api/v1/sb HTTP/1.1"
    expected = {
        "host": f"127.0.0.1:{standin.port}",
        "authorization": f"Basic {credentials}",
        "content-type": "application/json",
        "content-length": str(len(request.body)),
    }
    assert {k: v for k, v in request.headers.items() if k in expected} == expected
    others = {"accept", "accept-encoding", "connection", "user-agent"}
    assert set(request.headers) <= {*expected, *others}


def test_what_cannot_be_spoken_is_replaced(clinic, standin):
    names = ["Алёхина-Жёлудь Анна Петровна", "Smith\u00a0«Jr» №5 <b>", "Ёжиков Пётр"]
    events = []
    for name in names:
        (patient,) = clinic.patients(name=name)
        events += clinic.book(patient_ids=[patient])
    clinic.wait("all were called", lambda: len(standin.requests) == len(names))
    for request in standin.requests:
        spoken = request.data["name"] + request.data["visit"]
        assert all(is_speakable(sign) for sign in spoken), spoken
        assert "  " not in spoken
        assert all(clinic.attempts(event) for event in events)


def is_speakable(sign):
    russian = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    return sign in " :" or sign.isascii() and sign.isalnum() or sign.lower() in russian


# === The replies === #

ACCEPTED = {"state": "requested", "error_kind": None, "is_counted": True}
AMBIGUOUS = {
    "state": "requested",
    "error_kind": "ambiguous",
    "is_counted": True,
    "call_id": None,
}
NOT_PLACED = {"state": "finished", "is_counted": False, "result": None}


def assert_same(record, **expected):
    assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("body", "call_id"),
    [
        (b'{"id": "a-string"}', "a-string"),
        (b'{"id": 123456789012345678901234567890}', "123456789012345678901234567890"),
        (b'\xef\xbb\xbf {"status": "ok", "id": 7, "id_type": 1}\r\n', "7"),
    ],
    ids=["string", "number", "more"],
)
def test_accepted(clinic, standin, body, call_id):
    standin.behave = far.reply(200, body)
    event = call(clinic)
    attempt = clinic.attempt(event)
    assert_same(attempt, **ACCEPTED, call_id=call_id, http_status=200)
    assert clinic.reminder(event)["state"] == "calling"
    assert clinic.channel()["state"] == "open"


@pytest.mark.parametrize(
    ("behave", "status", "body"),
    [
        pytest.param(far.reply(200), 200, b"", id="empty"),
        pytest.param(
            far.reply(200, HTML, Content_Type="text/html"), 200, HTML, id="html"
        ),
        pytest.param(far.reply(500, b"oops"), 500, b"oops", id="500"),
        pytest.param(far.reply(503, b"busy", Retry_After="60"), 503, b"busy", id="503"),
        pytest.param(far.reset, 0, b"", id="reset"),
        pytest.param(far.hang, 0, b"", id="hang", marks=pytest.mark.slow),
    ],
)
def test_unclear_is_not_dialled_again_before_its_deadline(
    clinic, standin, behave, status, body
):
    standin.behave = behave
    event = call(clinic)
    attempt = clinic.attempt(event)
    assert_same(attempt, **AMBIGUOUS, http_status=status, provider_reply=body.decode())
    assert attempt["error_message"]
    with pytest.raises(RpcError, match="being called right now"):
        clinic.call_now(event)
    clinic.run("plan", "sweep", "dispatch")
    assert len(standin.requests) == 1
    standin.behave = far.accept()
    clinic.overdue(event)
    clinic.wait("it is called again", lambda: len(standin.requests) == 2)
    first, second = standin.requests
    assert first.data["number"] == second.data["number"]
    assert first.data["guid"] != second.data["guid"]
    assert clinic.results(event)[0] == "no_result"


def test_an_unclear_call_takes_its_callback(clinic, standin):
    standin.behave = far.reply(200)
    event = call(clinic)
    guid = clinic.attempt(event)["guid"]
    assert clinic.report(guid=guid, response="confirmed").status_code == 200
    assert clinic.delivered().visit(event)["visit_status"] == "confirmed"
    assert len(standin.requests) == 1


@pytest.mark.slow
def test_an_answer_waits_for_no_dispatcher(clinic, standin):
    """Law 5: the only cron thread waits for Voicebox, and delivers meanwhile."""
    answered = call(clinic)
    standin.behave = far.hang
    (silent,) = clinic.book()
    clinic.wait("the dispatcher is busy", lambda: len(standin.requests) == 2)
    clinic.report(guid=clinic.attempt(answered)["guid"], response="confirmed")
    assert clinic.delivered().visit(answered)["visit_status"] == "confirmed"
    assert clinic.attempt(silent)["state"] == "requesting"


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_credentials_stop_the_queue(clinic, standin, status):
    standin.behave = far.reply(status, b"who are you")
    event = call(clinic)
    (other,) = clinic.book()
    clinic.run("plan", "dispatch", "dispatch")
    attempt = clinic.attempt(event)
    assert_same(
        *(attempt,), **NOT_PLACED, error_kind="configuration", http_status=status
    )
    assert attempt["provider_reply"] == "who are you"
    assert len(standin.requests) == 1
    assert clinic.attempts(other) == []
    assert_same(clinic.channel(), state="paused", error_kind="configuration")
    assert clinic.channel_to_dos() == 1
    assert_resumes(clinic, standin, event, other)
    assert clinic.channel_to_dos() == 0


def assert_resumes(clinic, standin, *events):
    """With Voicebox well again everybody is called, and no call was spent."""
    standin.behave = far.accept()
    before = len(standin.requests)
    clinic.connect(standin.url)
    clinic.pause_over()
    clinic.wait(
        "all are called",
        lambda: all(clinic.attempt(e)["state"] == "requested" for e in events),
    )
    clinic.run("dispatch")
    assert len(standin.requests) == before + len(events)
    assert [clinic.reminder(e)["attempt_count"] for e in events] == [1] * len(events)
    assert clinic.channel()["state"] == "open"


@pytest.mark.parametrize("status", [400, 404, 422])
def test_rejected_goes_to_staff_with_the_providers_words(clinic, standin, status):
    words = "Номер вне зоны обслуживания"
    standin.behave = far.reply(status, words.encode())
    event = call(clinic)
    clinic.run("plan", "dispatch")
    attempt, reminder = clinic.attempt(event), clinic.reminder(event)
    assert_same(attempt, state="finished", result="rejected", error_kind="rejected")
    assert_same(attempt, http_status=status, provider_reply=words)
    assert_same(reminder, state="skipped", skip_reason="rejected")
    assert reminder["needs_attention"]
    assert clinic.visit(event)["visit_status"] == "booked"
    assert len(standin.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry_After": "120"}, 120), ({}, 60)]
)
def test_throttled_waits_as_asked(clinic, standin, headers, seconds):
    standin.behave = far.reply(429, b"slow down", **headers)
    event = call(clinic)
    clinic.run("plan", "dispatch")
    assert_same(
        *(clinic.attempt(event),), **NOT_PLACED, error_kind="throttled", http_status=429
    )
    channel = clinic.channel()
    assert_same(channel, state="paused", error_kind="throttled")
    pause = channel["pause_until"] - channel["paused_since"]
    assert pause.total_seconds() == seconds
    assert len(standin.requests) == 1
    assert_resumes(clinic, standin, event)


def test_a_refused_connection_is_no_call(clinic, standin):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    clinic.connect(f"http://127.0.0.1:{port}/api/v1/sb")
    event = call(clinic)
    assert_same(clinic.attempt(event), **NOT_PLACED, error_kind="not_sent")
    assert_same(clinic.channel(), state="paused", error_kind="not_sent")
    assert_resumes(clinic, standin, event)


def test_tls_garbage_is_no_call(clinic, standin):
    with StandIn(greeting=b"I do not speak TLS\r\n\r\n") as garbage:
        clinic.connect(garbage.url.replace("http:", "https:"))
        event = call(clinic)
        assert garbage.connections and not garbage.requests
    assert_same(clinic.attempt(event), **NOT_PLACED, error_kind="not_sent")
    assert_resumes(clinic, standin, event)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(clinic, standin, status):
    with StandIn() as elsewhere:
        standin.behave = far.reply(status, Location=elsewhere.url)
        event = call(clinic)
        clinic.run("plan", "dispatch")
        assert elsewhere.connections == 0
    assert len(standin.requests) == 1
    assert_same(
        *(clinic.attempt(event),),
        **NOT_PLACED,
        error_kind="configuration",
        http_status=status,
    )
    assert_resumes(clinic, standin, event)


# === Callbacks === #

ANSWERS = {
    "json": "application/json",
    "json with a charset": "application/json; charset=utf-8",
    "json with a misspelt charset": "application/json; charset=utf8mb4-oops",
    "json without a type": None,
    "json as text": "text/plain; charset=windows-1251",
    "json as a form": "application/x-www-form-urlencoded",
    "json as nonsense": "no/such;;type=;charset",
}
FORMS = {
    "form": "application/x-www-form-urlencoded",
    "form with a charset": "application/x-www-form-urlencoded; charset=utf-8",
    "form with a misspelt charset": "application/x-www-form-urlencoded; charset=uft-8",
    "form as json": "application/json",
}


@pytest.fixture
def ringing(clinic, standin):
    """A visit whose patient's phone rings, call id a number."""
    number = uuid.uuid4().int % 10**12
    standin.behave = far.reply(200, b'{"id": %d}' % number)
    return call(clinic)


def fields(clinic, event, word):
    attempt = clinic.attempt(event)
    return {
        "guid": attempt["guid"],
        "call_id": attempt["call_id"],
        "number_b": clinic.phone(event),
        "response": word,
    }


def post(clinic, body, content_type=None, secret=None, path="", **options):
    """POST these bytes to the callback route, with the right secret unless told."""
    headers = {"Authorization": f"Bearer {secret or clinic.secret}"}
    if secret == "":
        headers = {}
    if content_type:
        headers["Content-Type"] = content_type
    headers.update(options.pop("headers", {}))
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            clinic.callback_url + path, data=body, headers=headers, timeout=60
        )


def assert_small_json(reply, status):
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"].startswith("application/json")
    assert len(reply.content) < 200
    assert isinstance(reply.json(), dict)
    assert "Set-Cookie" not in reply.headers


def assert_understood(clinic, event, reply, status="confirmed"):
    assert_small_json(reply, 200)
    assert clinic.delivered().visit(event)["visit_status"] == status


@pytest.mark.parametrize("content_type", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_callback_as_json(clinic, ringing, content_type):
    body = json.dumps(fields(clinic, ringing, "confirmed")).encode()
    assert_understood(clinic, ringing, post(clinic, body, content_type))


@pytest.mark.parametrize("content_type", FORMS.values(), ids=FORMS.keys())
def test_a_callback_as_a_form(clinic, ringing, content_type):
    body = requests.models.RequestEncodingMixin._encode_params(
        fields(clinic, ringing, "confirmed")
    )
    assert_understood(clinic, ringing, post(clinic, body, content_type))


def test_a_callback_as_multipart(clinic, ringing):
    values = fields(clinic, ringing, "confirmed")
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]
    body = "".join([*parts, "--cut--\r\n"])
    reply = post(clinic, body.encode(), "multipart/form-data; boundary=cut")
    assert_understood(clinic, ringing, reply)


def test_a_callback_with_number_ids_and_unknown_keys(clinic, ringing):
    values = fields(clinic, ringing, 1)
    values["guid"] = None
    values["call_id"] = int(values["call_id"])
    values["number_b"] = int(values["number_b"])
    values["more"] = {"nested": [1, 2, None]}
    reply = post(clinic, json.dumps(values).encode(), "application/json")
    assert_understood(clinic, ringing, reply)


def test_a_callback_with_a_shouted_word(clinic, ringing):
    body = json.dumps(fields(clinic, ringing, "  Declined\n")).encode()
    assert_understood(clinic, ringing, post(clinic, body), status="cancelled")


@pytest.mark.parametrize(
    "credentials",
    [b"Bearer %s", b"bearer   %s ", "Basic", "Basic without a user", "path"],
)
def test_the_ways_of_the_secret(clinic, ringing, credentials):
    secret, path, headers = clinic.secret, "", {}
    if credentials == "path":
        path = f"/{secret}"
    elif isinstance(credentials, bytes):
        headers["Authorization"] = credentials.decode() % secret
    else:
        user = "" if "without" in credentials else "x"
        pair = base64.b64encode(f"{user}:{secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    body = json.dumps(fields(clinic, ringing, "confirmed")).encode()
    reply = post(clinic, body, secret="", path=path, headers=headers)
    assert_understood(clinic, ringing, reply)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic eDo="},
        {"Authorization": "Bearer пароль".encode()},
        {"Authorization": "Digest username=x"},
    ],
)
@pytest.mark.parametrize("path", ["", "/", "/wrong", "/%D1%8F%00", "/a/b"])
def test_a_wrong_secret_gets_nothing(clinic, headers, path):
    kept = "SELECT count(*) FROM voicebox_callback"
    before = clinic.rows(kept)
    reply = post(clinic, b'{"call_id": 1}', secret="", path=path, headers=headers)
    assert reply.status_code in (401, 403) or path in ("/", "/a/b"), reply.text
    assert reply.status_code in (401, 403, 404)
    assert clinic.rows(kept) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"call_id": ',
        b"<xml/>",
        b"[" * 9999,
    ]
    + [
        b'{"guid": "", "call_id": null}',
        b'{"call_id": {"a": 1}}',
        b"response=confirmed",
    ],
)
def test_the_unreadable_is_400(clinic, body):
    assert_small_json(post(clinic, body, "application/json"), 400)


def test_the_too_large_is_413(clinic):
    body = b'{"call_id": "1", "more": "%s"}' % (b"x" * 1_000_000)
    assert_small_json(post(clinic, body, "application/json"), 413)


def test_the_too_large_in_chunks_is_413(clinic):
    pieces = (b"x" * 1000 for _ in range(100))
    assert_small_json(post(clinic, pieces, "application/json"), 413)


def test_a_body_in_chunks(clinic, ringing):
    body = json.dumps(fields(clinic, ringing, "confirmed")).encode()
    assert_understood(clinic, ringing, post(clinic, iter([body[:9], body[9:]])))


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_do_no_harm(clinic, method):
    headers = {"Authorization": f"Bearer {clinic.secret}"}
    reply = requests.request(method, clinic.callback_url, headers=headers, timeout=60)
    assert reply.status_code < 500
    assert method == "OPTIONS" or reply.status_code == 405


@pytest.mark.parametrize(
    ("changes", "disposition"),
    [
        ({"guid": "no-such", "call_id": "no-such"}, "unmatched"),
        ({"guid": "a" * 5000, "call_id": ""}, "unmatched"),
        ({"guid": "\u0000\ud800", "call_id": "9" * 400}, "unmatched"),
        ({"response": "mystery"}, "unknown_response"),
        ({"response": None}, "unknown_response"),
        ({"number_b": "12125550199"}, "number_mismatch"),
    ],
)
def test_whatever_is_authentic_is_kept_and_200(clinic, ringing, changes, disposition):
    body = json.dumps({**fields(clinic, ringing, "confirmed"), **changes}).encode()
    reply = post(clinic, body, "application/json")
    assert_small_json(reply, 200)
    assert reply.json() == {"status": disposition}
    last = "SELECT disposition FROM voicebox_callback ORDER BY id DESC LIMIT 1"
    assert clinic.rows(last) == [{"disposition": disposition}]
    assert clinic.delivered().visit(ringing)["visit_status"] == "booked"


def test_repeated_and_stale_callbacks_are_200(clinic, ringing):
    said = [
        clinic.delivered().report(**fields(clinic, ringing, word)).json()["status"]
        for word in ("answered", "answered", "no_answer", "confirmed", "confirmed")
        + ("answered", "machine", "declined")
    ]
    assert said == ["applied", "repeated", "applied", "applied", "repeated"] + [
        "repeated",
        "stale",
        "stale",
    ]
    assert clinic.delivered().visit(ringing)["visit_status"] == "confirmed"
    assert clinic.results(ringing) == ["confirmed"]
