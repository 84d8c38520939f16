"""Regressions on respondents: one point estimate with the district change, and R's svyglm."""

from __future__ import annotations

import numpy as np
import of_respondents
import pandas as pd
import pytest
from oracles import PILOT, changes, matrix, rows, survey
from statsmodels.regression.linear_model import WLS

from fewdistricts.inference import logit, wls
from fewdistricts.inference.clusters import cluster_robust
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.sampling import sample


def columns(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return frame["district"].to_numpy(), frame["wave"].to_numpy(), (frame["treat"] * frame["post"]).to_numpy(bool)


@pytest.mark.parametrize("column", ["victim", "trust", "female"])
def test_normalised_weights_give_the_district_change_and_raw_weights_do_not(column):
    frame = survey()
    district, wave, exposed = columns(frame)
    y = frame[column].to_numpy(float)
    weight = wls.normalised(y, frame["weight"].to_numpy(), district, wave)
    expected = district_change(changes(column), PILOT).estimate
    one = wls.did(y, district, wave, exposed, weight)
    assert one.estimate == pytest.approx(expected, abs=1e-10)
    assert one.status == ""
    raw = wls.did(y, district, wave, exposed, frame["weight"].to_numpy())
    assert abs(raw.estimate - expected) > 1e-4
    population = np.where(exposed | (frame["treat"] == 1), 3.0, 1.0)  # constant within an arm: changes nothing
    assert wls.did(y, district, wave, exposed, weight * population).estimate == pytest.approx(expected, abs=1e-10)


def test_raw_weights_are_the_oracles_fixed_effects_model():
    frame = survey()
    got = wls.did(frame["victim"].to_numpy(float), *columns(frame), frame["weight"].to_numpy())
    row = next(row for row in rows("C_cluster") if row.quantity == "victim_FE_wtd_CR2")
    np.testing.assert_allclose(
        [got.estimate, got.se, got.df, got.p_value], [row.estimate, row.se, row.df, row.p], rtol=1e-8
    )


def test_linearised_coefficients_equal_svyglm():
    frame = survey()
    design = sample(frame["wave"].to_numpy() - 1, frame["stratum_wave"].to_numpy(), frame["psu"].to_numpy())
    compared = 0
    for row in rows("B_svyglm"):
        x = matrix(frame, row.quantity.endswith("FE"))
        link = "logit" if row.quantity.startswith("logit") else "identity"
        got = of_respondents.linearized(
            frame["victim"].to_numpy(float), x, x.shape[1] - 1, frame["weight"].to_numpy(), design, link=link
        )
        # svyglm stops its logit at a relative change of 1e-8 in the deviance
        np.testing.assert_allclose(
            [got.estimate, got.se, got.df, got.p_value], [row.estimate, row.se, row.df, row.p], rtol=1e-8
        )
        compared += 1
    assert compared == 3


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_sums_by_cell_give_what_the_rows_give(spread):
    rng = np.random.default_rng(8)
    n, districts = 600, 10  # five pilots: the bootstrap is not reported below
    district = np.array([f"d{g}" for g in rng.integers(0, districts, n)])
    wave, pilot = rng.integers(0, 3, n), np.isin(district, ["d0", "d1", "d2", "d3", "d4"])
    exposed = pilot & (wave == 2)
    y = np.where(rng.random(n) < 0.05, np.nan, rng.normal(size=n))
    weight = np.exp(spread * rng.normal(size=n))
    x = wls.did_matrix(district, wave, exposed)
    column = x.shape[1] - 1
    reference = WLS(y[np.isfinite(y)], x[np.isfinite(y)], weights=weight[np.isfinite(y)]).fit()
    for kind in ("CR0", "CR1S", "CR2"):
        rows_ = cluster_robust(y, x, district, column, weight, kind=kind)
        cells = wls.did(y, district, wave, exposed, weight, kind=kind)
        assert cells.estimate == pytest.approx(reference.params[column], abs=1e-10)
        assert (rows_.n, rows_.n_districts, rows_.status) == (cells.n, cells.n_districts, cells.status)
        for name in ("estimate", "se", "df", "ci_low", "p_value"):
            np.testing.assert_allclose(getattr(cells, name), getattr(rows_, name), rtol=1e-9)
    boot, again = (
        of_respondents.wild_bootstrap(y, x, district, column, weight),
        of_respondents.did_wild(y, district, wave, exposed, weight, seed=0),
    )
    assert 0 < boot.p_value == again.p_value
    np.testing.assert_allclose([boot.se, boot.ci_low, boot.ci_high], [again.se, again.ci_low, again.ci_high], rtol=1e-7)
    adjusted = of_respondents.did_adjusted(y, district, wave, exposed, weight, np.zeros((n, 0)))
    assert adjusted.se == pytest.approx(wls.did(y, district, wave, exposed, weight).se)


def test_covariates_beside_swept_districts_give_what_dummies_give():
    rng = np.random.default_rng(11)
    n = 300
    district, wave = rng.integers(0, 6, n), rng.integers(0, 2, n)
    exposed = (district < 3) & (wave == 1)
    y = np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n))
    weight, covariates = rng.uniform(0.2, 3, n), np.column_stack([rng.normal(size=n), rng.random(n) < 0.4])
    x = np.column_stack([covariates, wls.did_matrix(district, wave, exposed)])
    for kind in ("CR1S", "CR2"):
        dummies = cluster_robust(y, x, district, x.shape[1] - 1, weight, kind=kind)
        swept = of_respondents.did_adjusted(y, district, wave, exposed, weight, covariates, kind)
        for name in ("estimate", "se", "df", "p_value", "n"):
            np.testing.assert_allclose(getattr(swept, name), getattr(dummies, name), rtol=1e-9)
    twice = np.column_stack([covariates, covariates[:, 0] + district])
    unclear = of_respondents.did_adjusted(y, district, wave, exposed, weight, twice)
    assert unclear.status == "not_identified"


