"""Reasons of a status become codes; what people wrote stays as they wrote it."""

from odoo.tools import sql

REASONS = {
    "confirmed": ("reminder call: confirmed", "звонок-напоминание: визит подтверждён"),
    "declined": ("reminder call: declined", "звонок-напоминание: отказ"),
    "operator": (
        "reminder call: asked for a person",
        "звонок-напоминание: просит оператора",
    ),
    "not_reached": (
        "reminder call: not reached",
        "звонок-напоминание: не дозвонились",
    ),
    "called_by_staff": ("called by staff", "звонок сотрудника"),
}


def migrate(cr, version):
    sql.rename_column(cr, "clinic_reminder_call", "is_told", "is_on_visit")
    event = "calendar_event"
    sql.rename_column(cr, event, "visit_status_reason", "visit_status_note")
    sql.create_column(cr, event, "visit_status_code", "varchar")
    for code, words in REASONS.items():
        cr.execute(
            "UPDATE calendar_event "
            "SET visit_status_code = %s, visit_status_note = NULL "
            "WHERE visit_status_note IN %s",
            (code, words),
        )
    # a trace without a consent was no evidence of one
    cr.execute(
        "UPDATE res_partner "
        "SET reminder_consent_date = NULL, reminder_consent_user_id = NULL "
        "WHERE reminder_consent IS NULL AND reminder_consent_date IS NOT NULL"
    )
