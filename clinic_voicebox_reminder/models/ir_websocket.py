from odoo import models

from . import live
from .res_company import DESK_GROUP


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """The front desk hears of its own companies; nobody else of any."""
        channels = super()._build_bus_channel_list(channels)
        user = self.env.user
        if user.has_group(DESK_GROUP):
            channels += [live.channel_of(company) for company in user.company_ids]
        return channels
