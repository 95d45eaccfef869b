"""Threads that post calls, and the place where their replies come in.

No ORM: a thread has neither cursor nor environment. Whoever runs the switchboard does
all else, in one thread, while these post.
"""

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from .voicebox_reply import VoiceboxReply, no_reply

GATHERING = 0.05  # seconds in which replies join the first one
WITHDRAWN = VoiceboxReply("not_sent", message="held back: Voicebox is in trouble")


@dataclass(frozen=True)
class Dial:
    """All that a thread needs to start one call."""

    attempt_id: int
    number: str
    guid: str
    method: str
    name: str
    visit: str
    more: dict


class Answer(NamedTuple):
    """What a dial came to."""

    line: Any
    attempt_id: int
    reply: VoiceboxReply


class Line:
    """The dials of one company.

    In doubt about Voicebox one batch is under way: no more than that is spent on it.
    While it takes calls it is two: one is claimed while the other's replies come in.
    From the first sign of trouble on nothing is claimed, until all replies are in and
    have told together what there is to learn.

    :param int batch: dials that are claimed at a time
    """

    def __init__(self, came, batch):
        self.under_way = 0  # posted; what came of them was not taken yet
        self._is_trusted = False
        self._is_troubled = False
        self._news = []
        self._came = came
        self._batch = batch
        self._clients = {}
        self._threads = ThreadPoolExecutor(2 * batch)

    @property
    def has_room(self):
        """For one batch more?"""
        room = self._batch if self._is_trusted else 0
        return self.under_way <= room and not self._is_troubled

    def client(self, settings, make):
        """The client for these settings: made once, closed with the line.

        :param make: function of a number of connections
        """
        if settings not in self._clients:
            self._clients[settings] = make(2 * self._batch)
        return self._clients[settings]

    def post(self, client, dial):
        self.under_way += 1
        self._threads.submit(self._start_call, client, dial)

    def take(self, reply):
        """One of the replies to what was posted has come."""
        self.under_way -= 1
        if self._is_trusted and not self._is_troubled:
            self._news.clear()  # that all is well is known
        self._is_troubled |= not reply.is_plausible
        self._news.append(reply)

    def news(self):
        """Replies to learn from; none before all that are under way have come."""
        if self.under_way:
            return []
        news, self._news = self._news, []
        self._is_trusted = bool(news) and not self._is_troubled
        self._is_troubled = False
        return news

    def close(self):
        self._threads.shutdown()
        for client in self._clients.values():
            client.close()

    def _start_call(self, client, dial):
        """In a thread of its own."""
        try:
            reply = client.call(
                dial.number, dial.guid, dial.name, dial.visit, dial.more
            )
        except BaseException as error:  # noqa: BLE001  nobody waits for ever for it
            reply = no_reply(error, was_read=True)
        self._came.put(Answer(self, dial.attempt_id, reply))


class Switchboard:
    """The lines of all companies that are called for. Leaving it waits for the replies
    of what was posted.

    :param int batch: dials that are claimed at a time
    """

    def __init__(self, batch):
        self._batch = batch
        self._switched = {}
        self._came = SimpleQueue()
        self._seen = deque()  # answers that were looked at, and not taken yet

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        for line in self._switched.values():
            line.close()

    def line_of(self, company_id):
        if company_id not in self._switched:
            self._switched[company_id] = Line(self._came, self._batch)
        return self._switched[company_id]

    @property
    def under_way(self):
        """Dials that were posted, and whose answers were not taken yet."""
        return sum(line.under_way for line in self._switched.values())

    def is_refused(self, company_id):
        """Has Voicebox, as far as is known by now, stopped to take this one's calls?"""
        self._look()
        line = self.line_of(company_id)
        ours = (answer.reply for answer in self._seen if answer.line is line)
        return any(reply.rests_the_queue for reply in ours)

    def news(self):
        """What there is to learn: dict of company ids to replies; see `Line.news`."""
        news = {id_: line.news() for id_, line in self._switched.items()}
        return {company_id: replies for company_id, replies in news.items() if replies}

    def take(self, most, patience=0):
        """Answers that have come.

        :param int most: no more of them
        :param patience: seconds that the first one is waited for; others join it then
        """
        self._look()
        if patience and not self._seen and self.under_way:
            self._look(patience)
        join_until = time.monotonic() + min(patience, GATHERING)
        while len(self._seen) < min(most, self.under_way):
            if not self._look(max(0, join_until - time.monotonic())):
                break
        taken = [self._seen.popleft() for _ in range(min(most, len(self._seen)))]
        for answer in taken:
            answer.line.take(answer.reply)
        return taken

    def _look(self, patience=0):
        """Look at what has come.

        :param patience: seconds that one more is waited for
        :return: whether anything has
        """
        before = len(self._seen)
        with suppress(Empty):
            if patience:
                self._seen.append(self._came.get(timeout=patience))
            while True:
                self._seen.append(self._came.get_nowait())
        return len(self._seen) > before
