"""Sampling units that lie in several districts: they count once, and what they share is part of every variance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from oracles import FOLDER
from small_survey import DECLARATION
from surveys import a_design, at_home, one

from fewdistricts import design as declared
from fewdistricts import survey as surveys_of
from fewdistricts.estimates import contrasts, estimate, pipeline
from fewdistricts.estimates.arms import sampled
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.inference import one_district, rules
from fewdistricts.inference.sampling_error import sampling_error
from fewdistricts.inference.shock_components import shock_components

PILOTS = {"d1": "pilot", "d2": "pilot", "d3": "pilot", "d4": "comparison", "d5": "comparison", "d6": "comparison"}
VILLAGES = 30


def a_survey_of_villages(districts: dict[str, str], seed: int = 3) -> pd.DataFrame:
    """Villages whose people live in every district, and share a shock in each wave."""
    rng = np.random.default_rng(seed)
    rows = []
    for village in range(VILLAGES):
        shock = rng.normal(0, 2, 2)
        for district in districts:
            for wave in (0, 1):
                answers = 5 + shock[wave] + rng.normal(0, 1, 4)
                rows += [(district, f"w{wave + 1}", f"all/v{village}", y) for y in answers]
    frame = pd.DataFrame(rows, columns=["district", "wave", "psu", "safe"])
    return frame.assign(weight=1.0, stratum="all")


def a_design_of(districts: dict[str, str], across: bool = True):
    mean = {"id": "safe", "label": "Spending", "column": "safe", "better": "lower", "role": "primary"}
    data = {"sampling": "repeated_psu", "across_districts": across, "columns": {"psu": "village"}}
    return a_design(districts, data=data, indicators=[mean])


def clustered(survey: pd.DataFrame, districts: dict[str, str], formula: str, term: str) -> float:
    """The standard error of a term by statsmodels, clustered by village: G / (G - 1) without its (N - 1) / (N - k)."""
    frame = survey.assign(pilot=survey["district"].map(lambda d: int(districts[d] == "pilot")))
    frame["after"] = (frame["wave"] == "w2").astype(int)
    frame = frame[frame["pilot"] == 1] if "pilot" not in formula else frame
    groups = frame["psu"].factorize()[0]
    fit = smf.ols(formula, frame).fit(cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True})
    return float(fit.bse[term] * np.sqrt((fit.nobs - len(fit.params)) / (fit.nobs - 1)))


@pytest.mark.parametrize("districts", [{"d1": "pilot", "d4": "comparison"}, PILOTS], ids=["one_each", "several"])
def test_a_difference_in_change_is_clustered_by_units_that_both_arms_share(districts):
    survey = a_survey_of_villages(districts)
    rows = pipeline.estimates(a_design_of(districts), survey)
    answer = one(rows, estimand="att", estimator="taylor", variant="main")
    assert answer["se"] == pytest.approx(clustered(survey, districts, "safe ~ pilot * after", "pilot:after"), rel=1e-9)
    assert (answer["n_psu"], answer["df"]) == (VILLAGES, VILLAGES - 1)
    apart = one(
        pipeline.estimates(a_design_of(districts, across=False), survey.assign(stratum=survey["district"])
            .assign(psu=survey["district"] + "/" + survey["psu"])),
        estimand="att", estimator="taylor", variant="main",
    )  # fmt: skip
    assert apart["estimate"] == pytest.approx(answer["estimate"])
    assert apart["se"] > 2 * answer["se"]  # what villages share cancels out of the difference


def test_levels_and_changes_of_an_arm_hold_the_covariance():
    survey = a_survey_of_villages(PILOTS)
    rows = pipeline.estimates(a_design_of(PILOTS), survey)
    change = one(rows, estimand="change", district="pilot", variant="main")
    assert change["se"] == pytest.approx(clustered(survey, PILOTS, "safe ~ after", "after"), rel=1e-9)
    level = one(rows, estimand="level", district="pilot", wave="w2", variant="main")
    after = survey[survey["wave"] == "w2"]
    assert level["se"] == pytest.approx(clustered(after, PILOTS, "safe ~ 1", "Intercept"), rel=1e-9)
    assert level["n_psu"] == VILLAGES


@pytest.mark.parametrize("shared", [0.0, 2.0])
def test_the_floor_and_the_components_use_the_variance_of_the_difference(shared):
    """No standard error over districts falls below that of sampling, which shared units make smaller."""
    survey = a_survey_of_villages(PILOTS)
    survey["safe"] += shared * survey["psu"].factorize()[0]
    rows = pipeline.estimates(a_design_of(PILOTS), survey)
    floor = one(rows, estimand="att", estimator="taylor", variant="main")["se"]
    for estimator in ("variance_components", "district_change"):
        assert one(rows, estimand="att", estimator=estimator, variant="main")["se"] >= floor * (1 - 1e-12)
    apart = survey.assign(stratum=survey["district"]).assign(psu=survey["district"] + "/" + survey["psu"])
    alone = pipeline.estimates(a_design_of(PILOTS, across=False), apart)
    key = {"estimand": "att", "estimator": "variance_components", "variant": "main"}
    assert one(rows, **key)["se"] < one(alone, **key)["se"]


def test_a_district_s_notebook_and_the_pool_give_the_same_rows():
    survey, design = a_survey_of_villages(PILOTS), a_design_of(PILOTS)
    mine = estimate.rounded(pipeline.district_wave(Survey(design, survey), design.districts[0], design.waves[1]))
    pooled = estimate.rounded(pipeline.estimates(design, survey)).set_index("row_id")
    assert set(mine["estimand"]) == {"level", "change", "did"}
    pd.testing.assert_frame_equal(mine.set_index("row_id"), pooled.loc[mine["row_id"]])


def test_unequal_villages_weights_and_missing_answers_equal_r_survey():
    """Units of the reference survey that run through districts: tests/reference/shared_units.R."""
    survey = pd.read_csv(FOLDER / "input_survey.csv")
    survey["psu"] = "v" + (np.arange(len(survey)) // 5 % 29).astype(str)
    survey = survey.assign(wave="w" + survey["wave"].astype(str), safe=survey["victim"].astype(float), stratum="all")
    arms = {f"D{k:02}": "pilot" if k <= 6 else "comparison" for k in range(1, 13)}
    rows = pipeline.estimates(a_design_of(arms), survey[["district", "wave", "psu", "weight", "safe", "stratum"]])
    expected = pd.read_csv(FOLDER / "shared_units.csv", index_col="quantity")
    places = {
        "level": {"estimand": "level", "district": "pilot", "wave": "w2"},
        "change": {"estimand": "change", "district": "comparison"},
        "att": {"estimand": "att", "estimator": "taylor"},
        "one_against_six": {"estimand": "did", "estimator": "taylor", "district": "D01"},
    }
    for name, place in places.items():
        got = one(rows, variant="main", **place)
        assert [got["estimate"], got["se"]] == pytest.approx(expected.loc[name, ["estimate", "se"]].tolist(), rel=1e-8)


@pytest.mark.parametrize("rule", ["district_change", "variance_components"])
def test_the_floor_is_the_joint_sampling_error(rule):
    survey = a_survey_of_villages(PILOTS)
    design = a_design_of(PILOTS)
    contrast = contrasts.over_pilots(Survey(design, survey).measure(items(design)[0]))
    variance, df, covariance = sampled(contrast.changes)
    assert covariance is not None and np.diag(covariance) == pytest.approx(variance)
    assert (df == VILLAGES - 1).all()
    joint = one(pipeline.estimates(design, survey), estimand="att", estimator="taylor", variant="main")["se"]
    share = np.where(contrast.pilot, 1 / 3, -1 / 3)
    assert sampling_error(share, variance, df, covariance) == pytest.approx((joint, VILLAGES - 1))
    alike = np.where(contrast.pilot, 0.1, 0.0) + 1e-6 * np.arange(6)  # districts that move more alike than sampling
    got = rules.by_rule(rule, alike, contrast.pilot, variance=variance, df=df, covariance=covariance)
    assert got.se == pytest.approx(joint)


def test_no_covariance_is_a_diagonal_one():
    rng = np.random.default_rng(3)
    change, pilot = rng.normal(0, 0.1, 9), np.arange(9) < 3
    variance, df, weight = rng.uniform(0.001, 0.004, 9), np.full(9, 1e9), rng.uniform(1, 3, 9)
    apart = shock_components(change, variance, df, pilot, weight)
    got = shock_components(change, variance, df, pilot, weight, np.diag(variance))
    assert (got.shock_variance, got.sampling_variance) == pytest.approx((apart.shock_variance, apart.sampling_variance))
    one = one_district.variance_components(change[0], variance[0], 30, change[1:], variance[1:])
    same = one_district.variance_components(
        change[0], variance[0], 30, change[1:], variance[1:], None, np.diag(variance)
    )
    assert (one.se, one.df) == pytest.approx((same.se, same.df))


def test_whether_pilots_differ_and_their_pooled_differences_rest_on_the_covariances():
    """Q by the weighted squares of statsmodels' GLS on the published changes, with the covariances of the sample."""
    survey, design = a_survey_of_villages(PILOTS), a_design_of(PILOTS)
    rows = pipeline.estimates(design, survey)
    made = Survey(design, survey)
    contrast = contrasts.over_pilots(made.measure(items(design)[0]))
    errors = contrast.changes.covariance
    s2 = one_district.shock_variance(contrast.changes.estimate[3:], np.diag(errors)[3:], errors[3:, 3:])
    sigma = errors[:3, :3] + s2 * np.eye(3)
    fit = sm.GLS(contrast.changes.estimate[:3], np.ones(3), sigma=sigma).fit()
    assert one(rows, estimator="cochran_q")["estimate"] == pytest.approx(float(fit.ssr))
    apart = pipeline.estimates(
        a_design_of(PILOTS, across=False), survey.assign(stratum=survey["district"])
        .assign(psu=survey["district"] + "/" + survey["psu"]),
    )  # fmt: skip
    for district in ("d1", "d2", "d3"):
        narrow, wide = (one(r, estimator="partial_pooling", district=district) for r in (rows, apart))
        assert narrow["se"] < 0.7 * wide["se"]  # what villages share cancels out of the difference


