from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import speech
from ..tools.vocabulary import ACCEPTED, TROUBLES, selection
from ..tools.voicebox_client import VoiceboxConfigurationError

# replies that say: nothing to be called is at this address
NOTHING_THERE = (404, 405, 410)
TEST_CALL_MINUTES = 3


class VoiceboxTestCall(models.TransientModel):
    """One call to a number that the administrator gives, without a reminder."""

    _name = "voicebox.test.call"
    _description = "Voicebox Test Call"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    number = fields.Char("Number to Call")
    lang = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["reminder_lang"]
            ._description_selection(self.env)
        ),
        "Language",
        default=lambda self: self.env.company.reminder_lang,
        required=True,
    )
    spoken_name = fields.Char(
        "Name", default=lambda self: self.env.user.partner_id._reminder_name()
    )
    spoken_visit = fields.Char(
        "Visit", compute="_compute_spoken_visit", store=True, readonly=False
    )
    guid = fields.Char("GUID", readonly=True)
    reply_kind = fields.Selection(
        [(ACCEPTED, "Accepted"), *selection(TROUBLES)], "Reply", readonly=True
    )
    reply_words = fields.Char("What It Means", readonly=True)
    reply_body = fields.Text("Voicebox's Own Words", readonly=True)

    @api.depends("lang")
    def _compute_spoken_visit(self):
        for wizard in self:
            wizard.spoken_visit = wizard.company_id._reminder_example(wizard.lang)

    @api.onchange("spoken_name", "spoken_visit")
    def _onchange_spoken(self):
        """Show what will really be said."""
        self.spoken_name = speech.speakable(self.spoken_name)
        self.spoken_visit = speech.speakable(self.spoken_visit)

    def action_call(self):
        """Place the call, once, and show what Voicebox said to it.

        The attempt is committed in a transaction of its own before the POST, as every
        call is: a number on a call is not rung twice.
        """
        self.ensure_one()
        if self.guid:
            raise UserError(self.env._("This test call was made already."))
        phone = self._phone()
        method = self.env["voicebox.method"]._method_of(self.company_id, self.lang)
        with self._client(self.company_id, method) as client:
            attempt_id, guid = self._begin(phone)
            reply = client.call(
                phone.removeprefix("+"),
                guid,
                speech.speakable(self.spoken_name),
                speech.speakable(self.spoken_visit),
            )
        self._record(attempt_id, reply)
        self.write(
            {
                "guid": guid,
                "reply_kind": reply.kind,
                "reply_words": self._words(reply),
                "reply_body": reply.body,
            }
        )
        return {**self._open_action(), "res_id": self.id}

    def _begin(self, phone):
        """Commit an attempt without a reminder.

        :return: its id and guid
        :raise UserError: the number is on a call
        """
        with self.env.registry.cursor() as cursor:
            env = self.env(cr=cursor, su=True)
            company = env["res.company"].browse(self.company_id.id)
            attempts = env["clinic.reminder.attempt"]
            attempt = attempts._begin(company, phone, TEST_CALL_MINUTES)
            if attempt:
                return attempt.id, attempt.guid
        raise UserError(self.env._("This number is being called right now."))

    def _record(self, attempt_id, reply):
        """Write down the reply, and commit it."""
        with self.env.registry.cursor() as cursor:
            attempt = self.env(cr=cursor, su=True)["clinic.reminder.attempt"].browse(
                attempt_id
            )
            attempt._lock()
            attempt._record_reply(reply)

    @api.model
    def _open_action(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_voicebox_reminder.voicebox_test_call_action"
        )

    def _phone(self):
        """The number in E.164.

        :raise UserError: where it can't be called
        """
        phone = self.company_id._reminder_dialable(self.number)
        if not phone:
            raise UserError(self.env._("This number can't be dialled."))
        return phone

    # === One POST, for the connection test as well === #
    @api.model
    def _post(self, company, method, number, guid, name, visit):
        """POST one call and wait for the reply; blocks for up to half a minute.

        :raise UserError: where the settings do not permit to send anything
        """
        with self._client(company, method) as client:
            return client.call(number, guid, name, visit)

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
