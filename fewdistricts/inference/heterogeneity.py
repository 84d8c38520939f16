"""Did the pilot districts change alike?

Over the J pilot districts' *changes* D_j, not their differences from the comparison districts, which share those
districts and so are correlated. Two pilots differ by the shocks that comparison districts have too, of variance s2
(`one_district.shock_variance`), and by sampling: H = s2 I + V, V the covariances of their sampling errors, a diagonal
of v_j unless districts share sampling units. With V alone every shock would pass for a different effect.

    Q = (D - M)' P (D - M),   P = H^-1,   M = 1'P D / 1'P 1          (Cochran 1954)

For V diagonal Q = sum (D_j - M)^2 / h_j.

s2 is itself estimated from K comparison districts, so Q / (J - 1) is referred to F(J - 1, f), not to chi-squared, with
f = (K - 1) (mean(h_j) / var(D_c))^2, at least K - 1, mean(h_j) being what H adds to the pilots' variance: exact when
there is no sampling error and changes are normal. *Measured* at 5 % with six pilots (3,000 draws, shock sd .03 and .06
a wave, v = .003): F rejects a true null in .03 and .05 of cases with six comparison districts and in .04 and .09 with
three; chi-squared in .11 and, with three, .29.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy import special

from fewdistricts.inference.partial_pooling import Drawn, Known
from fewdistricts.inference.spread import spread_of


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q over J pilot districts."""

    q: float = nan
    df: tuple[float, float] = (nan, nan)
    p_value: float = nan
    n_districts: int = 0
    status: str = ""


def heterogeneity(change: np.ndarray, covariance: np.ndarray, pilot: np.ndarray) -> Heterogeneity:
    """Q and its test.

    Parameters
    ----------
    change : ndarray (G,)
        Changes of the districts; nan leaves one out.
    covariance : ndarray (G,) or (G, G)
        Their sampling variances, or covariances where districts share sampling units; a variance of nan leaves out.
    pilot : ndarray (G,) of bool

    Returns
    -------
    Heterogeneity
        Status: `too_few_districts` (J < 2 or K < 3), `no_variance` (no shocks and no sampling error).
    """
    change = np.asarray(change, float)
    known = Known.of(change, np.asarray(covariance, float), np.asarray(pilot, bool))
    if known.status:
        return Heterogeneity(n_districts=known.districts, status=known.status)
    own, others, s2 = known.own, known.others, known.shocks
    j, k = len(own), len(others)
    of_own = known.between(own, own)
    drawn = Drawn.of(change[own], of_own)
    precision = drawn.precision(np.array([s2]))
    centre = float(drawn.about(precision)[0][0])
    q = float(precision[0] @ (drawn.value - centre * drawn.one) ** 2)
    spread = float(np.var(change[others], ddof=1))
    inside = s2 + spread_of(of_own, np.full(j, 1 / j)) / (j - 1)
    f = (k - 1) * max(1.0, (inside / spread) ** 2) if spread > 0 else np.inf
    return Heterogeneity(
        q=q,
        df=(j - 1.0, float(f)),
        p_value=float(special.fdtrc(j - 1, f, q / (j - 1)) if np.isfinite(f) else special.chdtrc(j - 1, q)),
        n_districts=j + k,
    )
