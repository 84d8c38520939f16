"""When and where: the timeline of surveys and the diagram of districts and waves."""

from __future__ import annotations

from datetime import date, timedelta
from textwrap import fill
from typing import Any

import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import District
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, hover, hover_area, most_lines
from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.text.wording import Words

ARMS = ("pilot", "comparison", "neighbour")
MOST_WAVES = 12  # that are named side by side or below each other


def timeline(results: Results, words: Words) -> Drawn:
    """Fieldwork of each wave, the start, and the months that recall questions reach back to."""
    design = results.design
    respondents = design.data.level == "respondent"
    recall = max((i.recall_months or 0 for i in design.indicators), default=0)
    many = len(design.waves) > MOST_WAVES  # then they share one line, and its data stand in the table alone
    canvas, (axes,) = house.canvas(1.3 if many else 0.75 + 0.42 * len(design.waves))
    starts = sorted({s for d in design.pilots if (s := design.start_of(d)) is not None})
    rows: list[list[Cell] | str] = []
    sentences = []
    for number, wave in enumerate(design.waves):
        y = 0 if many else number
        first, last = wave.fieldwork
        # seaborn's bars begin at zero, these lie between two days
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
        (fieldwork,) = axes.barh(
            y, max((last - first).days + 1, 12), left=_day(first), height=0.5, color=house.INK, linewidth=0.6 * many,
            edgecolor="white",
        )  # fmt: skip
        label, months = words.text(wave.label), (words.month(first), words.month(last))
        hover_area(fieldwork, f"{label}: {months[0]} – {months[1]}")
        rows.append([label, months[0], months[1], words.month(_months_before(first, recall)) if recall else "–"])
        sentences.append(words.label("figure", "timeline", "wave", label=label, first=months[0], last=months[1]))
    for start in starts:
        axes.axvline(_day(start), color=house.PILOT, linewidth=1.4)
        if len(starts) > 1 and start != starts[0]:  # several names would lie upon each other; the prose has them
            continue
        key = "start_of" if len(starts) == 1 else "first_start"
        axes.annotate(
            words.label("words", key, month=words.month(start)),
            (_day(start), -0.55),
            xytext=(4, 0),
            textcoords="offset points",
            color=house.PILOT,
            va="bottom",
            fontsize=8.5,
        )
    lines = [fill(words.text(w.label), 30) for w in design.waves]
    if many:
        lines = [words.label("words", "waves" if design.data.level == "respondent" else "periods")]
    axes.set_yticks(range(len(lines)), lines)
    axes.set_ylim(len(lines) - 0.5, -1.0)
    last_day = max([design.waves[-1].fieldwork[1], *starts])
    _years(axes, design.waves[0].fieldwork[0] - timedelta(days=31 * (recall + 1)), last_day)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    w = words.labels("words")
    grid = Grid([Column(w["wave"]), Column(w["fieldwork"]), Column("→"), Column(w["recall"])], rows)
    recall_alt = words.label("figure", "timeline", "recall", months=words.number(recall)) if recall else ""
    values = {
        "first": words.month(design.waves[0].fieldwork[0]),
        "last": words.month(design.waves[-1].fieldwork[1]),
        "waves": "" if many else " ".join(sentences),
        "start": words.listed([words.month(s) for s in starts]),
        "ahead": bool(starts) and starts[0] > design.waves[-1].fieldwork[1],
        "recall": recall_alt,
        "recall_note": words.label("figure", "timeline", "recall_note", months=words.number(recall)) if recall else "",
        "respondents": respondents,
        "reaches_back": bool(recall),
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


def _lines(results: Results, words: Words) -> list[tuple[str, District]]:
    """A line's name and a district that stands for it: each district, or where they are many each arm and start."""
    plan = results.design
    ordered = [d for arm in ("pilot", "comparison", "neighbour") for d in plan.districts if d.arm == arm]
    if len(ordered) <= MOST:
        return [(words.text(d.name), d) for d in ordered]
    groups: dict[tuple[str, Any], list[District]] = {}
    for d in ordered:
        groups.setdefault((d.arm, plan.start_of(d) if d.arm == "pilot" else None), []).append(d)
    several = sum(arm == "pilot" for arm, _ in groups) > 1
    lines = []
    for (arm, start), members in sorted(groups.items(), key=lambda group: (ARMS.index(group[0][0]), str(group[0][1]))):
        key = "many_since" if several and start else "many"
        values = {"arm": words.label("arms", arm), "number": words.number(len(members))}
        since = {"month": words.month(start)} if key == "many_since" else {}
        lines.append((words.label("figure", "design", key, **values, **since), members[0]))
    return lines


def design(results: Results, words: Words) -> Drawn:
    """Which districts were surveyed when, with and without the programme."""
    plan = results.design
    lines = _lines(results, words)
    names = [fill(name, 44) for name, _ in lines]
    step = -(-len(plan.waves) // MOST_WAVES)
    waves = [fill(words.text(w.label), max(9, 44 // -(-len(plan.waves) // step))) for w in plan.waves[::step]]
    height = 0.45 + 0.15 * most_lines(waves) + 0.215 * sum(name.count("\n") * 0.55 + 1 for name in names)
    canvas, (axes,) = house.canvas(height)
    rows: list[list[Cell] | str] = []
    size = 6.5 if len(plan.waves) <= 20 else max(2.0, 130 / len(plan.waves))
    for y, (name, d) in enumerate(lines):
        phases = []
        for x, wave in enumerate(plan.waves):
            on = d.arm == "pilot" and plan.start_of(d) is not None and plan.phase(d, wave) == "after"
            colour = house.COLOUR[d.arm]
            face = colour if on else "white"
            style: dict[str, Any] = {
                "marker": house.MARKER[d.arm],
                "markersize": size,
                "markeredgecolor": colour,
                "linestyle": "",
            }
            # seaborn draws series of marks with one kind of face, here every mark has its own
            axes.plot(x, y, markerfacecolor=face, **style)
            phases.append(words.label("words", "yes" if on else "no"))
            key = "with_programme" if on else "without_programme"
            hover(axes, x, y, f"{name}, {words.text(wave.label)}: {words.label('figure', 'design', key)}")
        rows.append([name, words.label("arm", d.arm), *phases])
    axes.set_yticks(range(len(lines)), names)
    axes.set_xticks(range(0, len(plan.waves), step), waves)
    axes.set_xlim(-0.6, len(plan.waves) - 0.4)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    seaborn.despine(ax=axes, left=True, bottom=True)
    shown = plan.districts
    w = words.labels("words")
    grid = Grid([Column(w["district"]), Column(w["arm"]), *(Column(words.text(v.label)) for v in plan.waves)], rows)
    counts = []
    for arm in ("pilot", "comparison", "neighbour"):
        if number := sum(d.arm == arm for d in shown):
            name = words.label("arms", arm).lower()
            counts.append(words.label("figure", "design", "arm", number=words.number(number), arm=name))
    begun = any(plan.phase(d, w) == "after" for d in plan.pilots for w in plan.waves if plan.start_of(d) is not None)
    values = {
        "begun": begun,
        "districts": words.number(len(shown)),
        "waves": words.number(len(plan.waves)),
        "arms": words.listed(counts),
    }
    return Drawn(canvas, grid, values)
