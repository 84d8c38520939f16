"""Partial pooling of many data sets at once: only the simulation of its coverage takes it."""

from __future__ import annotations

import numpy as np

from fewdistricts.inference.partial_pooling import Mixture, grid


def partial_pooling(change: np.ndarray, variance: np.ndarray, pilot: np.ndarray) -> Mixture:
    """`partial_pooling`: the difference of each pilot district, (N, J)."""
    d, v, c, u = change[:, pilot], variance[:, pilot], change[:, ~pilot], variance[:, ~pilot]
    s2, tau2 = (each[:, :, None] for each in grid(c.var(axis=1, ddof=1), u.mean(axis=1)))  # (N, P, 1)
    of_others = _restricted(c[:, None, :], s2 + u[:, None, :])[0]
    h = s2 + v[:, None, :]
    likelihood, mean, total = _restricted(d[:, None, :], h + tau2)
    kept = tau2 / (tau2 + h)
    value = mean[..., None] + kept * (d[:, None, :] - mean[..., None])
    base = (s2[..., 0] + u.mean(axis=1)[:, None]) / c.shape[1]
    log_weight = likelihood + of_others
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return Mixture(
        weight=weight / weight.sum(axis=1, keepdims=True),
        value=value - c.mean(axis=1)[:, None, None],
        variance=kept * h + (1 - kept) ** 2 / total[..., None] + base[..., None],
    )


def _restricted(value: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Restricted log likelihood, mean and total precision of normal values (..., J) with one mean."""
    precision = 1 / variance
    total = precision.sum(axis=-1)
    mean = (precision * value).sum(axis=-1) / total
    squares = (precision * (value - mean[..., None]) ** 2).sum(axis=-1)
    return 0.5 * (np.log(precision).sum(axis=-1) - np.log(total) - squares), mean, total
