"""Weights raked to known margins, as R's `survey::calibrate(calfun = "raking")`.

Deville and Sarndal (1992, JASA 87): of all weights that reproduce the margins, the ones closest to the given weights by
the distance sum(w log(w / d) - w + d), which are d_i exp(x_i'b), x_i the person's categories. Iterative proportional
fitting finds them: each margin in turn is scaled to its target until none moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TOLERANCE = 1e-12
"""The largest relative move of a pass after which the weights stand."""
MOST_PASSES = 10_000
"""Margins that agree take far fewer."""


def rake(weight: np.ndarray, categories: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> np.ndarray | None:
    """Raked weights (N,) with the same sum.

    Parameters
    ----------
    weight : ndarray (N,)
        Sampling weights.
    categories : sequence of ndarray (N,)
        For each margin the category of each person, 0, 1, ...
    targets : sequence of ndarray
        For each margin the share of each category, summing to 1.

    Returns
    -------
    ndarray or None
        None where a category with a positive target holds nobody, or where the margins do not agree with each other
        (no convergence).
    """
    w = np.asarray(weight, float).copy()
    total = w.sum()
    codes = [np.asarray(c, int) for c in categories]
    shares = [np.asarray(t, float) / np.sum(t) for t in targets]
    for code, share in zip(codes, shares, strict=True):
        held = np.bincount(code, w, minlength=len(share))
        if ((held <= 0) & (share > 0)).any():
            return None
    for _ in range(MOST_PASSES):
        moved = 0.0
        for code, share in zip(codes, shares, strict=True):
            held = np.bincount(code, w, minlength=len(share)) / total
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = np.where(held > 0, share / held, 1.0)
            moved = max(moved, float(np.abs(factor - 1).max()))
            w *= factor[code]
        if moved <= TOLERANCE:
            return w
    return None
