"""Cluster-robust variances against clubSandwich and estimatr, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import matrix, rows, survey

from fewdistricts.inference.clusters import cluster_robust


def test_every_variance_and_df_equals_clubsandwich():
    frame = survey()
    compared = 0
    for row in rows("C_cluster", "C_estimatr"):
        outcome, spec, weighted, kind = row.quantity.split("_", 3)
        stata = kind in ("vcovCL_HC1", "stata")
        x = matrix(frame, spec == "FE")
        got = cluster_robust(
            frame[outcome].to_numpy(float),
            x,
            frame["district"].to_numpy(),
            x.shape[1] - 1,
            frame["weight"].to_numpy() if weighted == "wtd" else None,
            kind="CR1S" if stata else kind,
            df="clusters" if stata else "satterthwaite",
        )
        np.testing.assert_allclose([got.estimate, got.se, got.df], [row.estimate, row.se, row.df], rtol=1e-8)
        if not np.isnan(row.lo):
            np.testing.assert_allclose([got.ci_low, got.ci_high, got.p_value], [row.lo, row.hi, row.p], rtol=1e-8)
        compared += 1
    assert compared == 2 * 2 * (7 + 5) + 3


def test_what_clubsandwich_cannot_define_gets_a_status():
    frame = survey()
    x = matrix(frame, fixed_effects=True)
    for kind in ("CR3", "CR1p"):
        got = cluster_robust(frame["victim"].to_numpy(float), x, frame["district"].to_numpy(), 13, kind=kind)
        assert (got.status, got.n_districts) == ("undefined", 12)
        assert np.isnan(got.se)


def test_cr1s_equals_statsmodels_and_so_does_the_coefficient():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(7), 9)
    x = np.column_stack([np.ones(63), rng.normal(size=(63, 2))])
    y, weight = rng.normal(size=63) + rng.normal(size=7)[cluster], rng.uniform(0.5, 2, 63)
    reference = sm.WLS(y, x, weights=weight).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    got = cluster_robust(y, x, cluster, 2, weight, kind="CR1S", df="clusters")
    np.testing.assert_allclose([got.estimate, got.se], [reference.params[2], reference.bse[2]], rtol=1e-10)


def test_cr2_of_a_difference_in_means_is_welch():
    # one row a cluster, two arms: 1, 2, 6 against 4, 5, 7, 12
    y = np.array([1, 2, 6, 4, 5, 7, 12.0])
    x = np.column_stack([np.ones(7), [0, 0, 0, 1, 1, 1, 1]])
    got = cluster_robust(y, x, np.arange(7), 1)
    v0, v1 = np.var([1, 2, 6], ddof=1) / 3, np.var([4, 5, 7, 12], ddof=1) / 4
    np.testing.assert_allclose([got.estimate, got.se], [7 - 3, np.sqrt(v0 + v1)])
    # Bell and McCaffrey's df take equal variances in the arms, as their working model says
    np.testing.assert_allclose(got.df, (1 / 3 + 1 / 4) ** 2 / (1 / 3**2 / 2 + 1 / 4**2 / 3))


def test_cr3_is_the_jackknife_over_clusters():
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(6), 5)
    x = np.column_stack([np.ones(30), rng.normal(size=30)])
    y, weight = rng.normal(size=30), rng.uniform(0.5, 2, 30)
    got = cluster_robust(y, x, cluster, 1, weight, kind="CR3")
    left_out = []
    for g in range(6):
        keep = cluster != g
        left_out.append(sm.WLS(y[keep], x[keep], weights=weight[keep]).fit().params[1])
    np.testing.assert_allclose(got.se, np.sqrt(((np.array(left_out) - got.estimate) ** 2).sum()), rtol=1e-10)


def test_cases_without_an_answer_say_why():
    ones = np.ones(6)
    two = np.column_stack([ones, [0, 1, 0, 1, 0, 1]])
    y = np.array([1, 2, 1, 3, 2, 5.0])
    cluster = np.array([0, 0, 1, 1, 2, 2])
    assert cluster_robust(y, np.column_stack([ones, ones]), cluster, 1).status == "not_identified"
    assert cluster_robust(np.full(6, np.nan), two, cluster, 1).status == "not_identified"
    assert cluster_robust(y, two, np.zeros(6), 1).status == "too_few_districts"
    constant = cluster_robust(np.full(6, 0.7), two, cluster, 1)
    assert (constant.status, constant.se) == ("no_variance", 0.0)
    assert constant.estimate == pytest.approx(0, abs=1e-12)
    missing = cluster_robust(np.append(y, np.nan), np.vstack([two, [1, 9]]), np.append(cluster, 7), 1)
    assert missing == cluster_robust(y, two, cluster, 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["CR0", "CR1", "CR1S", "CR2", "CR3"]), st.floats(0.001, 1000))
def test_order_labels_and_scale_of_weights_do_not_matter(seed, kind, factor):
    rng = np.random.default_rng(seed)
    districts, n = int(rng.integers(4, 9)), 60
    cluster = np.append(np.arange(districts), rng.integers(0, districts, n - districts))
    post = rng.integers(0, 2, n)
    treat = (cluster < districts / 2).astype(int)
    x = np.column_stack([np.ones(n), treat, post, treat * post])
    y, weight = rng.integers(0, 2, n).astype(float), rng.uniform(0.3, 3, n)
    a = cluster_robust(y, x, cluster, 3, weight, kind=kind)
    order = rng.permutation(n)
    labels = np.array([f"district {99 - g}" for g in cluster])
    b = cluster_robust(y[order], x[order], labels[order], 3, weight[order] * factor, kind=kind)
    assert (a.status, a.n, a.n_districts) == (b.status, b.n, b.n_districts)
    for name in ("estimate", "se", "df", "ci_low", "p_value"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-6, atol=1e-9)
    if not a.status:
        assert a.ci_low <= a.estimate <= a.ci_high
        assert 0 < a.p_value <= 1


def test_cr1_is_statas_factor_on_cr0_by_hand():
    """Two clusters of two and one of three: G = 3, N = 7, k = 2, so the factor is 3 / 2 * 6 / 5."""
    cluster = np.array([0, 0, 1, 1, 2, 2, 2])
    x = np.column_stack([np.ones(7), [0, 1, 0, 1, 0, 1, 1.0]])
    y = np.array([1.0, 3, 2, 2, 4, 7, 6])
    fitted = sm.OLS(y, x)
    options = {"groups": cluster, "use_correction": False}
    plain = fitted.fit(cov_type="cluster", cov_kwds=options)
    corrected = fitted.fit(cov_type="cluster", cov_kwds=options | {"use_correction": True})
    got = cluster_robust(y, x, cluster, 1, kind="CR1S", df="clusters")
    assert got.se == pytest.approx(corrected.bse[1])
    assert got.se == pytest.approx(plain.bse[1] * np.sqrt(1.5 * 6 / 5))
    # the scores of the slope: means are 7/3 and 4.5, residuals times (x - 4/7) over the sum of squares 12/7
    residual = y - np.where(x[:, 1] == 1, 4.5, 7 / 3)
    scores = [residual[cluster == g] @ (x[cluster == g, 1] - 4 / 7) / (12 / 7) for g in range(3)]
    assert got.se == pytest.approx(np.sqrt(1.5 * 6 / 5 * np.square(scores).sum()))
    assert got.df == 2
