"""The guides for people, `docs/<language>/*.md`, as pages that Odoo serves.

The addon shows them from its own folder, so that a clinic without the Internet has
them, and each version of the addon its own. `script/readme` writes them, and
`script/screenshots --publish` puts their pictures beside them.
"""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

import restructured
from ground import ADDON, ROOT

DOCS = ROOT / "docs"
SERVED = ROOT / ADDON / "static" / "guides"
TEMPLATES = ROOT / "script" / "templates"
# the guides' folders, and the languages of their pictures
LANGUAGES = {"en": "en_US", "ru": "ru_RU"}
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
TABLE = (r"<table>", '<div class="table"><table>'), (r"</table>", "</table></div>")


def guides():
    """The guides' Markdown files, by language."""
    return {lang: sorted((DOCS / lang).glob("*.md")) for lang in LANGUAGES}


def pictures():
    """Where each picture of the guides stands: (language of the picture, path)."""
    return sorted(
        {
            (LANGUAGES[lang], (path.parent / name).resolve())
            for lang, paths in guides().items()
            for path in paths
            for name in PICTURE.findall(path.read_text())
        }
    )


def served_files():
    """The pages that Odoo serves: text by path."""
    return {
        SERVED / lang / f"{path.stem}.html": page(lang, path)
        for lang, paths in guides().items()
        for path in paths
    }


def page(lang, path):
    text = path.read_text()
    body = restructured.parser().render(text).strip()
    for plain, dressed in TABLE:
        body = re.sub(plain, dressed, body)
    body = re.sub(r'src="[^"]*/([^"/]+)"', r'src="\1"', body)
    body = re.sub(r'href="([\w/]+)\.md"', r'href="\1.html"', body)
    template = Environment(loader=FileSystemLoader(TEMPLATES)).get_template(
        "guide.html.jinja"
    )
    title = text.splitlines()[0].removeprefix("# ")
    return template.render(lang=lang, title=title, body=body).strip() + "\n"


def write_all():
    """Write what has changed; return its paths."""
    written = []
    for path, text in served_files().items():
        if not path.exists() or path.read_text() != text:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            written.append(path)
    return written
