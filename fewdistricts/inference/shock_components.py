"""Several pilot districts against several others, fewer than five in an arm: shocks and sampling told apart.

The change D_j of a district is that of its arm, a shock of variance s2 (the same in both arms) and sampling error of
the known variance v_j on f_j degrees of freedom. With p_j a district's share of its arm (1/J, or of the population),
SS the squares about the arms' means and F what makes SS/F unbiased when all v_j are equal (G - 2 for equal shares),

    ms  = SS / F
    ev  = sum over arms of sum v_j (1 - 2 p_j + J p_j^2) / F          what sampling error alone adds to ms
    s2  = max(0, ms - ev)
    se^2 = s2 sum p_j^2 + sum p_j^2 v_j                               never below the sampling error
    fs  = (sum p_j^2 v_j)^2 / sum((p_j^2 v_j)^2 / f_j)
    df  = (G - 2) (se^2 / (ms sum p_j^2))^2, at least G - 2, at most max(G - 2, fs);  fs when ms = 0.

Where districts share sampling units, with V the covariances of their sampling errors, p signed by arm and C what takes
an arm's mean from its districts, sum p_j^2 v_j is p' V p, ev is trace(C V C') / F, and fs the degrees of freedom of the
units together.

For J districts that count equally 1 - 2 p_j + J p_j^2 is 1 - 1/J. The pooled t test is the special case without
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

from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling_error import sampling_variance, spread_of
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

    share = np.zeros(districts)
    squares, freedom, from_sampling, estimate = 0.0, 0.0, 0.0, 0.0
    for arm, sign in ((pilot, 1.0), (~pilot, -1.0)):
        p = weights[arm] / weights[arm].sum()
        share[arm] = p
        mean = float(p @ change[arm])
        estimate += sign * mean
        squares += float(((change[arm] - mean) ** 2).sum())
        freedom += arm.sum() - 2 + arm.sum() * float(p @ p)
        if covariance is None:
            from_sampling += float(variance[arm] @ (1 - 2 * p + arm.sum() * p**2))
        else:
            from_sampling += spread_of(covariance[np.ix_(arm, arm)], p)
    nothing = replace(nothing, estimate=estimate)
    if districts < 3:
        return Components(replace(nothing, status="too_few_districts"), np.nan, np.nan)

    parts = share**2 * variance
    if ((parts > 0) & ~(df >= 1)).any():
        return Components(replace(nothing, status="no_df"), np.nan, np.nan)
    mean_square = squares / freedom
    shocks = max(0.0, mean_square - from_sampling / freedom)
    sampling, sampling_df = sampling_variance(np.where(pilot, share, -share), variance, df, covariance)
    total = shocks * float(share @ share) + sampling
    if total <= (1e-12 * float(np.abs(change).max())) ** 2:
        return Components(replace(nothing, se=0.0, status="no_variance"), shocks, sampling)

    degrees = sampling_df
    from_spread = mean_square * float(share @ share)
    if from_spread > 1e-24 * total:
        degrees = max(districts - 2.0, (districts - 2) * (total / from_spread) ** 2)
        degrees = min(degrees, max(districts - 2.0, sampling_df))
    return Components(t_test(nothing, float(np.sqrt(total)), degrees, confidence), shocks, sampling)
