"""Long series against diff-diff's LWDiD, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fewdistricts.inference.series import wave_coefficients

lw = pytest.importorskip("diff_diff").LWDiD
AFTER = np.arange(14) >= 9


def panel(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(11, 14)).cumsum(axis=1) + rng.normal(size=(11, 1)) * np.arange(14)
    return level + np.tile([0, 1, 2, 1], 4)[:14], np.arange(11) < 4


@pytest.mark.parametrize(
    ("rolling", "options"),
    [
        ("demean", {}),
        ("detrend", {"trend": True}),
        ("demeanq", {"season": [t % 4 for t in range(14)]}),
        ("detrendq", {"trend": True, "season": [t % 4 for t in range(14)]}),
    ],
)
def test_the_number_of_a_district_and_its_t_test_equal_lwdid(rolling, options):
    level, pilot = panel(1)
    rows = [
        {"unit": j, "time": t, "y": level[j, t], "treat": int(pilot[j] and AFTER[t])}
        for j in range(11) for t in range(14)
    ]  # fmt: skip
    fit = lw(rolling=rolling, vcov_type="classical").fit(
        pd.DataFrame(rows), outcome="y", unit="unit", time="time", treatment="treat"
    )
    coefficients = wave_coefficients(AFTER, np.arange(14), **options)
    change = level @ coefficients
    other = stats.ttest_ind(change[pilot], change[~pilot])
    assert change[pilot].mean() - change[~pilot].mean() == pytest.approx(fit.att, rel=1e-8)
    assert other.pvalue == pytest.approx(fit.p_value, rel=1e-6)


def test_an_average_by_hand():
    got = wave_coefficients([False, False, True, True], [0, 1, 2, 3])
    np.testing.assert_allclose(got, [-0.5, -0.5, 0.5, 0.5])


def test_a_line_is_taken_out_whatever_the_spacing_of_waves():
    when = np.array([0.0, 1, 4, 5, 9, 11])
    got = wave_coefficients(when > 4.5, when, trend=True)
    assert got @ (3 + 2 * when) == pytest.approx(0)
    assert got @ np.where(when > 4.5, 1.0, 0.0) == pytest.approx(1)


def test_too_few_waves_before_identify_nothing():
    assert wave_coefficients([False, False, True], [0, 1, 2], trend=True) is None
    assert wave_coefficients([False, True, True], [0, 1, 2], season=["a", "a", "b"]) is None
    assert wave_coefficients([False] * 3, [0, 1, 2]) is None
    assert wave_coefficients([True] * 3, [0, 1, 2]) is None
