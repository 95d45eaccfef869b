"""The one clock of the play."""

from freezegun import freeze_time


class Clock:
    """Stands still until it is moved; naive UTC."""

    def __init__(self, begin):
        self._freezer = freeze_time(begin)
        self.now = begin

    def __enter__(self):
        self._frozen = self._freezer.start()
        return self

    def __exit__(self, *exception):
        self._freezer.stop()

    def move(self, moment):
        assert moment >= self.now, f"back in time, from {self.now} to {moment}"
        self._frozen.move_to(moment)
        self.now = moment
