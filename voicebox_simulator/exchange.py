"""The telephone exchange: takes orders, keeps the lines, knows every live call."""

import asyncio
import contextlib
import random
import time
from collections import Counter

import aiohttp

from . import intake
from .behaviour import Script
from .call import Call
from .callbacks import Courier
from .config import Callback, build
from .dialogue import PERSON, PersonPatient, ScriptedPatient
from .faults import REFUSALS, Faults
from .intake import Refusal
from .journal import Entry, now, raw

BUSY_RETRY_AFTER = 5
_REFUSAL_WORDS = {
    "refuse": "connection reset",
    "401": "Wrong login or password",
    "403": "This campaign is not yours",
    "429": "Too many requests",
    "500": "Internal error",
}


class Exchange:
    """Everything that lives as long as the program, apart from its web server."""

    def __init__(self, config, journal):
        self.config = config
        self.journal = journal
        self.speed = config.speed
        self.person_mode = config.person
        self.version = 0
        self.session = None
        self._tasks = set()
        self._next_id = int(time.time()) * 100_000
        self._lines = asyncio.Semaphore(config.lines) if config.lines else None
        self.set_callback(config.callback)
        self.set_script(config.script)
        self.set_faults(config.faults)
        self._forget()

    # === settings that change while calls are played ===

    def set_callback(self, spec):
        """Take a new callback address, secret and format; ``ConfigError`` if bad."""
        self.callback = build(Callback, spec)
        self.changed()

    def set_script(self, spec):
        """Take a new script; each number's calls are counted anew."""
        self.script = Script(spec, self.config.seed)
        self.changed()

    def set_faults(self, spec):
        """Take new faults in place of the old ones, for requests still to come."""
        self.faults = Faults(spec, self.config.seed)
        self.changed()

    def changed(self):
        """Say that a page which shows the calls is out of date."""
        self.version += 1

    # === life ===

    async def start(self):
        """Open what callbacks are posted with; needs the running loop."""
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def stop(self):
        """Cut off every call and callback under way."""
        await self._cut_off()
        await self.session.close()
        self.journal.close()

    async def reset(self):
        """Cut off what is under way and forget all calls; settings stay."""
        await self._cut_off()
        self.journal.clear()
        await self.journal.append("reset", {"time": now()})
        self.set_script(self.script.spec)
        self._forget()

    async def sleep(self, seconds):
        """Sleep ``seconds`` of life at the present speed."""
        await asyncio.sleep(seconds / self.speed)

    def spawn(self, coroutine):
        """Run ``coroutine`` beside everything else, until reset or the end."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def pending(self):
        """Return how many calls and late callbacks are still under way."""
        return len(self._tasks)

    async def _cut_off(self):
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self):
        self.live = {}
        self.done = Counter()
        self._requests = 0
        self._by_number = Counter()
        self._guids = set()
        self.changed()

    # === calls ===

    async def place(self, headers, body):
        """Take a request; return ``(call, its faults)`` with the log on the disk.

        Raises ``Refusal``, logged too, when no call is placed.
        """
        number = intake.peek_number(body)
        self._requests += 1
        self._by_number[number] += 1
        ordinal, turn = self._requests, self._by_number[number]
        faults = self.faults.strike(ordinal, number, turn)
        try:
            self._refuse_on_purpose(faults)
            order = intake.check(headers, body, self.config)
            self._refuse_when_busy()
        except Refusal as refusal:
            await self._log_refusal(refusal, ordinal, number, raw(headers, body))
            raise
        call = self._make_call(order, ordinal, faults, raw(headers, body))
        await self.journal.accept(call.entry)
        await self._check_guid(call.entry)
        self.spawn(self._play(call))
        return call, faults

    def person(self, entry):
        """Return the patient who is whoever sits at the page."""
        return PersonPatient(
            self.config.ring_timeout, self.config.answer_timeout, bool(entry.defects)
        )

    def press(self, ordinal, button):
        """Pass a person's press on to a call; False when it makes no sense now."""
        call = self.live.get(ordinal)
        return bool(call and call.press(button))

    def _refuse_on_purpose(self, faults):
        for name in REFUSALS:
            options = faults.get(name)
            if options is None or options.get("placed"):
                continue
            pause = options.get("retry_after")
            headers = {} if pause is None else {"Retry-After": str(pause)}
            status = 0 if name == "refuse" else int(name)
            words = options.get("words") or _REFUSAL_WORDS[name]
            raise Refusal(status, words, headers, name)

    def _refuse_when_busy(self):
        full = self.config.lines and len(self.live) >= self.config.lines
        if full and self.config.busy == "reject":
            raise Refusal(429, "All lines busy", {"Retry-After": str(BUSY_RETRY_AFTER)})

    async def _log_refusal(self, refusal, ordinal, number, request):
        record = {
            "ordinal": ordinal,
            "time": now(),
            "number": number,
            "status": refusal.status,
            "words": refusal.words,
            "fault": refusal.fault,
        }
        self.changed()
        await self.journal.refuse({**record, **request})

    def _make_call(self, order, ordinal, faults, request):
        self._next_id += 1
        behaviour = PERSON if self.person_mode else self.script.next(order.number)
        entry = Entry(
            ordinal=ordinal,
            time=now(),
            **order._asdict(),
            call_id=str(self._next_id),
            behaviour=behaviour,
            faults=list(faults),
            **request,
        )
        patient = self._patient(entry)
        call = Call(entry, patient, Courier(entry, faults, self), self)
        self.live[ordinal] = call
        return call

    def _patient(self, entry):
        if entry.behaviour == PERSON:
            return self.person(entry)
        rng = random.Random(f"{self.config.seed}:{entry.ordinal}:{entry.number}")
        patient = ScriptedPatient(entry.behaviour, rng)
        if entry.defects:
            patient.spoil()
        return patient

    async def _check_guid(self, entry):
        if entry.guid.lower() in self._guids:
            await self.journal.violate(entry, {"kind": "guid used twice"})
        self._guids.add(entry.guid.lower())

    async def _play(self, call):
        try:
            async with self._lines or contextlib.nullcontext():
                await self._check_phone(call)
                await call.run()
            self.done[call.entry.outcome] += 1
        finally:
            self.live.pop(call.entry.ordinal, None)
            self.changed()

    async def _check_phone(self, call):
        for other in self.live.values():
            same = other is not call and other.entry.number == call.entry.number
            if same and other.phone_phase:
                record = {
                    "kind": "rung twice at once",
                    "other": other.entry.ordinal,
                    "phase": other.entry.phase,
                }
                call.hand_to(ScriptedPatient("busy", random.Random(0)))
                await self.journal.violate(call.entry, record)
                return
