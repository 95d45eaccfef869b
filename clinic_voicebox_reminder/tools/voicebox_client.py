"""The only code that speaks HTTP to Voicebox. No ORM: it is used from threads.

Nothing is logged here, and nothing that is handed out (replies, errors, their repr)
holds a name, a number or a credential; only ``VoiceboxReply.body``, the far side's own
words, may repeat what it was sent, and therefore stays out of the repr.
"""

import codecs
import http.client
import io
import json
import re
import socket
import ssl
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from types import SimpleNamespace
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.utils import guess_json_utf

_READ_BYTES = 64 * 1024
_KEPT_BYTES = 2 * 1024
_CALL_ID_LENGTH = 200
_LONGEST_PAUSE = 3600.0
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_IN_URLS = re.compile(r"[\s\\\x00-\x1f\x7f]")
_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "clinic_voicebox_reminder",
}


class VoiceboxConfigurationError(ValueError):
    """Settings with which nothing can be sent. ``code`` says which, for the caller to
    put into words: ``url_missing``, ``url_malformed``, ``url_credentials``,
    ``login_missing``, ``password_missing``, ``method_missing``, ``method_malformed``.
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class VoiceboxReply:
    """What became of one call. ``kind`` is one of:

    - ``accepted``: the far side named the call, ``call_id``
    - ``configuration``: the address or the credentials are wrong
    - ``rejected``: the far side doesn't want this call, now or ever
    - ``throttled``: later; ``retry_after`` in seconds (0 to 3600) if it said when
    - ``not_sent``: the request's body never left this machine, the phone can't ring
    - ``ambiguous``: anything else, the phone may be ringing

    ``http_status`` is None if no reply came. ``message`` is short, English and without
    personal data. ``body`` is the first 2 kB of the reply, fit for a database.
    """

    kind: str
    call_id: str = ""
    http_status: int | None = None
    message: str = ""
    body: str = field(default="", repr=False)
    retry_after: float | None = None


class VoiceboxClient:
    """Starts calls of one campaign. To be shared by threads, and closed.

    :param method: the campaign's method id, a uuid
    :param int connections: kept open at most, as many as there are threads
    :param timeout: seconds for each wait: to connect, for the next bytes of the reply
    :param deadline: seconds after which a reply is waited for no longer, however
        steadily it drips
    :raise VoiceboxConfigurationError: with these settings nothing can be sent
    """

    def __init__(
        self, url, login, password, method, *, connections=1, timeout=10, deadline=30
    ):
        self._url = _checked_url(url)
        login = _given(login, "login_missing").strip()
        password = _given(password, "password_missing")
        self._method = _given(method, "method_missing").strip()
        if not is_method_id(self._method):
            raise VoiceboxConfigurationError("method_malformed")
        self._timeout = timeout
        self._deadline = deadline
        self._session = _session(login, password, connections)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        self._session.close()

    def call(self, number, guid, name, visit):
        """Ask for one call; blocks. Whatever the network or the far side does becomes a
        :class:`VoiceboxReply`. The call can't be recalled.

        :param str number: 11 digits, no plus
        :param str name: and ``visit``: speakable text
        """
        data = {"number": number, "guid": guid, "name": name, "visit": visit}
        payload = json.dumps({"method": self._method, "data": data}, ensure_ascii=False)
        body = _Body(payload.encode())
        _patience.until = _steady.now() + self._deadline
        try:
            with self._post(body) as response:
                content = _read(response)
                return _sorted_reply(response.status_code, response.headers, content)
        except Exception as error:  # noqa: BLE001  no exception may hide a sent call
            kind = "ambiguous" if body.was_read else "not_sent"
            return VoiceboxReply(kind, message=_reason(error))

    def _post(self, body):
        return self._session.post(
            self._url,
            data=body,
            headers=_HEADERS,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        )


# === Settings === #


def is_method_id(text):
    """Is this a campaign's method id, a UUID as Voicebox writes it?"""
    return bool(_UUID.fullmatch((text or "").strip()))


def _given(value, code):
    if not (value or "").strip():
        raise VoiceboxConfigurationError(code)
    return value


def _checked_url(url):
    """The address as it is sent, with its host name and path encoded."""
    url = _given(url, "url_missing").strip()
    try:
        parts = urlsplit(url)
        prepared = requests.Request("POST", url).prepare().url
        host = (urlsplit(prepared).hostname or "").encode("idna")  # as for connecting
        plausible = parts.scheme in ("http", "https") and host and parts.port != 0
    except ValueError:  # urlsplit's own, and those of requests, which are ValueErrors
        raise VoiceboxConfigurationError("url_malformed") from None
    if "@" in parts.netloc:
        raise VoiceboxConfigurationError("url_credentials")
    if not plausible or _NOT_IN_URLS.search(url):
        raise VoiceboxConfigurationError("url_malformed")
    return prepared


# === Sending === #


class _Session(requests.Session):
    def get_redirect_target(self, resp):
        """None is followed, and none is prepared: that would read the whole body."""
        return None


def _session(login, password, connections):
    session = _Session()
    # bytes: requests encodes text as Latin-1; and with it no .netrc is looked at
    session.auth = HTTPBasicAuth(login.encode(), password.encode())
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_maxsize=connections, max_retries=0, pool_block=False)
    adapter.poolmanager.pool_classes_by_scheme = _POOLS
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Body(io.BytesIO):
    """A request body that knows whether it was taken. It is read only once the
    connection, with its TLS, is up and has taken the headers: unread means not sent."""

    was_read = False

    def read(self, *args):
        self.was_read = True
        return super().read(*args)


