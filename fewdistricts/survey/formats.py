"""The formats of survey files: one entry each, with what opens it and which keys of `data.files` it understands."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from fewdistricts.design import File
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.spelling import plain
from fewdistricts.survey import contents
from fewdistricts.survey.delimited import open_delimited
from fewdistricts.survey.source import Batch, Source, of_arrow, problems_of
from fewdistricts.survey.spreadsheets import open_spreadsheet
from fewdistricts.survey.statistical import open_statistical

_CELLS_DECODED = 3_200_000
"""Cells of a Parquet batch, which holds all its columns decoded."""

_TEXT_KEYS = ("encoding", "separator", "escape", "header")
_SHEET_KEYS = ("sheet", "header")


@dataclass(frozen=True)
class Format:
    """How files of one suffix are read."""

    open: Callable[[Path, str, File], Source]
    """Opens a file, which messages call by the text."""
    keys: tuple[str, ...] = ()
    """Keys of `data.files` that not every format understands, and this one does."""
    is_binary: bool = False
    """Whether a file of text alone cannot be one."""


def open_parquet(path: Path, where: str, _: File) -> Source:
    """A .parquet file."""
    opened = pyarrow.parquet.ParquetFile(path)
    schema = opened.schema_arrow
    columns = tuple(plain(name) for name in schema.names)
    kinds = {plain(field.name): str(field.type) for field in schema if pa.types.is_nested(field.type)}

    def batches(places: Sequence[int]) -> Iterator[Batch]:
        for place in places:
            if kind := kinds.get(columns[place]):
                found = f"several values in a cell ({kind})"
                at = f"{where}, column {columns[place]!r}"
                raise DataError(Problem(at, found, "one value in a cell", "split the column"))
        wanted = [schema.names[place] for place in places]
        rows = _CELLS_DECODED // max(1, len(places))
        for batch in opened.iter_batches(batch_size=rows, columns=wanted, use_threads=False):
            yield {place: of_arrow(batch.column(schema.names[place])) for place in places}

    return Source(columns, batches, first_row=1, nested=frozenset(kinds), by_column=True)


_TEXT = Format(open_delimited, _TEXT_KEYS)
_SHEET = Format(open_spreadsheet, _SHEET_KEYS, is_binary=True)
_STATISTICAL = Format(open_statistical, ("encoding",), is_binary=True)
_TRANSPORT = Format(open_statistical, ("encoding",))

FORMATS: dict[str, Format] = {
    ".csv": _TEXT,
    ".tab": _TEXT,
    ".tsv": _TEXT,
    ".txt": _TEXT,
    ".xlsx": _SHEET,
    ".xlsm": _SHEET,
    ".xls": _SHEET,
    ".xlsb": _SHEET,
    ".ods": _SHEET,
    ".dta": _STATISTICAL,
    ".sav": _STATISTICAL,
    ".zsav": _STATISTICAL,
    ".por": _TRANSPORT,
    ".xpt": _TRANSPORT,
    ".sas7bdat": _STATISTICAL,
    ".parquet": Format(open_parquet, is_binary=True),
}
"""Suffix: format. A new one is an entry here."""

PACKED = (".gz", ".zip")
SUFFIXES = (*FORMATS, *PACKED)

REMEDIES = {
    ".rds": 'in R: `haven::write_sav(readRDS("{name}"), "{stem}.sav")`, then declare the .sav file',
    ".rdata": 'in R: `load("{name}")`, then `haven::write_sav(data, "{stem}.sav")`, and declare the .sav file',
    ".rda": 'in R: `load("{name}")`, then `haven::write_sav(data, "{stem}.sav")`, and declare the .sav file',
    ".json": "export it as .csv or .xlsx from the program that collected it",
    ".xml": "export it as .csv or .xlsx from the program that collected it",
    ".mdb": "export the table as .xlsx from Access",
    ".accdb": "export the table as .xlsx from Access",
    ".pdf": "ask whoever made it for the answers as .csv, .xlsx, .dta or .sav",
}
"""Suffix of files that are not read: what to do with them."""


def open_file(path: Path, where: str, file: File) -> Source:
    """The file by its suffix; DataError naming what is wrong with it."""
    suffix = path.suffix.lower()
    if suffix in PACKED:
        return _unpacked(path, where, file)
    require_known(path, where)
    known = FORMATS[suffix]
    for key in (*_TEXT_KEYS, *_SHEET_KEYS):
        if getattr(file, key) is not None and key not in known.keys:
            fitting = ", ".join(other for other, each in FORMATS.items() if key in each.keys)
            raise DataError(Problem(where, f"`{key}` for a {suffix} file", f"only for {fitting}", "leave it out"))
    contents.check(path, where, is_binary=known.is_binary)
    with problems_of(where, suffix):
        return known.open(path, where, file)


def require_known(path: Path, where: str) -> None:
    """DataError with what to do where no format has the suffix of a file."""
    suffix = path.suffix.lower()
    if suffix in FORMATS or suffix in PACKED:
        return
    remedy = REMEDIES.get(suffix, "").format(name=path.name, stem=path.stem)
    remedy = remedy or nearest(suffix, SUFFIXES) or "save it as one of these"
    found = f"a {suffix} file" if suffix else "a file without a suffix"
    raise DataError(Problem(where, found, ", ".join(SUFFIXES), remedy))


class _Folder:
    """A folder that goes when nobody holds it."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="survey-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _unpacked(path: Path, where: str, file: File) -> Source:
    """The one file within a .gz or .zip file, unpacked in a folder that goes with the source."""
    folder = _Folder()
    with problems_of(where, path.suffix.lower()):
        inner = _gunzipped(path, folder.path) if path.suffix.lower() == ".gz" else _unzipped(path, where, folder.path)
    return replace(open_file(inner, f"{where} ({inner.name})", file), held=folder)


def _gunzipped(path: Path, folder: str) -> Path:
    inner = Path(folder) / path.stem
    with gzip.open(path) as packed, inner.open("wb") as stream:
        shutil.copyfileobj(packed, stream)
    return inner


def _unzipped(path: Path, where: str, folder: str) -> Path:
    with zipfile.ZipFile(path) as packed:
        names = [name for name in packed.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
        if len(names) != 1:
            found = f"{len(names)} files in the archive"
            raise DataError(Problem(where, found, "one", "unpack it beside evaluation.yaml"))
        inner = Path(folder) / Path(names[0]).name
        with packed.open(names[0]) as stream, inner.open("wb") as out:
            shutil.copyfileobj(stream, out)
    return inner
