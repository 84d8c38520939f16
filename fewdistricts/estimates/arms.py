"""How districts are weighted within their arm, and estimates of districts as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from math import isnan

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference


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
