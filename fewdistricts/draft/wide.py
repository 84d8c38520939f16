"""A file with columns for each wave, as `safe_bl` and `safe_el`, as one file a wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fewdistricts.draft import names
from fewdistricts.draft.look import Looked, Profile
from fewdistricts.survey.named_by_wave import BEFORE, BEHIND, NUMBERED, Asked, by_wave

_EARLIER = ("bl", "base", "baseline", "linea", "pre", "antes", "before", "ml", "mid", "midline")
_FEWEST = 2
"""Questions that must have a column for each wave."""


def split(looked: Looked) -> list[Looked]:
    """The file once for each wave that its columns speak of, with the columns of that wave under one name.

    The file itself, where a column says the wave or fewer than two questions have a column for each wave.
    """
    if any(names.rank("wave", name) == 0 for name in looked.columns):
        return [looked]
    for pattern in (BEHIND, BEFORE):
        stems = by_wave(looked.columns, pattern)
        waves = _waves(stems)
        asked = {stem: columns for stem, columns in stems.items() if waves and set(columns) & set(waves)}
        if len([stem for stem, columns in asked.items() if len(columns) > 1]) >= _FEWEST:
            of_waves = {name for columns in asked.values() for name in columns.values()}
            return [_of_wave(looked, wave, asked, of_waves) for wave in waves]
    return [_numbered(looked)]


def together(files: Sequence[Looked]) -> list[Looked]:
    """Files of one wave each whose columns say so, as `safe_2003` in one and `safe_2005` in the other.

    The files as they are, unless each has columns of one wave only and they are those of the same questions.
    """
    everywhere = set(files[0].columns).intersection(*(looked.columns for looked in files[1:]))
    for pattern in (BEHIND, BEFORE):
        stems = [by_wave([name for name in looked.columns if name not in everywhere], pattern) for looked in files]
        waves = [{wave for columns in each.values() for wave in columns} for each in stems]
        shared = set(stems[0]).intersection(*stems[1:])
        if len(shared) < _FEWEST or any(len(each) != 1 for each in waves) or len(set().union(*waves)) < len(files):
            continue
        return [
            _of_wave(looked, own.pop(), asked, {name for columns in asked.values() for name in columns.values()})
            for looked, own, asked in zip(files, waves, stems, strict=True)
        ]
    return list(files)


def _numbered(looked: Looked) -> Looked:
    """The file with a remark where questions have numbers behind their names, which may be waves or items."""
    stems = by_wave(looked.columns, NUMBERED)
    asked = [columns for columns in stems.values() if tuple(columns) in (("1", "2"), ("0", "1"), ("1", "2", "3"))]
    if len(asked) < _FEWEST or any(names.rank("wave", name) is not None for name in looked.columns):
        return looked
    first, second = (list(columns.values()) for columns in asked[:2])
    stem = next(stem for stem, columns in stems.items() if columns is asked[0])
    remark = (
        f"{' and '.join(first)}, {' and '.join(second)}: if the numbers are waves, list the file once a wave, each "
        f"with `wave:` and `rename: {{{first[0]}: {stem}, …}}` of its columns"
    )
    return replace(looked, remarks=(*looked.remarks, remark))


def _waves(stems: Asked) -> list[str]:
    """The waves of the question that has a column for most of them, earlier ones first."""
    most = max(stems.values(), key=len, default={})
    if any(stem in ("", "_") for stem in stems):
        return []
    return sorted(most, key=lambda wave: (_EARLIER.index(wave) if wave in _EARLIER else len(_EARLIER), wave))


def _of_wave(looked: Looked, wave: str, asked: Asked, of_waves: set[str]) -> Looked:
    columns: dict[str, Profile] = {name: each for name, each in looked.columns.items() if name not in of_waves}
    renamed: list[tuple[str, str]] = []
    for stem, named in asked.items():
        if wave in named:
            columns[named[wave]] = looked.columns[named[wave]]
            renamed.append((named[wave], stem))
    return replace(looked, columns=columns, renamed=tuple(renamed), wave=names.slug(wave))
