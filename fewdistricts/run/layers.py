"""Which code a step depends on: the rooms of the packages from the ground up, each with one hash.

Imports run downwards only (a test says so). What a step of one room runs can therefore lie in that room and below it,
and nowhere else.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from fewdistricts import paths
from fewdistricts.provenance import origin

ROOMS = (
    "spelling",
    "errors",
    "text",
    "threads",
    "paths",
    "files",
    "languages",
    "design",
    "geography",
    "chapters",
    "survey",
    "inference",
    "estimates",
    "provenance.origin",
    "exhibits",
    "study",
    "provenance",
    "draft",
    "run",
    "commands",
    "__main__",
)
"""Rooms of fewdistricts, each allowed to import those before it. Texts of the languages are no part of `exhibits`."""

PACKAGES = ("nbaccessible", "warmkernel")
"""Packages of their own, which import nothing of fewdistricts."""


def up_to(room: str) -> str:
    """The hash of a room of fewdistricts and of all rooms below it."""
    return _of(*ROOMS[: ROOMS.index(room) + 1])


def room(name: str) -> str:
    """The hash of one room of fewdistricts alone."""
    return _of(ROOMS[ROOMS.index(name)])


def package(name: str) -> str:
    """The hash of a package beside fewdistricts."""
    return _of(PACKAGES[PACKAGES.index(name)])


def texts(language: str) -> str:
    """The hash of the texts of a language."""
    return _of(f"texts/{language}")


def everything(language: str = "") -> str:
    """The hash of all code and notebooks, with all texts or with those of one language."""
    rooms = [name for name in _hashes() if not name.startswith("texts/") or name == f"texts/{language}" or not language]
    return _of(*rooms)


def joined(*hashes: str) -> str:
    """Several hashes as one."""
    return _digest(hashes)


def lock() -> str:
    """The hash of the lock: another version of a package may give other bytes."""
    return _file_hash(paths.PROJECT / "requirements.lock")


def room_of(file: Path) -> str:
    """The room, package or language that a file of code belongs to; those of fewdistricts by their longest name.

    Raises
    ------
    LookupError
        Where the file is in no room of `ROOMS`.
    """
    parts = file.relative_to(paths.PROJECT).parts
    if parts[0] != "fewdistricts":
        return parts[0]
    if file.is_relative_to(paths.TEXTS):
        return f"texts/{file.relative_to(paths.TEXTS).parts[0]}"
    if parts[1] in ("__init__.py", "py.typed"):
        return "errors"  # they only say where the public names lie, and that they have types
    dotted = ".".join(parts[1:]).removesuffix(file.suffix)
    inside = [room for room in ROOMS if dotted == room or dotted.startswith(f"{room}.")]
    if not inside:
        raise LookupError(f"{paths.shown(file)} is in no room of fewdistricts.run.layers.ROOMS")
    return max(inside, key=len)


@functools.cache
def _hashes() -> dict[str, str]:
    """The hash of each room, package and language, and of all notebooks, found once a build."""
    lines: dict[str, list[str]] = {}
    for file in [*origin.package_files(), *paths.NOTEBOOKS.glob("*.ipynb")]:
        name = file.relative_to(paths.PROJECT).as_posix()
        lines.setdefault(room_of(file), []).append(f"{_file_hash(file)} {name}")
    return {room: _digest(sorted(entries)) for room, entries in lines.items()}


def _of(*rooms: str) -> str:
    known = _hashes()
    return _digest(f"{room} {known.get(room, '')}" for room in sorted(rooms))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


_file_hash = functools.cache(origin.sha256)
