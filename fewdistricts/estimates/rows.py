"""An estimate as a row: its key, why it may be withheld, and how districts are weighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates.measure import Item, Measured
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell


def row(item: Item, design: Design, inference: Inference, **key: Any) -> dict[str, Any]:
    """An estimate with its key and the columns of its item."""
    out = {"evaluation": design.evaluation, "indicator": item.id, "family": item.family, "role": item.role}
    out |= {
        "unit": item.unit,
        "data_kind": design.data.kind,
        "baseline_wave": "",
        "cohort": "",
        "specification": "main",
    }
    return out | inference.columns() | key


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


def without_sampling(said: Inference, design: Design) -> Inference:
    """District-level data have no sampling error: the estimate stands alone."""
    if design.data.level != "district":
        return said
    status = "" if said.estimate == said.estimate else "no_data"
    return Inference(estimate=said.estimate, n_districts=said.n_districts, status=status)
