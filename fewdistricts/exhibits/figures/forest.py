"""The contrast of every indicator, turned so that right is better, by family, with the zone that does not matter."""

from __future__ import annotations

from textwrap import fill, shorten
from typing import Any

import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, in_full, interval_row, lines_of, turned
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name, method_note
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.by_verdict import by_group, quoted_plain
from fewdistricts.exhibits.text.wording import Words

LINE, PANEL = 0.178, 0.47  # inches of an indicator's line, and of an axis with its unit
ON_PHONE = 1.8  # lines of an indicator on a phone
MOST_ON_PHONE = 34  # characters of a label beside its numbers
LABEL = (76, 42)  # characters of a label at most, and of one of its lines
TALLEST = 8.35  # inches of the lines and axes of one figure: a page less captions and heads
Answers = list[tuple[Indicator, Row]]


def coefficients(results: Results, words: Words) -> Drawn | None:
    """One panel a unit: shares, scales, and each count in a unit of its own; a band and a heading a family."""
    known = _known(results)
    if not known:
        return None
    drawn = _fitting(known, words)
    panels = _panels(drawn)
    lines = [_lines(members, words) for members in panels]
    height = LINE * sum(lines) * (ON_PHONE if house.is_for_phone() else 1) + PANEL * len(panels)
    canvas, axes = house.canvas(height, 1, len(panels), height_ratios=[n + 1.5 for n in lines])
    for panel, members in zip(axes, panels, strict=True):
        _panel(panel, results, words, members)
    return Drawn(canvas, _grid(results, words, drawn), _values(results, words, drawn, known))


def shows_all(results: Results, words: Words) -> bool:
    """Whether the figure has room for every indicator that has a difference."""
    known = _known(results)
    return bool(known) and len(_fitting(known, words)) == len(known)


def _known(results: Results) -> Answers:
    """The indicators with their differences, those that have one."""
    if not results.changes:
        return []
    every = [(i, results.answer(i)) for i in results.design.indicators]
    return [(i, row) for i, row in every if row is not None and row.defined]


def _label(indicator: Indicator, words: Words) -> str:
    most, line = LABEL
    return fill(shorten(words.text(indicator.label), most, placeholder=" …"), line)


def _lines(members: Answers, words: Words) -> float:
    """Lines of a panel: a heading a family, and its indicators."""
    return len({i.family for i, _ in members}) + sum(lines_of(_label(i, words)) for i, _ in members)


def _fitting(answers: Answers, words: Words) -> Answers:
    """Those that a page has room for, in the order declared: the primary outcomes, then as many others as fit."""
    room, kept, units, families = TALLEST, set(), set(), set()
    for indicator, row in sorted(answers, key=lambda pair: pair[0].role != "primary"):
        own_panel = row.unit == "count" or row.unit not in units
        own_band = (row.unit, indicator.family) not in families
        room -= LINE * (lines_of(_label(indicator, words)) + own_band) + PANEL * own_panel
        if room < 0:
            break
        kept.add(indicator.id)
        units.add(row.unit)
        families.add((row.unit, indicator.family))
    return [(i, row) for i, row in answers if i.id in kept]


def _panels(answers: Answers) -> list[Answers]:
    panels = [[(i, row) for i, row in answers if row.unit == unit] for unit in ("share", "scale")]
    panels += [[(i, row)] for i, row in answers if row.unit == "count"]
    return [members for members in panels if members]


