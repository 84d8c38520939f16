"""Design-based means, totals and their linear combinations, with Taylor-linearised variances.

A *cell* is a piece of the sample one mean is taken over: a district at a wave. For an indicator y with weights w over
the answered rows d of cell c (item non-response is a domain: the design keeps its PSUs)

    m = sum(w d y) / sum(w d),    z_i = w_i d_i (y_i - m) / sum(w d),
    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_j (z_hj - zbar_h)^2,

z_hj being summed by PSU j, over all n_h PSUs of stratum h in the whole design (PSUs outside the domain are zeros). A
linear combination of cells linearises jointly: its z is the combination of theirs, summed by PSU. So a change of two
waves is the sum of two variances where `survey` made PSUs unique by wave (cross_section), and holds their covariance
where PSUs repeat (repeated_psu, panel); nothing else distinguishes the kinds of sampling. df = PSUs - strata,
counting those that hold a member of the domain. Equal to R `survey` 4.1 (`svymean`, `svytotal`, `degf` of a `subset`
design).

Sources: Binder (1983), International Statistical Review 51; Lumley (2010), Complex Surveys, chapters 2 and 3.

Everything goes by `bincount` over codes made once per survey: an indicator costs a few passes over its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fewdistricts.inference.cell_sums import CellSums
from fewdistricts.inference.sampling import Combinations, Sample
from fewdistricts.inference.shared_units import SharedUnits, shared_units


@dataclass(frozen=True)
class Means:
    """One indicator summed by cell and PSU: all that any combination needs. Shapes: C cells, P pairs."""

    mean: np.ndarray  # (C,) weighted mean, nan for an empty domain; for totals the weighted sum
    n: np.ndarray  # (C,) answered rows with a positive weight, unweighted
    weight: np.ndarray  # (C,) their sum of weights
    variance_srs: np.ndarray  # (C,) s_w^2 / n, with-replacement simple random sampling, s_w^2 as R's svyvar
    scale: np.ndarray  # (C,) size of the numbers, for telling a zero variance from rounding
    influence: np.ndarray  # (P,) z summed by pair
    members: np.ndarray  # (P,) answered rows
    size: np.ndarray  # (P,) PSUs that a pair stands for
    spread: np.ndarray  # (P,) squares of z about its mean over them; 0 where it is one


def means_of_sums(
    design: Sample, sums: CellSums, influence: np.ndarray, members: np.ndarray, spread: np.ndarray
) -> Means:
    """`Means` of cells that are summed already, with `influence`, answered rows and `spread` by pair (P,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = sums.squares / sums.weight
        return Means(
            mean=sums.mean,
            n=sums.n.astype(np.int64),
            weight=sums.weight,
            variance_srs=np.where(sums.n > 1, variance / (sums.n - 1), np.nan),
            scale=np.where(sums.n > 0, np.sqrt(variance + sums.mean**2), 0.0),
            influence=influence,
            members=members,
            size=design.psu_size[design.pair_psu],
            spread=spread,
        )


@dataclass(frozen=True)
class Linear:
    """Estimates of K combinations; undefined numbers are nan."""

    estimate: np.ndarray  # (K,)
    variance: np.ndarray  # (K,) linearised
    df: np.ndarray  # (K,) PSUs - strata of the domain
    n: np.ndarray  # (K,) answered rows
    n_psu: np.ndarray  # (K,) PSUs that hold one, a repeated one once
    variance_srs: np.ndarray  # (K,) of the same combination of independent simple random samples
    shared: SharedUnits | None = None  # None where the estimates share no PSU

    @property
    def covariance(self) -> np.ndarray | None:
        """Sampling covariances (K, K), or None where the estimates are independent."""
        return None if self.shared is None else self.shared.covariance()

    @property
    def counts(self) -> tuple[int, int]:
        """Answered rows of all the estimates, and PSUs that hold one: one that several share counts once."""
        psus = self.n_psu.sum()
        if self.shared is not None:
            held, _ = self.shared.units(np.ones((1, len(self.n)), dtype=bool))
            psus = held[0]
        return int(self.n.sum()), int(psus)

    @property
    def deff(self) -> np.ndarray:
        """Design effect (K,): variance over the with-replacement simple-random one, R's `deff = "replace"`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.variance_srs > 0, self.variance / self.variance_srs, np.nan)


def linear(design: Sample, combos: Combinations, cells: Means, *, shared: bool = False) -> Linear:
    """Linear combinations of the cells' means with variances linearised jointly by PSU.

    `shared`: whether districts share PSUs, so that the combinations' covariances are wanted as well.
    """
    c = combos

    def by_combination(term_values: np.ndarray) -> np.ndarray:
        return np.bincount(c.combination, term_values, minlength=c.size)

    estimate = by_combination(c.coefficient * cells.mean[c.cell])
    units, blocks = len(c.unit_block), len(c.block_stratum)
    z = np.bincount(c.entry_unit, c.entry_coefficient * cells.influence[c.entry_pair], minlength=units)
    spread = np.bincount(c.entry_unit, c.entry_coefficient**2 * cells.spread[c.entry_pair], minlength=units)
    # a PSU holds answers or none; of PSUs summed together, which are respondents, as many as answered
    held = np.minimum(np.bincount(c.entry_unit, cells.members[c.entry_pair], minlength=units), c.unit_size)
    n_psu = np.bincount(c.block_combination[c.unit_block], held, minlength=c.size)
    in_domain = np.bincount(c.unit_block, held, minlength=blocks) > 0
    strata = np.bincount(c.block_combination, in_domain, minlength=c.size)

    n_h, f_h = design.psus[c.block_stratum], design.fraction[c.block_stratum]
    mean_z = np.bincount(c.unit_block, z, minlength=blocks) / n_h
    deviation = z / c.unit_size - mean_z[c.unit_block]
    present = np.bincount(c.unit_block, c.unit_size, minlength=blocks)
    squares = np.bincount(c.unit_block, spread + c.unit_size * deviation**2, minlength=blocks)
    squares = squares + (n_h - present) * mean_z**2
    lonely = n_h == 1
    ordinary = squares * n_h / np.maximum(n_h - 1, 1)
    adjusted, scale = np.full(c.size, design.lonely == "adjust"), np.ones(c.size)
    if design.lonely == "average":
        others = np.bincount(c.block_combination, in_domain & ~lonely, minlength=c.size)
        adjusted = others == 0  # no other stratum to take the average of
        scale = np.where(adjusted, 1.0, strata / np.maximum(others, 1))
    alone = np.where(adjusted[c.block_combination], mean_z**2, 0.0)
    variance = (1 - f_h) * np.where(lonely, alone, ordinary)
    total = scale * np.bincount(c.block_combination, variance, minlength=c.size)
    rounding = by_combination(np.abs(c.coefficient) * cells.scale[c.cell]) * 1e-12
    total = np.where(total <= rounding**2, 0.0, total)
    return Linear(
        estimate=estimate,
        variance=np.where(np.isnan(estimate), np.nan, total),
        df=(n_psu - strata).astype(float),
        n=by_combination(cells.n[c.cell]).astype(np.int64),
        n_psu=n_psu.astype(np.int64),
        variance_srs=by_combination(c.coefficient**2 * cells.variance_srs[c.cell]),
        shared=shared_units(design, c, z, cells.spread, cells.members, scale) if shared else None,
    )


def combined(pieces: Linear, coefficients: np.ndarray, *, df: Literal["sum", "satterthwaite"] = "sum") -> Linear:
    """Linear combinations of the estimates of districts: V = sum c_k^2 V_k, in one matrix product.

    `coefficients` (Q, K). Cheaper than `combinations` where pieces share no PSU. df: the sum of the pieces' (as R's
    `degf`), or Satterthwaite's V^2 / sum((c_k^2 V_k)^2 / df_k), which does not let many well-measured pieces lend
    degrees of freedom to one that carries the variance. Where pieces do share PSUs, V = c' Cov c, and a PSU counts
    once: df = PSUs - strata.
    """
    used = coefficients != 0
    squares = coefficients**2

    def total(weights: np.ndarray, pieces_values: np.ndarray) -> np.ndarray:
        return np.where(used, weights * pieces_values, 0.0).sum(axis=1)

    variance = total(squares, pieces.variance)
    n_psu = total(used.astype(float), pieces.n_psu)
    if pieces.shared is not None:
        given = np.where(used, coefficients, 0.0)
        variance = np.where(np.isnan(variance), np.nan, pieces.shared.variance(given))
        n_psu, strata = pieces.shared.units(used)
        degrees = n_psu - strata
    elif df == "sum":
        degrees = total(used.astype(float), pieces.df)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(used & (pieces.variance > 0), (squares * pieces.variance) ** 2 / pieces.df, 0.0)
            degrees = np.where(variance > 0, variance**2 / shares.sum(axis=1), total(used.astype(float), pieces.df))
    return Linear(
        estimate=total(coefficients, pieces.estimate),
        variance=variance,
        df=degrees,
        n=total(used.astype(float), pieces.n).astype(np.int64),
        n_psu=n_psu.astype(np.int64),
        variance_srs=total(squares, pieces.variance_srs),
    )
