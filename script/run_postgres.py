"""Starts or stops PostgreSQL, or becomes its psql; see `script/postgres`."""

import os
import sys

import ground
import postgres


def psql(*arguments):
    postgres.start_postgres()
    program = postgres.postgres_binary("psql")
    os.execve(program, [program, *arguments], postgres.libpq_env())


COMMANDS = {
    "start": postgres.start_postgres,
    "stop": postgres.stop_postgres,
    "psql": psql,
}


def main():
    name, *arguments = sys.argv[1:] or [None]
    if name not in COMMANDS:
        sys.exit(f"usage: script/postgres {' | '.join(COMMANDS)} …")
    try:
        COMMANDS[name](*arguments)
    except ground.GroundError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
