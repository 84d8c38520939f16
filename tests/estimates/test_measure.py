"""Where respondents are drawn one by one, what is kept of a cell does not grow with them, and says the same."""

from __future__ import annotations

import numpy as np
import of_respondents
import pandas as pd
import pytest
from surveys import a_design

from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.inference import linearization, sampling

DISTRICTS = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}


def interviews(size: int) -> pd.DataFrame:
    """So many respondents a district and wave in two strata, with weights and a few unanswered questions."""
    rng = np.random.default_rng(7)
    index = pd.MultiIndex.from_product([DISTRICTS, ["w1", "w2"], range(size)], names=["district", "wave", "row"])
    frame = index.to_frame(index=False)
    frame["stratum"] = frame["wave"] + "/" + frame["district"] + "/" + np.where(frame["row"] % 3 == 0, "urban", "rural")
    frame["psu"] = frame["stratum"] + "/row-" + frame["row"].astype(str)
    frame["weight"] = rng.integers(1, 5, len(frame)).astype(float)
    answers = (rng.uniform(size=len(frame)) < np.where(frame["row"] % 3 == 0, 0.3, 0.6)).astype(float)
    frame["safe"] = np.where(rng.uniform(size=len(frame)) < 0.1, np.nan, answers)
    frame["safe:missing"] = np.where(frame["safe"].isna(), "refused", "")
    return frame


@pytest.mark.parametrize("fraction", [None, 0.25])
def test_respondents_summed_by_stratum_have_the_variance_of_each_by_itself(fraction):
    frame = interviews(12)
    if fraction is not None:
        frame["fpc"] = fraction
    survey = Survey(a_design(DISTRICTS), frame)
    measured = survey.measure(items(survey.design)[0])
    one_by_one = sampling.sample(
        survey.cells, frame["stratum"].to_numpy(), frame["psu"].to_numpy(), fpc=frame.get("fpc"), lonely="adjust"
    )
    means = of_respondents.means(one_by_one, frame["safe"].to_numpy(), survey.weight)
    levels = linearization.linear(one_by_one, sampling.each_cell(one_by_one), means)
    for name in ("estimate", "variance", "df", "n", "n_psu", "variance_srs"):
        np.testing.assert_allclose(getattr(measured.levels, name), getattr(levels, name), rtol=1e-12)


def test_what_is_kept_of_a_cell_does_not_grow_with_its_interviews():
    few, many = (Survey(a_design(DISTRICTS), interviews(size)) for size in (12, 120))
    item = items(few.design)[0]
    assert few.summed(item).influence.shape == many.summed(item).influence.shape == (16,)


def test_the_change_of_two_samples_by_hand():
    frame = pd.DataFrame({"district": ["a"] * 7, "wave": ["w1"] * 3 + ["w2"] * 4, "safe": [0.0, 1, 1, 0, 0, 0, 1]})
    frame["stratum"] = frame["wave"] + "/a"
    frame["psu"] = frame["stratum"] + "/row-" + frame.index.astype(str)
    frame = frame.assign(weight=1.0, **{"safe:missing": ""})
    survey = Survey(a_design({"a": "pilot"}), frame)
    changes = survey.measure(items(survey.design)[0]).changes
    first = 3 / 2 * ((2 / 3) ** 2 + 2 * (1 / 3) ** 2) / 3**2
    second = 4 / 3 * ((3 / 4) ** 2 + 3 * (1 / 4) ** 2) / 4**2
    assert changes.estimate[0] == pytest.approx(1 / 4 - 2 / 3)
    assert changes.variance[0] == pytest.approx(first + second)
    assert (changes.n[0], changes.n_psu[0], changes.df[0]) == (7, 7, 7 - 2)
