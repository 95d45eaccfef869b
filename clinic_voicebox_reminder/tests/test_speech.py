import random
import re
import unicodedata
from datetime import datetime, timedelta, timezone

from odoo.tests import BaseCase, tagged

from ..tools.speech import join_visits, pronounce, speakable, spoken_name, spoken_visit

ALLOWED = re.compile(r"(?! )[ :0-9A-Za-zА-Яа-я]*(?<! )")

SPEAKABLE = [
    # written, spoken
    (None, ""),
    (False, ""),
    ("", ""),
    (" \t\n ", ""),
    ("Эндоскопист 4 июня 2022 г 11 30", "Эндоскопист 4 июня 2022 г 11 30"),
    ("11:30", "11:30"),
    ("Ёжик, ещё!", "Ежик еще"),
    ("  два   пробела  ", "два пробела"),
    ("строка\nи\tтабуляция\u00a0и неразрывный", "строка и табуляция и неразрывный"),
    ("врач-терапевт (взрослый)", "врач терапевт взрослый"),
    ("«ЛОР»", "ЛОР"),
    ("Анна_Мария", "Анна Мария"),
    ("и\u0306од", "йод"),
    ("И\u0306од", "Йод"),
    ("е\u0308лка и Е\u0308лка", "елка и Елка"),
    ("за\u0301мок", "замок"),
    ("Эндо\u00adскопист", "Эндоскопист"),
    ("\ufeffврач", "врач"),
    ("José Müller", "Jose Muller"),
    ("кабинет №5", "кабинет 5"),
    ("½ часа", "часа"),
    ("9³⁰", "9"),
    ("５ １", ""),
    ("приём 😀 врача", "прием врача"),
    ("Наталія", "Натал я"),
    ("Ԙ ѣ ӯ", "у"),
    ("\ud800 битый", "битый"),
    ("А\x00Б", "А Б"),
    ("<b>врач</b>", "b врач b"),
    ("٣", ""),
]

