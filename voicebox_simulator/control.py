"""The control API: what tests and the page ask for and change."""

from aiohttp import web

from . import view
from .behaviour import ScriptError
from .config import ConfigError
from .exchange import Exchange
from .faults import FaultError

EXCHANGE = web.AppKey("exchange", Exchange)
LISTENER = web.AppKey("listener", object)

routes = web.RouteTableDef()


class BadControl(ValueError):
    """The control request can't be followed; the message says why."""


@web.middleware
async def sentences(request, handler):
    """Turn what a control request got wrong into a 400 with one sentence."""
    try:
        return await handler(request)
    except (BadControl, ScriptError, ConfigError, FaultError) as error:
        return web.json_response({"error": str(error)}, status=400)


async def read(request):
    """Return the JSON object sent.

    Only ``application/json`` is taken: a foreign web page can't send that unasked.
    """
    if request.content_type != "application/json":
        raise BadControl("Send application/json.")
    try:
        body = await request.json()
    except ValueError:
        raise BadControl("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise BadControl("The body is not a JSON object.")
    return body


def positive(body, key):
    """Return ``body[key]``, a number above 0."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise BadControl(f"{key} is a number above 0.")
    return value


def done(request):
    """Answer a change with the state after it."""
    return web.json_response(view.state(request.app[EXCHANGE]))


@routes.get("/control/log")
async def get_log(request):
    """All calls, refusals and violations since the start or the last reset."""
    return web.json_response(request.app[EXCHANGE].journal.as_dict())


@routes.get("/control/state")
async def get_state(request):
    """The counts."""
    return done(request)


@routes.get("/control/script")
async def get_script(request):
    """The script in force."""
    return web.json_response(request.app[EXCHANGE].script.spec)


@routes.put("/control/script")
async def put_script(request):
    """A new script."""
    request.app[EXCHANGE].set_script(await read(request))
    return done(request)


@routes.get("/control/faults")
async def get_faults(request):
    """The faults in force, with all their options."""
    return web.json_response(request.app[EXCHANGE].faults.rules)


@routes.put("/control/faults")
async def put_faults(request):
    """New faults in place of all the old ones."""
    request.app[EXCHANGE].set_faults(await read(request))
    return done(request)


@routes.put("/control/callback")
async def put_callback(request):
    """A new callback address, secret and format."""
    request.app[EXCHANGE].set_callback(await read(request))
    return done(request)


@routes.put("/control/speed")
async def put_speed(request):
    """A new speed, from the next step of each call on."""
    exchange = request.app[EXCHANGE]
    exchange.speed = positive(await read(request), "speed")
    exchange.changed()
    return done(request)


@routes.put("/control/person")
async def put_person(request):
    """Whether the calls still to come are for the person at the page."""
    person = (await read(request)).get("person")
    if not isinstance(person, bool):
        raise BadControl("person is true or false.")
    exchange = request.app[EXCHANGE]
    exchange.person_mode = person
    exchange.changed()
    return done(request)


@routes.post("/control/press")
async def press(request):
    """A button of a phone card; 409 when the call is past it."""
    body = await read(request)
    ordinal, button = body.get("ordinal"), body.get("button")
    if not isinstance(ordinal, int) or not isinstance(button, str):
        raise BadControl("A press has an ordinal and a button.")
    if request.app[EXCHANGE].press(ordinal, button):
        return done(request)
    return web.json_response({"error": "Too late: the call went on."}, status=409)


@routes.post("/control/reset")
async def reset(request):
    """Cut off and forget all calls; script, faults, callback and speed stay."""
    await read(request)
    await request.app[EXCHANGE].reset()
    return done(request)


@routes.post("/control/down")
async def down(request):
    """Stop listening for some seconds of real time: connections are refused."""
    seconds = positive(await read(request), "seconds")
    request.app[EXCHANGE].spawn(request.app[LISTENER].pause(seconds))
    return done(request)
