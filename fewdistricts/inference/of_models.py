"""Inference for a coefficient of a model that statsmodels fitted, with few clusters."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from fewdistricts.errors import InputError, Problem
from fewdistricts.inference import clusters, wild, wild_draws
from fewdistricts.inference.models import regression_of
from fewdistricts.inference.presentation import Result, check_confidence

KINDS = {
    "CR0": "CR0 cluster-robust variance, no correction (Liang and Zeger 1986)",
    "CR1": "CR1 cluster-robust variance, factor G / (G - 1)",
    "CR1p": "CR1p cluster-robust variance, factor G / (G - k)",
    "CR1S": "CR1S cluster-robust variance, Stata's factor G (N - 1) / ((G - 1) (N - k))",
    "CR2": "CR2 cluster-robust variance (Bell and McCaffrey 2002)",
    "CR3": "CR3 cluster-robust variance, the jackknife over clusters",
}


def cr2(fit: Any, term: str, groups: Any = None, *, confidence: float = 0.95) -> Result:
    """Bell and McCaffrey's variance of a coefficient, with Satterthwaite degrees of freedom.

    With few clusters the usual cluster-robust standard error is too small, and its degrees of freedom are fewer than
    the clusters suggest. Weights are taken for sampling weights, as in clubSandwich for `lm(weights =)`. With one
    pilot district not even this holds: see `variance_components` and `placebo_rank`.

    Parameters
    ----------
    fit
        A fitted statsmodels OLS or WLS model, by formula or from arrays.
    term : str
        The name of the coefficient, for example `"pilot:after"`.
    groups : str, Series or array
        The clusters: a column of the data that the formula was fitted to, or one value a row.
    confidence : float
        Of the interval.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        For another kind of model, an unknown coefficient, or groups that do not fit the rows.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28. Pustejovsky and Tipton (2018), JBES 36.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.datasets import grunfeld
    >>> data = grunfeld.load_pandas().data
    >>> fit = smf.ols("invest ~ value + capital", data).fit()
    >>> print(fd.inference.cr2(fit, "capital", groups="firm").summary())
    capital: CR2 cluster-robust variance (Bell and McCaffrey 2002), Satterthwaite degrees of freedom
      estimate            0.2275
      standard error      0.1107 (cr2)
      degrees of freedom  2.89
      95 % interval       -0.1325 to 0.5876
      p                   0.1356 (t)
      observations        220
      clusters            11
    """
    return cr(fit, term, groups, kind="CR2", df="satterthwaite", confidence=confidence)


def cr(
    fit: Any,
    term: str,
    groups: Any = None,
    *,
    kind: clusters.Kind = "CR1S",
    df: Literal["satterthwaite", "clusters"] = "clusters",
    confidence: float = 0.95,
) -> Result:
    """A cluster-robust variance of a coefficient by the name of its convention, for comparison with other software.

    Parameters
    ----------
    fit, term, groups, confidence
        As `cr2`.
    kind : {"CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"}
        `CR1S` is what Stata's `vce(cluster)` and statsmodels' `cov_type="cluster"` give.
    df : {"clusters", "satterthwaite"}
        Degrees of freedom: G - 1, or Satterthwaite's for this variance.

    Returns
    -------
    Result
        Status `undefined`: this variance does not exist (CR3 with an effect for each cluster).

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.datasets import grunfeld
    >>> data = grunfeld.load_pandas().data
    >>> fit = smf.ols("invest ~ value + capital", data).fit()
    >>> stata = fd.inference.cr(fit, "capital", groups="firm", kind="CR1S")
    >>> statsmodels = fit.get_robustcov_results("cluster", groups=data["firm"].factorize()[0])
    >>> print(f"{stata.se:.6f} {statsmodels.bse[2]:.6f}")
    0.085478 0.085478
    """
    if kind not in KINDS:
        raise InputError(Problem("kind", repr(kind), ", ".join(KINDS)))
    if df not in ("satterthwaite", "clusters"):
        raise InputError(Problem("df", repr(df), "'satterthwaite' or 'clusters'"))
    check_confidence(confidence)
    model, column = regression_of(fit, term, groups)
    inference = clusters.inference(model, column, kind=kind, df=df, confidence=confidence)
    degrees = "Satterthwaite degrees of freedom" if df == "satterthwaite" else "G - 1 degrees of freedom"
    method = f"{KINDS[kind]}, {degrees}"
    return Result(**vars(inference), method=method, term=term, confidence=confidence, clusters="clusters")


def wild_bootstrap(
    fit: Any,
    term: str,
    groups: Any = None,
    *,
    weights: Literal["webb", "rademacher"] | None = None,
    draws: int | None = None,
    seed: int = 0,
    confidence: float = 0.95,
) -> Result:
    """The restricted wild cluster bootstrap of a coefficient, also weighted, with its inverted interval.

    Up to 16 clusters every combination of signs is taken, so that no seed matters; up to 7, every combination of
    Webb's six points. The p-value is the share of draws whose |t*| is at least the observed |t|.

    Parameters
    ----------
    fit, term, groups, confidence
        As `cr2`.
    weights : {"webb", "rademacher"}, optional
        Points of the draws; by default Webb's for up to 7 clusters, else signs.
    draws : int, optional
        Number of random draws where not all are taken; 99,999 by default (9,999 above 100 clusters).
    seed : int
        Of random draws.

    Returns
    -------
    Result
        `distribution` holds t* of every draw and `observed` the t statistic (CR1S). Status `too_few_districts`: fewer
        than three clusters in which the column of the coefficient is zero throughout, or is not.

    References
    ----------
    Cameron, Gelbach and Miller (2008). Roodman, MacKinnon, Nielsen and Webb (2019), Stata Journal 19. Webb (2023).

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.datasets import grunfeld
    >>> data = grunfeld.load_pandas().data
    >>> fit = smf.ols("invest ~ value + capital", data).fit()
    >>> test = fd.inference.wild_bootstrap(fit, "capital", groups="firm")
    >>> print(f"p {test.p_value:.4f}, {len(test.distribution):,} draws")
    p 0.0225, 2,048 draws
    """
    if weights not in (None, "webb", "rademacher"):
        raise InputError(Problem("weights", repr(weights), "'webb' or 'rademacher'"))
    if draws is not None and not (isinstance(draws, int) and draws > 0):
        raise InputError(Problem("draws", repr(draws), "a whole number above 0"))
    check_confidence(confidence)
    model, column = regression_of(fit, term, groups)
    count = len(model.clusters)
    points: wild_draws.Weights | None = weights
    if weights == "webb" and count > wild_draws.WEBB_UP_TO:
        found = f"'webb' with {count} clusters"
        raise InputError(Problem("weights", found, f"up to {wild_draws.WEBB_UP_TO} clusters", "leave `weights` out"))
    if weights == "rademacher" and count > wild_draws.ENUMERATED_UP_TO:
        points = "sampled"
    inference, test = wild.bootstrap_test(model, column, seed=seed, weights=points, count=draws)
    method = "restricted wild cluster bootstrap (Roodman, MacKinnon, Nielsen and Webb 2019)"
    about: dict[str, Any] = {"method": method, "term": term, "confidence": confidence, "clusters": "clusters"}
    if test is None:
        return Result(**vars(inference), **about)
    distribution = pd.Series(test.statistics, name="t")
    return Result(**vars(test.inference(inference, confidence)), **about, distribution=distribution, observed=test.t)
