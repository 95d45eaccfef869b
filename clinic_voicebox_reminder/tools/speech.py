"""What the robot will say. Pure functions: no ORM, no clock, no settings.

The voice robot speaks a small set of characters safely; anything else makes it fail
and hand the patient over to the operator. Every text that leaves this module, except
from :func:`pronounce`, consists of those characters only.
"""

import re
import unicodedata
from functools import lru_cache, reduce

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime

_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "".join(map(chr, range(ord("А"), ord("я") + 1)))  # the block has no ё
_SPOKEN = frozenset(" :0123456789" + _LATIN + _RUSSIAN)

_DEFAULT_LANGUAGE = "ru"
_DEFAULT_PATTERN = "d MMMM y H mm"
_PATTERNS = {
    "ru": "d MMMM y 'г' H mm",
    "en": "d MMMM y 'at' h mm a",
}

_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_WORD = re.compile(r"[^\W_]+(?:[-‐‑'’ʼ][^\W_]+)*")
_CYRILLIC = re.compile("[а-я]", re.IGNORECASE)
# Никитична, Ильинична; Нурланулы, Ибрагим-оглы: never a surname
_SURE_PATRONYMIC = re.compile(
    r".+(?:овна|евна|ична)|.{3,}(?:оглы|оглу|огли|кызы|кизи|гызы|улы|уулу)"
)
# Ильич, Аркадьевич; but surnames end so too: Рабинович, Бабич
_LIKELY_PATRONYMIC = re.compile(r".{2,}ич")
_SON_OR_DAUGHTER = frozenset("оглы оглу огли углы угли кызы кизи гызы улы уулу".split())
_TITLES = frozenset(
    "г-жа г-н госпожа господин гр гражданин гражданка д-р доктор др проф профессор "
    "dr miss mr mrs ms prof".split()
)
# Frequent given names of Russia's patients: only to tell a name from a surname where
# there is no patronymic. A name that isn't here costs nothing but a longer address.
_GIVEN_NAMES = frozenset(
    """
    абдул авдей аврам агата аглая агния ада адам аделина адель азамат аида айгуль айдар
    айнур айрат аксинья акулина алан алевтина александр александра алексей алена алеся
    али алина алиса алия алла алсу альберт альбина альфия амина анастасия анатолий
    ангелина андрей анжела анжелика анна антон антонина анфиса ариадна арина аркадий
    арман армен арсен арсений арслан артем артемий артур архип аслан ася афанасий ахмед
    ашот аэлита богдан борис булат вадим валентин валентина валерий валерия варвара
    василий василиса венера вениамин вера вероника виктор виктория виолетта виталий
    виталина влад влада владимир владислав владислава владлен всеволод вячеслав гавриил
    галина гаянэ геннадий георгий герман глафира глеб гоар григорий гузель гульназ
    гульнара гульшат давид дамир дана даниил данил данила дания дарина дарья демид
    демьян денис диана дильшод дина динара дмитрий доминика ева евгений евгения евдокия
    егор екатерина елена елизавета елисей емельян есения ефим ефросинья жанна захар
    зинаида зоя зульфия зухра иван игнат игорь изабелла илларион илона ильдар ильнур
    ильшат илья инга инесса инна иннокентий иосиф ипполит ираида ирина ирма исмаил ия
    камила камиль капитолина карен карина каролина кира кирилл клавдия клара клим
    константин кристина ксения лада лариса лев леонид леонтий леся лиана лидия лилиана
    лилия лина линар лия луиза лука лукерья любовь людмила магомед майя макар максим
    марат маргарита марианна марина мария марк марта мартин марфа марьям марьяна матвей
    махмуд медина мелания мила милана милена милослава мира мирон мирослав мирослава
    михаил мурад муслим мустафа надежда назар назим наида наиль наталия наталья наум
    нелли ника никита никифор николай нина нинель нонна нурлан нурсултан оксана олег
    олеся олимпиада ольга оскар павел патимат паулина петр платон полина прасковья
    прохор рада радик радмила раиса рамзан рамиль расул рафаэль рашид регина ренат
    рената ринат рифат роберт родион роза роман ростислав рубен рузанна рузиль руслан
    руслана рустам рустем сабина савва савелий садык саида салават самвел самира санжар
    светлана святослав севастьян семен серафим серафима сергей слава снежана софия софья
    станислав станислава степан стефания султан таисия тамара тарас татьяна тигран
    тимофей тимур тихон ульяна урсула устинья фаина фарид фарида фаррух фатима федор
    федосья феликс филипп флюра фрол хабиб хасан христина эвелина эдгар эдуард элеонора
    элина элла эльвира эльдар эльмира эльнара эмилия эмиль эмин эмма эрик эрнест юлиан
    юлиана юлий юлия юрий ядвига яков ян яна янина ярослав ярослава
    """.split()
)


