"""Counting what may come in floods without asking the database each time. No ORM."""

import time
from collections import Counter
from threading import Lock


class Tally:
    """Adds up in memory and gives the sums out, at most once in a while.

    :param float pause: seconds between two takings
    """

    def __init__(self, pause):
        self._pause = pause
        self._counts = Counter()
        self._next = 0.0
        self._lock = Lock()

    def add(self, key, number=1):
        with self._lock:
            self._counts[key] += number

    def take(self):
        """The sums by key, which are the caller's from now on; often there are none."""
        with self._lock:
            now = time.monotonic()
            if not self._counts or now < self._next:
                return {}
            self._next = now + self._pause
            taken, self._counts = self._counts, Counter()
            return dict(taken)

    def put_back(self, counts):
        """They could not be written down: they wait for the next taking."""
        with self._lock:
            self._counts.update(counts)
