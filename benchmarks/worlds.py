"""The designs that the simulation draws, and their worlds: surveys of a few districts with a known truth.

An answer is yes with probability `share` plus the district's level plus a shock of the district in the wave, and in
pilot districts after the start plus the effect. Interviews come in PSUs of 20 whose shares are beta with an intraclass
correlation that makes the design effect 2; sampling variances are estimated from the PSUs. `world` names what departs
from that:

    two_valued   shocks are plus or minus their sd
    ar           many waves, shocks follow an autoregression with coefficient .5
    provinces    three districts share half of their shocks' variance
    pairs        the two districts of a pair share half of it
    people       districts count by population, the first of an arm ten times the others
    repeated     the same PSUs in both waves, half of their variance persists
    panel        the same people in both waves, a fifth of whom is lost at the second
    few_psus     two PSUs in a district and wave
    rare         two in a hundred say yes
    no_survey    data of districts: no interviews
    ar_no_survey the same, shocks as in `ar`
    staggered    pilot districts start in turn, a third of them before each of the last three waves
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from fewdistricts.inference.series import wave_coefficients

SHARE, DEFF, PSU = 0.35, 2.0, 20
LEVEL_SD = 0.05
LOST = 0.2
PERSISTS = 0.5


@dataclass(frozen=True)
class Design:
    """Districts in the arms, interviews a district and wave (first and last of an even spread), shock sd a wave."""

    name: str
    pilots: int
    comparisons: int
    pilot_n: tuple[int, int] = (300, 300)
    comparison_n: tuple[int, int] = (300, 300)
    pilot_shock: float = 0.03
    comparison_shock: float = 0.03
    world: str = "plain"
    waves: tuple[int, int] = (1, 1)
    """Before and after the start."""
    share: float = SHARE

    @property
    def districts(self) -> int:
        return self.pilots + self.comparisons

    @property
    def pilot(self) -> np.ndarray:
        return np.arange(self.districts) < self.pilots

    @property
    def psus(self) -> np.ndarray:
        """PSUs a district and wave (G,)."""
        if self.world == "few_psus":
            return np.full(self.districts, 2)
        arms = ((self.pilot_n, self.pilots), (self.comparison_n, self.comparisons))
        spread = np.concatenate([np.linspace(*ends, count) for ends, count in arms])
        return np.maximum(2, np.round(spread / PSU)).astype(int)

    @property
    def sampled(self) -> bool:
        """Whether there are interviews."""
        return self.world not in ("no_survey", "ar_no_survey")

    @property
    def after(self) -> np.ndarray:
        """Waves after the start (T,) bool."""
        return np.arange(sum(self.waves)) >= self.waves[0]

    @property
    def cohort(self) -> np.ndarray:
        """The first wave after each district's start (G,), -1 where it never starts."""
        first = np.full(self.districts, self.waves[0])
        if self.world == "staggered":
            first[: self.pilots] += np.arange(self.pilots) * sum(self.waves[1:]) // self.pilots
        return np.where(self.pilot, first, -1)

    @property
    def exposed(self) -> np.ndarray:
        """Whether a district has the programme at a wave (G, T)."""
        return self.pilot[:, None] & (np.arange(len(self.after)) >= self.cohort[:, None])

    @property
    def coefficients(self) -> np.ndarray:
        """Of the levels in a district's change (T,): the mean after less the mean before."""
        made = wave_coefficients(self.after, np.arange(len(self.after)))
        assert made is not None  # there is a wave on either side
        return made

    @property
    def population(self) -> np.ndarray | None:
        """Weights of the districts (G,), or None where they count equally."""
        if self.world != "people":
            return None
        weight = np.ones(self.districts)
        weight[[0, self.pilots]] = 10.0
        return weight

    @property
    def pair(self) -> np.ndarray | None:
        """Labels of pairs (G,), where they are declared."""
        return np.tile(np.arange(self.pilots), 2) if self.world == "pairs" else None

    @property
    def cluster(self) -> np.ndarray | None:
        """Labels of provinces (G,), where they are declared."""
        return np.arange(self.districts) // 3 if self.world == "provinces" else None


