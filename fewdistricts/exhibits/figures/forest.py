"""The contrast of every indicator, turned so that right is better, by family, with the zone that does not matter."""

from __future__ import annotations

from textwrap import fill, shorten
from typing import Any

import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    axis_scale,
    by_axis,
    in_full,
    interval_row,
    is_directed,
    lines_of,
    turned,
    zero_line,
)
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns, method_note
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.by_verdict import by_group, quoted_plain
from fewdistricts.exhibits.text.wording import Words

LINE, PANEL = 0.178, 0.47  # inches of an indicator's line, and of an axis with its unit
ON_PHONE = 1.8  # lines of an indicator on a phone
LINE_ON_PHONE = 34  # characters of a line of a label beside its numbers
NAME = 0.46  # of an indicator's place on a phone: a line of its label, above the mark
LABEL = (76, 42)  # characters of a label at most, and of one of its lines
TALLEST = 8.2  # inches of the lines and axes of one figure: a page less captions and heads
Answers = list[tuple[Indicator, Row]]


def coefficients(results: Results, words: Words) -> Figure | None:
    """One panel a unit: shares, scales, and each count in a unit of its own; a band and a heading a family."""
    answers = _known(results)
    if not answers:
        return None
    drawn = _fitting(answers, words)
    panels = _panels(drawn)
    lines = [_lines(members, words) for members in panels]
    height = LINE * sum(lines) * (ON_PHONE if style.is_for_phone() else 1) + PANEL * len(panels) + style.STAMP
    canvas, axes = style.canvas(height, 1, len(panels), height_ratios=[n + 1.5 for n in lines])
    for panel, members in zip(axes, panels, strict=True):
        _panel(panel, results, words, members)
    return Figure(canvas, _grid(results, words, drawn), _values(results, words, drawn, answers))


def shows_all(results: Results, words: Words) -> bool:
    """Whether the figure has room for every indicator that has a difference."""
    answers = _known(results)
    return bool(answers) and len(_fitting(answers, words)) == len(answers)


def _known(results: Results) -> Answers:
    """The indicators with their differences, those that have one."""
    return results.answers(results.design.indicators) if results.changes else []


def _label(indicator: Indicator, words: Words) -> str:
    most, line = LABEL
    return fill(shorten(words.text(indicator.label), most, placeholder=" …"), line)


def _drawn_label(indicator: Indicator, words: Words) -> str:
    """The label in the lines that it is drawn in."""
    label = _label(indicator, words)
    return fill(label.replace("\n", " "), LINE_ON_PHONE) if style.is_for_phone() else label


def _lines(members: Answers, words: Words) -> float:
    """Lines of a panel: a heading a family, and its indicators."""
    return len({i.family for i, _ in members}) + sum(_height(_drawn_label(i, words)) for i, _ in members)


def _height(label: str) -> float:
    """Lines that an indicator takes: those of its label, or on a phone its label's lines and its mark."""
    lines = lines_of(label)
    return 1 + NAME * (lines - 1) if style.is_for_phone() else lines


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
    return by_axis(answers, lambda pair: pair[1].unit)


def _panel(panel: Axes, results: Results, words: Words, members: Answers) -> None:
    """The indicators of one unit, below the name of their family."""
    phone = style.is_for_phone()
    families: dict[str, Answers] = {}
    for indicator, row in members:
        families.setdefault(indicator.family, []).append((indicator, row))
    top = 0.0
    lines: list[tuple[float, Indicator]] = []
    for number, (family, of_family) in enumerate(families.items()):
        if number % 2 == 0:
            panel.axhspan(top, top + _lines(of_family, words), color=style.BAND, linewidth=0, zorder=-2)
        _heading(panel, top, words.family(results.design, family))
        top += 1
        for indicator, row in of_family:
            lines.append((_line(panel, words, indicator, row, top), indicator))
            top += _height(_drawn_label(indicator, words))
    panel.set_ylim(top + 0.1, -0.1)
    panel.set_yticks([])
    if not phone:
        zero_line(panel)
        panel.set_yticks([y for y, _ in lines], [_label(indicator, words) for _, indicator in lines])
        for tick, (_, indicator) in zip(panel.get_yticklabels(), lines, strict=True):
            tick.set_fontweight(_weight(indicator))
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, -abs(high) * 0.15), max(high, abs(low) * 0.15))
    axis = _unit(words, members[0][0])
    if is_directed(indicator for indicator, _ in members):
        axis = " · ".join([words.label("unit_axis", "worse"), axis, words.label("unit_axis", "better")])
    panel.set_xlabel(axis, fontsize=8.5)
    panel.set_ylabel("")
    style.signed_ticks(panel, words)
    panel.tick_params(axis="y", length=0)
    seaborn.despine(ax=panel, left=True)