_steady = SimpleNamespace(now=time.monotonic)  # out of reach of frozen test clocks
_patience = threading.local()  # .until: this thread's deadline, by the monotonic clock


class _PatientReader(io.RawIOBase):
    """A socket's reading end with an end to its patience: each wait is bounded by the
    socket's timeout and all of them by the thread's deadline.

    Before the first byte a failure is raised. After it, it ends the reply, so that what
    did come can be judged; the connection is then shut, or the rest of this reply would
    be taken for the answer to the next request."""

    def __init__(self, raw, sock):
        self._raw = raw
        self._sock = sock
        self._wait = sock.gettimeout()
        self._until = _patience.until
        self._begun = False

    def readable(self):
        return True

    def readinto(self, buffer):
        try:
            self._bound_the_wait()
            count = self._raw.readinto(buffer)
        except OSError:
            self._shut()
            if not self._begun:
                raise
            return 0
        self._begun = True
        return count

    def _bound_the_wait(self):
        left = self._until - _steady.now()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._wait))

    def _shut(self):
        self._until = 0
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._raw.close()
        return super().close()


class _PatientResponse(http.client.HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_PatientReader(self.fp.detach(), sock))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _PatientResponse


class _TLSConnection(urllib3.connection.HTTPSConnection):
    response_class = _PatientResponse


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


_POOLS = {"http": _Pool, "https": _TLSPool}


class _Adapter(HTTPAdapter):
    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        if isinstance(manager, urllib3.ProxyManager):  # SOCKS needs pools of its own
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_response(self, req, resp):
        # not looked at here, and older requests fail on a charset without a value
        resp.headers.discard("Content-Type")
        return super().build_response(req, resp)


# === Reading === #


def _read(response):
    """The reply's first 64 kB, unpacked, or as much of them as came."""
    content = b""
    if response.status_code < 200:
        # the real reply may be on its way: unread, the connection is not used again
        return content
    with suppress(urllib3.exceptions.HTTPError, OSError, http.client.HTTPException):
        while len(content) < _READ_BYTES:
            missing = _READ_BYTES - len(content)
            piece = response.raw.read(missing, decode_content=False)
            if not piece:
                break
            content += piece
    if "Content-Encoding" in response.headers:  # not asked for, but some insist
        with suppress(zlib.error):
            # gzip or zlib by its header; no more comes out than what is read
            return zlib.decompressobj(wbits=47).decompress(content, _READ_BYTES)
    return content


def _sorted_reply(status, headers, content):
    text = _decoded(content)
    call_id = _call_id(text) if 200 <= status < 300 else ""
    kind = "accepted" if call_id else _kind(status)
    return VoiceboxReply(
        kind,
        call_id=call_id,
        http_status=status,
        message=_status_message(status, kind),
        body=text.encode()[:_KEPT_BYTES].decode(errors="ignore"),
        retry_after=_pause(headers.get("Retry-After")) if status == 429 else None,
    )


def _kind(status):
    """The class of a reply that named no call."""
    if status in (401, 403) or (300 <= status < 400 and status != 303):
        return "configuration"
    if status == 429:
        return "throttled"
    if 400 <= status < 500:
        return "rejected"
    return "ambiguous"  # 303 too: it says that the request was processed


def _status_message(status, kind):
    if 200 <= status < 300 and kind == "ambiguous":
        return f"HTTP {status} without a readable id"
    if 300 <= status < 400:
        return f"HTTP {status}: redirects are not followed"
    return f"HTTP {status}"


def _decoded(content):
    """Text a database takes. What is no Unicode was written on a Russian Windows."""
    encoding = guess_json_utf(content) or "utf-8"
    try:
        # a decoder that waits for more forgives a character cut in two at the end
        text = codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
    return text.replace("\x00", "\ufffd")


def _call_id(text):
    """The id as text, a number as it was written; "" if there is none."""
    try:
        reply = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return ""
    call_id = reply.get("id") if isinstance(reply, dict) else None
    if not isinstance(call_id, str):
        return ""
    return "".join(filter(str.isprintable, call_id)).strip()[:_CALL_ID_LENGTH]


def _pause(retry_after):
    """Seconds from a Retry-After header, seconds or a date; None if it says nothing."""
    value = (retry_after or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_PAUSE)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    seconds = (then - datetime.now(timezone.utc)).total_seconds()
    return min(seconds, _LONGEST_PAUSE) if seconds >= 0 else None


_REASONS = (
    (socket.gaierror, "host name not found"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, "connection closed"),
    (ssl.SSLCertVerificationError, "TLS certificate not trusted"),
    (ssl.SSLError, "TLS failed"),
    ((TimeoutError, requests.Timeout), "timed out"),
    (http.client.HTTPException, "unreadable reply"),
)


def _reason(error):
    """A few words of ours for the innermost cause we know: an exception's own words
    hold addresses."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "proxy failed"
    words = "connection failed"
    while error is not None:
        words = next((w for kind, w in _REASONS if isinstance(error, kind)), words)
        error = error.__cause__ or error.__context__
    return words
