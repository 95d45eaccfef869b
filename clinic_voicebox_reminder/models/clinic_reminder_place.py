from odoo import api, fields, models
from odoo.tools import SQL


class ClinicReminderPlace(models.Model):
    """How far a long work has come, so that its next run goes on behind that.

    A run that Odoo ends for its length would otherwise begin at the same rows again,
    and the last ones would never get their turn.
    """

    _name = "clinic.reminder.place"
    _description = "Place of an Interrupted Work"
    _rec_name = "work"

    work = fields.Char(required=True, readonly=True)
    last_id = fields.Integer("Last Record", required=True, readonly=True)

    _work_uniq = models.UniqueIndex("(work)")

    @api.model
    def _behind(self, work, ids):
        """The ids in the order of this run: behind the last one done, then the rest.

        :param list ids: ascending
        """
        place = self.sudo().search([("work", "=", work)])
        return sorted(ids, key=lambda id_: (id_ <= place.last_id, id_))

    @api.model
    def _remember(self, work, last_id):
        """:param int last_id: the last one done; 0: the work is done"""
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_reminder_place (work, last_id) VALUES (%s, %s)
                       ON CONFLICT (work) DO UPDATE SET last_id = EXCLUDED.last_id""",
                work,
                last_id,
            )
        )
        self.invalidate_model(["last_id"])
