"""Numbers that are texts: which mark parts thousands, which parts decimals, and where a column cannot say."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from fewdistricts.design import File, short
from fewdistricts.errors import Problem

_THREE_DIGITS = re.compile(r"-?[1-9]\d{0,2}(?P<mark>[.,])\d{3}")
"""A number whose one mark parts thousands or decimals: nobody can say."""

_DECIMALS = re.compile(r"-?\d*(?P<mark>[.,])\d+")
"""A number with one mark."""

_MARKED = re.compile(r"-?\d{1,3}(?:[.,' ]\d{3})*(?:[.,]\d+)?|-?\d*(?:[.,]\d+)?")


def number(text: str) -> float:
    """The finite number a text is, or nan."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text and text.isascii() else math.nan


def marks_of(codes: Sequence[str]) -> tuple[str, str]:
    """The mark between thousands and the decimal mark of the numbers of a column; empty where it has none.

    Examples
    --------
    >>> marks_of(["1,234.5", "950"]), marks_of(["1.234", "950"]), marks_of(["0,5", "1,25"]), marks_of(["0.5"])
    ((',', '.'), ('.', ''), ('', ','), ('', ''))
    """
    given = [code for code in codes if code and re.search(r"\d", code)]
    marked = [code for code in given if re.search(r"[.,' ]", code)]
    if not marked or not all(_MARKED.fullmatch(code) for code in given):
        return "", ""
    for parting, fraction in ((",", "."), (".", ","), ("'", "."), (" ", ",")):
        if any(re.search(rf"{re.escape(parting)}\d{{3}}{re.escape(fraction)}\d", code) for code in marked):
            return parting, fraction
    for mark in (",", ".", "'", " "):
        having = [code for code in marked if mark in code]
        if having and all(re.fullmatch(rf"-?[1-9]\d{{0,2}}({re.escape(mark)}\d{{3}})+", code) for code in having):
            # a point is a decimal mark wherever other numbers of the column have more or fewer digits behind it
            return mark, ""
    return "", ("," if any("," in code for code in marked) else "")


def remedy(texts: Sequence[str], column: str) -> str:
    """What to declare where numbers that are texts cannot be read; empty where no mark is the reason."""
    thousands, decimal = marks_of([text for text in texts if _MARKED.fullmatch(text)])
    if thousands:
        return f"declare `thousands: {{{column}: {thousands!r}}}` in data.files"
    return f"declare `decimal: {{{column}: ','}}` in data.files" if decimal == "," else ""


@dataclass
class Marks:
    """Reads the texts of one column of one file as numbers with a decimal point and nothing between thousands."""

    column: str
    decimal: str | None
    """As `data.files` declares it for the file or the column."""
    thousands: str | None
    decided: bool
    """Whether the marks are declared for this column, or both of them for the file."""
    undecided: dict[str, str] = field(default_factory=dict)
    """Mark: the first number in which it is followed by three digits."""
    decimals: set[str] = field(default_factory=set)
    """Marks that part decimals, by a number in which they could do nothing else."""
    strange: str = ""
    """The first text that reads as a number, but not by the marks that are declared."""

    @classmethod
    def of(cls, file: File, column: str) -> Marks:
        """The marks that a file declares for a column."""
        decimal, thousands = file.decimal_of(column), file.thousands_of(column)
        by_column = isinstance(file.decimal, dict) and decimal is not None
        return cls(column, decimal, thousands, decided=by_column or thousands is not None)

    def read(self, text: str) -> str:
        """The text, or the number that it is, as Python writes it."""
        if not text or not (text[-1].isdigit() and text[0] in "-.,0123456789"):
            return text
        self._look(text)
        if self.decimal is None and self.thousands is None:
            return text
        decimal = self.decimal or ("," if self.thousands == "." else ".")
        whole = r"\d+"
        if self.thousands:
            whole = rf"(?:\d+|\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+)"
        match = re.fullmatch(rf"(?P<whole>-?{whole}|-?)(?:{re.escape(decimal)}(?P<fraction>\d+))?", text)
        if match is None:
            if re.fullmatch(r"-?\d*\.\d+", text):
                self.strange = self.strange or text
            return text
        integer = match["whole"].replace(self.thousands, "") if self.thousands else match["whole"]
        return f"{integer}.{match['fraction']}" if match["fraction"] else integer

    def _look(self, text: str) -> None:
        if match := _THREE_DIGITS.fullmatch(text):
            self.undecided.setdefault(match["mark"], text)
        elif match := _DECIMALS.fullmatch(text):
            self.decimals.add(match["mark"])

    def doubt(self, where: str) -> Problem | None:
        """What has to be declared before the column is numbers; None where all is clear."""
        place = f"{where}, column {self.column!r}"
        if self.strange:
            remedy = "declare `thousands: '.'` if points part thousands"
            if self.thousands:
                remedy = f"correct the file, or declare `decimal: {{{self.column}: '.'}}`"
            declared = f"`thousands: {self.thousands!r}`" if self.thousands else f"`decimal: {self.decimal!r}`"
            found = f"{short(self.strange)} under {declared}"
            return Problem(place, found, "numbers written with the declared marks", remedy)
        for mark, example in self.undecided.items():
            if self.decided or mark in self.decimals:
                continue
            found = f"numbers such as {short(example)}, in which every {mark!r} is followed by three digits"
            remedy = (
                f"declare `thousands: {{{self.column}: {mark!r}}}` if it parts thousands, "
                f"`decimal: {{{self.column}: {mark!r}}}` if it parts decimals, in data.files"
            )
            return Problem(place, found, "marks that can be told apart", remedy)
        return None
