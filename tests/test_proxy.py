"""Odoo behind nginx, with the server block of README.md as it stands there."""

import ssl
import uuid

import pytest
import requests
import websocket
from requests.adapters import HTTPAdapter

import ground
from clinic import ADDON, CALLBACK_PATH
from proxy import HOST, Proxy

pytestmark = pytest.mark.slow

GEVENT_PORT = ground.free_port()
SERVER_OPTIONS = (
    "--proxy-mode",
    "--workers=1",
    "--max-cron-threads=1",
    f"--gevent-port={GEVENT_PORT}",
)
DOCUMENTED = (
    # Odoo's own: gevent's new word for a queue, and a vacuum that waits its turn
    r"bus/websocket\.py:\d+: DeprecationWarning: Queue\(0\)",
    r"Job 'Base: Auto-vacuum internal data' \(\d+\) processed no record",
)
CALLER = "127.0.0.9"  # where Voicebox calls from
FORGED = "203.0.113.7"


class FromCaller(HTTPAdapter):
    """Connects from an address that is not the proxy's."""

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, source_address=(CALLER, 0), **kwargs)


@pytest.fixture(scope="module")
def proxy(module_clinic, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    with Proxy(folder, module_clinic.server.port, GEVENT_PORT) as proxy:
        yield proxy
        assert module_clinic.secret not in proxy.log()
        assert "emerg" not in proxy.log() and "[warn]" not in proxy.log()


@pytest.fixture
def outside(proxy):
    """Somebody outside, who asks for the clinic by its name."""
    with session(proxy) as outside:
        yield outside


def session(proxy):
    outside = requests.Session()
    outside.trust_env = False
    outside.verify = str(proxy.certificate)
    outside.headers = {"Host": HOST, "X-Forwarded-For": FORGED}
    for scheme in ("http://", "https://"):
        outside.mount(scheme, FromCaller())
    return outside


def report(outside, url, **options):
    """A callback of an unknown call; its guid and the reply."""
    guid = str(uuid.uuid4())
    body = {"guid": guid, "response": "confirmed"}
    return guid, outside.post(url, json=body, timeout=60, **options)


def test_a_callback_with_its_secret_in_a_header(clinic, proxy, outside):
    headers = {"Authorization": f"Bearer {clinic.secret}"}
    url = f"{proxy.url}{CALLBACK_PATH}"
    guid, reply = report(outside, url, headers=headers)
    assert reply.status_code == 200
    (callback,) = clinic.callbacks(guid)
    assert callback["remote_addr"] == CALLER


def test_a_callback_with_its_secret_in_the_path(clinic, proxy, outside):
    url = f"{proxy.url}{CALLBACK_PATH}/{clinic.secret}"
    guid, reply = report(outside, url)
    assert reply.status_code == 200
    (callback,) = clinic.callbacks(guid)
    assert callback["remote_addr"] == CALLER
    assert clinic.secret not in proxy.log()


@pytest.mark.parametrize(
    "path", [f"//{ADDON}//callback/", f"/{ADDON.title()}/callback/", f"/{ADDON}/back/"]
)
def test_a_mistyped_path_is_not_logged_either(clinic, proxy, outside, path):
    report(outside, f"{proxy.url}{path}{clinic.secret}")
    assert clinic.secret not in proxy.log()


def test_a_wrong_secret_is_refused_and_not_logged(clinic, proxy, outside):
    wrong = "the-secret-of-before"
    _guid, reply = report(outside, f"{proxy.url}{CALLBACK_PATH}/{wrong}")
    assert reply.status_code == 401
    assert wrong not in proxy.log()


def test_errors_of_nginx_do_not_tell_the_secret(clinic, tmp_path):
    """Where Odoo is down, and where a body is too large."""
    nobody = ground.free_port()
    with Proxy(tmp_path, nobody, nobody) as proxy, session(proxy) as outside:
        url = f"{proxy.url}{CALLBACK_PATH}/{clinic.secret}"
        assert report(outside, url)[1].status_code == 502
        assert outside.post(url, data=b" " * 100_000).status_code == 413
        assert outside.get(f"{proxy.url}/web/login").status_code == 502
        assert "/web/login" in proxy.log() and "Connection refused" in proxy.log()
        assert clinic.secret not in proxy.log()


def test_plain_http_is_sent_to_https_and_not_logged(clinic, proxy, outside):
    url = f"{proxy.plain_url}{CALLBACK_PATH}/{clinic.secret}"
    _guid, reply = report(outside, url, allow_redirects=False)
    assert reply.status_code == 301
    wanted = f"https://{HOST}{CALLBACK_PATH}/{clinic.secret}"
    assert reply.headers["Location"] == wanted
    assert clinic.secret not in proxy.log()


def test_monitoring_gets_its_answer(clinic, proxy, outside):
    headers = {"Authorization": f"Bearer {clinic.secret}"}
    url = f"{proxy.url}/{ADDON}/health"
    reply = outside.get(url, headers=headers, timeout=60)
    assert reply.json()["status"] in ("ok", "warning", "error")


def test_the_address_to_copy_is_the_one_outside(clinic, proxy, outside):
    """Odoo takes its own address from the administrator's sign-in."""
    credentials = {"db": clinic.database, "login": "admin", "password": "admin"}
    url = f"{proxy.url}/web/session/authenticate"
    reply = outside.post(url, json={"jsonrpc": "2.0", "params": credentials})
    assert reply.json()["result"]["uid"]
    parameter = ("ir.config_parameter", "get_param", "web.base.url")
    assert clinic.admin(*parameter) == f"https://{HOST}"


def test_the_web_client_gets_its_websocket(clinic, proxy):
    address = f"wss://127.0.0.1:{proxy.port}/websocket?version=19.0-2"
    connection = websocket.create_connection(
        address,
        host=HOST,
        origin=f"https://{HOST}",
        sslopt={"ca_certs": str(proxy.certificate), "cert_reqs": ssl.CERT_REQUIRED},
        timeout=60,
    )
    assert connection.getstatus() == 101
    connection.close()
