"""The flow of the sample: from the rows of the files to the answers that the report uses."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from textwrap import fill, shorten

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from fewdistricts.design import Wave
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text import exclusions as left_out
from fewdistricts.exhibits.text.wording import Words

LOST = ("refused", "dont_know", "not_applicable", "unspecified")
STEP = 0.62  # inches from box to box
FULL = 0.46  # inches of a box of three lines


def flow(results: Results, words: Words) -> Drawn | None:
    """Boxes: all rows, then arm by arm and wave by wave interviews, sampling units and answers to primary outcomes.

    Nothing where nobody was interviewed.
    """
    design = results.design
    interviews = results.counts("interviews")
    if design.data.level != "respondent" or not interviews["n"].sum():
        return None
    separate = design.data.sampling != "panel" and len(design.waves) > 1
    arms = [a for a in ("pilot", "comparison", "neighbour") if any(d.arm == a for d in design.districts)]
    dropped = results.sample[results.sample["kind"] == "left_out"]
    total, gone = float(interviews["n"].sum()), float(dropped["n"].sum())
    phone = house.is_for_phone()
    across, tall = len(arms), len(design.waves) + 0.7
    if phone:  # the arms stand below each other
        across, tall = 1, len(arms) * tall
    canvas, (axes,) = house.canvas(0.25 + STEP * (tall + 0.85))
    axes.set_axis_off()
    axes.set_xlim(0, across)
    axes.set_ylim(-tall - 0.5, 0.5)
    taken = words.label(
        "figure", "flow", "taken", number=words.number(total), districts=words.number(len(design.districts))
    )
    lines = [words.label("figure", "flow", "files", number=words.number(total + gone))]
    if gone:
        what = words.listed(left_out.rows(results, words))
        lines.append(words.label("figure", "flow", "left_out", what=what))
    wide = min(2.0, across)
    _box(axes, across / 2, 0, wide * 0.94, [*(fill(line, int(45 * wide)) for line in lines), taken], house.INK)
    rows: list[list[Cell] | str] = []
    sentences = [f"{line}." for line in [*lines, taken]]
    for number, arm in enumerate(arms):
        x, top = (0, number * (len(design.waves) + 0.7)) if phone else (number, 0.0)
        members = [d.id for d in design.districts if d.arm == arm]
        name = words.label("arms", arm)
        heading = words.label("figure", "flow", "districts", arm=name, number=words.number(len(members)))
        colour = house.COLOUR[arm]
        axes.text(x + 0.5, -top - 0.82, heading, ha="center", va="center", color=colour, fontweight="semibold")
        above = -top - 0.95
        for y, wave in enumerate(design.waves, 1):
            said = _counts(results, words, members, wave)
            label = words.text(wave.label)
            middle = -top - y - 0.55
            if y == 1 or not separate:  # an arrow from survey to survey would speak of the same people
                arrow = {"arrowstyle": "-|>", "color": house.GREY}
                # an arrow between two boxes: seaborn has none
                axes.annotate("", (x + 0.5, middle + 0.4), (x + 0.5, above), arrowprops=arrow)
            _box(
                axes,
                x + 0.5,
                middle,
                0.92,
                [shorten(label, 48 if len(arms) < 3 else 32, placeholder=" …"), *said],
                colour,
            )
            above = middle - 0.4
            what = ", ".join(said)
            sentences.append(words.label("figure", "flow", "sentence", arm=name, wave=label, what=what))
            rows.append([name, label, *said, *[""] * (2 - len(said))])
    w = words.labels("words")
    grid = Grid([Column(w["arm"]), Column(w["wave"]), Column(w["interviews"]), Column(w["answers"])], rows)
    weighted = design.data.columns.weight is not None
    counted = words.label("figure", "flow", "equally" if design.inference.districts == "equal" else "by_population")
    return Drawn(
        canvas, grid, {"sentences": " ".join(sentences), "weighted": weighted, "counted": counted, "separate": separate}
    )


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
        found = float(own.get("answered", 0))
        asked = found + float(own.reindex(LOST).sum())
        if asked:
            answered.append(found)
            shares.append(found / asked)
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
    text = "\n".join(lines)
    half = 0.4
    patch = FancyBboxPatch(
        (x - width / 2, y - half),
        width,
        2 * half,
        boxstyle="round,pad=0,rounding_size=0.03",
        edgecolor=colour,
        facecolor="white",
        linewidth=1,
    )
    axes.add_patch(patch)
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5, linespacing=1.35)
