import json

from markupsafe import Markup

from odoo import api, fields, models

from ..tools import conversation

TABLE = Markup('<table class="table table-sm"><tbody>{}</tbody></table>')
ROW = Markup('<tr><td class="text-muted">{}</td><td>{}</td></tr>')
# the scenario's HTTP blocks: the response word that each of them sends
WORDS = ("no_answer", "answered", "confirmed", "operator", "declined", "machine")


class VoiceboxScenarioGuide(models.TransientModel):
    """Tells how to build the scenario in Voicebox, with all that is to be copied."""

    _name = "voicebox.scenario.guide"
    _description = "Voicebox Scenario Guide"

    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company
    )
    callback_url = fields.Char("Callback Address", compute="_compute_callback")
    callback_header = fields.Char("Authorization Header", compute="_compute_callback")
    callback_url_secret = fields.Char(
        "Address with the Secret", compute="_compute_callback"
    )
    body_no_answer = fields.Char(compute="_compute_bodies")
    body_answered = fields.Char(compute="_compute_bodies")
    body_confirmed = fields.Char(compute="_compute_bodies")
    body_operator = fields.Char(compute="_compute_bodies")
    body_declined = fields.Char(compute="_compute_bodies")
    body_machine = fields.Char(compute="_compute_bodies")

    script_plain = fields.Html("What the Robot Says", compute="_compute_scripts")
    script_rich = fields.Html(
        "What the Robot Says, with More Variables", compute="_compute_scripts"
    )

    @api.depends("company_id")
    def _compute_callback(self):
        for guide in self:
            company = guide.company_id
            guide.callback_url = company._voicebox_callback_url()
            guide.callback_url_secret = company._voicebox_callback_url(with_secret=True)
            guide.callback_header = company._voicebox_callback_header()

    @api.depends("company_id")
    def _compute_bodies(self):
        for guide in self:
            for word in WORDS:
                guide[f"body_{word}"] = _body(word)

    @api.depends_context("lang")
    @api.depends("company_id")
    def _compute_scripts(self):
        """Both scenarios, in the language of the calls."""
        rich = (*conversation.PLAIN, *conversation.RICH)
        for guide in self:
            clinic = self.env["clinic.reminder.specialty"]._clinic_said(
                guide.company_id
            )
            guide.script_plain = guide._script(clinic, conversation.PLAIN)
            guide.script_rich = guide._script("{{clinic}}", rich)

    def _script(self, clinic, names):
        """A row for each thing that the robot says, with the scenario's variables."""
        said = conversation.lines(
            self.company_id.reminder_lang, clinic, conversation.placeholders(names)
        )
        titles = {
            conversation.GREETING: self.env._("Greeting"),
            conversation.QUESTION: self.env._("Question 1"),
            conversation.AGAIN: self.env._("Asked again"),
            conversation.CONFIRMED: self.env._("After “yes”"),
            conversation.OTHER_TIME: self.env._("Question 2, after “no”"),
            conversation.DECLINED: self.env._("After a second “no”"),
            conversation.OPERATOR: self.env._("Before the transfer to a person"),
        }
        rows = (ROW.format(title, said[key]) for key, title in titles.items())
        return TABLE.format(Markup().join(rows))


def _body(word):
    """What an HTTP block posts; the braces are Voicebox's variables."""
    values = {"guid": "{{guid}}", "number_b": "{{numberB}}", "response": word}
    return json.dumps(values)
