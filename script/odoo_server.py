"""An Odoo server of a test's or the demo's own."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from ground import LOGS, GroundError, free_port
from odoo_runner import odoo_command, odoo_env
from postgres import start_postgres


class OdooServer:
    """An Odoo server on one database, in a process group of its own.

        with OdooServer("mydb", "--workers=2", "--max-cron-threads=1") as server:
            requests.get(server.url + "/web/login")

    `kill()` ends it as a power cut would, `start()` starts it again on the same port.
    """

    def __init__(self, database, *arguments, port=None, log_path=None, env=None):
        self.database = database
        self.arguments = arguments
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = Path(log_path or LOGS / f"server_{database}_{self.port}.log")
        self.env = env or {}
        self.process = None

    def __enter__(self):
        self.log_path.unlink(missing_ok=True)
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *exception):
        self.stop()

    def command(self):
        return odoo_command(
            *("-d", self.database, f"--http-port={self.port}"),
            *(f"--gevent-port={free_port()}", *self.arguments),
        )

    def start(self, timeout=120):
        """Start and wait until it answers, `timeout` seconds at most."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        start_postgres()
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=odoo_env(**self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_ready(timeout)
        return self

    def wait_until_ready(self, timeout=120):
        """Wait for the login page, which needs the database's modules loaded."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise GroundError(f"Odoo ended at once:\n{self.log_tail()}")
            if self.answers():
                return
            time.sleep(0.1)
        raise GroundError(f"No answer within {timeout} s:\n{self.log_tail()}")

    def answers(self):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{self.url}/web/login", timeout=60) as reply:
                return reply.status == 200
        return False

    def stop(self, timeout=15):
        """End it in good order; whatever is left of its group is killed."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        self.kill()

    def kill(self):
        """Kill the whole process group at once."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_tail(self, lines=30):
        return "\n".join(self.log().splitlines()[-lines:])
