import base64
import contextlib
import gzip
import json
import os
import socket
import socketserver
import ssl
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from odoo.tests import BaseCase, tagged

from ..tools.voicebox_client import VoiceboxClient, VoiceboxConfigurationError
from ..tools.voicebox_reply import VoiceboxReply

METHOD = "0f8fad5b-d9cb-469f-a165-70867728950e"
GUID = "b70a03fe-e239-11ec-0c87-fe3375dcbab9"
NUMBER = "12025550123"
NAME = "Валерия Сергеевна"
VISIT = "Эндоскопист 4 июня 2022 г 11 30"
PASSWORD = "a secret: пароль"
UNREADABLE = "HTTP 200 without a readable id"


def reply(status=200, body=b'{"id": 1}', *headers):
    """The bytes of a whole reply; the connection stays open after it."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def call_for(client, guid):
    return client.call(NUMBER, guid, NAME, VISIT)


class FakeVoicebox(socketserver.ThreadingTCPServer):
    """Does with each request what ``answer`` does: bytes to send back, or a function of
    the handler. Keeps the raw requests, and counts the connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, answer=b"", tls=None):
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.answer = answer
        self.tls = tls
        self.requests = []
        self.connections = 0
        self.port = self.server_address[1]
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}/api/v1/sb"

    def get_request(self):
        connection, address = super().get_request()
        if self.tls:  # the handshake is left to the handler's thread
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request, client_address):
        """A client that goes away is what many of these tests are about."""


class FakeHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        while request := self.read_request():
            self.request_body = request.split(b"\r\n\r\n", 1)[1]
            self.server.requests.append(request)
            answer = self.server.answer
            if callable(answer):
                answer = answer(self)
            if answer is None:
                return
            self.wfile.write(answer)

    def read_request(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        fields = dict(
            line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2]
        )
        return head + self.rfile.read(int(fields["content-length"]))

    def leave(self, start):
        """Send the start of a reply and close the connection in good order."""
        self.wfile.write(start)

    def reset(self, start=b""):
        """Send the start of a reply and break the connection off with an RST."""
        self.wfile.write(start)
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def drip(self, start, drop):
        """Send a drop for ever, until the client has gone."""
        self.wfile.write(start)
        pause = threading.Event()
        with contextlib.suppress(OSError):
            while not pause.wait(0.02):
                self.wfile.write(drop)

    def hold(self, start=b""):
        """Send the start of a reply and no more, until the client has gone."""
        self.wfile.write(start)
        with contextlib.suppress(OSError):
            self.connection.recv(1)


class VoiceboxClientCase(BaseCase):
    def setUp(self):
        super().setUp()
        no_proxy = {"NO_PROXY": "*", "no_proxy": "*"}
        self.startPatch(patch.dict(os.environ, no_proxy))

    def startPatch(self, patcher):
        self.addCleanup(patcher.stop)
        return patcher.start()

    def serve(self, answer=b"", tls=None):
        server = FakeVoicebox(answer, tls)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def client(self, url, login="clinic", password=PASSWORD, method=METHOD, **options):
        client = VoiceboxClient(url, login, password, method, **options)
        self.addCleanup(client.close)
        return client

    def call(self, url, **options):
        """One call by a client of its own."""
        with self.client(url, **options) as client:
            return client.call(NUMBER, GUID, NAME, VISIT)

    def call_answered(self, answer, **options):
        """One call to a server of its own, which must have been reached once. Where the
        server may stall, it isn't waited for long."""
        server = self.serve(answer)
        if callable(answer):
            options.setdefault("deadline", 1)
        got = self.call(server.url, **options)
        self.assertEqual(len(server.requests), 1)
        return got

    def assertSorted(self, table):
        """Each answer of (what it is, answer, kind, status) is sorted as it says."""
        for what, answer, kind, status in table:
            with self.subTest(what):
                got = self.call_answered(answer)
                self.assertEqual((got.kind, got.http_status), (kind, status))
                self.assertEqual(bool(got.call_id), kind == "accepted")


