"""What lies beside the survey files and belongs in a report: a map of the districts, chapters, a logo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fewdistricts import chapters, geography
from fewdistricts.design import canonical
from fewdistricts.errors import ConfigurationError
from fewdistricts.languages import available
from fewdistricts.spelling import folded

MAP_SUFFIX = ".geojson"
MOST_BYTES = 50_000_000
"""Of a file that is looked into: a map of a country takes less."""


@dataclass(frozen=True)
class Map:
    """A GeoJSON file that has a polygon of every district."""

    path: Path
    key: str
    """The property that names the districts."""
    spellings: dict[str, str]
    """First code of each district: how the map spells it."""


@dataclass(frozen=True)
class Beside:
    """What lies in the folders of an evaluation and of its survey files."""

    folder: Path
    """Of the evaluation, where chapters and logo lie."""
    maps: tuple[Path, ...] = ()

    @property
    def chapters(self) -> list[dict[str, str]]:
        """Chapters: Markdown files by language ("" where the name says none), a notebook under `notebook`."""
        found: dict[str, dict[str, str]] = {}
        for path in sorted(self.folder.glob("*.md")):
            if chapters.begins(path):
                stem, _, language = path.stem.rpartition(".")
                if language not in available() or not stem:
                    stem, language = path.stem, ""
                found.setdefault(stem, {})[language] = path.name
        notebooks = [path for path in sorted(self.folder.glob("*.ipynb")) if chapters.begins(path)]
        return [*found.values(), *({"notebook": path.name} for path in notebooks)]

    @property
    def logo(self) -> str:
        """The name of the logo's file; empty where none lies there."""
        return next((name for name in ("logo.svg", "logo.png") if (self.folder / name).is_file()), "")


def look_beside(folder: Path, files: Iterable[Path]) -> Beside:
    """What lies in the evaluation's folder, and which maps lie there or beside the survey files."""
    folders = dict.fromkeys([folder, *(path.parent for path in files)])
    maps = [path for each in folders for path in sorted(each.glob(f"*{MAP_SUFFIX}"))]
    return Beside(folder, tuple(path for path in maps if path.stat().st_size <= MOST_BYTES))


def map_of(maps: Sequence[Path], districts: Sequence[Sequence[str]]) -> Map | None:
    """The first map with a polygon of every district, by the property that spells most of them as the survey does.

    `districts` holds what each may be called: its first code, its other spellings, its labels.
    """
    for path in maps:
        try:
            features = geography.areas(path, path.name)
        except ConfigurationError:
            continue
        properties = [each.get("properties") or {} for each in features]
        found: list[tuple[int, str, dict[str, str]]] = []
        for key in sorted({str(name) for each in properties for name in each}):
            spelled = _spelled([canonical(each[key]) for each in properties if key in each], districts)
            if spelled:
                same = sum(spelled[names[0]] in names for names in districts)
                found.append((-same, key, spelled))
        if found:
            _, key, spelled = min(found, key=lambda each: each[:2])
            return Map(path, key, spelled)
    return None


def _spelled(values: Sequence[str], districts: Sequence[Sequence[str]]) -> dict[str, str]:
    """The first code of each district and the value that means it; empty where one has none or shares one."""
    by_letters = {folded(value): value for value in values if folded(value)}
    spelled: dict[str, str] = {}
    for names in districts:
        means = [by_letters[folded(name)] for name in names if folded(name) in by_letters]
        if not means:
            return {}
        spelled[names[0]] = means[0]
    return spelled if len(set(spelled.values())) == len(districts) else {}
