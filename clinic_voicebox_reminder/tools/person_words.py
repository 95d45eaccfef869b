"""A person's name and number in what people type, and what a search makes of them.

No ORM. Letters are compared small and without the dots of ё, numbers by their digits:
`+7`, `8`, blanks, brackets and dashes do not matter.
"""

import re
import unicodedata

SHORTEST_NUMBER = 3  # fewer digits are nobody's number
SHORTEST_TO_DIAL = 5
NATIONAL_DIGITS = 10
TRUNK_PREFIXES = ("0", "8")  # dialled at home, not part of the number

_NAME_WORD = re.compile(r"[^\W\d_]+")
_SEPARATORS = re.compile(r"[\s,;:]+")
_NUMBER = re.compile(r"[+(]?\d[\d\s().+/–—-]*")


def name_words(text):
    """The words of a name, as they are compared."""
    return _NAME_WORD.findall(_plain(text))


def numbers(text):
    """The digits of each number in a text."""
    found = map(_digits, _NUMBER.findall(text or ""))
    return [digits for digits in found if len(digits) >= SHORTEST_NUMBER]


def search_text(name, *phones):
    """What a search looks through: words and numbers, with a blank before each."""
    digits = [digits for phone in phones for digits in numbers(phone)]
    return "".join(f" {part}" for part in [*name_words(name), *dict.fromkeys(digits)])


def number_patterns(digits, country_code):
    """Parts of a search text that tell whose number it is.

    Of a whole number the last ten digits tell, in any country's way of writing it; one
    that is still being typed may begin with a prefix that is dialled at home only.

    :param country_code: the clinic's, 7 for Russia
    """
    if len(digits) >= NATIONAL_DIGITS:
        return [digits[-NATIONAL_DIGITS:]]
    if not digits.startswith(TRUNK_PREFIXES):
        return [digits]
    return [digits, f" {country_code}{digits[1:]}"]


def split(text):
    """(name, phone) of a text such as “Иванова 8 912 345-67-89”, each as written."""
    for match in _NUMBER.finditer(text or ""):
        if len(_digits(match.group())) >= SHORTEST_TO_DIAL:
            name = f"{text[: match.start()]} {text[match.end() :]}"
            return _tidy(name), match.group().strip(" -–—/.")
    return _tidy(text or ""), ""


def _plain(text):
    return unicodedata.normalize("NFKC", text or "").lower().replace("ё", "е")


def _digits(text):
    return "".join(filter(str.isdecimal, text))


def _tidy(name):
    return " ".join(_SEPARATORS.split(name)).strip()
