"""Answers that are counted before they are summed, against the sums over respondents one by one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from fewdistricts.inference.cell_sums import cell_sums, summed_by_cell
from fewdistricts.inference.tally import Weights, few_answers


def test_a_tally_by_hand():
    values = np.array([1, 0, 1, np.nan, 1, 0, 0, 0, 1, 1])
    weight = np.array([2.0, 4, 4, 9, 0, 1, 1, 4, 3, 5])
    unit = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    found = Weights(weight, unit, 2).tally(values)
    assert found.value.tolist() == [0, 1, 0, 1]
    assert found.unit.tolist() == [0, 0, 1, 1]
    assert found.n.tolist() == [1, 2, 3, 2]
    assert found.n_all.tolist() == [1, 3, 3, 2]
    assert found.weight.tolist() == [4, 2 + 4, 1 + 1 + 4, 3 + 5]
    assert found.weight_squares == pytest.approx([0, 2 * 1**2, 1 + 1 + 2**2, 2 * 1**2])


@pytest.mark.parametrize("answers", [(0, 1), (1, 2, 3, 4, 5), (0.1, 1e7, 1e7 + 1), (3,), ()])
@pytest.mark.parametrize("heavy", [1.0, 1e6])
@pytest.mark.parametrize("without", [0.0, 0.2])
def test_sums_of_a_tally_are_those_of_respondents(answers, heavy, without):
    rng = np.random.default_rng(20)
    n, units, cells = 900, 12, 4
    values = rng.choice(np.array([*answers, np.nan]), n)
    weight = heavy + rng.uniform(1, 3, n)
    weight[rng.random(n) < without] = 0
    unit = rng.integers(0, units, n)
    cell_of = np.arange(units) % cells
    values[cell_of[unit] == 3] = np.nan  # nobody answered in the last cell
    one_by_one = cell_sums(values, weight, cell_of[unit], cells)
    counted = Weights(weight, unit, units).tally(values)
    assert len(counted.value) == units * len(answers) < n
    together = summed_by_cell(counted, cell_of, cells)
    for field in fields(one_by_one):
        expected = getattr(one_by_one, field.name)
        # answers that are all equal leave nothing but rounding
        rounding = 1e-15 * n * heavy * max(answers, default=0)
        tolerance = max(rounding, 1e-9 * np.nanmax(np.abs(expected), initial=0))
        np.testing.assert_allclose(getattr(together, field.name), expected, 1e-9, tolerance, err_msg=field.name)


def test_an_answer_that_one_of_many_gave_is_found():
    values = np.zeros(30_000)
    values[-1] = 7
    number, code = few_answers(values, at_most=10)
    assert number.tolist() == [0, 7]
    assert np.flatnonzero(code == 2).tolist() == [29_999]


def test_many_answers_are_not_counted():
    assert few_answers(np.arange(500) / 3, at_most=250) is None
    values = np.arange(500) / 3
    each = Weights(np.ones(500), np.zeros(500, dtype=int), 1).tally(values)
    assert each.value.tolist() == values.tolist()
    assert each.n.tolist() == [1] * 500
