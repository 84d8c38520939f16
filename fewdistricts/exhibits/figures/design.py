"""When and where: the timeline of surveys and the diagram of districts and waves."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from textwrap import fill
from typing import Any

import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import District, Wave
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover, hover_area, most_lines
from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.text.wording import NOTHING, Words

MOST_WAVES = 12  # that are named side by side or below each other
SHORTEST_BAR = 12  # days: a shorter wave would not be seen
MONTHS, MONTHS_ON_PHONE = 4, 2  # that are named below a time line of less than two years


def timeline(results: Results, words: Words) -> Figure | None:
    """Fieldwork of each wave, the start, and the months that recall questions reach back to.

    Nothing for a single wave that stands alone: a sentence says when it was.
    """
    design = results.design
    recall = max((i.recall_months or 0 for i in design.indicators), default=0)
    starts = sorted({start for start in map(design.start_of, design.pilots) if start is not None})
    if len(design.waves) == 1 and not starts and not recall:
        return None
    many = len(design.waves) > MOST_WAVES  # then they share one line, and their data stand in the table alone
    canvas, (axes,) = style.canvas(1.3 if many else 0.75 + 0.42 * len(design.waves))
    rows: Rows = []
    sentences = []
    for number, wave in enumerate(design.waves):
        since = _months_before(wave.fieldwork[0], recall) if recall else None
        label = words.text(wave.label)
        first, last = (words.month(day) for day in wave.fieldwork)
        _bars(axes, 0 if many else number, wave, since, f"{label}: {first} – {last}", edge=0.6 if many else 0)
        rows.append([label, first, last, words.month(since) if since else NOTHING])
        sentences.append(words.label("figure", "timeline", "wave", label=label, first=first, last=last))
    _mark_starts(axes, words, starts)
    lines = [fill(words.text(wave.label), 30) for wave in design.waves]
    respondents = design.data.level == "respondent"
    if many:
        lines = [words.label("words", "waves" if respondents else "periods")]
    axes.set_yticks(range(len(lines)), lines)
    axes.set_ylim(len(lines) - 0.5, -1.0)
    first_day, last_day = design.waves[0].fieldwork[0], design.waves[-1].fieldwork[1]
    _time(axes, words, first_day - timedelta(days=31 * (recall + 1)), max([last_day, *starts]))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    w = words.labels("words")
    grid = Grid([Column(w["wave"]), Column(w["fieldwork"]), Column("→"), Column(w["recall"])], rows)
    values: dict[str, Any] = {
        **_sides(results, starts, words),
        "first": words.month(first_day),
        "last": words.month(last_day),
        "waves": "" if many else " ".join(sentences),
        "start": words.listed([words.month(start) for start in starts]),
        "ahead": bool(starts) and starts[0] > last_day,
        "respondents": respondents,
        "reaches_back": bool(recall),
    }
    for key in ("recall", "recall_note"):
        values[key] = words.label("figure", "timeline", key, months=words.number(recall)) if recall else ""
    return Figure(canvas, grid, values)


def _sides(results: Results, starts: list[date], words: Words) -> dict[str, Any]:
    """How many waves lie before and after the start, where it is one for all pilot districts."""
    design = results.design
    if len(starts) != 1:
        return {"before": "", "after": ""}
    phases = [design.phase(design.pilots[0], wave) for wave in design.waves]
    before, after = phases.count("before"), phases.count("after")
    return {
        "before": words.in_words(before, "wave") if before else "",
        "after": words.in_words(after, "wave") if after else "",
        "one_before": before == 1,
        "one_after": after == 1,
    }


def _bars(axes: Axes, y: int, wave: Wave, since: date | None, text: str, edge: float) -> None:
    """Fieldwork, and before it the months that its questions reach back to; seaborn's bars begin at zero.

    `text` is what fieldwork shows when a reader points at it.
    """
    first, last = wave.fieldwork
    if since is not None:
        days = (first - since).days
        axes.barh(y, days, left=_day(since), height=0.5, color=style.GREY, alpha=0.35, linewidth=0)
    days = max((last - first).days + 1, SHORTEST_BAR)
    bars = axes.barh(y, days, left=_day(first), height=0.5, color=style.INK, linewidth=edge, edgecolor="white")
    hover_area(bars[0], text)


def _mark_starts(axes: Axes, words: Words, starts: list[date]) -> None:
    """A line at each start; the first alone is named, since names would lie upon each other and the prose has them."""
    for start in starts:
        axes.axvline(_day(start), color=style.PILOT, linewidth=1.4)
    if not starts:
        return
    key = "start_of" if len(starts) == 1 else "first_start"
    name = words.label("words", key, month=words.month(starts[0]))
    axes.annotate(
        name, (_day(starts[0]), -0.55), xytext=(4, 0), textcoords="offset points", color=style.PILOT, va="bottom",
        fontsize=8.5,
    )  # fmt: skip


def _day(value: date) -> float:
    return float(value.toordinal())


def _months_before(value: date, months: int) -> date:
    month = value.year * 12 + value.month - 1 - months
    return date(month // 12, month % 12 + 1, min(value.day, 28))


def _time(axes: Axes, words: Words, first: date, last: date) -> None:
    """Years below the time line, or months where it has room for one January only."""
    end = last + timedelta(days=45)
    ticks = [date(year, 1, 1) for year in range(first.year, last.year + 2)]
    names = [str(tick.year) for tick in ticks]
    step = max(1, len(ticks) // 8)
    if sum(first <= tick <= end for tick in ticks) < 2:
        months = 12 * (end.year - first.year) + end.month - first.month
        between = ceil(months / (MONTHS_ON_PHONE if style.is_for_phone() else MONTHS))
        ticks = [_months_before(date(end.year, end.month, 1), back) for back in range(0, months, between)]
        names = [words.month(tick) for tick in ticks]
        step = 1
    axes.set_xticks([_day(tick) for tick in ticks[::step]], names[::step])
    axes.set_xlim(_day(first), _day(end))


def _lines(results: Results, words: Words) -> list[tuple[str, District]]:
    """A line's name and a district that stands for it: each district, or where they are many each arm and start."""
    design = results.design
    ordered = [district for arm in design.arms for district in design.of_arm(arm)]
    if len(ordered) <= MOST:
        return [(words.name_of(district), district) for district in ordered]
    lines = []
    for arm in design.arms:
        by_start: dict[date | None, list[District]] = {}
        for district in design.of_arm(arm):
            start = design.start_of(district) if arm == "pilot" else None
            by_start.setdefault(start, []).append(district)
        several = len(by_start) > 1
        for start in sorted(by_start, key=str):
            members = by_start[start]
            values = {"arm": words.arm(arm, len(members)), "number": words.number(len(members))}
            key = "many"
            if several and start is not None:
                key = "many_since"
                values["month"] = words.month(start)
            lines.append((words.label("figure", "design", key, **values), members[0]))
    return lines


