from uuid import uuid4

from odoo import api, models

from ..models.res_company_branch import CREDENTIALS
from ..tools.voicebox_client import VoiceboxClient, VoiceboxConfigurationError

ACCEPTING = ("accepted", "rejected")  # kinds of replies of one who was let in


class VoiceboxConnection(models.AbstractModel):
    """Tries credentials as they are typed; nothing of them is stored."""

    _name = "voicebox.connection"
    _description = "Test of the Connection to Voicebox"

    @api.model
    def try_credentials(self, typed=None):
        """Ask Voicebox for a call to no number: nobody is rung, but it has to look at
        the credentials. The contract knows no other question.

        Blocks for up to half a minute. Remembered is only, by a fingerprint, that these
        credentials were accepted: First Steps then need no second test.

        :param dict typed: the chosen company's own credentials by field, saved or not;
            those that are saved, without it
        :return: dict of the `kind` of a notification and its `words`
        :raise AccessError: the user reaches no settings
        """
        self.env["res.config.settings"].check_access("create")
        company = self.env.company.sudo()
        credentials = company._voicebox_credentials(typed)
        if missing := self._missing(credentials):
            return _told("danger", missing)
        try:
            reply = self._ask(credentials)
        except VoiceboxConfigurationError as error:
            trial = self.env["voicebox.trial"]
            return _told("danger", trial._configuration_words(error.code))
        kind, words = self._meaning(reply)
        if kind == "success":
            self._remember(company, typed)
        return _told(kind, words)

    @api.model
    def _missing(self, credentials):
        fields = self.env["res.company"]._fields
        missing = [
            fields[name]._description_string(self.env)
            for name, value in credentials.items()
            if not (value or "").strip()
        ]
        return missing and self.env._("Please fill in: %s.", ", ".join(missing))

    @api.model
    def _ask(self, credentials):
        with VoiceboxClient(*(credentials[name] for name in CREDENTIALS)) as client:
            return client.call("", str(uuid4()), "", "")

    @api.model
    def _remember(self, company, typed):
        """On the channel through which the company calls, or will once it is saved."""
        own = bool(typed) and any(typed.get(name) for name in CREDENTIALS)
        owner = company if own else company._voicebox_owner()
        channel = self.env["voicebox.channel"].sudo()._for_companies(owner)
        channel._note_accepted(company._voicebox_fingerprint(typed))

    # === Words === #
    @api.model
    def _meaning(self, reply):
        """What a reply to the empty test call proves.

        :return: the notification's type and its words
        """
        trouble = self.env["voicebox.trial"]._trouble_words(reply)
        if trouble:
            return "warning" if reply.kind == "throttled" else "danger", trouble
        if reply.kind not in ACCEPTING:
            return "warning", self._unclear_words(reply)
        if reply.kind == "rejected":
            return "success", self.env._(
                "Voicebox accepts the address and the credentials: it refused the "
                "empty test call, as it should (%s). Nobody was called. Only a test "
                "call shows whether the method ID is right.",
                reply.message,
            )
        return "success", self.env._(
            "Voicebox accepts the address and the credentials. It took even a call "
            "without a number (%s), so that nobody can have been called.",
            reply.message,
        )

    @api.model
    def _unclear_words(self, reply):
        if 200 <= (reply.http_status or 0) < 300:
            return self.env._(
                "Something answers at this address (%s), but not as expected. It "
                "can't be told whether the credentials are right: please make a test "
                "call.",
                reply.message,
            )
        return self.env._(
            "Voicebox was reached but gave no usable answer (%s). Please try again "
            "later, or make a test call.",
            reply.message,
        )


def _told(kind, words):
    return {"kind": kind, "words": words}
