"""How a figure is written as SVG: laid out once, drawn once, every text measured once.

matplotlib's `savefig` draws a figure that is laid out twice, the first time to no page, each time with a renderer of
its own, which measures every text again.
"""

from __future__ import annotations

import functools
import io
from typing import Any

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

# places along a side of a figure at which an axes may stand; a power of two, so that halves and quarters are among them
_GRID = 2**20

_Height = tuple[float, float, float] | tuple[None, None, None]


def written(canvas: Canvas) -> str:
    """The figure as SVG, without a clock and without the name of what drew it."""
    screen = canvas.dpi
    canvas.dpi = _Paper.fixed_dpi
    buffer = io.StringIO()
    pen = _Paper(canvas, buffer).pen
    _settle_empty_labels(canvas)
    engine = canvas.get_layout_engine()
    if engine is not None:
        engine.execute(canvas)
        canvas.set_layout_engine("none")
        _snap(canvas)
    canvas.draw(pen)
    pen.finalize()  # type: ignore[no-untyped-call]
    canvas.dpi = screen
    return buffer.getvalue()


def _settle_empty_labels(canvas: Canvas) -> None:
    """Place the labels that have no text anywhere.

    matplotlib would look for their places beside the ticks and measure each tick's text to do so, a fifth of the time
    that a figure takes.
    """
    for axes in canvas.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)


def _snap(canvas: Canvas) -> None:
    """Put each axes on the nearest place of a grid.

    The layout's solver (kiwi) sums in the order of its variables' addresses in memory, so that two processes place an
    axes some 1e-16 apart, and a coordinate that lies between two of six decimals would be written in either way.
    """
    for axes in canvas.axes:
        bounds = axes.get_position(original=True).bounds
        axes.set_position(tuple(round(side * _GRID) / _GRID for side in bounds))


class _Pen(RendererSVG):
    """Measures for the layout, then draws."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """The size of a text in points."""
        return _size(s, prop.copy(), ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> _Height:
        """What matplotlib asks a renderer before it opens the font's tables itself, at every text."""
        return _height(prop.copy())


@functools.lru_cache(maxsize=1 << 14)
def _size(text: str, font: FontProperties, markup: Any) -> tuple[float, float, float]:
    return text_to_path.get_text_width_height_descent(text, font, markup)


@functools.lru_cache(maxsize=256)
def _height(font: FontProperties) -> _Height:
    """How far a line of a font reaches up and down, and its gap, in points; where it does not say, matplotlib looks."""
    file = get_font(findfont(font))
    head, table = file.get_sfnt_table("head"), file.get_sfnt_table("OS/2")
    if head is None or table is None:
        return None, None, None
    point = 1 / head["unitsPerEm"] * font.get_size_in_points()
    return table["sTypoAscender"] * point, -table["sTypoDescender"] * point, table["sTypoLineGap"] * point


class _Paper(FigureCanvasSVG):
    """A figure's page and the pen that both its layout and its drawing use."""

    def __init__(self, figure: Canvas, buffer: io.StringIO) -> None:
        super().__init__(figure)
        width, height = figure.get_size_inches() * self.fixed_dpi
        unstated = {"Date": None, "Creator": None}
        self.pen = _Pen(width, height, buffer, metadata=unstated)  # type: ignore[no-untyped-call]

    def get_renderer(self) -> _Pen:
        """What matplotlib asks for when it lays a figure out."""
        return self.pen
