"""The R oracle of `tests/reference`: `rows(block)` yields expected values, `survey()` the input.

`reference.R` in that folder says how each value was made.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import nan
from typing import Any

import pandas as pd

from fewdistricts.paths import PROJECT

NUMBERS = ("estimate", "se", "df", "lo", "hi", "p", "extra")
FOLDER = PROJECT / "tests" / "reference"


READ: set[tuple[str, str, str, str]] = set()
"""Every number that a test has asked for: block, quantity, group and column."""


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
    with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as file:
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
