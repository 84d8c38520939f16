"""How much room a slide has left, in points, as far as it can be told before Typst sets it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nbaccessible import fonts
from nbaccessible.model import Token, text_of

WIDTH, HEIGHT = 739.5, 325.0  # of what stands under a title of one line
TEXT, CAPTION, NOTE = 22.0, 13.0, 12.0  # sizes of slides.typ
_CAPITAL, _LEADING, _GAP = 0.66, 0.6, 21.0  # em from baseline to cap height, em between lines, points after a paragraph


class SlideRoom:
    """Follows a slide from its heading on; `fresh` until its first picture has been shown."""

    def __init__(self) -> None:
        self.fresh = True
        self.taken = 0.0

    def prose(self, tokens: Iterable[Token]) -> None:
        """Text has been written; a heading of level 1 or 2 begins a slide."""
        for token in tokens:
            if token["type"] == "heading" and token["attrs"]["written"] <= 2:
                self.fresh, self.taken = True, 0.0
            else:
                parts = token["children"] if token["type"] == "list" else [token]
                self.taken += sum(height(text_of(part.get("children", ())), TEXT) + _GAP for part in parts)

    def other(self) -> None:
        """Something has been written of which the size is not known here."""
        self.taken = math.inf

    def table(self, caption: str, note: str) -> float:
        """What a table may take to stay on the slide; 0 or less where that cannot be told."""
        return HEIGHT - self.taken - beside(caption, note)


def height(text: str, size: float) -> float:
    """A text of this size on the lines that it needs."""
    lines = math.ceil(fonts.width(text) * size / WIDTH)
    return (lines * _CAPITAL + max(lines - 1, 0) * _LEADING) * size


def beside(caption: str, note: str) -> float:
    """What stands above and below an exhibit."""
    return (32 if caption else 16) + height(caption, CAPTION) + height(note, NOTE)
