"""Odoo's log of failed statements, without values where these are not to blame.

Odoo logs a statement that fails with all its values: names and numbers of patients.
Where the connection was lost, or another transaction came first, they explain nothing.
"""

import logging
import re

from psycopg2 import InterfaceError, OperationalError

_LITERAL = re.compile(r"'(?:[^']|'')*'")


class _ValueFilter(logging.Filter):
    def filter(self, record):
        if isinstance(record.args, tuple) and len(record.args) == 2:
            statement, error = record.args
            if isinstance(error, (InterfaceError, OperationalError)):
                record.args = (_without_values(statement), error)
        return True


def _without_values(statement):
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    return _LITERAL.sub("'…'", str(statement))


def hide_values():
    logging.getLogger("odoo.sql_db").addFilter(_ValueFilter())
