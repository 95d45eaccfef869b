"""The one room for transactions: locks, inserts, retries, commits, and their faults.

Whoever has to commit in pieces does it through here: :class:`Run` for a scheduled
action, :func:`retried` where a transaction must not be lost to another, :func:`alone`
for one record among many. What is logged of a fault is its type: its words, like the
values of a failed statement, may be personal.

The statement that locks is the one that fails when another transaction came first. It
holds ids only, and is not logged: Odoo's log of failed statements would show an UPDATE
or INSERT with the patient's name and number in it.
"""

import logging
import random
import time
from functools import partial

from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    OperationalError,
    SerializationFailure,
    UniqueViolation,
)

from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# another transaction came first: to be begun again. Others of PostgreSQL's
# OperationalErrors may be of another module's own server, and never go away
CONFLICTS = (DeadlockDetected, LockNotAvailable, SerializationFailure)
BATCH = 200  # records in one transaction
TRIES = 8  # of a transaction that met another one
LONGEST_WAIT = 0.2  # seconds before the next try


# === Rows === #


def lock_rows(records, mode="NO KEY UPDATE"):
    """Wait for the rows and lock them until the transaction ends.

    Flushes before and forgets what was read of the rows.

    :param mode: "SHARE" to keep others from changing what is only read; with "NOWAIT"
        behind it for whoever must not wait
    :raise OperationalError: a row was changed since this transaction began, or is not
        waited for; it has to begin again
    """
    records.env.flush_all()
    ids = tuple(records.ids)  # without those of a form that is not saved yet
    if ids:
        records.env.cr.execute(
            SQL(
                "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR %s",
                SQL.identifier(records._table),
                ids,
                SQL(mode),
            ),
            log_exceptions=False,
        )
    records.invalidate_recordset()


def lock_free_rows(model, condition, order, limit=None):
    """Lock those rows that nobody else has locked.

    Meant to open its transaction: what is read later is as old as this statement.

    :param SQL condition: on the table's columns, unqualified
    :return: the locked records, in this order
    """
    rows = fetch_locked(
        model.env,
        SQL(
            "SELECT id FROM %s WHERE %s ORDER BY %s LIMIT %s "
            "FOR NO KEY UPDATE SKIP LOCKED",
            SQL.identifier(model._table),
            condition,
            order,
            limit,
        ),
    )
    return model.browse(row[0] for row in rows)


def fetch_locked(env, query):
    """What a query finds that locks rows. Flushes before.

    :param SQL query: holds ids and the like: nothing personal
    :raise OperationalError: as :func:`lock_rows`
    """
    env.flush_all()
    env.cr.execute(query, log_exceptions=False)
    return env.cr.fetchall()


def insert_rows(model, rows):
    """Insert what breaks no unique index; the rest is left out without an error.

    :param list rows: dicts of one shape, by column; not empty
    :return: the inserted records
    :raise OperationalError: another transaction inserted a conflicting row since this
        one began; it has to begin again
    """
    model.env.flush_all()
    model.env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) VALUES %s ON CONFLICT DO NOTHING RETURNING id",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, rows[0])),
            SQL(", ").join(tuple(row.values()) for row in rows),
        ),
        log_exceptions=False,
    )
    return model.browse(row[0] for row in model.env.cr.fetchall())


def fill_rows(model, values):
    """Write columns that nothing else depends on, in one statement.

    Of rows that this transaction has inserted: nobody else has them. Values may be
    personal: the statement is not logged.

    :param dict values: by id, dicts of one shape, by column; not empty
    """
    names = list(next(iter(values.values())))
    kinds = {name: SQL(model._fields[name].column_type[1]) for name in names}
    columns = SQL(", ").join(
        SQL("%s = new.%s::%s", SQL.identifier(name), SQL.identifier(name), kinds[name])
        for name in names
    )
    model.env.cr.execute(
        SQL(
            "UPDATE %s AS rows SET %s FROM (VALUES %s) AS new (id, %s) "
            "WHERE rows.id = new.id",
            SQL.identifier(model._table),
            columns,
            SQL(", ").join((id_, *row.values()) for id_, row in values.items()),
            SQL(", ").join(map(SQL.identifier, names)),
        ),
        log_exceptions=False,
    )
    model.browse(values).invalidate_recordset(names)


# === Pieces of work === #


def alone(env, what, work, *args, passed_on=CONFLICTS):
    """Do one piece within the caller's transaction; a fault undoes this piece only.

    :param what: for the log; without personal data
    :param passed_on: kinds of fault that are the caller's
    :return: whether it went well
    """
    try:
        with env.cr.savepoint():
            work(*args)
        return True
    except passed_on:
        raise
    except Exception as error:  # pylint: disable=broad-except
        _log_fault(what, error)
        return False


