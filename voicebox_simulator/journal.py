"""The log: who was really called, when, and what was sent back."""

import asyncio
import base64
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone


def now():
    """Return the present moment, UTC, ISO 8601 with microseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


@dataclass
class Entry:
    """One accepted POST and all that came of it. Times are UTC, unscaled."""

    ordinal: int
    time: str
    number: str
    guid: str
    name: str
    visit: str
    call_id: str
    behaviour: str
    faults: list
    defects: list
    raw_body_base64: str
    headers: list
    phase: str = "queued"
    outcome: str = ""
    violations: list = field(default_factory=list)
    ring_intervals: list = field(default_factory=list)
    talk_intervals: list = field(default_factory=list)
    callbacks: list = field(default_factory=list)
    ended: str = ""


def raw(headers, body):
    """Return a request as it came, for the log, without its credentials."""
    shown = [
        [name, value.split(" ")[0] if name.lower() == "authorization" else value]
        for name, value in headers.items()
    ]
    encoded = base64.b64encode(body).decode()
    return {"headers": shown, "raw_body_base64": encoded}


class Journal:
    """Keeps everything in memory and appends each event to a JSON-lines file."""

    def __init__(self, path=""):
        self._file = open(path, "ab") if path else None  # noqa: SIM115
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._lock = asyncio.Lock()
        self._pending = []
        self._queued = self._written = 0
        self.clear()

    def clear(self):
        """Forget what is in memory; the file keeps what it has."""
        self.entries = []
        self.refused = []
        self.violations = []

    def as_dict(self):
        """Return all three lists, ready for JSON."""
        return {
            "calls": [asdict(entry) for entry in self.entries],
            "refused": self.refused,
            "violations": self.violations,
        }

    async def accept(self, entry):
        """Log an accepted call; on return it is on the disk."""
        self.entries.append(entry)
        await self.append("accepted", asdict(entry))

    async def refuse(self, record):
        """Log a request that started no call; on return it is on the disk."""
        self.refused.append(record)
        await self.append("refused", record)

    async def violate(self, entry, record):
        """Log that the robot's client broke a rule with this call."""
        record = {"time": now(), "ordinal": entry.ordinal, **record}
        entry.violations.append(record)
        self.violations.append(record)
        await self.append("violation", record)

    async def append(self, event, record):
        """Append one event and fsync, together with others that wait for it."""
        if not self._file:
            return
        line = json.dumps({"event": event, **record}, ensure_ascii=False)
        self._pending.append(line.encode() + b"\n")
        self._queued += 1
        mine = self._queued
        async with self._lock:
            if self._written < mine:
                lines, self._pending = self._pending, []
                self._written = self._queued
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._writer, self._write, lines)

    def _write(self, lines):
        self._file.write(b"".join(lines))
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self):
        """Close the file; events still pending are written first."""
        self._writer.shutdown(wait=True)
        if self._file:
            self._write(self._pending)
            self._file.close()
            self._file = None
