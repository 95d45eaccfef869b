"""The only code that speaks HTTP to Voicebox. No ORM: it is used from threads.

Nothing is logged here, and nothing that is handed out (replies, errors, their repr)
holds a name, a number or a credential; only ``VoiceboxReply.body``, the far side's own
words, may repeat what it was sent, and therefore stays out of the repr.
"""

import io
import json
import re
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth

from .patient_http import PatientAdapter, be_patient_for
from .voicebox_reply import no_reply, read_reply

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
        self._url = checked_url(url)
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

    def call(self, number, guid, name, visit, more=None):
        """Ask for one call; blocks. Whatever the network or the far side does becomes a
        :class:`VoiceboxReply`. The call can't be recalled.

        :param str number: 11 digits, no plus
        :param str name: and ``visit``: speakable text
        :param dict more: variables that only some scenarios know
        """
        data = {"number": number, "guid": guid, "name": name, "visit": visit}
        data.update(more or {})
        payload = json.dumps({"method": self._method, "data": data}, ensure_ascii=False)
        body = _Body(payload.encode())
        be_patient_for(self._deadline)
        try:
            with self._post(body) as response:
                return read_reply(response)
        except Exception as error:  # noqa: BLE001  no exception may hide a sent call
            return no_reply(error, body.was_read)

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


def checked_url(url):
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
    adapter = PatientAdapter(pool_maxsize=connections, max_retries=0, pool_block=False)
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
