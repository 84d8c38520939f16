"""A figure is written as matplotlib's own `savefig` writes it."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from fewdistricts.exhibits.figures import paper, style
from fewdistricts.exhibits.figures.common import mark


@pytest.fixture
def figure():
    style.apply()
    figure = Figure(figsize=(4, 2))
    left, right = figure.subplots(1, 2)
    left.plot([0, 1, 2], [3, 1, 2], marker="o")
    left.set(title="Feels safe,\nby wave", xlabel="wave", ylabel="share")
    right.barh(["before", "after"], [0.4, 0.6], hatch="///")
    right.text(0.5, 0.5, "turned", rotation=30, style="italic", weight="bold")
    return figure


def test_it_is_what_matplotlib_writes(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    assert paper.written(figure) == buffer.getvalue()


def test_a_figure_that_is_laid_out_stands_where_matplotlib_puts_it(figure):
    figure.set_layout_engine("constrained")
    paper.written(figure)
    places = [axes.get_position().bounds for axes in figure.axes]
    figure.set_layout_engine("constrained")
    figure.savefig(io.StringIO(), format="svg")
    np.testing.assert_allclose(places, [axes.get_position().bounds for axes in figure.axes], atol=2e-3)


def test_no_place_is_sought_for_a_label_without_text(figure, monkeypatch):
    """It would be found by measuring every tick again."""
    measured = []
    siblings = Axis._get_tick_boxes_siblings

    def noted(self, renderer):
        measured.append(self)
        return siblings(self, renderer)

    monkeypatch.setattr(Axis, "_get_tick_boxes_siblings", noted)
    figure.set_layout_engine("constrained")
    paper.written(figure)
    left, _ = figure.axes
    assert set(measured) == {left.xaxis, left.yaxis}


def test_the_last_digits_of_the_layout_leave_no_trace(figure, monkeypatch):
    """Its solver sums in the order of addresses in memory, which differs between two builds."""
    rest = iter(np.linspace(-3e-14, 3e-14, 8))
    execute = ConstrainedLayoutEngine.execute

    def unsteady(self, canvas):
        execute(self, canvas)
        for axes in canvas.axes:
            axes.set_position([side + next(rest) for side in axes.get_position().bounds])

    figure.set_layout_engine("constrained")
    shown = copy.deepcopy(figure)
    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", unsteady)
    moved = paper.written(figure)
    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", execute)
    assert moved == paper.written(shown)
    assert next(rest, None) is None


def test_a_mark_widens_its_panel_as_a_scattered_point_does():
    style.apply()
    ours, theirs = Figure().subplots(), Figure().subplots()
    for x, y in ((1.0, 2.0), (5.0, -3.0)):
        mark(ours, x, y, style.PILOT)
        theirs.scatter([x], [y])
    assert ours.get_xlim() == theirs.get_xlim()
    assert ours.get_ylim() == theirs.get_ylim()
