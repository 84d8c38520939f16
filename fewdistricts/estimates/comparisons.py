"""The changes of the comparison districts, made once: all that the notebook of a pilot district needs of them.

So a notebook reads the respondents of its own district alone, whatever the number of the others. The numbers are not
rounded: what is computed from them is the same, to the last bit, as from all respondents together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fewdistricts import design as declared
from fewdistricts import files, paths, survey
from fewdistricts.design import Design, District
from fewdistricts.errors import DataError, Problem
from fewdistricts.estimates.measure import Survey, items
from fewdistricts.inference.linearization import Linear
from fewdistricts.survey import Data

NAME = "comparisons.parquet"
AT_ONCE = 16  # districts whose respondents are held together

NUMBERS = [field.name for field in fields(Linear)]
KEY = ["indicator", "wave", "baseline_wave"]


@dataclass(frozen=True)
class Comparisons:
    """Changes of the comparison districts that have respondents, in the order of the design."""

    districts: list[District]
    rows: dict[tuple[str, str, str], pd.DataFrame]
    """By indicator, later and baseline wave: one row a district."""

    def changes(self, indicator: str, later: str, base: str, without: Collection[str] = ()) -> Linear:
        """The changes (K,), of districts in `without` as if nobody there had answered: nan."""
        rows = self.rows[indicator, later, base]
        numbers: dict[str, Any] = {name: rows[name].to_numpy(copy=True) for name in NUMBERS}
        numbers["estimate"][rows["district"].isin(list(without)).to_numpy()] = np.nan
        return Linear(**numbers)


def table(design: Design, parts: Iterable[Data]) -> pd.DataFrame:
    """One row an indicator, district and pair of waves; `parts` hold the respondents of some districts each."""
    made = [_rows(design, part) for part in parts]
    return pd.concat(made, ignore_index=True)


def _rows(design: Design, part: Data) -> pd.DataFrame:
    own = Survey(design, part)
    keys = pd.DataFrame(own.contrasts, columns=["district", "wave", "baseline_wave"])
    keys["population"] = [{d.id: d.population for d in own.districts}[name] for name in keys["district"]]
    changes = [(item.id, own.measure(item).changes) for item in items(design)]
    return pd.concat(
        [keys.assign(indicator=name, **{n: getattr(linear, n) for n in NUMBERS}) for name, linear in changes],
        ignore_index=True,
    ).astype({"population": "float64"})


def read(design: Design, rows: pd.DataFrame) -> Comparisons:
    """What `table` made."""
    people = dict(zip(rows["district"], rows["population"], strict=True))
    districts = [
        d if d.population or people[d.id] != people[d.id] else d.model_copy(update={"population": people[d.id]})
        for d in design.comparisons
        if d.id in people
    ]
    return Comparisons(districts, dict(iter(rows.groupby(KEY, sort=False))))  # type: ignore[arg-type]


def write(evaluation: str) -> None:
    """Write the changes of a built survey; the file appears whole or not at all."""
    design = declared.load(evaluation)
    names = [district.id for district in design.comparisons]
    some = (names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE))
    rows = table(design, (survey.opened(evaluation, members) for members in some))
    file = _file(evaluation)
    with files.replacing(file) as part:
        rows.to_parquet(part, index=False)


def load(design: Design) -> Comparisons:
    """The changes as they were written; DataError when they were not."""
    file = _file(design.evaluation)
    if not file.exists():
        remedy = f"`make report EVALUATION={design.evaluation}`"
        raise DataError(Problem(paths.shown(file), "not made yet", "", remedy))
    return read(design, pd.read_parquet(file))


def _file(evaluation: str) -> Path:
    return paths.processed(evaluation) / NAME
