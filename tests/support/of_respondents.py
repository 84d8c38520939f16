"""Regressions on respondents that the report has no row for: what other software and published results are held by.

The models are fitted by statsmodels; the standard errors are what their function says.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import Any, Literal

import numpy as np
import pandas as pd
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import WLS

from fewdistricts.inference import logit, wild, wls
from fewdistricts.inference.cell_sums import cell_sums
from fewdistricts.inference.clusters import Kind, answered, fit, regression
from fewdistricts.inference.cross_sums import complete, cross_sums
from fewdistricts.inference.linearization import Means, linear
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling import Sample, each_cell
from fewdistricts.inference.t_test import t_test


def logit_did(
    y: np.ndarray,
    district: np.ndarray,
    wave: np.ndarray,
    exposed: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Inference:
    """`logit.logit_did` of respondents, shapes as `wls.did`."""
    used = answered(y, weight)
    y, exposed = np.asarray(y, float)[used], np.asarray(exposed, bool)[used]
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)[used]
    d, t = wls.codes(np.asarray(district)[used]), wls.codes(np.asarray(wave)[used])
    cells, first, cell = np.unique(d * (t.max(initial=0) + 1) + t, return_index=True, return_inverse=True)
    sums = cell_sums(y, w, cell, len(cells))
    return logit.logit_did(sums, d[first], t[first], exposed[first], confidence=confidence)


def did_adjusted(
    y: np.ndarray,
    district: np.ndarray,
    wave: np.ndarray,
    exposed: np.ndarray,
    weight: np.ndarray,
    covariates: np.ndarray,
    kind: Kind = "CR2",
) -> Inference:
    """`wls.did` given `covariates` (N, m), from their products by district and wave."""
    used = answered(y, weight)
    y, district, wave, exposed, weight, x = (a[used] for a in (y, district, wave, exposed, weight, covariates))
    d, t = pd.factorize(district, sort=True)[0], wls.codes(wave)
    cells, first, cell = np.unique(d * (t.max() + 1) + t, return_index=True, return_inverse=True)
    products = complete(cross_sums(y, x, weight, cell), np.arange(len(cells)), np.arange(x.shape[1]))
    model = wls.did_of_products(products, d[first], t[first], exposed[first])
    return wls.of_model(model, len(y), kind=kind)


def did_wild(
    y: np.ndarray,
    district: np.ndarray,
    wave: np.ndarray,
    exposed: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    seed: int,
) -> Inference:
    """The coefficient of `wls.did` by the restricted wild cluster bootstrap; `seed` from `wild.seed`."""
    model = wls.did_model(y, district, wave, exposed, weight)
    return wls.wild_of_model(model, int(answered(y, weight).sum()), seed=seed)


def means(design: Sample, values: np.ndarray, weight: np.ndarray, *, total: bool = False) -> Means:
    """Weighted means (or totals) of `values` (N,; nan outside the domain) by cell, with their linearised influence."""
    answered = np.isfinite(values) & (weight > 0)
    pairs, cell = len(design.pair_cell), design.pair_cell[design.pair]
    w = np.where(answered, weight, 0.0)
    y = np.where(answered, values, 0.0)

    def by_pair(row_values: np.ndarray) -> np.ndarray:
        return np.bincount(design.pair, row_values, minlength=pairs)

    def by_cell(pair_values: np.ndarray) -> np.ndarray:
        return np.bincount(design.pair_cell, pair_values, minlength=design.cells + 1)

    members, sum_wy = by_pair(answered), by_pair(w * y)
    n, cell_w, cell_wy = by_cell(members), by_cell(by_pair(w)), by_cell(sum_wy)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, cell_wy / cell_w, np.nan)
        inverse = np.where(n > 0, 1 / cell_w, 0.0)
        residual = y - np.where(n > 0, mean, 0.0)[cell]
        wr = w * residual
        variance_srs = np.where(n > 1, by_cell(by_pair(wr * residual)) * inverse / (n - 1), np.nan)
    rms = np.sqrt(by_cell(by_pair(w * y * y)) * inverse)
    return Means(
        mean=(np.where(n > 0, cell_wy, np.nan) if total else mean)[:-1],
        n=n[:-1].astype(np.int64),
        weight=cell_w[:-1],
        variance_srs=np.full(design.cells, np.nan) if total else variance_srs[:-1],
        scale=(rms * cell_w if total else rms)[:-1],
        influence=sum_wy if total else by_pair(wr) * inverse[design.pair_cell],
        members=members,
        size=design.psu_size[design.pair_psu],
        spread=np.zeros(pairs),
    )


def wild_bootstrap(
    y: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray,
    column: int,
    weight: np.ndarray | None = None,
    **options: Any,
) -> Inference:
    """`wild.bootstrap` of rows; shapes as `clusters.cluster_robust`. Status `not_identified`: x has not full rank."""
    fitted = fit(y, x, cluster, weight)
    if fitted is None:
        return Inference(se_type="cr1s", n=int(answered(y, weight).sum()), status="not_identified")
    return wild.bootstrap(regression(fitted), column, **options)


def linearized(
    y: np.ndarray,
    x: np.ndarray,
    column: int,
    weight: np.ndarray,
    design: Sample,
    *,
    link: Literal["identity", "logit"] = "identity",
    confidence: float = 0.95,
) -> Inference:
    """Coefficient `column` of `y` (N,) on `x` (N, k) with the design-based variance, as R's `svyglm`: sampling error
    only.

    z_i = w_i (y_i - fitted_i) x_i' A[:, column] with A = (X'W diag(fitted') X)^-1, summed by PSU as in `linearization`;
    df = PSUs - strata + 1 - k.
    """
    used = answered(y, weight)
    y_used, x_used, w = np.asarray(y, float)[used], np.asarray(x, float)[used], np.asarray(weight, float)[used]
    if len(w) < x_used.shape[1] or np.linalg.matrix_rank(x_used) < x_used.shape[1]:
        return Inference(se_type="design", n=len(w), status="not_identified")
    if link == "identity":
        beta = WLS(y_used, x_used, weights=w).fit(method="qr").params
        fitted, slope = x_used @ beta, np.ones(len(w))
    else:
        beta = (
            GLM(y_used, x_used, family=Binomial(), var_weights=w)
            .fit(tol_criterion="params", tol=1e-13, maxiter=60)
            .params
        )
        fitted = 1 / (1 + np.exp(-x_used @ beta))
        slope = fitted * (1 - fitted)
    bread = np.linalg.inv((x_used * (w * slope)[:, None]).T @ x_used)
    z = np.full(len(used), nan)
    z[used] = w * (y_used - fitted) * (x_used @ bread[:, column])
    everyone = replace(design, pair_cell=np.zeros_like(design.pair_cell), cells=1)
    summed = linear(everyone, each_cell(everyone), means(everyone, z, np.ones(len(z)), total=True))
    known = Inference(estimate=float(beta[column]), se_type="design", n=len(w), n_psu=int(summed.n_psu[0]))
    df = float(summed.df[0]) + 1 - x_used.shape[1]
    return (
        t_test(known, float(np.sqrt(summed.variance[0])), df, confidence) if df >= 1 else replace(known, status="no_df")
    )


def classical(
    y: np.ndarray, x: np.ndarray, column: int, weight: np.ndarray | None = None, *, confidence: float = 0.95
) -> Inference:
    """Coefficient `column` of `y` (N,) on `x` (N, k) with the textbook standard error and N - k df, by statsmodels.

    It takes respondents as independent draws with one variance: for published results that did, never for a programme
    that varies by district.
    """
    used = answered(y, weight)
    y_used, x_used = np.asarray(y, float)[used], np.asarray(x, float)[used]
    if len(y_used) <= x_used.shape[1] or np.linalg.matrix_rank(x_used) < x_used.shape[1]:
        return Inference(se_type="ols", n=len(y_used), status="not_identified")
    w = 1.0 if weight is None else np.asarray(weight, float)[used]
    result = WLS(y_used, x_used, weights=w).fit(method="qr")
    known = Inference(estimate=float(result.params[column]), se_type="ols", n=len(y_used))
    return t_test(known, float(result.bse[column]), float(result.df_resid), confidence)
