"""Visits get a specialist and a clinic of their own; what is one now stays one."""

from odoo.tools import sql

COLUMNS = {
    "specialist_id": "int4",
    "reminder_company_id": "int4",
}


def migrate(cr, version):
    for name, kind in COLUMNS.items():
        sql.create_column(cr, "calendar_event", name, kind)
    cr.execute(
        """UPDATE calendar_event e
              SET specialist_id = e.user_id,
                  reminder_company_id = coalesce(
                      organizer.company_id, patient.company_id, creator.company_id)
             FROM res_partner patient, calendar_event same
             LEFT JOIN res_users organizer ON organizer.id = same.user_id
             LEFT JOIN res_users creator ON creator.id = same.create_uid
            WHERE same.id = e.id AND patient.id = e.patient_id"""
    )
    # the rule is now that specialists have visits: let it know who they are
    sql.create_column(cr, "res_users", "takes_visits", "bool")
    cr.execute(
        """UPDATE res_users SET takes_visits = TRUE
            WHERE NOT share AND id IN (
                SELECT user_id FROM calendar_event WHERE patient_id IS NOT NULL)"""
    )
