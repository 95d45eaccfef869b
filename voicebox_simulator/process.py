"""The simulator as another program's helper: starts it, asks it, stops it."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 30
STOP_SECONDS = 10


class SimulatorError(RuntimeError):
    """The simulator didn't start, or refused a control request; says why."""


class Simulator:
    """Runs the simulator as a child process on a free port.

    ``settings`` are the keys of its ``--config`` file. A context manager; the child
    also ends by itself when this process dies. Only the standard library is needed
    here, aiohttp only by ``python``, the interpreter the child runs on.
    """

    def __init__(self, python=sys.executable, **settings):
        self.settings = {"port": 0, "speed": 600, **settings}
        self.url = ""
        self._python = python
        self._process = None
        self._output = []

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()

    # === life ===

    def start(self):
        """Start the program and wait until it listens. Raises ``SimulatorError``."""
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "config.json")
            config.touch(mode=0o600)
            config.write_text(json.dumps(self.settings), encoding="utf-8")
            self._process = self._launch(config)
            line = self._first_line()
        if not line.startswith("listening on "):
            self.stop()
            raise SimulatorError(f"The simulator did not start: {line.strip()}")
        self.url = line.split()[-1]
        threading.Thread(
            target=self._drain, args=(self._process.stdout,), daemon=True
        ).start()
        return self

    def stop(self):
        """End the program in good order, by force if it doesn't; return its code."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()
        return process.returncode

    @property
    def output(self):
        """Return what was printed after the address: nothing, if all is well."""
        return "".join(self._output)

    def _launch(self, config):
        python_path = os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        return subprocess.Popen(
            [
                *(self._python, "-m", "voicebox_simulator", "--exit-with-parent"),
                *("--config", str(config)),
            ],
            env={**os.environ, "PYTHONPATH": python_path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _first_line(self):
        alarm = threading.Timer(START_SECONDS, self._process.kill)
        alarm.start()
        try:
            return self._process.stdout.readline()
        finally:
            alarm.cancel()

    def _drain(self, stream):
        with stream:
            self._output.extend(stream)

    # === what happened ===

    @property
    def api_url(self):
        """Return the address calls are started at."""
        return f"{self.url}/api/v1/sb"

    def log(self):
        """Return the accepted calls, each with ``raw_body`` as bytes."""
        return [_with_bytes(entry) for entry in self._ask("GET", "log")["calls"]]

    def refused(self):
        """Return the requests that started no call."""
        return [_with_bytes(entry) for entry in self._ask("GET", "log")["refused"]]

    def violations(self):
        """Return the rules broken by whoever asked for the calls."""
        return self._ask("GET", "log")["violations"]

    def state(self):
        """Return the counts."""
        return self._ask("GET", "state")

    def wait_idle(self, accepted=0, timeout=60):
        """Wait until nothing is under way and ``accepted`` calls were taken.

        Returns the state. Raises ``TimeoutError`` after ``timeout`` real seconds.
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            state = self.state()
            if state["idle"] and state["accepted"] >= accepted:
                return state
            time.sleep(0.05)
        raise TimeoutError(f"The calls did not end: {self.state()}")

    # === what shall happen ===

    def set_script(self, numbers=None, default="confirm"):
        """Say who answers what: ``set_script({"12025550100": "busy"})``."""
        script = {"default": default, "numbers": numbers or {}}
        return self._ask("PUT", "script", script)

    def set_faults(self, faults=None):
        """Replace all faults: ``set_faults({"slow": {"seconds": 2}})``."""
        return self._ask("PUT", "faults", faults or {})

    def set_callback(self, url, secret="", **settings):
        """Set the callback address; ``auth``, ``format``, ``words`` and so on."""
        return self._ask("PUT", "callback", {"url": url, "secret": secret, **settings})

    def set_speed(self, speed):
        """Set how many times faster than life calls are played."""
        return self._ask("PUT", "speed", {"speed": speed})

    def set_person(self, person):
        """Say whether calls to come wait for the page (and ``press``)."""
        return self._ask("PUT", "person", {"person": person})

    def press(self, ordinal, button):
        """Press a button of a phone card, as the page does."""
        return self._ask("POST", "press", {"ordinal": ordinal, "button": button})

    def reset(self):
        """Cut off and forget all calls; settings stay."""
        return self._ask("POST", "reset", {})

    def down(self, seconds):
        """Refuse all connections for some real seconds, this object's too."""
        return self._ask("POST", "down", {"seconds": seconds})

    def _ask(self, verb, what, body=None):
        request = urllib.request.Request(
            f"{self.url}/control/{what}",
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                words = json.loads(error.read() or b"{}").get("error", error.reason)
            raise SimulatorError(words) from None


def _with_bytes(entry):
    return {**entry, "raw_body": base64.b64decode(entry["raw_body_base64"])}
