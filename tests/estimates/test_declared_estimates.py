"""From evaluation.yaml and a file to the estimates: declarations that decide which districts are compared, and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from surveys import WAVES, at_home, one

from fewdistricts import design as declared
from fewdistricts import survey
from fewdistricts.estimates import pipeline as plan

Estimate = Callable[..., pd.DataFrame]


@pytest.fixture
def estimated(tmp_path: Path) -> Estimate:
    """Estimates of rates given by district, one a wave, as declared in a file."""

    def estimates(levels: dict[str, list[float]], districts: dict[str, dict[str, Any]], **changes: Any) -> pd.DataFrame:
        folder = tmp_path / "data" / "raw" / "small"
        folder.mkdir(parents=True, exist_ok=True)
        waves = WAVES[: len(next(iter(levels.values())))]
        given = {
            "title": {"en": "A small evaluation"},
            "intervention": {"name": "Patrols", "start": "2004-01", "description": "Patrols by night"},
            "data": {
                "kind": "synthetic",
                "level": "district",
                "source": "Made by hand",
                "files": [{"path": "rates.csv"}],
                "columns": {"district": "district", "wave": "wave"},
            },
            "waves": waves,
            "districts": [{"id": d, "name": d.title(), **said} for d, said in districts.items()],
            "indicators": [{"id": "rate", "label": "Rate", "column": "rate", "scale": [0, 1000]}],
            "report": {"languages": ["en"], "date": "2007-01-01"},
            **changes,
        }
        (folder / "evaluation.yaml").write_text(json.dumps(given), encoding="utf-8")
        rows = [f"{d},{w['id']},{r}" for d, own in levels.items() for w, r in zip(waves, own, strict=True)]
        (folder / "rates.csv").write_text("\n".join(["district,wave,rate", *rows]) + "\n", encoding="utf-8")
        with at_home(tmp_path):
            design = declared.load("small")
            survey.build(design)
            return plan.estimates(design, survey.load("small"))

    return estimates


def test_declared_pairs_swap_within_pairs_only(estimated):
    levels = {"a": [10, 30], "b": [10, 20], "c": [10, 40], "d": [10, 15], "e": [10, 15], "f": [10, 20]}
    arms = dict.fromkeys("abc", "pilot") | dict.fromkeys("def", "comparison")
    free = estimated(levels, {d: {"arm": arm} for d, arm in arms.items()})
    paired = estimated(levels, {d: {"arm": arm, "pair": "xyz"["abcdef".index(d) % 3]} for d, arm in arms.items()})
    for rows, assignments in ((free, 20), (paired, 2**3)):
        said = one(rows, estimand="att", estimator="permutation")
        assert said["estimate"] == pytest.approx((20 + 10 + 30) / 3 - (5 + 5 + 10) / 3)
        assert said["p_floor"] == pytest.approx(2 / assignments)
    # differences of the pairs 15, 5 and 20: all of one sign in two of the eight swaps
    assert one(paired, estimand="att", estimator="permutation")["p_value"] == pytest.approx(2 / 8)
    answer = one(paired, estimand="att", estimator="paired", variant="main")
    assert answer["p_adjusted"] == 2 / 8
    assert (answer["estimate"], answer["df"]) == (pytest.approx(40 / 3), 2)
    left_out = paired.query("estimator == 'paired' and variant == 'without'")
    assert left_out["variant_of"].tolist() == ["a", "b", "c"]  # pairs, named by their pilot districts
    assert one(left_out, variant_of="a")["estimate"] == pytest.approx((5 + 20) / 2)


def test_districts_that_start_later_compare_only_where_declared(estimated):
    levels = {
        "a": [10, 30, 31, 40], "b": [10, 20, 25, 30],  # start before w2
        "c": [10, 12, 50, 51], "d": [10, 14, 40, 42],  # start before w3
        "e": [10, 11, 13, 12], "f": [10, 13, 12, 16],
    }  # fmt: skip
    start = dict.fromkeys("ab", "2004-01") | dict.fromkeys("cd", "2005-01")
    districts = {d: {"arm": "pilot", "start": start[d]} if d in start else {"arm": "comparison"} for d in levels}
    never = estimated(levels, districts)
    not_yet = estimated(levels, districts, inference={"comparisons": "not_yet"})

    def att_gt(rows: pd.DataFrame, cohort: str, wave: str) -> float:
        return one(rows, estimand="att_gt", cohort=cohort, wave=wave)["estimate"]

    assert att_gt(never, "w2", "w2") == pytest.approx((20 + 10) / 2 - (1 + 3) / 2)
    assert att_gt(not_yet, "w2", "w2") == pytest.approx((20 + 10) / 2 - (2 + 4 + 1 + 3) / 4)
    for rows in (never, not_yet):  # nobody is left to start
        assert att_gt(rows, "w2", "w3") == pytest.approx((21 + 15) / 2 - (3 + 2) / 2)
        assert att_gt(rows, "w3", "w3") == pytest.approx((38 + 26) / 2 - (2 - 1) / 2)


def test_relative_magnitudes_need_three_waves_before_and_ten_districts(estimated):
    rng = np.random.default_rng(5)
    levels = {f"d{k}": (50 + rng.normal(0, 2, 4) + [0, 0, 0, 8 * (k < 5)]).round(2).tolist() for k in range(10)}
    districts = {d: {"arm": "pilot" if k < 5 else "comparison"} for k, d in enumerate(levels)}
    late = {"intervention": {"name": "Patrols", "start": "2006-01", "description": "Patrols by night"}}
    rows = estimated(levels, districts, **late)
    bounds = rows[rows["estimator"] == "relative_magnitudes"].set_index("variant_of")
    assert list(bounds.index) == ["0.5", "1", "2"]
    last = one(rows, estimand="event_study", estimator="district_change", event_time=0)
    assert bounds["estimate"].to_list() == pytest.approx([last["estimate"]] * 3)
    width = bounds["ci_high"] - bounds["ci_low"]
    assert (np.diff(width) > 0).all() and width.iloc[0] > 0
    assert set(bounds["se_type"]) == {"asymptotic"}

    def offered(levels: dict[str, list[float]], **changes: Any) -> bool:
        rows = estimated(levels, {d: districts[d] for d in levels}, **changes)
        return "relative_magnitudes" in set(rows["estimator"])

    assert not offered({d: own for d, own in levels.items() if d != "d9"}, **late)
    early = {"intervention": {"name": "Patrols", "start": "2005-01", "description": "Patrols by night"}}
    assert not offered(levels, **early)