def _heading(panel: Axes, top: float, family: str) -> None:
    """The name of a family: where the labels stand, or above them on a phone."""
    x, align = (0, "left") if style.is_for_phone() else (-0.01, "right")
    panel.text(
        x, top + 0.58, family, transform=panel.get_yaxis_transform(), ha=align, va="center", fontsize=8.5,
        color=style.GREY_INK, style="italic",
    )  # fmt: skip


def _line(panel: Axes, words: Words, indicator: Indicator, row: Row, top: float) -> float:
    """An indicator's mark with its interval, its zone and its numbers, and where it stands."""
    phone = style.is_for_phone()
    label, text = _drawn_label(indicator, words), in_full(words, row)
    bottom = top + _height(label)
    mark_from = top + NAME * lines_of(label) if phone else top  # on a phone the words stand above the mark
    y = (mark_from + bottom) / 2
    if indicator.worthwhile is not None:
        least = indicator.worthwhile * axis_scale(row.unit)
        zone = Rectangle((-least, mark_from), 2 * least, bottom - mark_from, color=style.ZONE, linewidth=0, zorder=-1)
        panel.add_patch(zone)
    interval_row(
        panel, y, row, style.INK if indicator.role == "primary" else style.PILOT, turn=turned(indicator),
        hollow=indicator.role == "placebo", text=f"{words.text(indicator.label)}: {text}",
    )  # fmt: skip
    look: dict[str, Any] = {"transform": panel.get_yaxis_transform(), "va": "center", "fontsize": 8.5}
    if phone:
        panel.plot([0, 0], [mark_from, bottom], color=style.INK, linewidth=0.8, zorder=0)
        for number, line in enumerate(label.splitlines()):
            panel.text(0, top + NAME * (number + 0.52), line, ha="left", fontweight=_weight(indicator), **look)
        panel.text(1, top + NAME * 0.52, text, ha="right", **look)
    else:
        panel.text(1.015, y, text, ha="left", **look)
    return y


def _weight(indicator: Indicator) -> str:
    """Names of primary outcomes stand out."""
    return "semibold" if indicator.role == "primary" else "normal"


def _unit(words: Words, indicator: Indicator) -> str:
    """The unit of an axis: what a mean declares, else the house's word."""
    if indicator.unit_of == "share":
        return words.label("words", "pp")
    if indicator.unit is not None:
        return words.text(indicator.unit.many)
    return words.label("unit_axis", indicator.unit_of)


def _grid(results: Results, words: Words, drawn: Answers) -> Grid:
    columns = [Column(words.label("words", "indicator")), *contrast_columns(results, words, 0, 0)]
    return Grid(columns, [[words.text(i.label), *contrast_cells(words, row)] for i, row in drawn])


def _values(results: Results, words: Words, drawn: Answers, answers: Answers) -> dict[str, object]:
    sentences = []
    for indicator, row in drawn:
        label = words.text(indicator.label)
        sentences.append(words.label("figure", "coefficients", "sentence", label=label, **words.contrast_of(row)))
    outcomes = [i for i, _ in answers if i.role not in ("placebo", "exposure")]
    judged = [i for i in outcomes if i.better != "none"]
    groups = by_group(results, outcomes)
    better, worse, differs = (len(groups[name]) for name in ("better", "worse", "differs"))
    return {
        "better": words.in_words(better, "indicator") if better else "",
        "worse": words.in_words(worse, "indicator") if worse else "",
        "one_better": better == 1,
        "one_worse": worse == 1,
        "differs": words.in_words(differs, "indicator") if differs else "",
        "one_differs": differs == 1,
        "outcomes": words.in_words(len(outcomes), "indicator"),
        "judged": words.in_words(len(judged), "indicator"),
        "only": quoted_plain(judged, words) if len(judged) == 1 else "",
        "of": words.number(len(answers)),
        "not_all_judged": len(judged) < len(answers),
        "number": words.number(len(drawn)),
        "not_all": len(drawn) < len(answers),
        "compares": results.headline.compares,
        "confidence": words.confidence(results.design),
        "sentences": " ".join(sentences),
        "method": method_note(results, words).rpartition(": ")[2].rstrip("."),
        "bounded": any(row.bounded for _, row in drawn),
        "directed": is_directed(indicator for indicator, _ in drawn),
        "relevant": any(i.worthwhile is not None for i, _ in drawn),
        **names.groups(results, words),
    }
