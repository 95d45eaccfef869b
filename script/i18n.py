"""Renew each addon's .pot from a fresh install and bring every .po up to it.

Translations of sentences that are gone are dropped; that of a sentence that was only
reworded is kept as fuzzy, which Odoo does not show. Ends with an error while
something is untranslated or fuzzy. What a language says as English does has no
translation, as OCA wants it, and the comment "# the same".
"""

import argparse
import copy
import difflib
import sys

import polib

import databases
import ground
import odoo_runner
from ground import ADDON, GLUE, LOGS, ROOT, GroundError

LOG = LOGS / "i18n.log"
ALIKE = 0.75  # two sentences of this ratio are one, reworded
SAME = "the same"


def renew_all():
    """Renew the files of all addons; the number of sentences left to translate."""
    return renew_addons([ADDON], databases.template_database()) + renew_addons(
        GLUE, databases.neighbours_template()
    )


def renew_addons(addons, template):
    """:param str template: a database with all that these addons depend on"""
    missing = 0
    with databases.temporary_database(template) as database:
        databases.install(database, addons)
        for addon in addons:
            missing += renew_addon(addon, exported(addon, database))
    return missing


def exported(addon, database):
    """The terms of an addon as it is now."""
    path = ground.LOCAL / "i18n.pot"
    export = ("i18n", "export", "-d", database, "-o", path, addon)
    if odoo_runner.run_odoo(*export, log_path=LOG):
        raise GroundError(f"Odoo could not export the terms; see {LOG}.")
    return polib.pofile(str(path))


def renew_addon(addon, terms):
    folder = ROOT / addon / "i18n"
    renew_template(folder / f"{addon}.pot", terms)
    missing = 0
    for path in sorted(folder.glob("*.po")):
        left = renew(path, terms)
        missing += len(left)
        print(f"{path.relative_to(ROOT)}: {len(left)} to translate")
        for entry in left:
            state = "fuzzy" if entry.fuzzy else "untranslated"
            print(f"  {state}: {entry.msgid!r}")
    return missing


def renew_template(path, terms):
    """Write the .pot; its dates change only if its terms do."""
    print(f"{path.relative_to(ROOT)}: {len(terms)} terms")
    if path.exists():
        old = polib.pofile(str(path))
        if [str(entry) for entry in old] == [str(entry) for entry in terms]:
            return
    terms.save(str(path))


def renew(path, terms):
    """Bring a .po file up to the terms; return what is to be translated in it."""
    po = polib.pofile(str(path))
    old = {entry.msgid: entry for entry in po if not entry.obsolete}
    gone = sorted(set(old) - {term.msgid for term in terms})
    po[:] = [translated(term, old, gone) for term in terms]
    po.save(str(path))
    untranslated = (e for e in po.untranslated_entries() if e.tcomment != SAME)
    return [*untranslated, *po.fuzzy_entries()]


def translated(term, old, gone):
    """A term of the .pot with its translation, as far as there is one."""
    entry = copy.deepcopy(term)
    alike = difflib.get_close_matches(term.msgid, gone, n=1, cutoff=ALIKE)
    if term.msgid in old:
        entry.msgstr = old[term.msgid].msgstr
        entry.flags = old[term.msgid].flags
        entry.tcomment = old[term.msgid].tcomment
    elif alike:
        entry.msgstr = old[alike[0]].msgstr
        entry.flags.append("fuzzy")
    return entry


def main():
    argparse.ArgumentParser(
        prog="script/i18n",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    try:
        missing = renew_all()
    except GroundError as error:
        sys.exit(str(error))
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
