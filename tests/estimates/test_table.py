"""The rounding rule of published numbers, at its boundary."""

import math

import numpy as np
import pandas as pd
import pytest

from fewdistricts.estimates.table import COLUMNS, Inference, frame, round_decimals, round_significant, rounded


def made(**values):
    return frame([dict.fromkeys(COLUMNS, None) | Inference().columns() | values])


def test_shares_have_eight_decimals_and_means_eight_digits():
    share = rounded(made(unit="share", estimate=0.123456784999, se=0.0123456785001, df=9.123456789))
    assert share.loc[0, "estimate"] == 0.12345678
    assert share.loc[0, "se"] == 0.01234568
    assert share.loc[0, "df"] == 9.1234568
    mean = rounded(made(unit="scale", estimate=1234.56785, p_value=0.000000014999))
    assert mean.loc[0, "estimate"] == 1234.5678 or mean.loc[0, "estimate"] == 1234.5679
    assert mean.loc[0, "p_value"] == 0.00000001


def test_last_bits_do_not_reach_the_published_number():
    value = 0.1 + 0.2
    for other in (value, np.nextafter(value, 1), np.nextafter(value, 0)):
        assert round_decimals(np.array([other]))[0] == 0.3
        assert round_significant(np.array([other]))[0] == 0.3


@pytest.mark.parametrize("value", [1 / 512, 0.123456785, 3 / 1024, 0.6 + 1 / 512, 1.00000005, 0.30000000499999994])
def test_last_bits_do_not_decide_where_rounding_turns(value):
    below, above = (value + k * np.spacing(value) for k in (-3, 3))
    for rule in (round_decimals, round_significant):
        assert len({rule(np.array([each]))[0] for each in (below, value, above)}) == 1


def test_no_number_is_moved_by_more_than_half_of_its_last_digit():
    values = np.random.default_rng(1).uniform(-1, 1, 100_000)
    assert np.abs(round_decimals(values) - values).max() < 0.5000001e-8
    assert np.abs(round_significant(values) / values - 1).max() < 0.5000001e-7


def test_zero_is_positive_and_dust_is_zero():
    for rule in (round_decimals, round_significant):
        out = rule(np.array([-0.0, 9e-13, -9e-13]))
        assert out.tolist() == [0.0, 0.0, 0.0]
        assert all(math.copysign(1, v) == 1 for v in out)


def test_undefined_and_unbounded_stay():
    out = round_significant(np.array([np.nan, np.inf, -np.inf]))
    assert math.isnan(out[0])
    assert out[1:].tolist() == [np.inf, -np.inf]
    assert made(status="no_data").loc[0, "status"] == "no_data"
    assert pd.isna(made().loc[0, "n"])
