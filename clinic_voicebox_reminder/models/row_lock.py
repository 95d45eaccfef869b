"""Row locks, taken before rows are changed.

The statement that locks is the one that fails when another transaction came first.
It holds ids only: Odoo's log of failed statements would show an UPDATE with the
patient's name and number in it.
"""

from odoo.tools import SQL


def lock_rows(records):
    """Wait for the rows and lock them until the transaction ends.

    Flushes before and forgets what was read of the rows.

    :raise OperationalError: a row was changed since this transaction began; it has to
        begin again
    """
    records.env.flush_all()
    if records:
        records.env.cr.execute(
            SQL(
                "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                SQL.identifier(records._table),
                records._ids,
            ),
            log_exceptions=False,
        )
    records.invalidate_recordset()


def lock_free_rows(model, condition, order, limit):
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
