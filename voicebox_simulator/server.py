"""The web server: Voicebox's API, the page, the control API."""

import asyncio
import contextlib
import errno
import html
import json
import os
import signal
import socket
import struct
import sys
import threading
from pathlib import Path

from aiohttp import web

from . import control, view
from .control import EXCHANGE, LISTENER
from .exchange import Exchange
from .intake import Refusal

STOPPING = web.AppKey("stopping", asyncio.Event)
API_PATH = "/api/v1/sb"
STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-cache",
}
REFRESH_SECONDS = 0.15
HEARTBEAT_TURNS = 60

routes = web.RouteTableDef()


@routes.post(API_PATH)
async def start_call(request):
    """Start a call as voicebox.md says, or as the faults in force say."""
    exchange = request.app[EXCHANGE]
    try:
        call, faults = await exchange.place(request.headers, await request.read())
    except ConnectionResetError:  # who asked has died over the request
        return drop(request)
    except Refusal as refusal:
        if not refusal.status:
            return drop(request, reset=True)
        return web.json_response(
            {"error": {"code": refusal.status, "message": refusal.words}},
            status=refusal.status,
            headers=refusal.headers,
        )
    if "slow" in faults:
        await asyncio.sleep(faults["slow"]["seconds"])
    if "callback_before_reply" in faults:
        await call.courier.first_sent.wait()
    return await reply(request, call.entry.call_id, faults)


async def reply(request, call_id, faults):
    """Answer for a call that is placed; the patient's phone may be ringing."""
    if "500" in faults:
        return web.json_response({"error": {"code": 500}}, status=500)
    if "no_reply" in faults:
        while faults["no_reply"]["hang"] and request.transport:
            await asyncio.sleep(REFRESH_SECONDS)
        return drop(request)
    if "empty_body" in faults:
        return web.Response()
    if "html_body" in faults:
        page = "<html><body><h1>Gateway</h1></body></html>"
        return web.Response(text=page, content_type="text/html")
    number = request.app[EXCHANGE].config.ids == "number"
    return web.json_response({"id": int(call_id) if number else call_id})


def drop(request, reset=False):
    """Close the connection without an answer; with ``reset``, by an RST."""
    if request.transport:
        if reset:
            linger = struct.pack("ii", 1, 0)
            connection = request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.transport.abort()
    return web.Response()


@routes.get("/")
async def page(request):
    """The page with the phones."""
    return web.FileResponse(STATIC / "index.html", headers=PAGE_HEADERS)


@routes.get("/beside")
async def beside(request):
    """The desk whose patients these are, and the phones, side by side."""
    desk = request.app[EXCHANGE].config.desk
    if not desk:
        raise web.HTTPNotFound(text="No desk is set: see the setting `desk`.")
    origin = "/".join(desk.split("/")[:3])
    policy = f"default-src 'self'; frame-src 'self' {origin}"
    text = (STATIC / "beside.html").read_text(encoding="utf-8")
    return web.Response(
        text=text.replace("{desk}", html.escape(desk)),
        content_type="text/html",
        headers={**PAGE_HEADERS, "Content-Security-Policy": policy},
    )


async def tell_changes(exchange, response, stopping):
    """:raise ConnectionResetError: nobody listens any more"""
    seen, turns = None, 0
    while not stopping.is_set():
        if seen != exchange.version:
            seen = exchange.version
            data = json.dumps(view.snapshot(exchange), ensure_ascii=False)
            await response.write(f"data: {data}\n\n".encode())
        elif turns % HEARTBEAT_TURNS == 0:
            await response.write(b": still here\n\n")
        turns += 1
        await asyncio.sleep(REFRESH_SECONDS)


@routes.get("/events")
async def events(request):
    """Send the page a snapshot at each change, as server-sent events."""
    exchange = request.app[EXCHANGE]
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):  # the page was closed
        await tell_changes(exchange, response, request.app[STOPPING])
    return response


class Listener:
    """Listens on one port; can go deaf for a while and come back to the same."""

    def __init__(self, app, host, port):
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self._host = host
        self._port = port
        self._site = None

    async def start(self):
        """Start listening; return the address. Raises ``OSError``."""
        await self._runner.setup()
        await self._listen()
        self._port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def _listen(self):
        self._site = web.TCPSite(self._runner, self._host, self._port)
        await self._site.start()

    async def pause(self, seconds):
        """Refuse all connections, kept ones too, for ``seconds`` of real time."""
        await asyncio.sleep(REFRESH_SECONDS)
        await self._site.stop()
        try:
            for connection in list(self._runner.server.connections):
                connection.force_close()
            await asyncio.sleep(seconds)
        finally:
            await self._listen()

    async def stop(self):
        """Stop listening and let go of every connection."""
        await self._runner.cleanup()


def make_app(exchange):
    """Return the web application around ``exchange``."""
    app = web.Application(middlewares=[control.sentences])
    app[EXCHANGE] = exchange
    app[STOPPING] = asyncio.Event()
    app.add_routes(routes)
    app.add_routes(control.routes)
    app.router.add_static("/static/", STATIC)
    return app


async def serve(config, journal, with_parent=False):
    """Serve until SIGTERM or SIGINT (or the end of stdin); return the exit code."""
    exchange = Exchange(config, journal)
    app = make_app(exchange)
    app[LISTENER] = listener = Listener(app, config.host, config.port)
    await exchange.start()
    try:
        address = await listener.start()
        print(f"listening on {address}", flush=True)
        await _wait_for_the_end(with_parent)
        return 0
    except OSError as error:
        print(_why_not_listening(config, error), file=sys.stderr)
        return 1
    finally:
        app[STOPPING].set()
        await exchange.stop()
        await listener.stop()


async def _wait_for_the_end(with_parent):
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    if with_parent:
        threading.Thread(target=_watch_stdin, args=(loop, end), daemon=True).start()
    await end.wait()


def _watch_stdin(loop, end):
    # Not sys.stdin: its lock, held here, would abort the interpreter's end.
    while os.read(0, 1024):
        pass
    loop.call_soon_threadsafe(end.set)


def _why_not_listening(config, error):
    where = f"{config.host}:{config.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is taken by another program: choose another port with --port, "
            "or --port 0 for a free one."
        )
    return f"Can't listen on {where}: {error.strerror}."
