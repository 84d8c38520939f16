"""Size and coverage of every method over designs of a few districts, by simulation.

Run: `python -m benchmarks.simulation [--draws 5500] [--workers 2] [--designs 6v6 1v6]`. Writes
`fewdistricts/estimates/simulation.csv`, which the report reads, one row a design and method. The numbers do not
depend on the number of workers.

The world: an answer is yes with probability .35 plus the district's level plus a shock of the district in the wave
(normal, `shock_sd`), and in pilot districts after the start plus the effect. Interviews come in PSUs of 20 whose shares
are beta with an intraclass correlation that makes the design effect 2. Sampling variances are estimated from the PSUs.
Every interval is asked whether it holds the truth by testing the truth, as they are all inverted tests:

    size      share of data sets without an effect in which no effect is rejected at 5 %
    coverage  share of data sets with an effect of -.10 in which -.10 is not rejected
    power     share of the same in which no effect is rejected
    error     Monte Carlo standard error of the size

`offered` says whether the package reports the method in such a design; the others show why not. CR1 has G - 1, CR2
Satterthwaite degrees of freedom, both on respondents weighted so that districts count equally; WCU is the unrestricted
wild bootstrap.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from fewdistricts.estimates import simulation
from fewdistricts.inference import wild
from fewdistricts.inference.cellwise import regress_cells
from fewdistricts.inference.clusters import inference
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.one_district import FERMAN_PINTO_FROM, FEWEST, ferman_pinto, variance_components
from fewdistricts.inference.permutations import p_of_planted
from fewdistricts.inference.result import Inference

SHARE, DEFF, PSU, EFFECT, ALPHA = 0.35, 2.0, 20, simulation.EFFECT, simulation.LEVEL
LEVEL_SD = 0.05
CHUNK = 250
OUTPUT = simulation.TABLE


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

    @property
    def districts(self) -> int:
        return self.pilots + self.comparisons

    @property
    def pilot(self) -> np.ndarray:
        return np.arange(self.districts) < self.pilots

    @property
    def psus(self) -> np.ndarray:
        """PSUs a district and wave (G,)."""
        spread = [
            np.linspace(*ends, count)
            for ends, count in ((self.pilot_n, self.pilots), (self.comparison_n, self.comparisons))
        ]
        return np.maximum(2, np.round(np.concatenate(spread) / PSU)).astype(int)


DESIGNS = (
    Design("6v6", 6, 6),
    Design("6v6_sizes", 6, 6, (60, 600), (60, 600)),
    Design("6v6_no_shock", 6, 6, pilot_shock=0.0, comparison_shock=0.0),
    Design("6v6_pilot_shock", 6, 6, pilot_shock=0.06),
    Design("5v5", 5, 5),
    Design("6v3", 6, 3),
    Design("3v9", 3, 9),
    Design("3v9_pilot_shock", 3, 9, pilot_shock=0.06),
    Design("3v9_small_pilots", 3, 9, (80, 80), (400, 400)),
    Design("2v10", 2, 10),
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
)


@dataclass(frozen=True)
class Draw:
    """One data set: changes of districts with sampling variance and degrees of freedom (G,), and its respondents."""

    design: Design
    change: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    y: np.ndarray  # (N,)
    cell: np.ndarray  # (N,) district x 2 + wave
    weight: np.ndarray  # (N,)


def draw(design: Design, effect: float, rng: np.random.Generator) -> Draw:
    """A data set."""
    g, psus, pilot = design.districts, design.psus, design.pilot
    shock = np.where(pilot, design.pilot_shock, design.comparison_shock)[:, None] * rng.normal(size=(g, 2))
    mean = SHARE + LEVEL_SD * rng.uniform(-1.7, 1.7, (g, 1)) + shock
    mean[pilot, 1] += effect
    mean = np.clip(mean, 0.01, 0.99).ravel()
    concentration = (PSU - 1) / (DEFF - 1) - 1  # deff = 1 + (PSU - 1) / (concentration + 1)
    cell = np.repeat(np.arange(2 * g), np.repeat(psus, 2))
    share = rng.beta(mean[cell] * concentration, (1 - mean[cell]) * concentration)
    yes = rng.binomial(PSU, share)
    m = np.repeat(psus, 2)
    level = np.bincount(cell, yes) / (m * PSU)
    v = np.bincount(cell, (yes / PSU - level[cell]) ** 2) / (m - 1) / m
    respondents = np.repeat(cell, PSU)
    return Draw(
        design=design,
        change=level[1::2] - level[::2],
        variance=v[1::2] + v[::2],
        df=2.0 * (psus - 1),
        y=(np.arange(PSU) < yes[:, None]).ravel().astype(float),
        cell=respondents,
        weight=1.0 / (m * PSU)[respondents],
    )


Test = Callable[[float], float]


def from_t(said: Inference) -> Test:
    """p of a planted value by a t statistic, nan where the method does not exist."""
    return lambda c: float(2 * stats.t.sf(abs(said.estimate - c) / said.se, said.df)) if said.df >= 1 else np.nan


def methods(data: Draw) -> Iterator[tuple[str, bool, Test]]:
    """Name, whether the package offers it in this design, and p of a planted value."""
    design, d, pilot = data.design, data.change, data.design.pilot
    several = min(design.pilots, design.comparisons) >= 2
    for form in ("pooled", "welch"):
        if form == "pooled" or several:
            headline = several and district_change(d, pilot).se_type == form
            yield f"district_change_{form}", headline, from_t(district_change(d, pilot, form=form))
    yield "permutation" if several else "placebo_rank", True, lambda c: p_of_planted(d, pilot, c)
    count = np.where(pilot, design.pilots, design.comparisons)
    se = sqrt(float((data.variance / count**2).sum()))
    estimate = d[pilot].mean() - d[~pilot].mean()
    yield "sampling_only", not several, from_t(Inference(estimate=estimate, se=se, df=float(data.df.sum())))
    if design.pilots == 1:
        yield from one_pilot(data)
    if design.districts <= wild.ENUMERATED_UP_TO:
        yield from clustered(data, several)


def one_pilot(data: Draw) -> Iterator[tuple[str, bool, Test]]:
    d, v = data.change, data.variance
    if len(d) - 1 >= FEWEST:
        yield "variance_components", True, from_t(variance_components(d[0], v[0], data.df[0], d[1:], v[1:]))
    else:  # the formula all the same, to show why it is not offered
        yield "variance_components", False, from_t(_two_comparisons(d, v, data.df[0]))
    if len(d) - 1 >= FERMAN_PINTO_FROM:
        yield "ferman_pinto", True, lambda c: ferman_pinto(d[0] - c, v[0], d[1:], v[1:]).p_value


def _two_comparisons(d: np.ndarray, v: np.ndarray, df: float) -> Inference:
    spread = float(np.var(d[1:], ddof=1))
    s2 = max(0.0, spread - float(v[1:].mean()))
    variance = s2 + v[0] + (2 * s2 + v[1:].sum()) / 4
    freedom = min(max(1.0, (variance / (1.5 * spread)) ** 2), max(1.0, df)) if spread > 0 else df
    return Inference(estimate=float(d[0] - d[1:].mean()), se=sqrt(variance), df=freedom)


def clustered(data: Draw, several: bool) -> Iterator[tuple[str, bool, Test]]:
    g = data.design.districts
    cluster = np.repeat(np.arange(g), 2)
    later = np.tile([0.0, 1.0], g)
    z = np.column_stack([later, later * np.repeat(data.design.pilot, 2)])
    model = regress_cells(data.y, data.weight, data.cell, z, cluster)
    column = len(model.coefficients) - 1
    yield "cr1", several, from_t(inference(model, column, kind="CR1S", df="clusters"))
    yield "cr2", several, from_t(inference(model, column, kind="CR2"))
    sums = wild.scores(model, column)
    star = wild.polynomials(sums, wild.draws(g, wild.weights_for(g)))
    enough = min(data.design.pilots, data.design.comparisons) >= wild.DISTRICTS_AN_ARM
    yield "wcr", enough, lambda c: wild.p_value(sums, star, c)
    yield "wcu", False, lambda c: wild.p_value(sums, star, c, restricted=False)


def run_chunk(name: str, chunk: int, draws: int) -> dict[tuple[str, bool], np.ndarray]:
    """Counts of a chunk of data sets by method: sets, rejections without effect, covered, rejections with effect."""
    design = next(d for d in DESIGNS if d.name == name)
    seed = int.from_bytes(hashlib.sha256(f"{name}:{chunk}".encode()).digest()[:8], "big")
    rng = np.random.default_rng(seed)
    out: dict[tuple[str, bool], np.ndarray] = {}
    for _ in range(draws):
        nothing, something = draw(design, 0.0, rng), draw(design, EFFECT, rng)
        for (method, offered, size), (_, _, other) in zip(methods(nothing), methods(something), strict=True):
            found = np.array([1, size(0.0) <= ALPHA, other(EFFECT) > ALPHA, other(0.0) <= ALPHA], float)
            out[method, offered] = out.get((method, offered), 0) + found
    return out


def simulate(designs: tuple[Design, ...], draws: int, workers: int) -> pd.DataFrame:
    """The table."""
    jobs = [(d.name, at, min(CHUNK, draws - at)) for d in designs for at in range(0, draws, CHUNK)]
    counts: dict[str, dict[tuple[str, bool], np.ndarray]] = {d.name: {} for d in designs}
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for (name, *_), found in zip(jobs, pool.map(run_chunk, *zip(*jobs, strict=True)), strict=True):
            for key, count in found.items():
                counts[name][key] = counts[name].get(key, 0) + count
    rows = []
    for d in designs:
        for (method, offered), (sets, size, covered, power) in counts[d.name].items():
            rows.append(
                {
                    "design": d.name, "pilots": d.pilots, "comparisons": d.comparisons,
                    "pilot_n_first": d.pilot_n[0], "pilot_n_last": d.pilot_n[1],
                    "comparison_n_first": d.comparison_n[0], "comparison_n_last": d.comparison_n[1],
                    "pilot_shock_sd": d.pilot_shock, "comparison_shock_sd": d.comparison_shock,
                    "share": SHARE, "deff": DEFF, "method": method, "offered": offered, "draws": int(sets),
                    "size": size / sets, "coverage": covered / sets, "power": power / sets,
                    "error": sqrt(size / sets * (1 - size / sets) / sets),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(4)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Size and coverage of every method by simulation.")
    parser.add_argument("--draws", type=int, default=5500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--designs", nargs="*", default=[d.name for d in DESIGNS])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args()
    start = time.perf_counter()
    table = simulate(tuple(d for d in DESIGNS if d.name in chosen.designs), chosen.draws, chosen.workers)
    table.to_csv(chosen.output, index=False, lineterminator="\n")
    wide = table.pivot_table(index="design", columns="method", values="size")
    print(wide.loc[[d.name for d in DESIGNS if d.name in chosen.designs]].to_string(na_rep=""))
    print(f"{len(table)} rows, {chosen.draws} draws, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
