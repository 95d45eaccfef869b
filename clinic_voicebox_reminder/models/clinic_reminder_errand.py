from odoo import api, fields, models

from ..tools.vocabulary import OUTCOMES, selection
from .waking import wake_sweep


class ClinicReminderErrand(models.Model):
    """What an answer leaves to be done outside the reminder's own records.

    A callback writes our rows only and leaves an errand: no other module's rule, and no
    other's slowness, stands between the patient's answer and its being kept. The
    messenger runs it in a transaction of its own.
    """

    _name = "clinic.reminder.errand"
    _description = "Errand of a Reminder Call"
    _order = "id"
    _rec_name = "kind"

    reminder_id = fields.Many2one(
        "clinic.reminder.call",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            ("outcome", "Bring the outcome to the visit"),
            ("contradiction", "Tell staff of a second answer"),
            ("opt_out", "Note the patient's refusal of calls"),
        ],
        required=True,
        readonly=True,
    )
    answer = fields.Selection(
        selection(OUTCOMES), readonly=True, help="The second answer"
    )

    @api.model_create_multi
    def create(self, vals_list):
        errands = super().create(vals_list)
        wake_sweep(self.env)
        return errands
