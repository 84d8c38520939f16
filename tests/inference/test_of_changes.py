"""Frames of changes: the public functions give what the array functions give, and refuse what they cannot read."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from oracles import FOLDER
from scipy import stats

import fewdistricts as fd
from fewdistricts.errors import InputError

RNG = np.random.default_rng(8)
CHANGES = pd.DataFrame(
    {
        "district": [f"d{k}" for k in range(12)],
        "arm": ["pilot"] * 4 + ["comparison"] * 7 + ["neighbour"],
        "change": RNG.normal(size=12),
        "se": RNG.uniform(0.1, 0.3, 12),
        "df": 20.0,
        "stratum": ["a", "a", "b", "b", "a", "a", "a", "b", "b", "b", "b", "b"],
    }
)
PILOT, OTHERS = CHANGES["change"].iloc[:4], CHANGES["change"].iloc[4:11]


def test_the_arms_are_compared_as_scipy_does():
    result = fd.inference.district_change(CHANGES, form="welch")
    expected = stats.ttest_ind(PILOT, OTHERS, equal_var=False)
    assert (result.p_value, result.df) == (pytest.approx(expected.pvalue), pytest.approx(expected.df))
    assert result.n_districts == 11  # the neighbour is left out
    assert fd.inference.district_change(CHANGES).se_type == "pooled"


def test_the_distribution_holds_every_assignment():
    result = fd.inference.permutation(CHANGES)
    assert len(result.distribution) == 330  # 4 of 11
    observed = stats.ttest_ind(PILOT, OTHERS, equal_var=False).statistic
    assert result.observed == pytest.approx(observed)
    assert result.p_value == pytest.approx((result.distribution.abs() >= abs(observed) - 1e-9).mean())


def test_strata_keep_their_numbers_of_pilots_by_enumeration():
    """2 of 5 in stratum a and 2 of 6 in stratum b, the coefficient of the arm beside a dummy of the stratum."""
    frame = CHANGES.iloc[:11]
    y, stratum = frame["change"].to_numpy(), (frame["stratum"] == "b").to_numpy()

    def coefficient(pilot):
        x = np.column_stack([np.ones(11), stratum, pilot])
        return np.linalg.lstsq(x, y, rcond=None)[0][2]

    drawn = [
        coefficient(np.array(chosen))
        for chosen in product([0, 1], repeat=11)
        if sum(np.array(chosen)[stratum]) == 2 and sum(np.array(chosen)[~stratum]) == 2
    ]
    result = fd.inference.permutation(CHANGES, strata="stratum")
    observed = coefficient((frame["arm"] == "pilot").to_numpy())
    assert len(drawn) == len(result.distribution) == 10 * 15
    assert result.estimate == pytest.approx(observed)
    assert result.p_value == pytest.approx(np.mean(np.abs(drawn) >= abs(observed) - 1e-9))
    assert result.p_floor == pytest.approx(1 / 150)


def test_strata_equal_coin():
    """R's coin, exact, stratified: tests/reference/strata.R."""
    frame = pd.read_csv(FOLDER / "strata.csv")
    expected = frame["p"].iloc[0]
    result = fd.inference.permutation(frame, strata="stratum")
    assert result.p_value == pytest.approx(expected, abs=1e-10)


def test_pairs_swap_arms():
    frame = CHANGES.iloc[:8].assign(pair=list("abcd") * 2)
    result = fd.inference.permutation(frame, pairs="pair")
    difference = frame["change"].to_numpy()[:4] - frame["change"].to_numpy()[4:]
    signed = [np.mean(difference * signs) for signs in product([1, -1], repeat=4)]
    assert len(result.distribution) == 16
    assert result.p_value == pytest.approx(np.mean(np.abs(signed) >= abs(difference.mean()) - 1e-9))


