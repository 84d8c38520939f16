"""Whether two colours can be told from white paper and from each other, also by the colour-blind.

Contrast as WCAG 2.2 defines it, at least 3 for parts of a chart (success criterion 1.4.11). Colour blindness is
simulated by the matrices of Machado, Oliveira and Fernandes (2009) at full severity; distance in CIELAB (CIE 1976).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from fewdistricts.design.types import refuse

LEAST_CONTRAST = 3.0
LEAST_OF_TEXT = 4.5
"""Of the pilots' colour, in which headings and links are set (success criterion 1.4.3)."""
LEAST_DISTANCE = 20.0
"""In CIELAB, where 2.3 is just noticed side by side; lines and dots of a chart are thin and far apart."""
WHITE = "#FFFFFF"

_BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
_TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
_WHITE_POINT = [0.9505, 1.0, 1.089]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def least_distance(one: str, other: str) -> tuple[float, str]:
    """The CIELAB distance of two colours as seen by the kind of eyes that see it least, and the name of that kind."""
    distances = {"usual sight": _distance(_linear(one), _linear(other))}
    for name, matrix in _BLIND.items():
        distances[name] = _distance(_seen(matrix, one), _seen(matrix, other))
    kind = min(distances, key=lambda name: distances[name])
    return distances[kind], kind


def refuse_unclear(pilot: str, comparison: str) -> None:
    """Refuse colours that are too pale, or too like each other, with the number that says so."""
    for name, colour, least in (("pilot", pilot, LEAST_OF_TEXT), ("comparison", comparison, LEAST_CONTRAST)):
        ratio = contrast(colour, WHITE)
        if ratio < least:
            refuse(
                f"{name} {colour}, of which the contrast on white is {ratio:.1f}",
                f"a contrast of at least {least:g}",
                "take a darker colour",
            )
    distance, kind = least_distance(pilot, comparison)
    if distance < LEAST_DISTANCE:
        refuse(
            f"pilot {pilot} and comparison {comparison}, {distance:.0f} apart with {kind}",
            f"a distance of at least {LEAST_DISTANCE:g} in CIELAB",
            "take one dark and one light colour, or blue and orange",
        )


def _linear(colour: str) -> list[float]:
    """Red, green and blue as amounts of light, from 0 to 1."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _seen(matrix: Sequence[Sequence[float]], colour: str) -> list[float]:
    """A colour's amounts of light as eyes of a kind see them."""
    return [min(max(value, 0.0), 1.0) for value in _times(matrix, _linear(colour))]


def _luminance(colour: str) -> float:
    return _times(_TO_XYZ, _linear(colour))[1]


def _lab(linear: Sequence[float]) -> list[float]:
    relative = [value / white for value, white in zip(_times(_TO_XYZ, linear), _WHITE_POINT, strict=True)]
    x, y, z = (math.cbrt(value) if value > 0.008856 else 7.787 * value + 16 / 116 for value in relative)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return math.dist(_lab(one), _lab(other))
