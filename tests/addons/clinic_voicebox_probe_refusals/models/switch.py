"""What a test has switched on: the system parameter ``probe.<where>``.

Read past Odoo's cache, so that a test may set it by SQL at any time.
"""

import time

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError

WORDS = "The doctor is on leave."


def interfere(env, where):
    """Do to the write what the test asked for."""
    _INTERFERENCES.get(_asked_for(env.cr, where), _nothing)(env, where)


def _asked_for(cr, where):
    sql = "SELECT value FROM ir_config_parameter WHERE key = %s"
    cr.execute(sql, [f"probe.{where}"])
    row = cr.fetchone()
    return row and row[0]


def _nothing(env, where):
    pass


def _raising(error):
    def interference(env, where):
        raise error

    return interference


def _violate(env, where):
    """An IntegrityError of the database's own: the transaction is broken."""
    sql = "INSERT INTO ir_config_parameter (key) VALUES (NULL)"
    env.cr.execute(sql, log_exceptions=False)


def _wait(env, where):
    """A slow module: until the test switches it off."""
    with env.registry.cursor() as other:
        while _asked_for(other, where) == "wait":
            other.rollback()
            time.sleep(0.05)


_INTERFERENCES = {
    "UserError": _raising(UserError(WORDS)),
    "ValidationError": _raising(ValidationError(WORDS)),
    "AccessError": _raising(AccessError(WORDS)),
    "Exception": _raising(Exception(WORDS)),
    "OperationalError": _raising(psycopg2.OperationalError("another server is away")),
    "IntegrityError": _violate,
    "wait": _wait,
}
