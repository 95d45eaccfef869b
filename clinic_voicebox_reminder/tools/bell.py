"""A bell that is rung once for all who ask while it is being rung. No ORM."""

import threading


class Bell:
    """Whoever asks is rung for afterwards, by himself or by another thread."""

    def __init__(self):
        self._is_asked_for = False
        self._is_ringing = False
        self._guard = threading.Lock()

    def ask(self, ring):
        """Ring, unless somebody is at it who will ring once more.

        :param ring: function; what it raises leaves here
        """
        with self._guard:
            self._is_asked_for = True
            if self._is_ringing:
                return
            self._is_ringing = True
        try:
            while self._take():
                ring()
        except BaseException:
            with self._guard:
                self._is_ringing = False
            raise

    def _take(self):
        """Is there anybody to ring for? If not, the next one rings himself."""
        with self._guard:
            asked, self._is_asked_for = self._is_asked_for, False
            self._is_ringing = asked
            return asked
