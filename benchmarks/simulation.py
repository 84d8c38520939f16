"""Size, coverage and power of every rule over designs of a few districts, by simulation.

Run: `python -m benchmarks.simulation [--draws 20000] [--slow 2000] [--workers 2] [--designs 6v6 1v6]`. Writes
`fewdistricts/estimates/simulation.csv`, which the report reads, one row a design and method. The numbers do not depend
on the number of workers. A run that was stopped goes on where it was: finished chunks lie in `benchmarks/.simulation`,
under the hash of the code that made them.

The worlds are those of `worlds.py`. Every interval is asked whether it holds the truth by testing the truth, as they
are all inverted tests:

    size      share of data sets without an effect in which no effect is rejected at 5 %
    coverage  share of data sets with an effect of -.10 in which -.10 is not rejected
    power     share of the same in which no effect is rejected; power_05 and power_15: of an effect of .05 and .15 set
              on the changes without one
    error     Monte Carlo standard error of the size

`offered` says whether the package reports the method in such a design; the others show why not. `primaries_single` and
`primaries_joint` are familywise: the share of data sets in which any of four primaries (correlated .3) is found.
`partial_pooling` has a coverage only: of the own effects of districts, sd .03. CR1 has G - 1, CR2 Satterthwaite degrees
of freedom, both on respondents weighted so that districts count equally; WCU is the unrestricted wild bootstrap. The
regressions on respondents, `--slow`, are drawn less often.
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
from functools import cache
from math import comb, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks import worlds
from benchmarks.worlds import DESIGNS, Design, Draw, draw
from fewdistricts.estimates import simulation
from fewdistricts.inference import wild, wild_draws, wild_scores
from fewdistricts.inference.baseline import baseline_adjusted
from fewdistricts.inference.cellwise import regress_cells
from fewdistricts.inference.clusters import inference
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.joint import correlation, joint
from fewdistricts.inference.one_district import (
    FERMAN_PINTO_FROM,
    FEWEST,
    ferman_pinto,
    smoothed,
    variance_components,
)
from fewdistricts.inference.partial_pooling import partial_pooling
from fewdistricts.inference.permutations import p_of_planted
from fewdistricts.inference.result import Inference
from fewdistricts.inference.rules import OF_REASON, by_rule, reason

EFFECT, ALPHA = simulation.EFFECT, simulation.LEVEL
CHUNK = 250
SPARSE = 5  # every fifth data set has primaries and districts that differ
QUICK = 5_000  # assignments that are counted in every data set
OUTPUT = simulation.TABLE
FINISHED = Path(__file__).with_name(".simulation")
PRIMARIES, TOGETHER = 4, 0.3
DIFFER = 0.03
"""Number and correlation of the primaries; sd of the districts' own effects."""

Test = Callable[[float], float]
Counts = dict[str, list[float]]
"""By method and whether it is offered (`method|1`): sets, and rejections of each kind."""


def from_t(said: Inference) -> Test:
    """p of a planted value by a t statistic, nan where the method does not exist."""
    return lambda c: float(2 * stats.t.sf(abs(said.estimate - c) / said.se, said.df)) if said.df > 0 else np.nan


def methods(data: Draw, slow: bool) -> Iterator[tuple[str, bool, Test]]:
    """Name, whether the package offers it in this design, and p of a planted value."""
    design, change, pilot = data.design, data.change, data.design.pilot
    several = min(design.pilots, design.comparisons) >= 2
    if several:
        yield from over_districts(data, slow)
    else:
        yield from one_pilot(data)
    share = 1 / np.where(pilot, design.pilots, design.comparisons)
    if design.population is None and design.world != "no_survey":
        se = sqrt(float(share**2 @ data.variance))
        estimate = change[pilot].mean() - change[~pilot].mean()
        yield "sampling_only", not several, from_t(Inference(estimate=estimate, se=se, df=float(data.df.sum())))
    if slow and design.world == "plain" and design.districts <= wild_draws.ENUMERATED_UP_TO:
        yield from on_respondents(data, several)


