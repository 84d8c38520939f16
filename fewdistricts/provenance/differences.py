"""Where two versions of a published file part, in a line for people."""

from __future__ import annotations

import csv
import io
import zipfile
from itertools import zip_longest

NUMBERS = "estimates.csv"


def first(name: str, published: bytes, rebuilt: bytes) -> str:
    """The first difference: line and words in text, member of a workbook, byte otherwise; of numbers how much."""
    if name.endswith(".xlsx"):
        return _in_members(published, rebuilt)
    where = _in_bytes(published, rebuilt)
    return f"{where}; {numeric(published.decode(), rebuilt.decode())}" if name == NUMBERS else where


def numeric(published: str, rebuilt: str) -> str:
    """How far the numbers of two tables are apart, cell by cell: noise of another machine, or a finding."""
    largest, at, numbers, words, cells = 0.0, "", 0, 0, 0
    rows = [list(csv.reader(io.StringIO(text))) for text in (published, rebuilt)]
    header = rows[0][0] if rows[0] else []
    for line, (old, new) in enumerate(zip_longest(*rows, fillvalue=[]), start=1):
        for place, (one, other) in enumerate(zip_longest(old, new, fillvalue="")):
            cells += 1
            if one == other:
                continue
            apart = _apart(one, other)
            if apart is None:
                words += 1
                continue
            numbers += 1
            if apart >= largest:
                largest, at = apart, f"{header[place] if place < len(header) else place + 1} of line {line:,}"
    said = [f"{numbers:,} of {cells:,} cells are other numbers, by at most {largest:.1e} of their size ({at})"] * (
        numbers > 0
    )
    said += [f"{words:,} cells are other words"] * (words > 0)
    return " and ".join(said)


def _apart(one: str, other: str) -> float | None:
    """Distance of two numbers relative to the larger; None unless both are numbers."""
    try:
        a, b = float(one), float(other)
    except ValueError:
        return None
    return abs(a - b) / max(abs(a), abs(b)) if abs(a) != float("inf") != abs(b) else float("inf")


def _in_members(published: bytes, rebuilt: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(published)) as old, zipfile.ZipFile(io.BytesIO(rebuilt)) as new:
            for name in old.namelist():
                if name not in new.namelist():
                    return f"{name} in it is missing"
                if old.read(name) != new.read(name):
                    return f"{name} in it {_in_bytes(old.read(name), new.read(name))}"
    except zipfile.BadZipFile:
        pass
    return _in_bytes(published, rebuilt)


def _in_bytes(published: bytes, rebuilt: bytes) -> str:
    at = next((k for k, pair in enumerate(zip(published, rebuilt, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return f"one is longer: {len(published):,} bytes published, {len(rebuilt):,} rebuilt"
    try:
        published.decode(), rebuilt.decode()
    except UnicodeDecodeError:
        return f"differs from byte {at + 1:,} of {len(published):,}"
    line = published.count(b"\n", 0, at) + 1
    old, new = (_around(content, at) for content in (published, rebuilt))
    return f"differs in line {line:,}: published {old!r}, rebuilt {new!r}"


def _around(content: bytes, at: int) -> str:
    start = max(content.rfind(b"\n", 0, at) + 1, at - 30)
    return content[start : at + 30].split(b"\n")[0].decode(errors="ignore")
