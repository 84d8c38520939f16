"""What a file is by its first bytes, where its suffix says otherwise."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey.delimited import marked

_LOOKED_AT = 4096
"""Bytes that tell what a file is: pages may have blank lines before their first tag."""

_OPEN_AND_SAVE = "open it in a spreadsheet program and save it as .xlsx"


@dataclass(frozen=True)
class Contents:
    """What a file holds."""

    what: str
    suffixes: tuple[str, ...]
    """The suffixes of such files, the usual one first; none where they are not read."""
    remedy: str = ""
    """What to do in place of a new name."""


_EXCEL = Contents("an Excel workbook (.xlsx)", (".xlsx", ".xlsm"))
_BINARY_EXCEL = Contents("a binary Excel workbook (.xlsb)", (".xlsb",))
_OPEN_DOCUMENT = Contents("an OpenDocument spreadsheet (.ods)", (".ods",))
_OLD_EXCEL = Contents(
    "an old or encrypted Excel workbook (.xls)",
    (".xls",),
    "rename it to {stem}.xls, or take the password out in a spreadsheet program and save it as .xlsx",
)
_PAGE = Contents("a web page (HTML)", (), _OPEN_AND_SAVE)
_XML = Contents("XML", (), _OPEN_AND_SAVE)
_PDF = Contents("a PDF", (), "ask whoever made it for the answers as .csv, .xlsx, .dta or .sav")
_TEXT = Contents("text, such as that of a .csv file", (".csv", ".txt", ".tab", ".tsv"))


_BEGINNINGS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _OLD_EXCEL,
    b"%PDF-": _PDF,
    b"$FL2": Contents("an SPSS file (.sav)", (".sav", ".zsav")),
    b"$FL3": Contents("an SPSS file (.zsav)", (".zsav", ".sav")),
    b"<stata_dta>": Contents("a Stata file (.dta)", (".dta",)),
    b"PAR1": Contents("a Parquet file (.parquet)", (".parquet",)),
    b"\x1f\x8b": Contents("a packed file (.gz)", (".gz",)),
}
_MEMBERS = {"xl/workbook.xml": _EXCEL, "xl/workbook.bin": _BINARY_EXCEL, "content.xml": _OPEN_DOCUMENT}
"""A file within the archive that such a workbook is."""


def require(path: Path, where: str, expected: str) -> None:
    """DataError where no file is, but a folder, a link to nothing or an empty file, or nothing at all."""
    if path.is_dir():
        raise DataError(Problem(where, "a folder", expected, "name a file in it"))
    if path.is_symlink() and not path.exists():
        raise DataError(Problem(where, "a link that leads to no file", expected, "copy the file itself there"))
    if not path.exists():
        beside = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(Problem(where, "no such file", expected, nearest(path.name, beside)))
    if not path.is_file():
        raise DataError(Problem(where, "something that is no file", expected))
    if path.stat().st_size == 0:
        raise DataError(Problem(where, "an empty file", "a header and rows"))


def check(path: Path, where: str, *, is_binary: bool) -> None:
    """DataError where the first bytes are those of another format than the suffix says, which may be a binary one."""
    found = contents(path)
    suffix = path.suffix.lower()
    if found is _OLD_EXCEL and suffix in found.suffixes and _is_damaged(path):
        raise DataError(Problem(where, "a damaged workbook", f"a {suffix} file that can be read", "get it once more"))
    if found is None or suffix in found.suffixes or (found is _TEXT and not is_binary):
        return
    remedy = found.remedy or f"rename it to {{stem}}{found.suffixes[0]}, and declare that `path` in data.files"
    raise DataError(Problem(where, found.what, f"a {suffix} file", remedy.format(stem=path.stem)))


def contents(path: Path) -> Contents | None:
    """What the first bytes tell; None where they tell nothing."""
    with path.open("rb") as stream:
        first = stream.read(_LOOKED_AT)
    for beginning, found in _BEGINNINGS.items():
        if first.startswith(beginning):
            return found
    if first.startswith(b"PK"):
        return _of_archive(path)
    words = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if words.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<style")):
        return _PAGE
    if words.startswith(b"<?xml"):
        return _PAGE if b"<html" in words else _XML
    return _TEXT if marked(path) or b"\0" not in first else None


def _of_archive(path: Path) -> Contents | None:
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
    return next((found for member, found in _MEMBERS.items() if member in names), None)


def _is_damaged(path: Path) -> bool:
    """Whether an old Excel workbook has no sectors, or some that lead in a circle, in which its reader would go on."""
    import olefile

    try:
        with olefile.OleFileIO(path) as workbook:
            starts = [entry.isectStart for entry in workbook.direntries if entry is not None]
            return any(_is_circle(workbook.fat, start) for start in starts)
    except OSError:
        return True


def _is_circle(following: Sequence[int], sector: int) -> bool:
    """Whether a chain of sectors, each of which says the one that follows, has no end."""
    for _ in range(len(following)):
        if sector >= len(following):
            return False
        sector = following[sector]
    return True
