"""Permutation with populations as weights: the changes move, the weights stay where they are.

Were a district's weight to travel with its change, an assignment that gives the pilots' arm one large district would
have another distribution of the statistic than the observed one, and the test would reject a true null in .13 of cases
(*measured*). With the weights in place every assignment has the statistic's own weights; under no effect the changes of
exchangeable districts may stand anywhere. All G! orders up to eight districts, seeded ones above.
"""

from __future__ import annotations

from itertools import permutations as orders_of
from math import factorial

import numpy as np

from fewdistricts.inference.assignments import DRAWS, DRAWS_OF_MANY, MANY, Assignments

ALL_UP_TO = 8


def orders(districts: int, seed: int) -> tuple[np.ndarray, Assignments]:
    """Which district's change stands at each place, in C orders (C, G), and how they are counted."""
    if districts <= ALL_UP_TO:
        every = np.array(list(orders_of(range(districts))), dtype=np.intp)
        return every, Assignments(np.zeros((len(every), 0), bool), True, 1 / factorial(districts))
    count = DRAWS if districts <= MANY else DRAWS_OF_MANY
    places = np.broadcast_to(np.arange(districts), (count, districts))
    drawn = np.random.default_rng(seed).permuted(places, axis=1)
    return drawn, Assignments(np.zeros((count, 0), bool), False, 1 / (1 + count))


def coefficients(
    order: np.ndarray, change: np.ndarray, weight: np.ndarray, pilot: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Top (2, C) and bottom (3, C) of the weighted Welch t of each order, as `permutations.Path` takes them.

    `change`, `weight`, `pilot` (G,). With one district in an arm the bottom is 1: the difference in means.
    """
    moved, planted = change[order], pilot.astype(float)[order]
    top, bottom = np.zeros((2, len(order))), np.zeros((3, len(order)))
    welch = min(int(pilot.sum()), int((~pilot).sum())) >= 2
    if not welch:
        bottom[0] = 1.0
    for sign, arm in ((1.0, pilot), (-1.0, ~pilot)):
        share = weight[arm] / weight[arm].sum()
        d, p = moved[:, arm], planted[:, arm]
        mean, part = d @ share, p @ share
        top += sign * np.array([mean, part])
        if not welch:
            continue
        count, shares = int(arm.sum()), float(share @ share)
        factor = shares / (count - 2 + count * shares)
        e, f = d - mean[:, None], p - part[:, None]
        bottom += factor * np.array([(e * e).sum(axis=1), -2 * (e * f).sum(axis=1), (f * f).sum(axis=1)])
    flat = np.abs(bottom[2]) < 1e-12
    bottom[1:, flat] = 0.0
    return top, bottom
