"""The list of mutations does not rot: `script/mutations` itself takes too long here."""

from collections import Counter

import pytest

import mutations
from ground import ADDON, ROOT

LIST = mutations.read_list()


def test_every_mutation_can_be_applied():
    assert [f"{m}: {why}" for m in LIST if (why := m.trouble(ROOT))] == []
    for mutation in LIST:
        text = (ROOT / mutation.file).read_text()
        changed = text.replace(mutation.old, mutation.new)
        assert changed != text
        if mutation.file.endswith(".py"):
            compile(changed, mutation.file, "exec")


def test_every_test_that_has_to_fall_is_there():
    assert [str(mutation) for mutation in LIST if not mutation.tests] == []
    odoo = [path.read_text() for path in (ROOT / ADDON / "tests").glob("test_*.py")]
    pytest = [path.read_text() for path in (ROOT / "tests").glob("test_*.py")]
    missing = {t for m in LIST for t in m.odoo if not any(defines(x, t) for x in odoo)}
    missing |= {
        t for m in LIST for t in m.pytest if not any(f"def {t}(" in x for x in pytest)
    }
    assert missing == set()


def defines(text, test):
    """Is Class.test, or Class, in the text of a module?"""
    class_name, _, name = test.partition(".")
    return f"class {class_name}(" in text and (not name or f"def {name}(" in text)


def test_every_law_is_broken_at_least_twice():
    laws = Counter(mutation.law for mutation in LIST)
    assert set(laws) == set(mutations.LAWS)
    assert min(laws.values()) >= 2
    assert len(LIST) >= 30


def test_some_can_be_chosen():
    assert len({str(mutation) for mutation in LIST}) == len(LIST)
    assert mutations.chosen(LIST, []) == LIST
    assert {m.law for m in mutations.chosen(LIST, ["4", "9"])} == {4, 9}
    assert len(mutations.chosen(LIST, ["compared with =="])) == 1
    with pytest.raises(mutations.GroundError, match="--list"):
        mutations.chosen(LIST, ["no such mutation"])