NAMES = [
    # as written, as addressed
    # surname first
    ("Иванова Анна Петровна", "Анна Петровна"),
    ("Сергеева Валерия Сергеевна", "Валерия Сергеевна"),
    ("Чайковский Петр Ильич", "Петр Ильич"),
    ("Климова Ольга Ильинична", "Ольга Ильинична"),
    ("Громова Софья Кузьминична", "Софья Кузьминична"),
    ("Белов Никита Кузьмич", "Никита Кузьмич"),
    ("Орлов Савва Фомич", "Савва Фомич"),
    ("Соловьёв Артём Львович", "Артем Львович"),
    ("Фёдорова Алёна Семёновна", "Алена Семеновна"),
    ("Редкий Джумабек Аркадьевич", "Джумабек Аркадьевич"),
    ("Мартин Джумабек Аркадьевич", "Джумабек Аркадьевич"),
    # surname last
    ("Анна Петровна Иванова", "Анна Петровна"),
    ("Петр Ильич Чайковский", "Петр Ильич"),
    ("Мария Петровна Гарсиа Лопес", "Мария Петровна"),
    # no surname
    ("Валерия Сергеевна", "Валерия Сергеевна"),
    ("Пётр Ильич", "Петр Ильич"),
    ("Петровна Анна", "Анна Петровна"),
    # surnames that look like patronymics
    ("Абрамович Роман Аркадьевич", "Роман Аркадьевич"),
    ("Рабинович Петр Иванович", "Петр Иванович"),
    ("Петр Иванович Рабинович", "Петр Иванович"),
    ("Иванович Мария Петровна", "Мария Петровна"),
    ("Мария Петровна Иванович", "Мария Петровна"),
    ("Петровна Анна Ивановна", "Анна Ивановна"),
    ("Мария Рабинович Петровна", "Мария Петровна"),
    ("Бабич Иван Кузьмич", "Иван Кузьмич"),
    ("Иван Кузьмич Бабич", "Иван Кузьмич"),
    ("Иванович Пётр", "Петр"),
    ("Рабинович Дарья", "Дарья"),
    ("Роман Абрамович", "Роман Абрамович"),
    ("Рабинович Абрамович", "Рабинович Абрамович"),
    ("Петровна", "Петровна"),
    # hyphens
    ("Анна-Мария Петровна", "Анна Мария Петровна"),
    ("Кузнецова Анна-Мария Петровна", "Анна Мария Петровна"),
    ("Римский-Корсаков Николай Андреевич", "Николай Андреевич"),
    ("Николай Андреевич Римский-Корсаков", "Николай Андреевич"),
    ("Римский‑Корсаков Николай", "Николай"),
    ("Анна-Мария Иванова", "Анна Мария"),
    ("Иванова - Петрова Анна Сергеевна", "Анна Сергеевна"),
    # sons and daughters
    ("Мамедов Рашид Али оглы", "Рашид Али оглы"),
    ("Рашид Али оглы Мамедов", "Рашид Али оглы"),
    ("АЛИЕВА ЛЕЙЛА МАМЕД КЫЗЫ", "Лейла Мамед кызы"),
    ("Алиев Эльдар Ибрагим-оглы", "Эльдар Ибрагим оглы"),
    ("Нурланов Серик Абайулы", "Серик Абайулы"),
    ("Серик Абай улы Нурланов", "Серик Абай улы"),
    # no patronymic
    ("Иванова Анна", "Анна"),
    ("Анна Иванова", "Анна"),
    ("Алёна Соловьёва", "Алена"),
    ("Марк Роман", "Марк Роман"),
    ("Иванова Анна Мария", "Анна Мария"),
    ("Цой Джумабек", "Цой Джумабек"),
    ("Анна", "Анна"),
    ("Иванова", "Иванова"),
    # initials
    ("Иванов И. И.", "Иванов И И"),
    ("Иванов И.И.", "Иванов И И"),
    ("И. И. Иванов", "И И Иванов"),
    ("Иванов И. Петрович", "Иванов И Петрович"),
    ("Петрова Анна С.", "Анна"),
    # capitals, spaces, additions
    ("ИВАНОВА АННА ПЕТРОВНА", "Анна Петровна"),
    ("иванова анна петровна", "Анна Петровна"),
    ("АННА-МАРИЯ ПЕТРОВНА", "Анна Мария Петровна"),
    ("Иванова АННА Петровна", "Анна Петровна"),
    ("  Иванова \t Анна\u00a0Петровна ", "Анна Петровна"),
    ("Иванова Анна Петровна (мама)", "Анна Петровна"),
    ("Иванова (Сидорова) Анна Петровна", "Анна Петровна"),
    ("Иванова Анна [VIP] (мама", "Анна"),
    ("Иванова, Анна Петровна;", "Анна Петровна"),
    ("Г-жа Иванова Анна Петровна", "Анна Петровна"),
    ("д-р Цой Джумабек", "Цой Джумабек"),
    ("проф. Орлов", "Орлов"),
    ("Орлов Иван Петрович, 1980 г.р.", "Иван Петрович"),
    ("О'Коннор Анна Петровна", "Анна Петровна"),
    # Unicode
    ("Орлов Андрей\u0306 Андреевич", "Андрей Андреевич"),
    ("Ле\u0301вин Пётр Ильич", "Петр Ильич"),
    ("Е\u0308лкин Сергей", "Сергей"),
    # Latin
    ("John Smith", "John Smith"),
    ("JOHN SMITH", "John Smith"),
    ("john smith", "John Smith"),
    ("Ivan Petrovich Sidorov", "Ivan Petrovich Sidorov"),
    ("Dr. John McDonald (son)", "John McDonald"),
    ("Smith, John", "Smith John"),
    ("José O’Neil", "Jose O Neil"),
    # nothing to say
    (None, ""),
    (False, ""),
    ("", ""),
    ("   ", ""),
    ("(мама)", ""),
    ("?!", ""),
    ("王伟", ""),
]

COMPANIES = [
    ('ООО "Ромашка"', "ООО Ромашка"),
    ("Иванова Анна Петровна", "Иванова Анна Петровна"),
    ("ACME (Medical) Ltd.", "ACME Medical Ltd"),
    (False, ""),
]

RUSSIAN_VISITS = [
    # specialty, local start, spoken
    ("Эндоскопист", (2022, 6, 4, 11, 30), "Эндоскопист 4 июня 2022 г 11 30"),
    ("Терапевт", (2022, 1, 31, 9, 0), "Терапевт 31 января 2022 г 9 00"),
    ("Терапевт", (2022, 2, 1, 9, 5), "Терапевт 1 февраля 2022 г 9 05"),
    ("Терапевт", (2022, 3, 8, 0, 0), "Терапевт 8 марта 2022 г 0 00"),
    ("Терапевт", (2022, 4, 30, 23, 59), "Терапевт 30 апреля 2022 г 23 59"),
    ("Терапевт", (2022, 5, 9, 10, 10), "Терапевт 9 мая 2022 г 10 10"),
    ("Терапевт", (2022, 7, 4, 20, 0), "Терапевт 4 июля 2022 г 20 00"),
    ("Терапевт", (2022, 8, 4, 8, 1), "Терапевт 4 августа 2022 г 8 01"),
    ("Терапевт", (2022, 9, 4, 12, 0), "Терапевт 4 сентября 2022 г 12 00"),
    ("Терапевт", (2022, 10, 4, 1, 0), "Терапевт 4 октября 2022 г 1 00"),
    ("Терапевт", (2022, 11, 4, 13, 45), "Терапевт 4 ноября 2022 г 13 45"),
    ("Терапевт", (2024, 2, 29, 7, 7), "Терапевт 29 февраля 2024 г 7 07"),
    ("Терапевт", (2022, 12, 31, 23, 0), "Терапевт 31 декабря 2022 г 23 00"),
    ("Врач-акушёр (УЗИ)", (2022, 6, 4, 9, 0), "Врач акушер УЗИ 4 июня 2022 г 9 00"),
    ("", (2022, 6, 4, 11, 30), "4 июня 2022 г 11 30"),
    (False, (2022, 6, 4, 11, 30), "4 июня 2022 г 11 30"),
]

