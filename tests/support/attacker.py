"""Requests that nobody should send, made by a seeded chance and sent as bare bytes.

A request is made of its ordinal and the seed alone: with both, as a failed test names
them, the same one is made again. What the HTTP server refuses by itself, before Odoo
sees it (a broken request line, a header of 64 kB), is not made: nor are a missing or
unreadable Host and a NUL in an unknown path, at which Odoo itself fails everywhere.
"""

import base64
import json
import random
import socket
from dataclasses import dataclass, field

CALLBACK = b"/clinic_voicebox_reminder/callback"
HEALTH = b"/clinic_voicebox_reminder/health"
LARGEST_BODY = 16384
METHODS = [b"GET", b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"brew"]
BOUNDARY = b"a-boundary"

# === Requests === #


@dataclass
class Request:
    """What to send, and what may come back.

    :param set statuses: the answers that are right
    :param dict kept: the row that has to be there afterwards, if any
    """

    name: str
    raw: bytes
    statuses: set
    kept: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.name}: {self.raw[:400]!r}"


@dataclass(frozen=True)
class Reply:
    status: int
    head: bytes
    body: bytes


def send(port, raw):
    """The reply to these bytes, after which nothing more is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2] or [b"0"]
    return Reply(int(status[0]), head, body)


def message(target, headers=(), body=b"", method=b"POST", framing=None):
    """The bytes of a request; `framing` tells where the body ends, else its length."""
    framing = [b"Content-Length: %d" % len(body)] if framing is None else framing
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: localhost"]
    return b"\r\n".join([*lines, *headers, *framing, b"", b""]) + body


def bearer(secret):
    return b"Authorization: Bearer " + secret


def basic(secret, user=b"voicebox"):
    return b"Authorization: Basic " + base64.b64encode(user + b":" + secret)


def chunked(chance, body):
    """The body in chunks of any size."""
    chunks, rest = [], body
    while rest:
        size = chance.randint(1, len(rest))
        chunks.append(b"%x\r\n%s\r\n" % (size, rest[:size]))
        rest = rest[size:]
    return b"".join([*chunks, b"0\r\n\r\n"])


def noise(chance, length=None):
    return chance.randbytes(length or chance.randint(1, 300))


# === Headers that mean nothing to us === #


def odd_headers(chance):
    """Some headers, whole and broken; none changes who is asked, and for what."""
    visible = bytes(b for b in noise(chance) if b > 32 and b != 127)
    headers = [
        b"Accept-Language: \xff@@,--;q=x,ru_RU@latin",
        b"Cookie: session_id=../../etc/passwd; frontend_lang=xx; tz=\xd0",
        b"Cookie: session_id=" + b"a" * 84,
        b"Cookie: " + visible,
        b"Expect: 100-continue",
        b"Expect: nothing",
        b"Connection: keep-alive, upgrade",
        b"Upgrade: h2c",
        b"X-Forwarded-For: 198.51.100.1, 198.51.100.2",
        b"X-Forwarded-For: \x00%s%d<script>" + b"9" * 500,
        b"X-Forwarded-Host: elsewhere.example",
        b"X-Forwarded-Proto: gopher",
        b"X-Forwarded-Port: none",
        b"X-HTTP-Method-Override: DELETE",
        b"X-Original-URL: /web",
        b"Range: bytes=0-,-1",
        b"If-None-Match: *",
        b"Origin: null",
        b"Referer: " + visible,
        b"User-Agent: " + visible,
        b"User-Agent: " + b"x" * 30000,
        b"X-Folded: one\r\n two",
        b"X-Empty:",
    ]
    return chance.sample(headers, chance.randint(0, 4))


def content_type(chance):
    """Seldom the right one."""
    types = [
        b"application/json",
        b"application/json; charset=utf-88",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data",
        b"multipart/form-data; boundary=" + BOUNDARY,
        b"multipart/form-data; boundary=\xff\xfe",
        b"multipart/form-data; boundary*=utf-8''%ff",
        b'text/html; charset="',
        b'\xff/\x00; a*0=b; =; ;"',
        b"",
    ]
    return b"Content-Type: " + chance.choice(types)


# === Bodies that can be read === #


def readable(chance, values):
    """(content type or None for any, body) that says these values."""
    makers = (json_body, json_body, json_body, form_body, multipart_body)
    return chance.choice(makers)(chance, values)


def json_body(chance, values):
    pairs = [(json.dumps(name), json.dumps(value)) for name, value in values.items()]
    odd = [
        ('"extra"', "[" * 50 + "]" * 50),
        ('"huge"', "9" * 4000),
        ('"not a number"', "[NaN, -Infinity, 1e999, -0.0]"),
        ('"\\u0000\\ud800"', '"\\udfff\\u0000"'),
        ('"guid "', '"other"'),
        ('"Иванова"', '"12025550100"'),
        ('"answer"', "true"),
    ]
    pairs += chance.sample(odd, chance.randint(0, 3))
    chance.shuffle(pairs)
    # of a repeated key the last one counts
    earlier = [('"call_id"', '"overwritten"'), ('"guid"', "null")]
    pairs = chance.sample(earlier, chance.randint(0, 2)) + pairs
    text = "{" + ",".join(f"{name}: {value}" for name, value in pairs) + "}"
    return None, in_some_encoding(chance, text)


def in_some_encoding(chance, text):
    if chance.random() < 0.2:
        text += " " * (LARGEST_BODY - 1 - len(text.encode()))
        return text.encode()
    return text.encode(chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))


def form_body(chance, values):
    pairs = [f"{name}={percent(value)}" for name, value in values.items()]
    pairs += chance.sample(["=", "a=%00%zz", "b[]=1", "c", "&&", "x=1&" * 300], 2)
    chance.shuffle(pairs)
    return b"Content-Type: application/x-www-form-urlencoded", "&".join(pairs).encode()


def percent(value):
    return "".join(f"%{byte:02X}" for byte in str(value).encode())


def multipart_body(chance, values):
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s'
        % (name.encode(), str(value).encode())
        for name, value in values.items()
    ]
    parts.append(b'Content-Disposition: form-data; name="f"; filename="x"\r\n\r\n\xff')
    chance.shuffle(parts)
    line = b"--" + BOUNDARY
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    header = b"Content-Type: multipart/form-data; boundary=" + BOUNDARY
    return header, body + line + b"--\r\n"


# === Bodies that can't be read === #


def unreadable(chance, values):
    """A body that names no call, or breaks off."""
    whole = json.dumps(values).encode()
    _type, parts = multipart_body(chance, values)
    bodies = [
        b"",
        b"\xff\xfe\x00",
        noise(chance),
        whole[: chance.randint(0, len(whole) - 1)],
        b"\x1f\x8b\x08\x00" + noise(chance),
        b"[" + whole + b"]",
        json.dumps(json.dumps(values)).encode(),
        chance.choice([b"null", b"true", b"17", b'"text"', b"NaN", b"{}", b"[]"]),
        b"[" * 8000,
        b'{"a":' * 3000,
        b'{"call_id": "x", "a": ' + b"[" * 7000 + b"]" * 7000 + b"}",
        b'{"call_id": ' + b"9" * 8000 + b"}",
        b'{"guid": {"a": 1}, "call_id": [1]}',
        b'{"guid": true, "call_id": null}',
        b'{"guid": "\\u0000", "call_id": " "}',
        b'{"guid": "{{guid}}", "call_id": "{{call_id}}"}',
        b'{"Guid": "a", "response": "confirmed"}',
        parts[: len(parts) // 3],
        parts.replace(b'filename="x"', b'filename="\xff"'),
        b"guid=&call_id=%00&response=confirmed",
        whole.decode().encode("utf-16")[1:],
    ]
    return chance.choice(bodies)


def too_large(chance):
    """(framing, body) of a body that is beyond the cap, or says so."""
    beyond = [LARGEST_BODY, LARGEST_BODY + 1, 60000, 300000]
    body = b'{"call_id": "x", "pad": "' + b"x" * chance.choice(beyond) + b'"}'
    cap = b'{"call_id": "x"' + b" " * (LARGEST_BODY - 16) + b"}"
    ways = [
        (None, body),
        (None, cap),
        ([b"Transfer-Encoding: chunked"], chunked(chance, body)),
        ([b"Transfer-Encoding: chunked"], chunked(chance, cap)),
        ([b"Content-Length: 99999999999999999999"], b"{}"),
    ]
    return chance.choice(ways)


def broken_framing(chance, body):
    """(framing, body): its end is not where it is said to be."""
    length = len(body)
    ways = [
        ([b"Content-Length: %d" % (length + 100)], body),
        ([b"Content-Length: %d" % (length // 2)], body),
        ([b"Content-Length: -5"], body),
        ([b"Content-Length: abc"], body),
        ([b"Content-Length: " + b"9" * 5000], body),
        ([b"Content-Length: 5", b"Content-Length: 7"], body),
        ([b"A line without a colon", b"Content-Length: %d" % length], body),
        ([], body),
        ([b"Transfer-Encoding: chunked"], b"zz\r\n" + body),
        ([b"Transfer-Encoding: chunked"], b"-5\r\n" + body),
        ([b"Transfer-Encoding: chunked"], b"%x\r\n" % (length + 9) + body),
        ([b"Transfer-Encoding: chunked"], chunked(chance, body)[:-7]),
        ([b"Transfer-Encoding: gzip, chunked"], chunked(chance, body)),
    ]
    return chance.choice(ways)


# === Who asks === #


class Attacker:
    """Makes requests of those who don't know the secret, and odd ones of those who do.

    :param bytes secret: the right one; a stranger has it at the wrong place at most
    :param list known: dicts of what names calls that were made
    :param list private: words that must not get into the log
    """

    def __init__(self, seed, secret, known=(), private=()):
        self.seed = seed
        self.secret = secret
        self.known = list(known)
        self.private = [word.encode() for word in private]

    def _begin(self, kind, ordinal):
        """A chance that only this request has, and the request's name."""
        name = f"{kind} request {ordinal} of seed {self.seed}"
        return random.Random(name), name

    def stranger(self, ordinal):
        """Someone without the secret: 401, or no such page, or no such method."""
        chance, name = self._begin("stranger's", ordinal)
        method = chance.choice([b"POST"] * 20 + METHODS)
        places = [self._callback_path, self._elsewhere, self._health_path]
        target, answers = chance.choices(places, [8, 1, 1])[0](chance, method)
        headers = [*odd_headers(chance), *self._no_secret(chance)]
        headers.append(content_type(chance))
        if chance.random() < 0.03:
            headers.append(b"X-Odoo-Database: " + chance.choice([b"odoo", b"\x00'"]))
            answers = {404}
        framing, body = self._any_body(chance)
        raw = message(target, headers, body, method, framing)
        return Request(name, raw, answers)

    def _callback_path(self, chance, method):
        wrong = chance.choice([*self._near_misses(chance), noise(chance, 20).hex()])
        wrong = wrong.encode() if isinstance(wrong, str) else wrong
        private = chance.choice(self.private)
        targets = [
            *[CALLBACK] * 5,
            CALLBACK + b"/",
            b"/" + CALLBACK,
            b"/clinic_voicebox_reminder/%63allback",
            b"/clinic_voicebox_reminder/%63allback/" + wrong + self.secret,
            b"http://elsewhere.example" + CALLBACK,
            CALLBACK + b"#" + self.secret,
            CALLBACK + b"#fragment",
            CALLBACK + b"?secret=" + self.secret + b"&guid=%00&a[]=1&%ff",
            CALLBACK + b"?" + percent(private.decode()).encode(),
            *[CALLBACK + b"/" + wrong] * 3,
            CALLBACK + b"/" + wrong + b"/" + self.secret,
            CALLBACK + b"/" + self.secret + b"/" + wrong,
            CALLBACK + b"/" + self.secret + b"%00",
            CALLBACK + b"/" + wrong + b"/%00/%ff%fe",
            CALLBACK + b"/../callback/" + self.secret,
            CALLBACK + b"/%2e%2e/%2fcallback",
            CALLBACK + b"/" + percent(private.decode()).encode(),
            CALLBACK + b"/None",
            CALLBACK + b"/%20",
            CALLBACK + b"/" + b"x" * 30000,
        ]
        return chance.choice(targets), {401 if method == b"POST" else 405}

    def _near_misses(self, chance):
        place = chance.randrange(len(self.secret))
        swapped = bytearray(self.secret)
        swapped[place] ^= 1
        changed = bytes(swapped) if bytes(swapped).isalnum() else b"x" + self.secret[1:]
        return [
            changed,
            self.secret[:-1],
            self.secret[1:],
            self.secret + b"x",
            self.secret * 2,
            self.secret.swapcase(),
            self.secret[::-1],
            base64.b64encode(self.secret).strip(b"="),
        ]

    def _elsewhere(self, chance, method):
        addon = b"/clinic_voicebox_reminder"
        targets = [
            addon,
            addon + b"/callbac",
            addon + b"//callback",
            addon + b"/callback;a=b",
            addon + b"/health/x",
            b"/ru" + CALLBACK,
            CALLBACK.upper(),
            b"*",
        ]
        return chance.choice(targets), {301, 303, 400, 404, 413}

    def _health_path(self, chance, method):
        target = chance.choice([HEALTH, HEALTH + b"/", HEALTH + b"?secret=x"])
        return target, {401 if method in (b"GET", b"HEAD") else 405}

    def _no_secret(self, chance):
        """Nothing, something wrong, or what is right somewhere else."""
        ways = [
            [],
            [bearer(chance.choice(self._near_misses(chance)))],
            [basic(chance.choice(self._near_misses(chance)))],
            [basic(b"", user=self.secret)],
            [b"Authorization: Basic " + self.secret],
            [b"Authorization: Basic " + noise(chance).hex().encode()],
            [b"Authorization: Basic \xff\xfe=="],
            [b"Authorization: Bearer"],
            [b"Authorization: Bearer " + "секрет".encode()],
            [b"Authorization: Bearer " + b"x" * 50000],
            [b"Authorization: " + self.secret],
            [b"Authorization: Token " + self.secret],
            [b"Authorization: Digest username=x, response=" + self.secret],
            [bearer(self.secret), bearer(self.secret)],
            [bearer(b"\x00"), b"X-Authorization: Bearer " + self.secret],
            [b"Cookie: session_id=" + self.secret],
        ]
        return chance.choice(ways)

    def _any_body(self, chance):
        """(framing, body), as often as not one that would do harm."""
        values = {**chance.choice(self.known), "response": "confirmed"}
        if chance.random() < 0.5:
            return None, readable(chance, values)[1]
        ways = [
            (None, unreadable(chance, values)),
            (None, chance.choice(self.private)),
            too_large(chance),
            broken_framing(chance, json.dumps(values).encode()),
        ]
        return chance.choice(ways)

    def muddler(self, ordinal):
        """Someone who has the secret and hardly knows how to write.

        What can be read is kept with its words, whatever is around it.
        """
        chance, name = self._begin("muddler's", ordinal)
        target, headers = self._right_secret(chance)
        headers += odd_headers(chance)
        values = {
            "call_id": f"{self.seed}-{ordinal}",
            "number_b": chance.choice(["12025550100", 12025550100, ""]),
            "response": chance.choice(["confirmed", 1, "да", "x" * 150, "\t?\n"]),
        }
        kinds = [self._readable, self._unreadable, self._too_large, self._broken]
        kind = chance.choices(kinds, [6, 2, 1, 1])[0]
        return kind(chance, name, target, headers, values)

    def _right_secret(self, chance):
        ways = [
            (CALLBACK, [bearer(self.secret)]),
            (CALLBACK, [basic(self.secret)]),
            (CALLBACK, [basic(self.secret + b"\n", user=b"")]),
            (CALLBACK + b"/" + self.secret, []),
            (CALLBACK + b"/" + self.secret + b"/?a=%00", [bearer(b"wrong")]),
            (CALLBACK + b"/" + percent(self.secret.decode()).encode(), []),
            (b"/" + CALLBACK + b"/wrong", [bearer(self.secret)]),
        ]
        return chance.choice(ways)

    def _readable(self, chance, name, target, headers, values):
        type_, body = readable(chance, values)
        headers = [*headers, type_ or content_type(chance)]
        if chance.random() < 0.3:
            headers.append(b"Content-Encoding: gzip")
        framing = None
        if chance.random() < 0.3:
            framing, body = [b"Transfer-Encoding: chunked"], chunked(chance, body)
        kept = {key: str(value).strip() for key, value in values.items()}
        raw = message(target, headers, body, framing=framing)
        return Request(name, raw, {200}, kept)

    def _unreadable(self, chance, name, target, headers, values):
        headers = [*headers, content_type(chance)]
        raw = message(target, headers, unreadable(chance, values))
        return Request(name, raw, {400})

    def _too_large(self, chance, name, target, headers, values):
        framing, body = too_large(chance)
        headers = [*headers, content_type(chance)]
        return Request(name, message(target, headers, body, framing=framing), {413})

    def _broken(self, chance, name, target, headers, values):
        framing, body = broken_framing(chance, json.dumps(values).encode())
        return Request(name, message(target, headers, body, framing=framing), {400})
