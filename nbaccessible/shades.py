"""Colours of drawings as CSS variables, each with its counterpart on dark paper.

Lightness is turned over in Oklab (Ottosson 2020), hue and as much of the chroma as the screen can show are kept. What
has a contrast of 3 to 1 on white paper keeps it on dark paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

Triple = tuple[float, float, float]

_DECLARED = re.compile(
    r"(?P<key>(?:fill|stroke|stop-color|flood-color)\s*:\s*)(?P<colour>#[0-9A-Fa-f]{3,6}\b|black|white)"
)
_PAINTS = ("fill", "stroke", "stop-color", "flood-color")
_NAMES = {"black": "#000000", "white": "#ffffff"}
# lightness: of dark paper, of the faintest mark on it, of its ink; on white paper marks end where the contrast is 3
PAPER, MARK, INK = 0.205, 0.66, 0.93
LIGHTEST_MARK = 0.68
BLACK, WHITE = "#000000", "#ffffff"
DARK_PAPER = "#15191c"  # that of report.css


def in_style(style: str, used: set[str]) -> str:
    """A style with its colours as variables; the colours are added to `used`."""

    def variable(match: re.Match[str]) -> str:
        return match["key"] + reference(match["colour"], used)

    return _DECLARED.sub(variable, style)


def reference(colour: str, used: set[str]) -> str:
    """The variable of a colour; anything that is no plain colour as it stands."""
    full = _full(colour)
    if not full:
        return colour
    used.add(full)
    return f"var(--c{full[1:]})"


def paint(key: str) -> bool:
    """Whether an attribute of a drawing holds a colour."""
    return key in _PAINTS


def _full(colour: str) -> str:
    colour = _NAMES.get(colour.strip().lower(), colour.strip().lower())
    if re.fullmatch("#[0-9a-f]{3}", colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    return colour if re.fullmatch("#[0-9a-f]{6}", colour) else ""


def css(colours: Iterable[str]) -> str:
    """The variables for white paper and print, and for dark paper on a screen."""
    ordered = sorted(colours)
    if not ordered:
        return ""
    light = "".join(f"--c{colour[1:]}:{colour};" for colour in ordered)
    dark = "".join(f"--c{colour[1:]}:{on_dark(colour)};" for colour in ordered)
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}"


@cache
def on_dark(colour: str) -> str:
    """The counterpart of a colour on dark paper: the order of lightness is turned over, marks stay marks."""
    if colour == WHITE:
        return DARK_PAPER
    lightness, a, b = _oklab(colour)
    if lightness <= LIGHTEST_MARK:
        turned = INK - lightness / LIGHTEST_MARK * (INK - MARK)
    else:
        turned = MARK - (lightness - LIGHTEST_MARK) / (1 - LIGHTEST_MARK) * (MARK - PAPER)
    share = 1.0
    while share > 0.01:
        light = _linear(turned, share * a, share * b)
        if all(-1e-6 <= value <= 1 + 1e-6 for value in light):
            return _written(light)
        share -= 0.02
    return _written(_linear(turned, 0, 0))


def _oklab(colour: str) -> Triple:
    red, green, blue = (_to_light(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _linear(lightness: float, a: float, b: float) -> Triple:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _to_light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _written(light: Triple) -> str:
    values = [min(max(value, 0.0), 1.0) for value in light]
    shown = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in values]
    return "#" + "".join(f"{round(255 * value):02x}" for value in shown)
