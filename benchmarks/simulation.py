"""Size, coverage and power of every rule over designs of a few districts, by simulation.

Run: `python -m benchmarks.simulation [--draws 5000] [--workers 2] [--designs 6v6 1v6]`. Writes
`fewdistricts/estimates/simulation.csv`, which the report reads, one row a design and method. The numbers do not depend
on the number of workers. A run that was stopped goes on where it was: finished chunks lie in `benchmarks/.simulation`,
under the hash of the code that made them.

The worlds are those of `worlds.py`; the rules are computed for a chunk of data sets at once (`inference.many`, which a
test holds against the estimators one by one). Every interval is asked whether it holds the truth by testing the truth,
as they are all inverted tests:

    size      share of data sets without an effect in which no effect is rejected at 5 %
    coverage  share of data sets with an effect of -.10 in which -.10 is not rejected
    power     share of the same in which no effect is rejected; power_05 and power_15: of an effect of .05 and .15 set
              on the changes without one
    error     Monte Carlo standard error of the size

`offered` says whether the package reports the method in such a design; the others show why not. `primaries_single` and
`primaries_joint` are familywise: the share of data sets in which any of four primaries (correlated .3) is found.
`partial_pooling` has a coverage only: of the own effects of districts, sd .03. CR1 has G - 1, CR2 Satterthwaite degrees
of freedom, both on respondents weighted so that districts count equally; WCU is the unrestricted wild bootstrap. The
permutation counts up to 5,000 assignments and the bootstrap as many draws; beyond it they are drawn.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache, partial
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from benchmarks import wild as wild_of_changes
from benchmarks import worlds
from benchmarks.pooling import partial_pooling
from benchmarks.worlds import DESIGNS, Design, Draws, draw
from fewdistricts.estimates import simulation
from fewdistricts.inference import group_time, many, shock_components, wild, wild_draws
from fewdistricts.inference.cell_sums import cell_sums
from fewdistricts.inference.clusters import Kind, inference
from fewdistricts.inference.one_district import FERMAN_PINTO_FROM, FEWEST
from fewdistricts.inference.own_design import ADJUSTED_ARM, ADJUSTED_PAIRS
from fewdistricts.inference.rules import OF_REASON, reason
from fewdistricts.inference.series import wave_coefficients
from fewdistricts.inference.synthetic_control import FEWEST_DISTRICTS, FEWEST_WAVES, gaps
from fewdistricts.inference.wls import did_of_cells

EFFECT, ALPHA = simulation.EFFECT, simulation.LEVEL
CHUNK = 250
OUTPUT = simulation.TABLE
FINISHED = Path(__file__).with_name(".simulation")
PRIMARIES, TOGETHER = 4, 0.3
DIFFER = 0.03
"""Number and correlation of the primaries; sd of the districts' own effects."""
NORMALS = 4_000
"""Draws of the normal integral of the primaries."""
MOST_DRAWS = 5_000
"""Draws of the bootstrap, and assignments of the permutation, beyond which they are drawn."""

Test = Callable[[float], np.ndarray]
"""p (N,) of a planted value."""
Counts = dict[str, list[float]]
"""By method and whether it is offered (`method|1`): sets, and rejections of each kind."""


def methods(data: Draws) -> Iterator[tuple[str, bool, Test]]:
    """Name, whether the package offers it in this design, and p of a planted value."""
    design = data.design
    if design.world == "staggered":
        yield "group_time", True, by_starts(data).p
        return
    several = min(design.pilots, design.comparisons) >= 2
    yield from over_districts(data) if several else one_pilot(data)
    if design.population is None and design.sampled:
        of = many.design_error if several else many.sampling
        error = of(data.change, data.variance, data.df, design.pilot)
        yield "sampling_only", not several, error.p
    if design.world == "plain" and design.districts <= wild_draws.ENUMERATED_UP_TO:
        yield from on_respondents(data, several)


