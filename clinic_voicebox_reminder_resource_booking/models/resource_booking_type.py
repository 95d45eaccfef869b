from odoo import fields, models


class ResourceBookingType(models.Model):
    _inherit = "resource.booking.type"

    reminder_decline = fields.Selection(
        [
            ("cancel", "Cancel the booking"),
            ("pending", "Return it to pending, for another time"),
        ],
        "When the Visit Is Cancelled",
        default="cancel",
        required=True,
        help="What becomes of the booking when the patient declines in a reminder "
        "call, or staff cancel the visit. The time is free for others in any case.",
    )
