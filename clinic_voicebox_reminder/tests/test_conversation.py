"""What the patient hears: the conversation, the variables of richer scenarios."""

from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..tools import conversation, speech, spoken_words
from ..tools.voicebox_client import VoiceboxClient
from .common import METHOD
from .test_views import DeskCase

RICH_QUESTION = (
    "Валерия Сергеевна, вы записаны на прием к эндоскописту в четверг шестого июня "
    "в двенадцать часов. Наш адрес: Москва улица Мира 5. Вы придете?"
)
GREETING = "Здравствуйте! Вам звонит робот клиники Добрый доктор."


@tagged("post_install", "-at_install")
class TestSpokenWords(BaseCase):
    def test_hours_and_minutes_in_russian(self):
        for hour, minute, words in (
            (9, 0, "девять часов"),
            (1, 1, "один час одна минута"),
            (2, 2, "два часа две минуты"),
            (5, 5, "пять часов пять минут"),
            (11, 11, "одиннадцать часов одиннадцать минут"),
            (21, 21, "двадцать один час двадцать одна минута"),
            (22, 42, "двадцать два часа сорок две минуты"),
            (0, 30, "ноль часов тридцать минут"),
        ):
            with self.subTest(words):
                moment = datetime(2030, 6, 5, hour, minute)
                self.assertEqual(spoken_words.time(moment, "ru_RU"), words)

    def test_hours_and_minutes_in_english(self):
        for hour, minute, words in (
            (0, 0, "twelve AM"),
            (9, 5, "nine oh five AM"),
            (12, 0, "twelve PM"),
            (21, 21, "nine twenty one PM"),
        ):
            with self.subTest(words):
                moment = datetime(2030, 6, 5, hour, minute)
                self.assertEqual(spoken_words.time(moment, "en_US"), words)

    def test_days(self):
        for day, russian, english in (
            (1, "первого июня", "the first of June"),
            (20, "двадцатого июня", "the twentieth of June"),
            (21, "двадцать первого июня", "the twenty first of June"),
            (30, "тридцатого июня", "the thirtieth of June"),
        ):
            with self.subTest(day):
                said = [
                    spoken_words.date(date(2030, 6, day), lang)
                    for lang in ("ru_RU", "en_US")
                ]
                self.assertEqual(said, [russian, english])

    def test_every_word_can_be_spoken(self):
        """Days and weekdays of a year, hours and minutes of a day."""
        for lang in conversation.LANGUAGES:
            for ordinal in range(1, 366):
                day = date.fromordinal(date(2030, 1, 1).toordinal() + ordinal)
                for words in (spoken_words.weekday, spoken_words.date):
                    said = words(day, lang)
                    self.assertEqual(speech.speakable(said), said)
            for minute in range(24 * 60):
                moment = datetime(2030, 1, 1, *divmod(minute, 60))
                said = spoken_words.time(moment, lang)
                self.assertEqual(speech.speakable(said), said)


class TestVariables(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"name": "Добрый доктор", "city": "Москва", "street": "улица Мира, 5"}
        )

    def switch_on(self):
        self.company.reminder_rich_variables = True

    def said(self):
        self.call()
        return self.voicebox.requests[-1]["data"]


@tagged("post_install", "-at_install")
class TestRichVariables(TestVariables):
    def test_off_by_default(self):
        new = self.env["res.company"].create({"name": "New clinic"})
        self.assertFalse(new.reminder_rich_variables)
        self.visit(self.patient())
        self.assertEqual(list(self.said()), ["number", "guid", "name", "visit"])

    def test_switched_off_the_request_is_what_it_was(self):
        sent = []
        with (
            VoiceboxClient("http://127.0.0.1:9/", "x", "y", METHOD) as client,
            patch.object(client, "_post", sent.append),
        ):
            for more in ((), (None,), ({},)):
                client.call("12025550101", "guid", "Анна", "Терапевт", *more)
        self.assertEqual(
            {body.getvalue().decode() for body in sent},
            {
                f'{{"method": "{METHOD}", "data": {{"number": "12025550101", '
                '"guid": "guid", "name": "Анна", "visit": "Терапевт"}}'
            },
        )

    def test_switched_on(self):
        self.switch_on()
        self.visit(self.patient())
        said = self.said()
        self.assertEqual(said["visit"], "Эндоскопист 6 июня 2030 г 12 00")
        self.assertEqual(
            {name: said[name] for name in conversation.RICH},
            {
                "weekday": "в четверг",
                "date": "шестого июня",
                "time": "двенадцать часов",
                "specialist": "к эндоскописту",
                "clinic": "Добрый доктор",
                "address": "Москва улица Мира 5",
            },
        )

    def test_several_visits_of_a_day(self):
        self.switch_on()
        patient = self.patient()
        first = self.visit(patient)
        later = first.start.replace(hour=11, minute=30)
        self.visit(patient, later, specialty="Врач-терапевт")
        said = self.said()
        self.assertEqual(
            said["time"], "двенадцать часов и четырнадцать часов тридцать минут"
        )
        self.assertEqual(said["specialist"], "к эндоскописту и к терапевту")

    def test_specialties(self):
        self.env["clinic.reminder.specialty"].create(
            {"specialty": "Сомнолог", "spoken": "к сомнологу"}
        )
        table = self.env["clinic.reminder.specialty"]
        for specialty, lang, said in (
            ("Терапевт", "ru_RU", "к терапевту"),
            (" врач-КАРДИОЛОГ", "ru_RU", "к кардиологу"),
            ("Акушер-гинеколог", "ru_RU", "к акушеру гинекологу"),
            ("Сомнолог", "ru_RU", "к сомнологу"),
            ("Семейный врач", "ru_RU", "к семейному врачу"),
            ("Врач", "ru_RU", "к специалисту: Врач"),
            ("УЗИ", "ru_RU", "к специалисту: УЗИ"),
            ("Терапевт", "en_US", "with the specialist: Терапевт"),
            ("", "ru_RU", ""),
        ):
            with self.subTest(specialty=specialty, lang=lang):
                self.assertEqual(table._to_whom(specialty, self.company, lang), said)

    def test_every_shipped_form_can_be_spoken(self):
        shipped = self.env["clinic.reminder.specialty"].search([])
        self.assertGreater(len(shipped), 60)
        for row in shipped:
            self.assertEqual(speech.speakable(row.spoken), row.spoken)

    def test_what_may_not_be_said_is_not(self):
        self.switch_on()
        self.env["clinic.reminder.wording"].create(
            {"specialty": "Эндоскопист", "rule": "neutral", "spoken": "Прием"}
        )
        event = self.visit(self.patient())
        self.assertIn("вы записаны на прием в четверг", event.reminder_preview)
        said = self.said()
        self.assertEqual(said["specialist"], "")
        self.assertNotIn("ндоскопист", str(said))

    def test_a_branch_speaks_as_its_campaign_does(self):
        self.switch_on()
        branch = self.env["res.company"].create(
            {"name": "Филиал", "parent_id": self.company.id}
        )
        branch.reminder_rich_variables = False
        self.assertTrue(branch._reminder_example_rich("ru_RU"))

    def test_the_preview_is_what_is_heard(self):
        event = self.visit(self.patient())
        self.assertIn("вы записаны на прием: Эндоскопист", event.reminder_preview)
        self.switch_on()
        event.invalidate_recordset()
        self.assertEqual(event.reminder_preview, RICH_QUESTION)


