"""An estimate as a row, and why it may be withheld."""

from __future__ import annotations

from math import nan
from typing import Any

from fewdistricts.design import Design
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.items import Item
from fewdistricts.estimates.measure import Measured
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell


def row(item: Item, design: Design, inference: Inference, **key: Any) -> Estimate:
    """An estimate with the columns of its item; `key` holds the other columns, and goes before the item's."""
    of_item = {"indicator": item.id, "subgroup": item.subgroup, "family": item.family}
    of_item |= {"role": item.role, "unit": item.unit}
    of_design = {"evaluation": design.evaluation, "data_kind": design.data.kind}
    numbers = {name: nan if value is None else value for name, value in inference.columns().items()}
    columns: dict[str, Any] = of_design | of_item | numbers | key
    return Estimate(**columns)


def withheld(measured: Measured, hidden: frozenset[Cell], district: str, *waves: str) -> str:
    """Why a number of a district is not given: `suppressed`, `not_asked`, `not_comparable`, or an empty text."""
    if any((district, wave, measured.item.id) in hidden for wave in waves):
        return "suppressed"
    return measured.missing_because(*waves)
