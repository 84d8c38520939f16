"""Power: the smallest effect a design would find, and the districts or interviews it would take.

The variance of the difference in change between the arms is that of the district-change regression,

    se^2 = (shock + v) (1/G1 + 1/G0),   df = G1 + G0 - 2,

`shock` being the variance of a district's change that interviews cannot reduce, 2 sd^2 for a shock of `sd` in each
district and wave, and v the sampling variance of a change: 2 deff m (1 - m) / n for a share m with n interviews a
district and wave, 2 deff sd_y^2 / n for a mean. With one district in an arm it is the variance-components method at
equal n. The minimum detectable effect is the delta at which the two-sided t test rejects with probability `power`,

    P(|T| > t_{df, (1 + confidence) / 2}) = power,   T ~ noncentral t(df, delta / se)

(Bloom 1995, Evaluation Review 19, with the noncentral t in place of the sum of quantiles). A formula for individuals
leaves out the shock and takes the interviews for the degrees of freedom: it promises more than the design keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, inf, nan, sqrt

import numpy as np
from scipy import special

POWER = 0.8
"""With which a minimum detectable effect is found, unless said otherwise."""


def sampling_variance(share: float, n: float, deff: float = 1.0) -> float:
    """Sampling variance of the change of a share, m (1 - m) deff / n at each of two waves; n interviews a wave."""
    return 2 * deff * share * (1 - share) / n


def standard_error(variance: float, pilots: int, comparisons: int) -> float:
    """se of the difference in mean change when a district's change has `variance` (shocks and sampling)."""
    return sqrt(variance * (1 / pilots + 1 / comparisons))


def power(effect: float, se: float, df: float, confidence: float = 0.95) -> float:
    """Probability that the two-sided t test rejects no effect when there is `effect`; df may be infinite."""
    if not (se > 0 and df >= 1):
        return nan
    critical, shift = -float(special.stdtrit(df, (1 - confidence) / 2)), abs(effect) / se
    if df == inf:
        return float(special.ndtr(shift - critical) + special.ndtr(-critical - shift))
    # what is below a bound underflows to nan at large shifts
    near, far = np.nan_to_num(special.nctdtr(df, shift, [critical, -critical]))
    return min(1.0, float(1 - near + far))


def minimum_detectable(se: float, df: float, *, at: float = POWER, confidence: float = 0.95) -> float:
    """The smallest effect found with probability `at`, in the unit of `se`; nan where se or df do not allow a test."""
    return se * _detectable_multiple(df, at, confidence) if se > 0 and df >= 1 else nan


def minimum_detectable_interval(se: float, df: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the minimum detectable effect, whose standard error is itself an estimate.

    df se^2 / true se^2 is chi-squared with df degrees of freedom where districts' changes are normal, so the effect
    for the true standard error lies in se sqrt(df / chi2_df) times the multiple. With ten degrees of freedom the ends
    are .70 and 1.75 of the value.
    """
    value = minimum_detectable(se, df, confidence=confidence)
    if not value > 0:
        return nan, nan
    if df == inf:
        return value, value
    ends = [float(special.chdtri(df, tail)) for tail in ((1 - confidence) / 2, (1 + confidence) / 2)]
    return value * sqrt(df / ends[0]), value * sqrt(df / ends[1])


@lru_cache(maxsize=1024)
def _detectable_multiple(df: float, at: float, confidence: float) -> float:
    """The minimum detectable effect at se 1."""
    from scipy import optimize

    high = 4.0
    while power(high, 1.0, df, confidence) < at:
        high *= 2
    return float(optimize.brentq(lambda delta: power(delta, 1.0, df, confidence) - at, 0.0, high, xtol=1e-12))


def design_mde(
    share: float,
    n: float,
    pilots: int,
    comparisons: int,
    *,
    shock_sd: float,
    deff: float = 1.0,
    at: float = POWER,
    confidence: float = 0.95,
) -> float:
    """Minimum detectable effect of a design, a fraction.

    `n` interviews a district and wave, `shock_sd` the standard deviation of a district's shock in one wave.
    """
    variance = 2 * shock_sd**2 + sampling_variance(share, n, deff)
    se = standard_error(variance, pilots, comparisons)
    return minimum_detectable(se, pilots + comparisons - 2, at=at, confidence=confidence)


def districts_needed(
    effect: float,
    share: float,
    n: float,
    *,
    shock_sd: float,
    deff: float = 1.0,
    at: float = POWER,
    confidence: float = 0.95,
    most: int = 1_000,
) -> int | None:
    """Fewest districts in each arm (as many pilots as comparisons) that find `effect`; None above `most`."""

    def short(each: int) -> bool:
        found = design_mde(share, n, each, each, shock_sd=shock_sd, deff=deff, at=at, confidence=confidence)
        return not found <= abs(effect)

    if effect == 0 or short(most):
        return None
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return high


def interviews_needed(
    effect: float,
    share: float,
    pilots: int,
    comparisons: int,
    *,
    shock_sd: float,
    deff: float = 1.0,
    at: float = POWER,
    confidence: float = 0.95,
) -> int | None:
    """Fewest interviews a district and wave that find `effect`; None where no number can, because of the shocks."""
    df = pilots + comparisons - 2
    unit = minimum_detectable(1.0, df, at=at, confidence=confidence)
    if effect == 0 or not unit > 0:
        return None
    room = (effect / unit) ** 2 / (1 / pilots + 1 / comparisons) - 2 * shock_sd**2
    if room <= 0:
        return None
    return max(1, ceil(sampling_variance(share, 1.0, deff) / room * (1 - 1e-12)))


def mde_grid(
    share: float,
    interviews: Sequence[float],
    districts: Sequence[tuple[int, int]],
    *,
    shock_sd: float,
    deff: float = 1.0,
    at: float = POWER,
    confidence: float = 0.95,
) -> np.ndarray:
    """Minimum detectable effects (D, I): D pairs (pilots, comparisons), I numbers of interviews a district and wave."""
    variance = np.array([2 * shock_sd**2 + sampling_variance(share, n, deff) for n in interviews])
    units = [
        minimum_detectable(standard_error(1.0, *arms), sum(arms) - 2, at=at, confidence=confidence)
        for arms in districts
    ]
    return np.outer(units, np.sqrt(variance))


def needed_n(before: float, after: float, deff: float = 1.0, confidence: float = 0.95) -> int | None:
    """Fewest interviews a wave at which a change of a share is detected with probability `POWER`.

    The waves are independent samples of n interviews each with the design effect `deff`, the shares taken as true. n
    is the smallest at which `power_of_two_shares` reaches it. None when the shares are equal; never below 2.
    """
    if before == after:
        return None
    low, high = 1, 2
    while power_of_two_shares(high, before, after, deff, confidence) < POWER:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if power_of_two_shares(middle, before, after, deff, confidence) < POWER:
            low = middle
        else:
            high = middle
    return high


def power_of_two_shares(n: float, before: float, after: float, deff: float = 1.0, confidence: float = 0.95) -> float:
    """Power of the test of two independent shares, n interviews each: R's `power.prop.test` with n / deff."""
    z, n = -float(special.ndtri((1 - confidence) / 2)), n / deff
    mean = (before + after) / 2
    under_null = z * sqrt(2 * mean * (1 - mean))
    spread = sqrt(before * (1 - before) + after * (1 - after))
    distance = sqrt(n) * abs(before - after) - under_null
    if spread == 0:  # shares of nobody and everybody: no sample differs from another
        return float(distance > 0)
    return float(special.ndtr(distance / spread))
