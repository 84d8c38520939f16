"""Whether two colours can be told from white paper and from each other, also by the colour-blind.

Contrast as WCAG 2.2 defines it, at least 3 for parts of a chart (success criterion 1.4.11). Colour blindness is
simulated by the matrices of Machado, Oliveira and Fernandes (2009) at full severity; distance in CIELAB (CIE 1976).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE_POINT = np.array([0.9505, 1.0, 1.089])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def least_distance(one: str, other: str) -> tuple[float, str]:
    """The CIELAB distance of two colours as seen by the kind of eyes that see it least, and the name of that kind."""
    distances = {"usual sight": _distance(_linear(one), _linear(other))}
    for name, matrix in _BLIND.items():
        seen = [np.clip(np.array(matrix) @ _linear(colour), 0, 1) for colour in (one, other)]
        distances[name] = _distance(*seen)
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


def _linear(colour: str) -> NDArray[np.float64]:
    """Red, green and blue as amounts of light, from 0 to 1."""
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(_TO_XYZ[1] @ _linear(colour))


def _lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    relative = _TO_XYZ @ linear / _WHITE_POINT
    root = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(_lab(one) - _lab(other)))
