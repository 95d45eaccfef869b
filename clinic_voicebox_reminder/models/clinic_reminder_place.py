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
    done_at = fields.Datetime(
        "Done", readonly=True, help="When the work came to its end last"
    )

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
                """INSERT INTO clinic_reminder_place AS place (work, last_id, done_at)
                       VALUES (%s, %s, %s)
                       ON CONFLICT (work) DO UPDATE SET last_id = EXCLUDED.last_id,
                          done_at = coalesce(EXCLUDED.done_at, place.done_at)""",
                work,
                last_id,
                None if last_id else fields.Datetime.now(),
            )
        )
        self.invalidate_model(["last_id", "done_at"])

    @api.model
    def _is_known(self, work):
        """Has the work come to its end before?"""
        return bool(
            self.sudo().search_count(
                [("work", "=", work), ("done_at", "!=", False)], limit=1
            )
        )

    @api.model
    def _is_due(self, work, interval):
        """Has the work not come to its end within this time?"""
        since = fields.Datetime.now() - interval
        done = [("work", "=", work), ("done_at", ">", since), ("last_id", "=", 0)]
        return not self.sudo().search_count(done, limit=1)