def test_hundreds_of_districts_do_not_make_a_matrix_of_rows():
    rng = np.random.default_rng(9)
    district, wave = np.repeat(np.arange(300), 200), np.tile(np.arange(2), 30_000)
    exposed = (district < 40) & (wave == 1)
    y = (rng.random(60_000) < 0.3 - 0.05 * exposed).astype(float)
    got = wls.did(y, district, wave, exposed, rng.uniform(0.5, 2, 60_000))
    assert (got.status, got.n_districts) == ("", 300)
    assert abs(got.estimate + 0.05) < 4 * got.se


def shares(table: dict[str, tuple[int, int]]) -> tuple[np.ndarray, ...]:
    """Districts with so many yes of 20 before and after."""
    y, district, wave = [], [], []
    for name, counts in table.items():
        for t, count in enumerate(counts):
            y += [1.0] * count + [0.0] * (20 - count)
            district += [name] * 20
            wave += [t] * 20
    exposed = np.char.startswith(np.array(district), "p") & (np.array(wave) == 1)
    return np.array(y), np.array(district), np.array(wave), exposed


def test_the_logit_of_one_pilot_and_one_comparison_by_hand():
    y, *rest = shares({"p1": (8, 12), "c1": (5, 10)})
    got = of_respondents.logit_did(y, *rest)
    # without the programme the pilot's log odds would have moved as the comparison's: by log(1) - log(1/3)
    odds = 8 / 12 * (10 / 10) / (5 / 15)
    assert got.estimate == pytest.approx(12 / 20 - odds / (1 + odds))
    assert (got.status, got.n) == ("too_few_districts", 80)


def test_logit_and_linear_agree_where_shares_are_moderate():
    y, *rest = shares({"p1": (8, 13), "p2": (9, 12), "p3": (10, 14), "c1": (8, 9), "c2": (11, 10), "c3": (10, 11)})
    curve, line = of_respondents.logit_did(y, *rest), wls.did(y, *rest)
    assert curve.estimate == pytest.approx(line.estimate, abs=0.01)
    assert curve.se == pytest.approx(line.se, rel=0.15)
    assert (curve.df, curve.se_type) == (5, "cr1")
    assert curve.ci_low < curve.estimate < curve.ci_high


def test_the_logit_standard_error_equals_statsmodels_delta_method():
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    y, district, wave, exposed = shares(
        {"p1": (8, 13), "p2": (9, 12), "p3": (10, 14), "c1": (8, 9), "c2": (11, 10), "c3": (10, 11)}
    )
    x = wls.did_matrix(district, wave, exposed)
    groups = pd.factorize(district)[0]
    fit = GLM(y, x, family=Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-14
    )

    def effect(beta: np.ndarray) -> float:
        on = x[exposed]
        off = on.copy()
        off[:, -1] = 0
        return float((1 / (1 + np.exp(-on @ beta)) - 1 / (1 + np.exp(-off @ beta))).mean())

    step = 1e-6 * np.eye(x.shape[1])
    gradient = np.array([(effect(fit.params + s) - effect(fit.params - s)) / 2e-6 for s in step])
    se = np.sqrt(6 / 5 * gradient @ fit.cov_params() @ gradient)
    got = of_respondents.logit_did(y, district, wave, exposed)
    np.testing.assert_allclose([got.estimate, got.se], [effect(fit.params), se], rtol=1e-6)


def test_a_district_of_nobody_separates_the_logit_but_not_the_line():
    y, *rest = shares({"p1": (0, 0), "p2": (9, 12), "p3": (10, 14), "c1": (8, 9), "c2": (11, 10), "c3": (10, 11)})
    assert of_respondents.logit_did(y, *rest).status == "separated"
    assert wls.did(y, *rest).status == ""


def test_nothing_answered_says_so():
    y, *rest = shares({"p1": (8, 12), "c1": (5, 10)})
    nothing = np.full(len(y), np.nan)
    assert wls.did(nothing, *rest).status == "no_data"
    assert of_respondents.logit_did(nothing, *rest).status == "no_data"
    before = np.where(rest[1] == 0, y, np.nan)
    assert wls.did(before, *rest).status == "not_identified"
    assert of_respondents.logit_did(before, *rest).status == "not_identified"


def test_a_logit_with_effects_swept_out_of_its_steps_is_the_one_with_dummies(monkeypatch):
    answers = shares({"p1": (8, 13), "p2": (9, 12), "p3": (10, 14), "c1": (8, 9), "c2": (11, 10), "c3": (10, 11)})
    dummies = of_respondents.logit_did(*answers)
    monkeypatch.setattr(logit, "MOST_DUMMIES", 0)
    swept = of_respondents.logit_did(*answers)
    np.testing.assert_allclose([swept.estimate, swept.se], [dummies.estimate, dummies.se], rtol=1e-10)