def guarded(env, what, work, *args):
    """Do one piece and commit; a fault undoes it, is logged, and goes no further.

    :return: what the work returned; None after a fault
    """
    try:
        result = work(*args)
        env["ir.cron"]._commit_progress()
        return result
    except Exception as error:  # pylint: disable=broad-except
        env.cr.rollback()
        _log_fault(what, error)
        return None


def retried(env, work, *args):
    """Run and commit; begin again where another transaction came first.

    What the caller had not committed yet is committed before: `work` is to see
    the rows as they are now.

    :raise OperationalError: the last one, when TRIES were not enough
    """
    env["ir.cron"]._commit_progress()
    for tries_left in reversed(range(TRIES)):
        try:
            result = work(*args)
            # progress keeps Odoo from counting a killed run as a hung one
            env["ir.cron"]._commit_progress(1)
            return result
        except (OperationalError, UniqueViolation):
            env.cr.rollback()
            if not tries_left:
                raise
            time.sleep(random.uniform(0, LONGEST_WAIT))
    raise AssertionError("unreachable")


def together_or_singly(work, items):
    """Work on all items at once; if that fails, on each by itself: a bad one costs
    itself only.

    :param work: function of a list of items; returns None where it failed
    """
    if work(items) is None and len(items) > 1:
        for item in items:
            work([item])


def _log_fault(what, error):
    """The message may hold personal data: only the type of the fault is logged."""
    if isinstance(error, OperationalError):
        _logger.info("%s met another transaction: %s", what, error.pgcode)
    else:
        _logger.error("%s: %s", what, type(error).__name__)


class Run:
    """One run of a scheduled action, in pieces that are committed one by one.

    It goes on for as long as Odoo grants it time, reports its progress, and is woken
    again for what is left. Neither a fault nor a conflict leaves it.

    :param wake: function of the environment that starts the next run
    :param aside: what can't wait for the end of a run: function of :meth:`piece`,
        called after each of its pieces
    """

    def __init__(self, env, name, wake, aside):
        self.env = env
        self._name = name
        self._wake = wake
        self._aside = aside
        self._is_cut_short = False
        self._met_others = False
        self._seconds_left = float("inf")

    def piece(self, work, *args):
        """Do one piece and commit it.

        :return: what the work returned; None where it failed: nothing of it was done
        """
        try:
            result = work(*args)
            # there may be more to do until the end is reached
            cron = self.env["ir.cron"]
            self._seconds_left = cron._commit_progress(1, remaining=1)
            return result
        except OperationalError as error:
            self.env.cr.rollback()
            _log_fault(self._name, error)
            self._met_others = True
        except Exception as error:  # pylint: disable=broad-except
            self.env.cr.rollback()
            _log_fault(" ".join(map(str, (self._name, *args))), error)
        return None

    def repeat(self, work):
        """Do pieces of one kind until one returns that there is no more, or fails."""
        is_more = True
        while is_more:
            is_more = self.piece(work) and self._has_time()
            self._aside(self.piece)

    def exhaust(self, find, work):
        """Do pieces until nothing more is found.

        :param find: function of a list of ids: returns others than these, the most
            urgent first
        :param work: function of a list of ids: returns those among them whose turn has
            not come; what fails is not found again in this run either
        """
        left_out = []

        def work_on(ids):
            left = self.piece(work, ids)
            if left is not None or len(ids) == 1:
                left_out.extend(ids if left is None else left)
            return left

        while ids := self.piece(find, left_out):
            together_or_singly(work_on, ids)
            self._aside(self.piece)
            if not self._has_time():
                return

    def batches(self, name, find, work, before=None):
        """Call `work` with lists of the ids that `find` returns, and commit each.

        Begins behind the place where the last run had to stop. One batch is done even
        if there is no time left: finding the ids may have taken it all.

        :param str name: under which the place is kept
        :param before: what goes before each further batch
        """
        places = self.env["clinic.reminder.place"]

        def work_and_remember(ids):
            work(ids)
            places._remember(name, ids[-1])
            return True

        ids = places._behind(name, self.piece(find) or [])
        while ids:
            batch, ids = ids[:BATCH], ids[BATCH:]
            together_or_singly(partial(self.piece, work_and_remember), batch)
            self._aside(self.piece)
            if ids and not self._has_time():
                return
            if ids and before:
                before()
        self.piece(places._remember, name, 0)

    def end(self):
        """Report what is left and be woken for it. Commits."""
        if self._is_cut_short or self._met_others:
            self._wake(self.env)
        self.env["ir.cron"]._commit_progress(remaining=int(self._is_cut_short))

    def _has_time(self):
        self._is_cut_short |= self._seconds_left <= 0
        return not self._is_cut_short
