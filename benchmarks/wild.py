"""The wild cluster bootstrap of many data sets at once: only the simulation of sizes takes it."""

from __future__ import annotations

import numpy as np

from fewdistricts.inference.assignments import at_least
from fewdistricts.inference.wild_draws import POINTS, WEBB_UP_TO


def wild_p(
    change: np.ndarray,
    pilot: np.ndarray,
    planted: float = 0.0,
    *,
    restricted: bool = True,
    most: int = 2**17,
    seed: int = 0,
) -> np.ndarray:
    """`wild`: p (N,) of the wild cluster bootstrap, Rademacher's weights over seven districts, else Webb's.

    With equal cell weights the regression of respondents is that of changes on the arm, so the statistic of a draw is
    a function of the arms' sums of v u and of v^2 u^2. All draws are counted up to `most`, beyond it as many are drawn,
    of which the first is the data set itself.
    """
    d = change - planted * pilot
    points = np.array([-1.0, 1.0])
    if len(pilot) <= WEBB_UP_TO:
        points = np.concatenate([-POINTS, POINTS])
    counts = [int(pilot.sum()), int((~pilot).sum())]
    if len(points) ** len(pilot) <= most:
        draws = [np.array(np.meshgrid(*[points] * n, indexing="ij")).reshape(n, -1) for n in counts]
    else:
        drawn = np.random.default_rng(seed).choice(points, size=(len(pilot), most))
        drawn[:, 0] = 1.0
        draws = [drawn[pilot], drawn[~pilot]]
    centre = d.mean(axis=1, keepdims=True)
    alone, alone_squares, sums, squares = [], [], [], []
    for arm, v in zip((pilot, ~pilot), draws, strict=True):
        own = d[:, arm]
        u = own - (centre if restricted else own.mean(axis=1, keepdims=True))
        alone.append(own.sum(axis=1)[:, None])
        alone_squares.append((own**2).sum(axis=1)[:, None])
        sums.append(u @ v)
        squares.append(u**2 @ v**2)
    apart = len(points) ** len(pilot) <= most  # every draw of one arm with every draw of the other
    size = np.abs(_wild_t(alone, alone_squares, counts, apart=False))
    star = np.abs(_wild_t(sums, squares, counts, apart=apart)).reshape(len(d), -1)
    return at_least(star, size).mean(axis=1)


def _wild_t(sums: list[np.ndarray], squares: list[np.ndarray], counts: list[int], *, apart: bool) -> np.ndarray:
    """t of draws from the arms' sums, (N, A) and (N, B): of every pair of them (N, A, B), or draw by draw (N, A)."""
    means = [total / n for total, n in zip(sums, counts, strict=True)]
    parts = [(s - total**2 / n) / n**2 for s, total, n in zip(squares, sums, counts, strict=True)]
    if apart:
        means, parts = ([first[:, :, None], second[:, None, :]] for first, second in (means, parts))
    difference, variance = means[0] - means[1], np.maximum(parts[0] + parts[1], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(difference / np.sqrt(variance), nan=0.0, posinf=np.inf, neginf=-np.inf)
