"""Everything a person reads is there in Russian, and reads as Russian."""

from collections import Counter
from types import SimpleNamespace

from odoo.tests import TransactionCase, tagged

from ..tools.verdict import Verdict
from ..tools.vocabulary import SKIP_REASONS, selection
from .common import ReminderCase
from .translation_files import TranslationFiles

ADDON = "clinic_voicebox_reminder"
# one, two, few, many; and the teens and hundreds that are exceptions to them
NUMBERS = (1, 2, 5, 11, 21, 101)


@tagged("post_install", "-at_install")
class TestTranslationFiles(TranslationFiles, TransactionCase):
    ADDON = ADDON


@tagged("post_install", "-at_install")
class TestRussian(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.registry.clear_all_caches)
        cls.env["res.lang"]._activate_lang("ru_RU")
        addon = cls.env["ir.module.module"].search([("name", "=", ADDON)])
        addon._update_translations("ru_RU", overwrite=True)
        cls.company.write({"reminder_spread": False, "reminder_max_calls": 3})
        cls.russian = cls.explanation.with_context(lang="ru_RU", tz="Europe/Moscow")

    def sentence(self, event, tz="Europe/Moscow"):
        event.invalidate_recordset(["reminder_explanation"])
        return event.with_context(lang="ru_RU", tz=tz).reminder_explanation

    def call_with_result(self, event, result):
        self.call()
        self.callback(result, self.reminder_of(event).attempt_ids.sorted("id")[-1])

    def labels(self, model, name):
        field = self.env[model]._fields[name]
        return dict(field._description_selection(self.russian.env))

    def test_planned(self):
        event = self.visit(self.patient(), self.now.replace(day=8))
        self.assertEqual(
            self.sentence(event), "Робот позвонит 7 июня после 09:00.", "genitive"
        )
        self.assertEqual(
            self.sentence(event, "Asia/Yekaterinburg"),
            "Робот позвонит 7 июня после 11:00.",
            "on the reader's clock",
        )

    def test_from_the_first_call_to_the_last(self):
        event = self.visit(self.patient())
        self.assertEqual(
            self.sentence(event), "Робот позвонит, как только освободится линия."
        )
        self.call_with_result(event, "no_answer")
        self.assertEqual(
            self.sentence(event),
            "Робот звонил один раз (нет ответа), перезвонит сегодня после 11:00.",
        )
        self.later(hours=2)
        self.call_with_result(event, "machine")
        self.assertRegex(
            self.sentence(event),
            r"^Робот звонил дважды \(нет ответа — один раз; автоответчик — один раз\), "
            "перезвонит сегодня после ",
        )
        self.later(hours=3)
        self.call()
        self.assertEqual(self.sentence(event), "Идёт звонок.")
        self.callback("no_answer", self.reminder_of(event).attempt_ids.sorted("id")[-1])
        self.assertEqual(
            self.sentence(event),
            "Робот звонил 3 раза и не дозвонился. Позвоните, пожалуйста.",
        )

    def test_outcomes(self):
        endings = {
            "confirmed": "Робот звонил один раз: пациент придёт.",
            "declined": "Робот звонил один раз: пациент не придёт.",
            "operator": "Робот звонил один раз: пациент просит сотрудника.",
        }
        for ordinal, (result, sentence) in enumerate(endings.items(), 1):
            event = self.visit(self.patient(ordinal=ordinal))
            self.call_with_result(event, result)
            self.assertEqual(self.sentence(event), sentence)

    def test_number_of_calls(self):
        self.assertEqual(
            [self.russian._times(number) for number in range(1, 11)],
            ["один раз", "дважды", "3 раза", "4 раза"]
            + [f"{number} раз" for number in range(5, 11)],
        )

    def test_numbers_in_sentences(self):
        """Calls and hours of each plural form, in both languages."""
        for lang, times, hour, hours in (
            (
                "ru_RU",
                ["один раз", "дважды", "5 раз", "11 раз", "21 раз", "101 раз"],
                "Робот не звонит: запись сделана менее чем за час до визита.",
                "Робот не звонит: запись сделана менее чем за %s ч до визита.",
            ),
            (
                "en_US",
                ["once", "twice", "5 times", "11 times", "21 times", "101 times"],
                "Not called: booked less than an hour before the visit.",
                "Not called: booked less than %s hours before the visit.",
            ),
        ):
            said = self.explanation.with_context(lang=lang)
            self.assertEqual([said._times(number) for number in NUMBERS], times)
            late = [
                said._sentence(Verdict.never("late_booking", hours=number))
                for number in NUMBERS
            ]
            self.assertEqual(late, [hour, *(hours % n for n in NUMBERS[1:])])

    def test_counts_agree_with_any_number(self):
        came = Counter(applied=88, repeated=1, stale=21)
        figures = SimpleNamespace(dispositions=came, tallies={})
        health = self.env["clinic.reminder.health"].with_context(lang="ru_RU")
        self.assertEqual(
            health._callbacks(figures).sentence,
            "За последние 7 дней — учтено: 88, повторных: 1, устаревших: 21.",
        )

    def test_every_reason_ends_the_sentence(self):
        """Russian small letters after the colon; only Voicebox's name is Latin."""
        for reason, _label in selection(SKIP_REASONS):
            sentence = self.russian._sentence(Verdict.never(reason))
            self.assertRegex(
                sentence.replace("Voicebox", ""),
                "^Робот не звонит: [а-яё][А-Яа-яё «»,-]+[.]$",
            )

    def test_some_reasons(self):
        reasons = {
            "cancelled": "Робот не звонит: визит отменён.",
            "today": "Робот не звонит: визит уже сегодня.",
            "no_phone": "Робот не звонит: нет номера телефона.",
            "rejected": "Робот не звонит: отклонено Voicebox.",
            "disabled": "Робот не звонит: звонки-напоминания отключены.",
            "do_not_call": "Робот не звонит: стоит отметка «Без звонков-напоминаний».",
        }
        for reason, sentence in reasons.items():
            never = Verdict.never(reason)
            self.assertEqual(self.russian._sentence(never), sentence)

    def test_reasons_with_numbers_and_days(self):
        self.company.reminder_late_booking = 48
        self.assertEqual(
            self.sentence(self.visit(self.patient())),
            "Робот не звонит: запись сделана менее чем за 48 ч до визита.",
        )
        muted = self.patient(ordinal=2, reminder_mute_until="2030-06-12")
        self.company.reminder_late_booking = 0
        self.assertEqual(
            self.sentence(self.visit(muted)),
            "Робот не звонит: звонки отложены до 12 июня.",
        )

    def test_statuses(self):
        self.assertEqual(
            self.labels("calendar.event", "visit_status"),
            {
                "booked": "Записан",
                "confirmed": "Подтверждён",
                "not_confirmed": "Не подтверждён",
                "reschedule": "На перенос",
                "cancelled": "Отменён",
                "done": "Завершён",
                "no_show": "Неявка",
            },
        )

    def test_every_result_fits_into_a_sentence(self):
        """In small letters: it may not begin with a name."""
        for label in self.labels("clinic.reminder.attempt", "result").values():
            self.assertRegex(label, "^[А-ЯЁ][а-яё]+( |$)")

    def test_reason_and_to_do_in_the_language_of_the_front_desk(self):
        front_desk = self.env.ref(f"{ADDON}.group_user")
        self.specialist.write({"lang": "ru_RU", "group_ids": [(4, front_desk.id)]})
        event = self.visit(self.patient())
        self.call_with_result(event, "operator")
        reasons = {
            "ru_RU": "звонок-напоминание: просит сотрудника",
            "en_US": "reminder call: asked for a person",
        }
        for lang, reason in reasons.items():
            said = event.with_context(lang=lang).visit_status_reason
            self.assertEqual(said, reason)
        self.assertEqual(
            self.reminder_of(event).activity_ids.summary, "Позвонить пациенту"
        )
