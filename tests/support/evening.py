"""An evening of calls that goes on, whatever befalls the servers."""

import random
import signal
import time
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial

import psutil
import requests

from clinic import RpcError

# as long as systemd waits for a service before it kills it
SERVICE_MANAGERS_PATIENCE = 90
VISITS_FOR_A_BLOW = 6
# nothing that was claimed so long ago is still about to be sent
SENT_BY_NOW = 20


class Evening:
    """Visits of a clinic whose servers may die, and the hands that let time pass.

    Deadlines and pauses are minutes: they are moved into the past, as if the clock had
    gone on, for calls that are over and for those that nobody will ever place.
    """

    def __init__(self, clinic, simulator, visits=0):
        self.clinic = clinic
        self.simulator = simulator
        self.events = clinic.book(visits) if visits else []
        self.never_sent = set()
        self.outages = []

    def survive(self, blows, seed):
        """Strike each blow in the middle of some calls; then let all end."""
        chance = random.Random(seed)
        for strike in blows:
            wanted = self.accepted() + chance.randint(1, VISITS_FOR_A_BLOW // 2)
            self.book(VISITS_FOR_A_BLOW)
            self.wait_for_calls(wanted)
            time.sleep(chance.uniform(0, 0.2))
            strike(self)
        self.end()

    def book(self, count):
        """More visits; others, where a server in trouble did not take them."""
        self.clinic.wait(f"{count} visits are booked", lambda: self._try_to_book(count))

    def _try_to_book(self, count):
        self.revive()
        with suppress(requests.RequestException, RpcError):
            self.events += self.clinic.book(count)
            return True
        return False

    # === Time passes === #
    def wait_for_calls(self, count):
        """Until Voicebox has accepted so many calls."""
        self.clinic.wait(
            f"{count} calls are made",
            lambda: self.accepted() >= count,
            again=self.go_on,
        )

    def accepted(self):
        return self.simulator.state()["accepted"]

    def end(self, again=None):
        """Until every reminder has ended and every phone is put down."""
        again = again or self.go_on
        again()
        while not self._is_over():
            moves_on = partial(self._has_moved_on, self._finished())
            self.clinic.wait("one more call has ended", moves_on, again=again)
        self.simulator.wait_idle()
        self.clinic.delivered()

    def end_after_rests(self):
        """The same where the queue rests meanwhile."""
        self.end(self._skip_rests)

    def _skip_rests(self):
        self.clinic.pause_over()
        self.go_on()

    def _is_over(self):
        return self.clinic.all_ended(self.events)

    def _finished(self):
        return sum(a["state"] == "finished" for a in self.clinic.attempts())

    def _has_moved_on(self, finished):
        return self._finished() > finished or self._is_over()

    def go_on(self):
        self.revive()
        self.never_sent |= self._lost_claims()
        over = {call["guid"] for call in self.simulator.log() if call["ended"]}
        self.clinic.overdue_calls(over | self.never_sent)
        self.clinic.wake("plan", "dispatch")

    def _sent(self):
        return {call["guid"] for call in self.simulator.log()}

    def _lost_claims(self):
        """Claims whose commit the database made, and could not tell Odoo of."""
        if not self.outages:
            return set()
        return set(self.clinic.open_since(SENT_BY_NOW)) - self._sent()

    # === Blows === #
    def kill_server(self):
        """kill -9 of the server and its workers."""
        self.clinic.server.kill()
        self.revive()

    def kill_workers(self):
        """kill -9 of all that serve or run crons; the server makes new ones."""
        server = psutil.Process(self.clinic.server.process.pid)
        server.suspend()  # the new ones would send while we look
        for worker in server.children():
            if "gevent" not in worker.cmdline():
                worker.kill()
        self.bury()
        server.resume()

    def terminate_server(self):
        """SIGTERM, and start it again."""
        self.stop_server()
        self.revive()

    def stop_server(self):
        """Ask it to stop, as a service manager does; nothing may be left of it."""
        server = psutil.Process(self.clinic.server.process.pid)
        workers = server.children(recursive=True)
        self.clinic.server.process.send_signal(signal.SIGTERM)
        assert self.clinic.server.process.wait(SERVICE_MANAGERS_PATIENCE) == 0
        assert [w for w in workers if _is_alive(w)] == []

    def restart_postgres(self, cluster, mode, pause):
        """Stop PostgreSQL, in a crash where `mode` is "immediate", and start it."""
        begin = datetime.now(timezone.utc)
        cluster.stop(mode)
        time.sleep(pause)
        cluster.start()
        self.outages.append((begin, datetime.now(timezone.utc)))
        self.clinic.close()

    def revive(self):
        """Start the server where it has ended, as a service manager would."""
        if self.clinic.server.process.poll() is None:
            return
        self.clinic.server.kill()  # workers that have outlived it
        self.bury()
        self.clinic.server.start()
        self.clinic.run("plan")

    def bury(self):
        """What the dead had claimed and not sent, nobody will."""
        claimed, sent, before = set(self.clinic.open_since(0)), self._sent(), None
        while sent != before:  # Voicebox may still be reading
            time.sleep(0.3)
            sent, before = self._sent(), sent
        self.never_sent |= claimed - sent


def _is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
