"""The answer without each district, and the waves around the start, drawn."""

from __future__ import annotations

from math import ceil
from textwrap import fill

import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, axis_scale, hover, in_full, lines_of_differences
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name
from fewdistricts.exhibits.text.wording import Words

PHASES = {"before": style.GREY, "after": style.PILOT}


def _extremes(rows: list[Row]) -> list[Row]:
    """All of few; of more than `MOST` as many at either end, which move the answer most, from lowest to highest."""
    if len(rows) <= MOST:
        return rows
    ends = sorted(rows, key=lambda r: r.estimate)
    return ends[: MOST // 2] + ends[-(MOST // 2) :]


def leave_one_out(results: Results, words: Words) -> Figure | None:
    """The answer without each district, or pair, in turn; of many, those that move it most in either direction."""
    without = [r for r in results.of("att", estimator=results.headline.estimator) if r.variant == "without"]
    if not without:
        return None
    indicators = results.primary[:4]
    canvas, axes = style.canvas(0.6 + 0.55 * len(indicators), 1, len(indicators))
    rows: Rows = []
    sentences = []
    steady = True
    most = 0  # districts that an outcome can be without
    for panel, indicator in zip(axes, indicators, strict=True):
        label, answer = words.text(indicator.label), results.answer(indicator)
        of_indicator = [r for r in without if r.indicator == indicator.id and r.defined]
        if answer is not None and answer.defined:
            steady &= all(r.estimate * answer.estimate > 0 for r in of_indicator)
        most = max(most, len(of_indicator))
        drawn = _extremes(of_indicator)
        _marks(panel, results, words, indicator, drawn, answer)
        for r in drawn:
            rows.append([label, words.variant(results.design, r), contrast_cells(words, r)[0]])
        if of_indicator:
            ends = sorted(of_indicator, key=lambda r: r.estimate)
            low, high = words.difference_of(ends[0]), words.difference_of(ends[-1])
            sentences.append(words.label("figure", "leave_one_out", "sentence", label=label, low=low, high=high))
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["district"]), Column(contrast_name(results, words), "decimal")], rows)
    meaning = {
        "sentences": " ".join(sentences),
        "pairs": results.headline.estimator == "paired",
        "not_all": most > MOST,
        "steady": steady,
        "of": words.number(most),
        "number": words.number(MOST),
        "each": words.number(MOST // 2),
    }
    return Figure(canvas, grid, meaning)


def _marks(
    panel: Axes, results: Results, words: Words, indicator: Indicator, rows: list[Row], answer: Row | None
) -> None:
    """A mark for each answer without a district, and a line at the answer itself."""
    label, scale = words.text(indicator.label), axis_scale(indicator.unit_of)
    if rows:
        arms = [results.design.district(r.variant_of).arm for r in rows]
        seaborn.scatterplot(
            x=[r.estimate * scale for r in rows], y=[0] * len(rows), hue=arms, style=arms, palette=style.COLOUR,
            markers=style.MARKER, s=30, alpha=0.7, edgecolor="face", legend=False, ax=panel,
        )  # fmt: skip
    for r in rows:
        hover(panel, r.estimate * scale, 0, f"{label}, {words.variant(results.design, r)}: {in_full(words, r)}")
    if answer is not None and answer.defined:
        panel.axvline(answer.estimate * scale, color=style.INK, linewidth=1.4, ymin=0.15, ymax=0.85)
    panel.axvline(0, color=style.GREY, linewidth=0.8, zorder=0)
    lines_of_differences(panel, words, [indicator], [fill(label, 30)], (-0.5, 0.5))


def events(results: Results, words: Words) -> Figure | None:
    """The difference between the arms by wave around the start, where there are three waves or more."""
    by_indicator = {i.id: _over_time(results, i) for i in results.primary}
    indicators = [i for i in results.primary if any(row.defined for row in by_indicator[i.id])][:4]
    if not indicators:
        return None
    columns = min(2, len(indicators))
    lines = ceil(len(indicators) / columns)
    canvas, axes = style.canvas(2.1 * lines + 0.2, columns, lines)
    heading = words.label("words", "event_time")
    rows: Rows = []
    sentences = []
    for panel, indicator in zip(axes, indicators, strict=False):
        label, scale = words.text(indicator.label), axis_scale(indicator.unit_of)
        over_time = by_indicator[indicator.id]
        defined = [row for row in over_time if row.defined]
        _points(panel, defined, scale, size=5 if len(over_time) <= 24 else 2.5)
        # of many waves the alternative text says the first after the start and the last; the table has all
        spoken = {row.event_time for row in over_time} if len(over_time) <= 12 else {0, over_time[-1].event_time}
        for row in defined:
            time = words.number(row.event_time)
            hover(panel, row.event_time, row.estimate * scale, f"{heading} {time}: {in_full(words, row)}")
            rows.append([label, time, *contrast_cells(words, row)])
            if row.event_time in spoken:
                values = {"label": label, "time": time, **words.contrast_of(row)}
                sentences.append(words.label("figure", "events", "sentence", **values))
        panel.axhline(0, color=style.INK, linewidth=0.8, zorder=0)
        panel.set_title(fill(label, 40), fontsize=9)
        panel.set_ylabel("")
        panel.xaxis.set_major_locator(style.whole_numbers())
        panel.xaxis.set_major_formatter(lambda value, _: words.number(value))
        panel.set_xlabel(heading)
        style.signed_steps(panel.yaxis, words)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    heads = [words.label("words", "indicator"), heading, contrast_name(results, words)]
    grid = Grid([Column(head) for head in (*heads, words.interval_name(results.design))], rows)
    return Figure(canvas, grid, {"sentences": " ".join(sentences), "confidence": words.confidence(results.design)})


def _over_time(results: Results, indicator: Indicator) -> list[Row]:
    """The differences of an indicator in the order of the waves around the start."""
    rows = results.of("event_study", indicator=indicator.id, variant="main")
    return sorted(rows, key=lambda row: row.event_time)


def _points(panel: Axes, rows: list[Row], scale: float, size: float) -> None:
    """A point for each wave with its interval, where it has one; those before the start in grey, the base hollow."""
    seaborn.scatterplot(x=[-1], y=[0], color="white", edgecolor=style.INK, s=size**2, linewidth=1, ax=panel, zorder=3)
    phases = ["after" if r.event_time >= 0 else "before" for r in rows]
    seaborn.scatterplot(
        x=[r.event_time for r in rows], y=[r.estimate * scale for r in rows], hue=phases, palette=PHASES,
        s=(size + 1) ** 2, linewidth=0, legend=False, ax=panel, zorder=3,
    )  # fmt: skip
    # seaborn draws intervals that it computes from data; these are given
    for r, phase in zip(rows, phases, strict=True):
        if r.bounded:
            ends = [r.ci_low * scale, r.ci_high * scale]
            panel.plot([r.event_time] * 2, ends, color=PHASES[phase], linewidth=size * 0.3)