@tagged("post_install", "-at_install")
class TestRequest(VoiceboxClientCase):
    def test_exact_bytes(self):
        server = self.serve(reply())
        self.call(server.url)
        head, body = server.requests[0].split(b"\r\n\r\n")
        expected = (
            '{"method": "0f8fad5b-d9cb-469f-a165-70867728950e", '
            '"data": {"number": "12025550123", '
            '"guid": "b70a03fe-e239-11ec-0c87-fe3375dcbab9", '
            '"name": "Валерия Сергеевна", '
            '"visit": "Эндоскопист 4 июня 2022 г 11 30"}}'
        ).encode()
        self.assertEqual(body, expected)
        request_line, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        credentials = base64.b64encode(f"clinic:{PASSWORD}".encode()).decode()
        self.assertEqual(request_line, "POST /api/v1/sb HTTP/1.1")
        self.assertEqual(headers["Host"], f"127.0.0.1:{server.port}")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Content-Length"], str(len(expected)))
        self.assertEqual(headers["Authorization"], f"Basic {credentials}")
        self.assertNotIn("Transfer-Encoding", headers)
        self.assertNotIn("Cookie", headers)

    def test_cyrillic_credentials_are_utf8(self):
        server = self.serve(reply())
        self.call(server.url, login=" клиника ", password="пароль")
        credentials = base64.b64encode("клиника:пароль".encode())
        self.assertIn(
            b"\r\nAuthorization: Basic %s\r\n" % credentials, server.requests[0]
        )

    def test_netrc_is_not_used(self):
        server = self.serve(reply())
        with patch(
            "requests.sessions.get_netrc_auth", return_value=("robber", "robber")
        ):
            self.call(server.url)
        self.assertNotIn(base64.b64encode(b"robber:robber"), server.requests[0])

    def test_cookies_are_not_kept(self):
        server = self.serve(reply(200, b'{"id": 1}', "Set-Cookie: a=b; Path=/"))
        client = self.client(server.url)
        for _each in range(2):
            self.assertEqual(client.call(NUMBER, GUID, NAME, VISIT).kind, "accepted")
        self.assertEqual(len(server.requests), 2)
        self.assertNotIn(b"cookie", server.requests[1].lower())

    def test_query_of_the_address_is_kept(self):
        server = self.serve(reply())
        self.call(f"{server.url}?account=7&mail=a@b")
        self.assertTrue(
            server.requests[0].startswith(b"POST /api/v1/sb?account=7&mail=a@b HTTP")
        )

    def test_connection_is_used_again(self):
        server = self.serve(reply())
        client = self.client(server.url)
        for _each in range(5):
            self.assertEqual(client.call(NUMBER, GUID, NAME, VISIT).kind, "accepted")
        self.assertEqual((len(server.requests), server.connections), (5, 1))

    def test_each_thread_gets_its_own_reply(self):
        def echo(handler):
            data = json.loads(handler.request_body)["data"]
            return reply(200, json.dumps({"id": data["guid"]}).encode())

        server = self.serve(echo)
        client = self.client(server.url, connections=16)
        guids = [f"guid-{index}" for index in range(200)]
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(partial(call_for, client), guids))
        self.assertEqual([got.call_id for got in replies], guids)
        self.assertEqual(len(server.requests), len(guids))
        self.assertLessEqual(server.connections, 16)