@tagged("post_install", "-at_install")
class TestConversation(TestVariables):
    def heard(self, **vals):
        wizard = self.env["clinic.reminder.conversation"]
        wizard = wizard.with_user(self.desk).with_context(lang="en_US")
        return wizard.create(vals).conversation

    def turns(self, turn):
        yield turn
        for following in turn["then"]:
            yield from self.turns(following)

    def test_of_a_visit(self):
        self.switch_on()
        event = self.visit(self.patient())
        conversation = self.heard(event_id=event.id)
        self.assertEqual(conversation["lang"], "ru-RU")
        self.assertEqual(conversation["says"], [GREETING, RICH_QUESTION])
        self.assertEqual(conversation["says"][1], event.reminder_preview)

    def test_every_way_ends(self):
        """Each branch of the contract, to its end."""
        conversation = self.heard(event_id=self.visit(self.patient()).id)
        branches = [turn["heard"] for turn in conversation["then"]]
        self.assertEqual(
            branches,
            [
                "“Yes”",
                "“No”",
                "“Another time”",
                "“A person, please”",
                "Nothing, or something unclear",
                "The patient hangs up in the middle",
                "Nobody picks up, or a machine does",
            ],
        )
        for turn in self.turns(conversation):
            self.assertNotEqual(bool(turn["outcome"]), bool(turn["then"]), turn)
        outcomes = {turn["outcome"] for turn in self.turns(conversation)}
        self.assertIn("The robot calls again. Calls in all, at most: 3.", outcomes)

    def test_in_the_patient_s_language(self):
        patient = self.patient("John Smith", reminder_lang="en_US")
        conversation = self.heard(event_id=self.visit(patient).id)
        self.assertEqual(conversation["lang"], "en-US")
        self.assertIn("John Smith, you have a visit:", conversation["says"][1])

    def test_the_settings_example(self):
        for lang, words in (("ru_RU", "Эндоскопист"), ("en_US", "Endoscopist")):
            conversation = self.heard(lang=lang)
            self.assertIn(words, conversation["says"][1])

    def test_of_no_visit_that_is_called_about(self):
        event = self.visit(self.patient(), allday=True)
        self.assertFalse(self.heard(event_id=event.id))

    def test_the_guide_shows_both_scenarios(self):
        guide = self.env["voicebox.scenario.guide"].with_user(self.admin).new({})
        self.assertIn(GREETING, guide.script_plain)
        self.assertIn("{{name}}, вы записаны на прием: {{visit}}.", guide.script_plain)
        self.assertNotIn("{{clinic}}", guide.script_plain)
        for name in ("name", *conversation.RICH):
            self.assertIn(f"{{{{{name}}}}}", guide.script_rich)
        for script in (guide.script_plain, guide.script_rich):
            self.assertEqual(script.count("<tr>"), 7)
            self.assertIn("робот", script.partition("</tr>")[0])

    def test_a_test_call_sends_what_the_scenario_needs(self):
        self.switch_on()
        wizard = self.env["voicebox.test.call"].with_user(self.admin)
        call = wizard.create({"number": "+1 202 555 0150"})
        with self.crons():
            call.action_call()
        (request,) = self.voicebox.requests
        self.assertEqual(request["data"]["specialist"], "к эндоскописту")
