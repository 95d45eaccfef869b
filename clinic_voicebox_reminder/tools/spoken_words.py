"""A visit's day and time in words that a voice reads without stumbling. Pure.

Richer scenarios make their own sentence of these. Russian and English; every other
language is spoken in Russian, as in :mod:`speech`.
"""

from babel import Locale

RUSSIAN, ENGLISH = "ru", "en"

_UNITS = {
    RUSSIAN: "ноль один два три четыре пять шесть семь восемь девять десять "
    "одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать "
    "семнадцать восемнадцать девятнадцать".split(),
    ENGLISH: "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
}
_TENS = {
    RUSSIAN: {20: "двадцать", 30: "тридцать", 40: "сорок", 50: "пятьдесят"},
    ENGLISH: {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"},
}
_FEMININE = {"один": "одна", "два": "две"}
# genitive, as a date is said: "пятого июня"
_ORDINALS = {
    RUSSIAN: "первого второго третьего четвертого пятого шестого седьмого восьмого "
    "девятого десятого одиннадцатого двенадцатого тринадцатого четырнадцатого "
    "пятнадцатого шестнадцатого семнадцатого восемнадцатого девятнадцатого "
    "двадцатого".split(),
    ENGLISH: "first second third fourth fifth sixth seventh eighth ninth tenth "
    "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth".split(),
}
_THIRTIETH = {RUSSIAN: "тридцатого", ENGLISH: "thirtieth"}
# accusative, with the preposition that each of them has
_WEEKDAYS = {
    RUSSIAN: (
        "в понедельник",
        "во вторник",
        "в среду",
        "в четверг",
        "в пятницу",
        "в субботу",
        "в воскресенье",
    ),
    ENGLISH: (
        "on Monday",
        "on Tuesday",
        "on Wednesday",
        "on Thursday",
        "on Friday",
        "on Saturday",
        "on Sunday",
    ),
}
_HOURS = {"one": "час", "few": "часа", "many": "часов"}
_MINUTES = {"one": "минута", "few": "минуты", "many": "минут"}
_PLURAL = Locale(RUSSIAN).plural_form


def language(lang):
    """The language that is spoken for an Odoo language code."""
    return ENGLISH if (lang or "").startswith(ENGLISH) else RUSSIAN


def weekday(day, lang):
    """ "в среду", "on Wednesday" """
    return _WEEKDAYS[language(lang)][day.weekday()]


def date(day, lang):
    """ "пятого июня", "the fifth of June" """
    spoken = language(lang)
    month = Locale(spoken).months["format"]["wide"][day.month]
    ordinal = _ordinal(day.day, spoken)
    return f"{ordinal} {month}" if spoken == RUSSIAN else f"the {ordinal} of {month}"


def time(moment, lang):
    """ "одиннадцать часов тридцать минут", "eleven thirty AM"

    :param moment: anything with an hour and a minute, on the clinic's wall clock
    """
    if language(lang) == ENGLISH:
        return _english_time(moment.hour, moment.minute)
    hours = f"{_number(moment.hour, RUSSIAN)} {_HOURS[_PLURAL(moment.hour)]}"
    if not moment.minute:
        return hours
    *tens, last = _number(moment.minute, RUSSIAN).split()
    minutes = " ".join([*tens, _FEMININE.get(last, last)])
    return f"{hours} {minutes} {_MINUTES[_PLURAL(moment.minute)]}"


def _english_time(hour, minute):
    words = [_number(hour % 12 or 12, ENGLISH)]
    if minute:
        words += ["oh"] if minute < 10 else []
        words.append(_number(minute, ENGLISH))
    return " ".join([*words, "AM" if hour < 12 else "PM"])


def _number(number, spoken):
    """A number below 60 in words."""
    if number < 20:
        return _UNITS[spoken][number]
    tens = _TENS[spoken][number - number % 10]
    return f"{tens} {_UNITS[spoken][number % 10]}" if number % 10 else tens


def _ordinal(number, spoken):
    """A day of the month in words."""
    if number <= 20:
        return _ORDINALS[spoken][number - 1]
    if number == 30:
        return _THIRTIETH[spoken]
    tens = _TENS[spoken][number - number % 10]
    return f"{tens} {_ORDINALS[spoken][number % 10 - 1]}"
