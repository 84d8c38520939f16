"""What holds for every method and any survey, through all estimates: order, labels, scale, planted values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surveys import a_design

from fewdistricts.estimates import contrasts, estimate, items, measure
from fewdistricts.estimates import pipeline as plan

PANEL = {"sampling": "panel", "columns": {"respondent": "id"}}
SHAPES = {
    "4 v 4": (4, 4, {}),
    "3 v 5 by population": (3, 5, {"inference": {"districts": "population"}}),
    "5 v 5 panel": (5, 5, {"data": PANEL}),
    "1 v 4": (1, 4, {}),
    "1 v 3 by population": (1, 3, {"inference": {"districts": "population"}}),
    "3 v 1": (3, 1, {}),
    "1 v 20": (1, 20, {}),
}
ALL = {
    "district_change", "permutation", "cr1", "cr2", "wcr", "taylor", "variance_components", "placebo_rank",
    "ferman_pinto", "lee",
}  # fmt: skip
PANEL_VARIANTS = {"balanced", "response_weights"}
PEOPLE = 6  # in a cell, two a sampling unit, two units a stratum
MEAN = {"id": "safe", "label": "Feels safe", "column": "safe", "scale": [-9, 9], "better": "higher", "role": "primary"}


def declared(shape: str, prefix: str = "", backwards: bool = False):
    pilots, comparisons, changes = SHAPES[shape]
    arms = ["pilot"] * pilots + ["comparison"] * comparisons
    districts = {f"{prefix}d{k}": {"arm": arm, "population": 100 + 37 * k} for k, arm in enumerate(arms)}
    if backwards:
        districts = dict(reversed(districts.items()))
    return a_design(districts, indicators=[MEAN], covariates=["female"], **changes)


def answered(shape: str, seed: int) -> pd.DataFrame:
    """A survey with unequal weights, missing answers, sampling units and shocks."""
    rng = np.random.default_rng(seed)
    pilots, comparisons, changes = SHAPES[shape]
    cells = [(d, w) for d in range(pilots + comparisons) for w in (1, 2)]
    district, wave = (np.repeat([c[k] for c in cells], PEOPLE) for k in (0, 1))
    n = len(district)
    person = np.tile(np.arange(PEOPLE), len(cells))
    shock = rng.normal(size=(pilots + comparisons, 2))[district, wave - 1]
    y = np.round(shock + rng.normal(size=n) * (1 + (person >= 3)), 3)
    place, when = pd.Series(district).map("d{}".format), pd.Series(wave).map("w{}".format)
    panel = changes.get("data") == PANEL
    stratum = place + "/" + (person // 3).astype(str) + ("" if panel else "/" + when)
    return pd.DataFrame(
        {
            "district": place, "wave": when, "weight": rng.uniform(0.5, 3, n), "stratum": stratum,
            "psu": stratum + "/" + person.astype(str),
            "safe": np.where((person == 5) & (rng.random(n) < 0.3), np.nan, y),
            "female": rng.integers(0, 2, n).astype(float), "respondent": person.astype(str),
        }
    )  # fmt: skip


def told(design, data) -> pd.DataFrame:
    rows = plan.estimates(design, data)
    rows = rows[rows["estimand"].isin(["att", "did", "change", "balance", "composition", "breakdown", "mde"])]
    return rows.set_index(estimate.KEY)


def numbers(rows: pd.DataFrame) -> np.ndarray:
    return rows[estimate.NUMBERS].to_numpy(float)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 1000), st.floats(-0.99, 0.99))
def test_order_labels_scale_and_planted_values(shape, seed, factor, where):
    design, data = declared(shape), answered(shape, seed)
    rows = told(design, data)

    order = np.random.default_rng(seed).permutation(len(data))
    moved = data.iloc[order].assign(weight=data["weight"].iloc[order] * factor)
    pd.testing.assert_index_equal(told(design, moved).index, rows.index)
    np.testing.assert_allclose(numbers(told(design, moved)), numbers(rows), rtol=1e-6, atol=1e-9)

    renamed = data.assign(**{name: "x" + data[name] for name in ("district", "stratum", "psu")})
    other = told(declared(shape, "x", backwards=True), renamed).reset_index()
    for name in ("district", "variant_of"):
        other[name] = other[name].str.replace(r"^x(?=d\d)", "", regex=True)
    np.testing.assert_allclose(
        numbers(other.set_index(estimate.KEY).loc[rows.index]), numbers(rows), rtol=1e-6, atol=1e-9
    )

    tested = rows["p_value"].dropna()
    assert ((tested > 0) & (tested <= 1)).all()
    floored = rows["p_floor"].dropna()
    assert (rows.loc[floored.index, "p_value"] >= floored - 1e-12).all()
    bounded = rows.dropna(subset=["ci_low"])
    assert (bounded["ci_low"] <= bounded["estimate"]).all() and (bounded["estimate"] <= bounded["ci_high"]).all()

    # the same survey with a value of the interval taken from the exposed: the difference is then none, and not rejected
    main = [
        key for key in bounded.xs("att", level="estimand", drop_level=False).index if not key[-1].startswith("with")
    ]
    exposed = data["district"].isin([d.id for d in design.pilots]) & (data["wave"] == "w2")
    for key in main:
        said = rows.loc[key]
        low, high = max(said["ci_low"], -9), min(said["ci_high"], 9)
        planted = (low + high) / 2 + where * (high - low) / 2
        less = data.assign(safe=data["safe"] - planted * exposed)
        if said.name[-2] in PANEL_VARIANTS:  # these are made of the whole survey
            again = told(design, less).loc[key]
        else:
            survey = measure.Survey(design, less)
            made = estimate.frame(list(contrasts.pooled(survey.measure(items.items(design)[0]))))
            again = made.set_index(estimate.KEY).loc[key]
        assert again["ci_low"] <= 1e-9 and again["ci_high"] >= -1e-9, key
        assert again["estimate"] == pytest.approx(said["estimate"] - planted, abs=1e-8)
        assert not again["p_value"] <= 0.05, key


def test_every_method_was_asked():
    seen: set[str] = set()
    for shape in SHAPES:
        rows = told(declared(shape), answered(shape, 1)).reset_index().query("estimand == 'att' and status == ''")
        seen |= set(rows["estimator"])
    assert seen == ALL
