"""The design at hand on data sets with a known truth, where pilot districts start in turn (`own_design` for one start).

A data set has a level of each district at each wave, x_jt + e_jt, plus the effect from a pilot's start on: x_jt its
shocks, independent from wave to wave, e_jt its sampling error, all normal. The answer is that of `group_time.headline`;
beside it stands sampling error alone. Shared shocks, estimated variances and rates are those of `own_design`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fewdistricts.inference import many
from fewdistricts.inference.group_time import LinearForm
from fewdistricts.inference.own_design import Method, Test, estimated_variances, sets_of, shocks


@dataclass(frozen=True)
class OwnStarts:
    """What a design with starts in turn is drawn from."""

    form: LinearForm
    exposed: np.ndarray
    """Whether a district has the programme at a wave (G, T)."""
    variance: np.ndarray
    """Sampling variances of the levels (G, T); 0 without sampling."""
    df: np.ndarray
    """Their degrees of freedom (G, T); infinite without sampling."""
    shock_variance: float
    """Of a level."""
    together: np.ndarray | None = None
    """Labels (G,) of districts that share half of their shocks' variance."""

    @property
    def sets(self) -> int:
        """How many data sets are drawn for each effect."""
        return sets_of(len(self.variance))

    def drawn(
        self, effect: float, rng: np.random.Generator, sets: int, *, unequal: float = 1.0
    ) -> Iterator[tuple[Method, Test]]:
        """The tests of so many data sets; the pilot districts' shocks have `unequal` times the sd of the others'."""
        pilot = np.any(self.exposed, axis=1)
        districts, waves = self.exposed.shape
        size = np.sqrt(self.shock_variance) * np.where(pilot, unequal, 1.0)
        moved = np.stack([size * shocks(rng, sets, districts, self.together) for _ in range(waves)], axis=2)
        level = moved + np.sqrt(self.variance) * rng.normal(size=moved.shape) + effect * self.exposed
        variance = estimated_variances(rng, sets, self.variance.ravel(), self.df.ravel()).reshape(moved.shape)
        answer = many.by_starts(level, variance, self.df, self.form)
        yield ("district_change", "main"), answer.p
        if self.variance.any():
            error = many.sampling_of_starts(level, variance, self.df, self.form)
            yield ("taylor", "main"), error.p
