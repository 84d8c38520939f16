"""Neighbours as one estimate, and what a point costs: by hand and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from surveys import a_design, a_survey, one, shares

from fewdistricts.estimates import pipeline

YES = {
    "p1": (40, 60), "p2": (44, 60),
    "c1": (40, 42), "c2": (50, 54), "c3": (42, 48), "c4": (44, 44), "c5": (48, 52),
    "n1": (40, 50), "n2": (46, 50), "n3": (38, 46), "n4": (40, 52), "n5": (42, 48),
}  # fmt: skip
ARM = {"p": "pilot", "c": "comparison", "n": "neighbour"}


def rows_of(*names: str, cost: dict[str, Any] | None = None, better: str = "higher", size: int = 2000, **more: Any):
    """Estimates of some of the districts; `size` answers a cell leave hardly any sampling error."""
    districts = {name: {"arm": ARM[name[0]], **more} for name in names}
    programme = {"name": "Patrols", "start": "2004-01", "description": "Patrols by night", "cost": cost}
    indicator = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "better": better, "role": "primary"}
    design = a_design(districts, intervention=programme, indicators=[indicator])
    counts = {name: [n * size // 100 for n in YES[name]] for name in names}
    return pipeline.estimates(design, a_survey(safe=shares(size, **counts)))


def change(*names: str) -> list[float]:
    return [(YES[name][1] - YES[name][0]) / 100 for name in names]


def test_many_neighbours_are_compared_as_many_pilots_are():
    near, far = [f"n{k}" for k in range(1, 6)], [f"c{k}" for k in range(1, 6)]
    row = one(rows_of("p1", "p2", *far, *near), estimand="spillover")
    wanted = stats.ttest_ind(change(*near), change(*far), equal_var=False)
    assert (row["district"], row["estimator"], row["se_type"]) == ("neighbour", "district_change", "welch")
    assert row["estimate"] == pytest.approx(np.mean(change(*near)) - np.mean(change(*far)))
    assert (row["p_value"], row["df"]) == (pytest.approx(wanted.pvalue), pytest.approx(wanted.df))
    assert (row["n_districts"], row["n"]) == (10, 40_000)


@pytest.mark.parametrize(
    ("near", "far", "estimator"),
    [(2, 4, "variance_components"), (1, 4, "variance_components"), (1, 2, "taylor"), (1, 1, "taylor")],
)
def test_few_neighbours_follow_the_rule_of_few_pilots(near, far, estimator):
    names = [f"n{k + 1}" for k in range(near)], [f"c{k + 1}" for k in range(far)]
    rows = rows_of("p1", "p2", *names[0], *names[1])
    row = one(rows, estimand="spillover")
    assert row["estimator"] == estimator
    assert row["estimate"] == pytest.approx(np.mean(change(*names[0])) - np.mean(change(*names[1])))
    # as if the neighbours were the pilots
    as_pilots = {f"p{k + 1}": YES[name] for k, name in enumerate(names[0])}
    kept = {name: YES[name] for name in as_pilots}
    YES.update(as_pilots)
    try:
        alike = rows_of(*as_pilots, *names[1])
    finally:
        YES.update(kept)
    answer = one(alike, estimand="att", estimator=estimator, variant="main")
    for column in ("estimate", "se", "df", "p_value", "n", "n_districts"):
        assert row[column] == pytest.approx(answer[column], nan_ok=True), column


def test_neighbours_have_levels_and_changes_of_their_own():
    rows = rows_of("p1", "p2", "c1", "c2", "c3", "n1", "n2")
    levels = [one(rows, estimand="level", district="neighbour", wave=w)["estimate"] for w in ("w1", "w2")]
    assert levels == pytest.approx([0.43, 0.50])
    assert one(rows, estimand="change", district="neighbour")["estimate"] == pytest.approx(0.07)
    assert rows_of("p1", "p2", "n1").query("estimand == 'spillover'").empty  # nothing to compare them with


def test_the_cost_of_a_point_has_the_ends_of_the_interval_turned_over():
    cost = {"amount": 6000, "currency": "PEN", "covers": "Everything"}
    names = ["p1", "p2", *(f"c{k}" for k in range(1, 6))]
    rows = rows_of(*names, cost=cost, population=1500)
    resident = one(rows, indicator="cost_per_resident")
    assert (resident["estimate"], resident["unit"], resident["estimand"]) == (pytest.approx(2.0), "PEN", "cost")
    answer = one(rows, estimand="att", estimator="variance_components", variant="main")
    point = one(rows, estimand="cost", indicator="safe")
    assert point["estimate"] == pytest.approx(2.0 / (100 * answer["estimate"]))
    assert point["ci_low"] == pytest.approx(2.0 / (100 * answer["ci_high"]))
    assert point["ci_high"] == pytest.approx(2.0 / (100 * answer["ci_low"]))
    assert answer["ci_low"] > 0
    worse = one(rows_of(*names, cost=cost, population=1500, better="lower"), estimand="cost", indicator="safe")
    assert (worse["status"], worse["ci_high"]) == ("undefined", np.inf)
    assert np.isnan(worse["estimate"])
    assert rows_of(*names, cost=cost).query("estimand == 'cost'").empty  # nobody knows how many live there
    assert rows_of(*names, population=1500).query("estimand == 'cost'").empty