DESIGNS = (
    Design("6v6", 6, 6),
    Design("6v6_sizes", 6, 6, (60, 600), (60, 600)),
    Design("6v6_no_shock", 6, 6, pilot_shock=0.0, comparison_shock=0.0),
    Design("6v6_pilot_shock", 6, 6, pilot_shock=0.06),
    Design("5v5", 5, 5),
    Design("12v12", 12, 12),
    Design("6v20", 6, 20),
    Design("5v12_pilot_shock", 5, 12, pilot_shock=0.06),
    Design("2v2", 2, 2),
    Design("3v3", 3, 3),
    Design("4v4", 4, 4),
    Design("6v3", 6, 3),
    Design("3v9", 3, 9),
    Design("3v9_pilot_shock", 3, 9, pilot_shock=0.06),
    Design("3v9_small_pilots", 3, 9, (80, 80), (400, 400)),
    Design("4v12_small_pilots", 4, 12, (80, 80), (400, 400)),
    Design("2v10", 2, 10),
    Design("2v10_small_pilots", 2, 10, (80, 80), (400, 400)),
    Design("1v2", 1, 2),
    Design("1v3", 1, 3),
    Design("1v6", 1, 6),
    Design("1v6_small_pilot", 1, 6, (100, 100), (400, 400)),
    Design("1v6_large_pilot", 1, 6, (1200, 1200), (200, 200)),
    Design("1v6_no_shock", 1, 6, pilot_shock=0.0, comparison_shock=0.0),
    Design("1v6_pilot_shock", 1, 6, pilot_shock=0.06),
    Design("1v11", 1, 11),
    Design("1v19", 1, 19),
    Design("1v19_sizes", 1, 19, (100, 100), (60, 600)),
    Design("1v20", 1, 20),
    Design("6v6_two_valued", 6, 6, world="two_valued"),
    Design("2v2_two_valued", 2, 2, world="two_valued"),
    Design("6v6_rare", 6, 6, pilot_shock=0.004, comparison_shock=0.004, world="rare", share=0.02),
    Design("6v6_provinces", 6, 6, world="provinces"),
    Design("9v9_provinces", 9, 9, world="provinces"),
    Design("6v6_pairs", 6, 6, world="pairs"),
    Design("4v4_pairs", 4, 4, world="pairs"),
    Design("6v6_people", 6, 6, world="people"),
    Design("4v8_people", 4, 8, world="people"),
    Design("6v6_repeated", 6, 6, world="repeated"),
    Design("6v6_panel", 6, 6, world="panel"),
    Design("6v6_few_psus", 6, 6, world="few_psus"),
    Design("1v6_few_psus", 1, 6, world="few_psus"),
    Design("6v6_no_survey", 6, 6, world="no_survey"),
    Design("3v9_no_survey", 3, 9, world="no_survey"),
    Design("6v6_2_waves", 6, 6, world="ar", waves=(2, 2)),
    Design("6v6_12_waves", 6, 6, world="ar", waves=(12, 12)),
    Design("1v6_records", 1, 6, world="ar_no_survey", waves=(12, 12)),
    Design("1v19_records", 1, 19, world="ar_no_survey", waves=(12, 12)),
    Design("1v19_records_independent", 1, 19, world="no_survey", waves=(12, 12)),
    Design("1v19_records_pilot_shock", 1, 19, pilot_shock=0.06, world="ar_no_survey", waves=(12, 12)),
    Design("6v6_staggered", 6, 6, world="staggered", waves=(1, 3)),
    Design("3v9_staggered", 3, 9, world="staggered", waves=(1, 3)),
)


@dataclass(frozen=True)
class Draws:
    """N data sets: levels with sampling variances (N, G, T), changes with sampling variance and degrees of freedom
    (N, G), interviews (G,)."""

    design: Design
    level: np.ndarray
    level_variance: np.ndarray
    change: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    n: np.ndarray