def over_districts(data: Draw, slow: bool) -> Iterator[tuple[str, bool, Test]]:
    design, change, pilot, weight = data.design, data.change, data.design.pilot, data.design.population
    pairs = design.pilots if design.pair is not None else 0
    why = reason(design.pilots, design.comparisons, pairs=pairs, clustered=design.cluster is not None)
    given = {"variance": data.variance, "df": data.df, "pair": design.pair, "cluster": design.cluster}
    answer = OF_REASON[why]
    for rule in dict.fromkeys((answer, "variance_components", "district_change")):
        offered = rule in (answer, "district_change")
        yield _named(rule), offered, from_t(by_rule(rule, change, pilot, weight, **given))
    yield "welch_unfloored", False, from_t(district_change(change, pilot, weight, form="welch"))
    yield "district_change_pooled", False, from_t(district_change(change, pilot, weight, form="pooled"))
    if slow or (weight is None and comb(design.districts, design.pilots) <= QUICK):
        yield "permutation", True, lambda c: p_of_planted(change, pilot, c, weight, pair=design.pair)
    before = data.level[:, ~design.after].mean(axis=1)
    adjusted = baseline_adjusted(change, before, pilot, weight, pair=design.pair)
    yield "baseline_adjusted", True, from_t(adjusted)
    if design.world == "ar":
        last = data.level[:, -1] - data.level[:, design.waves[0] - 1]
        yield "last", False, from_t(district_change(last, pilot, form="welch"))


def _named(rule: str) -> str:
    return "district_change_welch" if rule == "district_change" else rule


def one_pilot(data: Draw) -> Iterator[tuple[str, bool, Test]]:
    d, v = data.change, smoothed(data.variance, data.n)
    yield "district_change_pooled", False, from_t(district_change(d, data.design.pilot, form="pooled"))
    yield "placebo_rank", True, lambda c: p_of_planted(d, data.design.pilot, c)
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


def on_respondents(data: Draw, several: bool) -> Iterator[tuple[str, bool, Test]]:
    g = data.design.districts
    cluster = np.repeat(np.arange(g), 2)
    later = np.tile([0.0, 1.0], g)
    z = np.column_stack([later, later * np.repeat(data.design.pilot, 2)])
    model = regress_cells(data.y, data.weight, data.cell, z, cluster)
    column = len(model.coefficients) - 1
    yield "cr1", several, from_t(inference(model, column, kind="CR1S", df="clusters"))
    yield "cr2", several, from_t(inference(model, column, kind="CR2"))
    sums = wild_scores.scores(model, column)
    star = wild_scores.polynomials(sums, wild_draws.draws(g, wild_draws.weights_for(g)))
    enough = min(data.design.pilots, data.design.comparisons) >= wild.DISTRICTS_AN_ARM
    yield "wcr", enough, lambda c: wild.p_value(sums, star, c)
    yield "wcu", False, lambda c: wild.p_value(sums, star, c, restricted=False)