@tagged("post_install", "-at_install")
class TestAccepted(VoiceboxClientCase):
    def test_readable_ids(self):
        for body, call_id in [
            (b'{"id": 123456789}', "123456789"),
            (b'{"id": "123456789"}', "123456789"),
            (b'{"id": 0}', "0"),
            (b'{"id": " a-b \\n"}', "a-b"),
            (b'{"id": "a\\u0000b\\ud800"}', "ab"),
            (b'{"id": 12345678901234567890123}', "12345678901234567890123"),
            (b'{"id": 5.0}', "5.0"),
            ('{"id": "я", "text": "Принято"}'.encode(), "я"),
            ('{"id": 5, "text": "Принято"}'.encode("cp1251"), "5"),
            ('{"id": 6, "text": "Принято"}'.encode("utf-16"), "6"),
            (b'\xef\xbb\xbf{"id": 7}', "7"),
            (b' \r\n{"status": {"id": 1}, "id": 8}\n', "8"),
            (b'{"id": "%s"}' % (b"x" * 300), "x" * 200),
            (b'{"id": %s}' % (b"9" * 9000), "9" * 200),
        ]:
            with self.subTest(body=body[:60]):
                got = self.call_answered(reply(200, body))
                self.assertEqual(
                    (got.kind, got.call_id, got.http_status, got.message),
                    ("accepted", call_id, 200, "HTTP 200"),
                )

    def test_other_ways_to_send_it(self):
        packed = gzip.compress(b'{"id": 1}')
        chunks = b'5\r\n{"id"\r\n4\r\n: 1}\r\n0\r\n\r\n'
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
        self.assertSorted(
            (what, answer, "accepted", 200)
            for what, answer in [
                ("HTML", reply(200, b'{"id": 1}', "Content-Type: text/html")),
                ("bad type", reply(200, b'{"id": 1}', "Content-Type: a; charset")),
                ("unasked gzip", reply(200, packed, "Content-Encoding: gzip")),
                ("no gzip", reply(200, b'{"id": 1}', "Content-Encoding: gzip")),
                ("chunked", chunked),
                ("after 100", b"HTTP/1.1 100 Continue\r\n\r\n" + reply()),
                ("no length", lambda h: h.leave(b'HTTP/1.1 200\r\n\r\n{"id": 1}')),
            ]
        )

    def test_other_2xx(self):
        for status in (201, 202, 299):
            got = self.call_answered(reply(status))
            self.assertEqual((got.kind, got.http_status), ("accepted", status))

    def test_id_that_came_before_the_reply_broke_off(self):
        start = b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id": 1}'
        self.assertSorted(
            (what, answer, "accepted", 200)
            for what, answer in [
                ("closed", lambda h: h.leave(start)),
                ("stalled", lambda h: h.hold(start)),
                ("dripping", lambda h: h.drip(start, b" ")),
            ]
        )


