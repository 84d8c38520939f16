"""The figures of the report, drawn from rows of the estimates; they compute nothing (no density, no fitted line)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from textwrap import fill
from typing import Any

import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from evaluation.design import Indicator
from evaluation.exhibits import house
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.published import published_rows
from evaluation.exhibits.results import Results, Row
from evaluation.exhibits.tables import contrast_name, method_note
from evaluation.exhibits.wording import Words


@dataclass(frozen=True)
class Drawn:
    """A figure with the table of what it draws and the values that its caption, alt text and note ask for."""

    canvas: Canvas
    data: Grid
    values: dict[str, Any] = field(default_factory=dict)


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


def levels(results: Results, words: Words) -> Drawn:
    """Slope charts of the primary outcomes: means of the arms thick, single districts thin."""
    head = results.headline
    indicators = results.primary[:6]
    columns = 2 if len(indicators) == 4 else min(3, len(indicators))
    lines = -(-len(indicators) // columns)
    canvas, axes = house.canvas(2.35 * lines + 0.25, columns, lines)
    arms = ["pilot", "comparison"] if head.compares else ["pilot"]
    waves = (head.baseline_wave, head.wave)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, indicator in zip(axes, indicators, strict=False):
        shown: dict[str, str] = {}
        for arm in arms:
            for d in (d for d in results.design.districts if d.arm == arm):
                _slope(panel, [results.level(d.id, wave, indicator) for wave in waves], arm, thin=True)
            ends = [results.level(arm, wave, indicator) for wave in waves]
            _slope(panel, ends, arm, thin=False)
            prefix = "" if arm == "pilot" else "comparison_"
            for end, name in zip(ends, ("before", "after"), strict=True):
                shown[prefix + name] = words.level(end.estimate if end else None, indicator.unit_of)
            rows.append(
                [
                    words.text(indicator.label),
                    words.label("arm", arm),
                    shown[prefix + "before"],
                    shown[prefix + "after"],
                ]
            )
        key = "sentence" if head.compares else "sentence_pilot"
        sentences.append(words.label("figure", "levels", key, label=words.text(indicator.label), **shown))
        panel.set_title(fill(words.text(indicator.label), 30), fontsize=9)
        panel.set_xticks([0, 1], [words.label("words", "before"), words.label("words", "after")])
        panel.set_xlim(-0.25, 1.25)
        _unit_axis(panel.yaxis, words, indicator)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    _arm_legend(canvas, words, arms)
    w = words.labels("words")
    grid = Grid(
        [Column(w["indicator"]), Column(w["arm"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows
    )
    return Drawn(canvas, grid, {"sentences": " ".join(sentences)})


def _slope(panel: Axes, ends: list[Row | None], arm: str, thin: bool) -> None:
    if any(end is None or not end.defined for end in ends):
        return
    values = [end.estimate for end in ends if end is not None]
    style: dict[str, Any] = (
        {"linewidth": 0.7, "alpha": 0.35}
        if thin
        else {"linewidth": 2.2, "marker": house.MARKER[arm], "markersize": 5.5}
    )
    panel.plot([0, 1], values, color=house.COLOUR[arm], zorder=2 if thin else 3, **style)


def _unit_axis(axis: Any, words: Words, indicator: Indicator) -> None:
    unit = indicator.unit_of
    axis.set_major_formatter(lambda value, _: words.share(value, 0) if unit == "share" else words.number(value, 1))


def _arm_legend(canvas: Canvas, words: Words, arms: list[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=house.COLOUR[a],
            marker=house.MARKER[a],
            linewidth=2.2,
            markersize=5.5,
            label=words.label("arms", a),
        )
        for a in arms
    ]
    canvas.legend(handles=handles, loc="outside lower center", ncols=len(arms))


def coefficients(results: Results, words: Words) -> Drawn:
    """The contrast of every indicator with its interval: shares in percentage points, means in their own unit."""
    answers = [(i, r) for i in results.design.indicators if (r := results.answer(i)) is not None and r.defined]
    shares = [(i, r) for i, r in answers if r.unit == "share"]
    others = [(i, r) for i, r in answers if r.unit != "share"]
    panels = [p for p in (shares, others) if p]
    height = 0.75 + 0.235 * len(answers) + 0.45 * (len(panels) - 1)
    canvas, axes = house.canvas(height, 1, max(1, len(panels)), height_ratios=[len(p) + 1.2 for p in panels] or None)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, members in zip(axes, panels, strict=False):
        scale = 100 if members is shares else 1
        for y, (i, r) in enumerate(members):
            colour = house.INK if i.role == "primary" else house.GREY if i.role == "placebo" else house.PILOT
            if r.bounded:
                panel.plot(
                    [r.ci_low * scale, r.ci_high * scale], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt"
                )
            face = "white" if i.role == "placebo" else colour
            panel.plot(r.estimate * scale, y, marker="o", markersize=5, color=colour, markerfacecolor=face)
            interval = words.interval(r.ci_low, r.ci_high, r.unit)
            rows.append([words.text(i.label), words.difference(r.estimate, r.unit), interval])
            text = words.label(
                "figure",
                "coefficients",
                "sentence",
                label=words.text(i.label),
                interval=interval,
                difference=words.difference(r.estimate, r.unit),
            )
            sentences.append(text)
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
        panel.set_yticks(range(len(members)), [fill(words.text(i.label), 46) for i, _ in members])
        for tick, (i, _) in zip(panel.get_yticklabels(), members, strict=True):
            tick.set_fontweight("semibold" if i.role == "primary" else "normal")
        panel.set_ylim(len(members) - 0.4, -0.6)
        panel.set_xlabel(words.label("words", "pp" if members is shares else "own_unit"))
        panel.xaxis.set_major_formatter(lambda value, _: words.signed(value, 0 if abs(value) >= 1 or value == 0 else 1))
        panel.tick_params(axis="y", length=0)
        seaborn.despine(ax=panel, left=True)
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    name = contrast_name(results, words)
    grid = Grid(
        [
            Column(w["indicator"]),
            Column(name, "decimal"),
            Column(words.label("words", "interval", confidence=confidence)),
        ],
        rows,
    )
    values = {
        "contrast": name,
        "confidence": confidence,
        "number": words.number(len(answers)),
        "sentences": " ".join(sentences),
        "method": method_note(results, words).rstrip("."),
    }
    return Drawn(canvas, grid, values)


def published(results: Results, words: Words) -> Drawn:
    """The published shares before and after, as stated."""
    pairs = [p for p in published_rows(results, words) if p.unit == "share"]
    canvas, (axes,) = house.canvas(0.75 + 0.33 * len(pairs))
    rows: list[list[Cell] | str] = []
    sentences = []
    for y, pair in enumerate(pairs):
        axes.annotate(
            "",
            (pair.after * 100, y),
            (pair.before * 100, y),
            arrowprops={"arrowstyle": "-|>", "color": house.GREY, "linewidth": 1.3, "shrinkA": 4, "shrinkB": 4},
        )
        axes.plot(pair.before * 100, y, marker="o", markersize=7, color=house.PILOT, markerfacecolor="white")
        axes.plot(pair.after * 100, y, marker="o", markersize=7, color=house.PILOT)
        for value in (pair.before, pair.after):
            side = 1 if value == max(pair.before, pair.after) else -1
            axes.annotate(
                words.share(value, 0),
                (value * 100, y),
                xytext=(9 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=8.5,
            )
        before, after = words.share(pair.before, 0), words.share(pair.after, 0)
        rows.append([words.text(pair.indicator.label), before, after])
        sentences.append(
            words.label(
                "figure", "published", "sentence", label=words.text(pair.indicator.label), before=before, after=after
            )
        )
    axes.set_yticks(range(len(pairs)), [fill(words.text(p.indicator.label), 40) for p in pairs])
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.set_xlim(0, max([p for pair in pairs for p in (pair.before, pair.after)], default=1) * 100 + 8)
    axes.xaxis.set_major_formatter(lambda value, _: words.share(value / 100, 0))
    axes.tick_params(axis="y", length=0)
    seaborn.despine(ax=axes, left=True)
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows)
    return Drawn(
        canvas, grid, {"sentences": " ".join(sentences), "source": "; ".join(sorted({p.source for p in pairs}))}
    )


FIGURES: dict[str, Callable[[Results, Words], Drawn]] = {
    f.__name__: f for f in (timeline, design, levels, coefficients, published)
}
