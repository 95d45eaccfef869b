"""What Voicebox said to our POST, sorted into what follows from it. No ORM.

Nothing that is handed out holds a name, a number or a credential, but the far side's
own words, which may repeat what it was sent: they stay out of the repr.
"""

import codecs
import http.client
import json
import socket
import ssl
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import requests
import urllib3
from requests.utils import guess_json_utf

_READ_BYTES = 64 * 1024
_KEPT_BYTES = 2 * 1024
_CALL_ID_LENGTH = 200
_LONGEST_PAUSE = 3600.0


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

    @property
    def is_plausible(self):
        """May this be how the campaign answers when it has placed the call?"""
        is_page = self.body.lstrip("\ufeff \t\r\n").startswith("<")
        return 200 <= (self.http_status or 0) < 300 and not is_page

    @property
    def rests_the_queue(self):
        """Would the next call surely fare no better?"""
        return self.kind in ("configuration", "throttled", "not_sent")


def read_reply(response):
    """What the far side said, as far as it came."""
    content = _read(response)
    return _sorted_reply(response.status_code, response.headers, content)


def no_reply(error, was_read):
    """:param bool was_read: the request's body was taken: the phone may ring"""
    kind = "ambiguous" if was_read else "not_sent"
    return VoiceboxReply(kind, message=_reason(error))


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
