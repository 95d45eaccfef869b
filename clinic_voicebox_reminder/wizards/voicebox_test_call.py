from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models import moments
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
    story = fields.Html(compute="_compute_story", sanitize=False)

    @api.depends("lang")
    def _compute_spoken_visit(self):
        for wizard in self:
            wizard.spoken_visit = wizard.company_id._reminder_example(wizard.lang)

    @api.depends("guid", "reply_kind", "reply_words")
    @api.depends_context("lang", "tz")
    def _compute_story(self):
        """How the call goes, as far as it has come."""
        for wizard in self:
            level, progress = wizard._progress()
            values = {"level": level, "progress": progress, "lines": wizard._lines()}
            template = "clinic_voicebox_reminder.test_call_story"
            wizard.story = self.env["ir.qweb"]._render(template, values)

    def _attempt(self):
        """The call itself, which other transactions write."""
        attempts = self.env["clinic.reminder.attempt"].sudo()
        return attempts.search([("guid", "=", self.guid)]) if self.guid else attempts

    def _progress(self):
        """Where the call is: Bootstrap's colour and a sentence."""
        attempt = self._attempt()
        if not self.reply_kind:
            return "info", ""
        if attempt.result == "no_result":
            return "danger", self._nothing_came()
        if attempt.result and attempt.result != "rejected":
            labels = dict(attempt._fields["result"]._description_selection(self.env))
            result = labels[attempt.result]
            return "success", self.env._("The call is over: %s.", result)
        if attempt.state == "finished":
            return "danger", self.reply_words
        if attempt.state == "answered":
            return "info", self.env._("Picked up. Answer the robot's question.")
        if self.reply_kind == ACCEPTED:
            return "info", self.env._("The phone is about to ring. Pick it up.")
        return "warning", self.reply_words

    def _nothing_came(self):
        sentence = self.env._(
            "Nothing was reported about this call. Check the address in the scenario's "
            "HTTP blocks, and that Voicebox reaches it from the Internet."
        )
        hour = self.create_date.replace(minute=0, second=0, microsecond=0)
        tallies = self.env["voicebox.tally"]
        if refused := tallies._sums(self.company_id, hour).get("refused"):
            sentence += " " + self.env._(
                "Refused in that time because of a wrong secret: %s.", refused
            )
        return sentence

    def _lines(self):
        """What has happened so far, as (moment, words)."""
        attempt = self._attempt()
        if not attempt:
            return []
        told = [(attempt.requested_at, self.env._("Sent to Voicebox"))]
        told.append((attempt.requested_at, self.reply_words))
        told += [(c.received_at, self._reported(c)) for c in attempt.callback_ids[::-1]]
        if attempt.finished_at:
            told.append((attempt.finished_at, self.env._("The call has ended")))
        return [
            (moments.moment_in_words(self.env, moment), words) for moment, words in told
        ]

    def _reported(self, callback):
        field = callback._fields["disposition"]
        became = dict(field._description_selection(self.env))
        waiting = self.env._("To be processed")
        return self.env._(
            "Voicebox reports “%(word)s”: %(became)s",
            word=callback.response,
            became=became.get(callback.disposition, waiting).lower(),
        )

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
            if reply.kind == ACCEPTED:
                self._remember_accepted(attempt)

    def _remember_accepted(self, attempt):
        """Voicebox has accepted more than a test of the connection."""
        owner = attempt.company_id._voicebox_owner()
        channel = attempt.env["voicebox.channel"]._for_companies(owner)
        channel._note_accepted(owner._voicebox_fingerprint())

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
