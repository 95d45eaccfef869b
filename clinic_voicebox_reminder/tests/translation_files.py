"""What holds for the translations of each addon of this repository.

To be inherited with the addon's name; a term that is missing, unused, fuzzy, left in
English or never offered for translation makes it fall.
"""

import re
from io import BytesIO
from pathlib import Path

import polib

from odoo.tools import file_path
from odoo.tools.translate import trans_export

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]")
TAG = re.compile(r"</?(\w+)")
WORD = re.compile("[A-Za-z]{2}")
CYRILLIC = re.compile("[А-Яа-яЁё]")
# what Odoo's dialogs and notifications take as text, given as a bare string
BARE_TEXT = re.compile(
    r"\b(?:title|body|label|message|confirmLabel|cancelLabel|placeholder):"
    r"\s*[\"'`][A-Z][^\"'`]*\s"
)
# what a language says as English does: no translation, and this comment
SAME = "the same"
REFRESH = "run script/i18n"


class TranslationFiles:
    """To be mixed into a TransactionCase.

    :cvar ADDON: whose files these are
    """

    ADDON = None

    @classmethod
    def shipped(cls, name):
        return polib.pofile(file_path(f"{cls.ADDON}/i18n/{name}"))

    def exported(self):
        buffer = BytesIO()
        self.assertTrue(trans_export(None, [self.ADDON], buffer, "po", self.env))
        return polib.pofile(buffer.getvalue().decode())

    def is_ours(self, term):
        """No label or help that only other modules' fields have in our models: which
        there are depends on what is installed."""
        return any(self.is_our_place(place) for place, _line in term.occurrences)

    def is_our_place(self, place):
        if not place.startswith("model:ir.model.fields,"):
            return True
        field = self.env.ref(place.rpartition(":")[2], raise_if_not_found=False)
        if not field:
            return False
        return self.ADDON in self.env[field.model]._fields[field.name]._modules

    def ours(self, terms):
        return {term.msgid for term in terms if self.is_ours(term)}

    def test_template_is_fresh(self):
        self.assertEqual(
            self.ours(self.exported()),
            self.ours(self.shipped(f"{self.ADDON}.pot")),
            REFRESH,
        )

    def test_every_term_is_translated(self):
        """And nothing else is."""
        russian = {entry.msgid: entry for entry in self.shipped("ru.po")}
        for term in self.shipped(f"{self.ADDON}.pot"):
            with self.subTest(term.msgid):
                entry = russian.pop(term.msgid, None)
                self.assertTrue(entry, REFRESH)
                self.assertFalse(entry.fuzzy)
                self.assertTrue(entry.msgstr or entry.tcomment == SAME)
        self.assertFalse(russian, REFRESH)

    def test_translations_are_russian(self):
        """In letters and quotes, with the placeholders and tags of the English."""
        for entry in self.shipped("ru.po").translated_entries():
            with self.subTest(entry.msgid):
                self.assertNotRegex(entry.msgstr, "[“”„]")
                if WORD.search(TAG.sub("", PLACEHOLDER.sub("", entry.msgid))):
                    self.assertRegex(entry.msgstr, CYRILLIC)
                for pattern in (PLACEHOLDER, TAG):
                    self.assertEqual(
                        sorted(pattern.findall(entry.msgstr)),
                        sorted(pattern.findall(entry.msgid)),
                    )

    def test_scripts_offer_their_texts(self):
        """No text of a script's stands there without being offered for translation."""
        folder = Path(file_path(self.ADDON)) / "static" / "src"
        for path in folder.rglob("*.js"):
            bare = BARE_TEXT.findall(path.read_text())
            self.assertFalse(bare, path.name)
