"""Covariances of estimates whose districts share sampling units: a school or a village that lies in several of them.

For two combinations a and b of cells, each linearised by PSU as in `linearization`,

    Cov = sum_h (1 - f_h) n_h / (n_h - 1) (sum_j z_haj z_hbj - n_h zbar_ha zbar_hb),

of which the variance is the case a = b. It is kept as its roots, which are as sparse as the survey: Cov = R R' - C C'.
A combination of combinations then has the variance c' Cov c, exactly as if it were linearised in one. Equal to R
`survey` and to Stata's cluster-robust variance of the same means, whose factor G / (G - 1) it is with one stratum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from fewdistricts.inference.sampling import Combinations, Sample


@dataclass(frozen=True)
class SharedUnits:
    """What K estimates of one sample have in common. Shapes: J PSUs, H strata, R columns of the root."""

    root: sparse.csr_array  # (K, R)
    centre: sparse.csr_array  # (K, H)
    members: sparse.csr_array  # (K, J) answered rows of each PSU
    psu_size: np.ndarray  # (J,) PSUs that it stands for
    psu_stratum: np.ndarray  # (J,)

    def covariance(self) -> np.ndarray:
        """Sampling covariances (K, K)."""
        return (self.root @ self.root.T - self.centre @ self.centre.T).toarray()

    def variance(self, coefficients: np.ndarray) -> np.ndarray:
        """Sampling variances (Q,) of linear combinations, `coefficients` (Q, K)."""
        plus, minus = ((matrix.T @ coefficients.T) ** 2 for matrix in (self.root, self.centre))
        total, scale = plus.sum(axis=0) - minus.sum(axis=0), plus.sum(axis=0)
        return np.where(total <= 1e-14 * scale, 0.0, total)

    def units(self, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """PSUs that hold an answer (Q,), each counted once, and the strata that they lie in; `used` (Q, K) bool."""
        held = np.minimum(self.members.T @ used.T.astype(float), self.psu_size[:, None])
        strata = [len(np.unique(self.psu_stratum[column > 0])) for column in held.T]
        return held.sum(axis=0), np.array(strata, dtype=float)

    def take(self, chosen: Sequence[int]) -> SharedUnits:
        """Of some of the estimates, in the order asked for."""
        rows = np.asarray(chosen, dtype=int)
        return replace(self, root=self.root[rows], centre=self.centre[rows], members=self.members[rows])

    def joined(self, other: SharedUnits) -> SharedUnits:
        """Of these estimates and of others of the same sample."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("root", "centre", "members"))
        root, centre, members = (sparse.vstack(pair, format="csr") for pair in pairs)
        return replace(self, root=root, centre=centre, members=members)


def shared_units(
    design: Sample,
    combos: Combinations,
    z: np.ndarray,
    influence_spread: np.ndarray,
    members: np.ndarray,
    scale: np.ndarray,
) -> SharedUnits:
    """The roots of the covariances of combinations.

    Parameters
    ----------
    z : ndarray (U,)
        Linearised influence of each unit of the combinations.
    influence_spread : ndarray (P,)
        Squares of influence within pairs that stand for many PSUs (`linearization.Means.spread`).
    members : ndarray (P,)
        Answered rows of each pair.
    scale : ndarray (K,)
        What a combination's variance is multiplied by where strata with one PSU count as the mean of the others.
    """
    c = combos
    strata, psus = len(design.psus), len(design.psu_stratum)
    n_h, f_h = design.psus, design.fraction
    lonely = n_h == 1
    ordinary = n_h / np.maximum(n_h - 1, 1)
    factor = (1 - f_h) * np.where(lonely, float(design.lonely == "adjust"), ordinary)

    combination = c.block_combination[c.unit_block]
    stratum = c.block_stratum[c.unit_block]
    weight = np.sqrt(factor * np.ones(strata))[stratum] * np.sqrt(scale)[combination]
    psu = _psu_of_units(design, c)
    root = sparse.csr_array((weight * z / np.sqrt(c.unit_size), (combination, psu)), shape=(c.size, psus))
    centred = np.where(lonely, 0.0, 1 / np.sqrt(n_h))[stratum] * weight * z
    centre = sparse.csr_array((centred, (combination, stratum)), shape=(c.size, strata))

    of_entry = combination[c.entry_unit]
    within = weight[c.entry_unit] * c.entry_coefficient * np.sqrt(influence_spread[c.entry_pair])
    inner = sparse.csr_array((within, (of_entry, c.entry_pair)), shape=(c.size, len(design.pair_cell)))
    held = sparse.csr_array((members[c.entry_pair].astype(float), (of_entry, psu[c.entry_unit])), shape=(c.size, psus))
    return SharedUnits(
        root=sparse.hstack([root, inner], format="csr"),
        centre=centre,
        members=held,
        psu_size=design.psu_size,
        psu_stratum=design.psu_stratum,
    )


def _psu_of_units(design: Sample, combos: Combinations) -> np.ndarray:
    """The PSU (U,) of each unit."""
    psu = np.zeros(len(combos.unit_block), dtype=np.intp)
    psu[combos.entry_unit] = design.pair_psu[combos.entry_pair]
    return psu
