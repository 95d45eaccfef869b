from odoo import api, fields, models

from ..tools import conversation
from ..tools.conversation import (
    AGAIN,
    CONFIRMED,
    DECLINED,
    GREETING,
    OPERATOR,
    OTHER_TIME,
    QUESTION,
)


class ClinicReminderConversation(models.TransientModel):
    """The whole conversation as the scenario speaks it: of a visit, or an example."""

    _name = "clinic.reminder.conversation"
    _description = "What the Patient Hears"

    event_id = fields.Many2one("calendar.event", "Visit")
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, readonly=False
    )
    lang = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["reminder_lang"]
            ._description_selection(self.env)
        ),
        "Language of the Call",
        compute="_compute_lang",
        store=True,
        readonly=False,
    )
    conversation = fields.Json(
        compute="_compute_conversation", export_string_translation=False
    )

    @api.depends("event_id")
    def _compute_company_id(self):
        for wizard in self:
            event = wizard.event_id
            wizard.company_id = event._reminder_company() if event else self.env.company

    @api.depends("company_id", "event_id")
    def _compute_lang(self):
        for wizard in self:
            spoken = wizard.event_id and wizard.event_id._reminder_lang()
            wizard.lang = spoken or wizard.company_id.reminder_lang

    @api.depends_context("lang")
    @api.depends("company_id", "event_id", "lang")
    def _compute_conversation(self):
        for wizard in self:
            variables = wizard._variables()
            wizard.conversation = bool(variables) and {
                "lang": wizard.lang.replace("_", "-"),
                **wizard._tree(variables),
            }

    def _variables(self):
        """What the scenario would be given; nothing of a visit that the user may not
        know or that nobody is called about."""
        if not self.event_id:
            return self.company_id._reminder_example_variables(self.lang)
        return self.event_id.reminder_preview and self.event_id._reminder_variables()

    def _tree(self, variables):
        """What is said first, and what follows from what is heard."""
        clinic = self.env["clinic.reminder.specialty"]._clinic_said(self.company_id)
        said = conversation.lines(self.lang, clinic, variables)
        person = _turn(
            "", [said[OPERATOR]], self.env._("The patient talks with your staff.")
        )
        return _turn(
            "",
            [said[GREETING], said[QUESTION]],
            then=[
                self._after_yes(said),
                self._after_no(said, person),
                {**person, "heard": self.env._("“Another time”")},
                {**person, "heard": self.env._("“A person, please”")},
                self._after_nothing(said, person),
                *self._without_an_answer(),
            ],
        )

    def _after_yes(self, said):
        confirmed = self.env._("The visit is confirmed.")
        return _turn(self.env._("“Yes”"), [said[CONFIRMED]], confirmed)

    def _after_no(self, said, person):
        cancelled = self.env._("The visit is cancelled, and its time is free again.")
        return _turn(
            self.env._("“No”"),
            [said[OTHER_TIME]],
            then=[
                {**person, "heard": self.env._("“Yes”")},
                _turn(self.env._("“No”"), [said[DECLINED]], cancelled),
                {**person, "heard": self.env._("Nothing, or something unclear")},
            ],
        )

    def _after_nothing(self, said, person):
        return _turn(
            self.env._("Nothing, or something unclear"),
            [said[AGAIN]],
            then=[{**person, "heard": self.env._("Nothing clear again")}],
        )

    def _without_an_answer(self):
        again = self.env._(
            "The robot calls again. Calls in all, at most: %s.",
            self.company_id.reminder_max_calls,
        )
        return [
            _turn(self.env._("The patient hangs up in the middle"), [], again),
            _turn(self.env._("Nobody picks up, or a machine does"), [], again),
        ]


def _turn(heard, says, outcome="", then=()):
    """What is heard, what the robot says to it, and what comes of it or follows."""
    return {"heard": heard, "says": says, "outcome": outcome, "then": list(then)}
