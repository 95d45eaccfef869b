"""What documents name in backticks, held against the repository.

A name is looked for where it looks like one of these; everything else in backticks
(fields, values, commands, addresses) is left alone:

- a path: with a slash and a known ending, or a file name with such an ending
- `file.py:name`: the file defines the function or method, class or constant
- `_name`, `_name()`, `model.name._method`: some source defines it
- `test_name`, `TestClass`, `TestClass.test_name`: some test module does
"""

import re
from functools import lru_cache
from pathlib import Path

import ground

ENDINGS = r"\.(?:py|xml|toml|csv|md|sql|json|js)"
PATH = re.compile(rf"[\w./-]+{ENDINGS}")
IN_FILE = re.compile(r"([\w./-]+\.py):(\w+)(?:\(\))?")
METHOD = re.compile(r"(?:[\w.]+\.)?(_\w+)(?:\(\))?")
TEST = re.compile(r"(?:(Test\w+)\.)?(test_\w+)|(Test\w+)")
FOLDERS = ("script", "tests", "voicebox_simulator", "docs", *ground.ADDONS)


def of(root):
    """The documents that are held to their word."""
    fixed = [root / "README.md", root / "CONTRIBUTING.md"]
    return [path for path in fixed if path.exists()] + sorted(root.glob("docs/**/*.md"))


def names_in(text):
    return re.findall(r"`([^`\n]+)`", text)


def missing_names(text, root):
    """The names that lead nowhere, in the text's order."""
    return [name for name in names_in(text) if not is_there(name.strip(), root)]


def is_there(name, root):
    if found := IN_FILE.fullmatch(name):
        return any(defines(path, found[2]) for path in files(found[1], root))
    if PATH.fullmatch(name):
        return bool(files(name, root))
    if found := TEST.fullmatch(name):
        return all(map(is_defined(root).__contains__, filter(None, found.groups())))
    if (found := METHOD.fullmatch(name)) and not found[1].startswith("__"):
        return found[1] in is_defined(root)
    return True


def files(name, root):
    """By its path in the repository, in the addon, or by its end."""
    return [path for path in sources(root) if f"/{path}".endswith(f"/{name}")]


@lru_cache
def sources(root):
    """Files of the repository by their path from its root."""
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    found += [path for path in root.glob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path for path in found if path.is_file()}


def defines(path, name):
    text = (Path(__file__).parents[2] / path).read_text()
    pattern = rf"^\s*(?:def|class) {name}\b|^\s*{name} ?[:=]"
    return bool(re.search(pattern, text, re.MULTILINE))


@lru_cache
def is_defined(root):
    """Every name that some Python source defines: functions, classes, attributes."""
    pattern = re.compile(r"^\s*(?:(?:async )?def|class) (\w+)|^\s*(_\w+) ?=", re.M)
    texts = (p.read_text() for n, p in sources(root).items() if n.endswith(".py"))
    return {
        name
        for text in texts
        for pair in pattern.findall(text)
        for name in pair
        if name
    }
