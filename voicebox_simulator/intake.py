"""Reads the request that starts a call, as strictly as the contract allows."""

import base64
import binascii
import hmac
import json
import re
from typing import NamedTuple

SPEAKABLE = re.compile(r"[ :0-9A-Za-zА-Яа-я]*")
NUMBER = re.compile(r"[0-9]{11}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Refusal(Exception):
    """The request starts no call. ``status`` 0 means: reset the connection."""

    def __init__(self, status, words, headers=None, fault=None):
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = headers or {}
        self.fault = fault


class Order(NamedTuple):
    """A call somebody asked for. ``defects``: what the robot will stumble over."""

    number: str
    guid: str
    name: str
    visit: str
    defects: list


def peek_number(body):
    """Return the number asked for, or "" when the body isn't what it should be."""
    try:
        number = json.loads(body)["data"]["number"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return number if isinstance(number, str) else ""


def check(headers, body, config):
    """Return the ``Order`` in an authentic, well-formed request; else ``Refusal``."""
    _check_credentials(headers.get("Authorization", ""), config)
    media_type = headers.get("Content-Type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON") from None
    if not isinstance(request, dict) or not isinstance(request.get("data"), dict):
        raise Refusal(400, 'The body must be {"method": …, "data": {…}}')
    if request.get("method") != config.method:
        raise Refusal(400, "method is not known")
    return _order(request["data"])


def _check_credentials(authorization, config):
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    wanted = f"{config.login}:{config.password}".encode()
    if scheme.lower() != "basic" or not hmac.compare_digest(given, wanted):
        raise Refusal(
            401,
            "Wrong login or password",
            {"WWW-Authenticate": 'Basic realm="voicebox"'},
        )


def _order(data):
    for key, pattern, words in (
        ("number", NUMBER, "data.number must be a string of 11 digits"),
        ("guid", UUID, "data.guid must be a uuid"),
    ):
        if not isinstance(data.get(key), str) or not pattern.fullmatch(data[key]):
            raise Refusal(400, words)
    for key in ("name", "visit"):
        if not isinstance(data.get(key, ""), str):
            raise Refusal(400, f"data.{key} must be a string")
    name, visit = data.get("name", ""), data.get("visit", "")
    defects = _defects("name", name) + _defects("visit", visit)
    for key in sorted(set(data) - {"number", "guid", "name", "visit"}):
        defects += _bad_characters(key, str(data[key]))
    return Order(data["number"], data["guid"], name, visit, defects)


def _defects(key, text):
    return _bad_characters(key, text) if text.strip() else [f"{key} is empty"]


def _bad_characters(key, text):
    bad = sorted({letter for letter in text if not SPEAKABLE.fullmatch(letter)})
    shown = ", ".join(f"{letter!r} U+{ord(letter):04X}" for letter in bad)
    return [f"{key} has characters that can't be spoken: {shown}"] if bad else []
