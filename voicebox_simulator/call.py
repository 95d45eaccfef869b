"""One call in time: waits, asks the dialogue what follows, runs the HTTP blocks."""

import asyncio
import time

from . import dialogue
from .journal import now


class Call:
    """Plays one accepted call. The entry in the log is its only memory of the past."""

    def __init__(self, entry, patient, courier, exchange):
        self.entry = entry
        self.courier = courier
        self.text = ""
        self.waits_for_clinic = False
        self.deadline = self.wait_seconds = 0
        self._exchange = exchange
        self._presses = asyncio.Queue()
        self.hand_to(patient)

    @property
    def phone_phase(self):
        """Return dialling, ringing or talking; None when the phone is free."""
        return dialogue.PHONE_PHASES.get(self.entry.phase)

    async def run(self):
        """Play the call from its first ring to its last callback."""
        try:
            self._enter("dialling")
            while self.entry.phase != "ended":
                await self._take(await self._next_event())
            self.entry.outcome = self.entry.outcome or "hung_up"
            await self.courier.finish()
        finally:
            self.entry.ended = now()
            self.courier.first_sent.set()
            self._exchange.changed()
        await self._log_end()

    def hand_to(self, patient):
        """Let ``patient`` decide what happens from here on."""
        self._patient = patient
        self.by_person = isinstance(patient, dialogue.PersonPatient)

    def press(self, button):
        """Take a person's press; from here on the call is theirs. False: no sense."""
        events = dialogue.expand(self.entry.phase, button)
        if not events or self.waits_for_clinic or not self._presses.empty():
            return False
        if not self.by_person:
            self.entry.behaviour = dialogue.PERSON
            self.hand_to(self._exchange.person(self.entry))
        for event in events:
            self._presses.put_nowait(event)
        return True

    async def _next_event(self):
        wait = self._patient.wait(self.entry.phase, self.text)
        seconds = wait.seconds / (self._exchange.speed if wait.scaled else 1)
        self.deadline, self.wait_seconds = time.time() + seconds, seconds
        self._exchange.changed()
        try:
            return await asyncio.wait_for(self._presses.get(), seconds)
        except asyncio.TimeoutError:
            return wait.event

    async def _take(self, event):
        phase, block = dialogue.advance(self.entry.phase, event)
        self._enter(phase, block)
        if block:
            self.entry.outcome = "" if block == "answered" else block
            self.waits_for_clinic = True
            self._exchange.changed()
            await self.courier.send(block)
            self.waits_for_clinic = False

    def _enter(self, phase, block=None):
        before = self.phone_phase
        self.entry.phase = phase
        self.text = dialogue.spoken(phase, self.entry.name, self.entry.visit, block)
        after = self.phone_phase
        if before != after:
            self._mark_interval(before, after)
        self._exchange.changed()

    def _mark_interval(self, before, after):
        intervals = {
            "ringing": self.entry.ring_intervals,
            "talking": self.entry.talk_intervals,
        }
        moment = now()
        if before in intervals:
            intervals[before][-1][1] = moment
        if after in intervals:
            intervals[after].append([moment, None])

    async def _log_end(self):
        keys = ("ordinal", "behaviour", "outcome", "ring_intervals", "talk_intervals")
        record = {key: getattr(self.entry, key) for key in keys}
        await self._exchange.journal.append("ended", record)