def test_one_district_against_the_others():
    rank = fd.inference.placebo_rank(CHANGES, "d1")
    place = [CHANGES["change"][k] - OTHERS.drop(k, errors="ignore").mean() for k in (1,)]
    assert rank.observed == pytest.approx(place[0])
    assert len(rank.distribution) == 8
    assert rank.p_value == (rank.distribution.abs() >= abs(rank.observed) - 1e-9).mean()
    parts = fd.inference.variance_components(CHANGES, "d1")
    assert (parts.estimate, parts.n_districts) == (pytest.approx(rank.observed), 8)
    without = fd.inference.variance_components(CHANGES.drop(columns="se"), "d1")
    spread = OTHERS.std(ddof=1) * np.sqrt(1 + 1 / 7)
    assert (without.se, without.df) == (pytest.approx(spread), pytest.approx(6))


def test_the_components_of_several_districts_in_each_arm():
    """Without sampling error it is the pooled t test; with it, sampling error is what is left where shocks are none."""
    bare = fd.inference.variance_components(CHANGES.drop(columns=["se", "df"]))
    expected = stats.ttest_ind(PILOT, OTHERS)
    assert (bare.p_value, bare.df) == (pytest.approx(expected.pvalue), pytest.approx(9))
    alike = CHANGES.assign(change=[1.0] * 4 + [0.5] * 8)
    sampled = np.sqrt((CHANGES["se"][:4] ** 2).sum() / 16 + (CHANGES["se"][4:11] ** 2).sum() / 49)
    result = fd.inference.variance_components(alike)
    assert (result.estimate, result.se) == (pytest.approx(0.5), pytest.approx(sampled))
    with_shocks = fd.inference.variance_components(CHANGES)
    assert with_shocks.se >= sampled
    assert with_shocks.n_districts == 11


def test_interviews_steady_the_sampling_error_of_one_district():
    """By one design effect: mean(v n) / n."""
    frame = CHANGES.assign(n=[100 * (k + 1) for k in range(12)], change=[2.0] + [1.0] * 11)
    used = frame[frame["district"].isin(["d0", *frame["district"][4:11]])]
    sampling = (used["se"] ** 2 * used["n"]).mean() / used["n"]
    result = fd.inference.variance_components(frame, "d0", interviews="n")
    assert result.se == pytest.approx(np.sqrt(sampling.iloc[0] + sampling.iloc[1:].sum() / 49))


def test_one_design_effect_has_the_degrees_of_freedom_of_all_districts():
    """Eight districts of equal variance and 10 degrees of freedom each: their mean has 80."""
    alike = CHANGES.assign(n=100, se=0.2, df=10.0, change=[2.0] + [1.0] * 11)
    by_itself = fd.inference.variance_components(alike, "d0")
    together = fd.inference.variance_components(alike, "d0", interviews="n")
    assert (by_itself.df, together.df) == (pytest.approx(10), pytest.approx(8 * 10))


def test_pairs_are_compared_by_their_differences():
    frame = CHANGES.iloc[:8].assign(pair=list("abcd") * 2)
    result = fd.inference.district_change(frame, pairs="pair")
    expected = stats.ttest_rel(frame["change"][:4], frame["change"].to_numpy()[4:])
    assert (result.estimate, result.p_value) == (
        pytest.approx(frame["change"][:4].mean() - frame["change"][4:].mean()),
        pytest.approx(expected.pvalue),
    )
    assert (result.se_type, result.n_districts) == ("paired", 8)


def test_the_sampling_error_is_a_floor_where_it_is_asked_for():
    alike = CHANGES.assign(change=[1.0, 1.1, 1.0, 0.9] + [0.5] * 8)
    sampled = np.sqrt((CHANGES["se"][:4] ** 2).sum() / 16 + (CHANGES["se"][4:11] ** 2).sum() / 49)
    assert fd.inference.district_change(alike).se < sampled
    floored = fd.inference.district_change(alike, floor=True)
    assert (floored.se, floored.se_type) == (pytest.approx(sampled), "pooled_floored")
    assert fd.inference.district_change(CHANGES, floor=True).se == fd.inference.district_change(CHANGES).se