def households_of_localities(seed: int = 2) -> pd.DataFrame:
    """Eligible households in localities, enrolled in a programme or not, asked before and after: the structure of the
    World Bank's Health Insurance Subsidy Program, where both arms live in the same localities."""
    rng = np.random.default_rng(seed)
    rows = []
    for locality in range(80):
        level, shock, share = rng.normal(15, 3), rng.normal(0, 1.5, 2), rng.beta(2, 2)
        for household in range(rng.integers(3, 25)):
            enrolled, own = rng.random() < share, rng.normal(0, 4)
            for wave in (0, 1):
                spent = level + shock[wave] + own + rng.normal(0, 3) - 8 * (enrolled and wave == 1)
                arm = "enrolled" if enrolled else "not_enrolled"
                rows.append((arm, f"w{wave + 1}", f"l{locality}", f"{locality}-{household}", round(float(spent), 3)))
    return pd.DataFrame(rows, columns=["district", "wave", "psu", "household", "safe"])


def test_a_panel_in_shared_localities_has_the_clustered_error_of_statsmodels(tmp_path: Path):
    """From the file to the answer: OLS of enrolled x after clustered by locality, with G / (G - 1); statsmodels' own
    (N - 1) / (N - k) is all that differs."""
    frame = households_of_localities()
    folder = tmp_path / "data" / "raw" / "small"
    folder.mkdir(parents=True)
    frame.to_csv(folder / "survey.csv", index=False)
    data = {
        "sampling": "panel",
        "across_districts": True,
        "columns": {"district": "district", "wave": "wave", "psu": "psu", "respondent": "household"},
        "missing": {},
    }
    spending = {"id": "spending", "label": "Spending", "column": "safe", "better": "lower", "role": "primary"}
    given = DECLARATION | {
        "data": DECLARATION["data"] | data,
        "waves": [
            {"id": "w1", "label": "Before", "fieldwork": ["2003-10", "2003-10"]},
            {"id": "w2", "label": "After", "fieldwork": ["2005-10", "2005-10"]},
        ],
        "districts": [
            {"id": "enrolled", "name": "Enrolled", "arm": "pilot"},
            {"id": "not_enrolled", "name": "Not enrolled", "arm": "comparison"},
        ],
        "indicators": [spending | {"non_negative": False}],
    }
    (folder / "evaluation.yaml").write_text(json.dumps(given), encoding="utf-8")
    with at_home(tmp_path):
        small = declared.load("small")
        surveys_of.build(small)
        rows = pipeline.estimates(small, surveys_of.load("small"))
    answer = one(rows, estimand="att", estimator="taylor", variant="main")
    arms = {"enrolled": "pilot", "not_enrolled": "comparison"}
    assert answer["se"] == pytest.approx(clustered(frame, arms, "safe ~ pilot * after", "pilot:after"), rel=1e-9)
    assert answer["n_psu"] == 80
    fit = smf.ols("safe ~ C(district, Treatment('not_enrolled')) * wave", frame)
    plain = fit.fit(cov_type="cluster", cov_kwds={"groups": frame["psu"].factorize()[0]})
    assert answer["se"] == pytest.approx(plain.bse.iloc[-1], rel=1 / len(frame) * 3)
    assert answer["estimate"] == pytest.approx(plain.params.iloc[-1], rel=1e-9)
