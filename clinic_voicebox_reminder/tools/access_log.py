"""The access log without what may stand behind the callback's path: secret, number."""

import logging
import re


class _SecretFilter(logging.Filter):
    def __init__(self, folder):
        super().__init__()
        anywhere = re.escape(folder).replace("/", "/+")
        name = r"(?!static/)[^/?#;\s]*(?=[/?#;])"
        self._secret = re.compile(rf"({anywhere}/+{name})\S+", re.IGNORECASE)

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(map(self._hidden, record.args))
        return True

    def _hidden(self, value):
        return self._secret.sub(r"\1/***", value) if isinstance(value, str) else value


def hide_secrets(path):
    """Blank out what follows this path in the lines of Odoo's own HTTP server.

    So it is for the paths beside it: the callback's may be mistyped, or spelt in
    percent signs.
    """
    folder = path.rpartition("/")[0]
    logging.getLogger("werkzeug").addFilter(_SecretFilter(folder))