def test_families_hold_together():
    long = pd.concat(
        [CHANGES.assign(indicator=name, family=family, change=RNG.normal(size=12) + shift)
         for name, family, shift in [("a", "crime", 0), ("b", "crime", 3), ("c", "trust", 0)]]
    )  # fmt: skip
    result = fd.inference.families(long)
    table = result.to_frame()
    assert (table["p_adjusted"] >= table["p_value"] - 1e-12).all()
    assert table.loc["c", "p_adjusted"] == table.loc["c", "p_value"]
    assert result.p_floor == pytest.approx(1 / 330)
    assert "crime" in result.summary() and "<caption>" in result._repr_html_()
    alone = fd.inference.families(long[long["district"].isin(["d0", *CHANGES["district"][4:11]])])
    assert set(alone.to_frame()["status"]) == {"too_few_districts"}
    within = fd.inference.families(long, strata="stratum").to_frame()
    single = fd.inference.permutation(long[long["indicator"] == "c"], strata="stratum")
    assert within.loc["c", "p_adjusted"] == pytest.approx(single.p_value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: fd.inference.district_change(CHANGES, "chnge"), "no column 'chnge'.*did you mean 'change'"),
        (lambda: fd.inference.district_change([1, 2]), "found a list; allowed: a DataFrame"),
        (lambda: fd.inference.district_change(CHANGES[["change"]]), "a column 'pilot' or 'arm'"),
        (lambda: fd.inference.district_change(CHANGES.assign(pilot="yes")), "column 'pilot': found yes"),
        (lambda: fd.inference.district_change(pd.concat([CHANGES, CHANGES])), "district 'd0' more than once"),
        (lambda: fd.inference.district_change(CHANGES.astype({"change": str})), "allowed: numbers"),
        (lambda: fd.inference.permutation(CHANGES.replace("pilot", "treated")), "found treated; allowed: pilot and"),
        (lambda: fd.inference.variance_components(CHANGES.iloc[:0]), "0 pilot districts and 0 others"),
        (lambda: fd.inference.placebo_rank(CHANGES), "4 pilot districts and 7 others"),
        (lambda: fd.inference.placebo_rank(CHANGES, "d99"), "found 'd99'"),
        (lambda: fd.inference.permutation(CHANGES, pairs="arm", strata="arm"), "one of them"),
        (lambda: fd.inference.families(CHANGES), "no column 'indicator'"),
        (lambda: fd.inference.families(5), "found a int; allowed: a DataFrame"),
        (lambda: fd.inference.permutation(CHANGES.assign(pilot=2)), "column 'pilot': found 2; allowed: true or false"),
        (lambda: fd.inference.permutation(CHANGES.replace("pilot", np.nan)), "column 'arm': found nan"),
        (lambda: fd.inference.permutation(CHANGES.assign(pair=None), pairs="pair"), "district without a label"),
        (
            lambda: fd.inference.permutation(CHANGES, covariates=["stratum"]),
            "column 'stratum': found .*allowed: numbers",
        ),
        (lambda: fd.inference.permutation(CHANGES, weight="arm"), "column 'arm': found .*allowed: numbers"),
        (lambda: fd.inference.permutation(CHANGES, weight="change"), "column 'change': found -.*allowed: 0 or more"),
        (lambda: fd.inference.permutation(CHANGES, confidence=95), "confidence: found 95; allowed: a number between"),
        (lambda: fd.inference.placebo_rank(CHANGES, "d0", confidence="a"), "confidence: found 'a'"),
        (lambda: fd.inference.district_change(CHANGES, form="student"), "form: found 'student'"),
        (lambda: fd.inference.district_change(CHANGES.drop(columns="se"), floor=True), "no column 'se'"),
        (lambda: fd.inference.variance_components(CHANGES.assign(se=-0.1)), "column 'se': found -0.1; allowed: 0 or"),
        (lambda: fd.inference.variance_components(CHANGES, "d0", interviews="arm"), "column 'arm'.*allowed: numbers"),
        (lambda: fd.inference.variance_components(CHANGES, "d0", covariance=np.eye(11)), "covariance: found ndarray"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
