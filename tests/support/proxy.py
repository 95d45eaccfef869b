"""nginx in front of an Odoo server, with the server block that README.md gives."""

import contextlib
import datetime
import ipaddress
import os
import re
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import ground

HOST = "clinic.example"
BLOCK = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{user}
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""


class Proxy:
    """nginx on free ports of 127.0.0.1; `web` and `gevent` are Odoo's ports."""

    def __init__(self, folder, web, gevent):
        self.folder = folder
        self.port, self.plain_port = ground.free_port(), ground.free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.plain_url = f"http://127.0.0.1:{self.plain_port}"
        self.certificate = make_certificate(folder)
        self.ports = {80: self.plain_port, 443: self.port, 8069: web, 8072: gevent}
        self.process = None

    def block(self):
        """README's server block with this machine's ports and certificate."""
        (text,) = BLOCK.findall((ground.ROOT / "README.md").read_text())
        ports = "|".join(map(str, self.ports))
        text = re.sub(
            rf"\b(?:127\.0\.0\.1:)?({ports})\b",
            lambda found: f"127.0.0.1:{self.ports[int(found[1])]}",
            text,
        )
        for name in ("certificate", "certificate_key"):
            path = self.folder / f"{name}.pem"
            text = re.sub(rf"ssl_{name} .*;", f"ssl_{name} {path};", text)
        return text

    def __enter__(self):
        user = "user root;" if os.geteuid() == 0 else ""
        config = self.folder / "nginx.conf"
        names = {"folder": self.folder, "user": user, "block": self.block()}
        config.write_text(MAIN.format(**names))
        self.process = subprocess.Popen(
            [ground.find_nginx(), "-p", self.folder, "-c", config],
            stdin=subprocess.DEVNULL,
            stderr=open(self.folder / "stderr.log", "w"),
        )
        end = time.monotonic() + 30
        while not (self.folder / "nginx.pid").exists():
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.05)
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()

    def log(self):
        """Everything that nginx has written down."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(path.read_text(errors="replace") for path in logs)


def make_certificate(folder):
    """A certificate for the clinic's server, signed by itself; its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    address = ipaddress.ip_address("127.0.0.1")
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(HOST), x509.IPAddress(address)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "certificate_key.pem").write_bytes(private)
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path
