"""What a callback says, whatever form its body has. Pure functions."""

import json
from urllib.parse import parse_qsl

FIELDS = ("guid", "call_id", "number_b", "response")
LONGEST_VALUE = 200


def parse(body, form=None):
    """The fields of a callback as text, or None if no call can be named with them.

    :param bytes body: JSON or form fields; the content type is not asked
    :param dict form: the fields of a multipart body, which its reader has split
    """
    text = body.decode("utf-8-sig", "replace")
    values = form or _json_values(body) or _json_values(text) or _form_values(text)
    fields = {name: _text(values.get(name)) for name in FIELDS}
    return fields if fields["guid"] or fields["call_id"] else None


def storable(text):
    """The text without what PostgreSQL can't store: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def short(text):
    """One storable value, cut where it would fill the database."""
    return storable(text).strip()[:LONGEST_VALUE]


def _json_values(body):
    """:param body: bytes, which may be UTF-16, or text"""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _form_values(text):
    return dict(parse_qsl(text, keep_blank_values=True))


def _text(value):
    """Text and numbers only: anything nested, true or false is no value.

    Nor is a scenario's variable that was not filled in, as in "{{guid}}".
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = short(str(value))
    return "" if "{{" in text else text