def over_districts(data: Draws) -> Iterator[tuple[str, bool, Test]]:
    """The forms of the rule, those that were dropped, the permutation, and the same at the same baseline."""
    design, change, pilot, weight = data.design, data.change, data.design.pilot, data.design.population
    pairs = design.pilots if design.pair is not None else 0
    answer = OF_REASON[reason(design.pilots, design.comparisons, pairs=pairs, clustered=design.cluster is not None)]
    error = many.design_error(change, data.variance, data.df, pilot, weight)
    forms = {
        "variance_components": many.components(change, data.variance, data.df, pilot, weight),
        "district_change": many.welch(change, pilot, weight).floored(error.se, error.df),
    }
    if design.pair is not None:
        forms["paired"] = many.paired(change, pilot, design.pair).floored(error.se, error.df)
    if design.cluster is not None:
        forms["clustered"] = many.clustered(change, pilot, design.cluster).floored(error.se, error.df)
    for rule in dict.fromkeys((answer, "variance_components", "district_change")):
        name = "district_change_welch" if rule == "district_change" else rule
        yield name, rule in (answer, "district_change"), forms[rule].p
    yield "welch_unfloored", False, many.welch(change, pilot, weight).p
    yield "district_change_pooled", False, many.pooled(change, pilot, weight).p
    every = many.assigned(pilot, design.pair, most=MOST_DRAWS)
    yield (
        "permutation",
        True,
        lambda planted: many.permutation_p(change, pilot, every, planted, weight=weight, pair=design.pair),
    )
    before = data.level[:, :, ~design.after].mean(axis=2)
    if design.pair is not None and design.pilots >= ADJUSTED_PAIRS:
        adjusted = many.baseline_adjusted_of_pairs(change, before, pilot, design.pair)
        yield "baseline_adjusted", True, adjusted.floored(error.se, error.df).p
    elif design.pair is None and weight is None and min(design.pilots, design.comparisons) >= ADJUSTED_ARM:
        adjusted = many.baseline_adjusted(change, before, pilot)
        yield "baseline_adjusted", True, adjusted.floored(error.se, error.df).p
    if design.world == "ar":
        last = data.level[:, :, -1] - data.level[:, :, design.waves[0] - 1]
        yield "last", False, many.welch(last, pilot).p
        trendless = wave_coefficients(design.after, np.arange(len(design.after)), trend=True)
        if trendless is not None:
            variance = data.level_variance @ trendless**2
            error = many.design_error(change, variance, data.df, pilot)
            yield "detrended", True, many.welch(data.level @ trendless, pilot).floored(error.se, error.df).p


def by_starts(data: Draws) -> many.Tests:
    """The answer where starts differ and some districts never start, with averages over the waves."""
    design = data.design
    form = group_time.linear_form(group_time.staggered(data.level[0], design.cohort), None)
    assert form is not None  # there are several starts and three pilots or more
    df = np.broadcast_to(design.psus[:, None] - 1.0, data.level.shape[1:])
    return many.by_starts(data.level, data.level_variance, df, form)


def one_pilot(data: Draws) -> Iterator[tuple[str, bool, Test]]:
    """One district against the others."""
    design, d = data.design, data.change
    v, df = data.variance, data.df[:, 0]
    if design.sampled:
        v, df = many.smoothed(data.variance, data.n), many.smoothed_df(data.variance, data.df, data.n)
    others = design.comparisons
    yield "district_change_pooled", False, many.pooled(d, design.pilot).p
    yield "placebo_rank", True, lambda planted: many.placebo_p(d, planted)
    raw = many.sampling(d, data.variance, np.broadcast_to(data.df, d.shape), design.pilot)
    yield "variance_components", others >= FEWEST, many.one_district(d, v, df).floored(raw.se).p
    if others >= FERMAN_PINTO_FROM:
        yield "ferman_pinto", True, lambda planted: many.ferman_pinto_p(d, v, planted)
    if not design.sampled and others >= FEWEST_DISTRICTS and design.waves[0] >= FEWEST_WAVES:
        fits = [gaps(level, ~design.after, design.after) for level in data.level]
        yield "synthetic_control", True, lambda planted: np.array([fit.p(planted) for fit in fits])


def on_respondents(data: Draws, several: bool) -> Iterator[tuple[str, bool, Test]]:
    """The regressions on respondents, weighted alike by cell: functions of the changes."""
    change, pilot = data.change, data.design.pilot
    yield "cr1", several, of_respondents(data.design, "CR1S", change).p
    yield "cr2", several, of_respondents(data.design, "CR2", change).p
    enough = min(data.design.pilots, data.design.comparisons) >= wild.DISTRICTS_AN_ARM
    for method, offered, restricted in (("wcr", enough, True), ("wcu", False, False)):
        yield method, offered, partial(wild_of_changes.wild_p, change, pilot, restricted=restricted, most=MOST_DRAWS)


