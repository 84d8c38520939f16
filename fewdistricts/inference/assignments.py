"""Which districts could have been the pilots: every assignment like the observed one, or seeded draws of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from math import comb, prod

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
    """Every choice of so many pilots among so many districts (C, G)."""
    if pilots == 0:
        return np.zeros((1, districts), bool)
    chosen = np.fromiter(chain.from_iterable(combinations(range(districts), pilots)), np.intp)
    out = np.zeros((len(chosen) // pilots, districts), bool)
    np.put_along_axis(out, chosen.reshape(-1, pilots), True, axis=1)
    out.flags.writeable = False
    return out


def assignments(pilot: np.ndarray, stratum: np.ndarray | None = None, *, seed: int = 0) -> Assignments:
    """All assignments like the observed one, or seeded draws where there are more than `LIMIT`.

    Parameters
    ----------
    pilot : ndarray (G,) of bool
        The observed assignment.
    stratum : ndarray (G,), optional
        Labels of strata, or of matched pairs: each keeps its number of pilots. Two districts of a pair swap arms, one
        whose partner is absent keeps its own.
    seed : int
        Of the draws.

    Returns
    -------
    Assignments
        `floor` is the smallest p-value there can be: 1/C, or 2/C where swapping the arms gives another assignment of
        the set, because both have the same number of districts (in every stratum).
    """
    pilot = np.asarray(pilot, bool)
    code = np.zeros(len(pilot), int) if stratum is None else np.unique(np.asarray(stratum), return_inverse=True)[1]
    districts = np.bincount(code)
    pilots = np.bincount(code, pilot).astype(int)
    many = prod(comb(int(n), int(k)) for n, k in zip(districts, pilots, strict=True))
    if many > LIMIT:
        drawn = _drawn(pilot, code, seed)
        return Assignments(drawn, False, 1 / (1 + len(drawn)))
    equal = bool((2 * pilots == districts).all())
    every = _every(code, districts, pilots, many)
    return Assignments(every, True, (2 if equal else 1) / many, each=len(districts) == 1 and pilots[0] == 1)


def _every(code: np.ndarray, districts: np.ndarray, pilots: np.ndarray, many: int) -> np.ndarray:
    """All assignments (C, G): the choices of one stratum with those of every other."""
    if len(districts) == 1:
        return _free(int(districts[0]), int(pilots[0]))
    every = np.zeros((many, len(code)), bool)
    repeats = many
    for stratum, (n, k) in enumerate(zip(districts, pilots, strict=True)):
        choices = _free(int(n), int(k))
        repeats //= len(choices)
        chosen = np.arange(many) // repeats % len(choices)
        every[:, code == stratum] = choices[chosen]
    return every


def _drawn(pilot: np.ndarray, code: np.ndarray, seed: int) -> np.ndarray:
    """Assignments drawn at random, each stratum's pilots shuffled within it."""
    rng = np.random.default_rng(seed)
    count = DRAWS if len(pilot) <= MANY else DRAWS_OF_MANY
    drawn = np.zeros((count, len(pilot)), bool)
    for stratum in range(code.max() + 1):
        inside = code == stratum
        drawn[:, inside] = rng.permuted(np.broadcast_to(pilot[inside], (count, inside.sum())), axis=1)
    return drawn
