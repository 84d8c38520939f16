"""What goes wrong when a notebook becomes a document, as one sentence with a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from nbconvert.utils.exceptions import ConversionException


class PublishError(ConversionException):
    """A notebook cannot be turned into a document; the message names the cell and says what to do."""


def nearest(name: str, names: Iterable[str]) -> str:
    """The valid name closest to a mistyped one as a remedy, or an empty text when none is close."""
    match = difflib.get_close_matches(str(name), [str(n) for n in names], n=1, cutoff=0.6)
    return f"did you mean {match[0]!r}?" if match else ""
