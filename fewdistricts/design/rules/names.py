"""What is said of names in lists: unknown, repeated, with two meanings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fewdistricts.design.parts import Finding, Path
from fewdistricts.design.types import short
from fewdistricts.errors import nearest
from fewdistricts.text import some


def listed(names: Sequence[str]) -> str:
    """Names as a message lists them: the first ones, cut where they are long."""
    return some([name[:64] for name in names])


def unknown(path: Path, name: str, names: Iterable[str]) -> Finding:
    """A name that is not among the declared ones."""
    names = list(names)
    return Finding(path, short(name), listed(names) or "none is declared", nearest(name, names))


def repeated(names: Iterable[str]) -> list[str]:
    """Those that occur more than once."""
    names = list(names)
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def kinds_overlap(path: Path, kinds: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Codes that are missing for two reasons."""
    owner: dict[str, str] = {}
    for kind, codes in kinds.items():
        for code in codes:
            if owner.setdefault(code, kind) != kind:
                found = f"{short(code)}, which is declared {owner[code]} too"
                yield Finding((*path, kind), found, "one kind for each code")
