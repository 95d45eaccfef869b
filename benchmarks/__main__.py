"""The command line of the benchmark; see `script/benchmark --help`."""

import argparse
import sys

from ground import GroundError

from . import callback, dispatch, events, manager, plan, report

# what is measured: a function of the measured size, "quick" or "full", to rows
PARTS = {
    "dispatch": dispatch.measure,
    "callback": callback.measure,
    "plan": plan.measure,
    "events": events.measure,
    "manager": manager.measure,
}


def main():
    parser = argparse.ArgumentParser(
        prog="script/benchmark",
        description="Measures the parts (all, if none is named), each row beside an "
        "opponent in the same run. Fails only where a row misses its floor.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {min(unknown)}; there are {', '.join(PARTS)}")
    size = "quick" if arguments.quick else "full"
    rows = []
    for name in arguments.parts or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += PARTS[name](size)
    print(report.text(rows, size))
    print(f"\nAs JSON: {report.write(rows, size)}")
    return int(any(row.misses_its_floor for row in rows))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GroundError as error:
        sys.exit(str(error))
