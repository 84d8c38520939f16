"""What is measured: the indicators, the answers to a question, the covariates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fewdistricts.design import Design, Indicator
from fewdistricts.survey import Data


@dataclass(frozen=True)
class Item:
    """Something measured: an indicator, one of its answers, or a category of a covariate, with the columns it has in
    the estimates table."""

    id: str
    column: str
    unit: str
    family: str = "composition"
    role: str = ""
    category: str | None = None
    indicator: Indicator | None = None
    of_all: bool = False
    """A share of a part of the respondents counted among all of them: who is outside the part counts as no."""
    subgroup: str = ""
    """The group of respondents that it is asked of, as `sex=women`; empty: everyone."""

    def values(self, data: Data) -> np.ndarray:
        """Its value of each respondent (N,), nan where there is none; of everyone, whatever the subgroup."""
        column = data[self.column]
        if self.of_all:
            outside = (data[f"{self.column}:missing"] == "outside_domain").to_numpy(bool)
            return np.where(outside, 0.0, column.to_numpy(float))
        if self.category is None:
            return column.to_numpy(float)
        if pd.api.types.is_numeric_dtype(column):
            return np.where(column.notna(), column.to_numpy(float) == float(self.category), np.nan)
        known = column.notna() & (column.astype("string") != "")
        return np.where(known, (column.astype("string") == self.category).to_numpy(bool, na_value=False), np.nan)

    def members(self, data: Data) -> np.ndarray:
        """Whether each respondent (N,) belongs to the subgroup."""
        name, _, group = self.subgroup.partition("=")
        return (data[f"subgroup:{name}"] == group).to_numpy(bool, na_value=False)


def items(design: Design) -> list[Item]:
    """The indicators as items."""
    return [Item(i.id, i.id, i.unit_of, i.family, i.role, indicator=i) for i in design.indicators]


def subgroup_items(design: Design) -> list[Item]:
    """Each indicator but the placebos in each group of respondents."""
    return [
        replace(item, subgroup=f"{subgroup.id}={group}")
        for item in items(design)
        if item.role != "placebo"
        for subgroup in design.subgroups
        for group in subgroup.members
    ]


def of_all(design: Design, item: Item) -> Item | None:
    """A share asked of a part of the respondents, as the share of all; None for other items.

    The programme may change who is in the part (victims who reported), so that the share moves though nobody acts
    otherwise; the share of all holds both. Who did not say whether they belong to the part is outside it.
    """
    conditional = item.indicator is not None and design.conditional(item.indicator) and item.unit == "share"
    return replace(item, of_all=True) if conditional else None


def covariate_items(design: Design, data: Data) -> list[Item]:
    """Covariates as items: a 0/1 or numeric one as it is, one of words as a share for each of its categories."""
    out = []
    for name in design.covariates:
        column = data[name]
        if pd.api.types.is_numeric_dtype(column):
            known = set(column.dropna().unique())
            out.append(Item(name, name, "share" if known <= {0, 1} else "count"))
            continue
        texts = sorted({str(v) for v in column.dropna().unique()} - {""})
        out += [Item(f"{name}={text}", name, "share", category=text) for text in texts]
    return out
