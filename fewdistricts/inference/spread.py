"""How much districts spread about their weighted mean, judged from what does not move that mean.

With shares p_j of an arm of J districts the mean is m = sum p_j D_j. If districts count equally, the deviations from m
are independent of m, and s2 = SS / (J - 1). If they do not, they are not: a large district that happens to move far
moves the mean and the deviations together, so that standard errors are large just where the estimate is, and a t test
finds too little (*measured*: size .021 at 6 v 6 with one district of each arm ten times the others). So the deviations
are cleared of the direction in which they move with the mean, p itself,

    q_j = p_j - 1/J,   e = D - mean(D) - q (q'D / q'q),   s2 = sum e_j^2 / (J - 2),

the residual variance of a regression on the shares, and m / (s sqrt(sum p_j^2)) has the t distribution with J - 2
degrees of freedom if districts have equal variances. An arm of two has nothing left then: it keeps the squares about m,
over J - 2 + J sum p_j^2.
"""

from __future__ import annotations

import numpy as np


def spread_form(share: np.ndarray) -> tuple[np.ndarray, float]:
    """The quadratic form (J, J) of the changes that is s2, and its degrees of freedom.

    `share` (J,) sums to 1.
    """
    size, cleared = len(share), _cleared(share)
    divisor, df = _divisor(share, cleared)
    if cleared is None:
        return _squares(share) / divisor, df
    return (_squares(np.full(size, 1 / size)) - np.outer(cleared, cleared)) / divisor, df


def spread_about(change: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """s2 of the changes (J,) and its degrees of freedom: the form of `spread_form`, summed without the matrix."""
    cleared = _cleared(share)
    divisor, df = _divisor(share, cleared)
    if cleared is None:
        left = change - share @ change
    else:
        left = change - change.mean()
        left -= cleared * (cleared @ left)
    return float(left @ left) / divisor, df


def spread_of(covariance: np.ndarray, share: np.ndarray) -> float:
    """What errors with `covariance` (J, J) add to the squares about the mean with `share` (J,): trace(C V C')."""
    return float(np.sum(_squares(share) * covariance))


def _squares(share: np.ndarray) -> np.ndarray:
    """The quadratic form (J, J) of the squares about the mean, C'C with C = I - 1 share'."""
    return np.eye(len(share)) - share - share[:, None] + len(share) * np.outer(share, share)


def _cleared(share: np.ndarray) -> np.ndarray | None:
    """The direction q (J,) of length one that changes are cleared of; None where districts count equally or are two."""
    apart = share - share.mean()
    length = float(np.sqrt(apart @ apart))
    return apart / length if len(share) > 2 and length > 1e-9 * float(share.max()) else None


def _divisor(share: np.ndarray, cleared: np.ndarray | None) -> tuple[float, float]:
    """What the squares are divided by, and their degrees of freedom; those of one district are 0, with none."""
    size = len(share)
    if cleared is not None:
        return size - 2.0, size - 2.0
    return (size - 2 + size * float(share @ share) if size > 1 else 1.0), size - 1.0


def spread_over_arms(share: np.ndarray, pilot: np.ndarray) -> tuple[np.ndarray, float]:
    """The same of the difference of two arms (G, G) whose districts have one variance in common.

    G - 2 degrees of freedom, or G - 3 where districts do not count equally; two against two, which would have one left,
    keep the squares about the arms' means. `share` (G,) of each district in its arm.
    """
    size = len(share)
    form, about, apart = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
    freedom = 0.0
    for arm, sign in ((pilot, 1.0), (~pilot, -1.0)):
        count, inside, p = int(arm.sum()), np.ix_(arm, arm), share[arm]
        form[inside] = _squares(np.full(count, 1 / count))
        about[inside] = _squares(p)
        apart[arm] = sign * (p - 1 / count)
        freedom += count - 2 + count * float(p @ p)
    length = float(np.sqrt(apart @ apart))
    if length <= 1e-9 * float(share.max()):
        return form / (size - 2), size - 2.0
    if size < 5:
        return about / freedom, size - 2.0
    return (form - np.outer(apart, apart) / length**2) / (size - 3), size - 3.0
