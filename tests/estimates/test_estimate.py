"""The row of the estimates table: its columns, its reading back, and the rounding rule at its boundary."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from surveys import an_estimate

from fewdistricts.estimates import estimate
from fewdistricts.estimates.estimate import Estimate, frame, read, rounded
from fewdistricts.estimates.rounding import round_decimals, round_significant


def made(**values):
    return frame([an_estimate(**values)])


def test_every_field_is_a_column_with_a_kind_and_a_meaning():
    assert [field.name for field in dataclasses.fields(Estimate)] == estimate.COLUMNS
    assert sorted([*estimate.TEXTS, *estimate.NUMBERS, *estimate.COUNTS]) == sorted(estimate.COLUMNS)
    assert all(column.meaning for column in estimate.OF_COLUMN.values())
    assert {estimate.OF_COLUMN[name].rounding for name in estimate.NUMBERS} == {"by_unit", "decimals", "digits"}


def test_rows_are_read_back_as_they_were_written(tmp_path):
    rows = [
        an_estimate(estimate=0.1 + 0.2, n=20, ci_high=math.inf),
        an_estimate(estimand="att", estimator="cr2", variant="without", variant_of="a", event_time=-1, status="no_df"),
    ]
    table = frame(rows)
    table.to_parquet(tmp_path / "rows.parquet", index=False, schema=estimate.schema())
    assert pq.read_schema(tmp_path / "rows.parquet").equals(estimate.schema())
    again = read(pd.read_parquet(tmp_path / "rows.parquet"))
    assert [row.row_id for row in again] == [estimate.row_id(vars(row)) for row in rows]
    for row, original in zip(again, rows, strict=True):
        for name in set(estimate.COLUMNS) - {"row_id"}:
            value, given = getattr(row, name), getattr(original, name)
            assert value == given or (math.isnan(value) and math.isnan(given)), name


@pytest.mark.parametrize("column", ["estimand", "estimator", "variant", "status"])
def test_what_is_in_no_closed_list_is_refused(column):
    with pytest.raises(ValueError, match=f"{column}: nonsense is none of "):
        made(**{column: "nonsense"})


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
