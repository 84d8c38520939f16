"""What all pilot districts together say of each one: partial pooling with everything that is not known.

The change D_j of a pilot district is the common change of the pilots, its own departure of variance tau^2, a shock of
variance s2 (as the comparison districts have) and sampling error; the errors have covariances H = s2 I + V, where V is
diagonal unless districts share sampling units. Given tau^2 and s2, with P the inverse of H + tau^2 I,

    mu = 1'P D / 1'P 1,   m = mu + B (D - mu),   B = tau^2 P
    V_m = diag(B H) + (1 - B 1)^2 / 1'P 1               (for V diagonal R's metafor: `rma(tau2 =)`, `blup`)

Neither is known from a handful of districts. So the interval is that of the mixture of these normal distributions over
a grid of tau and s, weighted by their posterior: the restricted likelihoods of the pilots' changes (tau, s) and of the
comparison districts' (s), times half-Cauchy priors (Gelman 2006, Bayesian Analysis 1). The scale of s is the root of
half the variance of the comparison districts' changes, the other half being left to sampling; that of tau is s itself:
how much effects differ has to do with how much districts move, not with how many are interviewed. The district's
difference is m_j less the comparison districts' mean, p their shares, U their sampling covariances and C those of the
pilots with them (0 unless they share units):

    V_j = V_m,j + s2 p'p + p'U p - 2 (A C p)_j,   m = A D.

`estimate` and `se` are mean and standard deviation of the mixture, the interval lies between its quantiles, and p is
twice its smaller part on one side of zero.

*Measured* (departures of sd .03, shocks alike): .938 to .966 of the intervals hold the district's own effect. With a
scale of tau that grew with the sampling error it was up to .979 (4 v 12, pilots of 80 interviews), and normal intervals
with a wider prior of s covered .975 of three pilots against three. Without departures it is .951 to .983: what would
cover less there would cover too little where there are some. Leaving out what is not known of tau and s, as the usual
empirical Bayes does, covers .79 to .89. Where the pilots' shocks are twice as large as the others' nothing in the data
tells them from own departures, and less is covered. Sources: Morris (1983, JASA 78); DerSimonian and Laird (1986); the
combination is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy import special

from fewdistricts.inference.one_district import FEWEST, shock_variance
from fewdistricts.inference.result import Inference

TAUS, SHOCKS = 30, 16
"""Points of tau and of s, evenly in the probability of their priors."""
SCALE_OF_SHOCKS = 0.5
"""The part of the comparison districts' variance that is the square of the scale of s."""
NEGLIGIBLE = 1e-12
"""Weight of a point, beside the largest, below which it is left out."""
STEPS, TOLERANCE = 60, 1e-13
"""Of the search of a quantile: how many at most, and the last one in standard deviations."""


def quantiles(points: int) -> np.ndarray:
    """Of the half-Cauchy distribution with scale 1."""
    return np.tan(0.5 * np.pi * (np.arange(points) + 0.5) / points)


