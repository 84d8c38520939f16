"""How the methods behave where the truth is known: the simulated design nearest to the one at hand.

`simulation.csv` is written by `python -m benchmarks.simulation`, which describes the world that is simulated.
"""

from __future__ import annotations

import functools
from math import log
from pathlib import Path

import pandas as pd

from fewdistricts.design import Design
from fewdistricts.inference.own_design import UNEQUAL

TABLE = Path(__file__).with_name("simulation.csv")
EFFECT, LEVEL = -0.10, 0.05
"""The effect that is planted, and the level of every test."""
UNLIKE = 0.5  # how much the ratio of interviews between the arms weighs beside that of districts
FARTHEST = 2 * log(2)  # the numbers of districts in the arms, each at most twice or half as many


@functools.cache
def _table() -> pd.DataFrame:
    return pd.read_csv(TABLE)


def nearest(design: Design, interviews: tuple[float, float]) -> pd.DataFrame:
    """The rows of the nearest design, one a method; none where none is near.

    Near are as many districts, and arms measured as unlike: `interviews` are those of a pilot and of a comparison
    district and wave, on average. Among equally near designs the one with districts alike within the arms is taken,
    then the one with as many interviews. A single comparison district stands for a single pilot district, which the
    methods treat alike; to several districts in both arms no design with a single one is near.
    """
    sizes_here = [max(n, 1.0) for n in interviews]
    pilots, comparisons = len(design.pilots), len(design.comparisons)
    if not pilots or not comparisons or design.data.level == "district":
        return _table().iloc[:0]
    if comparisons == 1:
        pilots, comparisons, sizes_here = 1, pilots, sizes_here[::-1]
    rows = _table()
    rows = rows[rows["world"] == "plain"]
    usual = rows[rows["pilot_shock_sd"] == rows["comparison_shock_sd"]]
    usual = usual[usual["pilot_shock_sd"] == usual["pilot_shock_sd"].max()]
    usual = usual[(usual["pilots"] == 1) == (pilots == 1)]
    far = (usual["pilots"].map(log) - log(pilots)).abs() + (usual["comparisons"].map(log) - log(comparisons)).abs()
    ends = ["pilot_n_first", "pilot_n_last", "comparison_n_first", "comparison_n_last"]
    arms = [usual[of].mean(axis=1).map(log) for of in (ends[:2], ends[2:])]
    unlike = ((arms[0] - arms[1]) - (log(sizes_here[0]) - log(sizes_here[1]))).abs()
    uneven = sum((usual[last].map(log) - usual[first].map(log)).abs() for first, last in (ends[:2], ends[2:]))
    sizes = sum((arm - log(n)).abs() for arm, n in zip(arms, sizes_here, strict=True))
    order = pd.DataFrame({"far": (far + UNLIKE * unlike).round(9), "uneven": uneven, "sizes": sizes})
    best = order.sort_values(["far", "uneven", "sizes"], kind="stable").index[0]
    if far[best] > FARTHEST:
        return rows.iloc[:0]
    return usual[usual["design"] == usual.loc[best, "design"]]


def coverage_where_unequal(method: str) -> tuple[float, float]:
    """The least and the largest coverage of a method over the designs whose pilot districts move `UNEQUAL` times as
    much by themselves as the others."""
    rows = _table()
    unequal = rows["pilot_shock_sd"] == UNEQUAL * rows["comparison_shock_sd"]
    unequal &= rows["pilot_shock_sd"] > rows["comparison_shock_sd"]
    found = rows.loc[unequal & (rows["method"] == method), "coverage"]
    return float(found.min()), float(found.max())
