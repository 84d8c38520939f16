"""The only loop: rows of the estimates table by hand-made surveys, on peru-2005, and over draws with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import planted
import pytest
import statsmodels.formula.api as smf
from surveys import WAVES, a_design, a_survey, at_home, drawn, one, peru, shares

from fewdistricts import survey
from fewdistricts.estimates import cells, contrasts, estimate, followed_waves, measure, needs
from fewdistricts.estimates import pipeline as plan
from fewdistricts.estimates.headline import headline
from fewdistricts.survey import respondents

TWO_AND_TWO = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}
# changes: a +.20, b +.10, c +.05, d -.05
ANSWERS = shares(20, a=(8, 12), b=(10, 12), c=(10, 11), d=(9, 8))


def rows_of(districts, cells=ANSWERS, weight=None, hidden=frozenset(), waves=2, start="2004-01", **changes):
    design = a_design(districts, waves, start, **changes)
    return plan.estimates(design, a_survey(weight, safe=cells), hidden)


def att(rows: pd.DataFrame, estimator="district_change", variant="main", **key) -> pd.Series:
    return one(rows, estimand="att", estimator=estimator, variant=variant, **key)


# --- the table -----------------------------------------------------------------------------------------------------


def test_every_column_is_there_and_keys_are_unique():
    rows = peru().rows
    assert list(rows.columns) == estimate.COLUMNS
    assert not rows.duplicated(estimate.KEY).any()
    assert set(rows["data_kind"]) == {"synthetic"}
    assert set(rows["evaluation"]) == {"peru-2005"}
    assert not rows[["indicator", "estimand", "estimator", "district", "unit"]].eq("").any().any()


def test_each_indicator_has_its_rows():
    indicators = peru().rows.query("role != '' and subgroup == ''")
    counts = pd.crosstab(indicators["indicator"], indicators["estimand"])
    assert len(counts) == len(peru().design.indicators)
    conditional = [i.id for i in peru().design.indicators if peru().design.conditional(i)]
    assert len(conditional) == 2
    assert set(counts["level"].drop(conditional)) == {12 * 2 + 2 * 2}
    assert set(counts["change"].drop(conditional)) == {12 + 2}
    # the same among all respondents, by arm
    assert set(counts["level"][conditional]) == {12 * 2 + 2 * 2 + 2 * 2}
    assert set(counts["change"][conditional]) == {12 + 2 + 2}
    assert set(counts["did"]) == {6 * 3}
    assert set(counts["balance"]) == {2}


def test_rows_are_rounded_once_and_stay():
    rounded = estimate.rounded(peru().rows)
    pd.testing.assert_frame_equal(estimate.rounded(rounded), rounded)


@pytest.mark.parametrize("district", ["pilot-1", "comparison-2"])
@pytest.mark.parametrize("wave", ["2003", "2005"])
def test_a_district_s_notebook_and_the_pool_give_the_same_rows(district, wave):
    built = peru()
    chosen, at = built.design.district(district), built.design.wave(wave)
    own = measure.Survey(built.design, built.data[built.data["district"] == district])
    with at_home(built.home):
        cells.make(built.design, built.design.comparisons)
        wanted = needs.compared_cells(built.design, chosen, at)
        others = cells.load(built.design, wanted) if wanted else None
    own = plan.district_wave(own, chosen, at, others=others)
    of_pool = built.rows.query("district == @district and wave == @wave and estimand in ['level', 'change', 'did']")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), of_pool.reset_index(drop=True), check_exact=True)
    followed = wave == "2005"
    estimands = (
        {"level"} | ({"change"} if followed else set()) | ({"did"} if followed and chosen.arm == "pilot" else set())
    )
    assert set(own["estimand"]) == estimands


# --- one point estimate --------------------------------------------------------------------------------------------


def test_columns_read_when_asked_for_give_the_same_rows(monkeypatch):
    design = peru().design
    chosen = (design.primary[0], next(i for i in design.indicators if design.conditional(i)))
    some = design.model_copy(update={"indicators": chosen, "covariates": design.covariates[:1]})
    kept = {"subgroup", *(i.id for i in chosen)}
    names = [name for name in peru().data if ":" not in name or name.partition(":")[0] in kept]
    whole = plan.estimates(some, peru().data[names])
    monkeypatch.setattr(respondents, "AT_ONCE", 1)
    with at_home(peru().home):
        read = survey.opened("peru-2005")
    assert isinstance(read, respondents.Respondents)
    pd.testing.assert_frame_equal(plan.estimates(some, read), whole, check_exact=True)


def test_a_headline_by_hand():
    rows = rows_of(TWO_AND_TWO)
    assert att(rows)["estimate"] == pytest.approx((0.20 + 0.10) / 2 - (0.05 - 0.05) / 2)
    assert one(rows, district="a", estimand="did", estimator="taylor")["estimate"] == pytest.approx(0.20 - 0.0)
    assert one(rows, district="pilot", estimand="level", wave="w1")["estimate"] == pytest.approx((0.40 + 0.50) / 2)
    # each arm's changes lie .05 off their mean: s^2 = 4 x .05^2 / 2, less than sampling error makes of it
    answer, sampled = att(rows, "variance_components"), att(rows, "taylor")
    assert answer["se"] == pytest.approx(sampled["se"])
    assert answer["se"] > np.sqrt(4 * 0.05**2 / 2)
    assert answer["df"] > 2
    beside = att(rows)
    # Satterthwaite: what the districts' two degrees of freedom are for becomes a smaller part of the variance
    assert (beside["se"], beside["se_type"], beside["df"]) == (
        pytest.approx(sampled["se"]),
        "welch_floored",
        pytest.approx(2 * (sampled["se"] / np.sqrt(4 * 0.05**2 / 2)) ** 4),
    )
    assert att(rows)["n"] == 8 * 20


def test_all_estimators_of_a_did_have_one_point_estimate():
    rows = peru().rows.query("estimand == 'att' and variant == 'main' and subgroup == ''")
    table_of = rows.pivot_table(index="indicator", columns="estimator", values="estimate")
    assert set(table_of) == {"district_change", "cr1", "cr2", "wcr", "permutation", "taylor"}
    assert len(table_of) == len(peru().design.indicators)
    assert (table_of.sub(table_of["district_change"], axis=0).abs() < 1e-10).all().all()


def test_raw_weights_and_none_are_other_quantities():
    rows = peru().rows.query("estimand == 'att' and estimator == 'cr2'")
    table_of = rows.pivot_table(index="indicator", columns="variant", values="estimate")
    for variant in ("raw_weights", "unweighted"):
        assert ((table_of[variant] - table_of["main"]).abs() > 1e-6).all()


def test_the_headline_table_adds_up():
    rows = peru().rows.query("subgroup == ''")
    for indicator in (i.id for i in peru().design.indicators):
        own = rows[(rows["indicator"] == indicator) & (rows["variant"] == "main")]
        change = {
            arm: one(own, district=arm, estimand="level", wave="2005")["estimate"]
            - one(own, district=arm, estimand="level", wave="2003")["estimate"]
            for arm in ("pilot", "comparison")
        }
        assert change["pilot"] - change["comparison"] == pytest.approx(att(own)["estimate"], abs=1e-12)
        assert one(own, district="pilot", estimand="change")["estimate"] == pytest.approx(change["pilot"], abs=1e-12)


def test_the_mean_of_the_dids_is_the_att():
    rows = peru().rows.query("subgroup == ''")
    own = rows.query("estimand == 'did' and estimator == 'taylor'").groupby("indicator")["estimate"].mean()
    over_all = rows.query("estimand == 'att' and estimator == 'district_change' and variant == 'main'")
    over_all = over_all.set_index("indicator")["estimate"]
    assert (own - over_all[own.index]).abs().max() < 1e-12


def test_without_a_district_is_the_headline_without_it():
    rows = rows_of(TWO_AND_TWO)
    headline = {"estimator": "variance_components", "variant": "without"}
    assert att(rows, variant_of="a", **headline)["estimate"] == pytest.approx(0.10 - 0.0)
    assert att(rows, variant_of="d", **headline)["estimate"] == pytest.approx(0.15 - 0.05)
    assert att(rows, variant_of="d", **headline)["n_districts"] == 3


def test_weights_scale_within_a_cell_only():
    """Doubling all weights of a district and wave changes nothing but the raw-weight check."""
    weight = {("a", "w2"): [2.0] * 20}
    plain, doubled = rows_of(TWO_AND_TWO), rows_of(TWO_AND_TWO, weight=weight)
    same = ["level", "change", "did"]
    pd.testing.assert_frame_equal(
        plain[plain["estimand"].isin(same)].reset_index(drop=True),
        doubled[doubled["estimand"].isin(same)].reset_index(drop=True),
    )
    assert att(doubled)["estimate"] == pytest.approx(att(plain)["estimate"])
    assert att(doubled, "cr2")["estimate"] == pytest.approx(att(plain)["estimate"])
    assert att(doubled, "cr2", "raw_weights")["estimate"] != pytest.approx(att(plain)["estimate"], abs=1e-4)


# --- weighting by population ---------------------------------------------------------------------------------------

PEOPLE = {
    "a": {"arm": "pilot", "population": 3000},
    "b": {"arm": "pilot", "population": 1000},
    "c": {"arm": "comparison", "population": 100},
    "d": {"arm": "comparison", "population": 300},
}


def test_districts_by_population():
    rows = rows_of(PEOPLE, inference={"districts": "population"})
    expected = (3 * 0.20 + 1 * 0.10) / 4 - (1 * 0.05 + 3 * -0.05) / 4
    for estimator in ("district_change", "cr2", "taylor", "wcr"):
        assert att(rows, estimator)["estimate"] == pytest.approx(expected), estimator
    assert one(rows, district="pilot", estimand="level", wave="w2")["estimate"] == pytest.approx((3 * 0.6 + 0.6) / 4)
    assert one(rows, district="b", estimand="did", estimator="taylor")["estimate"] == pytest.approx(0.10 - -0.025)
    assert att(rows, "variance_components", variant="without", variant_of="a")["estimate"] == pytest.approx(
        0.10 - -0.025
    )


def test_pairs_by_population_count_by_their_pilot_district_on_both_sides():
    """The paired difference, every other estimator and the levels have one answer."""
    pairs = {"a": ("p", 30), "b": ("q", 10), "c": ("p", 5), "d": ("q", 1), "e": ("q", 3)}
    cells = shares(20, a=(8, 12), b=(10, 12), c=(10, 11), d=(9, 8), e=(9, 10))
    districts = {
        name: {"arm": "pilot" if name in "ab" else "comparison", "pair": pair, "population": people}
        for name, (pair, people) in pairs.items()
    }
    rows = plan.estimates(a_design(districts, inference={"districts": "population"}), a_survey(safe=cells))
    expected = (3 * (0.20 - 0.05) + 1 * (0.10 - (1 * -0.05 + 3 * 0.05) / 4)) / 4
    for estimator in ("paired", "district_change", "cr2", "taylor"):
        assert att(rows, estimator)["estimate"] == pytest.approx(expected), estimator
    change = {arm: one(rows, district=arm, estimand="change")["estimate"] for arm in ("pilot", "comparison")}
    assert change["pilot"] - change["comparison"] == pytest.approx(expected)


def test_populations_may_come_from_the_data():
    data = a_survey(safe=ANSWERS)
    people = {name: declared["population"] for name, declared in PEOPLE.items()}
    # the first wave counts: a district's weight must not move with its people
    data["population"] = data["district"].map(people).where(data["wave"] == "w1", 500)
    columns = {"columns": {"population": "people"}}
    design = a_design(TWO_AND_TWO, inference={"districts": "population"}, data=columns)
    rows = plan.estimates(design, data)
    assert att(rows)["estimate"] == pytest.approx(0.175 - -0.025)
    assert att(rows, "cr2")["estimate"] == pytest.approx(0.175 - -0.025)


# --- several waves -------------------------------------------------------------------------------------------------

FOUR = shares(20, a=(8, 10, 12, 16), b=(10, 10, 12, 12), c=(10, 11, 12, 12), d=(9, 8, 8, 9))


def test_two_waves_before_and_two_after_are_averaged_unless_declared_otherwise():
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2005-01")
    assert (att(rows)["wave"], att(rows)["baseline_wave"]) == ("after", "before")
    late = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2006-01")
    assert (att(late)["wave"], att(late)["baseline_wave"]) == ("w4", "w3")


def test_the_last_wave_before_the_start_is_the_base():
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2005-01", inference={"headline": "last"})
    answer = att(rows)
    assert (answer["wave"], answer["baseline_wave"]) == ("w4", "w2")
    assert answer["estimate"] == pytest.approx((0.30 + 0.10) / 2 - (0.05 + 0.05) / 2)
    pairs = rows.query("estimand == 'did' and estimator == 'taylor' and district == 'a'")[["wave", "baseline_wave"]]
    assert pairs.to_numpy().tolist() == [["w3", "w2"], ["w4", "w2"]]


def test_a_declared_headline_wave():
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2005-01", inference={"headline": "w3"})
    assert att(rows)["wave"] == "w3"
    assert att(rows)["estimate"] == pytest.approx((0.10 + 0.10) / 2 - (0.05 + 0.0) / 2)


def test_the_average_of_the_waves():
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2005-01", inference={"headline": "average"})
    answer = att(rows)
    assert (answer["wave"], answer["baseline_wave"]) == ("after", "before")
    changes = {"a": 0.70 - 0.45, "b": 0.60 - 0.50, "c": 0.60 - 0.525, "d": 0.425 - 0.425}
    expected = (changes["a"] + changes["b"]) / 2 - (changes["c"] + changes["d"]) / 2
    for estimator in ("district_change", "cr2", "taylor", "permutation"):
        assert att(rows, estimator)["estimate"] == pytest.approx(expected), estimator


def test_an_average_over_waves_that_cannot_be_compared():
    indicator = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "comparable": {"w1": False}}
    average = {"headline": "average"}
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start="2005-01", inference=average, indicators=[indicator])
    assert set(rows.query("estimand == 'att'")["status"]) == {"not_comparable"}
    assert not rows.query("estimand == 'did'")["estimate"].isna().any()  # they start from the second wave


IN_TURN = {
    "a": {"arm": "pilot", "start": "2004-01"},
    "b": {"arm": "pilot", "start": "2006-01"},
    "c": "comparison",
    "d": "comparison",
}
"""Two pilot districts that start one after the other."""


def test_staggered_starts_take_the_mean_of_the_districts_own_dids():
    rows = rows_of(IN_TURN, FOUR, waves=4)
    own = {d: one(rows, district=d, estimand="did", estimator="taylor", wave="w4") for d in ("a", "b")}
    assert (own["a"]["baseline_wave"], own["b"]["baseline_wave"]) == ("w1", "w3")
    assert own["a"]["estimate"] == pytest.approx((0.80 - 0.40) - (0.10 + 0.0) / 2)
    assert own["b"]["estimate"] == pytest.approx((0.60 - 0.60) - (0.0 + 0.05) / 2)
    answer = att(rows)
    assert answer["estimate"] == pytest.approx((own["a"]["estimate"] + own["b"]["estimate"]) / 2)
    assert answer["baseline_wave"] == "before"
    assert not ((rows["estimand"] == "att") & (rows["estimator"] == "cr2")).any()  # no two-way fixed effects


def test_levels_beside_staggered_averages_are_means_of_whole_waves():
    """A wave after one start and before another counts on both sides: here w3."""
    rows = rows_of(IN_TURN, FOUR, waves=4, inference={"headline": "average"})
    level = {"district": "comparison", "estimand": "level", "estimator": "taylor"}
    before, after = (one(rows, **level, wave=wave)["estimate"] for wave in ("before", "after"))
    w1, w2, w3, w4 = (0.50 + 0.45) / 2, (0.55 + 0.40) / 2, (0.60 + 0.40) / 2, (0.60 + 0.45) / 2
    assert before == pytest.approx((w1 + (w1 + w2 + w3) / 3) / 2)
    assert after == pytest.approx(((w2 + w3 + w4) / 3 + w4) / 2)
    pilots = level | {"district": "pilot"}
    moved = one(rows, **pilots, wave="after")["estimate"] - one(rows, **pilots, wave="before")["estimate"]
    assert att(rows)["estimate"] == pytest.approx(moved - (after - before))


def test_beyond_very_many_rows_single_districts_are_followed_to_the_last_wave_only(monkeypatch):
    districts = {
        "a": {"arm": "pilot", "start": "2004-01"},
        "b": {"arm": "pilot", "start": "2005-01"},
        "c": "comparison",
        "d": "comparison",
    }
    full = rows_of(districts, FOUR, waves=4)
    monkeypatch.setattr(
        followed_waves, "MOST_ROWS", 9
    )  # sixteen levels; two comparison districts have five changes each
    few = rows_of(districts, FOUR, waves=4)
    single = few[few["district"].isin(list(districts))]
    places = single.groupby(["district", "estimand"])["wave"].agg(lambda waves: " ".join(sorted(set(waves))))
    assert places["a", "level"] == "w1 w4" and places["b", "level"] == "w1 w2 w4"
    assert places["c", "level"] == "w1 w2 w4"  # where the changes of both pilots start from, and where they end
    assert set(places.drop(["level"], level="estimand")) == {"w4"}
    starts = single.query("estimand == 'change' and district == 'c'")["baseline_wave"]
    assert sorted(starts) == ["w1", "w2"]
    arms = ~full["district"].isin(list(districts))
    arms &= (full["estimand"] != "change") | (full["wave"] == "w4")  # an arm's change is that of all its districts
    pd.testing.assert_frame_equal(full[arms].reset_index(drop=True), few.drop(single.index).reset_index(drop=True))
    kept = full.merge(single[estimate.KEY], on=estimate.KEY)
    pd.testing.assert_frame_equal(kept, single.reset_index(drop=True))
    many = {f"p{k}": {"arm": "pilot", "start": f"200{4 + k}-01"} for k in range(3)} | dict.fromkeys(
        "cdefghij", "comparison"
    )
    assert followed_waves.waves_with_levels(a_design(many, 4), a_design(many, 4).district("c")) == {
        "w1",
        "w2",
        "w3",
        "w4",
    }
    monkeypatch.setattr(
        followed_waves, "MOST_ROWS", 47
    )  # 44 levels, but eight comparison districts with six changes each
    assert followed_waves.waves_with_levels(a_design(many, 4), a_design(many, 4).district("p0")) == {"w1", "w4"}
    monkeypatch.setattr(followed_waves, "MOST_ROWS", 16)
    pd.testing.assert_frame_equal(rows_of(districts, FOUR, waves=4), full)


def test_a_pilot_that_has_not_started_is_left_out():
    districts = {**TWO_AND_TWO, "late": {"arm": "pilot", "start": "2020-01"}}
    cells = ANSWERS | shares(20, late=(1, 19))
    rows = rows_of(districts, cells)
    assert att(rows)["estimate"] == pytest.approx(0.15)
    assert att(rows)["n_districts"] == 4
    assert not ((rows["district"] == "late") & (rows["estimand"] != "level")).any()


def test_a_headline_wave_that_only_one_pilot_has_reached():
    districts = {
        "a": {"arm": "pilot", "start": "2004-01"},
        "b": {"arm": "pilot", "start": "2006-01"},
        "c": "comparison",
        "d": "comparison",
        "e": "comparison",
    }
    cells = FOUR | shares(20, e=(10, 10, 10, 10))
    assert headline(a_design(districts, 4, inference={"headline": "w2"})).kind == "one_pilot"
    rows = rows_of(districts, cells, waves=4, inference={"headline": "w2"})
    assert att(rows, "variance_components")["estimate"] == pytest.approx(0.10 - (0.05 - 0.05 + 0.0) / 3)
    assert set(rows.query("estimand == 'att'")["estimator"]) == {"taylor", "placebo_rank", "variance_components"}


# --- who answered --------------------------------------------------------------------------------------------------


def test_composition_by_hand():
    """Ages and education move in a and b only; the difference in change of each stands beside the answers."""
    data = a_survey(safe=ANSWERS)
    data["age"] = 40.0 + 10.0 * ((data["district"].isin(["a", "b"])) & (data["wave"] == "w2"))
    order = data.groupby(["district", "wave"]).cumcount()
    data["education"] = np.where(order < 10, "school", np.where(order < 15, "college", "none"))
    data.loc[(data["district"] == "c") & (data["wave"] == "w2"), "education"] = "school"
    design = a_design(TWO_AND_TWO, covariates=["age", "education"])
    rows = plan.estimates(design, data).query("estimand == 'composition'").set_index("indicator")
    assert rows["estimate"].to_dict() == pytest.approx(
        {"age": 10.0, "education=college": 0.125, "education=none": 0.125, "education=school": -0.25}
    )
    assert set(rows["estimator"]) == {"variance_components"} and set(rows["family"]) == {"composition"}
    assert rows.loc["education=school", "p_adjusted"] == pytest.approx(1.0)  # of 6 assignments the best two tie
    assert rows.loc["age", "status"] == "no_variance"


def test_composition_follows_the_headline_rule():
    covariates = peru().design.covariates
    rows = peru().rows.query("estimand == 'composition'")
    assert {name.partition("=")[0] for name in rows["indicator"]} == set(covariates)
    assert rows["p_adjusted"].between(1 / 924, 1).all() and (rows["p_adjusted"] >= 1 / 924).all()
    one_pilot = {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}
    data = a_survey(safe=shares(20, a=(8, 12), c=(10, 11), d=(9, 8), e=(10, 9)))
    data["female"] = data["safe"]
    alone = plan.estimates(a_design(one_pilot, covariates=["female"]), data)
    mine, answer = one(alone, estimand="composition"), att(alone, "variance_components")
    assert mine["estimator"] == "variance_components"
    assert mine[["estimate", "se", "p_value"]].tolist() == answer[["estimate", "se", "p_value"]].tolist()
    assert np.isnan(mine["p_adjusted"])


# --- covariates ------------------------------------------------------------------------------------------------------


def adjusted(data: pd.DataFrame, *covariates: str) -> list[float]:
    """Estimate, standard error and interviews of the regression given these columns of `data`."""
    rows = plan.estimates(a_design(TWO_AND_TWO, covariates=list(covariates)), data)
    return att(rows, "cr2", "adjusted")[["estimate", "se", "n"]].tolist()


def with_age() -> pd.DataFrame:
    """The answers, with an age that goes up with them and is higher in the later wave."""
    data = a_survey(safe=ANSWERS)
    order = data.groupby(["district", "wave"]).cumcount()
    data["age"] = 30.0 + 7 * data["safe"] + 2 * (data["wave"] == "w2") + order % 5
    return data


def test_answers_given_a_covariate_are_those_of_statsmodels():
    data = with_age()
    data["one"] = 1 / data.groupby(["district", "wave"])["safe"].transform("size")
    data["pilot_after"] = (data["district"].isin(["a", "b"]) & (data["wave"] == "w2")).astype(float)
    fit = smf.wls("safe ~ pilot_after + C(district) + C(wave) + age", data, weights=data["one"]).fit()
    assert adjusted(with_age(), "age")[0] == pytest.approx(fit.params["pilot_after"], abs=1e-10)


def test_a_covariate_that_tells_no_respondents_apart_leaves_the_others_alone():
    """Constant in each district, in each wave, everywhere, or in each district and wave."""
    data = with_age()
    data["altitude"] = data["district"].map({"a": 3.2, "b": 0.4, "c": 3.2, "d": 2.7})
    data["zone"] = data["district"].map({"a": "high", "b": "low", "c": "high", "d": "low"})
    data["inflation"] = data["wave"].map({"w1": 2.5, "w2": 1.9})
    data["country"] = "Peru"
    data["rain"] = data["altitude"] * data["inflation"]
    alone = adjusted(data, "age")
    assert alone[2] == len(data)
    for constant in ("altitude", "zone", "inflation", "country", "rain"):
        assert adjusted(data, "age", constant) == pytest.approx(alone, rel=1e-12), constant


def test_a_covariate_that_a_district_was_not_asked_leaves_everyone_in():
    data = with_age()
    data["income"] = data["age"] ** 2
    data.loc[data["wave"] == "w1", "income"] = np.nan
    data["rooms"] = data["age"] % 3
    data.loc[(data["district"] == "c") & (data["wave"] == "w2"), "rooms"] = np.nan
    assert adjusted(data, "age", "income", "rooms") == pytest.approx(adjusted(data, "age"), rel=1e-12)


def test_covariates_of_which_none_varies_give_no_row():
    data = a_survey(safe=ANSWERS).assign(country="Peru", altitude=3.2)
    rows = plan.estimates(a_design(TWO_AND_TWO, covariates=["country", "altitude"]), data)
    assert "adjusted" not in set(rows["variant"])
    assert att(rows, "cr2")["status"] == ""


# --- of a part, and of all ------------------------------------------------------------------------------------------


def test_a_share_of_a_part_stands_beside_the_share_of_all():
    """Of ten a cell, victims and of them those who reported; one victim in a gave no answer."""
    victims = {"a": (4, 8), "b": (5, 5), "c": (5, 5), "d": (4, 4)}
    reported = {"a": (2, 4), "b": (1, 2), "c": (2, 2), "d": (2, 1)}
    cells, missing = {}, []
    for district, counts in victims.items():
        for k, asked in enumerate(counts):
            gone = (district, k) == ("a", 0)
            answers = [1.0] * reported[district][k] + [0.0] * (asked - reported[district][k] - gone)
            cells[district, f"w{k + 1}"] = answers + [np.nan] * (10 - len(answers))
            missing += [""] * len(answers) + ["refused"] * gone + ["outside_domain"] * (10 - asked)
    data = a_survey(reported=cells).assign(**{"reported:missing": missing})
    question = {"id": "reported", "label": "Reported", "column": "r", "yes": ["yes"], "among": {"victim": ["yes"]}}
    rows = plan.estimates(a_design(TWO_AND_TWO, indicators=[question]), data)
    headline = "variance_components"
    part, whole = att(rows, headline), att(rows, headline, variant="of_all")
    assert part["estimate"] == pytest.approx((4 / 8 - 2 / 3 + 2 / 5 - 1 / 5) / 2 - (0 + 1 / 4 - 2 / 4) / 2)
    assert whole["estimate"] == pytest.approx((4 / 10 - 2 / 9 + 2 / 10 - 1 / 10) / 2 - (0 + 1 / 10 - 2 / 10) / 2)
    level = one(rows, district="pilot", wave="w2", estimand="level", variant="of_all")
    assert (level["estimate"], level["n"]) == (pytest.approx((4 / 10 + 2 / 10) / 2), 20)
    hidden = plan.estimates(a_design(TWO_AND_TWO, indicators=[question]), data, frozenset({("a", "w1", "reported")}))
    assert att(hidden, "variance_components", variant="of_all")["estimate"] == pytest.approx(
        2 / 10 - 1 / 10 - (0 + 1 / 10 - 2 / 10) / 2
    )
    assert set(hidden.query("variant == 'of_all' and district == 'pilot'")["n_districts"]) == {1}
    assert not plan.estimates(a_design(TWO_AND_TWO), a_survey(safe=ANSWERS)).eq("of_all").any().any()


# --- arms that are measured unlike --------------------------------------------------------------------------------


# --- what is missing -----------------------------------------------------------------------------------------------


def test_a_district_without_answers_is_left_out_and_counted():
    cells = ANSWERS | {("e", "w1"): [1.0, 0.0]}
    rows = rows_of({**TWO_AND_TWO, "e": "comparison"}, cells)
    assert att(rows)["estimate"] == pytest.approx(0.15)
    assert att(rows)["n_districts"] == 4
    assert att(rows)["n"] == 8 * 20
    assert one(rows, district="e", estimand="level", wave="w2")["status"] == "no_data"
    assert one(rows, district="e", estimand="change")["status"] == "no_data"
    assert one(rows, district="a", estimand="did", estimator="taylor")["estimate"] == pytest.approx(0.20)


@pytest.mark.parametrize("districts", ["equal", "population"])
def test_the_headline_table_adds_up_over_the_districts_that_answered(districts):
    people = {name: {**declared, "population": 100 * k + 50} for k, (name, declared) in enumerate(PEOPLE.items())}
    arms = people | {"e": {"arm": "comparison", "population": 70}, "f": {"arm": "pilot", "population": 90}}
    arms |= {"late": {"arm": "pilot", "start": "2020-01", "population": 999}}
    gaps = {("e", "w1"): [1.0, 0.0], ("f", "w2"): [1.0, 1.0, 0.0], ("late", "w1"): [1.0], ("late", "w2"): [0.0]}
    rows = rows_of(arms, ANSWERS | gaps, inference={"districts": districts})
    change = {arm: one(rows, district=arm, estimand="change") for arm in ("pilot", "comparison")}
    for arm, said in change.items():
        levels = [one(rows, district=arm, estimand="level", wave=wave)["estimate"] for wave in ("w2", "w1")]
        assert said["estimate"] == pytest.approx(levels[0] - levels[1], abs=1e-12)
        assert said["n_districts"] == 2
    assert change["pilot"]["estimate"] - change["comparison"]["estimate"] == pytest.approx(att(rows)["estimate"])


def test_a_late_pilot_does_not_silence_the_others_without_a_comparison():
    late = {"arm": "pilot", "start": "2020-01"}
    cells = shares(20, a=(8, 12), b=(10, 12), late=(1, 19))
    rows = rows_of({"a": "pilot", "b": "pilot", "late": late}, cells)
    said = one(rows, district="pilot", estimand="change")
    assert (said["estimate"], said["n_districts"]) == (pytest.approx(0.15), 2)


def test_a_pilot_without_answers_has_no_did():
    cells = {cell: answers for cell, answers in ANSWERS.items() if cell != ("b", "w2")}
    rows = rows_of(TWO_AND_TWO, cells)
    did = rows.query("estimand == 'did' and district == 'b'")
    assert did["estimate"].isna().all()
    assert set(did["status"]) == {"no_data"}
    assert att(rows)["estimate"] == pytest.approx(0.20)


def test_nobody_answered_at_all():
    rows = rows_of(TWO_AND_TWO, {cell: [np.nan] * 5 for cell in ANSWERS})
    assert rows["estimate"].isna().all()
    assert set(rows["status"]) <= {"no_data", "too_few_districts"}
    assert rows["status"].ne("").all()


def test_not_asked_and_not_comparable():
    asked_once = {"id": "asked_once", "label": "Asked once", "column": "q", "yes": ["yes"], "waves": ["w2"]}
    reworded = {"id": "reworded", "label": "Reworded", "column": "r", "yes": ["yes"], "comparable": {"w1": False}}
    design = a_design(TWO_AND_TWO, indicators=[asked_once, reworded])
    later = {cell: answers for cell, answers in ANSWERS.items() if cell[1] == "w2"}
    rows = plan.estimates(design, a_survey(reworded=ANSWERS, asked_once=later))
    once, other = (rows[rows["indicator"] == name] for name in ("asked_once", "reworded"))
    assert set(once.query("wave == 'w1' or estimand in ('change', 'did', 'att')")["status"]) == {"not_asked"}
    assert set(once.query("wave == 'w2' and estimand == 'level'")["status"]) == {""}
    assert set(other.query("estimand in ('change', 'did', 'att')")["status"]) == {"not_comparable"}
    assert set(other.query("estimand in ('level', 'balance')")["status"]) == {""}
    silent = rows[rows["status"] != ""]
    assert silent[estimate.NUMBERS].isna().all().all()
    assert silent[["n", "n_psu"]].isna().all().all()


# --- shapes of design ----------------------------------------------------------------------------------------------


def estimators(rows: pd.DataFrame, estimand: str) -> set[str]:
    return set(rows.loc[rows["estimand"] == estimand, "estimator"])


def test_one_pilot_never_meets_a_cluster_robust_variance():
    districts = {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}
    cells = shares(20, a=(8, 12), c=(10, 11), d=(9, 8), e=(10, 9))
    rows = rows_of(districts, cells)
    assert estimators(rows, "att") == {"taylor", "placebo_rank", "variance_components"}
    assert att(rows, "variance_components")["estimate"] == pytest.approx(0.20 - (0.05 - 0.05 - 0.05) / 3)
    assert att(rows, "placebo_rank")["p_value"] == pytest.approx(1 / 4)
    assert att(rows, "placebo_rank")["p_floor"] == pytest.approx(1 / 4)
    assert np.isnan(att(rows, "taylor")["p_value"])


def test_one_comparison_district_swaps_the_arms():
    districts = {"a": "pilot", "b": "pilot", "e": "pilot", "c": "comparison"}
    cells = shares(20, a=(8, 12), b=(10, 12), e=(9, 9), c=(10, 11))
    rows = rows_of(districts, cells)
    assert estimators(rows, "att") == {"taylor", "placebo_rank", "variance_components"}
    for estimator in estimators(rows, "att"):
        assert att(rows, estimator)["estimate"] == pytest.approx((0.20 + 0.10 + 0.0) / 3 - 0.05), estimator
    assert estimators(rows, "did") == {"taylor"}
    swapped = {"c": "pilot", "a": "comparison", "b": "comparison", "e": "comparison"}
    mirror = att(rows_of(swapped, cells), "variance_components")
    answer = att(rows, "variance_components")
    assert (answer["ci_low"], answer["ci_high"]) == pytest.approx((-mirror["ci_high"], -mirror["ci_low"]))


def test_one_each_gives_sampling_error_only():
    rows = rows_of({"a": "pilot", "c": "comparison"}, shares(20, a=(8, 12), c=(10, 11)))
    assert estimators(rows, "att") == {"taylor"}
    answer = att(rows, "taylor")
    assert answer["estimate"] == pytest.approx(0.15)
    assert answer["ci_low"] < 0.15 < answer["ci_high"]
    assert np.isnan(answer["p_value"])
    assert one(rows, estimand="balance", variant="main")["status"] == "too_few_districts"


def test_without_comparison_districts_there_are_changes_only():
    rows = rows_of({"a": "pilot", "b": "pilot"}, shares(20, a=(8, 12), b=(10, 12)))
    assert set(rows["estimand"]) == {"level", "change"}
    assert one(rows, estimand="change", district="pilot")["estimate"] == pytest.approx(0.15)
    assert "comparison" not in set(rows["district"])


def test_without_a_start_there_are_levels_and_the_balance_of_the_last_wave():
    rows = rows_of(TWO_AND_TWO, FOUR, waves=4, start=None)
    assert set(rows["estimand"]) == {"level", "balance"}
    assert set(rows.query("estimand == 'balance'")["wave"]) == {"w4"}


def test_one_wave_has_levels_only():
    cells = {cell: answers for cell, answers in ANSWERS.items() if cell[1] == "w1"}
    rows = rows_of(TWO_AND_TWO, cells, waves=1)
    assert set(rows["estimand"]) == {"level", "balance"}


def test_a_neighbour_has_a_did_and_compares_with_nobody():
    districts = {**TWO_AND_TWO, "beside": "neighbour"}
    rows = rows_of(districts, ANSWERS | shares(20, beside=(4, 8)))
    assert one(rows, district="beside", estimand="did", estimator="taylor")["estimate"] == pytest.approx(0.20 - 0.0)
    assert att(rows)["estimate"] == pytest.approx(0.15)
    assert att(rows)["n_districts"] == 4


def test_district_level_data_have_no_sampling_error():
    cells = {cell: [float(np.mean(answers))] for cell, answers in ANSWERS.items()}
    rows = rows_of(TWO_AND_TWO, cells, data={"level": "district"})
    own = rows.query("estimator == 'taylor'")
    assert own[["se", "ci_low", "ci_high", "p_value", "deff"]].isna().all().all()
    assert set(own["status"]) == {""}
    assert att(rows)["estimate"] == pytest.approx(0.15)
    assert att(rows, "variance_components")["se"] == pytest.approx(np.sqrt(4 * 0.05**2 / 2))
    assert att(rows, "variance_components")["df"] == 2
    assert not set(rows["variant"]) & {"raw_weights", "unweighted"}
    one_pilot = {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}
    cells |= {("e", "w1"): [0.50], ("e", "w2"): [0.45]}
    rows = rows_of(one_pilot, {k: v for k, v in cells.items() if k[0] != "b"}, data={"level": "district"})
    changes = np.array([0.05, -0.05, -0.05])
    answer = att(rows, "variance_components")
    assert answer["se"] == pytest.approx(np.sqrt(changes.var(ddof=1) * (1 + 1 / 3)))  # a shock in each district
    assert answer["df"] == pytest.approx(2)


def test_the_order_of_rows_and_districts_in_the_file_changes_nothing():
    data = a_survey(safe=ANSWERS)
    design = a_design(TWO_AND_TWO)
    shuffled = data.sample(frac=1, random_state=np.random.default_rng(1))
    expected = estimate.rounded(plan.estimates(design, data))
    pd.testing.assert_frame_equal(estimate.rounded(plan.estimates(design, shuffled)), expected)


# --- recovery ------------------------------------------------------------------------------------------------------

DRAWS, INTERVIEWS = 40, 60


@pytest.fixture(scope="module")
def over_draws() -> pd.DataFrame:
    """Headline rows of every indicator in draws of the generator: what a report would have said each time."""
    design = peru().design
    few = design.model_copy(update={"covariates": ()})
    kept = []
    for seed in range(DRAWS):
        survey = plan.Survey(few, drawn(seed, few, INTERVIEWS))
        for item in plan.items(few):
            # the headline comes first; the slower estimators after it are not asked for
            kept.append(next(contrasts.pooled(survey.measure(item))))
    made = pd.DataFrame(kept)
    assert set(zip(made["estimator"], made["variant"], strict=True)) == {("district_change", "main")}
    return made


@pytest.mark.slow
def test_planted_effects_are_recovered_without_bias(over_draws):
    for name, said in over_draws.groupby("indicator")["estimate"]:
        error = said.std(ddof=1) / np.sqrt(DRAWS)
        assert len(said) == DRAWS
        assert abs(said.mean() - planted.TRUE_EFFECTS[name]) < 3.5 * error, name


@pytest.mark.slow
def test_intervals_cover_the_planted_effects_as_often_as_they_say(over_draws):
    effect = over_draws["indicator"].map(planted.TRUE_EFFECTS)
    covered = (over_draws["ci_low"] <= effect) & (effect <= over_draws["ci_high"])
    # 28 indicators share a draw: their errors are near independent, so that 1,120 intervals pin .95 to about .01; with
    # 60 interviews the floor at the sampling error holds often, and makes them cover more
    assert 0.93 < covered.mean() < 0.985


def test_waves_of_the_tests_are_before_and_after_as_they_say():
    design = a_design(TWO_AND_TWO, 4, "2005-01")
    assert [design.phase("a", wave["id"]) for wave in WAVES] == ["before", "before", "after", "after"]


def test_a_headline_that_loses_its_districts_stands_with_the_reason():
    """One pilot and three comparison districts, of which one, then none, has answers at both ends."""
    districts = {"a": "pilot", "b": "comparison", "c": "comparison", "d": "comparison"}
    all_three = shares(20, a=(8, 12), b=(10, 12), c=(10, 11), d=(9, 8))
    for lost, status, expected in (("cd", "too_few_districts", 4 / 20 - 2 / 20), ("bcd", "no_data", np.nan)):
        answers = {cell: given for cell, given in all_three.items() if cell[0] not in lost or cell[1] == "w1"}
        said = att(rows_of(districts, answers), "variance_components")
        assert said["status"] == status
        assert said["estimate"] == pytest.approx(expected, nan_ok=True)
        assert np.isnan(said["p_value"])


def test_pooled_respondents_count_the_districts_that_have_any():
    districts = {"a": "pilot", "b": "comparison", "c": "comparison", "d": "comparison"}
    answers = {
        cell: given for cell, given in shares(20, a=(8, 12), b=(10, 12), c=(10, 11)).items() if cell != ("c", "w2")
    }
    answers |= {("d", w): [float("nan")] * 20 for w in ("w1", "w2")}
    assert att(rows_of(districts, answers), "taylor", "raw_weights")["n_districts"] == 3
