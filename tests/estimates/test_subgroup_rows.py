"""Subgroups from evaluation.yaml to rows: against clubSandwich, against the same survey of one group, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from oracles import rows as expected
from oracles import survey as reference
from surveys import a_design, one

from fewdistricts import survey
from fewdistricts.estimates import cells, pipeline, verdicts
from fewdistricts.estimates.estimate import read
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.measure import Survey
from fewdistricts.inference import joint

SEX = {"id": "sex", "label": "Sex", "column": "sex", "groups": {"women": [1], "men": [0]}}
AGE = {"id": "age", "label": "Age", "column": "age", "bands": ["18-29", "30-44", "45+"]}


def of_groups(design, size: int = 60, seed: int = 1) -> pd.DataFrame:
    """A survey with a group of each respondent."""
    rng = np.random.default_rng(seed)
    parts = []
    for district in design.districts:
        for wave in design.waves:
            women = rng.random(size) < 0.5
            level = 0.4 + 0.1 * women + 0.15 * (district.arm == "pilot") * (wave.id == "w2") * women
            ids = [f"{district.id}/{wave.id}/{k}" for k in range(size)]
            columns = {
                "district": district.id,
                "wave": wave.id,
                "weight": rng.uniform(0.5, 2, size),
                "stratum": f"{district.id}/{wave.id}",
                "psu": ids,
                "safe": (rng.random(size) < level).astype(float),
                "subgroup:sex": np.where(women, "women", "men"),
                "subgroup:age": rng.choice(["18-29", "30-44", "45+"], size),
            }
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def of_arms(pilots: int, comparisons: int, **changes):
    arms = {f"p{k}": "pilot" for k in range(pilots)} | {f"c{k}": "comparison" for k in range(comparisons)}
    return a_design(arms, subgroups=[SEX, AGE], **changes)


def test_the_difference_between_groups_is_the_interaction_of_clubsandwich():
    frame = reference()
    names = sorted(frame["district"].unique())
    pilots = set(frame.loc[frame["treat"] == 1, "district"])
    districts = {d: {"arm": "pilot" if d in pilots else "comparison", "cluster": d} for d in names}
    place = {"id": "place", "label": "Place", "column": "stratum", "groups": {"urban": [1], "rural": [0]}}
    # one sampling unit a stratum leaves no sampling error, and so no floor, which clubSandwich knows nothing of
    design = a_design(districts, subgroups=[place], inference={"lonely_psu": "certainty"})
    urban = frame["stratum"].str.contains("urb")
    data = pd.DataFrame(
        {
            "district": frame["district"],
            "wave": np.where(frame["post"] == 1, "w2", "w1"),
            "weight": frame["weight"].astype(float),
            "stratum": frame["district"] + frame["stratum_wave"],
            "psu": frame["district"] + frame["stratum_wave"],
            "safe": frame["victim"].astype(float),
            "subgroup:place": np.where(urban, "urban", "rural"),
        }
    )
    row = one(pipeline.estimates(design, data), estimand="subgroup_difference")
    (wanted,) = expected("R_subgroups")
    assert (row["estimator"], row["subgroup"], row["variant_of"]) == ("clustered", "place=urban", "rural")
    got = [row["estimate"], row["se"], row["df"], row["p_value"]]
    np.testing.assert_allclose(got, [wanted.estimate, wanted.se, wanted.df, wanted.p])


@pytest.mark.slow
@pytest.mark.parametrize(("pilots", "comparisons"), [(6, 6), (3, 4), (1, 5), (1, 1), (2, 0)])
def test_a_group_has_the_rows_that_its_own_survey_would_have(pilots, comparisons):
    design = of_arms(pilots, comparisons)
    data = of_groups(design)
    rows = pipeline.estimates(design, data)
    women = data[data["subgroup:sex"] == "women"]
    # the design keeps all sampling units: those without a woman are zeros
    alone = data.assign(safe=data["safe"].where(data["subgroup:sex"] == "women"))
    of_women = pipeline.estimates(design.model_copy(update={"subgroups": ()}), alone)
    estimand = "att" if comparisons else "change"
    district = "pooled" if comparisons else "pilot"
    answer = rows[(rows["subgroup"] == "sex=women") & (rows["estimand"] == estimand) & (rows["district"] == district)]
    same = of_women[
        (of_women["estimand"] == estimand)
        & (of_women["district"] == district)
        & (of_women["variant"] == "main")
        & (of_women["estimator"] == answer.iloc[0]["estimator"])
    ]
    for name in ("estimate", "se", "df", "ci_low", "ci_high", "n"):
        assert answer.iloc[0][name] == pytest.approx(same.iloc[0][name], nan_ok=True), name
    level = one(rows, subgroup="sex=women", estimand="level", district="pilot", wave="w2")
    means = women[(women["wave"] == "w2") & women["district"].str.startswith("p")].groupby("district")
    by_hand = np.mean([np.average(cell["safe"], weights=cell["weight"]) for _, cell in means])
    assert level["estimate"] == pytest.approx(by_hand)


@pytest.mark.slow
@pytest.mark.parametrize(("pilots", "comparisons"), [(6, 6), (3, 4), (1, 5), (1, 1), (2, 0)])
def test_the_difference_is_that_of_the_groups_answers(pilots, comparisons):
    design = of_arms(pilots, comparisons)
    rows = pipeline.estimates(design, of_groups(design))
    estimand = "att" if comparisons else "change"
    answers = rows[(rows["estimand"] == estimand) & (rows["district"] == ("pooled" if comparisons else "pilot"))]
    for first, other in (("sex=women", "sex=men"), ("age=18-29", "age=30-44"), ("age=18-29", "age=45+")):
        apart = one(rows, estimand="subgroup_difference", subgroup=first, variant_of=other.partition("=")[2])
        ends = [one(answers, subgroup=group)["estimate"] for group in (first, other)]
        assert apart["estimate"] == pytest.approx(ends[0] - ends[1])
        assert apart["role"] == "exploratory"
    assert (rows["estimand"] == "subgroup_difference").sum() == 3


def test_p_is_adjusted_over_the_groups_by_holm():
    design = of_arms(6, 6)
    rows = pipeline.estimates(design, of_groups(design)).query("estimand == 'subgroup_difference'")
    age = rows[rows["subgroup"].str.startswith("age")]
    small, large = sorted(age["p_value"])
    wanted = {small: min(1, 2 * small), large: max(min(1, 2 * small), large)}
    assert dict(zip(age["p_value"], age["p_adjusted"], strict=True)) == pytest.approx(wanted)
    sex = rows[rows["subgroup"] == "sex=women"].iloc[0]
    assert sex["p_adjusted"] == pytest.approx(sex["p_value"])


PRIMARY = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "role": "primary"}


def with_a_primary_subgroup(pilots, comparisons, **changes):
    design = of_arms(pilots, comparisons, indicators=[PRIMARY], **changes)
    first = design.subgroups[0].model_copy(update={"role": "primary"})
    return design.model_copy(update={"subgroups": (first, *design.subgroups[1:])})


def test_only_the_comparison_of_a_primary_subgroup_is_no_exploration():
    design = with_a_primary_subgroup(3, 3)
    rows = pipeline.estimates(design, of_groups(design))
    of_sex = rows[rows["subgroup"].str.startswith("sex")]
    assert set(of_sex.loc[of_sex["estimand"] == "subgroup_difference", "role"]) == {"primary"}
    assert set(of_sex.loc[of_sex["estimand"] != "subgroup_difference", "role"]) == {"exploratory"}
    assert set(rows.loc[rows["subgroup"].str.startswith("age"), "role"]) == {"exploratory"}


@pytest.mark.parametrize(("pilots", "comparisons"), [(6, 6), (3, 4)])
def test_a_primary_comparison_of_groups_is_judged_together_with_the_primary_outcomes(pilots, comparisons):
    """By hand: the family of two, from the changes of everyone and of women less men."""
    design = with_a_primary_subgroup(pilots, comparisons)
    data = of_groups(design)
    rows = pipeline.estimates(design, data)
    head = headline(design).estimator
    apart = one(rows, estimand="subgroup_difference", subgroup="sex=women")
    answer = one(rows, estimand="att", estimator=head, subgroup="", variant="main")
    alone = pipeline.estimates(of_arms(pilots, comparisons, indicators=[PRIMARY]), data)
    before = one(alone, estimand="att", estimator=head, subgroup="", variant="main")
    assert before["p_adjusted"] == pytest.approx(before["p_value"])

    def changes(of):
        sums = of.assign(yes=of["safe"] * of["weight"]).groupby(["district", "wave"])[["yes", "weight"]].sum()
        level = (sums["yes"] / sums["weight"]).rename("level").reset_index()
        wide = level.pivot_table(index="district", columns="wave", values="level")
        return (wide["w2"] - wide["w1"]).loc[[d.id for d in design.districts]].to_numpy()

    women = changes(data[data["subgroup:sex"] == "women"])
    men = changes(data[data["subgroup:sex"] == "men"])
    stacked = np.column_stack([changes(data), women - men])
    pilot = np.array([d.arm == "pilot" for d in design.districts])
    for arm in (pilot, ~pilot):
        stacked[arm] -= stacked[arm].mean(axis=0)
    two = pd.DataFrame([answer, apart])
    wanted = joint.joint(
        *(two[name].to_numpy(float) for name in ("p_value", "estimate", "se", "df")),
        joint.correlation(stacked, len(pilot) - 2.0, ["all", "groups"]),
    )
    np.testing.assert_allclose(two["p_adjusted"].to_numpy(float), wanted.p_adjusted, rtol=1e-6)
    np.testing.assert_allclose(two["ci_low_joint"].to_numpy(float), wanted.ci_low, rtol=1e-6)
    np.testing.assert_allclose(two["ci_high_joint"].to_numpy(float), wanted.ci_high, rtol=1e-6)
    assert (two["p_adjusted"] >= two["p_value"]).all()
    assert answer["ci_high_joint"] - answer["ci_low_joint"] > answer["ci_high"] - answer["ci_low"]
    (row,) = (each for each in read(rows) if each.row_id == answer["row_id"])
    assert verdicts.ends_read(design, row) == (answer["ci_low_joint"], answer["ci_high_joint"])


def test_by_lot_a_primary_comparison_of_groups_is_judged_over_the_lots():
    programme = {"name": "Patrols", "start": "2004-01", "description": "By night", "assignment": {"by": "lot"}}
    design = with_a_primary_subgroup(4, 4, intervention=programme)
    rows = pipeline.estimates(design, of_groups(design))
    apart = one(rows, estimand="subgroup_difference", subgroup="sex=women")
    assert apart["estimator"] == "permutation"
    assert apart["p_adjusted"] >= apart["p_value"]
    assert apart["ci_low_joint"] <= apart["ci_low"]


def test_a_small_group_takes_its_district_out_of_all_groups():
    design = of_arms(3, 4, disclosure={"minimum_cell": 10})
    data = of_groups(design)
    few = (data["district"] == "p0") & (data["wave"] == "w1") & (data["subgroup:sex"] == "women")
    data.loc[few[few].index[5:], "safe"] = np.nan
    rows = pipeline.estimates(design, data)
    for group in ("women", "men"):
        level = one(rows, subgroup=f"sex={group}", estimand="level", district="pilot", wave="w2")
        assert level["n_districts"] == 2
    whole = one(rows, subgroup="age=45+", estimand="level", district="pilot", wave="w2")
    assert whole["n_districts"] == 3
    alone = of_arms(1, 4, disclosure={"minimum_cell": 10})
    data = of_groups(alone)
    few = (data["district"] == "p0") & (data["wave"] == "w1") & (data["subgroup:sex"] == "women")
    data.loc[few[few].index[5:], "subgroup:sex"] = None  # most say nothing of their sex, five are women
    rows = pipeline.estimates(alone, data)
    of_sex = rows[rows["subgroup"].str.startswith("sex") & (rows["estimand"] != "level")]
    assert set(of_sex.loc[of_sex["estimand"].isin(["att", "subgroup_difference"]), "status"]) == {"suppressed"}


@pytest.mark.slow
def test_cells_give_the_rows_that_respondents_give(tmp_path, monkeypatch):
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    design = of_arms(3, 3)
    data = of_groups(design)
    of = Survey(design, data)
    cells.write(of, [(d, w) for d in design.districts for w in design.waves])
    wanted = pipeline.estimates(design, data)
    monkeypatch.setattr(survey, "opened", lambda *_: pytest.fail("respondents were opened"))
    got = pipeline.of_survey(cells.load(design))
    key = ["subgroup", "estimand", "estimator", "district", "wave", "variant", "variant_of"]
    grouped = [table[table["subgroup"] != ""].set_index(key).sort_index() for table in (wanted, got)]
    assert len(grouped[0]) == 38
    pd.testing.assert_frame_equal(grouped[0], grouped[1])


def test_nothing_of_a_subgroup_is_marked_conditional():
    women = {"id": "safe_women", "label": "Safe", "column": "safe", "yes": ["yes"], "among": {"sex": [1]}}
    design = of_arms(3, 3, indicators=[women])
    assert not design.conditional("safe_women")
    victims = {**women, "among": {"victim": [1]}}
    assert of_arms(3, 3, indicators=[victims]).conditional("safe_women")
