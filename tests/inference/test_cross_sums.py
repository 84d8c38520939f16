"""The regression with covariates from the products of its cells, against the respondents themselves."""

from __future__ import annotations

import numpy as np
import pytest

from fewdistricts.inference import wls
from fewdistricts.inference.clusters import cluster_robust, inference
from fewdistricts.inference.cross_sums import complete, cross_sums, varying

DISTRICTS, SIZE = 6, 25


def respondents(seed: int = 3):
    """Answers of districts in two waves, with a numeric covariate far from zero, two dummies and missing values."""
    rng = np.random.default_rng(seed)
    district = np.repeat(np.arange(DISTRICTS), 2 * SIZE)
    wave = np.tile(np.repeat([0, 1], SIZE), DISTRICTS)
    age = rng.integers(18, 90, len(wave)) + 1000.0
    town = (rng.uniform(size=len(wave)) < 0.4).astype(float)
    school = (rng.uniform(size=len(wave)) < 0.3).astype(float)
    y = 50 + 0.1 * (age - 1000) - 3 * town + 2 * wave + rng.normal(size=len(wave))
    y[rng.uniform(size=len(wave)) < 0.1] = np.nan
    x = np.column_stack([age, town, school])
    x[rng.uniform(size=x.shape) < 0.1] = np.nan
    weight = rng.uniform(0.5, 3, len(wave))
    exposed = (district < 3) & (wave == 1)
    return y, x, weight, district, wave, exposed


@pytest.mark.parametrize("columns", [[0, 1, 2], [1], [0, 2]])
@pytest.mark.parametrize("people", [None, np.arange(1.0, 1 + DISTRICTS)])
def test_products_of_cells_give_the_regression_of_respondents(columns, people):
    y, x, weight, district, wave, exposed = respondents()
    x_used = x[:, columns]
    known = np.isfinite(x_used).all(axis=1)
    each = None if people is None else people[district]
    normalised = wls.normalised(np.where(known, y, np.nan), weight, district, wave, each)
    dummies = np.column_stack([wls.did_matrix(district, wave, exposed)[:, :-1], np.nan_to_num(x_used), exposed])
    by_rows = cluster_robust(np.where(known, y, np.nan), dummies, district, dummies.shape[1] - 1, normalised)

    cells = np.arange(2 * DISTRICTS)
    sums = cross_sums(y, x, weight, district * 2 + wave)
    products = complete(sums, cells, np.array(columns))
    factor = 1 / products.weight if people is None else np.repeat(people, 2) / products.weight
    model = wls.did_of_products(products.scaled(factor), cells // 2, cells % 2, (cells < 6) & (cells % 2 == 1))
    assert model is not None
    by_cells = inference(model, len(model.coefficients) - 1)
    assert by_cells.n == by_rows.n
    for name in ("estimate", "se", "df", "p_value"):
        assert getattr(by_cells, name) == pytest.approx(getattr(by_rows, name), rel=1e-8), name


def test_a_covariate_that_varies_in_no_cell_is_told():
    y, x, weight, district, wave, _ = respondents()
    x = np.column_stack([x, district / 3, np.where(np.isfinite(x[:, 0]), 7.1, np.nan)])
    sums = cross_sums(y, x, weight, district * 2 + wave)
    products = complete(sums, np.arange(2 * DISTRICTS), np.arange(5))
    assert varying(products).tolist() == [True, True, True, False, False]


def test_a_question_that_nobody_answered_has_no_parts():
    y, x, weight, district, wave, _ = respondents()
    assert cross_sums(np.full(len(y), np.nan), x, weight, district * 2 + wave).products.shape == (0, 3, 5, 5)
    assert cross_sums(y, x[:, :0], weight, district * 2 + wave).products.shape == (12, 3, 2, 2)
