"""Synthetic control by hand, against diff-diff on real and drawn data, and its rank where every district is alike."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from fewdistricts.inference.synthetic_control import gaps, synthetic_control, weights

BEFORE = np.arange(14) < 10


def drawn(seed: int, districts: int = 8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 20 + 3 * rng.normal(size=(districts, 1)) + rng.normal(size=(districts, 14)).cumsum(axis=1)


def of_diff_diff(level: np.ndarray, before: np.ndarray):
    """diff-diff's synthetic control of levels without their means before the start, every wave counting equally."""
    sc = pytest.importorskip("diff_diff").SyntheticControl
    moved = level - level[:, before].mean(axis=1, keepdims=True)
    waves = np.arange(level.shape[1])
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(level)), len(waves)),
            "time": np.tile(waves, len(level)),
            "y": moved.ravel(),
            "treated": np.outer(np.arange(len(level)) == 0, ~before).ravel().astype(int),
        }
    )
    model = sc(v_method="custom", custom_v=np.ones(before.sum()), standardize="none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(
            table,
            outcome="y",
            unit="unit",
            time="time",
            treatment="treated",
            post_periods=waves[~before].tolist(),
            special_predictors=[("y", [int(t)], "mean") for t in waves[before]],
        )


def prisons() -> tuple[np.ndarray, np.ndarray]:
    """Black men in prison by state, 1985 to 2000: Texas, which doubled its prisons in 1993, first."""
    data = pytest.importorskip("causaldata").texas.load_pandas().data
    wide = data.pivot_table(index="state", columns="year", values="bmprison")
    order = ["Texas", *(state for state in wide.index if state != "Texas")]
    return wide.loc[order].to_numpy(float), wide.columns.to_numpy() < 1993


@pytest.mark.parametrize("case", ["texas", "drawn"])
def test_the_estimate_and_the_rank_are_those_of_diff_diff(case):
    level, before = prisons() if case == "texas" else (drawn(3), BEFORE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = of_diff_diff(level, before)
        other.in_space_placebo()
    got = synthetic_control(level, before, ~before)
    assert got.estimate == pytest.approx(other.att, rel=1e-6)
    assert got.p_value == pytest.approx(other.placebo_p_value)
    assert got.p_floor == pytest.approx(1 / len(level))
    assert got.status == ""


def test_weights_are_the_constrained_least_squares():
    rng = np.random.default_rng(4)
    one, others = rng.normal(size=10), rng.normal(size=(6, 10))
    found = optimize.minimize(
        lambda w: ((one - w @ others) ** 2).sum(),
        np.full(6, 1 / 6),
        method="SLSQP",
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14},
    )
    np.testing.assert_allclose(weights(one, others), found.x, atol=1e-5)


def test_a_district_that_moves_as_the_mean_of_two_others_by_hand():
    """The pilot is 5 above the mean of the second and third district, and 2 more after the start."""
    second, third = np.array([1.0, 3, 2, 4, 6, 5]), np.array([5.0, 1, 4, 2, 0, 3])
    fourth = np.array([9.0, 0, 9, 0, 9, 0])
    before = np.arange(6) < 4
    noise = np.array([0.1, -0.1, 0.1, -0.1, 0, 0])
    level = np.array([(second + third) / 2 + 5 + 2 * ~before + noise, second, third, fourth])
    found = gaps(level, before, ~before)
    assert found.after[0].mean() == pytest.approx(2, abs=0.15)
    got = synthetic_control(level, before, ~before)
    assert (got.estimate, got.p_value, got.p_floor) == (pytest.approx(found.after[0].mean()), 1 / 4, 1 / 4)


def test_levels_and_the_order_of_the_others_do_not_matter():
    level = drawn(5)
    got = synthetic_control(level, BEFORE, ~BEFORE)
    raised = level + 100 * np.arange(8)[:, None]
    order = [0, 7, 3, 1, 6, 2, 5, 4]
    for other in (raised, level[order]):
        again = synthetic_control(other, BEFORE, ~BEFORE)
        assert again.estimate == pytest.approx(got.estimate)
        assert again.p_value == got.p_value


def test_a_planted_effect_is_the_same_as_an_effect_taken_away():
    level = drawn(6)
    planted = level.copy()
    planted[0, ~BEFORE] += 3
    assert gaps(planted, BEFORE, ~BEFORE).p(3) == gaps(level, BEFORE, ~BEFORE).p()
    moved = synthetic_control(planted, BEFORE, ~BEFORE).estimate - synthetic_control(level, BEFORE, ~BEFORE).estimate
    assert moved == pytest.approx(3)


def test_a_missing_level_leaves_a_comparison_district_out_and_takes_the_answer_of_the_pilot():
    level = drawn(7)
    level[3, 2] = np.nan
    got = synthetic_control(level, BEFORE, ~BEFORE)
    assert got == synthetic_control(np.delete(level, 3, axis=0), BEFORE, ~BEFORE)
    level[0, 12] = np.nan
    assert synthetic_control(level, BEFORE, ~BEFORE).status == "no_data"
    assert synthetic_control(drawn(7, 2), BEFORE, ~BEFORE).status == "too_few_districts"


def test_another_district_that_moves_exactly_alike_identifies_no_weights():
    level = drawn(8)
    level[2, BEFORE] = level[0, BEFORE] + 4
    assert synthetic_control(level, BEFORE, ~BEFORE).status == "not_identified"
