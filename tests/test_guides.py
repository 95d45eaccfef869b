"""The guides for people: they name what is there, show it, and are served as such."""

import re

import polib
import pytest

import guides
from ground import ADDON, ROOT
from screenshot_pages import PAGES
from screenshots import LARGEST_OF_GUIDES

NAME = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
LINK = re.compile(r"\]\(([^)#]+)\)")
TOPICS = {"administrator", "front_desk", "manager"}
I18N = ROOT / ADDON / "i18n"

each_guide = pytest.mark.parametrize(
    ("lang", "path"),
    [(lang, path) for lang, paths in guides.guides().items() for path in paths],
    ids=lambda value: getattr(value, "stem", value),
)


def words(lang):
    """Everything that the addon says in a language."""
    if lang == "en":
        return {entry.msgid for entry in polib.pofile(str(I18N / f"{ADDON}.pot"))}
    return {entry.msgstr for entry in polib.pofile(str(I18N / f"{lang}.po"))}


def shape(path):
    """What has to be alike in the languages: headings, pictures, rows of tables."""
    text = path.read_text()
    headings = re.findall(r"^#+(?= )", text, re.MULTILINE)
    pictures = [name.rpartition("/")[2] for name in guides.PICTURE.findall(text)]
    return headings, pictures, len(re.findall(r"^\|", text, re.MULTILINE))


@each_guide
def test_a_guide_names_what_there_is(lang, path):
    names = {" ".join(name.split()) for name in NAME.findall(path.read_text())}
    assert len(names) > 5
    assert sorted(names - words(lang)) == []


@each_guide
def test_a_guide_leads_to_what_there_is(lang, path):
    for link in LINK.findall(path.read_text()):
        assert (path.parent / link).exists(), link


def test_a_guide_has_the_same_parts_in_each_language():
    found = guides.guides()
    assert all({path.stem for path in paths} == TOPICS for paths in found.values())
    for english, russian in zip(found["en"], found["ru"], strict=True):
        assert shape(english) == shape(russian), english.stem


def test_the_pictures_are_made_by_the_command_and_small():
    pages = {page.name for page in PAGES}
    for _lang, path in guides.pictures():
        assert path.stem in pages, path.name
        assert path.stat().st_size <= LARGEST_OF_GUIDES, path.name
    shown = {path for _lang, path in guides.pictures()}
    assert set(guides.SERVED.rglob("*.png")) == shown


def test_what_odoo_serves_is_what_was_written():
    served = guides.served_files()
    for path, text in served.items():
        assert path.read_text() == text, "run script/readme"
    assert set(guides.SERVED.rglob("*.html")) == set(served)


def test_the_page_s_help_leads_to_them():
    script = (ROOT / ADDON / "static/src/guide/guide_systray.js").read_text()
    named = set(re.findall(r"^    (\w+): \[", script, re.MULTILINE)) | {"front_desk"}
    assert named == TOPICS
    assert f"/{guides.SERVED.relative_to(ROOT)}" in script
