"""How a word is spelled: one Unicode form, no invisible characters, and how near two spellings are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Soft hyphens, zero-width characters, marks and overrides of direction, byte order marks."""

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff\U000f0000-\U0010ffff]"
)
"""Controls, direction overrides, halves of pairs, private characters and noncharacters, which XML or fonts refuse."""

_LAST_OF_PLANE = 0xFFFE

_NUMBER = re.compile("[-\u2212\uff0d]?\\d[\\d.,'\u2019\u066b\u066c ]*")
"""A number in the digits of any script, with the marks that part its thousands and decimals."""

_COMPARING = re.compile(r"[<>≤≥+]|-$")
"""Signs without which an answer is another one: `< 5 km` and `> 5 km`, `A` and `A+` and `A-`."""

_COUNTS = re.compile(r"\d|\b(?:[^\W\d_]|[ivx]+)\b")
"""Digits, and letters and Roman numerals that stand alone: what tells two places of one name apart."""

_MARKS = {0x2212: "-", 0xFF0D: "-", 0x2019: "'", 0x066B: ".", 0x066C: None}
"""Minus signs, the apostrophe between thousands, and what Arabic writes before decimals and between thousands."""


def plain(text: str) -> str:
    """A text in Unicode form NFC, without invisible characters, its words one space apart; numbers in digits 0 to 9.

    Examples
    --------
    >>> plain(" El\\u00a0 Tambo\\u200b ")
    'El Tambo'
    >>> plain("\\u2212\\u0661\\u066c\\u0662\\u0663\\u0664")
    '-1234'
    """
    if text.isascii():
        return " ".join(text.split())
    text = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
    if _NUMBER.fullmatch(text):
        digits = [str(unicodedata.decimal(character, character)) for character in text]
        text = "".join(digits).translate(_MARKS)
    return text


def unprintable(text: str) -> str:
    """The first character that no document can carry, as `U+FFFE`; empty where there is none."""
    match = _UNPRINTABLE.search(text)
    if match:
        return f"U+{ord(match[0]):04X}"
    for character in text:
        if ord(character) & _LAST_OF_PLANE == _LAST_OF_PLANE:
            return f"U+{ord(character):04X}"
    return ""


def folded(text: str) -> str:
    """Letters and digits alone, in lower case and without accents: what two spellings of one word share."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = [character for character in decomposed if not unicodedata.combining(character)]
    return re.sub(r"[\W_]+", "", "".join(letters))


def comparing(text: str) -> str:
    """The signs of a text without which it would mean something else.

    Examples
    --------
    >>> comparing("< 5 km"), comparing("A+"), comparing("18-29")
    ('<', '+', '')
    """
    return "".join(_COMPARING.findall(text.strip()))


def unpadded(text: str) -> str:
    """A spelling without what programs add to or take from ids: leading zeros, `.0`, case, spaces and signs."""
    return folded(re.sub(r"\.0+$", "", text)).lstrip("0")


def nearly(one: str, other: str) -> bool:
    """Whether two spellings differ by a slip: case, accents, spaces, signs, or one letter of a long word.

    Numbers are never near each other, and neither are words that differ by a digit, a letter or a Roman numeral that
    stands alone, as `School A` and `School B`.
    """
    a, b = folded(one), folded(other)
    if one == other or not a or not b or a.isdigit() or b.isdigit() or comparing(one) != comparing(other):
        return False
    if a == b:
        return True
    if min(len(a), len(b)) < 8 or _COUNTS.findall(one.casefold()) != _COUNTS.findall(other.casefold()):
        return False
    from rapidfuzz.distance import OSA  # here, for most commands compare no spellings

    return OSA.distance(a, b, score_cutoff=1) <= 1


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name closest to a mistyped one, whatever its case and accents; None where none is close."""
    from rapidfuzz import fuzz, process

    known = [str(each) for each in names]
    match = process.extractOne(str(name), known, scorer=fuzz.ratio, processor=folded, score_cutoff=60)
    return match[0] if match else None
