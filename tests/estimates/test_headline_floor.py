"""No headline has a smaller standard error than the survey's design leaves, whatever the design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from surveys import a_design

from fewdistricts.estimates import contrasts
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey

MEAN = {"id": "safe", "label": "Feels safe", "column": "safe", "scale": [-9, 9], "better": "higher", "role": "primary"}
PANEL = {"sampling": "panel", "columns": {"respondent": "id"}}
REPEATED = {"sampling": "repeated_psu"}


def arms(pilots: int, comparisons: int, **labels) -> dict[str, dict]:
    """Districts with populations, and with labels by name of the key."""
    of = ["pilot"] * pilots + ["comparison"] * comparisons
    made = {f"d{k}": {"arm": arm, "population": 100 + 61 * k} for k, arm in enumerate(of)}
    for name, values in labels.items():
        for district, value in zip(made.values(), values, strict=True):
            district[name] = value
    return made


BY_PEOPLE = {"inference": {"districts": "population"}}
DESIGNS = {
    "6 v 6": (arms(6, 6), {}),
    "5 v 7 by population": (arms(5, 7), BY_PEOPLE),
    "3 v 5": (arms(3, 5), {}),
    "3 v 5 by population": (arms(3, 5), BY_PEOPLE),
    "5 v 5 panel": (arms(5, 5), {"data": PANEL}),
    "5 v 5 the same units": (arms(5, 5), {"data": REPEATED}),
    "pairs": (arms(4, 4, pair="abcdabcd"), {}),
    "pairs of one and two": (arms(3, 6, pair="abcaabbcc"), {}),
    "clusters": (arms(6, 6, cluster="aabbccddeeff"), {}),
    "clusters by population": (arms(6, 6, cluster="aabbccddeeff"), BY_PEOPLE),
    "one pilot": (arms(1, 4), {}),
    "one pilot paired with several": (arms(1, 4, pair="aaaaa"), {}),
    "one pilot by population": (arms(1, 5), BY_PEOPLE),
    "one pilot, a panel": (arms(1, 5), {"data": PANEL}),
    "one comparison": (arms(4, 1), {}),
    "one pilot against twenty": (arms(1, 20), {}),
}  # fmt: skip


def answered(districts: int, seed: int, panel: bool) -> pd.DataFrame:
    """Few units a cell, districts that move all but alike: sampling error is nearly all there is."""
    rng = np.random.default_rng(seed)
    parts = []
    for district in range(districts):
        people = int(rng.integers(4, 14))
        lasting = rng.normal(size=people)
        for wave in ("w1", "w2"):
            stratum = [f"d{district}/{k % 2}" + ("" if panel else f"/{wave}") for k in range(people)]
            units = [f"{name}/{k}" for k, name in enumerate(stratum)]
            y = np.clip(np.round(0.5 * lasting + rng.normal(size=people), 2), -9, 9)
            of = {"district": f"d{district}", "wave": wave, "weight": rng.uniform(0.5, 3, people)}
            parts.append(pd.DataFrame(of | {"stratum": stratum, "psu": units, "respondent": units, "safe": y}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_no_headline_is_below_the_design_based_standard_error(name):
    districts, changes = DESIGNS[name]
    design = a_design(districts, indicators=[MEAN], **changes)
    (item,) = items(design)
    floors = 0
    for seed in range(25):
        survey = Survey(design, answered(len(districts), seed, "data" in changes))
        measured = survey.measure(item)
        answer = contrasts.answer(measured)
        sampling = contrasts.by_estimator(measured, "taylor")
        assert answer is not None and sampling is not None
        assert answer.estimator == headline(design).estimator
        assert np.isfinite(answer.se)
        assert answer.estimate == pytest.approx(sampling.estimate)
        assert answer.se >= sampling.se * (1 - 1e-9), seed
        floors += bool(np.isclose(answer.se, sampling.se))
    assert floors or headline(design).estimator == "variance_components", "the floor was never met"


@pytest.mark.parametrize(("pilots", "comparisons"), [(1, 5), (3, 4), (6, 6)])
def test_a_district_of_one_sampling_unit_stays_in_the_answer(pilots, comparisons):
    rng, parts = np.random.default_rng(5), []
    districts = arms(pilots, comparisons)
    for place, district in enumerate(districts):
        for wave in ("w1", "w2"):
            units = np.arange(30) // (30 if place == len(districts) - 1 else 5)
            part = {"district": district, "wave": wave, "weight": 1.0, "stratum": f"{district}/{wave}"}
            part |= {"psu": [f"{district}/{wave}/{unit}" for unit in units], "safe": rng.normal(place / 20, 1, 30)}
            parts.append(pd.DataFrame(part))
    design = a_design(districts, indicators=[MEAN], inference={"lonely_psu": "average"})
    measured = Survey(design, pd.concat(parts, ignore_index=True)).measure(items(design)[0])
    rows = [row for row in contrasts.pooled(measured) if row.variant == "main"]
    assert {row.estimator for row in rows} >= {"taylor", headline(design).estimator}
    assert np.ptp([row.estimate for row in rows]) < 1e-12
    assert {row.n_districts for row in rows} == {pilots + comparisons}
    sampling = next(row.se for row in rows if row.estimator == "taylor")
    assert contrasts.answer(measured).se >= sampling > 0
