"""Codes of one byte, looked up by bytes, are those that Arrow and numpy give."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from fewdistricts.survey import lookup


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2, 1, None, 2, 9], pa.int8()),
        pa.array([-1, 127, -128, -1], pa.int64()),
        pa.array([1.0, None, 3.0], pa.float64()),
        pa.array([1.5, 2.0, float("nan"), None], pa.float64()),
        pa.array([1, 128, 1], pa.int16()),
        pa.array([*range(-128, 128), None], pa.int16()),
        pa.array(["b", None, "a", "b"]),
        pa.array([None, None], pa.int8()),
        pa.array([], pa.int8()),
        pa.array([5, *[1] * lookup._FIRST, 7, 1], pa.int8()),
        pa.array([5, 1, 1, 7, 1], pa.int8()).slice(2, 2),
    ],
)
def test_a_column_is_encoded_in_order_of_appearance(values):
    codes, distinct = lookup.encoded(values)
    expected = values.dictionary_encode()
    assert [str(value) for value in map(float_or_text, distinct.to_pylist())] == [
        str(value) for value in map(float_or_text, expected.dictionary.to_pylist())
    ]
    assert codes.tolist() == expected.indices.fill_null(-1).to_pylist()


def float_or_text(value):
    return value if isinstance(value, str) else float(value)


@pytest.mark.parametrize("kind", [np.int8, np.int32])
def test_a_table_is_looked_up_as_numpy_does(kind):
    codes = np.array([0, 2, -1, 1, 2], dtype=kind)
    for table in ([7, 8, 9, -1], [2, 1, 0, -1], [0, 1, 2, -1], [0, 1, 2, 5]):
        table = np.array(table, dtype=np.int8)
        assert lookup.looked_up(table, codes).tolist() == table[codes].tolist()


@pytest.mark.parametrize("kind", [np.int8, np.int32])
def test_the_codes_that_occur_are_found(kind):
    for codes in ([2, -1, 0, 2], [126, 5], [-1, -1], []):
        assert lookup.occurring(np.array(codes, dtype=kind)) == sorted(set(codes))
