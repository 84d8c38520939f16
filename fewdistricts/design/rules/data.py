"""Rules of `data`: files, columns, and how the sample was drawn."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

from fewdistricts.design.blocks import Data, DistrictColumns, File, Wave, effective_missing
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.rules.names import kinds_overlap, repeated
from fewdistricts.design.types import short
from fewdistricts.errors import nearest

LARGEST_ROUNDING = 0.005
"""How far the shares of a margin may sum from 1."""


def files(parts: Parts) -> Iterator[Finding]:
    """Each file once, in an encoding that exists, with rows and names that can be."""
    if parts.data is None:
        return
    seen: list[File] = []
    for i, file in enumerate(parts.data.files):
        at: Path = ("data", "files", i)
        if any(_same_rows(file, other) for other in seen):
            allowed = "each file once, or once a wave with another `rename` where the waves have columns of their own"
            yield Finding((*at, "path"), f"{file.path!r} a second time", allowed)
        seen.append(file)
        if file.encoding is not None:
            try:
                codecs.lookup(file.encoding)
            except (LookupError, ValueError):
                near = nearest(file.encoding, ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
                yield Finding((*at, "encoding"), repr(file.encoding), "an encoding like utf-8, latin-1 or cp1252", near)
        for name in file.value:
            if name in file.rename or name in file.rename.values():
                yield Finding((*at, "value", name), f"{short(name)}, which `rename` names too", "one of them")
        if file.header and file.first_row and file.first_row <= file.header:
            yield Finding(
                (*at, "first_row"), f"{file.first_row}", f"a row below the header, which is row {file.header}"
            )
        if file.last_row and file.last_row <= (file.first_row or file.header or 1):
            yield Finding((*at, "last_row"), str(file.last_row), "a row below the first")
        if doubled := repeated(file.rename.values()):
            yield Finding((*at, "rename"), f"two columns renamed to {doubled[0]!r}", "one column for each name")
    yield from _exchanged(parts.data.files, [wave for _, wave in parts.waves])


def _exchanged(files: Sequence[File], waves: Sequence[Wave]) -> Iterator[Finding]:
    """Two files each of which is named by the other's wave."""
    words: dict[str, set[str]] = {}
    for wave in waves:
        years = [str(day.year) for day in wave.fieldwork]
        words[wave.id] = _words(wave.id, *wave.label.values(), *years)
    of_waves = [word for own in words.values() for word in own]
    telling = {word for word in of_waves if of_waves.count(word) == 1}
    of_files = [_words(file.path.rpartition(".")[0], str(file.sheet or "")) for file in files]
    telling -= of_files[0].intersection(*of_files)
    named = [{wave for wave in words if own & words[wave] & telling} for own in of_files]
    for i, file in enumerate(files):
        for j, other in enumerate(files[:i]):
            if named[i] == {other.wave} and named[j] == {file.wave} and file.wave != other.wave:
                found = f"{_called(other)} as wave {other.wave!r} and {_called(file)} as {file.wave!r}"
                remedy = "were they exchanged? If not, give them names that say no other wave"
                yield Finding(("data", "files", i, "wave"), found, "each file as the wave that its name says", remedy)


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(r"[^\W_]+", text.casefold())}


def _called(file: File) -> str:
    return repr(file.path) if file.sheet is None else f"sheet {file.sheet!r}"


def _same_rows(file: File, other: File) -> bool:
    """Whether two entries of `files` would give the same rows."""
    if file.path != other.path or file.sheet != other.sheet:
        return False
    if (file.first_row, file.last_row) != (other.first_row, other.last_row):
        return False
    return file.wave == other.wave or file.rename == other.rename


def columns(parts: Parts) -> Iterator[Finding]:
    """What `data` says of columns and of how the sample was drawn."""
    if parts.data is None:
        return
    yield from _district_column(parts.data, parts.district_columns)
    yield from _wave_column(parts.data)
    yield from _weights(parts.data)
    yield from _sampling(parts.data)
    yield from _one_meaning(parts.data)
    yield from kinds_overlap(("data", "missing"), effective_missing(parts.data.missing, None))
    if parts.data.truth is not None and parts.data.kind == "real":
        allowed = "none: only of `kind: synthetic` they are known"
        yield Finding(("data", "truth"), "true effects of real data", allowed)


def _district_column(data: Data, districts: DistrictColumns | None) -> Iterator[Finding]:
    at: Path = ("data", "columns", "district")
    column = data.columns.district
    if districts is None and column is None:
        yield Finding(at, "nothing", "the column that names a row's district")
    elif districts is not None and column not in (None, districts.column):
        yield Finding(at, f"{column!r}, but districts.column is {districts.column!r}", "the same column")


def _wave_column(data: Data) -> Iterator[Finding]:
    """Either each file is of a wave, or a column names it."""
    at: Path = ("data", "columns", "wave")
    column = data.columns.wave
    without = [i for i, file in enumerate(data.files) if file.wave is None]
    if column is None:
        for i in without:
            allowed = "a wave for every file, unless data.columns.wave names a column"
            yield Finding(("data", "files", i, "wave"), "nothing", allowed)
    elif not without:
        yield Finding(at, repr(column), "null where every file declares its wave")
    elif len(without) < len(data.files):
        yield Finding(at, repr(column), "either a wave for every file or a column")


def _weights(data: Data) -> Iterator[Finding]:
    margins = data.weights.calibrate if data.weights else {}
    for name, shares in margins.items():
        total = sum(shares.values())
        if abs(total - 1) > LARGEST_ROUNDING:
            at: Path = ("data", "weights", "calibrate", name)
            yield Finding(at, f"shares that sum to {total:g}", "shares that sum to 1")


def _sampling(data: Data) -> Iterator[Finding]:
    """What the way of sampling needs, or has no place for."""
    at: Path = ("data", "columns")
    columns = data.columns
    if data.duplicates == "keep" and data.duplicates_reason is None:
        yield Finding(("data", "duplicates_reason"), "nothing", "why they are kept", "add `duplicates_reason:`")
    if data.level == "district":
        for key in ("weight", "stratum", "psu", "fpc"):
            column = getattr(columns, key)
            if column is not None:
                yield Finding((*at, key), repr(column), "null where level is district: no sample")
    elif data.sampling == "panel" and columns.respondent is None:
        yield Finding((*at, "respondent"), "nothing", "the column of respondent ids, as sampling is panel")
    elif data.sampling == "repeated_psu" and columns.psu is None:
        yield Finding((*at, "psu"), "nothing", "the column of PSU ids, as sampling is repeated_psu")


def _one_meaning(data: Data) -> Iterator[Finding]:
    """A column may be stratum, PSU and respondent at once, but nothing else twice."""
    named = data.columns.model_dump(exclude_none=True)
    shared = ("psu", "respondent", "stratum")
    for name in repeated(value for key, value in named.items() if key not in shared):
        keys = [key for key, value in named.items() if value == name]
        at: Path = ("data", "columns", keys[-1])
        yield Finding(at, f"{short(name)}, as {keys[0]} is too", "one meaning for each column")
