"""Row locks and inserts that fail without showing what is in the rows.

The statement that locks is the one that fails when another transaction came first.
It holds ids only, and is not logged: Odoo's log of failed statements would show an
UPDATE or INSERT with the patient's name and number in it.
"""

from odoo.tools import SQL


def lock_rows(records, mode="NO KEY UPDATE"):
    """Wait for the rows and lock them until the transaction ends.

    Flushes before and forgets what was read of the rows.

    :param mode: "SHARE" to keep others from changing what is only read
    :raise OperationalError: a row was changed since this transaction began; it has to
        begin again
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
    model.env.flush_all()
    model.env.cr.execute(
        SQL(
            "SELECT id FROM %s WHERE %s ORDER BY %s LIMIT %s "
            "FOR NO KEY UPDATE SKIP LOCKED",
            SQL.identifier(model._table),
            condition,
            order,
            limit,
        ),
        log_exceptions=False,
    )
    return model.browse(row[0] for row in model.env.cr.fetchall())


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