def draw(design: Design, effect: float, rng: np.random.Generator, sets: int) -> Draws:
    """So many data sets, each summed over its interviews by PSU."""
    waves, coefficients = len(design.after), design.coefficients
    shape = sets, design.districts
    mean = design.share + min(LEVEL_SD, design.share / 5) * rng.uniform(-1.7, 1.7, (*shape, 1))
    mean = mean + _shocks(design, rng, sets)
    mean[:, design.exposed] += effect
    if not design.sampled:
        zero, inf = np.zeros(shape), np.full(shape, np.inf)
        return Draws(design, mean, np.zeros_like(mean), mean @ coefficients, zero, inf, np.zeros(design.districts))
    mean = np.clip(mean, 0.002, 0.998)
    if design.world in ("repeated", "panel"):
        return _drawn_again(design, mean, rng)
    psus = np.repeat(design.psus, waves)
    first = np.concatenate([[0], np.cumsum(psus)[:-1]])
    concentration = (PSU - 1) / (DEFF - 1) - 1  # deff = 1 + (PSU - 1) / (concentration + 1)
    centre = np.repeat(mean.reshape(sets, -1), psus, axis=1)
    share = rng.binomial(PSU, rng.beta(centre * concentration, (1 - centre) * concentration)) / PSU
    level = np.add.reduceat(share, first, axis=1) / psus
    squares = np.add.reduceat(share**2, first, axis=1) - psus * level**2
    v = np.maximum(squares, 0.0).reshape(*shape, waves) / ((design.psus - 1) * design.psus)[:, None]
    parts = v * coefficients**2
    df = parts.sum(axis=2) ** 2 / np.maximum((parts**2 / (design.psus - 1)[:, None]).sum(axis=2), 1e-300)
    if waves == 2:
        df = np.broadcast_to(2.0 * (design.psus - 1), shape)
    level = level.reshape(*shape, waves)
    return Draws(design, level, v, level @ coefficients, parts.sum(axis=2), df, design.psus * PSU * waves)


def _shocks(design: Design, rng: np.random.Generator, sets: int) -> np.ndarray:
    """Shocks (N, G, T)."""
    shape = sets, design.districts, len(design.after)
    size = np.where(design.pilot, design.pilot_shock, design.comparison_shock)[:, None]
    own = rng.normal(size=shape)
    if design.world == "two_valued":
        own = np.sign(own)
    if design.world in ("ar", "ar_no_survey"):
        for t in range(1, shape[2]):
            own[:, :, t] = 0.5 * own[:, :, t - 1] + sqrt(0.75) * own[:, :, t]
    shared = design.pair if design.pair is not None else design.cluster
    if shared is not None:
        together = rng.normal(size=(sets, int(shared.max()) + 1, shape[2]))[:, shared]
        own = sqrt(0.5) * own + sqrt(0.5) * together
    return size * own


def _drawn_again(design: Design, mean: np.ndarray, rng: np.random.Generator) -> Draws:
    """The same PSUs, or the same people, in both waves; variances are those of the PSUs' differences."""
    psus = design.psus
    first = np.concatenate([[0], np.cumsum(psus)[:-1]])
    spread = np.repeat(np.sqrt(mean * (1 - mean) * (DEFF - 1) / (PSU - 1)), psus, axis=1)
    shape = len(mean), int(psus.sum())
    lasting, moving = rng.normal(size=(*shape, 1)), rng.normal(size=(*shape, 2))
    share = np.repeat(mean, psus, axis=1) + spread * (sqrt(PERSISTS) * lasting + sqrt(1 - PERSISTS) * moving)
    share = np.clip(share, 0.001, 0.999)
    if design.world == "panel":
        # people keep their latent answer; a fifth cannot be found again
        latent, fresh, kept, found = (rng.random((*shape, PSU), dtype=np.float32) for _ in range(4))
        once = latent < share[:, :, :1]
        again = np.where(kept < PERSISTS, latent, fresh) < share[:, :, 1:]
        here = found >= LOST
        answered = np.maximum(here.sum(axis=2), 1)
        observed = np.stack([once.mean(axis=2), (again & here).sum(axis=2) / answered], axis=2)
    else:
        observed = rng.binomial(PSU, share) / PSU
    apart = observed[:, :, 1] - observed[:, :, 0]
    change = np.add.reduceat(apart, first, axis=1) / psus
    squares = np.add.reduceat(apart**2, first, axis=1) - psus * change**2
    variance = np.maximum(squares, 0.0) / (psus - 1) / psus
    level = np.add.reduceat(observed, first, axis=1) / psus[:, None]
    df = np.broadcast_to(psus - 1.0, change.shape)
    return Draws(design, level, np.full(level.shape, np.nan), change, variance, df, psus * PSU * 2)
