"""Panels without those who were lost: against the survey of the complete respondents, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from surveys import a_design, one

from fewdistricts.estimates import pipeline

PANEL = {"sampling": "panel", "columns": {"respondent": "respondent"}}


def a_panel(design, size: int = 60, lost: float = 0.3, seed: int = 2) -> pd.DataFrame:
    """The same people in every wave, of whom some are lost after the first."""
    rng = np.random.default_rng(seed)
    parts = []
    for district in design.districts:
        woman = rng.random(size) < 0.5
        for k, wave in enumerate(design.waves):
            found = (k == 0) | (rng.random(size) >= lost * (1 + woman) / 1.5)
            level = 0.3 + 0.2 * woman + 0.1 * k * (district.arm == "pilot")
            part = pd.DataFrame(
                {
                    "district": district.id,
                    "wave": wave.id,
                    "weight": 1.0,
                    "stratum": district.id,
                    "psu": [f"{district.id}/{i}" for i in range(size)],
                    "respondent": [str(i) for i in range(size)],
                    "female": woman.astype(float),
                    "safe": (rng.random(size) < level).astype(float),
                }
            )
            parts.append(part[found])
    return pd.concat(parts, ignore_index=True)


def designed(pilots: int, comparisons: int, waves: int = 2, **more):
    arms = {f"p{k}": "pilot" for k in range(pilots)} | {f"c{k}": "comparison" for k in range(comparisons)}
    indicator = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "role": "primary"}
    return a_design(arms, waves, indicators=[indicator], data=PANEL, **more)


def complete(data: pd.DataFrame, waves: list[str]) -> pd.DataFrame:
    """The answers of those who have one in each of some waves; the others stay in the sample without an answer."""
    person = data["district"] + "/" + data["respondent"]
    counted = data["wave"].isin(waves)
    whole = person.map(person[counted].value_counts()).fillna(0) == len(waves)
    return data.assign(safe=data["safe"].where(whole))


@pytest.mark.parametrize(("pilots", "comparisons"), [(6, 6), (2, 4), (1, 4), (1, 2), (1, 1)])
def test_balanced_answers_are_those_of_the_complete_respondents(pilots, comparisons):
    design = designed(pilots, comparisons)
    data = a_panel(design)
    rows, alike = pipeline.estimates(design, data), pipeline.estimates(design, complete(data, ["w1", "w2"]))
    found = rows[(rows["estimand"] == "att") & (rows["variant"] == "balanced") & (rows["estimator"] != "cr2")]
    assert len(found) == (2 if min(pilots, comparisons) in (2,) else 1)
    for estimator in found["estimator"]:
        got = one(found, estimator=estimator)
        wanted = one(alike, estimand="att", estimator=estimator, variant="main")
        for name in ("estimate", "se", "df", "ci_low", "n"):
            assert got[name] == pytest.approx(wanted[name], nan_ok=True), name


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 4), (1, 1), (2, 0)])
def test_balanced_changes_between_any_two_waves(pilots, comparisons):
    design = designed(pilots, comparisons, waves=4)
    data = a_panel(design, size=200)
    rows = pipeline.estimates(design, data)
    for later in ("w2", "w3", "w4"):
        alike = pipeline.estimates(design, complete(data, ["w1", later]))
        for district in ("p0", "pilot", *(["c0", "comparison"] if comparisons else [])):
            key = {"estimand": "change", "district": district, "wave": later, "baseline_wave": "w1"}
            got, wanted = (one(table, variant=v, **key) for table, v in ((rows, "balanced"), (alike, "main")))
            for name in ("estimate", "se", "df", "ci_high", "n"):
                assert got[name] == pytest.approx(wanted[name]), name
        if comparisons:
            own = "variance_components" if comparisons > 2 else "taylor"
            key = {"estimand": "did", "district": "p0", "wave": later, "estimator": own}
            got, wanted = (one(table, variant=v, **key) for table, v in ((rows, "balanced"), (alike, "main")))
            assert (got["estimate"], got["se"]) == (pytest.approx(wanted["estimate"]), pytest.approx(wanted["se"]))


def test_a_few_who_were_left_out_are_not_given_away():
    design = designed(2, 4, disclosure={"minimum_cell": 10})
    data = a_panel(design, lost=0.0)
    gone = (data["district"] == "p0") & (data["wave"] == "w2") & data["respondent"].isin(["1", "2", "3"])
    rows = pipeline.estimates(design, data[~gone])
    balanced = rows[rows["variant"].isin(["balanced", "response_weights", "lee_lower", "lee_upper"])]
    answers = balanced[balanced["estimand"] == "att"]
    assert set(answers["status"]) == {"suppressed"}
    assert answers["estimate"].isna().all()
    changes = balanced[balanced["estimand"] == "change"].set_index("district")["status"]
    assert set(changes[["p0", "p1", "pilot"]]) == {"suppressed"}
    assert set(changes[["c0", "comparison"]]) == {""}


def test_bounds_by_hand():
    """One against one: of ten pilots all are found, of ten comparisons five; half of the pilots' changes is cut."""
    design = designed(1, 1)
    after = {"p0": [1] * 6 + [0] * 4, "c0": [1] * 2 + [0] * 3}
    parts = []
    for name, at_last in after.items():
        for wave, answers in (("w1", [0] * 10), ("w2", at_last)):
            ids = [str(k) for k in range(len(answers))]
            columns = {"district": name, "wave": wave, "weight": 1.0, "stratum": name, "respondent": ids}
            parts.append(
                pd.DataFrame(columns | {"psu": [f"{name}/{k}" for k in ids], "safe": np.array(answers, float)})
            )
    rows = pipeline.estimates(design, pd.concat(parts, ignore_index=True))
    # the lowest half of 1 1 1 1 1 1 0 0 0 0 has the mean 1 / 5, the highest 1; two of five comparisons changed
    assert one(rows, variant="lee_lower")["estimate"] == pytest.approx(0.2 - 0.4)
    assert one(rows, variant="lee_upper")["estimate"] == pytest.approx(1.0 - 0.4)
    balanced = one(rows, estimand="att", variant="balanced")
    assert balanced["estimate"] == pytest.approx(0.6 - 0.4)
    assert rows[rows["variant"] == "response_weights"].empty  # no covariate tells who was lost


def test_weights_of_response_by_hand():
    design = designed(1, 1, covariates=["female"])
    data = a_panel(design, size=80)
    rows = pipeline.estimates(design, data)
    got = one(rows, variant="response_weights")
    change = {}
    for name in ("p0", "c0"):
        wide = data[data["district"] == name].pivot_table(index=["respondent", "female"], columns="wave", values="safe")
        wide = wide.reset_index()
        kept = wide.dropna(subset=["w2"])
        rate = wide["w2"].notna().groupby(wide["female"]).mean()
        weight = 1 / kept["female"].map(rate)
        change[name] = np.average(kept["w2"] - kept["w1"], weights=weight)
    assert got["estimate"] == pytest.approx(change["p0"] - change["c0"])
    assert got["estimate"] != pytest.approx(one(rows, estimand="att", variant="balanced")["estimate"])
