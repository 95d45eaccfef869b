"""How many callbacks this process has in hand at this moment. No ORM.

Where requests and scheduled actions are threads of one process, they share one core.
"""

import threading
import time

LOOK_AGAIN = 0.02  # seconds


class Crowd:
    """A context manager; entering it tells how many are inside."""

    def __init__(self, few):
        self._few = few
        self._present = 0
        self._counting = threading.Lock()

    def __enter__(self):
        with self._counting:
            self._present += 1
            return self

    def __exit__(self, *exc_info):
        with self._counting:
            self._present -= 1

    @property
    def is_large(self):
        return self._present > self._few

    def let_pass(self, patience):
        """Wait while it is large.

        :param patience: seconds after which it is waited for no longer
        """
        until = time.monotonic() + patience
        while self.is_large and time.monotonic() < until:
            time.sleep(LOOK_AGAIN)


CALLBACKS = Crowd(few=3)
