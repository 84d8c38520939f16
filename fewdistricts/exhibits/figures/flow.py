"""The flow of the sample: from the rows of the files to the answers that the report uses."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from textwrap import fill, shorten

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from fewdistricts.design import Wave
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure
from fewdistricts.exhibits.results import LOST, Results
from fewdistricts.exhibits.text import exclusions
from fewdistricts.exhibits.text.wording import Words

STEP = 0.66  # inches from box to box, which have three lines
WIDE = 0.92  # of a column, a box
HALF = 0.4  # of that step, from the middle of a box to its edge


def flow(results: Results, words: Words) -> Figure | None:
    """Boxes: all rows, then arm by arm and wave by wave interviews, sampling units and answers to primary outcomes.

    Nothing where nobody was interviewed.
    """
    design = results.design
    if design.data.level != "respondent" or not results.counts("interviews")["n"].sum():
        return None
    tall = len(design.waves) + 0.7  # boxes of an arm, with its name
    across, down = len(design.arms), 1
    if style.is_for_phone():  # the arms stand below each other
        across, down = down, across
    canvas, (axes,) = style.canvas(0.25 + style.STAMP + STEP * (down * tall + 0.85))
    axes.set_axis_off()
    axes.set_xlim(0, across)
    axes.set_ylim(-down * tall - 0.5, 0.5)
    lines = _rows_of_files(results, words)
    width = min(2.0, across)
    *first, taken = lines
    _box(axes, across / 2, 0, width - (1 - WIDE), [*(fill(line, int(45 * width)) for line in first), taken], style.INK)
    separate = design.data.sampling != "panel" and len(design.waves) > 1
    rows: Rows = []
    sentences = [f"{line}." for line in lines]
    for number, arm in enumerate(design.arms):
        place = (0.5, -number * tall) if style.is_for_phone() else (number + 0.5, 0)
        name = words.arm(arm, len(design.of_arm(arm)))
        for label, counts in _boxes_of_arm(axes, results, words, arm, place, joined=not separate):
            what = ", ".join(counts)
            sentences.append(words.label("figure", "flow", "sentence", arm=name, wave=label, what=what))
            rows.append([name, label, *counts, *[""] * (2 - len(counts))])
    w = words.labels("words")
    grid = Grid([Column(w["arm"]), Column(w["wave"]), Column(w["interviews"]), Column(w["answers"])], rows)
    counted = "equally" if design.inference.districts == "equal" else "by_population"
    values = {
        "sentences": " ".join(sentences),
        "weighted": design.data.columns.weight is not None,
        "counted": words.label("figure", "flow", counted),
        "separate": separate,
        **_used(results, words),
    }
    return Figure(canvas, grid, values)


def _boxes_of_arm(
    axes: Axes, results: Results, words: Words, arm: str, place: tuple[float, float], *, joined: bool
) -> list[tuple[str, list[str]]]:
    """Draw an arm's heading and a box a wave below a place; return each wave's name and counts.

    Boxes are `joined` by arrows where the surveys are of the same people.
    """
    members, colour = results.design.of_arm(arm), style.COLOUR[arm]
    x, top = place
    name, number = words.arm(arm, len(members)), words.number(len(members))
    heading = words.label("figure", "flow", "districts", arm=name, number=number)
    axes.text(x, top - 0.82, heading, ha="center", va="center", color=colour, fontweight="semibold")
    above = top - 0.95
    counted = []
    for y, wave in enumerate(results.design.waves, 1):
        label = words.text(wave.label)
        counts = _counts(results, words, [district.id for district in members], wave)
        middle = top - y - 0.55
        if y == 1 or joined:
            # an arrow between two boxes: seaborn has none
            arrow = {"arrowstyle": "-|>", "color": style.GREY}
            axes.annotate("", (x, middle + HALF), (x, above), arrowprops=arrow)
        head = shorten(label, 48 if len(results.design.arms) < 3 else 32, placeholder=" …")
        _box(axes, x, middle, WIDE, [head, *counts], colour)
        above = middle - HALF
        counted.append((label, counts))
    return counted


def _taken_and_left_out(results: Results) -> tuple[float, float]:
    taken = float(results.counts("interviews")["n"].sum())
    return taken, float(results.sample.loc[results.sample["kind"] == "left_out", "n"].sum())


def _used(results: Results, words: Words) -> dict[str, object]:
    """How many of the rows are used, for the title."""
    taken, left_out = _taken_and_left_out(results)
    return {"left": left_out > 0, "taken": words.number(taken), "files": words.number(taken + left_out)}


def _rows_of_files(results: Results, words: Words) -> list[str]:
    """The rows of the files, what was left out of them, if anything, and what was taken."""
    taken, left_out = _taken_and_left_out(results)
    lines = [words.label("figure", "flow", "files", number=words.number(taken + left_out))]
    if left_out:
        lines.append(words.label("figure", "flow", "left_out", what=words.listed(exclusions.rows(results, words))))
    districts = words.number(len(results.design.districts))
    return [*lines, words.label("figure", "flow", "taken", number=words.number(taken), districts=districts)]


def _counts(results: Results, words: Words, members: list[str], wave: Wave) -> list[str]:
    """Interviews with their sampling units, and answers to the primary outcomes, of an arm in a wave."""
    here = results.sample[(results.sample["wave"] == wave.id) & results.sample["district"].isin(members)]
    number = float(here.loc[here["kind"] == "interviews", "n"].sum())
    first = words.label("figure", "flow", "interviews", number=words.number(number))
    if units := _units(results, members, wave):
        first += ", " + words.label("figure", "flow", "units", number=words.number(units))
    answered, shares = [], []
    for indicator in results.primary:
        own = here[here["indicator"] == indicator.id].groupby("kind")["n"].sum()
        answers = float(own.get("answered", 0))
        asked = answers + float(own.reindex(LOST).sum())
        if asked:
            answered.append(answers)
            shares.append(answers / asked)
    if not answered:
        return [first]
    return [first, f"{_range(words, 'answers', answered, words.number)} {_range(words, 'shares', shares, words.share)}"]


def _range(words: Words, key: str, values: list[float], shown: Callable[[float], str]) -> str:
    low, high = shown(min(values)), shown(max(values))
    if low == high:
        return words.label("figure", "flow", f"{key}_one", low=low)
    return words.label("figure", "flow", key, low=low, high=high)


def _units(results: Results, members: list[str], wave: Wave) -> float:
    """Sampling units of the districts, as the levels count them; 0 where respondents were drawn singly."""
    if results.design.data.columns.psu is None:
        return 0.0
    most: dict[str, float] = {}
    for row in results.of("level", wave=wave.id, variant="main"):
        if row.district in members and not isnan(row.n_psu):
            most[row.district] = max(most.get(row.district, 0.0), row.n_psu)
    return sum(most.values())


def _box(axes: Axes, x: float, y: float, width: float, lines: list[str], colour: str) -> None:
    """A box with its lines, around a place."""
    corner = (x - width / 2, y - HALF)
    patch = FancyBboxPatch(
        corner, width, 2 * HALF, boxstyle="round,pad=0,rounding_size=0.03", edgecolor=colour, facecolor="white",
        linewidth=1,
    )  # fmt: skip
    axes.add_patch(patch)
    axes.text(x, y, "\n".join(lines), ha="center", va="center", fontsize=8.5, linespacing=1.35)
