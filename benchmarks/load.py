"""Clients that post at once, and what they met."""

import http.client
import itertools
import threading
import time
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass
class Load:
    """What came of some requests; latencies in milliseconds."""

    seconds: float = 0
    latencies: list = field(default_factory=list)
    statuses: list = field(default_factory=list)

    @property
    def rate(self):
        return len(self.statuses) / self.seconds

    def latency(self, percent):
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


def post_all(port, requests, clients):
    """Post each of the requests once, from so many clients at the same time.

    :param requests: tuples of path, body, headers
    """
    load, left = Load(), iter(requests)
    taking = threading.Lock()
    gate = threading.Barrier(clients + 1)

    def client():
        gate.wait()
        while True:
            with taking:
                mine = list(itertools.islice(left, 1))
            if not mine:
                return
            _post(port, *mine[0], load)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - begin
    return load


def _post(port, path, body, headers, load):
    """Odoo's server closes each connection: one for every request."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, headers)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    load.latencies.append(1000 * (time.perf_counter() - begin))
    load.statuses.append(reply.status)
