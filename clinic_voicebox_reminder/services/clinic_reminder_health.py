from datetime import timedelta

from odoo import api, fields, models

from ..models import moments
from ..models.voicebox_callback import LIMIT
from ..tools import health
from ..tools.health import ERROR, OK, WARNING, Check
from ..tools.vocabulary import NEEDS_ADMINISTRATOR, TROUBLE

CRONS = ("plan", "dispatch", "sweep")


class ClinicReminderHealth(models.AbstractModel):
    """Says what the figures mean: a level and a sentence for each.

    No patient's data in it. Times are told in the context's zone.
    """

    _name = "clinic.reminder.health"
    _description = "Reminder Call Health"

    @api.model
    def _sections(self, company):
        """The health page of one company.

        Reads as the superuser: callers have to see to it who may read.

        :return: list of (title, list of :class:`Check`)
        """
        health_of, company = self.sudo(), company.sudo()
        figures = health_of.env["clinic.reminder.figures"]._figures_of(company)
        channel = health_of.env["voicebox.channel"]._channel_of(company)
        calling = [health_of._mode(company), health_of._connection(company, channel)]
        calls = [health_of._backlog(company, channel, figures)]
        calls += [health_of._replies(figures)]
        calls += [health_of._no_answer(figures), health_of._no_result(figures)]
        callbacks = [health_of._callbacks(figures), health_of._unmatched(figures)]
        callbacks += [health_of._refused(figures)]
        return [
            (self.env._("Mode and Connection"), calling),
            (self.env._("Scheduled Actions"), [health_of._cron(c) for c in CRONS]),
            (self.env._("Calls"), calls),
            (self.env._("Callbacks"), callbacks),
        ]

    @api.model
    def _report(self, company):
        """The same for machines, in the company's language and zone."""
        told = self.with_context(
            lang=company.partner_id.lang or "en_US", tz=company._reminder_zone().key
        )
        checks = [
            check for _title, checks in told._sections(company) for check in checks
        ]
        return {
            "status": health.worst(check.level for check in checks),
            "company": company.id,
            "checks": {
                check.name: {
                    "status": check.level,
                    "message": check.sentence,
                    **check.figures,
                }
                for check in checks
            },
        }

    # === Calling === #
    @api.model
    def _mode(self, company):
        missing = company._voicebox_missing_settings()
        mode, level = company._voicebox_mode_in_force(), WARNING
        if mode == "disabled":
            sentence = self.env._("Switched off: nobody is called.")
        elif missing:
            level = ERROR
            sentence = self.env._(
                "Nobody can be called. Missing in the settings: %s.", ", ".join(missing)
            )
        elif not company._reminder_setting("country_id"):
            level = ERROR
            sentence = self.env._(
                "The company has no country: numbers without a country's prefix can't "
                "be dialled."
            )
        elif mode == "test":
            sentence = self.env._("Test mode: only the test numbers are called.")
        else:
            level, sentence = OK, self.env._("Live: patients are called.")
        return Check("mode", level, self.env._("Mode"), sentence)

    @api.model
    def _connection(self, company, channel):
        if channel.state == "paused":
            age = fields.Datetime.now() - channel.paused_since
            needs_person = channel.error_kind in NEEDS_ADMINISTRATOR
            level = health.level_of_pause(needs_person, age)
            sentence = channel._pause_sentence()
        elif channel.failures:
            level = WARNING
            sentence = self.env._(
                "Voicebox answers with errors: %s in a row.", channel.failures
            )
        elif channel.last_accepted_at:
            level = OK
            sentence = self.env._(
                "Working. Last call accepted: %s.",
                moments.moment_in_words(self.env, channel.last_accepted_at),
            )
        else:
            level, sentence = OK, self.env._("No call has been accepted yet.")
        owner = company._voicebox_owner()
        if owner != company:
            through = self.env._("Calls through the campaign of %s.", owner.name)
            sentence = f"{through} {sentence}"
        return Check("connection", level, self.env._("Connection"), sentence)

    # === Scheduled actions === #
    @api.model
    def _cron(self, name):
        cron = self.env.ref(
            f"clinic_voicebox_reminder.ir_cron_{name}", raise_if_not_found=False
        )
        titles = {
            "plan": self.env._("Planning"),
            "dispatch": self.env._("Dispatcher"),
            "sweep": self.env._("Closing of overdue calls"),
        }
        if not cron:
            missing = self.env._("The scheduled action was deleted.")
            return Check(name, ERROR, titles[name], missing)
        age = fields.Datetime.now() - (cron.lastcall or cron.create_date)
        interval = timedelta(**{cron.interval_type: cron.interval_number})
        level = health.level_of_cron(cron.active, cron.failure_count, age, interval)
        sentence = self._cron_sentence(cron, level)
        seconds = {"seconds_since_last_run": int(age.total_seconds())}
        return Check(name, level, titles[name], sentence, seconds)

    @api.model
    def _cron_sentence(self, cron, level):
        last = cron.lastcall and moments.moment_in_words(self.env, cron.lastcall)
        if not cron.active:
            return self.env._("The scheduled action is switched off.")
        if level == ERROR and not last:
            return self.env._("Has never run. Does Odoo run its scheduled actions?")
        if level == ERROR:
            return self.env._(
                "Alarm: no run since %s. Does Odoo run its scheduled actions?", last
            )
        if cron.failure_count:
            return self.env._(
                "Failed in a row: %(number)s. Odoo's log tells why. Last run: "
                "%(moment)s.",
                number=cron.failure_count,
                moment=last,
            )
        if not last:
            return self.env._("Has not run yet.")
        return self.env._(
            "Last run: %(last)s. Next: %(next)s.",
            last=last,
            next=moments.moment_in_words(self.env, cron.nextcall),
        )

    # === Calls === #
    @api.model
    def _backlog(self, company, channel, figures):
        waiting = dict(figures.due)
        for_line = waiting.pop("line", 0)
        reason = self._why_no_dial(company, channel)
        if for_line:
            waiting[reason] = for_line
        age, idle = self._age(figures.oldest_due), timedelta()
        if "unexplained" in waiting:
            since = [figures.oldest_for_line, figures.last_dial]
            idle = self._age(max(filter(None, since)))
        level = health.level_of_backlog(age, idle)
        numbers = {
            "due": figures.due.total(),
            "oldest_due_seconds": int(age.total_seconds()),
            **{f"due_{name}": number for name, number in sorted(waiting.items())},
        }
        sentence = self._backlog_sentence(waiting, age)
        return Check("backlog", level, self.env._("Calls due"), sentence, numbers)

    @api.model
    def _why_no_dial(self, company, channel):
        """Why a call that nothing else hinders is not made at this moment."""
        if channel.state == "paused":
            return "paused"
        owner = company._voicebox_owner()
        lines = self.env["clinic.reminder.queue"]._free_lines(owner, channel)
        return "unexplained" if lines else "no_line"

    @api.model
    def _backlog_sentence(self, waiting, age):
        if not waiting:
            return self.env._("None is waiting.")
        labels = {
            "busy": self.env._("number busy"),
            "companion": self.env._("spoken of in another call"),
            "held": self.env._("held back by the mode"),
            "no_line": self.env._("no free line"),
            "paused": self.env._("connection paused"),
            "unexplained": self.env._("to be called next"),
        }
        return self.env._(
            "Waiting: %(number)s (%(reasons)s). The oldest has been due for %(age)s.",
            number=sum(waiting.values()),
            reasons=self._enumerate(labels, waiting),
            age=self._duration(age),
        )

    @api.model
    def _replies(self, figures):
        today, week = figures.replies_today, figures.replies_week
        bad = sum(today[kind] for kind in TROUBLE)
        level = health.level_of_share(bad, today.total())
        labels = {
            "accepted": self.env._("accepted"),
            "without_id": self.env._("accepted without an ID"),
            "rejected": self.env._("rejected"),
            "configuration": self.env._("settings or credentials"),
            "throttled": self.env._("too many calls"),
            "not_sent": self.env._("not reached"),
            "ambiguous": self.env._("unclear"),
            "none": self.env._("no reply recorded"),
        }
        sentence = self.env._(
            "Today: %(today)s. Last 7 days: %(week)s.",
            today=self._enumerate(labels, today),
            week=self._enumerate(labels, week),
        )
        title = self.env._("Voicebox's replies")
        return Check("replies", level, title, sentence, dict(today))

    @api.model
    def _no_answer(self, figures):
        """Operators that block calls as mass calls look like patients not at home."""
        today, before = figures.results_today, figures.results_before
        pairs = [(r["no_answer"], r.total()) for r in (today, before)]
        shares = [health.percent(*pair) for pair in pairs]
        rise = health.is_sudden_rise(*pairs[0], *pairs[1])
        sentence = self.env._(
            "Today: %(today)s %% of all calls (%(calls)s). Last 4 weeks: %(before)s "
            "%%.",
            today=shares[0],
            calls=pairs[0][1],
            before=shares[1],
        )
        if rise:
            sentence += " " + self.env._(
                "That is a sudden rise: operators may be blocking the calls as mass "
                "calls. Ask MTT."
            )
        level = WARNING if rise else OK
        title = self.env._("No answer")
        numbers = {"percent_today": shares[0], "percent_before": shares[1]}
        return Check("no_answer", level, title, sentence, numbers)

    @api.model
    def _no_result(self, figures):
        today = figures.results_today
        lost, total = today["no_result"], today.total()
        level = health.level_of_share(lost, total)
        sentence = self.env._(
            "Today, of all calls (%(calls)s): %(lost)s.", lost=lost, calls=total
        )
        if level != OK:
            sentence += " " + self.env._(
                "Voicebox's reports do not arrive: check the callback address in its "
                "scenario."
            )
        title = self.env._("Calls without a result")
        return Check("no_result", level, title, sentence, {"today": lost})

    # === Callbacks === #
    @api.model
    def _callbacks(self, figures):
        counter = figures.dispositions
        to_look_at = ("unknown_response", "number_mismatch", "stored")
        labels = {
            "applied": self.env._("applied"),
            "repeated": self.env._("repeated"),
            "stale": self.env._("outdated"),
            "unmatched": self.env._("of unknown calls"),
            "unknown_response": self.env._("with unknown words"),
            "number_mismatch": self.env._("with another number"),
            "stored": self.env._("still to be processed"),
        }
        sentence = self.env._("Last 7 days: %s.", self._enumerate(labels, counter))
        level = WARNING if any(counter[name] for name in to_look_at) else OK
        numbers = dict(counter)
        if surplus := figures.tallies.get("surplus", 0):
            level = WARNING
            numbers["surplus_today"] = surplus
            sentence += " " + self.env._(
                "Not kept today, as they changed nothing and were too many: %s.",
                surplus,
            )
        title = self.env._("Callbacks")
        return Check("callbacks", level, title, sentence, numbers)

    @api.model
    def _unmatched(self, figures):
        dropped = figures.tallies.get("dropped", 0)
        if dropped or figures.unmatched >= LIMIT:
            level = ERROR
            sentence = self.env._(
                "Kept: %(kept)s; dropped today, as they were too many: %(dropped)s. "
                "Does another campaign report to this address?",
                kept=figures.unmatched,
                dropped=dropped,
            )
        else:
            total = figures.dispositions.total()
            recent = figures.dispositions["unmatched"]
            level = health.level_of_share(recent, total)
            sentence = self.env._(
                "Last 7 days: %(recent)s of %(total)s.", recent=recent, total=total
            )
        title = self.env._("Callbacks of unknown calls")
        numbers = {"kept": figures.unmatched, "dropped_today": dropped}
        return Check("unmatched", level, title, sentence, numbers)

    @api.model
    def _refused(self, figures):
        refused = figures.tallies.get("refused", 0)
        level = WARNING if refused > health.TOLERATED_REFUSALS else OK
        sentence = self.env._("Today, for all companies: %s.", refused)
        if level != OK:
            sentence += " " + self.env._(
                "If it's Voicebox, its scenario has an old secret and its reports are "
                "lost. If not, somebody is guessing."
            )
        title = self.env._("Wrong secrets")
        return Check("refused", level, title, sentence, {"today": refused})

    # === Words === #
    @api.model
    def _enumerate(self, labels, numbers):
        """ "accepted: 5, rejected: 1" in the labels' order; "none" without any."""
        parts = [f"{labels[key]}: {numbers[key]}" for key in labels if numbers.get(key)]
        return ", ".join(parts) or self.env._("none")

    @api.model
    def _age(self, moment):
        return fields.Datetime.now() - moment if moment else timedelta()

    @api.model
    def _duration(self, delta):
        minutes = int(delta.total_seconds() // 60)
        if minutes < 120:
            return self.env._("%s min", minutes)
        if minutes < 48 * 60:
            return self.env._("%s h", minutes // 60)
        return self.env._("%s days", minutes // 1440)
