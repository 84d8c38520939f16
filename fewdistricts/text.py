"""Small pieces of English that messages and ids are made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence


def slug(text: str, longest: int = 64, otherwise: str = "") -> str:
    """An id made of a text: lower-case ASCII letters and digits with hyphens between them.

    Parameters
    ----------
    text : str
        Any text; accents are taken off its letters.
    longest : int
        Characters that the id may have.
    otherwise : str
        What is returned where no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:longest].strip("-") or otherwise


def some(items: Sequence[str], most: int = 10, separator: str = ", ") -> str:
    """The first items, and how many more there are: `a, b and 7 more`."""
    first = separator.join(items[:most])
    further = len(items) - most
    return f"{first} and {further:,} more" if further > 0 else first


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 wave`, `2 waves`; `plural` where it is not formed by an s."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {plural or noun + 's'}"
