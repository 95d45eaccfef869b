from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.vocabulary import NEEDS_ADMINISTRATOR, channel_selection
from . import moments
from .transactions import lock_free_rows, lock_rows
from .waking import wake_dispatch

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
FAILURES_TOLERATED = 3  # ambiguous replies in a row before the queue rests
DEFAULT_THROTTLE = timedelta(minutes=1)
# of a pause that ends by itself: worth telling administrators; worth a banner
LONG_OUTAGE = timedelta(minutes=10)
WORTH_TELLING = timedelta(minutes=5)


class VoiceboxChannel(models.Model):
    """A company's connection to Voicebox: does it work, and if not, since when.

    The row is also the place where two dispatchers meet: who claims calls for a company
    locks it, so that lines and calls per minute are counted by one at a time.
    """

    _name = "voicebox.channel"
    _description = "Voicebox Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [("open", "Working"), ("paused", "Paused")],
        default="open",
        required=True,
        readonly=True,
    )
    error_kind = fields.Selection(channel_selection(), "Reason", readonly=True)
    error_message = fields.Char("Details", readonly=True)
    paused_since = fields.Datetime(readonly=True)
    pause_until = fields.Datetime("Next Try", readonly=True)
    failures = fields.Integer("Failures in a Row", readonly=True)
    last_claim_at = fields.Datetime(readonly=True)
    has_to_reconsider = fields.Boolean(
        "To Be Reconsidered",
        readonly=True,
        help="The next plan opens rejected reminders again",
    )
    last_accepted_at = fields.Datetime("Last Accepted Call", readonly=True)
    accepted_credentials = fields.Char(
        readonly=True,
        groups="base.group_system",
        help="Fingerprint of the credentials that Voicebox has accepted last",
    )

    _company_uniq = models.Constraint(
        "UNIQUE(company_id)", "A company has one connection to Voicebox."
    )

    @api.model
    def _for_companies(self, companies):
        """The companies' channels, made where they are missing."""
        companies.flush_recordset()
        known = self.search([("company_id", "in", companies.ids)])
        for company in companies - known.company_id:
            self.env.execute_query(
                SQL(
                    "INSERT INTO voicebox_channel (company_id, state, failures, "
                    "create_date, write_date, create_uid, write_uid) "
                    "VALUES (%s, 'open', 0, %s, %s, %s, %s) "
                    "ON CONFLICT (company_id) DO NOTHING RETURNING id",
                    company.id,
                    fields.Datetime.now(),
                    fields.Datetime.now(),
                    self.env.uid,
                    self.env.uid,
                )
            )
        return self.search([("company_id", "in", companies.ids)])

    def _lock(self):
        """Lock this row or say no at once. Must open its transaction.

        A dispatcher that reads an older state than the last claim's fails on the
        lock with a serialization error, and has to begin again.
        """
        free = lock_free_rows(self, SQL("id = %s", self.id), SQL("id"), 1)
        free.last_claim_at = fields.Datetime.now()
        return bool(free)

    def _may_call(self):
        """Is it time to call, or to try again?"""
        self.ensure_one()
        return self.state == "open" or self.pause_until <= fields.Datetime.now()

    def _learn_from(self, replies):
        """Learn from the replies of one batch whether the queue goes on.

        One good reply opens the channel. Otherwise the worst kind decides: wrong
        credentials and an unreachable Voicebox rest the queue at once, throttling for
        as long as Voicebox asked, errors after sending only when they repeat.
        """
        self.ensure_one()
        by_kind = {reply.kind: reply for reply in replies}
        if "accepted" in by_kind:
            now = fields.Datetime.now()
            self.write({"last_accepted_at": now, "paused_since": False})
            self._note_accepted(self.company_id._voicebox_fingerprint())
        if "configuration" in by_kind:
            self._pause(by_kind["configuration"])
        elif "throttled" in by_kind:
            self._pause_for_throttling(replies)
        elif "accepted" in by_kind:
            self._resume()
        elif "not_sent" in by_kind:
            self._pause(by_kind["not_sent"])
        else:
            self._learn_from_doubtful(replies)

    def _note_accepted(self, fingerprint):
        """Voicebox has accepted credentials: those of a call, or of a test."""
        if self.accepted_credentials != fingerprint:
            self.accepted_credentials = fingerprint

    def _has_accepted(self, company):
        """Has Voicebox accepted what the company calls with, and not refused since?"""
        refused = self.state == "paused" and self.error_kind in NEEDS_ADMINISTRATOR
        known = self.sudo().accepted_credentials
        return known == company._voicebox_fingerprint() and not refused

    def _learn_from_doubtful(self, replies):
        """Errors and rejections are trouble only when nothing else comes.

        2xx without an id is how some campaigns answer: no sign of trouble, unless it
        is a page for people.
        """
        broken = [reply for reply in replies if not reply.is_plausible]
        if len(broken) < len(replies):
            self._resume()
            return
        if self.error_kind not in (False, broken[-1].kind):
            self._resume()
        failures = self.failures + len(broken)
        if failures > FAILURES_TOLERATED:
            self._pause(broken[-1])
        self.failures = failures

    def _pause_for_throttling(self, replies):
        asked = [r.retry_after for r in replies if r.kind == "throttled"]
        seconds = max((pause for pause in asked if pause), default=None)
        length = timedelta(seconds=seconds) if seconds else DEFAULT_THROTTLE
        reply = next(r for r in replies if r.kind == "throttled")
        self._write_pause(reply.kind, reply.message, length)

    def _pause(self, reply):
        """Rest the queue; longer with every failure in a row."""
        rounds = min(self.failures, 10)
        self._write_pause(
            reply.kind, reply.message, min(FIRST_PAUSE * 2**rounds, LONGEST_PAUSE)
        )

    def _pause_for_settings(self, message):
        """Rest the queue because it can't even be tried.

        :param message: what is missing, for the administrator
        """
        self._write_pause("configuration", message, LONGEST_PAUSE)

    def _write_pause(self, kind, message, length):
        now = fields.Datetime.now()
        since = self.paused_since or now
        self.write(
            {
                "state": "paused",
                "error_kind": kind,
                "error_message": message,
                "paused_since": since,
                "pause_until": now + length,
                "failures": self.failures + 1,
            }
        )
        wake_dispatch(self.env, now + length)
        if kind in NEEDS_ADMINISTRATOR:
            self._tell_administrators()
        elif now - since >= LONG_OUTAGE:
            self._tell_of_outage()

    def _resume(self):
        """Call again from now on; what was told to administrators is settled."""
        troubled = self.filtered(lambda ch: ch.state != "open" or ch.failures)
        for channel in troubled:
            channel.write(
                {
                    "state": "open",
                    "error_kind": False,
                    "error_message": False,
                    "paused_since": False,
                    "pause_until": False,
                    "failures": 0,
                }
            )
            channel.activity_unlink(["mail.mail_activity_data_warning"])
        if troubled:
            wake_dispatch(self.env)

    def _credentials_changed(self):
        """The settings may have been wrong, not the calls: what was rejected under
        them is looked at again by the next plan."""
        lock_rows(self)
        self.has_to_reconsider = True
        self._resume()

    def _tell_administrators(self):
        """A to-do for every administrator of the company, once in an outage."""
        self._schedule_once(
            "mail.mail_activity_data_warning",
            lambda env: (
                env._("Reminder calls have stopped"),
                env._(
                    "Voicebox does not accept the settings, the credentials or the "
                    "calls. Calling goes on when the settings are corrected."
                ),
            ),
        )

    def _tell_of_outage(self):
        """The same where nothing needs to be corrected here."""
        self._schedule_once(
            "mail.mail_activity_data_warning",
            lambda env: (
                env._("Reminder calls have stopped"),
                env._(
                    "Voicebox has taken no call for more than ten minutes: it can't be "
                    "reached, answers with errors or asks to wait. Calling goes on by "
                    "itself as soon as it takes calls again."
                ),
            ),
        )

    def _tell_of_flood(self):
        """The same about callbacks of calls that nobody here has made."""
        self._schedule_once(
            "mail.mail_activity_data_todo",
            lambda env: (
                env._("Too many callbacks of unknown calls"),
                env._(
                    "Callbacks come in with the right secret, but for calls that are "
                    "not known here. Only the newest are kept. Does another Voicebox "
                    "campaign report to this address? If not, make a new secret in "
                    "the settings."
                ),
            ),
        )

    def _schedule_once(self, activity_type, words):
        """A to-do for every administrator, unless there is one of this type.

        :param words: function of an environment: summary and note in its language
        """
        self.ensure_one()
        if self.activity_search([activity_type]):
            return
        for user in self._administrators():
            channel = self.with_context(lang=user.lang)
            summary, note = words(channel.env)
            channel.activity_schedule(
                activity_type,
                date_deadline=moments.today_at(self.company_id),
                summary=summary,
                note=note,
                user_id=user.id,
            )

    def _administrators(self):
        ours = self.env.ref("clinic_voicebox_reminder.group_administrator")
        users = ours.all_user_ids or self.env.ref("base.group_system").all_user_ids
        here = users.filtered(lambda user: self.company_id in user.company_ids)
        return (here or users).filtered("active")

    def action_resume(self):
        """Try again now instead of at the end of the pause."""
        self.check_access("read")
        self.sudo()._resume()

    # === What staff are told === #
    @api.model
    def _channel_of(self, company):
        """The channel through which a company calls; none where it was never needed."""
        return self.search([("company_id", "=", company._voicebox_owner().id)])

    @api.model
    def get_calling_notice(self):
        """For the banner above lists: why the user's companies are not called.

        A company without reminder calls is not spoken of beside one that has them.

        :return: a text, empty while all is well
        """
        if not self.env.user._is_internal():
            return ""
        companies = self.env.companies.sudo()
        calling = companies.filtered(
            lambda c: c._voicebox_mode_in_force() != "disabled"
        )
        notices = self._calling_notices(calling or companies)
        several = len(self.env.companies) > 1
        return " ".join(
            f"{company.name}: {notice}" if several else notice
            for company, notice in notices.items()
            if notice
        )

    @api.model
    def _calling_notices(self, companies):
        """Dict of company to a sentence; empty where calling goes on.

        In the reader's language and zone (both from the context).
        """
        owners = {company: company._voicebox_owner() for company in companies.sudo()}
        used = [owner.id for owner in owners.values()]
        channels = self.sudo().search([("company_id", "in", used)])
        by_owner = {channel.company_id: channel for channel in channels}
        return {
            company: self._mode_sentence(company)
            or by_owner.get(owner, self)._stop_sentence()
            for company, owner in owners.items()
        }

    @api.model
    def _mode_sentence(self, company):
        return {
            "disabled": self.env._("Reminder calls are switched off."),
            "test": self.env._("Test mode: only the test numbers are called."),
        }.get(company._voicebox_mode_in_force(), "")

    def _stop_sentence(self):
        """A short pause that ends by itself is not worth a banner."""
        if self.state != "paused":
            return ""
        age = fields.Datetime.now() - self.paused_since
        if self.error_kind not in NEEDS_ADMINISTRATOR and age < WORTH_TELLING:
            return ""
        return self._pause_sentence()

    def _pause_sentence(self):
        """Why calling rests, since when and until when."""
        kinds = dict(self._fields["error_kind"]._description_selection(self.env))
        return self.env._(
            "Reminder calls have stopped (since %(since)s): %(reason)s. Next try: "
            "%(next)s.",
            since=moments.moment_in_words(self.env, self.paused_since),
            reason=kinds[self.error_kind],
            next=moments.moment_in_words(self.env, self.pause_until),
        )