LANGUAGES = [
    # language, of 4 March 2022 at 15:05
    ("ru_RU", "4 марта 2022 г 15 05"),
    ("ru", "4 марта 2022 г 15 05"),
    ("ru-RU", "4 марта 2022 г 15 05"),
    ("en_US", "4 March 2022 at 3 05 PM"),
    ("en", "4 March 2022 at 3 05 PM"),
    ("fr_FR", "4 mars 2022 15 05"),
    ("de_DE", "4 Marz 2022 15 05"),
    ("es_419", "4 marzo 2022 15 05"),
    # months the robot can't speak, and codes nobody knows
    ("uk_UA", "4 марта 2022 г 15 05"),
    ("kk_KZ", "4 марта 2022 г 15 05"),
    ("zh_CN", "4 марта 2022 г 15 05"),
    ("ar_001", "4 марта 2022 г 15 05"),
    ("sr@latin", "4 марта 2022 г 15 05"),
    ("xx_YY", "4 марта 2022 г 15 05"),
    ("not a language", "4 марта 2022 г 15 05"),
    ("", "4 марта 2022 г 15 05"),
    (False, "4 марта 2022 г 15 05"),
]


@tagged("post_install", "-at_install")
class TestSpeakable(BaseCase):
    def test_table(self):
        for written, spoken in SPEAKABLE:
            with self.subTest(written=written):
                self.assertEqual(speakable(written), spoken)

    def test_safe_text_stays_as_it_is(self):
        russian = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
        latin = "abcdefghijklmnopqrstuvwxyz"
        text = f"{russian}{russian.upper()} {latin}{latin.upper()} 0123456789:"
        self.assertEqual(speakable(text), text)

    def test_every_character_of_two_planes_is_made_safe(self):
        for code in range(0x20000):
            spoken = speakable(f"а{chr(code)}б")
            if not ALLOWED.fullmatch(spoken) or "  " in spoken:
                self.fail(f"U+{code:04X} gives {spoken!r}")

    def test_random_texts_are_made_safe_once_and_for_all(self):
        rng = random.Random(11)
        alphabet = "аАёЁй zZ09:-.,№«»é\u0301\u0306\u0308\u200b\u00a0\n😀і"
        for _each in range(2000):
            text = "".join(rng.choices(alphabet, k=rng.randrange(30)))
            spoken = speakable(text)
            self.assertRegex(spoken, rf"\A{ALLOWED.pattern}\Z")
            self.assertNotIn("  ", spoken)
            self.assertEqual(speakable(spoken), spoken)
            self.assertEqual(speakable(unicodedata.normalize("NFD", text)), spoken)


@tagged("post_install", "-at_install")
class TestSpokenName(BaseCase):
    def test_people(self):
        for written, spoken in NAMES:
            with self.subTest(written=written):
                self.assertEqual(spoken_name(written), spoken)

    def test_companies(self):
        for written, spoken in COMPANIES:
            with self.subTest(written=written):
                self.assertEqual(spoken_name(written, is_company=True), spoken)

    def test_order_and_capitals_make_no_difference(self):
        for surname, given, patronymic in [
            ("Иванова", "Анна", "Петровна"),
            ("Рабинович", "Пётр", "Иванович"),
            ("Римский-Корсаков", "Николай", "Андреевич"),
            ("Иванович", "Мария", "Никитична"),
        ]:
            for order in (
                f"{surname} {given} {patronymic}",
                f"{given} {patronymic} {surname}",
            ):
                for written in (order, order.upper(), order.lower()):
                    with self.subTest(written=written):
                        self.assertEqual(
                            spoken_name(written), speakable(f"{given} {patronymic}")
                        )

    def test_random_names_are_speakable(self):
        rng = random.Random(7)
        parts = "Анна Иванович Петровна оглы И. (мама) - ' John д-р , Ёлкин ALL 5 é"
        for _each in range(2000):
            name = " ".join(rng.choices(parts.split(), k=rng.randrange(6)))
            self.assertRegex(spoken_name(name), rf"\A{ALLOWED.pattern}\Z", name)


