from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..models import moments
from ..tools.vocabulary import FINAL_RESULTS

PREFIX = "clinic_voicebox_reminder."
# what each of the scenario's six blocks reports
REPORTS = ("no_answer", "answered", "confirmed", "operator", "declined", "machine")
SETTINGS = f"{PREFIX}res_config_settings_action"
COMPANIES = "base.action_res_company_form"
PICKED_UP = (*FINAL_RESULTS, "hung_up")
NAMED = 5  # specialists that are told by name


@dataclass(frozen=True)
class Step:
    """One of the first steps, as it really stands.

    :param str name: for the page and for tests
    :param str action: where its button leads, an XML id; empty for what is done on the
        page itself
    :param str setting: of the settings page, to be scrolled to
    :param tuple parts: (label, is it done) of each part, where there are some
    """

    name: str
    done: bool
    title: str
    sentence: str
    button: str
    action: str = ""
    setting: str = ""
    parts: tuple = ()


class ClinicFirstSteps(models.AbstractModel):
    """What is still to be done before patients can be called, nothing on trust.

    Each step looks at what has happened: a reply, a report that has come in, a phone
    that was picked up. What a branch has from above counts as its own.
    """

    _name = "clinic.first.steps"
    _description = "State of the First Steps"

    @api.model
    def _steps(self, company):
        """The steps in their order; to be asked for as the superuser."""
        return [*self._before_live(company), self._live(company)]

    @api.model
    def _before_live(self, company):
        return [
            self._campaign(company),
            self._connection(company),
            self._scenario(company),
            self._specialists(company),
            self._choices(company),
            self._test_call(company),
        ]

    @api.model
    def _undone(self, company):
        """Titles of what is still red before going live, in the user's language."""
        steps = self.sudo()._before_live(company.sudo())
        return [step.title for step in steps if not step.done]

    # === Campaign and connection === #
    @api.model
    def _campaign(self, company):
        missing = company._voicebox_missing_settings()
        owner = company._voicebox_owner()
        if missing:
            sentence = self.env._("Still to be filled in: %s.", ", ".join(missing))
        elif owner != company:
            sentence = self.env._("Calls through the campaign of %s.", owner.name)
        else:
            sentence = self.env._("Address, login, password and method ID are there.")
        return Step(
            name="campaign",
            done=not missing,
            title=self.env._("Campaign and credentials"),
            sentence=sentence,
            button=self._to_settings(not missing),
            action=SETTINGS,
            setting="voicebox_credentials",
        )

    @api.model
    def _connection(self, company):
        channel = self.env["voicebox.channel"]._channel_of(company)
        done = channel._has_accepted(company)
        if done:
            sentence = self.env._("Voicebox accepts these credentials.")
        elif channel.state == "paused":
            sentence = channel._pause_sentence()
        else:
            sentence = self.env._(
                "Voicebox has not accepted these credentials yet. The test rings "
                "nobody."
            )
        title = self.env._("Connection accepted")
        return Step("connection", done, title, sentence, self.env._("Test Connection"))

    @api.model
    def _to_settings(self, is_filled):
        return self.env._("Change") if is_filled else self.env._("Fill In")

    # === Scenario === #
    @api.model
    def _scenario(self, company):
        came = self._reports(company)
        labels = dict(
            self.env["voicebox.response"]
            ._fields["result"]
            ._description_selection(self.env)
        )
        parts = tuple((labels[report], report in came) for report in REPORTS)
        done = all(arrived for _label, arrived in parts)
        if done:
            sentence = self.env._("All six reports have come in with the right secret.")
        else:
            sentence = self._scenario_sentence(company, parts)
        return Step(
            name="scenario",
            done=done,
            title=self.env._("Scenario built"),
            sentence=sentence,
            button=self.env._("Scenario Guide"),
            action=f"{PREFIX}voicebox_scenario_guide_action",
            parts=parts,
        )

    @api.model
    def _reports(self, company):
        """What the words mean that have come in with the company's secret."""
        owner = company._voicebox_secret_owner()
        words = self.env["voicebox.callback"]._read_group(
            [("company_id", "=", owner.id)], ["response"]
        )
        responses = self.env["voicebox.response"]
        return {responses._result_of(word, owner) for (word,) in words}

    @api.model
    def _scenario_sentence(self, company, parts):
        sentence = self.env._(
            "Reports that have come in: %(came)s of %(all)s. Test calls bring them: "
            "answer each one in another way.",
            came=Counter(arrived for _label, arrived in parts)[True],
            all=len(parts),
        )
        day = fields.Datetime.now() - timedelta(days=1)
        refused = self.env["voicebox.tally"]._sums(company, day).get("refused")
        if refused:
            sentence += " " + self.env._(
                "Refused since yesterday because of a wrong secret: %s. Is the secret "
                "in all six blocks?",
                refused,
            )
        return sentence

    # === People and choices === #
    @api.model
    def _specialists(self, company):
        users = self.env["res.users"].search(
            [("takes_visits", "=", True), ("company_ids", "in", company.ids)]
        )
        if users:
            names = users[:NAMED].mapped("name")
            more = ["…"] if len(users) > NAMED else []
            sentence = self.env._("Patients come to: %s.", ", ".join(names + more))
        else:
            sentence = self.env._("Nobody is marked as a specialist yet.")
        return Step(
            name="specialists",
            done=bool(users),
            title=self.env._("Specialists named"),
            sentence=sentence,
            button=self.env._("Name Specialists"),
            action=f"{PREFIX}clinic_specialist_action",
        )

    @api.model
    def _choices(self, company):
        trouble = self._trouble_of_choices(company)
        chosen = any(c.reminder_chosen_at for c in company._reminder_line())
        sentence = trouble or self._choices_sentence(company)
        if not trouble and not chosen:
            sentence += " " + self.env._("Is this how it should be?")
        return Step(
            name="choices",
            done=bool(chosen and not trouble),
            title=self.env._("Hours, zone and consent chosen"),
            sentence=sentence,
            button=self._to_settings(True),
            action=SETTINGS if company._reminder_setting("country_id") else COMPANIES,
            setting="reminder_calendar_id",
        )

    @api.model
    def _trouble_of_choices(self, company):
        if not company._reminder_setting("country_id"):
            return self.env._(
                "The company has no country: numbers without a country's prefix can't "
                "be dialled."
            )
        if not company._reminder_setting("reminder_calendar_id").attendance_ids:
            return self.env._("The calling hours leave no hour to call in.")
        return ""

    @api.model
    def _choices_sentence(self, company):
        consent = company._fields["reminder_consent_mode"]
        words = dict(consent._description_selection(self.env))
        return self.env._(
            "Calling hours: %(hours)s. Time zone: %(zone)s. Consent: %(consent)s.",
            hours=company._reminder_setting("reminder_calendar_id").name,
            zone=company._reminder_setting("reminder_tz") or "UTC",
            consent=words[company.reminder_consent_mode],
        )

    # === Test call === #
    @api.model
    def _test_call(self, company):
        last, answered = self._test_calls(company)
        if answered:
            sentence = self.env._(
                "Picked up: the call of %s.",
                moments.moment_in_words(self.env, answered.requested_at),
            )
        elif last:
            sentence = self.env._(
                "The last test call was not picked up, or nothing reported it (%s).",
                moments.moment_in_words(self.env, last.requested_at),
            )
        else:
            sentence = self.env._("No test call was made yet.")
        return Step(
            name="test_call",
            done=bool(answered),
            title=self.env._("Test call answered"),
            sentence=sentence,
            button=self.env._("Test Call…"),
            action=f"{PREFIX}voicebox_test_call_action",
        )

    @api.model
    def _test_calls(self, company):
        """The last test call, and the last one that was picked up."""
        line = company._voicebox_line()
        mine = [("company_id", "in", line.ids), ("reminder_id", "=", False)]
        attempts = self.env["clinic.reminder.attempt"]
        picked_up = Domain("answered_at", "!=", False)
        picked_up |= Domain("result", "in", PICKED_UP)
        answered = Domain(mine) & picked_up
        return attempts.search(mine, limit=1), attempts.search(answered, limit=1)

    # === Live === #
    @api.model
    def _live(self, company):
        done = company._voicebox_mode_in_force() == "live"
        if done:
            sentence = self.env._("Patients are called.")
        elif company.voicebox_mode == "live":
            sentence = self.env._("Held back by the company above this branch.")
        else:
            sentence = self.env["voicebox.channel"]._mode_sentence(company)
        title = self.env._("Live")
        return Step("live", done, title, sentence, self.env._("Go Live…"))
