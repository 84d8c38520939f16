"""Files of Stata, SPSS and SAS, read by pyreadstat."""

from __future__ import annotations

import codecs
import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fewdistricts.design import File, canonical
from fewdistricts.spelling import plain
from fewdistricts.survey.dates import calendar_of, shown
from fewdistricts.survey.source import ROWS, Batch, Source, factorized

_EXTENDED = frozenset(f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz_")
"""Stata's and SAS's letters for missing numbers."""

_READERS = {
    ".dta": "read_dta",
    ".sav": "read_sav",
    ".zsav": "read_sav",
    ".por": "read_por",
    ".xpt": "read_xport",
    ".sas7bdat": "read_sas7bdat",
}


def open_statistical(path: Path, _: str, file: File) -> Source:
    """A file of a statistical program, with its labels and its codes for missing answers."""
    import pyreadstat

    suffix = path.suffix.lower()
    read = getattr(pyreadstat, _READERS[suffix])
    options = _options(read, file)
    _, meta = read(str(path), metadataonly=True, **options)
    columns = tuple(plain(name or "") for name in meta.column_names)
    original = dict(zip(meta.column_names, columns, strict=True))
    numeric = {name for name, kind in meta.readstat_variable_types.items() if kind != "string"}
    calendars = {
        name: calendar
        for name, form in meta.original_variable_types.items()
        if name in numeric and name not in meta.missing_ranges and (calendar := calendar_of(str(form), suffix))
    }

    def cell(name: str, value: Any) -> Any:
        if name not in numeric:
            return value
        if isinstance(value, str):  # a letter in a numeric column
            return f".{value}"
        return shown(value, calendars[name]) if name in calendars else value

    def batches(places: Sequence[int]) -> Iterator[Batch]:
        wanted = [meta.column_names[place] for place in places]
        offset = 0
        while True:
            frame, _ = read(str(path), usecols=wanted, row_offset=offset, row_limit=ROWS, **options)
            if len(frame) == 0:
                return
            batch: Batch = {}
            for place, name in zip(places, wanted, strict=True):
                codes, values = factorized(frame[name].to_numpy(dtype=object))
                batch[place] = codes, [cell(name, value) for value in values]
            yield batch
            offset += len(frame)

    labels = {
        original[name]: {canonical(cell(name, code)): canonical(label) for code, label in codes.items()}
        for name, codes in meta.variable_value_labels.items()
    }
    user_missing: dict[str, Callable[[str], bool]] = {original[name]: _EXTENDED.__contains__ for name in numeric}
    for name, ranges in meta.missing_ranges.items():
        user_missing[original[name]] = _within(ranges)
    texts = {original[name]: text for name, text in meta.column_names_to_labels.items() if text}
    return Source(columns, batches, 1, labels=labels, user_missing=user_missing, texts=texts)


def _options(read: Callable[..., Any], file: File) -> dict[str, Any]:
    """What a reader of pyreadstat is asked for, where it knows it."""
    encoding = codecs.lookup(file.encoding).name if file.encoding else None
    options = {"user_missing": True, "disable_datetime_conversion": True, "encoding": encoding}
    known = inspect.signature(read).parameters
    return {name: value for name, value in options.items() if name in known}


def _within(ranges: Sequence[Any]) -> Callable[[str], bool]:
    """Whether a code lies in the ranges an SPSS file declares missing."""

    def inside(code: str) -> bool:
        for each in ranges:
            if code in (canonical(each["lo"]), canonical(each["hi"])):
                return True
            try:
                if float(each["lo"]) <= float(code) <= float(each["hi"]):
                    return True
            except ValueError:
                continue
        return False

    return inside
