"""The six HTTP blocks: one callback of one call, good or spoilt."""

import asyncio
import base64
import json
from urllib.parse import urlencode

import aiohttp

from .config import WORDS
from .faults import concerns
from .journal import now

REPLY_LIMIT = 500


class Courier:
    """Posts the callbacks of one call and writes down what became of each.

    Like the real block it waits for the answer, and a failed post is lost. Late
    callbacks don't hold the call up: ``spawn`` runs them beside it.
    """

    def __init__(self, entry, faults, exchange):
        self._entry = entry
        self._faults = faults
        self._exchange = exchange
        self._held = []
        self.first_sent = asyncio.Event()

    async def send(self, block):
        """Post ``block`` and return when the clinic has answered it, or didn't."""
        if "callbacks_swapped" in self._faults and block == "answered":
            self._held.append(block)
            return
        await self._deliver(block)
        await self.finish()

    async def finish(self):
        """Post what was held back for swapping."""
        while self._held:
            await self._deliver(self._held.pop())

    def _struck(self, fault, block):
        return fault in self._faults and concerns(self._faults[fault], block)

    async def _deliver(self, block):
        if self._struck("callback_lost", block):
            await self._record(block, {"error": "lost on purpose"})
        elif self._struck("callback_late", block):
            hours = self._faults["callback_late"]["hours"]
            self._exchange.spawn(self._deliver_late(block, hours * 3600))
        else:
            await self._post_all(block)
        self.first_sent.set()

    async def _deliver_late(self, block, seconds):
        await self._exchange.sleep(seconds)
        await self._post_all(block)

    async def _post_all(self, block):
        await self._post(block)
        if self._struck("callback_twice", block):
            await self._post(block)

    def _fields(self, block, words):
        entry, number = self._entry, self._entry.number
        fields = {
            "guid": entry.guid,
            "call_id": entry.call_id,
            "number_b": number,
            "response": {**WORDS, **words}[block],
        }
        if self._struck("wrong_number_b", block):
            fields["number_b"] = number[:-1] + str((int(number[-1]) + 1) % 10)
        if self._struck("unknown_word", block):
            fields["response"] = self._faults["unknown_word"]["word"]
        if self._struck("guid_left_out", block):
            del fields["guid"]
        if self._struck("call_id_number", block):
            fields["call_id"] = int(entry.call_id)
        return fields

    async def _post(self, block):
        target = self._exchange.callback
        fields = self._fields(block, target.words)
        record = {"sent": now(), "response": fields["response"]}
        if not target.url:
            record["error"] = "no callback address is set"
        else:
            record |= await post(self._exchange.session, target, fields)
        await self._record(block, record)

    async def _record(self, block, record):
        record = {"block": block, "status": None, "error": "", **record}
        record["time"] = now()
        self._entry.callbacks.append(record)
        self._exchange.changed()
        await self._exchange.journal.append(
            "callback", {"ordinal": self._entry.ordinal, **record}
        )


async def post(session, target, fields):
    """Post once; return ``status`` and the ``reply``'s beginning, or the ``error``.

    Neither the address nor the secret gets into what is returned.
    """
    headers, body = request_of(target, fields)
    try:
        async with session.post(
            target.url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=target.timeout),
        ) as response:
            reply = await response.content.read(REPLY_LIMIT)
            return {"status": response.status, "reply": reply.decode(errors="replace")}
    except asyncio.TimeoutError:
        return {"error": "no answer in time"}
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return {"error": type(error).__name__}


def request_of(target, fields):
    """Return ``(headers, body)`` of a callback as the scenario's author set it up."""
    if target.format == "form":
        body, media_type = urlencode(fields), "application/x-www-form-urlencoded"
    else:
        body, media_type = json.dumps(fields, ensure_ascii=False), "application/json"
    headers = {"Content-Type": target.content_type or media_type}
    if target.secret and target.auth == "basic":
        encoded = base64.b64encode(f"x:{target.secret}".encode()).decode()
        headers["Authorization"] = f"Basic {encoded}"
    elif target.secret and target.auth == "bearer":
        headers["Authorization"] = f"Bearer {target.secret}"
    return headers, body.encode()
