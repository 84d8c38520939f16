"""statsmodels fits the regressions of the pipeline: the estimates are coefficients of its results."""

from __future__ import annotations

from functools import wraps

import numpy as np
import pytest
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import WLS
from surveys import at_home, peru

from fewdistricts.estimates import cells, pipeline

pytestmark = pytest.mark.slow
BY_LEAST_SQUARES = ["cr2", "cr1", "wcr"]


@pytest.fixture(scope="module")
def fitted():
    """The estimates of peru-2005, and the results of every WLS and GLM that was fitted on the way."""
    results = {WLS: [], GLM: []}
    with pytest.MonkeyPatch.context() as patch, at_home(peru().home):
        for model, of_model in results.items():

            def recorded(fit=model.fit, of_model=of_model):
                @wraps(fit)
                def fit_and_record(self, *arguments, **options):
                    of_model.append(fit(self, *arguments, **options))
                    return of_model[-1]

                return fit_and_record

            patch.setattr(model, "fit", recorded())
        design = peru().design
        cells.make(design, design.districts)
        rows = pipeline.of_survey(cells.load(design))
    return rows[rows["estimate"].notna()], results


def test_every_regression_estimate_is_the_last_coefficient_of_a_wls_fit(fitted):
    rows, results = fitted
    coefficients = {float(result.params[-1]) for result in results[WLS]}
    regressions = rows[(rows["estimand"] == "att") & rows["estimator"].isin(BY_LEAST_SQUARES)]
    regressions = regressions[regressions["variant"] != "logit"]
    assert set(regressions["estimator"]) == set(BY_LEAST_SQUARES)
    assert set(regressions["variant"]) >= {"main", "raw_weights", "unweighted"}
    assert set(regressions["estimate"]) <= coefficients
    distinct = regressions.groupby(["indicator", "variant"]).ngroups
    assert len(results[WLS]) >= distinct


def test_every_logit_estimate_is_a_mean_difference_of_a_glm_fit(fitted):
    rows, results = fitted
    differences = []
    for result in results[GLM]:
        exposed = result.model.exog[:, -1] == 1
        x = result.model.exog[exposed]
        without = x.copy()
        without[:, -1] = 0
        difference = result.predict(x) - result.predict(without)
        differences.append(np.average(difference, weights=result.model.var_weights[exposed]))
    logits = rows.loc[rows["variant"] == "logit", "estimate"]
    assert len(logits) > 5
    assert len(results[GLM]) >= len(logits)
    for estimate in logits:
        assert np.isclose(differences, estimate, rtol=0, atol=1e-12).any()
