"""Weighted least squares on respondents: the individual difference-in-differences.

`y = district effects + wave effects + did * exposed`, exposed being the respondents of a pilot district after its
start. With weights divided by their district-wave sum (`normalised`) the coefficient is the difference of the arms'
mean changes of district levels, the number the district-change regression gives; with raw weights, or none, it is
another estimand and a robustness row. Coefficients equal those of statsmodels' WLS (test).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from fewdistricts.inference.cell_sums import CellSums
from fewdistricts.inference.cellwise import regress_cells, regress_sums
from fewdistricts.inference.clusters import Kind, Regression, answered, inference
from fewdistricts.inference.cross_sums import Products, regress_products
from fewdistricts.inference.result import Inference
from fewdistricts.inference.wild import bootstrap


def normalised(
    y: np.ndarray, weight: np.ndarray, district: np.ndarray, wave: np.ndarray, population: np.ndarray | None = None
) -> np.ndarray:
    """Weights (N,) that sum to one over the answered rows of each district and wave, zero where y is nan.

    `population` (N,) multiplies them, for districts that count by their people.
    """
    w = np.where(answered(y, weight), weight, 0.0)
    cell = codes(district) * (codes(wave).max(initial=0) + 1) + codes(wave)
    total = np.bincount(cell, w)[cell]
    w = np.divide(w, total, out=np.zeros(len(w)), where=total > 0)
    return w if population is None else w * population


def codes(labels: np.ndarray) -> np.ndarray:
    """Integers (N,) for labels, in order of appearance."""
    return pd.factorize(np.asarray(labels))[0]


def did_matrix(district: np.ndarray, wave: np.ndarray, exposed: np.ndarray) -> np.ndarray:
    """One dummy a district, one a wave but the first, and last the exposed rows: (N, districts + waves)."""
    d = codes(district)
    return np.column_stack([np.eye(d.max() + 1)[d], _beside_districts(wave, exposed)])


def _beside_districts(wave: np.ndarray, exposed: np.ndarray) -> np.ndarray:
    """One dummy a wave but the first, and last the exposed rows: (N, waves)."""
    t = codes(wave)
    return np.column_stack([np.eye(t.max() + 1)[t][:, 1:], np.asarray(exposed, float)])


def did_model(
    y: np.ndarray,
    district: np.ndarray,
    wave: np.ndarray,
    exposed: np.ndarray,
    weight: np.ndarray | None = None,
) -> Regression | None:
    """The regression of a did, clustered by district, its coefficient the last; None if it is not identified.

    `y`, `weight` (N,), `district`, `wave` (N,) codes, `exposed` (N,) bool, the same throughout a district and wave. The
    rows are summed by district and wave first.
    """
    used = answered(y, weight)
    if not used.any():
        return None
    y, district, wave, exposed = (np.asarray(a)[used] for a in (y, district, wave, exposed))
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, float)[used]
    d, t = pd.factorize(district, sort=True)[0], codes(wave)
    _, first, cell = np.unique(d * (t.max() + 1) + t, return_index=True, return_inverse=True)
    z = _beside_districts(wave[first], exposed[first])
    return regress_cells(y, weight, cell, z, d[first])


def did_of_cells(sums: CellSums, district: np.ndarray, wave: np.ndarray, exposed: np.ndarray) -> Regression | None:
    """`did_model` from the sums of districts at waves: `district`, `wave` codes and `exposed` (C,) of the cells."""
    order = _held(sums.n, district, wave)
    if not order.size:
        return None
    z = _beside_districts(wave[order], exposed[order])
    return regress_sums(sums.take(order), z, district[order])


def did_of_products(cells: Products, district: np.ndarray, wave: np.ndarray, exposed: np.ndarray) -> Regression | None:
    """`did_model` with covariates from the products of districts at waves; shapes as `did_of_cells`."""
    order = _held(cells.n, district, wave)
    if not order.size:
        return None
    z = _beside_districts(wave[order], exposed[order])
    return regress_products(cells.take(order), z, district[order])


def _held(n: np.ndarray, district: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """The cells (C,) in which somebody answered, in order of district and wave."""
    held = np.flatnonzero(n)
    return held[np.lexsort([codes(wave[held]), district[held]])]


def did(
    y: np.ndarray,
    district: np.ndarray,
    wave: np.ndarray,
    exposed: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    kind: Kind = "CR2",
    df: Literal["satterthwaite", "clusters"] = "satterthwaite",
    confidence: float = 0.95,
) -> Inference:
    """The did coefficient by weighted least squares, its standard error clustered by district.

    Shapes as `did_model`, statuses as `clusters.inference`, `not_identified` and `no_data` besides.
    """
    model = did_model(y, district, wave, exposed, weight)
    return of_model(model, int(answered(y, weight).sum()), kind=kind, df=df, confidence=confidence)


def of_model(
    model: Regression | None,
    n: int,
    *,
    kind: Kind = "CR2",
    df: Literal["satterthwaite", "clusters"] = "satterthwaite",
    confidence: float = 0.95,
) -> Inference:
    """What `did` says, of its `did_model` of `n` answers."""
    if model is None:
        return _unidentified(n, kind.lower())
    return inference(model, len(model.coefficients) - 1, kind=kind, df=df, confidence=confidence)


def wild_of_model(model: Regression | None, n: int, *, seed: int, confidence: float = 0.95) -> Inference:
    """The coefficient of a `did_model` of `n` answers by the restricted wild cluster bootstrap."""
    if model is None:
        return _unidentified(n, "cr1s")
    return bootstrap(model, len(model.coefficients) - 1, seed=seed, confidence=confidence)


def _unidentified(n: int, se_type: str) -> Inference:
    return Inference(n=n, se_type=se_type, status="not_identified" if n else "no_data")
