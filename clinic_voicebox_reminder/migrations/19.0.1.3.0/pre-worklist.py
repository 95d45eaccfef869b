"""What is on the work list gets the group that tells why."""

from odoo.tools import sql


def migrate(cr, version):
    sql.create_column(cr, "clinic_reminder_call", "attention_kind", "varchar")
    cr.execute(
        """UPDATE clinic_reminder_call
              SET attention_kind = CASE
                      WHEN visit_refusal IS NOT NULL THEN 'unwritten'
                      WHEN outcome = 'operator' THEN 'asks_person'
                      WHEN outcome = 'declined' THEN 'declined'
                      WHEN outcome = 'confirmed' THEN 'two_answers'
                      WHEN skip_reason = 'attendee_declined' THEN 'declined'
                      WHEN skip_reason IN ('no_phone', 'bad_phone') THEN 'number'
                      ELSE 'not_reached' END
            WHERE needs_attention"""
    )
