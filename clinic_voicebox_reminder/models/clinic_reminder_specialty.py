from odoo import api, fields, models
from odoo.tools import ormcache

from ..tools import conversation, speech, spoken_words

TITLES = ("врач", "доктор", "doctor", "dr")  # "врач-терапевт" is a терапевт
UNLISTED = {"ru_RU": "к специалисту: {}", "en_US": "with the specialist: {}"}


class ClinicReminderSpecialty(models.Model):
    """A specialty as a part of a sentence: “терапевт” → “к терапевту”."""

    _name = "clinic.reminder.specialty"
    _description = "Specialty in a Sentence"
    _inherit = "clinic.reminder.cached"
    _rec_name = "specialty"
    _order = "lang desc, specialty"

    specialty = fields.Char(required=True, help="As it stands on the visit")
    lang = fields.Selection(
        lambda self: (
            self.env["res.company"]
            ._fields["reminder_lang"]
            ._description_selection(self.env)
        ),
        "Language",
        default="ru_RU",
        required=True,
    )
    company_id = fields.Many2one(default=False)
    spoken = fields.Char("To Whom", required=True, help="For example “к терапевту”")

    _specialty_uniq = models.UniqueIndex(
        "(lower(trim(specialty)), lang, coalesce(company_id, 0))",
        "There is a form of this specialty already.",
    )

    @api.model
    def _variables(self, company, lang, told):
        """What richer scenarios are given besides the name and the visit; nothing where
        the owner of the campaign has not switched it on.

        :param told: (specialty, start on the clinic's clock) of visits of one day in
            order of time, an iterable that is looked at only if need be; a specialty
            may be empty
        :return: dict by the names of :data:`conversation.RICH`
        """
        owner = company.sudo()._voicebox_owner()
        told = list(told) if owner.reminder_rich_variables else []
        return self._all_variables(company.sudo(), lang, told) if told else {}

    @api.model
    def _all_variables(self, company, lang, told):
        start = told[0][1]
        times = [spoken_words.time(moment, lang) for _specialty, moment in told]
        whom = [self._to_whom(specialty, company, lang) for specialty, _start in told]
        address = ", ".join(filter(None, (company.city, company.street)))
        words = {
            "weekday": spoken_words.weekday(start, lang),
            "date": spoken_words.date(start, lang),
            "time": speech.join_visits(times, lang),
            "specialist": speech.join_visits(dict.fromkeys(whom), lang),
            "clinic": self._clinic_said(company),
            "address": self._said(address, company),
        }
        return {name: speech.speakable(words[name]) for name in conversation.RICH}

    @api.model
    def _to_whom(self, specialty, company, lang):
        """ "к терапевту"; of a specialty that is not in the table, its name at least"""
        name = _key(specialty)
        if not name:
            return ""
        listed = self._forms(company.id, lang).get(name)
        return self._said(listed or UNLISTED[lang].format(specialty), company)

    @api.model
    def _clinic_said(self, company):
        """The clinic's name, as the robot says it."""
        return speech.speakable(self._said(company.name, company))

    @api.model
    def _said(self, text, company):
        return self.env["clinic.reminder.pronunciation"]._pronounce(text, company)

    @api.model
    @ormcache("company_id", "lang")
    def _forms(self, company_id, lang):
        """What is said, by specialty."""
        rows = self._in_force(company_id).filtered(lambda row: row.lang == lang)
        return {_key(row.specialty): row.spoken for row in rows}


def _key(specialty):
    """A specialty without its title, so that “Врач-терапевт” is found, too."""
    words = (specialty or "").lower().replace("ё", "е").replace("-", " ").split()
    return " ".join(words[1:] if words[1:] and words[0] in TITLES else words)
