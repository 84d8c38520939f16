"""Inference with few districts: CPU seconds, one thread, against the packages that offer the same test.

One survey: 10,000 respondents of 12 districts, six of them pilots, two waves, unequal weights, a binary answer; the
model is `answer = district + wave + pilot after the start`. Everything from the rows to the result is timed, the
draws of random weights included, but not what only the first call pays (imports, compilation). The evaluation sums
rows by district and wave first; lines that end in "rows" take the matrix of any regression, as the peers do.

Peers draw from Webb's six points where a number of draws is asked for: with two points and 12 districts they would
enumerate 4,096 draws instead. That enumeration is measured too, because there p-values can be compared digit by digit.
Ours counts the draws that tie with the estimate (two of 4,096 always do), diff-diff does not, and in wildboottest the
last digits of a sum decide.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from benchmarks.measure import Line, cpu, limit
from fewdistricts import design, survey
from fewdistricts.estimates import pipeline as plan
from fewdistricts.inference import clusters, permutations, wild, wls
from fewdistricts.inference.result import Inference
from fewdistricts.paths import PROJECT

N, DISTRICTS, PILOTS = 10_000, 12, 6
BOOTSTRAP_LIMIT, EVALUATION_LIMIT = 0.050, 5.0
EVALUATION = "peru-2005"


@dataclass(frozen=True)
class Sample:
    """Rows (N,) of the survey."""

    y: np.ndarray
    district: np.ndarray
    wave: np.ndarray
    weight: np.ndarray

    @cached_property
    def exposed(self) -> np.ndarray:
        return (self.district < PILOTS) & (self.wave == 1)

    @cached_property
    def x(self) -> np.ndarray:
        """(N, 14): districts, the second wave, exposed."""
        return wls.did_matrix(self.district, self.wave, self.exposed)

    @cached_property
    def named(self) -> pd.DataFrame:
        return pd.DataFrame(self.x, columns=[f"x{k}" for k in range(self.x.shape[1])])

    @cached_property
    def frame(self) -> pd.DataFrame:
        columns = {"y": self.y, "district": self.district, "wave": self.wave, "weight": self.weight}
        return pd.DataFrame({**columns, "exposed": self.exposed.astype(float)})

    def scaled(self) -> tuple[np.ndarray, pd.DataFrame]:
        """y and X times the roots of the weights: what smuggles weights into a function that takes none."""
        root = np.sqrt(self.weight)
        return self.y * root, self.named.mul(root, axis=0)


def sample() -> Sample:
    rng = np.random.default_rng(7)
    district, wave = np.arange(N) % DISTRICTS, rng.integers(0, 2, N)
    share = 0.35 + rng.normal(0, 0.05, (DISTRICTS, 2))[district, wave] - 0.10 * ((district < PILOTS) & (wave == 1))
    return Sample((rng.uniform(size=N) < share).astype(float), district, wave, rng.uniform(0.5, 3, N))


def lines() -> Iterator[Line]:
    """The section; the whole evaluation first, while no cache is warm."""
    warnings.simplefilter("ignore")
    yield from _evaluation()
    data = sample()
    yield from _enumerated(data)
    for draws in (9_999, 99_999):
        yield from _sampled(data, draws)
    yield from _cr2(data)
    yield from _permutation(data)


def _evaluation() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as home:
        raw = Path(home) / "data" / "raw"
        raw.mkdir(parents=True)
        (raw / EVALUATION).symlink_to(PROJECT / "data" / "raw" / EVALUATION)
        before = os.environ.get("EVALUATION_HOME")
        os.environ["EVALUATION_HOME"] = home
        try:
            declared = design.load(EVALUATION)
            survey.build(declared)
            data = survey.load(EVALUATION)
        finally:
            os.environ.pop("EVALUATION_HOME")
            os.environ.update({} if before is None else {"EVALUATION_HOME": before})
    taken, rows = cpu(lambda: plan.estimates(declared, data), repeats=1, warm_up=False)
    yield limit(
        f"all inference of {EVALUATION}",
        taken,
        EVALUATION_LIMIT,
        f"{len(rows):,} estimates, the first call of a process",
    )


def _ours(data: Sample, weights: wild.Weights, draws: int, *, weighted: bool = True) -> Inference:
    """As the evaluation does it: rows summed by district and wave, then the bootstrap; no draws are kept."""
    wild.draws.cache_clear()
    model = wls.did_model(data.y, data.district, data.wave, data.exposed, data.weight if weighted else None)
    return wild.bootstrap(model, data.x.shape[1] - 1, weights=weights, count=draws, seed=1)


def _ours_by_rows(data: Sample, weights: wild.Weights, draws: int) -> Inference:
    """For any regression, from its matrix of rows."""
    wild.draws.cache_clear()
    column = data.x.shape[1] - 1
    fitted = clusters.fit(data.y, data.x, data.district, data.weight)
    assert fitted is not None  # x has full rank
    return wild.bootstrap(clusters.regression(fitted), column, weights=weights, count=draws, seed=1)


def _pyfixest(data: Sample, points: str, draws: int) -> float:
    import pyfixest

    fit = pyfixest.feols("y ~ exposed | district + wave", data.frame, vcov={"CRV1": "district"})
    return float(fit.wildboottest(reps=draws, param="exposed", weights_type=points, seed=1)["Pr(>|t|)"])


def _wildboottest(y: np.ndarray, x: pd.DataFrame, district: np.ndarray, points: str, draws: int) -> float:
    from wildboottest.wildboottest import wildboottest

    options = {"weights_type": points, "seed": 1, "parallel": False, "show": False}
    said = wildboottest(sm.OLS(y, x), B=draws, cluster=pd.Series(district), param=x.columns[-1], **options)
    return float(said["p-value"].iloc[0])


def _diff_diff(y: np.ndarray, x: np.ndarray, district: np.ndarray, points: str, draws: int) -> float:
    from diff_diff.utils import wild_bootstrap_se

    options = {"n_bootstrap": draws, "weight_type": points, "seed": 1}
    return float(wild_bootstrap_se(x, y, np.zeros(len(y)), district, x.shape[1] - 1, **options).p_value)


def _peers(data: Sample, points: str, draws: int) -> Iterator[tuple[str, Callable[[], float], str]]:
    """Name, call that returns p, and what it does not do."""
    yield "pyfixest", lambda: _pyfixest(data, points, draws), "runs wildboottest; unweighted (refuses weights), no CI"
    yield (
        "wildboottest",
        lambda: _wildboottest(data.y, data.named, data.district, points, draws),
        "unweighted (ignores weights), no CI",
    )
    yield (
        "diff-diff",
        lambda: _diff_diff(data.y, data.x, data.district, points, draws),
        "unweighted (takes no weights), with CI",
    )


def _enumerated(data: Sample) -> Iterator[Line]:
    what = "wild bootstrap, p and CI, all 4,096 draws"
    ours, said = cpu(lambda: _ours(data, "rademacher", 0))
    yield limit(what, ours, BOOTSTRAP_LIMIT, f"weighted, p {said.p_value:.5f}")
    rows, said_of_rows = cpu(lambda: _ours_by_rows(data, "rademacher", 0))
    yield limit(f"{what}, rows", rows, BOOTSTRAP_LIMIT, f"weighted, p {said_of_rows.p_value:.5f}")
    unweighted = _ours(data, "rademacher", 0, weighted=False).p_value
    for peer, call, lacks in _peers(data, "rademacher", 9_999):
        theirs, p = cpu(call)
        yield Line(what, ours, peer, theirs, f"{lacks}; p {p:.5f}, ours unweighted {unweighted:.5f}")
    y, x = data.scaled()
    for peer, call in (
        ("wildboottest, scaled rows", lambda: _wildboottest(y, x, data.district, "rademacher", 9_999)),
        ("diff-diff, scaled rows", lambda: _diff_diff(y, x.to_numpy(), data.district, "rademacher", 9_999)),
    ):
        theirs, p = cpu(call)
        yield Line(what, ours, peer, theirs, f"weighted; p {p:.5f}, ours {said.p_value:.5f}")


def _sampled(data: Sample, draws: int) -> Iterator[Line]:
    what = f"wild bootstrap, p and CI, {draws:,} draws"
    ours, said = cpu(lambda: _ours(data, "sampled", draws))
    yield limit(what, ours, BOOTSTRAP_LIMIT, f"weighted, p {said.p_value:.4f}")
    rows, _ = cpu(lambda: _ours_by_rows(data, "sampled", draws))
    yield limit(f"{what}, rows", rows, BOOTSTRAP_LIMIT, "weighted")
    for peer, call, lacks in _peers(data, "webb", draws):
        theirs, p = cpu(call, warm_up=draws < 50_000)
        yield Line(what, ours, peer, theirs, f"{lacks}; p {p:.4f}")


def _cr2(data: Sample) -> Iterator[Line]:
    from diff_diff.linalg import compute_robust_vcov

    column = data.x.shape[1] - 1

    def theirs(weight: np.ndarray | None) -> tuple[float, float]:
        fit = sm.OLS(data.y, data.x) if weight is None else sm.WLS(data.y, data.x, weights=weight)
        residual = data.y - data.x @ fit.fit().params
        variance, df = compute_robust_vcov(
            data.x, residual, data.district, weights=weight, vcov_type="hc2_bm", return_dof=True
        )
        return float(np.sqrt(variance[column, column])), float(df[column])

    for words, weight in (("weighted", data.weight), ("unweighted", None)):
        ours, said = cpu(lambda w=weight: wls.did(data.y, data.district, data.wave, data.exposed, w))
        rows, _ = cpu(lambda w=weight: clusters.cluster_robust(data.y, data.x, data.district, column, w))
        peer, (se, df) = cpu(lambda w=weight: theirs(w))
        note = f"se {se:.8f}, ours {said.se:.8f}; df {df:.4f}, ours {said.df:.4f}"
        yield Line(f"CR2 with Satterthwaite df, {words}", ours, "diff-diff", peer, note)
        yield Line(f"CR2 with Satterthwaite df, {words}, rows", rows, "diff-diff", peer)
    cr1, _ = cpu(
        lambda: sm.WLS(data.y, data.x, weights=data.weight).fit(cov_type="cluster", cov_kwds={"groups": data.district})
    )
    ours, _ = cpu(lambda: wls.did(data.y, data.district, data.wave, data.exposed, data.weight))
    yield Line("CR2 with Satterthwaite df, weighted", ours, "statsmodels", cr1, "CR1, G - 1 df: it has no CR2")


def _changes(data: Sample) -> np.ndarray:
    """Weighted change of each district (G,)."""
    sums = [np.bincount(2 * data.district + data.wave, values) for values in (data.weight * data.y, data.weight)]
    share = (sums[0] / sums[1]).reshape(-1, 2)
    return share[:, 1] - share[:, 0]


def _welch(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.abs(stats.ttest_ind(a, b, equal_var=False, axis=axis).statistic)


def _permutation(data: Sample) -> Iterator[Line]:
    pilot = np.arange(DISTRICTS) < PILOTS
    change = _changes(data)
    ours, said = cpu(lambda: permutations.permutation(_changes(data), pilot, interval=False))
    both, _ = cpu(lambda: permutations.permutation(_changes(data), pilot))
    p = f"p {said.p_value:.5f}"

    def scipy() -> float:
        arms = (change[pilot], change[~pilot])
        return stats.permutation_test(arms, _welch, vectorized=True, n_resamples=np.inf, alternative="greater").pvalue

    peer, theirs = cpu(scipy)
    what = "exact permutation, 924 assignments, p"
    yield Line(what, ours, "scipy, from changes", peer, f"no CI; p {theirs:.5f}, ours {said.p_value:.5f}")
    yield Line(f"{what} and CI", both, "scipy, from changes", peer, f"no CI; ours {p}")

    import pyfixest

    frame = pd.DataFrame({"change": change, "pilot": pilot.astype(float)})

    def ritest() -> float:
        fit = pyfixest.feols("change ~ pilot", frame)
        return float(fit.ritest("pilot", reps=924, rng=np.random.default_rng(1))["Pr(>|t|)"])

    peer, theirs = cpu(ritest)
    note = f"924 random draws that do not keep six pilots, no CI; p {theirs:.5f}, ours {p[2:]}"
    yield Line(what, ours, "pyfixest, from changes", peer, note)
