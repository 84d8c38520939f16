"""The visual language: pilot, comparison, before and after look the same in every figure.

Blue and orange of Okabe-Ito are told apart by every common colour blindness and, with circle and square, in grey.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.font_manager
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import Formatter, MaxNLocator

from fewdistricts.design.colours import LEAST_OF_TEXT, WHITE, contrast
from fewdistricts.design.printed import Colours

PILOT, COMPARISON, NEIGHBOUR, INK, GREY = "#12436D", "#D55E00", "#28785B", "#1B1B1B", "#8A9096"
COMPARISON_INK = "#A84300"  # the orange, dark enough for small type
GREY_INK = "#5B6268"  # grey that is read as text and thin lines
BAND, ZONE = "#F4F5F7", "#DCE6EE"  # behind a family; where a difference does not matter
COLOUR = {"pilot": PILOT, "comparison": COMPARISON, "neighbour": NEIGHBOUR}
INK_OF = {"pilot": PILOT, "comparison": COMPARISON_INK}  # of small type that belongs to an arm
MARKER = {"pilot": "o", "comparison": "s", "neighbour": "D"}
TEXT_WIDTH = 6.3  # inches: A4 less the margins of the PDF
STAMP = 0.17  # inches of the line that says of what kind the data are, below a figure
PHONE_WIDTH = 3.5  # inches, of 96 dots
_for_phone: ContextVar[bool] = ContextVar("for_phone", default=False)


SHADES = (0.1625, 0.325, 0.35, 0.4875, 0.65)
"""How thinly a map prints the colour of an arm."""


def mixed(colour: str, part: float) -> str:
    """A colour on white paper, as if printed so thinly."""
    channels = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - part * (255 - channel)):02X}" for channel in channels)


def exchanged(declared: Colours) -> dict[str, str]:
    """The house's colours of the arms, their shades and the one of small type, and the declared ones in their place.

    Figures are drawn in the house's colours; those that evaluation.yaml declares are put in when a picture is written.
    """
    if declared == Colours():
        return {}
    exchange = {COMPARISON_INK: legible(declared.comparison)}
    for own, other in ((PILOT, declared.pilot), (COMPARISON, declared.comparison)):
        exchange |= {own: other, **{mixed(own, part): mixed(other, part) for part in SHADES}}
    return exchange


def legible(colour: str) -> str:
    """The colour, as much darker as small type on white needs (4.5 to 1; WCAG 2.2, success criterion 1.4.3)."""
    part = 0.0
    while contrast(_darker(colour, part), WHITE) < LEAST_OF_TEXT:
        part += 0.02
    return _darker(colour, part)


def _darker(colour: str, part: float) -> str:
    channels = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(channel * (1 - part)):02X}" for channel in channels)


@functools.cache
def _add_font() -> None:
    """Make the font known to matplotlib; it comes from a package, or the layout would depend on the machine."""
    import font_source_sans_pro

    folder = Path(font_source_sans_pro.__file__).parent / "files"
    for face in ("Regular", "It", "Semibold", "Bold"):
        matplotlib.font_manager.fontManager.addfont(folder / f"SourceSansPro-{face}.ttf")


@functools.cache
def apply() -> None:
    """Set the style once."""
    _add_font()
    seaborn.set_theme(
        context="paper",
        style="ticks",
        rc={
            "svg.fonttype": "none",
            "svg.hashsalt": "evaluation",
            "font.family": "sans-serif",
            "font.sans-serif": ["Source Sans Pro", "DejaVu Sans"],
            "font.size": 9,
            "axes.labelsize": 9,
            "axes.titlesize": 9.5,
            "axes.titleweight": "semibold",
            "axes.titlelocation": "left",
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "legend.fontsize": 8.5,
            "legend.frameon": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": GREY,
            "axes.unicode_minus": True,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.parse_math": False,
            "hatch.linewidth": 0.6,
        },
    )


@contextmanager
def for_phone() -> Iterator[None]:
    """Within it figures are drawn as wide as a phone: panels that stand side by side come two by two, and those that
    share their names below each other."""
    token = _for_phone.set(True)
    try:
        yield
    finally:
        _for_phone.reset(token)


def is_for_phone() -> bool:
    """Whether figures are drawn as wide as a phone."""
    return _for_phone.get()


def width() -> float:
    """Inches that a figure is wide."""
    return PHONE_WIDTH if _for_phone.get() else TEXT_WIDTH


def canvas(height: float, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Canvas, list[Axes]]:
    """A figure of the text's width; its axes as a flat list. Not registered with pyplot, so nothing needs closing."""
    apply()
    panels = columns * rows
    if _for_phone.get() and rows == 1 and columns > 1:
        columns = 1 if options.get("sharey") else 2
        rows = -(-panels // columns)
        height *= rows
    figure = Canvas(figsize=(width(), height), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False, **options).ravel())
    for unused in axes[panels:]:
        unused.set_visible(False)
    return figure, axes[:panels]


def stamp(figure: Canvas, text: str) -> None:
    """Say in the figure itself that its data are synthetic (it may travel without its caption)."""
    if text:
        figure.text(0.995, 0.005, text, ha="right", va="bottom", fontsize=8.5, color="#9C2A00", style="italic")
        room = STAMP / figure.get_figheight()
        figure.get_layout_engine().set(rect=(0, room, 1, 1 - room))  # type: ignore[union-attr,call-arg]


def signed_ticks(panel: Axes, words: Any, ticks: int = 7) -> None:
    """Signed numbers under a horizontal axis, with as many decimals as its steps need."""
    panel.xaxis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10]))
    signed_steps(panel.xaxis, words)


def signed_steps(axis: Any, words: Any) -> None:
    """Signed numbers along an axis, with as many decimals as its steps need."""
    axis.set_major_formatter(Steps(words.signed))


class Steps(Formatter):
    """Numbers of ticks, with as many decimals as tell them apart, five at most."""

    def __init__(self, printed: Callable[[float, int], str]) -> None:
        """`printed` puts a number with so many decimals into words."""
        self._printed, self._digits = printed, 0

    def __call__(self, value: float, pos: int | None = None) -> str:  # noqa: ARG002 - as matplotlib calls it
        """The number of one tick."""
        return self._printed(value, self._digits)

    def set_locs(self, locs: Any) -> None:
        """All ticks of the axis, before their numbers are asked for."""
        super().set_locs(locs)
        self._digits = next((k for k in range(5) if all(_has_decimals(tick, k) for tick in locs)), 5)


def _has_decimals(number: float, most: int) -> bool:
    return abs(number - round(number, most)) < 1e-9 * max(1, abs(number))


def whole_numbers() -> MaxNLocator:
    """Ticks at whole numbers only."""
    return MaxNLocator(integer=True)
