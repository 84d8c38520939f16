"""Many waves: every district's history as one number, with its trend and its seasons taken out.

Lee and Wooldridge (2025, Simple approaches to inference with difference-in-differences estimators with small
cross-sectional sample sizes): fit each district's levels before the start by a constant (`average`), a line
(`detrended`) and dummies of the season, predict the waves after it, and take the mean of what they miss,

    D_j = mean over later waves of (L_jt - x_t'b_j),   b_j least squares of L_j on x over the earlier waves.

D_j is linear in the levels with the same coefficients c for every district, D_j = sum_t c_t L_jt, so its sampling
variance follows by linearisation like that of any change, and the arms' means of D_j are compared by the headline rule.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def wave_coefficients(
    after: Sequence[bool] | np.ndarray,
    time: Sequence[float] | np.ndarray,
    *,
    trend: bool = False,
    season: Sequence[Hashable] | None = None,
) -> np.ndarray | None:
    """c (T,): the coefficients of the levels in a district's number.

    Parameters
    ----------
    after : (T,) bool
        Whether a wave lies after the start.
    time : (T,) float
        When it lies, for the trend; any unit.
    trend : bool
        Take out a line fitted before the start.
    season : (T,), optional
        Labels of seasons whose means before the start are taken out.

    Returns
    -------
    ndarray or None
        None where the waves before the start do not identify what is taken out: a line needs three waves (two would
        fit it exactly and leave nothing to judge it by), seasons one more than their number of parameters, and every
        season after the start must occur before it.
    """
    later = np.asarray(after, bool)
    when = np.asarray(time, float)
    x = np.ones((len(later), 1))
    if season is not None:
        labels = list(dict.fromkeys(season))
        x = np.column_stack([[label == other for other in season] for label in labels]).astype(float)
        if any(not x[~later, k].any() for k in range(len(labels)) if x[later, k].any()):
            return None
        x = x[:, x[~later].any(axis=0)]
    if trend:
        x = np.column_stack([x, when - when.mean()])
    before = x[~later]
    needed = x.shape[1] + (1 if x.shape[1] > 1 else 0)
    if not later.any() or len(before) < needed or np.linalg.matrix_rank(before) < x.shape[1]:
        return None
    out = np.zeros(len(later))
    out[later] = 1 / later.sum()
    out[~later] = -x[later].mean(axis=0) @ np.linalg.pinv(before)
    return out
