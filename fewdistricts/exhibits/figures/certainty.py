"""The answer without each district, and the waves around the start, drawn."""

from __future__ import annotations

from textwrap import fill

import seaborn
from matplotlib.axes import Axes

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, axis_scale, hover, in_full
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name
from fewdistricts.exhibits.text.wording import Words

PHASES = {"before": house.GREY, "after": house.PILOT}


def _extremes(found: list[Row]) -> list[Row]:
    """All of few; of more than `MOST` as many at either end, which move the answer most, from lowest to highest."""
    if len(found) <= MOST:
        return found
    ends = sorted(found, key=lambda r: r.estimate)
    return ends[: MOST // 2] + ends[-(MOST // 2) :]


def leave_one_out(results: Results, words: Words) -> Drawn | None:
    """The answer without each district, or pair, in turn; of many, those that move it most in either direction."""
    without = [r for r in results.of("att", estimator=results.headline.estimator) if r.variant == "without"]
    if not without:
        return None
    indicators = results.primary[:4]
    canvas, axes = house.canvas(0.6 + 0.55 * len(indicators), 1, len(indicators))
    rows: list[list[Cell] | str] = []
    sentences = []
    most = 0  # districts that an outcome can be without
    for panel, indicator in zip(axes, indicators, strict=True):
        answer = results.answer(indicator)
        found = [r for r in without if r.indicator == indicator.id and r.defined]
        scale = axis_scale(indicator.unit_of)
        most = max(most, len(found))
        drawn = _extremes(found)
        if drawn:
            arms = [results.design.district(r.variant_of).arm for r in drawn]
            seaborn.scatterplot(
                x=[r.estimate * scale for r in drawn], y=[0] * len(drawn), hue=arms, style=arms, palette=house.COLOUR,
                markers=house.MARKER, s=30, alpha=0.7, edgecolor="face", legend=False, ax=panel,
            )  # fmt: skip
        for r in drawn:
            label, name = words.text(indicator.label), words.variant(results.design, r)
            hover(panel, r.estimate * scale, 0, f"{label}, {name}: {in_full(words, r)}")
            rows.append([label, name, contrast_cells(words, r)[0]])
        if answer is not None and answer.defined:
            panel.axvline(answer.estimate * scale, color=house.INK, linewidth=1.4, ymin=0.15, ymax=0.85)
        panel.axvline(0, color=house.GREY, linewidth=0.8, zorder=0)
        panel.set_yticks([0], [fill(words.text(indicator.label), 30)])
        panel.set_ylim(-0.5, 0.5)
        house.difference_axis(panel, words, indicator)
        seaborn.despine(ax=panel, left=True)
        if found:
            ends = sorted(found, key=lambda r: r.estimate)
            low, high = (words.difference_of(r) for r in (ends[0], ends[-1]))
            sentences.append(
                words.label(
                    "figure", "leave_one_out", "sentence", label=words.text(indicator.label), low=low, high=high
                )
            )
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["district"]), Column(contrast_name(results, words), "decimal")], rows)
    values = {
        "sentences": " ".join(sentences),
        "pairs": results.headline.estimator == "paired",
        "not_all": most > MOST,
        "of": words.number(most),
        "number": words.number(MOST),
        "each": words.number(MOST // 2),
    }
    return Drawn(canvas, grid, values)


def events(results: Results, words: Words) -> Drawn | None:
    """The difference between the arms by wave around the start, where there are three waves or more."""
    found = {
        i.id: sorted(results.of("event_study", indicator=i.id, variant="main"), key=lambda r: r.event_time)
        for i in results.primary
    }
    indicators = [i for i in results.primary if any(r.defined for r in found[i.id])][:4]
    if not indicators:
        return None
    columns = min(2, len(indicators))
    lines = -(-len(indicators) // columns)
    canvas, axes = house.canvas(2.1 * lines + 0.2, columns, lines)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, indicator in zip(axes, indicators, strict=False):
        scale = axis_scale(indicator.unit_of)
        size = 5 if len(found[indicator.id]) <= 24 else 2.5
        defined = [r for r in found[indicator.id] if r.defined]
        seaborn.scatterplot(
            x=[-1], y=[0], color="white", edgecolor=house.INK, s=size**2, linewidth=1, ax=panel, zorder=3
        )
        _points(panel, defined, scale, size)
        for r in defined:
            interval = words.interval_of(r)
            difference, time = words.difference_of(r), words.number(r.event_time)
            text = f"{words.label('words', 'event_time')} {time}: {in_full(words, r)}"
            hover(panel, r.event_time, r.estimate * scale, text)
            rows.append([words.text(indicator.label), time, *contrast_cells(words, r)])
            told = len(found[indicator.id]) <= 12 or r.event_time in (0, found[indicator.id][-1].event_time)
            if not told:  # of many waves the alt text says the first after the start and the last; the table has all
                continue
            sentences.append(
                words.label(
                    "figure",
                    "events",
                    "sentence",
                    label=words.text(indicator.label),
                    time=time,
                    difference=difference,
                    interval=interval,
                )
            )
        panel.axhline(0, color=house.INK, linewidth=0.8, zorder=0)
        panel.set_title(fill(words.text(indicator.label), 40), fontsize=9)
        panel.set_ylabel("")
        panel.xaxis.set_major_locator(house.whole_numbers())
        panel.xaxis.set_major_formatter(lambda value, _: words.number(value))
        panel.set_xlabel(words.label("words", "event_time"))
        house.signed_steps(panel.yaxis, words)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    w = words.labels("words")
    confidence = words.confidence(results.design)
    interval = words.interval_name(results.design)
    heads = [w["indicator"], words.label("words", "event_time"), contrast_name(results, words), interval]
    return Drawn(
        canvas, Grid([Column(h) for h in heads], rows), {"sentences": " ".join(sentences), "confidence": confidence}
    )


def _points(panel: Axes, rows: list[Row], scale: float, size: float) -> None:
    """A point for each wave with its interval, where it has one; those before the start in grey."""
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
