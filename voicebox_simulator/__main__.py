"""The command line: ``python -m voicebox_simulator``."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from .behaviour import Script, ScriptError
from .config import Callback, build, read
from .faults import FaultError, Faults
from .journal import Journal
from .server import serve

SETTINGS = (
    ("host", str, "address to listen on (127.0.0.1)"),
    ("port", int, "port to listen on (8899); 0 picks a free one"),
    ("login", str, "login of the campaign"),
    ("password", str, "password of the campaign; better in --config"),
    ("method", str, "uuid of the campaign's method"),
    ("ids", str, "number or string: what the id of a call is in replies"),
    ("lines", int, "how many calls at once; 0 (default): no limit"),
    ("busy", str, "when all lines are busy: queue (default) or reject with 429"),
    ("speed", float, "60 plays the calls sixty times faster than life"),
    ("seed", int, "the same seed, the same chances"),
    ("log", str, "file to append a JSON line to for everything that happens"),
    ("ring_timeout", float, "real seconds a person has to pick up (60)"),
    ("answer_timeout", float, "real seconds a person has to answer (25)"),
)
CALLBACK = (
    ("url", "address the six blocks post to"),
    ("secret", "secret in the Authorization header; better in --config"),
    ("auth", "basic (x:secret, default), bearer or none"),
    ("format", "json (default) or form"),
)


def make_parser():
    """Return the parser; flags not given leave no trace, so --config shows through."""
    parser = argparse.ArgumentParser(
        prog="python -m voicebox_simulator",
        description="Stands in for MTT Voicebox: takes calls, plays them, calls back.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--config", metavar="FILE", help="JSON file with any of these")
    for name, kind, words in SETTINGS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help=words)
    for name, words in CALLBACK:
        parser.add_argument(f"--callback-{name}", help=words)
    parser.add_argument("--script", metavar="FILE", help="who answers what, JSON")
    parser.add_argument(
        "--answer", metavar="RULE", help="for all: confirm, or confirm=7,no_answer=3"
    )
    parser.add_argument("--fault", action="append", metavar="NAME[=JSON]", default=[])
    parser.add_argument(
        "--person", action="store_true", help="the page answers every call"
    )
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when stdin is closed"
    )
    return parser


def make_config(arguments):
    """Return the checked ``Config`` of parsed arguments; raises a ``ValueError``."""
    given = vars(arguments)
    values = {name: given[name] for name, *_ in SETTINGS if name in given}
    values |= {"person": True} if "person" in given else {}
    callback = {
        name: given[f"callback_{name}"]
        for name, _ in CALLBACK
        if f"callback_{name}" in given
    }
    script = _script(given)
    faults = dict(map(_fault, arguments.fault))
    for name, value in (("callback", callback), ("script", script), ("faults", faults)):
        if value:
            values[name] = value
    config = read(given.get("config"), values)
    build(Callback, config.callback)
    Script(config.script, config.seed)
    Faults(config.faults, config.seed)
    return config


def _script(given):
    script = {}
    if "script" in given:
        try:
            script = json.loads(Path(given["script"]).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ScriptError(f"{given['script']} can't be used: {error}.") from error
    if "answer" in given:
        script["default"] = _answer(given["answer"])
    return script


def _answer(text):
    if "=" not in text:
        return text
    try:
        pairs = [part.split("=") for part in text.split(",")]
        return {name.strip(): float(weight) for name, weight in pairs}
    except ValueError:
        raise ScriptError(f"--answer {text}: confirm, or confirm=7,busy=3.") from None


def _fault(text):
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value) if value else 1
    except ValueError:
        raise FaultError(f"--fault {name}: {value} is not JSON.") from None


def main(argv=None):
    """Run the program; return its exit code."""
    arguments = make_parser().parse_args(argv)
    try:
        config = make_config(arguments)
        journal = Journal(config.log)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{config.log} can't be written: {error.strerror}.", file=sys.stderr)
        return 2
    return asyncio.run(serve(config, journal, "exit_with_parent" in arguments))


if __name__ == "__main__":
    sys.exit(main())