def primaries(design: Design, rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether any of four primaries without an effect is found, singly and jointly; changes are normal."""
    pilot = design.pilot
    v = worlds.DEFF * worlds.SHARE * (1 - worlds.SHARE) * 2 / (design.psus * worlds.PSU)
    root = np.linalg.cholesky(TOGETHER + (1 - TOGETHER) * np.eye(PRIMARIES))
    size = np.sqrt(2 * np.where(pilot, design.pilot_shock, design.comparison_shock) ** 2 + v)
    change = size[:, None] * (rng.normal(size=(design.districts, PRIMARIES)) @ root.T)
    df = 2.0 * (design.psus - 1)
    rule = OF_REASON[reason(design.pilots, design.comparisons)]
    said = [by_rule(rule, change[:, k], pilot, variance=v, df=df) for k in range(PRIMARIES)]
    residual = change.copy()
    for arm in (pilot, ~pilot):
        residual[arm] -= change[arm].mean(axis=0)
    columns = (np.array([getattr(one, name) for one in said]) for name in ("p_value", "estimate", "se", "df"))
    p, estimate, se, freedom = columns
    together = joint(p, estimate, se, freedom, correlation(residual, design.districts - 2), interval=False)
    return bool((p <= ALPHA).any()), bool((together.p_adjusted <= ALPHA).any())


def pooling(design: Design, rng: np.random.Generator) -> float:
    """Share of the pilots whose own effect lies in its partially pooled interval; changes are normal."""
    v = worlds.DEFF * worlds.SHARE * (1 - worlds.SHARE) * 2 / (design.psus * worlds.PSU)
    pilot = design.pilot
    own = DIFFER * rng.normal(size=design.pilots)
    size = np.sqrt(2 * np.where(pilot, design.pilot_shock, design.comparison_shock) ** 2 + v)
    change = size * rng.normal(size=design.districts)
    change[pilot] += own
    said = partial_pooling(change[pilot], v[pilot], change[~pilot], v[~pilot])
    return float(np.mean([one.ci_low <= truth <= one.ci_high for one, truth in zip(said, own, strict=True)]))


def run_chunk(name: str, chunk: int, draws: int, slow: int) -> Counts:
    """Counts of a chunk of data sets by method; the first `slow` with the regressions on respondents."""
    design = next(d for d in DESIGNS if d.name == name)
    seed = int.from_bytes(hashlib.sha256(f"{name}:{chunk}".encode()).digest()[:8], "big")
    rng = np.random.default_rng(seed)
    effect = EFFECT if design.world != "rare" else -0.01
    out: dict[str, np.ndarray] = {}

    def count(method: str, offered: bool, *found: float) -> None:
        key = f"{method}|{int(offered)}"
        out[key] = out.get(key, np.zeros(6)) + np.array([1.0, *found])

    for k in range(draws):
        nothing, something = draw(design, 0.0, rng), draw(design, effect, rng)
        pairs = zip(methods(nothing, k < slow), methods(something, k < slow), strict=True)
        for (method, offered, without), (_, _, other) in pairs:
            rejected = [without(planted) <= ALPHA for planted in (0.0, effect / 2, 1.5 * effect)]
            count(method, offered, rejected[0], other(effect) > ALPHA, other(0.0) <= ALPHA, *rejected[1:])
        several = min(design.pilots, design.comparisons) >= 2
        if several and design.world == "plain" and k % SPARSE == 0:
            single, together = primaries(design, rng)
            count("primaries_single", False, single, np.nan, np.nan, np.nan, np.nan)
            count("primaries_joint", True, together, np.nan, np.nan, np.nan, np.nan)
            if design.comparisons >= FEWEST:
                count("partial_pooling", True, np.nan, pooling(design, rng), np.nan, np.nan, np.nan)
    return {key: found.tolist() for key, found in out.items()}


@cache
def code() -> str:
    """Hash of what a chunk's numbers depend on."""
    root = Path(simulation.__file__).parents[1] / "inference"
    files = [*sorted(root.glob("*.py")), Path(worlds.__file__), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _job(folder: Path, name: str, at: int, draws: int, slow: int) -> tuple[str, Counts]:
    file = folder / f"{name}-{at}-{draws}-{slow}.json"
    if file.exists():
        return name, json.loads(file.read_text(encoding="utf-8"))
    found = run_chunk(name, at, draws, slow)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(file)
    return name, found


def simulate(
    designs: tuple[Design, ...], draws: int, workers: int, slow: int, folder: Path | None = None
) -> pd.DataFrame:
    """The table; chunks go round the designs, so that a run that is stopped has some of each."""
    folder = folder or FINISHED / code()
    folder.mkdir(parents=True, exist_ok=True)
    each = max(1, round(slow * CHUNK / draws))
    jobs = [(d.name, at, min(CHUNK, draws - at)) for at in range(0, draws, CHUNK) for d in designs]
    totals: dict[str, dict[str, np.ndarray]] = {d.name: {} for d in designs}
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        pending = [pool.submit(_job, folder, *job, each) for job in jobs]
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
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--slow", type=int, default=2_000, help="data sets with regressions on respondents")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--designs", nargs="*", default=[d.name for d in DESIGNS])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--collect", type=Path, help="only gather the finished chunks of this folder")
    chosen = parser.parse_args()
    start = time.perf_counter()
    designs = tuple(d for d in DESIGNS if d.name in chosen.designs)
    if chosen.collect:
        made = collected(designs, chosen.collect)
    else:
        made = simulate(designs, chosen.draws, chosen.workers, chosen.slow)
    made.to_csv(chosen.output, index=False, lineterminator="\n")
    wide = made.pivot_table(index="design", columns="method", values="size")
    print(wide.loc[[d.name for d in designs if d.name in wide.index]].to_string(na_rep=""))
    print(f"{len(made)} rows, {chosen.draws} draws, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