def of_respondents(design: Design, kind: Kind, change: np.ndarray) -> many.Tests:
    """CR1 or CR2 of the regression on respondents by district."""
    g, pilot = design.districts, design.pilot
    n = np.repeat(design.psus * worlds.PSU, 2)
    cell = np.repeat(np.arange(2 * g), n)
    later = np.tile([False, True], g)

    def of(d: np.ndarray) -> tuple[float, float]:
        y = np.column_stack([np.zeros(g), d]).ravel()[cell]
        sums = cell_sums(y, np.ones(len(cell)), cell, 2 * g).normalised()
        model = did_of_cells(sums, np.repeat(np.arange(g), 2), later.astype(int), later & np.repeat(pilot, 2))
        assert model is not None  # districts and waves are whole
        said = inference(
            model, len(model.coefficients) - 1, kind=kind, df="satterthwaite" if kind == "CR2" else "clusters"
        )
        return said.se, said.df

    return many.by_form(change, pilot, of)


def primaries(design: Design, rng: np.random.Generator, sets: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether any of four primaries without an effect is found (N,), singly and jointly; changes are normal."""
    pilot, g = design.pilot, design.districts
    v = sampling_variance(design)
    root = np.linalg.cholesky(TOGETHER + (1 - TOGETHER) * np.eye(PRIMARIES))
    size = np.sqrt(2 * np.where(pilot, design.pilot_shock, design.comparison_shock) ** 2 + v)
    change = size[:, None] * (rng.normal(size=(sets, g, PRIMARIES)) @ root.T)
    variance, df = np.broadcast_to(v, (sets, g)), np.broadcast_to(2.0 * (design.psus - 1), (sets, g))
    p = np.empty((sets, PRIMARIES))
    for k in range(PRIMARIES):
        d = change[:, :, k]
        if min(design.pilots, design.comparisons) < shock_components.BELOW:
            p[:, k] = many.components(d, variance, df, pilot).p()
        else:
            error = many.design_error(d, variance, df, pilot)
            p[:, k] = many.welch(d, pilot).floored(error.se, error.df).p()
    residual = change.copy()
    for arm in (pilot, ~pilot):
        residual[:, arm] -= change[:, arm].mean(axis=1, keepdims=True)
    return (p <= ALPHA).any(axis=1), jointly(p, residual, rng) <= ALPHA


def jointly(p: np.ndarray, residual: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The smallest step-down p (N,) of `inference.joint`, its normal integral by `NORMALS` draws.

    `p` (N, m), `residual` (N, G, m).
    """
    m, freedom = p.shape[1], residual.shape[1] - 2
    products = np.einsum("ngi,ngj->nij", residual, residual)
    scale = np.sqrt(np.einsum("nii->ni", products))
    raw = products / (scale[:, :, None] * scale[:, None, :])
    root = np.linalg.cholesky((freedom * raw + m * np.eye(m)) / (freedom + m))
    largest = -special.ndtri(p.min(axis=1) / 2)
    normal = rng.normal(size=(NORMALS, m))
    drawn = np.abs(np.einsum("nij,dj->ndi", root, normal)).max(axis=2)
    return np.maximum((drawn >= largest[:, None]).mean(axis=1), p.min(axis=1))


def pooling(design: Design, chunk: int, sets: int) -> np.ndarray:
    """Share of the pilots whose own effect lies in its partially pooled interval (N,); changes are normal.

    Drawn by themselves, so that these rows can be made without the others.
    """
    rng = np.random.default_rng(seed(f"{design.name}:{chunk}:pooling"))
    v, pilot = sampling_variance(design), design.pilot
    own = DIFFER * rng.normal(size=(sets, design.pilots))
    size = np.sqrt(2 * np.where(pilot, design.pilot_shock, design.comparison_shock) ** 2 + v)
    change = size * rng.normal(size=(sets, design.districts))
    change[:, pilot] += own
    said = partial_pooling(change, np.broadcast_to(v, change.shape), pilot)
    return (said.p(own) > ALPHA).mean(axis=1)


def sampling_variance(design: Design) -> np.ndarray:
    """Sampling variance of the districts' changes (G,) at the usual share."""
    return worlds.DEFF * worlds.SHARE * (1 - worlds.SHARE) * 2 / (design.psus * worlds.PSU)


def seed(name: str) -> int:
    """Where the random numbers of what is so called begin."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def run_chunk(name: str, chunk: int, draws: int) -> Counts:
    """Counts of a chunk of data sets by method."""
    design = next(d for d in DESIGNS if d.name == name)
    rng = np.random.default_rng(seed(f"{name}:{chunk}"))
    effect = EFFECT if design.world != "rare" else -0.01
    out: Counts = {}

    def count(method: str, offered: bool, *found: np.ndarray | float) -> None:
        out[f"{method}|{int(offered)}"] = [float(draws), *(float(np.sum(each)) for each in found)]

    nothing, something = draw(design, 0.0, rng, draws), draw(design, effect, rng, draws)
    for (method, offered, without), (_, _, other) in zip(methods(nothing), methods(something), strict=True):
        rejected = [without(planted) <= ALPHA for planted in (0.0, effect / 2, 1.5 * effect)]
        count(method, offered, rejected[0], other(effect) > ALPHA, other(0.0) <= ALPHA, *rejected[1:])
    if min(design.pilots, design.comparisons) >= 2 and design.world == "plain":
        single, together = primaries(design, rng, draws)
        nan = np.nan
        count("primaries_single", False, single, nan, nan, nan, nan)
        count("primaries_joint", True, together, nan, nan, nan, nan)
        if design.comparisons >= FEWEST:
            count("partial_pooling", True, nan, pooling(design, chunk, draws), nan, nan, nan)
    return out


@cache
def code() -> str:
    """Hash of what a chunk's numbers depend on."""
    root = Path(simulation.__file__).parents[1] / "inference"
    files = [*sorted(root.glob("*.py")), Path(worlds.__file__), Path(wild_of_changes.__file__), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _job(folder: Path, name: str, at: int, draws: int) -> tuple[str, Counts]:
    file = folder / f"{name}-{at}-{draws}.json"
    if file.exists():
        return name, json.loads(file.read_text(encoding="utf-8"))
    found = run_chunk(name, at, draws)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(file)
    return name, found


def simulate(designs: tuple[Design, ...], draws: int, workers: int, folder: Path | None = None) -> pd.DataFrame:
    """The table; chunks go round the designs, so that a run that is stopped has some of each."""
    folder = folder or FINISHED / code()
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(d.name, at, min(CHUNK, draws - at)) for at in range(0, draws, CHUNK) for d in designs]
    totals: dict[str, dict[str, np.ndarray]] = {d.name: {} for d in designs}
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        pending = [pool.submit(_job, folder, *job) for job in jobs]
        for done in as_completed(pending):
            name, found = done.result()
            for key, count in found.items():
                totals[name][key] = totals[name].get(key, np.zeros(6)) + np.array(count)
    return table(designs, totals)


def table(designs: tuple[Design, ...], totals: dict[str, dict[str, np.ndarray]]) -> pd.DataFrame:
    """Rates of the counts, a row a design and method."""
    rows = []
    for d in designs:
        for key, (sets, size, covered, power, half, more) in totals[d.name].items():
            method, offered = key.split("|")
            rows.append(
                {
                    "design": d.name, "pilots": d.pilots, "comparisons": d.comparisons,
                    "pilot_n_first": d.pilot_n[0], "pilot_n_last": d.pilot_n[1],
                    "comparison_n_first": d.comparison_n[0], "comparison_n_last": d.comparison_n[1],
                    "pilot_shock_sd": d.pilot_shock, "comparison_shock_sd": d.comparison_shock,
                    "world": d.world, "waves_before": d.waves[0], "waves_after": d.waves[1],
                    "share": d.share, "deff": worlds.DEFF, "method": method, "offered": offered == "1",
                    "draws": int(sets), "size": size / sets, "coverage": covered / sets, "power": power / sets,
                    "power_05": half / sets, "power_15": more / sets,
                    "error": sqrt(max(0.0, size / sets * (1 - size / sets)) / sets),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(4)


def collected(designs: tuple[Design, ...], folder: Path) -> pd.DataFrame:
    """The table of the chunks that are finished."""
    totals: dict[str, dict[str, np.ndarray]] = {d.name: {} for d in designs}
    for d in designs:
        for file in sorted(folder.glob(f"{d.name}-[0-9]*.json")):
            for key, count in json.loads(file.read_text(encoding="utf-8")).items():
                totals[d.name][key] = totals[d.name].get(key, np.zeros(6)) + np.array(count)
    return table(designs, totals)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Size, coverage and power of every rule by simulation.")
    parser.add_argument("--draws", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--designs", nargs="*", default=[d.name for d in DESIGNS])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--collect", type=Path, help="only gather the finished chunks of this folder")
    chosen = parser.parse_args()
    start = time.perf_counter()
    designs = tuple(d for d in DESIGNS if d.name in chosen.designs)
    made = collected(designs, chosen.collect) if chosen.collect else simulate(designs, chosen.draws, chosen.workers)
    made.to_csv(chosen.output, index=False, lineterminator="\n")
    wide = made.pivot_table(index="design", columns="method", values="size")
    print(wide.loc[[d.name for d in designs if d.name in wide.index]].to_string(na_rep=""))
    print(f"{len(made)} rows, {chosen.draws} draws, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