def _panel(panel: Axes, results: Results, words: Words, members: Answers) -> None:
    scale = 100 if members[0][1].unit == "share" else 1
    top, ticks, labels, strong = 0.0, [], [], []
    families = list(dict.fromkeys(i.family for i, _ in members))
    for number, family in enumerate(families):
        of_family = [(i, row) for i, row in members if i.family == family]
        if number % 2 == 0:
            panel.axhspan(top, top + _lines(of_family, words), color=house.BAND, linewidth=0, zorder=-2)
        name = words.family(results.design, family)
        beside, align = (0, "left") if house.is_for_phone() else (-0.01, "right")
        panel.text(beside, top + 0.5, name, transform=panel.get_yaxis_transform(), ha=align, va="center",
                   fontsize=8.5, color=house.GREY_INK, style="italic")  # fmt: skip
        top += 1
        for indicator, row in of_family:
            label = _label(indicator, words)
            height = lines_of(label)
            under = top + 0.46 * height if house.is_for_phone() else top  # on a phone the words stand above the mark
            y = (under + top + height) / 2
            colour = house.INK if indicator.role == "primary" else house.PILOT
            if indicator.worthwhile is not None:
                least = indicator.worthwhile * scale
                zone = Rectangle(
                    (-least, under), 2 * least, top + height - under, color=house.ZONE, linewidth=0, zorder=-1
                )
                panel.add_patch(zone)
            text = in_full(words, row)
            look: dict[str, Any] = {"turn": turned(indicator), "hollow": indicator.role == "placebo"}
            interval_row(panel, y, row, colour, text=f"{words.text(indicator.label)}: {text}", **look)
            if house.is_for_phone():
                panel.plot([0, 0], [under, top + height], color=house.INK, linewidth=0.8, zorder=0)
                weight = "semibold" if indicator.role == "primary" else "normal"
                label = shorten(label.replace("\n", " "), MOST_ON_PHONE, placeholder=" …")
                above: dict[str, Any] = {"transform": panel.get_yaxis_transform(), "va": "center", "fontsize": 8.5}
                panel.text(0, top + 0.24 * height, label, ha="left", fontweight=weight, **above)
                panel.text(1, top + 0.24 * height, text, ha="right", **above)
            else:
                panel.text(1.015, y, text, transform=panel.get_yaxis_transform(), ha="left", va="center", fontsize=8.5)
            ticks.append(y)
            labels.append(label)
            strong.append(indicator.role == "primary")
            top += height
    if not house.is_for_phone():
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
    panel.set_yticks([] if house.is_for_phone() else ticks, [] if house.is_for_phone() else labels)
    for tick, bold in zip(panel.get_yticklabels(), strong, strict=False):
        tick.set_fontweight("semibold" if bold else "normal")
    panel.set_ylim(top + 0.1, -0.1)
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, -abs(high) * 0.15), max(high, abs(low) * 0.15))
    first = members[0][0]
    unit = words.label("words", "pp") if scale == 100 else words.label("unit_axis", first.unit_of)
    if first.unit is not None and scale == 1:
        unit = words.text(first.unit.many)
    sides = words.label("unit_axis", "worse"), unit, words.label("unit_axis", "better")
    panel.set_xlabel(" · ".join(sides), fontsize=8.5)
    panel.set_ylabel("")
    house.signed_ticks(panel, words)
    panel.tick_params(axis="y", length=0)
    seaborn.despine(ax=panel, left=True)


def _grid(results: Results, words: Words, drawn: Answers) -> Grid:
    interval = words.label("words", "interval", confidence=words.share(results.design.inference.confidence, 0))
    columns = [
        Column(words.label("words", "indicator")),
        Column(contrast_name(results, words), "decimal"),
        Column(interval, "center"),
    ]
    return Grid(columns, [[words.text(i.label), *contrast_cells(words, row)] for i, row in drawn])


def _values(results: Results, words: Words, drawn: Answers, known: Answers) -> dict[str, object]:
    sentences = []
    for indicator, row in drawn:
        values = {"label": words.text(indicator.label), "interval": words.interval(*row.ends, row.unit)}
        values["difference"] = words.difference(row.estimate, row.unit, *row.ends)
        sentences.append(words.label("figure", "coefficients", "sentence", **values))
    judged = [i for i, _ in known if i.role not in ("placebo", "exposure") and i.better != "none"]
    groups = by_group(results, judged)
    better, worse = len(groups["better"]), len(groups["worse"])
    return {
        "better": words.in_words(better, "indicator") if better else "",
        "worse": words.in_words(worse, "indicator") if worse else "",
        "one_better": better == 1,
        "one_worse": worse == 1,
        "judged": words.in_words(len(judged), "indicator"),
        "only": quoted_plain(judged, words) if len(judged) == 1 else "",
        "of": words.number(len(known)),
        "not_all_judged": len(judged) < len(known),
        "number": words.number(len(drawn)),
        "not_all": len(drawn) < len(known),
        "compares": results.headline.compares,
        "confidence": words.share(results.design.inference.confidence, 0),
        "sentences": " ".join(sentences),
        "method": method_note(results, words).rpartition(": ")[2].rstrip("."),
        "bounded": any(row.bounded for _, row in drawn),
        "relevant": any(i.worthwhile is not None for i, _ in drawn),
        **names.groups(results, words),
    }
