"""The house as its source draws it: which file calls which.

Imports alone show no ring in an Odoo addon, as the ORM hides the calls. So a call is
followed by the name of the method: to the file that defines it, if there is only one;
where several do, to those of the model that the receiver names (`self.env["model"]`,
also through a local variable), else nowhere.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

LEFT_OUT = ("tests", "migrations")


@dataclass(frozen=True)
class Function:
    """A function or method of a source file."""

    name: str
    file: str
    lines: int


@dataclass
class Source:
    """What one file defines and mentions."""

    path: str
    tree: ast.Module
    models: set = field(default_factory=set)
    inherits: list = field(default_factory=list)
    functions: list = field(default_factory=list)

    @property
    def names(self):
        """Those that can't be a field's, nor a method of Odoo's or Python's own."""
        names = {function.name for function in self.functions}
        return {name for name in names if name.startswith(("_", "action_"))}


# === Reading === #


def read_addon(folder):
    """The sources of an addon by path, without its tests and migrations."""
    paths = sorted(Path(folder).rglob("*.py"))
    relative = {path.relative_to(folder).as_posix(): path for path in paths}
    return {
        name: read_source(name, path.read_text())
        for name, path in relative.items()
        if name.split("/")[0] not in LEFT_OUT and not name.endswith("__init__.py")
    }


def read_source(name, text):
    source = Source(name, ast.parse(text))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            read_class(source, node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            source.functions.append(Function(node.name, name, length(node, text)))
    return source


def read_class(source, node):
    """The model that a class is, or extends in place."""
    named = {
        statement.targets[0].id: statement
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    }
    if "_name" in named:
        source.models.add(named["_name"].value.value)
    elif "_inherit" in named:
        model = named["_inherit"].value.value
        source.models.add(model)
        source.inherits.append((model, named["_inherit"].lineno))


def length(node, text):
    """Lines of code of a function: no docstring, no blank lines, no comments."""
    first = node.body[0]
    has_docstring = ast.get_docstring(node, clean=False) is not None
    skipped = range(first.lineno, first.end_lineno + 1) if has_docstring else ()
    lines = text.splitlines()
    return sum(
        number not in skipped and not is_no_code(lines[number - 1])
        for number in range(node.lineno, node.end_lineno + 1)
    )


def is_no_code(line):
    return not line.strip() or line.strip().startswith("#")


# === Who calls whom === #


def call_graph(sources):
    """{file: {file it calls: the names by which it does}}, imports included."""
    owners = defaultdict(set)
    for path, source in sources.items():
        for name in source.names:
            owners[name].add(path)
    graph = {path: defaultdict(set) for path in sources}
    for path, source in sources.items():
        for name, model in mentions(source.tree):
            for owner in targets(owners[name], path, model, sources):
                graph[path][owner].add(name)
        for owner, name in imports(source, sources):
            graph[path][owner].add(name)
    return graph


def mentions(tree):
    """(attribute name, model of the receiver or None) of every attribute."""
    for scope in scopes(tree):
        variables = model_variables(scope)
        for node in ast.walk(scope):
            if isinstance(node, ast.Attribute):
                yield node.attr, model_of(node.value, variables)


def scopes(tree):
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    return functions or [tree]


def model_variables(scope):
    """Local variables that hold records of a model named in the same function."""
    found = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if model := model_of(node.value, found):
                found[node.targets[0].id] = model
    return found


def model_of(node, variables):
    """The model that an expression names: env["model"], with .sudo() and the like."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        return variables.get(node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        is_env = getattr(node.value, "attr", getattr(node.value, "id", "")) == "env"
        return node.slice.value if is_env else None
    return None


def targets(owners, path, model, sources):
    """The files that a mention leads to."""
    if path in owners and model is None:
        return set()
    named = {owner for owner in owners if model in sources[owner].models}
    found = named or (owners if len(owners) == 1 else set())
    return found - {path}


def imports(source, sources):
    """(file, name) of what is imported from the addon's own files."""
    folder = Path(source.path).parent
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = folder
            for _step in range(node.level - 1):
                base = base.parent
            package = base.joinpath(*(node.module or "").split("."))
            for alias in node.names:
                for candidate in (package / alias.name, package):
                    path = f"{candidate.as_posix()}.py"
                    if path in sources:
                        yield path, "import"
                        break


# === Rings === #


def rings(graph):
    """Sets of files that call one another in a circle."""
    reach = {path: reachable(graph, path) for path in graph}
    found = {
        frozenset(other for other in reach[path] if path in reach[other])
        for path in graph
        if path in reach[path]
    }
    return sorted(map(sorted, found))


def reachable(graph, start):
    """The files that a file leads to, itself only through others."""
    seen, waiting = set(), list(graph[start])
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += graph[path]
    return seen


def told(graph, ring):
    """The calls that make a ring, a line each."""
    return [
        f"{caller} -> {callee}: {', '.join(sorted(graph[caller][callee]))}"
        for caller in ring
        for callee in sorted(graph[caller])
        if callee in ring
    ]
