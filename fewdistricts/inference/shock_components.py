"""Several pilot districts against several others, fewer than five in an arm: shocks and sampling told apart.

The change D_j of a district is that of its arm, a shock of variance s2 (the same in both arms) and sampling error of
the known variance v_j on f_j degrees of freedom. With p_j a district's share of its arm (1/J, or of the population),
and ms the mean square of the changes about the means of their arms (`spread`), M its form,

    ms  = D' M D
    ev  = sum M_jj v_j                                                what sampling error alone adds to ms
    s2  = max(0, ms - ev)
    se^2 = s2 sum p_j^2 + sum p_j^2 v_j                               never below the sampling error
    fs  = (sum p_j^2 v_j)^2 / sum((p_j^2 v_j)^2 / f_j)
    df  = f (se^2 / (ms sum p_j^2))^2, at least f, at most max(f, fs),  f = G - 2, with populations G - 3;
          fs when ms = 0. Where s2 = 0 and se^2 is not below ms sum p_j^2 sampling error governs: then as in `floor`.

Where districts share sampling units, with V the covariances of their sampling errors and p signed by arm, sum p_j^2 v_j
is p' V p, ev is trace(M V), and fs the degrees of freedom of the units together.

For J districts that count equally M_jj is (1 - 1/J) / (G - 2). The pooled t test is the special case without
sampling error: se^2 = ms (1/G_P + 1/G_C), df = G - 2. It takes the v_j of both arms for equal, and where the smaller
arm has fewer interviews it rejects a true null too often (*measured* .142 at 3 v 9 with 80 v 400 interviews;
here .041).
Unequal shocks are the price: .10 at 3 v 9 with shocks of .06 v .03, so Welch's interval stands beside it.

Moment estimator of DerSimonian and Laird (1986) and Fay and Herriot (1979), degrees of freedom of Satterthwaite
(1946); the combination is ours and its size is simulated (`benchmarks/simulation.py`). With one pilot district it is
the formula of `one_district`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fewdistricts.inference.floor import governing_df
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling_error import sampling_variance
from fewdistricts.inference.spread import spread_over_arms
from fewdistricts.inference.t_test import t_test

BELOW = 5
"""Districts in the smaller arm from which Welch's form takes over."""


@dataclass(frozen=True)
class Components:
    """What the interval is made of."""

    inference: Inference
    shock_variance: float
    """s2, of a change."""
    sampling_variance: float
    """Of the difference of the arms: sum p_j^2 v_j."""


def shock_components(
    change: np.ndarray,
    variance: np.ndarray,
    df: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    covariance: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Components:
    """Difference in mean change of the arms by the formula of the module.

    Parameters
    ----------
    change, variance, df : ndarray (G,)
        Changes of the districts with their sampling variances and degrees of freedom; nan leaves a district out.
        Without sampling error: zeros and inf.
    pilot : ndarray (G,) of bool
    weight : ndarray (G,), optional
        Populations; None for districts counting equally.
    covariance : ndarray (G, G), optional
        Sampling covariances where districts share sampling units; `df` then is that of these units together.

    Returns
    -------
    Components
        `se_type` is `variance_components`. Status: `no_data` (an arm is empty), `too_few_districts` (G < 3),
        `no_df` (a sampling variance without degrees of freedom), `no_variance` (nothing varies).
    """
    change, variance, df = (np.asarray(a, float) for a in (change, variance, df))
    weights = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(change) & np.isfinite(variance) & (weights > 0)
    change, variance, df, weights = (a[known] for a in (change, variance, df, weights))
    covariance = None if covariance is None else covariance[np.ix_(known, known)]
    pilot = np.asarray(pilot, bool)[known]
    districts = len(change)
    nothing = Inference(se_type="variance_components", n_districts=districts)
    if not pilot.any() or pilot.all():
        return Components(replace(nothing, status="no_data"), np.nan, np.nan)

    share = np.where(pilot, weights / weights[pilot].sum(), weights / weights[~pilot].sum())
    contrast = np.where(pilot, share, -share)
    estimate = float(contrast @ change)
    nothing = replace(nothing, estimate=estimate)
    if districts < 3:
        return Components(replace(nothing, status="too_few_districts"), np.nan, np.nan)

    parts = share**2 * variance
    if ((parts > 0) & ~(df >= 1)).any():
        return Components(replace(nothing, status="no_df"), np.nan, np.nan)
    form, fewest = spread_over_arms(share, pilot)
    together = float(share @ share)
    apart = change - np.where(pilot, change[pilot].mean(), change[~pilot].mean())
    mean_square = max(0.0, float(apart @ form @ apart))
    from_sampling = float(np.trace(form @ (np.diag(variance) if covariance is None else covariance)))
    shocks = max(0.0, mean_square - from_sampling)
    sampling, sampling_df = sampling_variance(contrast, variance, df, covariance)
    total = shocks * together + sampling
    if total <= (1e-12 * float(np.abs(change).max())) ** 2:
        return Components(replace(nothing, se=0.0, status="no_variance"), shocks, sampling)

    degrees = sampling_df
    if mean_square * together > 1e-24 * total:
        one = (np.array(each) for each in (total, mean_square * together, shocks, sampling_df))
        degrees = float(components_df(fewest, *one))
    return Components(t_test(nothing, float(np.sqrt(total)), degrees, confidence), shocks, sampling)


def components_df(
    fewest: float, variance: np.ndarray, spread: np.ndarray, shocks: np.ndarray, sampling_df: np.ndarray
) -> np.ndarray:
    """Degrees of freedom by the formula of the module, for one data set or many.

    `fewest` over districts; all others (N,): `variance` the squared standard error, `spread` the same were all of it
    the districts' spread, `shocks` s2, `sampling_df` those of the sampling error.
    """
    most = np.maximum(fewest, sampling_df)
    with np.errstate(divide="ignore"):
        times = np.sqrt(variance / spread)
    mixed = np.clip(fewest * times**4, fewest, most)
    governs = (shocks == 0) & (times >= 1)
    return np.where(governs, governing_df(np.full(mixed.shape, fewest), times, sampling_df), mixed)