def design(results: Results, words: Words) -> Figure:
    """Which districts were surveyed when, with and without the programme."""
    design = results.design
    waves = design.waves
    lines = _lines(results, words)
    names = [fill(name, 44) for name, _ in lines]
    step = ceil(len(waves) / MOST_WAVES)
    named = waves[::step]
    heads = [fill(words.text(wave.label), max(9, 44 // len(named))) for wave in named]
    height = 0.45 + 0.15 * most_lines(heads) + 0.215 * sum(name.count("\n") * 0.55 + 1 for name in names)
    canvas, (axes,) = style.canvas(height)
    size = 6.5 if len(waves) <= 20 else max(2.0, 130 / len(waves))
    rows: Rows = []
    for y, (name, district) in enumerate(lines):
        colour, marker = style.COLOUR[district.arm], style.MARKER[district.arm]
        answers = []
        for x, wave in enumerate(waves):
            has_programme = _has_programme(results, district, wave)
            face = colour if has_programme else "white"
            # seaborn draws series of marks with one kind of face, here every mark has its own
            axes.plot(
                x, y, marker=marker, markersize=size, markerfacecolor=face, markeredgecolor=colour, linestyle=""
            )  # fmt: skip
            key = "with_programme" if has_programme else "without_programme"
            hover(axes, x, y, f"{name}, {words.text(wave.label)}: {words.label('figure', 'design', key)}")
            answers.append(words.label("words", "yes" if has_programme else "no"))
        rows.append([name, words.label("arm", district.arm), *answers])
    axes.set_yticks(range(len(lines)), names)
    axes.set_xticks(range(0, len(waves), step), heads)
    axes.set_xlim(-0.6, len(waves) - 0.4)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    seaborn.despine(ax=axes, left=True, bottom=True)
    w = words.labels("words")
    columns = [Column(w["district"]), Column(w["arm"]), *(Column(words.text(wave.label)) for wave in waves)]
    counts = []
    for arm in design.arms:
        number = len(design.of_arm(arm))
        name = words.arm(arm, number).lower()
        counts.append(words.label("figure", "design", "arm", number=words.number(number), arm=name))
    values = {
        "begun": any(_has_programme(results, district, wave) for district in design.pilots for wave in waves),
        "districts": words.number(len(design.districts)),
        "waves": words.number(len(waves)),
        "arms": words.listed(counts),
    }
    return Figure(canvas, Grid(columns, rows), values)


def _has_programme(results: Results, district: District, wave: Wave) -> bool:
    """Whether a wave was measured after the programme began in a district."""
    if district.arm != "pilot" or results.design.start_of(district) is None:
        return False
    return results.design.phase(district, wave) == "after"