@tagged("post_install", "-at_install")
class TestRefused(VoiceboxClientCase):
    def test_status(self):
        statuses = {
            "configuration": [300, 301, 302, 304, 305, 307, 308, 399, 401, 403],
            "rejected": [
                400,
                402,
                404,
                405,
                408,
                409,
                410,
                413,
                415,
                418,
                422,
                451,
                499,
            ],
            "throttled": [429],
            "ambiguous": [303, 500, 501, 502, 503, 504, 520, 599, 600, 999],
        }
        for kind, codes in statuses.items():
            for status in codes:
                with self.subTest(status=status):
                    got = self.call_answered(reply(status))
                    self.assertEqual((got.kind, got.http_status), (kind, status))
                    self.assertEqual(got.call_id, "")
                    self.assertTrue(got.message.startswith(f"HTTP {status}"))

    def test_status_stands_whatever_the_body(self):
        head = b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n"
        chunked = b"HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertSorted(
            (what, answer, "configuration", 401)
            for what, answer in [
                ("no body", reply(401, b"")),
                ("closed", lambda h: h.leave(head + b"No")),
                ("reset", lambda h: h.reset(head)),
                ("stalled", lambda h: h.hold(head)),
                ("stalled in the headers", lambda h: h.hold(head[:-2])),
                ("dripping", lambda h: h.drip(head, b" ")),
                ("dripping headers", lambda h: h.drip(head[:-2], b"a: b\r\n")),
                ("chunks broken", lambda h: h.leave(chunked + b"5\r\nab")),
                ("chunks unreadable", lambda h: h.leave(chunked + b"what\r\n")),
                ("gzip broken", reply(401, b"\x1f\x8b\x08", "Content-Encoding: gzip")),
                ("bad type", reply(401, b"No", "Content-Type: a; charset")),
                ("bad length", lambda h: h.leave(head.replace(b"99", b"-9x"))),
            ]
        )

    def test_redirect_to_nowhere(self):
        got = self.call_answered(reply(302, b"", "Location: http://["))
        self.assertEqual((got.kind, got.http_status), ("configuration", 302))

    def test_retry_after(self):
        for value, pause in [
            (None, None),
            ("", None),
            ("0", 0),
            ("7", 7),
            (" 120 ", 120),
            ("3600", 3600),
            ("86400", 3600),
            ("9" * 5000, 3600),
            ("-5", None),
            ("1.5", None),
            ("1e3", None),
            ("inf", None),
            ("nan", None),
            ("soon", None),
            ("٣", None),
            ("7, 8", None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
            ("Fri, 31 Dec 2999 23:59:59 GMT", 3600),
            ("Fri, 31 Dec 2999 23:59:59 -0000", 3600),
            ("Fri, 99 Dec 2999 23:59:59 GMT", None),
            ("Fri, 31 Dec 2999 23:59:59 +99999999999999999999", None),
        ]:
            with self.subTest(value=value and value[:60]):
                headers = [] if value is None else [f"Retry-After: {value}"]
                got = self.call_answered(reply(429, b"", *headers))
                self.assertEqual((got.kind, got.retry_after), ("throttled", pause))

    def test_retry_after_a_date(self):
        date = datetime.now(timezone.utc) + timedelta(minutes=30)
        header = f"Retry-After: {format_datetime(date, usegmt=True)}"
        got = self.call_answered(reply(429, b"", header))
        self.assertGreater(got.retry_after, 0)
        self.assertLessEqual(got.retry_after, 1800)

    def test_only_throttling_has_a_pause(self):
        for status in (200, 401, 503):
            got = self.call_answered(reply(status, b"", "Retry-After: 5"))
            self.assertIsNone(got.retry_after)

    def test_redirects_are_not_followed(self):
        elsewhere = self.serve(reply())
        for status in (301, 302, 303, 307, 308):
            for place in (
                elsewhere.url,
                elsewhere.url.replace("127.0.0.1", "localhost"),
            ):
                self.call_answered(reply(status, b"", f"Location: {place}"))
        self.assertEqual((elsewhere.requests, elsewhere.connections), ([], 0))

    def test_redirect_to_itself_is_not_followed(self):
        for status in (301, 307):
            self.call_answered(reply(status, b"", "Location: /api/v1/sb"))

    def test_redirect_with_an_endless_body(self):
        start = b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"
        got = self.call_answered(lambda h: h.drip(start, b"x" * 65536))
        self.assertEqual((got.kind, got.http_status), ("configuration", 302))


@tagged("post_install", "-at_install")
class TestNotSent(VoiceboxClientCase):
    def assertNotSent(self, got, message):
        self.assertEqual(got, VoiceboxReply("not_sent", message=message))

    def test_refused(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            got = self.call(f"http://127.0.0.1:{closed.getsockname()[1]}/")
        self.assertNotSent(got, "connection refused")

    def test_unknown_host(self):
        with patch("socket.getaddrinfo", side_effect=socket.gaierror) as asked:
            got = self.call("http://localhost:9/")
        self.assertEqual(asked.call_count, 1)
        self.assertNotSent(got, "host name not found")

    def test_connect_timeout(self):
        with patch(
            "urllib3.util.connection.create_connection", side_effect=TimeoutError
        ) as tried:
            got = self.call("http://127.0.0.1:9/")
        self.assertEqual(tried.call_count, 1)
        self.assertNotSent(got, "timed out")

    def test_tls_with_a_server_that_has_none(self):
        def hang_up(server):
            with server.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=hang_up, args=(server,))
            thread.start()
            got = self.call(f"https://127.0.0.1:{server.getsockname()[1]}/")
            thread.join()
        self.assertNotSent(got, "TLS failed")

    def test_proxy_that_refuses(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
            settings = {"http_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
            with patch.dict(os.environ, settings):
                got = self.call("http://127.0.0.1:9/")
        self.assertNotSent(got, "proxy failed")

    def test_connection_lost_before_the_body(self):
        server = self.serve(reply())
        with patch.object(
            urllib3.connection.HTTPConnection, "endheaders", side_effect=OSError
        ) as sent:
            got = self.call(server.url)
        self.assertEqual(sent.call_count, 1)
        self.assertNotSent(got, "connection failed")
        self.assertEqual(server.requests, [])


@tagged("post_install", "-at_install")
class TestAmbiguous(VoiceboxClientCase):
    def assertAmbiguous(self, got, message):
        self.assertEqual(got, VoiceboxReply("ambiguous", message=message))

    def test_2xx_without_a_readable_id(self):
        for body in [
            b"",
            b"OK",
            b"null",
            b"5",
            b'"5"',
            b'[{"id": 5}]',
            b"{}",
            b'{"id": null}',
            b'{"id": true}',
            b'{"id": ""}',
            b'{"id": " \\n\\u0000"}',
            b'{"id": [5]}',
            b'{"id": {"id": 5}}',
            b'{"id": NaN}',
            b'{"id": Infinity}',
            b'{"data": {"id": 5}}',
            b'{"ID": 5}',
            b'{"id": 5',
            b"<html><body>id: 5</body></html>",
            b"[" * 60000,
            b'{"id":' * 10000,
            b"\xff\xfe\x00",
            b"\x00" * 100,
            b" " * 70000 + b'{"id": 5}',
        ]:
            with self.subTest(body=body[:60]):
                got = self.call_answered(reply(200, body))
                self.assertEqual(
                    (got.kind, got.call_id, got.http_status, got.message),
                    ("ambiguous", "", 200, UNREADABLE),
                )

    def test_broken_2xx(self):
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"
        self.assertSorted(
            (what, answer, "ambiguous", 200)
            for what, answer in [
                ("no content", lambda h: h.leave(b"HTTP/1.1 200\r\n\r\n")),
                ("chunks broken", lambda h: h.leave(chunked)),
                ("gzip broken", reply(200, b"\x1f\x8b", "Content-Encoding: gzip")),
                ("other packing", reply(200, b"\x8b\x02\x80", "Content-Encoding: br")),
            ]
        )

    def test_gzip_bomb(self):
        bomb = gzip.compress(b"[" + b" " * 20_000_000)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        got = self.call_answered(reply(200, bomb, "Content-Encoding: gzip"))
        self.assertEqual((got.kind, got.message), ("ambiguous", UNREADABLE))
        self.assertLess(tracemalloc.get_traced_memory()[1], 5_000_000)

    def test_1xx(self):
        for status in (101, 102, 103):
            server = self.serve(f"HTTP/1.1 {status} Wait\r\n\r\n".encode())
            got = self.call(server.url)
            self.assertEqual((got.kind, got.http_status), ("ambiguous", status))

    def test_no_reply(self):
        for what, answer, message in [
            ("closed", lambda h: None, "connection closed"),
            ("reset", lambda h: h.reset(), "connection closed"),
            ("silent", lambda h: h.hold(), "timed out"),
            ("100 for ever", lambda h: h.drip(b"", b"HTTP/1.1 100 C\r\n\r\n"), None),
            ("garbage", lambda h: h.leave(b"SSH-2.0-OpenSSH\r\n"), "unreadable reply"),
            ("bad status", lambda h: h.leave(b"HTTP/1.1 20"), "unreadable reply"),
            ("odd status", lambda h: h.leave(b"HTTP/1.1 x y\r\n"), "unreadable reply"),
            ("long line", lambda h: h.leave(b"HTTP/1.1 " + b"2" * 99999), None),
            (
                "many headers",
                lambda h: h.leave(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500),
                "unreadable reply",
            ),
        ]:
            with self.subTest(what):
                got = self.call_answered(answer)
                self.assertAmbiguous(got, message or got.message)

    def test_read_timeout(self):
        """As requests reports it, which tests can't wait for."""

        def take_the_body(adapter, request, **kwargs):
            request.body.read()
            raise requests.ReadTimeout("host='voicebox'", request=request)

        with patch("requests.adapters.HTTPAdapter.send", take_the_body):
            self.assertAmbiguous(self.call("http://127.0.0.1:9/"), "timed out")

    def test_server_that_hangs_up_before_it_reads(self):
        """Nobody can tell whether it had read the body: it may have been taken."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=lambda: server.accept()[0].close())
            thread.start()
            got = self.call(f"http://127.0.0.1:{server.getsockname()[1]}/")
            thread.join()
        self.assertIn(got.kind, ("ambiguous", "not_sent"))
        self.assertIsNone(got.http_status)

    def test_rest_of_a_reply_answers_no_other_call(self):
        stale = reply(200, b'{"id": "of the first call"}')
        fresh = reply(200, b'{"id": "of the second call"}')
        for start, rest in [
            (b"HTTP/1.1 103 Early Hints\r\n\r\n", stale),
            (b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", b"   " + stale),
        ]:
            first_connection = iter((start, rest))

            def answer(handler, parts=first_connection):
                return next(parts) if handler.server.connections == 1 else fresh

            server = self.serve(answer)
            client = self.client(server.url, deadline=1)
            self.assertEqual(call_for(client, "1").kind, "ambiguous")
            self.assertEqual(call_for(client, "2").call_id, "of the second call")

    def test_nothing_is_sent_twice(self):
        """Not over a kept connection either, which the far side closed meanwhile."""

        def answer(handler):
            first = len(handler.server.requests) == 1
            return reply() if first else None

        server = self.serve(answer)
        client = self.client(server.url)
        self.assertEqual(call_for(client, "1").kind, "accepted")
        self.assertEqual(call_for(client, "2").kind, "ambiguous")
        self.assertEqual((len(server.requests), server.connections), (2, 1))


@tagged("post_install", "-at_install")
class TestTLS(VoiceboxClientCase):
    def setUp(self):
        super().setUp()
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.certificate = Path(folder.name) / "certificate.pem"
        self.certificate.write_bytes(self.make_certificate())
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(self.certificate)

    def make_certificate(self):
        """A certificate of 127.0.0.1 for a day, signed by itself, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Voicebox")])
        address = x509.IPAddress(ip_address("127.0.0.1"))
        now = datetime.now(timezone.utc)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(True, 0), critical=True)
            .sign(key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.PEM) + key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )

    def trust(self):
        bundle = {"REQUESTS_CA_BUNDLE": str(self.certificate)}
        self.startPatch(patch.dict(os.environ, bundle))

    def test_accepted_over_one_connection(self):
        self.trust()
        server = self.serve(reply(), self.tls)
        client = self.client(server.url)
        for guid in ("1", "2", "3"):
            self.assertEqual(call_for(client, guid).kind, "accepted")
        self.assertEqual((len(server.requests), server.connections), (3, 1))

    def test_silence_is_ambiguous(self):
        self.trust()
        head = b"HTTP/1.1 403 No\r\n\r\n"
        for answer, kind, status in [
            (lambda h: h.hold(), "ambiguous", None),
            (lambda h: None, "ambiguous", None),
            (lambda h: h.drip(b"", b"HTTP/1.1 100 C\r\n\r\n"), "ambiguous", None),
            (lambda h: h.drip(head, b"x"), "configuration", 403),
        ]:
            server = self.serve(answer, self.tls)
            got = self.call(server.url, deadline=1)
            self.assertEqual((got.kind, got.http_status), (kind, status))
            self.assertEqual(len(server.requests), 1)

    def test_certificate_nobody_vouches_for(self):
        server = self.serve(reply(), self.tls)
        got = self.call(server.url)
        words = "TLS certificate not trusted"
        self.assertEqual(got, VoiceboxReply("not_sent", message=words))
        self.assertEqual(server.requests, [])


@tagged("post_install", "-at_install")
class TestReplyBody(VoiceboxClientCase):
    def test_first_2_kb_are_kept(self):
        for body, kept in [
            (b"", ""),
            ("Номер не найден".encode(), "Номер не найден"),
            ("Номер не найден".encode("cp1251"), "Номер не найден"),
            ("Номер не найден".encode("utf-16"), "Номер не найден"),
            (b"a\x00b", "a\ufffdb"),
            (b"x" * 3000, "x" * 2048),
            ("я".encode() * 3000, "я" * 1024),
            (b"x" + "я".encode() * 3000, "x" + "я" * 1023),
            (b"x" + "я".encode() * 40000, "x" + "я" * 1023),
            (b"\x98\xff", "\ufffdя"),
        ]:
            with self.subTest(body=body[:20]):
                self.assertEqual(self.call_answered(reply(404, body)).body, kept)

    def test_endless_body_is_cut(self):
        start = b"HTTP/1.1 404 No\r\n\r\n"
        got = self.call_answered(lambda h: h.drip(start, b"x" * 65536))
        self.assertEqual((got.kind, got.body), ("rejected", "x" * 2048))

    def test_connection_of_a_cut_body_is_not_used_again(self):
        server = self.serve(reply(404, b"x" * 100_000))
        client = self.client(server.url)
        for guid in ("1", "2"):
            self.assertEqual(call_for(client, guid).kind, "rejected")
        self.assertEqual((len(server.requests), server.connections), (2, 2))

    def test_repr_is_without_the_body(self):
        got = self.call_answered(lambda h: reply(400, h.request_body))
        self.assertIn(NUMBER, got.body)
        for private in (NUMBER, GUID, "Валерия", "Эндоскопист"):
            self.assertNotIn(private, repr(got))


@tagged("post_install", "-at_install")
class TestSettings(VoiceboxClientCase):
    def assertRefused(self, code, **settings):
        valid = {"url": "https://a.test/", "login": "l", "password": "s3cr3t"}
        with self.assertRaises(VoiceboxConfigurationError) as caught:
            VoiceboxClient(**(valid | {"method": METHOD} | settings))
        self.assertEqual(caught.exception.code, code)
        self.assertEqual(str(caught.exception), code)
        self.assertIsInstance(caught.exception, ValueError)

    def test_missing(self):
        for name in ("url", "login", "password", "method"):
            for value in (None, False, "", "  \n"):
                with self.subTest(name=name, value=value):
                    self.assertRefused(f"{name}_missing", **{name: value})

    def test_malformed_address(self):
        for url in [
            "voicebox.test/api",
            "//voicebox.test/api",
            "ftp://voicebox.test/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https:",
            "https://",
            "https:///api",
            "https://:443/",
            "https://voicebox.test:port/",
            "https://voicebox.test:0/",
            "https://voicebox.test:65536/",
            "https://voice box.test/",
            "https://voicebox.test/a b",
            "https://voicebox.test/a\nb",
            "https://voicebox.test\\.evil.test/",
            "https://[::1/",
            "https://*.test/",
            "https://" + "a" * 64 + ".test/",
            "https://voicebox..test/",
            "привет",
        ]:
            with self.subTest(url=url):
                self.assertRefused("url_malformed", url=url)

    def test_credentials_in_the_address(self):
        for url in [
            "https://me:word@a.test/",
            "https://me@a.test/",
            "https://@a.test/",
        ]:
            with self.subTest(url=url):
                self.assertRefused("url_credentials", url=url)

    def test_malformed_method(self):
        for method in ["abc", METHOD[:-1], METHOD + "0", f"{{{METHOD}}}", "я" * 36]:
            with self.subTest(method=method):
                self.assertRefused("method_malformed", method=method)

    def test_valid(self):
        for url in [
            "https://voicebox.mtt.ru/api/v1/sb",
            "HTTPS://voicebox.test",
            " http://127.0.0.1:8090/ ",
            "http://[::1]:8090/",
            "http://localhost?a=b@c",
            "https://голос.рф/звонок",
        ]:
            with self.subTest(url=url):
                VoiceboxClient(url, "l", "p", f" {METHOD.upper()}\n").close()

    def test_repr_and_errors_hide_the_password(self):
        client = self.client("http://127.0.0.1:9/", password="s3cr3t")
        self.assertNotIn("s3cr3t", repr(client) + str(client))
        with self.assertRaises(VoiceboxConfigurationError) as caught:
            VoiceboxClient("https://me:s3cr3t@a.test:port/", "l", "s3cr3t", METHOD)
        error = caught.exception
        self.assertNotIn("s3cr3t", f"{error!r} {error} {error.__cause__!r}")

    def test_nothing_is_logged(self):
        """Beyond urllib3's own lines, which name the host and the path."""
        with self.assertLogs(level="DEBUG") as logs:
            self.call_answered(reply(500, b"{}"))
        for private in (NUMBER, GUID, "Валерия", "Эндоскопист", PASSWORD, "Basic"):
            self.assertNotIn(private, "\n".join(logs.output))
