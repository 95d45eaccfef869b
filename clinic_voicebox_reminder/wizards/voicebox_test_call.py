from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import speech
from ..tools.vocabulary import ACCEPTED, TROUBLES, selection

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
        trial = self.env["voicebox.trial"]
        method = self.env["voicebox.method"]._method_of(self.company_id, self.lang)
        with trial._client(self.company_id, method) as client:
            attempt_id, guid = self._begin(phone)
            reply = client.call(
                phone.removeprefix("+"),
                guid,
                speech.speakable(self.spoken_name),
                speech.speakable(self.spoken_visit),
                self.company_id._reminder_example_rich(self.lang),
            )
        self._record(attempt_id, reply)
        self.write(
            {
                "guid": guid,
                "reply_kind": reply.kind,
                "reply_words": trial._words(reply),
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
