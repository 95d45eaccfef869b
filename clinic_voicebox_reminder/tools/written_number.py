"""Which number to dial, out of what people write into a phone field. No ORM."""

import re
from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneNumberMatcher,
    is_valid_number,
    parse,
)

from odoo.exceptions import UserError

from odoo.addons.phone_validation.tools.phone_validation import phone_format

# "доб. 12", "внутр. 7", "доб. Anna": behind a number, what no robot can dial
_EXTENSION = re.compile(
    r"""[\s,.;(]*
    (?: (?:доб|доп|внутр|extension|ext) (?![^\W\d]) \.?
      | (?:добав|дополн|внутрен)\w+
      | (?:вн\.|x|\#) [\s.:]*\d
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def first_number(text, region=None):
    """The first number of a text, as it is written there.

    Words beside it do not matter, nor does what stands between several. A number with
    an extension is none for a robot: it leads to a switchboard.

    :param str region: two letters of the country in which it was written
    :return: the number's own text; empty where it has an extension; where none was
        found the whole text, for others to judge
    """
    match = next(iter(PhoneNumberMatcher(text, region)), None)
    if not match:
        return _first_words(text, region)
    has_extension = match.number.extension or _EXTENSION.match(text, match.end)
    return "" if has_extension else match.raw_string


@lru_cache(maxsize=2**15)
def in_e164(text, region=None):
    """The first number of a text in E.164; empty where that is no possible number.

    Kept in memory: it is asked for every visit, and costs more than all the rest.
    """
    number = first_number(text, region)
    if not number:
        return ""
    try:
        return phone_format(number, region, None, force_format="E164")
    except UserError:
        return ""


def _first_words(text, region):
    """Two numbers with nothing but a space between them are none to the matcher."""
    words = text.split()
    for count in range(1, len(words) + 1):
        head = " ".join(words[:count])
        if _is_number(head, region):
            rest = " ".join(words[count:])
            return "" if _EXTENSION.match(rest) else head
    return "" if _EXTENSION.search(text) else text


def _is_number(text, region):
    try:
        return is_valid_number(parse(text, region))
    except NumberParseException:
        return False
