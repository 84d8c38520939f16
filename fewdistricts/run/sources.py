"""What a notebook or a module is made from, read from its text: parameters, and the package's files it imports.

Nothing is imported here, so that a build with nothing to do stays fast.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fewdistricts import files, paths
from fewdistricts.errors import EnvironmentProblem, NotebookError

PACKAGES = ("fewdistricts", "nbaccessible", "warmkernel")
LONGEST_NAME = 80

_used: dict[str, dict[str, Any]] = {}


def code(notebook: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Source and tags of each code cell; NotebookError when the file is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError as error:
        raise NotebookError(f"{paths.shown(notebook)}: there is no such notebook") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotebookError(
            f"{paths.shown(notebook)}: is no notebook of format 4; open and save it in Jupyter"
        ) from error
    return [
        ("".join(cell["source"]), tuple(cell.get("metadata", {}).get("tags", ())))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def parameters(notebook: Path) -> tuple[str, ...]:
    """Names assigned in the cell tagged `parameters`; empty without such a cell."""
    for source, tags in code(notebook):
        if "parameters" in tags:
            return tuple(_assigned(source))
    return ()


def _assigned(source: str) -> Iterable[str]:
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def of_notebook(notebook: Path) -> set[Path]:
    """The notebook and the files of the package that its cells import, directly or through others."""
    found: set[Path] = set()
    for source, _ in code(notebook):
        found |= _reach(tuple(sorted(_resolved(_statements(_parsed(source)), PACKAGES[0], True))))
    return found | {notebook}


def of_modules(*modules: str) -> set[Path]:
    """The files of some modules of the package and of all that they import."""
    return set(_reach(modules))


def _parsed(source: str) -> ast.Module:
    """A cell as Python, without lines that only IPython understands."""
    lines = (line for line in source.splitlines() if not line.lstrip().startswith(("%", "!", "?")))
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


@functools.cache
def _reach(modules: tuple[str, ...]) -> frozenset[Path]:
    """Files of modules and of all that they import, with the data files beside them."""
    found: set[Path] = set()
    waiting, seen = list(modules), set()
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        found |= {path} | _data(path)
        parent = name.rpartition(".")[0]
        waiting += [parent] if parent else []
        waiting += _imports_of(path, name)
    return frozenset(found)


def _file(module: str) -> Path | None:
    """The file of a dotted name in the package, or None when it is no module of it."""
    first, *rest = module.split(".")
    if first not in PACKAGES:
        return None
    path = paths.PROJECT.joinpath(first, *rest)
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


@functools.cache
def _imports_of(path: Path, module: str) -> frozenset[str]:
    return frozenset(_resolved(_facts(path)["imports"], module, path.name == "__init__.py"))


@functools.cache
def _facts(path: Path) -> dict[str, Any]:
    """The import statements of a module and its texts that could name a file."""
    content = path.read_bytes()
    key = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if key not in _used:
        _used[key] = _remembered().get(key) or _found(ast.parse(content))
    return _used[key]


def _found(tree: ast.Module) -> dict[str, Any]:
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    texts = {value for value in constants if isinstance(value, str) and len(value) < LONGEST_NAME}
    return {"imports": _statements(tree), "texts": sorted(texts)}


@functools.cache
def _remembered() -> dict[str, Any]:
    """What an earlier build found in modules, by the hash of their content."""
    try:
        return json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def remember() -> None:
    """Keep what was found in modules: to parse them all takes longer than a build that has nothing to do."""
    if _used.keys() != _remembered().keys():
        # a comfort: for want of it no build fails
        with contextlib.suppress(EnvironmentProblem):
            files.write(_memory(), json.dumps(_used))


def _memory() -> Path:
    return paths.home() / "data" / "processed" / ".sources.json"


def _statements(tree: ast.AST) -> list[tuple[int, str, list[str]]]:
    """Each import as its leading dots, module, and names; a plain import is of no names."""
    found: list[tuple[int, str, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or "", [alias.name for alias in node.names]))
    return found


def _resolved(statements: Iterable[tuple[int, str, list[str]]], module: str, is_package: bool) -> set[str]:
    """Dotted names that a module may import; `from a import b` gives both `a` and `a.b`."""
    names: set[str] = set()
    for level, base, imported in statements:
        if level:
            above = module.split(".")[: len(module.split(".")) - level + is_package]
            base = ".".join([*above, base] if base else above)
        names |= {base} | {f"{base}.{name}" for name in imported}
    return names


@functools.cache
def _data(module: Path) -> frozenset[Path]:
    """Files that are no Python beside a module: those it names in a text, and those that no module there names."""
    modules = sorted(module.parent.glob("*.py"))
    found: set[Path] = set()
    for entry in module.parent.iterdir():
        if entry.name == "__pycache__" or entry.suffix == ".py" or (entry / "__init__.py").exists():
            continue
        names = {entry.name, entry.stem}
        named = [other for other in modules if names.intersection(_facts(other)["texts"])]
        if module in named or not named:
            found |= {path for path in ([entry] if entry.is_file() else entry.rglob("*")) if path.is_file()}
    return frozenset(found)
