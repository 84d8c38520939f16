"""Subgroups against clubSandwich, attrition by hand, raking against survey::calibrate, cost by hand."""

from __future__ import annotations

import numpy as np
import pytest
from of_respondents import means
from oracles import rows, survey

from fewdistricts.inference import linearization as lin
from fewdistricts.inference import sampling
from fewdistricts.inference.attrition_bounds import lee_bounds, response_weights, trimmed_mean
from fewdistricts.inference.cost import cost_per_point
from fewdistricts.inference.rules import by_rule
from fewdistricts.inference.subgroups import difference
from fewdistricts.survey.raking import rake


def test_the_difference_between_groups_is_the_interaction_of_clubsandwich():
    frame = survey().assign(urban=lambda f: f["stratum"].str.contains("urb"))
    cells = frame.assign(wy=frame["victim"] * frame["weight"]).groupby(["district", "post", "urban"])[["wy", "weight"]]
    level = cells.sum().eval("wy / weight").unstack().unstack()
    apart = level[True] - level[False]
    change = (apart[1] - apart[0]).to_numpy()
    pilot = np.arange(12) < 6
    (row,) = rows("R_subgroups")
    got = by_rule("clustered", change, pilot, cluster=np.arange(12))
    np.testing.assert_allclose([got.estimate, got.se, got.df, got.p_value], [row.estimate, row.se, row.df, row.p])
    welch = by_rule("district_change", change, pilot)
    np.testing.assert_allclose([welch.estimate, welch.se], [row.estimate, row.se])


def test_the_variance_of_a_difference_holds_the_covariance_within_sampling_units():
    frame = survey()
    cell = frame["post"].to_numpy()
    sample = sampling.sample(cell, frame["stratum_wave"].to_numpy(), frame["psu"].to_numpy(), cells=2)
    weight, y = frame["weight"].to_numpy(), frame["victim"].to_numpy(float)
    female = frame["female"].to_numpy() == 1
    a, b = (means(sample, np.where(group, y, np.nan), weight) for group in (female, ~female))
    got = lin.linear(sample, sampling.each_cell(sample), difference(a, b))
    # by hand: the influence of every respondent on the difference, summed by unit
    for k in (0, 1):
        z = np.zeros(len(y))
        for group, sign in ((female, 1.0), (~female, -1.0)):
            inside = group & (cell == k)
            mean = np.average(y[inside], weights=weight[inside])
            z[inside] = sign * weight[inside] * (y[inside] - mean) / weight[inside].sum()
        total = 0.0
        here = frame.assign(z=z)[cell == k]
        for _, stratum in here.groupby("stratum_wave"):
            units = stratum.groupby("psu")["z"].sum().to_numpy()
            total += len(units) * units.var(ddof=1)
        assert got.variance[k] == pytest.approx(total)
    independent = sum(lin.linear(sample, sampling.each_cell(sample), m).variance for m in (a, b))
    assert not np.allclose(got.variance, independent)


def test_bounds_of_attrition_by_hand():
    # 4 of 4 pilots found, 3 of 4 comparisons: a quarter of the pilots' answers is cut
    values = np.array([1.0, 2, 3, 4, 0, 1, 2])
    pilot = np.arange(7) < 4
    got = lee_bounds(values, pilot, (1.0, 0.75))
    assert (got.low, got.high) == (pytest.approx(2 - 1), pytest.approx(3 - 1))
    mirrored = lee_bounds(-values, ~pilot, (0.75, 1.0))
    assert (mirrored.low, mirrored.high) == (pytest.approx(got.low), pytest.approx(got.high))
    alike = lee_bounds(values, pilot, (0.8, 0.8))
    assert alike.low == alike.high == pytest.approx(2.5 - 1)
    assert lee_bounds(values, np.ones(7, bool), (1.0, 1.0)) is None
    assert lee_bounds(values, pilot, (1.0, 0.0)) is None
    # the answer at the edge counts in part
    assert trimmed_mean(np.array([1.0, 2, 3]), np.ones(3), 0.5, top=True) == pytest.approx((1 + 0.5 * 2) / 1.5)


def test_weights_of_response_by_hand():
    found = np.array([True, False, True, True, True])
    got = response_weights(found, np.array(["a", "a", "b", "b", "b"]))
    np.testing.assert_allclose(got, [2, 0, 1, 1, 1])
    weighted = response_weights(found, np.array(["a", "a", "b", "b", "b"]), np.array([3.0, 1, 1, 1, 1]))
    assert weighted[0] == pytest.approx(4 / 3)


def test_raked_weights_equal_those_of_survey():
    frame = survey()
    one = frame[(frame["district"] == frame["district"].min()) & (frame["post"] == 0)]
    expected = list(rows("R_raking"))
    np.testing.assert_allclose(one["weight"], [row.extra for row in expected])
    got = rake(
        one["weight"].to_numpy(),
        [(one["age"] >= 40).to_numpy(int), one["female"].to_numpy(int)],
        [np.array([0.6, 0.4]), np.array([0.7, 0.3])],
    )
    np.testing.assert_allclose(got, [row.estimate for row in expected], rtol=1e-6)
    assert got.sum() == pytest.approx(one["weight"].sum())


def test_margins_that_cannot_be_reached_give_no_weights():
    assert rake(np.ones(3), [np.array([0, 0, 0])], [np.array([0.5, 0.5])]) is None
    contradictory = [np.array([0, 0, 1]), np.array([0, 0, 1])]
    assert rake(np.ones(3), contradictory, [np.array([0.5, 0.5]), np.array([0.9, 0.1])]) is None


def test_the_cost_of_a_point_by_hand():
    got = cost_per_point(12.0, 0.06, 0.02, 0.10)
    assert (got.estimate, got.low, got.high) == (pytest.approx(2.0), pytest.approx(1.2), pytest.approx(6.0))
    open_ended = cost_per_point(12.0, 0.06, -0.02, 0.14)
    assert open_ended.high == np.inf
    assert np.isnan(cost_per_point(12.0, -0.06, -0.1, -0.02).estimate)