def speakable(text):
    """Only what the robot speaks safely: space, colon, digits, Latin letters and the
    Russian ones without ё; single spaces, none at the ends. Nothing gives ``""``.

    A letter loses its diacritic rather than its place (ё → е, é → e), stress marks and
    invisible characters vanish, and everything else becomes a space.
    """
    composed = unicodedata.normalize("NFC", text or "")
    return " ".join("".join(map(_spoken_character, composed)).split())


def _spoken_character(character):
    if character in _SPOKEN:
        return character
    if unicodedata.category(character) in ("Mn", "Cf"):
        return ""
    # canonical only: the compatibility forms would say "No" for №, "1 2" for ½
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in _SPOKEN else " "


def spoken_name(full_name, *, is_company=False):
    """How to address a person: given name and patronymic of a Russian full name in
    either order; else the given name if it is a frequent one; else the whole name.

    The name's own script decides, not a language: Latin names are said as they are
    written, and so are companies. ``""`` if there is nothing to say.
    """
    if is_company:
        return speakable(full_name)
    words = _name_words(full_name or "")
    if any(map(_CYRILLIC.search, words)):
        words = _address(words)
    return speakable(" ".join(words))


def _name_words(full_name):
    """Words in title case, without brackets, titles, punctuation and stress marks.
    "Али оглы" is one of them."""
    text = _BRACKETS.sub(" ", unicodedata.normalize("NFC", full_name))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))
    words = []
    for word in _WORD.findall(text):
        if words and _key(word) in _SON_OR_DAUGHTER:
            words[-1] += f" {word.lower()}"
        elif _key(word) not in _TITLES:
            words.append(_titled(word))
    return words


def _address(words):
    """The words of a Cyrillic full name a person is addressed by."""
    patronymic = _patronymic_index(words)
    if patronymic is None:
        return [word for word in words if _is_given_name(word)] or words
    others = [*reversed(words[:patronymic]), *words[patronymic + 1 :]]
    given = next((w for w in others if not _LIKELY_PATRONYMIC.fullmatch(_key(w))), "")
    if len(given) < 2:  # none, or an initial
        return words
    return [given, words[patronymic]]


def _patronymic_index(words):
    """-ич may be a surname: it is taken only after another word, and the first of two
    (Петр Иванович Рабинович) only if no word is a patronymic for sure."""
    keys = list(map(_key, words))
    sure = [i for i, key in enumerate(keys) if _SURE_PATRONYMIC.fullmatch(key)]
    if sure:
        return sure[-1]
    likely = [i for i, key in enumerate(keys) if _LIKELY_PATRONYMIC.fullmatch(key)]
    return next((i for i in likely if i), None)


def _is_given_name(word):
    return all(part in _GIVEN_NAMES for part in re.split(r"[-‐‑]", _key(word)))


def _key(word):
    return word.lower().replace("ё", "е")


def _titled(word):
    if word.isupper() or word.islower():
        return word.title()
    return word


def spoken_visit(specialty, local_start, lang="ru_RU"):
    """``Эндоскопист 4 июня 2022 г 11 30``, or its like in another language.

    :param local_start: the start as the clinic's wall clock shows it, aware or naive;
        nothing is converted here
    :param lang: an Odoo or Babel language code; one that is unknown, or whose months
        the robot can't speak, gives Russian
    """
    locale = _spoken_locale(lang)
    pattern = _PATTERNS.get(locale.language, _DEFAULT_PATTERN)
    when = format_datetime(local_start, pattern, locale=locale)
    return speakable(f"{specialty or ''} {when}")


def join_visits(texts, lang="ru_RU"):
    """Several visits in one sentence, in the given order: A и B и C."""
    pair = _spoken_locale(lang).list_patterns["standard"]["2"]
    spoken = list(filter(None, map(speakable, texts)))
    return speakable(reduce(pair.format, spoken)) if spoken else ""


@lru_cache(maxsize=64)
def _spoken_locale(lang):
    try:
        locale = Locale.parse((lang or "").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale(_DEFAULT_LANGUAGE)
    months = " ".join(locale.months["format"]["wide"].values())
    # a letter that can't be spoken leaves a space, and the words differ in length
    written, spoken = (list(map(len, t.split())) for t in (months, speakable(months)))
    return locale if written == spoken else Locale(_DEFAULT_LANGUAGE)


def pronounce(text, table):
    """Replace written forms by spoken ones: whole words, any case, е and ё alike, the
    longest form first; what was put in is not looked at again.

    Apply it to the text as people write it, before :func:`speakable`: written forms may
    hold dots and hyphens.

    :param dict table: written form → spoken form
    """
    text = unicodedata.normalize("NFC", text or "")
    spoken = {_table_key(written): said or "" for written, said in table.items()}
    spoken.pop("", None)
    if not spoken:
        return text
    forms = "|".join(map(_form_pattern, sorted(spoken, key=len, reverse=True)))
    pattern = re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda m: spoken.get(_table_key(m[0]), m[0]), text)


def _table_key(written):
    return " ".join(_key(unicodedata.normalize("NFC", written or "")).split())


def _form_pattern(key):
    words = (re.escape(word).replace("е", "[её]") for word in key.split())
    return r"\s+".join(words)
