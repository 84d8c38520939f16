"""What a draft leaves open: `???` in the place of a value that only a person knows, with `# fill in:` beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fewdistricts import languages
from fewdistricts.design.parts import Finding, Path
from fewdistricts.errors import Problem

PLACEHOLDER = "???"
MARK = "# fill in:"
"""Begins the comment that says what belongs in a placeholder's place."""


def placeholders(tree: Any) -> list[Path]:
    """The paths of all placeholders, in the order of the file; where an anchor is used again, its first place."""
    return list(_below(tree, (), set()))


def _below(tree: Any, at: Path, seen: set[int]) -> Iterator[Path]:
    if isinstance(tree, str) and tree.strip() == PLACEHOLDER:
        yield at
    elif isinstance(tree, dict | list) and id(tree) not in seen:
        seen.add(id(tree))  # an alias may contain itself
        pairs = ((str(key), value) for key, value in tree.items()) if isinstance(tree, dict) else enumerate(tree)
        for key, value in pairs:
            yield from _below(value, (*at, key), seen)


def elsewhere(found: Iterable[Finding], open_paths: Iterable[Path]) -> list[Finding]:
    """The findings that no placeholder explains: neither at one, nor at the list or mapping that holds one."""
    paths = set(open_paths)
    holders = {path[:-1] for path in paths if path and not isinstance(path[-1], str)}
    holders |= {path[:-1] for path in paths if path and path[-1] in languages.available()}
    return [each for each in found if not any(_within(each.path, path) for path in paths) and each.path not in holders]


def problems(open_paths: Iterable[Path], where: str, text: str, line_of: Callable[[Path], int | None]) -> list[Problem]:
    """One problem for each key that is open, with all its lines; what to fill in is what its comment says."""
    lines = text.splitlines()
    groups: dict[tuple[str, str], list[int]] = {}
    for path in open_paths:
        line = line_of(path) or 1
        asked = lines[line - 1].partition(MARK)[2].strip() if line <= len(lines) else ""
        key = "".join("[]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
        groups.setdefault((key, asked), []).append(line)
    return [
        Problem(
            f"{where}: {key} ({'lines' if len(at) > 1 else 'line'} {', '.join(map(str, dict.fromkeys(at)))})",
            f"the placeholder {PLACEHOLDER}",
            "",
            f"fill in: {asked}" if asked else "fill it in",
        )
        for (key, asked), at in groups.items()
    ]


def _within(path: Path, other: Path) -> bool:
    return path[: len(other)] == other
