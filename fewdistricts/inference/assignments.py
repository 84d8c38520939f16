"""Which districts could have been the pilots: every assignment like the observed one, or seeded draws of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from math import comb

import numpy as np

LIMIT = 200_000
DRAWS = 99_999
DRAWS_OF_MANY, MANY = 9_999, 100
_CHUNK = 8_192


def seed_of(*names: str) -> int:
    """A seed that anyone can make again: the sha256 of the names (evaluation, indicator) joined by a colon."""
    return int.from_bytes(hashlib.sha256(":".join(names).encode()).digest()[:8], "big")


def at_least(size: np.ndarray, observed: np.ndarray | float) -> np.ndarray:
    """`size` >= `observed` with the tolerance for ties, the same in every method: |t*| >= |t| (1 - 1e-9) - 1e-12."""
    return np.asarray(size) >= np.asarray(observed) * (1 - 1e-9) - 1e-12


@dataclass(frozen=True)
class Assignments:
    """Which districts are pilots, in C assignments of G districts."""

    pilot: np.ndarray  # (C, G) bool
    exact: bool
    floor: float
    each: bool = False
    """Every district is the one pilot once, in their order: thousands of them need no matrix of all pairs."""

    def share(self, count: np.ndarray) -> np.ndarray:
        """The p-value of a count of assignments at least as large as the observed one."""
        many = len(self.pilot)
        return count / many if self.exact else (1 + count) / (1 + many)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (C, m) of `values` (G, m) over the pilot districts of each assignment."""
        if self.each:
            return values
        parts = range(0, len(self.pilot), _CHUNK)
        return np.concatenate([self.pilot[at : at + _CHUNK].astype(float) @ values for at in parts])


@lru_cache(maxsize=32)
def _free(districts: int, pilots: int) -> np.ndarray:
    chosen = np.fromiter(chain.from_iterable(combinations(range(districts), pilots)), np.intp)
    out = np.zeros((len(chosen) // pilots, districts), bool)
    np.put_along_axis(out, chosen.reshape(-1, pilots), True, axis=1)
    out.flags.writeable = False
    return out


def assignments(pilot: np.ndarray, pair: np.ndarray | None = None, *, seed: int = 0, limit: int = LIMIT) -> Assignments:
    """All assignments like the observed `pilot` (G,), or seeded draws where there are more than `limit`.

    `pair` (G,): labels; the two districts of a pair swap arms, one whose partner is absent keeps its own.
    """
    pilot = np.asarray(pilot, bool)
    if pair is not None:
        return _paired(pilot, np.asarray(pair), seed, limit)
    many = comb(len(pilot), int(pilot.sum()))
    equal = 2 * int(pilot.sum()) == len(pilot)
    if many <= limit:
        free = _free(len(pilot), int(pilot.sum()))
        return Assignments(free, True, (2 if equal else 1) / many, each=pilot.sum() == 1)
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.broadcast_to(pilot, (_draws(len(pilot)), len(pilot))), axis=1)
    return Assignments(drawn, False, 1 / (1 + len(drawn)))


def _draws(districts: int) -> int:
    return DRAWS if districts <= MANY else DRAWS_OF_MANY


def _paired(pilot: np.ndarray, pair: np.ndarray, seed: int, limit: int) -> Assignments:
    labels, code = np.unique(pair, return_inverse=True)
    both = np.flatnonzero(np.bincount(code, pilot) * np.bincount(code, ~pilot) == 1)
    place = {label: at for at, label in enumerate(both)}
    if 2 ** len(both) <= limit:
        swap = (np.arange(2 ** len(both))[:, None] >> np.arange(len(both))) & 1 == 1
        floor = (2 if len(both) == len(labels) else 1) / len(swap)
    else:
        swap = np.random.default_rng(seed).integers(0, 2, (_draws(len(pilot)), len(both))) == 1
        floor = 1 / (1 + len(swap))
    flipped = np.zeros((len(swap), len(pilot)), bool)
    for j, label in enumerate(code):
        if label in place:
            flipped[:, j] = swap[:, place[label]]
    return Assignments(pilot ^ flipped, 2 ** len(both) <= limit, floor)
