"""The R oracle of `tests/reference`: `rows(block)` yields expected values, `survey()` the input.

`reference.R` and `rules.R` in that folder say how each value was made.
"""

from __future__ import annotations

import atexit
import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fewdistricts.inference.permutations import permutation_test
from fewdistricts.paths import PROJECT

NUMBERS = ("estimate", "se", "df", "lo", "hi", "p", "extra")
FOLDER = PROJECT / "tests" / "reference"
FILES = ("expected.csv", "rules.csv")
"""Made by reference.R and rules.R."""
PILOT = np.arange(12) < 6  # of the twelve districts of the survey


ASKED = "ORACLES_ASKED"
"""Environment variable: the file that lists, when the process ends, every number that a test has asked for."""

READ: set[tuple[str, str, str, str]] = set()
"""Every number that a test has asked for: block, quantity, group and column."""


@atexit.register
def write_asked() -> None:
    """Write what was asked for, where a file for it is named."""
    if ASKED in os.environ:
        Path(os.environ[ASKED]).write_text(json.dumps(sorted(READ)), encoding="utf-8")


@dataclass(frozen=True)
class Expected:
    """A row of the oracle; asking for a number is noted in `READ`."""

    block: str
    quantity: str
    group: str
    estimate: float
    se: float
    df: float
    lo: float
    hi: float
    p: float
    extra: float

    def __getattribute__(self, name: str) -> Any:
        if name in NUMBERS:
            READ.add((self.block, self.quantity, self.group, name))
        return super().__getattribute__(name)


def rows(*blocks: str) -> Iterator[Expected]:
    """Expected values of the blocks, in the order of the file; nan where R gave none."""
    for name in FILES:
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["block"] in blocks:
                    numbers = [nan if row[key] == "NA" else float(row[key]) for key in NUMBERS]
                    yield Expected(row["block"], row["quantity"], row["group"], *numbers)


@cache
def survey() -> pd.DataFrame:
    """The 864 respondents: 12 districts, two waves, two strata and six PSUs a district and wave."""
    frame = pd.read_csv(FOLDER / "input_survey.csv", dtype={"district": str, "stratum": str, "psu": str})
    frame["stratum_wave"] = frame["stratum"] + ":" + frame["wave"].astype(str)
    return frame


def changes(column: str) -> np.ndarray:
    """Weighted change of each of the twelve districts."""
    frame = survey()
    wy = (frame[column] * frame["weight"]).groupby([frame["district"], frame["post"]]).sum()
    level = wy / frame.groupby(["district", "post"])["weight"].sum()
    return (level.xs(1, level="post") - level.xs(0, level="post")).to_numpy()


def matrix(frame, fixed_effects: bool) -> np.ndarray:
    """Columns of treat*post, or treat:post, post and one dummy a district; the interaction is the last column."""
    treat, post = frame["treat"].to_numpy(float), frame["post"].to_numpy(float)
    if not fixed_effects:
        return np.column_stack([np.ones(len(frame)), treat, post, treat * post])
    codes = frame["district"].astype("category").cat.codes.to_numpy()
    return np.column_stack([np.eye(12)[codes], post, treat * post])


def studentised(change, pilot, weight, single=False):
    """|difference of the arms' weighted means|, over the root of what their squares say of it."""
    apart, variance = 0.0, 0.0
    for arm, sign in ((pilot, 1), (~pilot, -1)):
        share, count = weight[arm] / weight[arm].sum(), arm.sum()
        mean, together = share @ change[arm], share @ share
        apart += sign * mean
        if single:
            continue
        variance += ((change[arm] - mean) ** 2).sum() / (count - 2 + count * together) * together
    return abs(apart) if single else abs(apart) / np.sqrt(variance)


def p_of_planted(
    change: np.ndarray,
    pilot: np.ndarray,
    planted: float,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    seed: int = 0,
) -> float:
    """p of the hypothesis that the difference is `planted`; nan where `permutation` gives a status."""
    _, test = permutation_test(change, pilot, weight, pair, None, covariates, seed=seed)
    return nan if test is None else test.p_value(planted)
