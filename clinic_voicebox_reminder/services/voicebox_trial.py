from odoo import api, models
from odoo.exceptions import UserError

from ..tools.voicebox_client import VoiceboxConfigurationError

# replies that say: nothing to be called is at this address
NOTHING_THERE = (404, 405, 410)


class VoiceboxTrial(models.AbstractModel):
    """What a POST that is no reminder meets, in words for the administrator.

    For the connection test and the test call.
    """

    _name = "voicebox.trial"
    _description = "Trial Calls to Voicebox"

    @api.model
    def _client(self, company, method):
        """:raise UserError: where the settings do not permit to send anything"""
        missing = company._voicebox_missing_settings()
        if missing:
            raise UserError(
                self.env._("Fill in and save first: %s.", ", ".join(missing))
            )
        try:
            return company.sudo()._voicebox_client(method)
        except VoiceboxConfigurationError as error:
            raise UserError(self._configuration_words(error.code)) from None

    @api.model
    def _configuration_words(self, code):
        if code.startswith("url"):
            return self.env._("The campaign URL can't be used. Please check it.")
        return self.env._("The method ID can't be used. Please check it.")

    @api.model
    def _words(self, reply):
        """A reply to a real call in words: what happened, and what to do."""
        if reply.kind == "accepted":
            return self.env._("Voicebox accepted the call: the phone will ring.")
        if reply.kind == "ambiguous":
            return self.env._(
                "It is unclear whether the call was placed (%s): the phone may ring. "
                "Wait a few minutes before you try again.",
                reply.message,
            )
        return self._trouble_words(reply) or self.env._(
            "Voicebox refused this call (%s). Its own words may say why.",
            reply.message,
        )

    @api.model
    def _trouble_words(self, reply):
        """What stands in the way of every call, whatever its number; or nothing."""
        if reply.http_status in NOTHING_THERE:
            return self.env._(
                "There is nothing to start a call at this address (%s). Check the "
                "campaign URL.",
                reply.message,
            )
        words = {
            "configuration": self.env._(
                "Voicebox does not accept the address, the login or the password "
                "(%s). Compare them with the campaign's.",
                reply.message,
            ),
            "throttled": self.env._(
                "Voicebox was reached, but has too many calls at the moment (%s). "
                "Try again later.",
                reply.message,
            ),
            "not_sent": self.env._(
                "Voicebox was not reached (%s). Check the campaign URL and this "
                "server's way to the Internet.",
                reply.message,
            ),
        }
        return words.get(reply.kind, "")
