"""The house keeps its plan: no rings, layers, measure; documents keep their word."""

import re
from statistics import median

import pytest

import architecture
import documents
from ground import ADDON, ROOT

SOURCES = architecture.read_addon(ROOT / ADDON)
GRAPH = architecture.call_graph(SOURCES)
FUNCTIONS = [function for source in SOURCES.values() for function in source.functions]
LONGEST = 30
USUAL = 8
LAWS = range(1, 11)
PLAN = ROOT / "docs" / "architecture.md"


# === Rings === #


def test_no_file_calls_back_upwards():
    found = [line for ring in architecture.rings(GRAPH) for line in told(GRAPH, ring)]
    assert not found, "\n".join(found)


def told(graph, ring):
    return [" + ".join(ring), *architecture.told(graph, ring)]


def graph_of(texts):
    """Who calls whom in made-up files."""
    return architecture.call_graph(
        {name: architecture.read_source(name, text) for name, text in texts.items()}
    )


def test_a_ring_through_method_names_is_seen():
    sources = {
        "upper.py": 'def _ask(self):\n    self.env["lower.model"]._answer()',
        "lower.py": "def _answer(self):\n    self.upper_id._ask()",
        "beside.py": "def _look(self):\n    return self.upper_id._ask()",
    }
    graph = graph_of(sources)
    assert architecture.rings(graph) == [["lower.py", "upper.py"]]
    assert architecture.told(graph, ["lower.py", "upper.py"]) == [
        "lower.py -> upper.py: _ask",
        "upper.py -> lower.py: _answer",
    ]


def test_a_name_of_two_files_is_followed_by_its_model():
    sources = {
        "one.py": 'class One:\n    _name = "one"\n    def _run(self): pass',
        "two.py": 'class Two:\n    _name = "two"\n    def _run(self): pass',
        "door.py": 'def _open(self):\n    it = self.env["two"].sudo()\n    it._run()',
    }
    assert dict(graph_of(sources)["door.py"]) == {"two.py": {"_run"}}


# === Layers === #


def callees(folder):
    """The folders that the files of one folder lead to."""
    return {
        callee.split("/")[0]
        for caller, called in GRAPH.items()
        if caller.startswith(f"{folder}/")
        for callee in called
    } - {folder}


def test_tools_know_no_models():
    assert callees("tools") == set()
    for path, source in SOURCES.items():
        if path.startswith("tools/"):
            assert not source.models, path


def test_nobody_leans_on_a_wizard_or_a_controller():
    for folder in ("models", "policy", "services", "tools"):
        assert not callees(folder) & {"wizards", "controllers"}, folder


def test_the_controllers_call_records_and_privacy_only():
    called = {
        callee
        for path in GRAPH
        if path.startswith("controllers/")
        for callee in GRAPH[path]
    }
    assert {path.split("/")[0] for path in called} <= {"models", "services", "tools"}


# === Measure === #


def test_functions_are_short():
    assert median(function.lines for function in FUNCTIONS) <= USUAL
    long = [function for function in FUNCTIONS if function.lines > LONGEST]
    assert not long


def test_a_long_function_is_seen():
    body = "\n".join(["    a = 1", "    # no code", ""] * LONGEST)
    source = architecture.read_source("long.py", f'def long():\n    """Doc."""\n{body}')
    assert source.functions[0].lines == LONGEST + 1


def test_a_model_is_extended_in_three_places_at_most_and_with_a_reason():
    extensions = [
        (model, path, line)
        for path, source in SOURCES.items()
        for model, line in source.inherits
        if path.startswith(("models/", "policy/", "services/"))
    ]
    places = {}
    for model, path, line in extensions:
        places.setdefault(model, []).append((path, line))
    own = {m for source in SOURCES.values() for m in source.models}
    for model in own & set(places):
        assert len(places[model]) <= 3, model
    for path, line in [p for found in places.values() for p in found[1:]]:
        before = (ROOT / ADDON / path).read_text().splitlines()[line - 2]
        assert before.strip().startswith("#"), f"{path}:{line} tells no reason"


# === Documents === #


@pytest.mark.parametrize("path", documents.of(ROOT), ids=lambda path: path.name)
def test_documents_name_what_there_is(path):
    missing = documents.missing_names(path.read_text(), ROOT)
    assert not missing, missing


def test_a_missing_name_is_seen():
    text = (
        "`tests/nowhere.py`, `clinic_reminder_call.py:_fly`, `_never_defined()`, "
        "`test_that_is_not_there`, `script/test`, `planned`, `_skip`"
    )
    assert documents.missing_names(text, ROOT) == [
        "tests/nowhere.py",
        "clinic_reminder_call.py:_fly",
        "_never_defined()",
        "test_that_is_not_there",
    ]


def test_each_law_has_its_place_and_its_test():
    rows = re.findall(r"^\| (\d+) \|(.*)\|$", PLAN.read_text(), re.MULTILINE)
    assert [int(number) for number, _row in rows] == list(LAWS)
    for number, row in rows:
        _law, places, tests = row.split(" | ")
        assert documents.names_in(places), f"law {number} is enforced nowhere"
        assert "test_" in tests or "Test" in tests, f"law {number} has no test"


def test_each_neighbour_has_its_test():
    table = (ROOT / "docs" / "neighbours.md").read_text()
    rows = re.findall(r"^\| (?!installed)(.*) \|$", table, re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        tests = documents.names_in(row.rsplit(" | ", 1)[1])
        assert tests and all(name.startswith(("test_", "Test")) for name in tests), row
