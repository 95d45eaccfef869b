"""The access log without what may stand behind the callback's path: secret, number."""

import logging
import re


class _SecretFilter(logging.Filter):
    def __init__(self, path):
        super().__init__()
        anywhere = re.escape(path).replace("/", "/+")
        self._secret = re.compile(rf"({anywhere})[/?]\S+")

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(map(self._hidden, record.args))
        return True

    def _hidden(self, value):
        return self._secret.sub(r"\1/***", value) if isinstance(value, str) else value


def hide_secrets(path):
    """Blank out what follows this path in the lines of Odoo's own HTTP server."""
    logging.getLogger("werkzeug").addFilter(_SecretFilter(path))