def grid(spread: np.ndarray, sampling: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of s2 and tau^2 (..., P) with equal prior probability.

    `spread` (...) the variance of the comparison districts' changes, `sampling` (...) the mean of their sampling
    variances, which takes its place where it is larger.
    """
    scale = SCALE_OF_SHOCKS * np.maximum(spread, sampling)[..., None]
    s2 = scale * np.repeat(quantiles(SHOCKS), TAUS) ** 2
    return s2, s2 * np.tile(quantiles(TAUS), SHOCKS) ** 2


@dataclass(frozen=True)
class Mixture:
    """Normal distributions of J districts, P of each, with their weights; any axes in front."""

    weight: np.ndarray  # (..., P), sums to 1
    value: np.ndarray  # (..., P, J)
    variance: np.ndarray  # (..., P, J)

    @property
    def estimate(self) -> np.ndarray:
        """Means (..., J)."""
        return np.einsum("...p,...pj->...j", self.weight, self.value)

    @property
    def se(self) -> np.ndarray:
        """Standard deviations (..., J)."""
        about = self.value - self.estimate[..., None, :]
        return np.sqrt(np.einsum("...p,...pj->...j", self.weight, self.variance + about**2))

    def below(self, value: np.ndarray) -> np.ndarray:
        """The probability (..., J) of lying below `value` (..., J)."""
        return np.einsum("...p,...pj->...j", self.weight, special.ndtr(self._apart(value)))

    def density(self, value: np.ndarray) -> np.ndarray:
        """At `value` (..., J)."""
        heights = np.exp(-0.5 * self._apart(value) ** 2) / np.sqrt(2 * np.pi * self.variance)
        return np.einsum("...p,...pj->...j", self.weight, heights)

    def _apart(self, value: np.ndarray) -> np.ndarray:
        """`value` (..., J) in standard deviations of each distribution (..., P, J)."""
        return (value[..., None, :] - self.value) / np.sqrt(self.variance)

    def p(self, planted: np.ndarray | float = 0.0) -> np.ndarray:
        """Twice the smaller part on one side of `planted` (..., J)."""
        below = self.below(np.broadcast_to(planted, self.estimate.shape))
        return np.minimum(1.0, 2 * np.minimum(below, 1 - below))

    def quantile(self, probability: float) -> np.ndarray:
        """What lies above so much of the probability (..., J): Newton's steps, halved where one leaves the bracket."""
        reach = -special.ndtri(1e-12) * np.sqrt(self.variance)
        low, high = (self.value - reach).min(axis=-2), (self.value + reach).max(axis=-2)
        at, se = self.estimate, self.se
        for _ in range(STEPS):
            missing = probability - self.below(at)
            low, high = np.where(missing > 0, at, low), np.where(missing > 0, high, at)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = at + missing / self.density(at)
            before, at = at, np.where((step >= low) & (step <= high), step, (low + high) / 2)
            if (np.abs(at - before) <= TOLERANCE * se).all():
                break
        return at


@dataclass(frozen=True)
class Known:
    """The districts of both arms that count, and what the comparison districts show of shocks."""

    own: np.ndarray
    """Places of the pilots,"""
    others: np.ndarray
    """and of the comparison districts."""
    covariance: np.ndarray
    """Of the sampling errors of all districts (G, G)."""
    shocks: float = nan
    status: str = ""
    """`too_few_districts` (fewer than two pilots or three others), `no_variance` (an arm has no error of any kind)."""

    @classmethod
    def of(
        cls, change: np.ndarray, covariance: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None
    ) -> Known:
        """From changes (G,), variances (G,) or covariances (G, G), arms (G,) and populations (G,)."""
        covariance = np.diag(covariance) if covariance.ndim == 1 else covariance
        known = np.isfinite(change) & np.isfinite(np.diag(covariance))
        if weight is not None:
            known &= pilot | (weight > 0)
        own, others = np.flatnonzero(known & pilot), np.flatnonzero(known & ~pilot)
        if len(own) < 2 or len(others) < FEWEST:
            return cls(own, others, covariance, status="too_few_districts")
        of_others = covariance[np.ix_(others, others)]
        shocks = shock_variance(change[others], np.diag(of_others), of_others)
        tiny = 1e-24 * float(np.abs(change[own]).max()) ** 2
        varies = (shocks + np.diag(covariance)[own] > tiny).all()
        # comparison districts that all stand still, as where nobody says yes, show nothing of shocks
        varies &= np.ptp(change[others]) ** 2 + np.diag(of_others).max() > tiny
        return cls(own, others, covariance, shocks, "" if varies else "no_variance")

    @property
    def districts(self) -> int:
        """How many count."""
        return len(self.own) + len(self.others)

    def between(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Covariances of the districts at some places with those at others."""
        return self.covariance[np.ix_(rows, columns)]


@dataclass(frozen=True)
class Drawn:
    """Numbers of J districts that have one mean, along the axes on which their sampling errors are independent."""

    value: np.ndarray  # (J,)
    one: np.ndarray  # (J,) the mean's direction
    error: np.ndarray  # (J,) sampling variances along the axes
    axes: np.ndarray  # (J, J), a column an axis

    @classmethod
    def of(cls, value: np.ndarray, covariance: np.ndarray) -> Drawn:
        """From values (J,) and their sampling covariances (J, J)."""
        if np.count_nonzero(covariance - np.diag(np.diag(covariance))) == 0:
            return cls(value, np.ones(len(value)), np.diag(covariance), np.eye(len(value)))
        error, axes = np.linalg.eigh(covariance)
        return cls(axes.T @ value, axes.sum(axis=0), np.maximum(error, 0.0), axes)

    def precision(self, more: np.ndarray) -> np.ndarray:
        """Of each axis (P, J), with so much more variance (P,) in every district."""
        return 1 / (self.error + more[:, None])

    def about(self, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weighted means (P,), their precisions (P,), and the restricted log likelihood up to a constant (P,)."""
        total = precision @ self.one**2
        mean = precision @ (self.one * self.value) / total
        squares = (precision * (self.value - np.outer(mean, self.one)) ** 2).sum(axis=1)
        return mean, total, 0.5 * (np.log(precision).sum(axis=1) - np.log(total) - squares)


@dataclass(frozen=True)
class Pooled:
    """Given tau^2 and s2: the J pilots' changes drawn together, (P, J)."""

    value: np.ndarray
    variance: np.ndarray
    covariance: np.ndarray
    """Of their errors with something that has sampling covariances `with_other` (J,) with the changes."""
    log_likelihood: np.ndarray  # (P,)


def pooled_at(tau2: np.ndarray, s2: np.ndarray, pilots: Drawn, with_other: np.ndarray | float = 0.0) -> Pooled:
    """Partial pooling at given tau^2 and s2 (P,)."""
    precision = pilots.precision(s2 + tau2)
    mean, total, likelihood = pilots.about(precision)
    tau2 = tau2[:, None]
    left = 1 - tau2 * (precision * pilots.one) @ pilots.axes.T
    kept = tau2 * precision
    other = pilots.axes.T @ np.broadcast_to(with_other, pilots.value.shape)
    return Pooled(
        value=mean[:, None] + (kept * (pilots.value - np.outer(mean, pilots.one))) @ pilots.axes.T,
        variance=(kept * (pilots.error + s2[:, None])) @ (pilots.axes**2).T + left**2 / total[:, None],
        covariance=(kept * other) @ pilots.axes.T + left * (precision @ (pilots.one * other) / total)[:, None],
        log_likelihood=likelihood,
    )


def partial_pooling(
    change: np.ndarray,
    covariance: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> tuple[Inference, ...]:
    """The difference in change of each pilot district, partially pooled.

    Parameters
    ----------
    change : ndarray (G,)
        Changes of the districts; nan leaves one out.
    covariance : ndarray (G,) or (G, G)
        Their sampling variances, or covariances where districts share sampling units; a variance of nan leaves out.
    pilot : ndarray (G,) of bool
    weight : ndarray (G,), optional
        Populations, of which those of the comparison districts count.

    Returns
    -------
    tuple of Inference
        One a pilot district. `se_type` is `partial_pooling`. Status: `no_data` for a district left out,
        `too_few_districts` (fewer than two pilots or three others), `no_variance` (an arm has neither
        shocks nor sampling error).
    """
    change, pilot = np.asarray(change, float), np.asarray(pilot, bool)
    weights = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = Known.of(change, np.asarray(covariance, float), pilot, weights)
    count = known.districts
    if known.status:
        return (Inference(n_districts=count, status=known.status),) * int(pilot.sum())
    share = weights[known.others] / weights[known.others].sum()
    said = _mixture(change, known, share)
    low, high = (said.quantile(tail) for tail in ((1 - confidence) / 2, (1 + confidence) / 2))
    numbers = zip(said.estimate, said.se, low, high, said.p(), strict=True)
    made = {
        int(place): Inference(
            estimate=float(estimate), se=float(se), se_type="partial_pooling", df=nan, ci_low=float(least),
            ci_high=float(most), p_value=float(p), p_type="posterior", n_districts=count,
        )
        for place, (estimate, se, least, most, p) in zip(known.own, numbers, strict=True)
    }  # fmt: skip
    left_out = Inference(n_districts=count, status="no_data")
    return tuple(made.get(int(place), left_out) for place in np.flatnonzero(pilot))


def _mixture(change: np.ndarray, known: Known, share: np.ndarray) -> Mixture:
    """The differences of the pilots by their posterior; `share` (K,) of the comparison districts."""
    own, others = known.own, known.others
    of_others = known.between(others, others)
    s2, tau2 = grid(np.var(change[others], ddof=1), np.diag(of_others).mean())
    comparisons = Drawn.of(change[others], of_others)
    likelihood = comparisons.about(comparisons.precision(s2))[2]
    pilots = Drawn.of(change[own], known.between(own, own))
    pooled = pooled_at(tau2, s2, pilots, known.between(own, others) @ share)
    base = s2 * float(share @ share) + float(share @ of_others @ share)
    log_weight = pooled.log_likelihood + likelihood
    weight = np.exp(log_weight - log_weight.max())
    kept = weight > NEGLIGIBLE
    variance = (pooled.variance + base[:, None] - 2 * pooled.covariance)[kept]
    value = pooled.value[kept] - float(share @ change[others])
    return Mixture(weight[kept] / weight[kept].sum(), value, variance)
