"""A far side that is not our simulator: a bare socket that keeps every byte it got."""

import contextlib
import json
import socket
import struct
import threading
from dataclasses import dataclass

ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    head: bytes
    body: bytes

    @property
    def line(self):
        return self.head.split(b"\r\n")[0]

    @property
    def headers(self):
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {k.lower(): v.strip() for k, _, v in (x.partition(":") for x in lines)}

    @property
    def data(self):
        return json.loads(self.body)["data"]


class StandIn:
    """Listens on 127.0.0.1 and treats each request as `behave` says.

    `behave(connection, standin)` gets the open socket after a request was read. With a
    `greeting` the connection is greeted with these bytes, unread, and closed.
    """

    def __init__(self, behave=None, greeting=b""):
        self.behave = behave or accept()
        self.greeting = greeting
        self.connections = 0
        self.requests = []
        self.closing = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.closing.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    @property
    def port(self):
        return self._server.getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/v1/sb"

    def numbers(self):
        return [request.data["number"] for request in list(self.requests)]

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._server.accept()
                self.connections += 1
                threading.Thread(
                    target=self._converse, args=(connection,), daemon=True
                ).start()

    def _converse(self, connection):
        with contextlib.suppress(OSError), connection:
            if self.greeting:
                connection.sendall(self.greeting)
                return
            while request := _read(connection):
                self.requests.append(request)
                self.behave(connection, self)


def _read(connection):
    """The next request, or None at the end of the connection."""
    head, body = b"", b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return None
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(Request(head, b"").headers.get("content-length", 0))
    while len(body) < length:
        body += connection.recv(65536)
    return Request(head, body)


# === What a far side may do === #


def reply(status, body=b"", **headers):
    """Answer with these bytes; `Retry_After` becomes Retry-After."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    message = f"HTTP/1.1 {status} Said\r\n".encode() + "\r\n".join(lines).encode()

    def behave(connection, standin):
        connection.sendall(message + body)

    return behave


def accept(prefix="call"):
    """Accept every call, with an id of its own."""

    def behave(connection, standin):
        body = json.dumps({"id": f"{prefix}-{len(standin.requests)}"}).encode()
        reply(200, body)(connection, standin)

    return behave


def hang(connection, standin):
    """Say nothing until the end of the test."""
    standin.closing.wait(60)


def reset(connection, standin):
    """Reset the connection, the request taken, without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    connection.close()