@tagged("post_install", "-at_install")
class TestSpokenVisit(BaseCase):
    def test_russian(self):
        for specialty, start, spoken in RUSSIAN_VISITS:
            with self.subTest(spoken=spoken):
                self.assertEqual(spoken_visit(specialty, datetime(*start)), spoken)

    def test_languages(self):
        for lang, spoken in LANGUAGES:
            with self.subTest(lang=lang):
                start = datetime(2022, 3, 4, 15, 5)
                self.assertEqual(spoken_visit("", start, lang), spoken)

    def test_english_hours(self):
        for hour, spoken in [(0, "12 00 AM"), (9, "9 00 AM"), (12, "12 00 PM")]:
            start = datetime(2022, 6, 4, hour)
            self.assertEqual(
                spoken_visit("Dentist", start, "en_US"),
                f"Dentist 4 June 2022 at {spoken}",
            )

    def test_local_time_is_not_converted(self):
        for hours in (-11, 0, 3, 14):
            zone = timezone(timedelta(hours=hours))
            start = datetime(2022, 6, 4, 23, 30, tzinfo=zone)
            self.assertEqual(spoken_visit("", start), "4 июня 2022 г 23 30")

    def test_seconds_are_not_spoken(self):
        start = datetime(2022, 6, 4, 11, 30, 59, 999999)
        self.assertEqual(spoken_visit("", start), "4 июня 2022 г 11 30")

    def test_every_month_of_every_language_is_speakable(self):
        for lang in ("ru_RU", "en_GB", "fr_FR", "cs_CZ", "tr_TR", "he_IL", "hi_IN"):
            for month in range(1, 13):
                text = spoken_visit("Ё", datetime(2022, month, 1, 5, 7), lang)
                self.assertRegex(text, rf"\AЕ {ALLOWED.pattern}\Z")
                self.assertRegex(text, r" [А-Яа-яA-Za-z]{3,} ")


@tagged("post_install", "-at_install")
class TestJoinVisits(BaseCase):
    therapist = "Терапевт 4 июня 2022 г 9 00"
    endoscopist = "Эндоскопист 4 июня 2022 г 11 30"

    def test_numbers_of_visits(self):
        for texts, joined in [
            ([], ""),
            (["", False], ""),
            ([self.therapist], self.therapist),
            (
                [self.therapist, self.endoscopist],
                "Терапевт 4 июня 2022 г 9 00 и Эндоскопист 4 июня 2022 г 11 30",
            ),
            (["А", "Б", "В"], "А и Б и В"),
            (["А", "", "В"], "А и В"),
            (["{0}", "Ё, {x}"], "0 и Е x"),
        ]:
            with self.subTest(texts=texts):
                self.assertEqual(join_visits(texts, "ru_RU"), joined)

    def test_languages(self):
        for lang, joined in [
            ("en_US", "A and B and C"),
            ("de_DE", "A und B und C"),
            ("ja_JP", "A и B и C"),
            ("xx", "A и B и C"),
            (None, "A и B и C"),
        ]:
            with self.subTest(lang=lang):
                self.assertEqual(join_visits(["A", "B", "C"], lang), joined)


@tagged("post_install", "-at_install")
class TestPronounce(BaseCase):
    def test_table(self):
        table = {
            "УЗИ": "узи",
            "УЗИ-диагностика": "ультразвуковая диагностика",
            "ЛОР": "лор врач",
            "к.м.н.": "кандидат наук",
            "врач общей практики": "семейный врач",
            "ёж": r"\1 еж",
            "тихо": "",
            "": "никогда",
        }
        for written, spoken in [
            ("УЗИ", "узи"),
            ("узи и Узи", "узи и узи"),
            ("УЗИст", "УЗИст"),
            ("послеУЗИ", "послеУЗИ"),
            ("УЗИ-диагностика", "ультразвуковая диагностика"),
            ("УЗИ-кабинет", "узи-кабинет"),
            ("(ЛОР)", "(лор врач)"),
            ("Иванов, К.М.Н.", "Иванов, кандидат наук"),
            ("Врач  общей\nпрактики", "семейный врач"),
            ("Ёж, еж и е\u0308ж", r"\1 еж, \1 еж и \1 еж"),
            ("тихо", ""),
            ("", ""),
            (None, ""),
            ("Терапевт", "Терапевт"),
        ]:
            with self.subTest(written=written):
                self.assertEqual(pronounce(written, table), spoken)

    def test_replacements_are_not_replaced_again(self):
        self.assertEqual(pronounce("a b", {"a": "b", "b": "a"}), "b a")

    def test_empty_table(self):
        self.assertEqual(pronounce("УЗИ", {}), "УЗИ")
        self.assertEqual(pronounce("УЗИ", {" ": "x"}), "УЗИ")
