"""The spread of districts that count by population: by regression, and its size."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from fewdistricts.inference import many
from fewdistricts.inference.spread import spread_about, spread_form, spread_over_arms


def test_it_is_the_residual_variance_of_a_regression_on_the_shares():
    rng = np.random.default_rng(1)
    change, share = rng.normal(size=6), np.array([10, 1, 2, 4, 1, 3]) / 21
    fitted = sm.OLS(change, sm.add_constant(share)).fit()
    assert spread_about(change, share) == (pytest.approx(fitted.mse_resid), 4)
    assert spread_about(change, np.full(6, 1 / 6)) == (pytest.approx(change.var(ddof=1)), 5)
    # two districts: the squares about their mean, unbiased
    form, df = spread_form(np.array([0.75, 0.25]))
    assert (np.trace(form), df) == (pytest.approx(1), 1)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize("equal", [True, False])
def test_summed_it_is_what_its_quadratic_form_gives(size, equal):
    rng = np.random.default_rng(4)
    change, share = rng.normal(size=size), np.ones(size) if equal else rng.uniform(1, 9, size)
    share /= share.sum()
    form, df = spread_form(share)
    assert spread_about(change, share) == (pytest.approx(change @ form @ change), df)


def test_over_two_arms_it_is_that_of_a_regression_on_arms_and_signed_shares():
    rng = np.random.default_rng(2)
    change, pilot = rng.normal(size=7), np.arange(7) < 3
    share = np.where(pilot, [5, 1, 2, 1, 1, 1, 1], [1, 1, 1, 2, 1, 4, 6]) / np.where(pilot, 8, 13)
    x = np.column_stack([pilot, ~pilot, np.where(pilot, share, -share)]).astype(float)
    form, df = spread_over_arms(share, pilot)
    assert (change @ form @ change, df) == (pytest.approx(sm.OLS(change, x).fit().mse_resid), 4)
    equal, freedom = spread_over_arms(np.where(pilot, 1 / 3, 1 / 4), pilot)
    assert (np.trace(equal), freedom) == (pytest.approx(1), 5)
    few, left = spread_over_arms(np.array([0.9, 0.1, 0.5, 0.5]), np.arange(4) < 2)
    assert (np.trace(few), left) == (pytest.approx(1), 2)


@pytest.mark.parametrize(("pilots", "comparisons"), [(6, 6), (4, 8), (3, 9)])
def test_a_district_ten_times_the_others_leaves_the_size_where_it_is(pilots, comparisons):
    # squares about the weighted mean rejected .021 (6 v 6): a large district moves the mean and its deviations together
    rng, sets = np.random.default_rng(3), 20_000
    pilot, weight = np.arange(pilots + comparisons) < pilots, np.ones(pilots + comparisons)
    weight[[0, pilots]] = 10
    change = rng.normal(size=(sets, len(pilot)))
    nothing = np.zeros_like(change)
    p = many.components(change, nothing, np.full_like(change, np.inf), pilot, weight).p()
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.008)
    if min(pilots, comparisons) > 4:
        assert (many.welch(change, pilot, weight).p() <= 0.05).mean() == pytest.approx(0.05, abs=0.008)
