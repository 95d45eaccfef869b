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
    values = form or _json_values(body) or _form_values(body)
    fields = {name: _text(values.get(name)) for name in FIELDS}
    return fields if fields["guid"] or fields["call_id"] else None


def storable(text):
    """The text without what PostgreSQL can't store: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _json_values(body):
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        try:
            values = json.loads(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return {}
    return values if isinstance(values, dict) else {}


def _form_values(body):
    try:
        return dict(
            parse_qsl(
                body.decode("utf-8", "replace"),
                keep_blank_values=True,
                max_num_fields=100,
            )
        )
    except ValueError:
        return {}


def _text(value):
    """Text and numbers only: anything nested, true or false is no value.

    Nor is a scenario's variable that was not filled in, as in "{{guid}}".
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = storable(str(value)).strip()
    return "" if "{{" in text else text[:LONGEST_VALUE]
