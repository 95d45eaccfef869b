"""What the program is told at its start, from a JSON file and the command line."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path

WORDS = {
    name: name
    for name in (
        "answered",
        "confirmed",
        "operator",
        "declined",
        "no_answer",
        "machine",
    )
}


class ConfigError(ValueError):
    """The configuration can't be used; the message is a sentence for the user."""


@dataclass
class Callback:
    """Where the six HTTP blocks post to, and how. Never shown: it holds secrets."""

    url: str = ""
    secret: str = ""
    auth: str = "basic"
    format: str = "json"
    content_type: str = ""
    timeout: float = 10
    words: dict = field(default_factory=dict)

    def __post_init__(self):
        _choice("callback auth", self.auth, ("basic", "bearer", "none"))
        _choice("callback format", self.format, ("json", "form"))
        _positive("callback timeout", self.timeout)
        if self.url and not str(self.url).startswith(("http://", "https://")):
            raise ConfigError("The callback url starts with http:// or https://.")
        if not isinstance(self.words, dict) or set(self.words) - set(WORDS):
            raise ConfigError(f"Callback words are for {', '.join(WORDS)}.")


@dataclass
class Config:
    """Everything that can be set at the start; ``read`` makes one."""

    host: str = "127.0.0.1"
    port: int = 8899
    login: str = "voicebox"
    password: str = "voicebox"
    method: str = "0f6ae5a2-54c7-4d0e-9d2c-1a6d0c6b7e11"
    ids: str = "number"
    lines: int = 0
    busy: str = "queue"
    speed: float = 1
    seed: int = 1
    log: str = ""
    person: bool = False
    ring_timeout: float = 60
    answer_timeout: float = 25
    desk: str = ""
    callback: dict = field(default_factory=dict)
    script: dict = field(default_factory=dict)
    faults: dict = field(default_factory=dict)

    def __post_init__(self):
        _choice("ids", self.ids, ("number", "string"))
        _choice("busy", self.busy, ("queue", "reject"))
        for name in ("speed", "ring_timeout", "answer_timeout"):
            _positive(name, getattr(self, name))
        if self.desk and not str(self.desk).startswith(("http://", "https://")):
            raise ConfigError("The desk is an address with http:// or https://.")
        if not isinstance(self.lines, int) or self.lines < 0:
            raise ConfigError("lines is a whole number; 0 means no limit.")
        if not isinstance(self.port, int) or not 0 <= self.port <= 65535:
            raise ConfigError("port is a whole number from 0 to 65535.")


def read(path, overrides):
    """Return the ``Config`` of the JSON file ``path`` (or none) under overrides.

    Objects (callback, script, faults) are merged key by key. Raises ``ConfigError``.
    """
    values = _read_file(path) if path else {}
    for name, value in overrides.items():
        if isinstance(value, dict) and isinstance(values.get(name), dict):
            value = {**values[name], **value}
        values[name] = value
    return build(Config, values)


def build(cls, values):
    """Return ``cls(**values)``; an unknown key is a ``ConfigError`` with its name."""
    if not isinstance(values, dict):
        raise ConfigError("The configuration is a JSON object.")
    unknown = set(values) - {item.name for item in fields(cls)}
    if unknown:
        raise ConfigError(f"There is no setting called {min(unknown)}.")
    return cls(**values)


def _read_file(path):
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} does not hold a JSON object.")
    return values


def _choice(name, value, choices):
    if value not in choices:
        raise ConfigError(f"{name} is one of {', '.join(choices)}.")


def _positive(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ConfigError(f"{name} is a number above 0.")
