"""When and where: the timeline of surveys and the diagram of districts and waves."""

from __future__ import annotations

from datetime import date, timedelta
from textwrap import fill

import seaborn
from matplotlib.axes import Axes

from evaluation.exhibits import house
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.figures.common import Drawn
from evaluation.exhibits.results import Results
from evaluation.exhibits.wording import Words


def timeline(results: Results, words: Words) -> Drawn:
    """Fieldwork of each wave, the start, and the months that recall questions reach back to."""
    design = results.design
    recall = max((i.recall_months or 0 for i in design.indicators), default=0)
    canvas, (axes,) = house.canvas(0.75 + 0.42 * len(design.waves))
    starts = sorted({s for d in design.pilots if (s := design.start_of(d)) is not None})
    rows: list[list[Cell] | str] = []
    sentences = []
    for y, wave in enumerate(design.waves):
        first, last = wave.fieldwork
        if recall:
            axes.barh(
                y,
                (first - _months_before(first, recall)).days,
                left=_day(_months_before(first, recall)),
                height=0.5,
                color=house.GREY,
                alpha=0.35,
                linewidth=0,
            )
        axes.barh(y, max((last - first).days + 1, 12), left=_day(first), height=0.5, color=house.INK, linewidth=0)
        label, months = words.text(wave.label), (words.month(first), words.month(last))
        rows.append([label, months[0], months[1], words.month(_months_before(first, recall)) if recall else "–"])
        sentences.append(words.label("figure", "timeline", "wave", label=label, first=months[0], last=months[1]))
    for start in starts:
        axes.axvline(_day(start), color=house.PILOT, linewidth=1.4)
        axes.annotate(
            words.label("words", "start_of", month=words.month(start)),
            (_day(start), -0.55),
            xytext=(4, 0),
            textcoords="offset points",
            color=house.PILOT,
            va="bottom",
            fontsize=8.5,
        )
    axes.set_yticks(range(len(design.waves)), [words.text(w.label) for w in design.waves])
    axes.set_ylim(len(design.waves) - 0.5, -1.0)
    _years(axes, design.waves[0].fieldwork[0] - timedelta(days=31 * (recall + 1)), design.waves[-1].fieldwork[1])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    w = words.labels("words")
    grid = Grid([Column(w["wave"]), Column(w["fieldwork"]), Column("→"), Column(w["recall"])], rows)
    recall_alt = words.label("figure", "timeline", "recall", months=words.number(recall)) if recall else ""
    key = "recall_note" if recall else "no_recall"
    values = {
        "first": words.month(design.waves[0].fieldwork[0]),
        "last": words.month(design.waves[-1].fieldwork[1]),
        "waves": " ".join(sentences),
        "start": words.listed([words.month(s) for s in starts]) or "–",
        "recall": recall_alt,
        "recall_note": words.label("figure", "timeline", key, months=words.number(recall)),
    }
    return Drawn(canvas, grid, values)


def _day(value: date) -> float:
    return float(value.toordinal())


def _months_before(value: date, months: int) -> date:
    month = value.year * 12 + value.month - 1 - months
    return date(month // 12, month % 12 + 1, min(value.day, 28))


def _years(axes: Axes, first: date, last: date) -> None:
    years = range(first.year, last.year + 2)
    step = max(1, len(years) // 8)
    axes.set_xticks([_day(date(y, 1, 1)) for y in years][::step], [str(y) for y in years][::step])
    axes.set_xlim(_day(first), _day(last) + 45)


def design(results: Results, words: Words) -> Drawn:
    """Which districts were surveyed when, with and without the programme."""
    plan = results.design
    shown = [d for arm in ("pilot", "comparison", "neighbour") for d in plan.districts if d.arm == arm]
    names = [fill(words.text(d.name), 44) for d in shown]
    canvas, (axes,) = house.canvas(0.6 + 0.215 * sum(name.count("\n") * 0.55 + 1 for name in names))
    marks = []
    rows: list[list[Cell] | str] = []
    for y, d in enumerate(shown):
        phases = []
        for x, wave in enumerate(plan.waves):
            on = d.arm == "pilot" and plan.start_of(d) is not None and plan.phase(d, wave) == "after"
            marks.append((x, y, on, house.COLOUR[d.arm], house.MARKER[d.arm]))
            phases.append(words.label("words", "yes" if on else "no"))
        rows.append([words.text(d.name), words.label("arm", d.arm), *phases])
    for x, y, on, colour, marker in marks:
        axes.plot(
            x,
            y,
            marker=marker,
            markersize=6.5,
            markeredgecolor=colour,
            markerfacecolor=colour if on else "white",
            linestyle="",
        )
    axes.set_yticks(range(len(shown)), names)
    axes.set_xticks(range(len(plan.waves)), [words.text(w.label) for w in plan.waves])
    axes.set_xlim(-0.6, len(plan.waves) - 0.4)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    seaborn.despine(ax=axes, left=True, bottom=True)
    w = words.labels("words")
    grid = Grid([Column(w["district"]), Column(w["arm"]), *(Column(words.text(v.label)) for v in plan.waves)], rows)
    counts = []
    for arm in ("pilot", "comparison", "neighbour"):
        if number := sum(d.arm == arm for d in shown):
            name = words.label("arms", arm).lower()
            counts.append(words.label("figure", "design", "arm", number=words.number(number), arm=name))
    values = {
        "districts": words.number(len(shown)),
        "waves": words.number(len(plan.waves)),
        "arms": words.listed(counts),
    }
    return Drawn(canvas, grid, values)
