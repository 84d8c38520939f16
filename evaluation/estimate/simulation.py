"""How the methods behave where the truth is known: the simulated design nearest to the one at hand.

`simulation.csv` is written by `python -m benchmarks.simulation`, which describes the world that is simulated.
"""

from __future__ import annotations

import functools
from math import log
from pathlib import Path

import pandas as pd

from evaluation.design import Design

TABLE = Path(__file__).with_name("simulation.csv")
EFFECT, LEVEL = -0.10, 0.05
"""The effect that is planted, and the level of every test."""
FARTHEST = 2 * log(2)  # the numbers of districts in the arms, each at most twice or half as many


@functools.cache
def _table() -> pd.DataFrame:
    return pd.read_csv(TABLE)


def nearest(design: Design, interviews: float) -> pd.DataFrame:
    """The rows of the nearest design, one a method; none where none is near.

    `interviews` of a district and wave on average, which decides between designs with as many districts. A single
    comparison district stands for a single pilot district: the methods treat them alike.
    """
    pilots, comparisons = len(design.pilots), len(design.comparisons)
    if not pilots or not comparisons or design.data.level == "district":
        return _table().iloc[:0]
    if comparisons == 1:
        pilots, comparisons = 1, pilots
    rows = _table()
    usual = rows[rows["pilot_shock_sd"] == rows["comparison_shock_sd"]]
    usual = usual[usual["pilot_shock_sd"] == usual["pilot_shock_sd"].max()]
    far = (usual["pilots"].map(log) - log(pilots)).abs() + (usual["comparisons"].map(log) - log(comparisons)).abs()
    ends = ["pilot_n_first", "pilot_n_last", "comparison_n_first", "comparison_n_last"]
    uneven = usual[ends].max(axis=1).map(log) - usual[ends].min(axis=1).map(log)
    sizes = (usual[ends].mean(axis=1).map(log) - log(max(interviews, 1.0))).abs()
    order = pd.DataFrame({"far": far.round(9), "uneven": uneven, "sizes": sizes})
    best = order.sort_values(["far", "uneven", "sizes"], kind="stable").index[0]
    if far[best] > FARTHEST:
        return rows.iloc[:0]
    return usual[usual["design"] == usual.loc[best, "design"]]
