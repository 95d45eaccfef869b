"""HTTP connections with an end to their patience, however steadily a reply drips.

The timeout of `requests` bounds each wait for the next bytes, not all of them together:
a far side that sends a byte now and then would hold a thread for ever.
"""

import http.client
import io
import socket
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import urllib3
from requests.adapters import HTTPAdapter

_steady = SimpleNamespace(now=time.monotonic)  # out of reach of frozen test clocks
_patience = threading.local()  # .until: this thread's deadline, by the monotonic clock


def be_patient_for(seconds):
    """From now on this thread waits for replies so long altogether."""
    _patience.until = _steady.now() + seconds


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


class PatientAdapter(HTTPAdapter):
    """For a session of `requests`: no reply drips longer than the patience lasts."""

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS
        return made

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        if isinstance(manager, urllib3.ProxyManager):  # SOCKS needs pools of its own
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_response(self, req, resp):
        # not looked at here, and older requests fail on a charset without a value
        resp.headers.discard("Content-Type")
        return super().build_response(req, resp)
