"""Bands of numbers as evaluation.yaml writes them: `18-29`, `45+`, `<18`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

ALLOWED = "a band of numbers like 18-29 (both ends belong to it), 45+ or <18"

_NUMBER = r"-?\d+(?:\.\d+)?"
_BETWEEN = re.compile(rf"({_NUMBER})\s*[-–]\s*({_NUMBER})")
_FROM = re.compile(rf"({_NUMBER})\s*\+")
_BELOW = re.compile(rf"<\s*({_NUMBER})")


@dataclass(frozen=True)
class Limits:
    """The numbers from `low` to `high`; `high` itself belongs to them unless `open` is set."""

    low: float
    high: float
    open: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies in the band."""
        below = value < self.high if self.open else value <= self.high
        return self.low <= value and below


def limits(text: str) -> Limits | None:
    """The limits of a band; None where the text is none, or its ends are the wrong way round."""
    text = text.strip()
    if match := _BETWEEN.fullmatch(text):
        low, high = float(match[1]), float(match[2])
        return Limits(low, high) if low <= high else None
    if match := _FROM.fullmatch(text):
        return Limits(float(match[1]), math.inf)
    if match := _BELOW.fullmatch(text):
        return Limits(-math.inf, float(match[1]), open=True)
    return None
