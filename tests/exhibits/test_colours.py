"""The colours of the arms are told apart by every common colour blindness, in grey by lightness and shape, on paper and
in the dark.

Colour blindness by the matrices of Machado, Oliveira and Fernandes (2009), severity 1, on linear light; distances are
CIE76 in CIELAB, of which about 2.3 can just be noticed.
"""

from __future__ import annotations

import itertools

import matplotlib.colors
import numpy as np
import pytest

from fewdistricts.exhibits.figures import map as tiles
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.distribution import hatch, piece_colour
from nbaccessible import shades

SIGHT = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    encoded = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    x, y, z = XYZ @ np.clip(light, 0, 1) / (XYZ @ np.ones(3))
    f = [v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, sight: str) -> float:
    matrix = np.array(SIGHT[sight])
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it."""
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_pilot_and_comparison_are_told_apart(sight):
    assert distance(style.PILOT, style.COMPARISON, sight) > 20


@pytest.mark.parametrize("sight", ["protanopia", "deuteranopia", "tritanopia", "grey"])
def test_no_two_arms_have_the_same_colour_to_anybody(sight):
    for one, other in itertools.combinations(style.COLOUR.values(), 2):
        assert distance(one, other, sight) > 8, (one, other)
    assert len(set(style.MARKER.values())) == len(style.MARKER) == len(style.COLOUR)


@pytest.mark.parametrize("colour", [style.PILOT, style.COMPARISON, style.NEIGHBOUR, style.INK, style.GREY])
def test_marks_stand_out_from_paper(colour):
    assert contrast(colour, "white") >= 3  # WCAG 1.4.11


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("answers", [4, 5, 7])
@pytest.mark.parametrize("arm", [style.PILOT, style.COMPARISON])
def test_no_two_pieces_of_a_bar_of_answers_look_alike(sight, answers, arm):
    """Neighbours of one half differ in lightness; the halves, of which grey knows no colour, by the hatch."""
    colours = [matplotlib.colors.to_hex(piece_colour(arm, k, answers)) for k in range(answers)]
    for one, other in itertools.combinations(range(answers), 2):
        same_side = hatch(one, answers) == hatch(other, answers)
        assert not same_side or distance(colours[one], colours[other], sight) > 5, (one, other)
    assert hatch(0, answers) and not hatch(answers - 1, answers)


def test_red_and_green_of_one_lightness_would_be_found():
    assert distance("#A05A2C", "#6B7A1E", "normal") > 25
    assert distance("#A05A2C", "#6B7A1E", "deuteranopia") < 20


@pytest.mark.parametrize("gain", [1.0, -1.0])
def test_text_on_a_tile_is_read_on_light_and_dark_pages(gain):
    """WCAG 2.2, 1.4.3: small text has a contrast of 4.5 with the strongest shade that it stands on."""
    shade = tiles._shade(gain, 1.0, tiles.PALE)
    assert contrast(style.INK, shade) >= 4.5
    assert contrast(shades.on_dark(style.INK.lower()), shades.on_dark(shade.lower())) >= 4.5
