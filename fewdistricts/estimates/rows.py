"""An estimate as a row, why it may be withheld, and how districts are weighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from math import isnan, nan
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.measure import Item, Measured
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell


def row(item: Item, design: Design, inference: Inference, **key: Any) -> Estimate:
    """An estimate with the columns of its item; `key` holds the other columns, and goes before the item's."""
    of_item = {"indicator": item.id, "family": item.family, "role": item.role, "unit": item.unit}
    of_design = {"evaluation": design.evaluation, "data_kind": design.data.kind}
    numbers = {name: nan if value is None else value for name, value in inference.columns().items()}
    columns: dict[str, Any] = of_design | of_item | numbers | key
    return Estimate(**columns)


def withheld(measured: Measured, hidden: frozenset[Cell], district: str, *waves: str) -> str:
    """Why a number of a district is not given: `suppressed`, `not_asked`, `not_comparable`, or an empty text."""
    if any((district, wave, measured.item.id) in hidden for wave in waves):
        return "suppressed"
    return measured.missing_because(*waves)


def arm_weights(design: Design, districts: Sequence[District]) -> np.ndarray:
    """Weights of districts within their arm, summing to 1: equal, or the population declared."""
    if design.inference.districts == "equal":
        return np.full(len(districts), 1 / len(districts))
    population = np.array([d.population for d in districts], float)
    return population / population.sum()


def people(design: Design, districts: list[District]) -> np.ndarray | None:
    """Populations of districts, or None where districts count equally."""
    if design.inference.districts == "equal":
        return None
    return np.array([d.population for d in districts], float)


def pairs(districts: list[District]) -> np.ndarray | None:
    """Labels of matched pairs, or None unless every district has one."""
    return np.array([d.pair for d in districts]) if all(d.pair for d in districts) else None


def take(linear: Linear, chosen: Sequence[int]) -> Linear:
    """Some of the estimates, in the order asked for."""
    return replace(linear, **{f.name: getattr(linear, f.name)[list(chosen)] for f in fields(linear)})


def joined(first: Linear, second: Linear) -> Linear:
    """The estimates of one and of another."""
    return Linear(**{f.name: np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(Linear)})


def without_sampling(inference: Inference, design: Design) -> Inference:
    """District-level data have no sampling error: the estimate stands alone."""
    if design.data.level != "district":
        return inference
    status = "no_data" if isnan(inference.estimate) else ""
    return Inference(estimate=inference.estimate, n_districts=inference.n_districts, status=status)
