"""Size of other rules for one pilot district, beside the one that is used: the table of docs/methods.md.

Run: `python -m benchmarks.alternatives`, which prints it. Changes are normal and sampling variances estimated from the
sampling units of `worlds.py`; no standard error is below the sampling error as it is measured, whatever the rule. With
K comparison districts, s2 the variance of their shocks, v the sampling part of the standard error and f its degrees of
freedom:

    present         degrees of freedom of Satterthwaite for what the comparison districts show, at least K - 1
    survey          f where no shocks are seen
    shrunk          the present ones over 1 - (K - 3) / (K - 1) min(1, v / spread), the share of sampling as Morris
                    (1983) estimates it without bias; f where no shocks are seen in districts as noisy as the pilot
    both            Satterthwaite over both components: se^4 / ((s2 (1 + 1/K))^2 / (K - 1) + v^2 / f)
    posterior       the mixture of normal distributions over the restricted likelihood of the shocks with a half-Cauchy
                    prior, as partial pooling has it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.simulation import ALPHA, sampling_variance, seed
from benchmarks.worlds import Design
from fewdistricts.inference import many

SETS = 20_000
POINTS = 60
"""Of the posterior, at equal masses of the prior."""
RULES = {
    "present": "as it is",
    "survey": "survey's degrees of freedom where no shocks are seen",
    "shrunk": "shrunk as by Morris",
    "both": "Satterthwaite over both",
    "posterior": "posterior of the shocks",
}
DESIGNS = {
    "1 v 6, none": Design("1v6_no_shock", 1, 6, pilot_shock=0.0, comparison_shock=0.0),
    "1 v 6, .03": Design("1v6", 1, 6),
    "1 v 6, .06": Design("1v6_large", 1, 6, pilot_shock=0.06, comparison_shock=0.06),
    "1 v 3, none": Design("1v3_no_shock", 1, 3, pilot_shock=0.0, comparison_shock=0.0),
    "1 v 3, .03": Design("1v3", 1, 3),
    "1 v 3, .06": Design("1v3_large", 1, 3, pilot_shock=0.06, comparison_shock=0.06),
    "1 v 6, .03, two sampling units": Design("1v6_few_psus", 1, 6, world="few_psus"),
    "1 v 6, .03, 1,200 v 200 interviews": Design("1v6_large_pilot", 1, 6, (1200, 1200), (200, 200)),
    "1 v 6, .06 v .03": Design("1v6_pilot_shock", 1, 6, pilot_shock=0.06),
}


@dataclass(frozen=True)
class Sets:
    """N data sets, the one district first; all but `comparisons` (N,)."""

    comparisons: int
    estimate: np.ndarray
    spread: np.ndarray
    """Variance of the comparison districts' changes."""
    noise: np.ndarray
    """Mean of their sampling variances, smoothed."""
    sampling: np.ndarray
    """The sampling part of the squared standard error, smoothed."""
    df: np.ndarray
    """Degrees of freedom of the smoothed variances."""
    floor: np.ndarray
    """The sampling error as it is measured."""
    noisier: np.ndarray
    """Whether the one district's change has more sampling error than theirs."""
    present: many.Tests

    @property
    def shocks(self) -> np.ndarray:
        return np.maximum(0.0, self.spread - self.noise)

    @property
    def share(self) -> float:
        """What a variance of a district's change counts in that of the difference."""
        return 1 + 1 / self.comparisons

    @property
    def variance(self) -> np.ndarray:
        """The squared standard error."""
        return self.shocks * self.share + self.sampling


def drawn(design: Design, sets: int = SETS) -> Sets:
    """So many data sets without an effect."""
    rng = np.random.default_rng(seed(f"{design.name}:alternatives"))
    k, shape = design.comparisons, (sets, design.districts)
    true, df = sampling_variance(design), 2.0 * (design.psus - 1)
    size = np.sqrt(2 * np.where(design.pilot, design.pilot_shock, design.comparison_shock) ** 2 + true)
    change = size * rng.normal(size=shape)
    measured = true * rng.chisquare(df, size=shape) / df
    freedom = np.broadcast_to(df, shape)
    n = design.psus.astype(float)
    v, f = many.smoothed(measured, n), many.smoothed_df(measured, freedom, n)
    raw = many.sampling(change, measured, freedom, design.pilot)
    noise = v[:, 1:].mean(axis=1)
    return Sets(
        comparisons=k,
        estimate=raw.estimate,
        spread=change[:, 1:].var(axis=1, ddof=1),
        noise=noise,
        sampling=v[:, 0] + noise / k,
        df=f,
        floor=raw.se,
        noisier=v[:, 0] > noise * (1 + 1e-9),
        present=many.one_district(change, v, f).floored(raw.se),
    )


def _present(data: Sets) -> np.ndarray:
    return data.present.p()


def _survey(data: Sets) -> np.ndarray:
    return _by_df(data, np.where(data.shocks > 0, _of_spread(data), data.df))


def _shrunk(data: Sets) -> np.ndarray:
    k = data.comparisons
    shrinkage = (k - 3) / (k - 1) * np.minimum(1.0, data.noise / data.spread)
    unseen = (data.shocks == 0) & (data.sampling >= data.noise * data.share * (1 - 1e-9))
    return _by_df(data, np.where(unseen, data.df, _of_spread(data) / (1 - shrinkage)))


def _both(data: Sets) -> np.ndarray:
    parts = (data.shocks * data.share) ** 2 / (data.comparisons - 1) + data.sampling**2 / data.df
    return _by_df(data, data.variance**2 / parts)


def _posterior(data: Sets) -> np.ndarray:
    k = data.comparisons
    scale = np.sqrt(data.spread / 2)[:, None]
    shocks = 2 * (scale * np.tan(np.pi / 2 * (np.arange(POINTS) + 0.5) / POINTS)) ** 2
    total = shocks + data.noise[:, None]
    weight = -(k - 1) / 2 * (np.log(total) + data.spread[:, None] / total)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    se = np.sqrt(np.maximum(shocks * data.share + data.sampling[:, None], data.floor[:, None] ** 2))
    p = 2 * special.ndtr(-np.abs(data.estimate[:, None]) / se)
    return (weight * p).sum(axis=1) / weight.sum(axis=1)


def _of_spread(data: Sets) -> np.ndarray:
    return (data.comparisons - 1) * (data.variance / (data.spread * data.share)) ** 2


def _by_df(data: Sets, df: np.ndarray) -> np.ndarray:
    """p (N,) of t with these degrees of freedom within the bounds of the rule that is used."""
    fewest = data.comparisons - 1.0
    df = np.clip(df, fewest, np.maximum(fewest, data.df))
    df = np.where(data.noisier, np.minimum(df, data.df), df)
    return many.Tests(data.estimate, np.maximum(np.sqrt(data.variance), data.floor), df).p()


P: dict[str, Callable[[Sets], np.ndarray]] = {
    "present": _present, "survey": _survey, "shrunk": _shrunk, "both": _both, "posterior": _posterior,
}  # fmt: skip
"""p (N,) by each rule."""


def table(sets: int = SETS) -> str:
    """Size by design and rule, as Markdown."""
    lines = [f"| districts, shock sd | {' | '.join(RULES.values())} |", "|---" * (len(RULES) + 1) + "|"]
    for name, design in DESIGNS.items():
        data = drawn(design, sets)
        sizes = [f"{(P[rule](data) <= ALPHA).mean():.3f}".removeprefix("0") for rule in RULES]
        lines.append(f"| {name} | {' | '.join(sizes)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
