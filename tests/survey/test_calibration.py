"""Weights raked to declared margins: the committed values of R's survey::calibrate, from file to built survey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import rows as expected
from oracles import survey as reference

from fewdistricts import design, paths, survey
from fewdistricts.errors import ConfigurationError, DataError


def declared(declaration: dict[str, Any], **margins: dict[Any, float]) -> dict[str, Any]:
    declaration["data"]["weights"] = {"calibrate": margins}
    return declaration


def build(declare: Any, declaration: dict[str, Any]) -> pd.DataFrame:
    declare(declaration)
    survey.build(design.load("small"))
    return survey.load("small")


def test_raked_weights_equal_those_of_r(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    frame = reference()
    first = frame["district"].min()
    one = frame[(frame["district"] == first) & (frame["post"] == 0)].assign(old=lambda f: (f["age"] >= 40).astype(int))
    # the same interviews in every district and wave of the small evaluation
    parts = [
        one.assign(district=d, wave=w, safe="yes", trust=4, row=np.arange(len(one)))
        for d in ("north", "south") for w in ("2003", "2005")
    ]  # fmt: skip
    declare(declared(declaration, old={0: 0.6, 1: 0.4}, female={0: 0.7, 1: 0.3}))
    columns = ["district", "wave", "weight", "stratum", "psu", "safe", "trust", "old", "female", "row"]
    pd.concat(parts)[columns].to_csv(paths.raw("small") / "survey.csv", index=False)
    survey.build(design.load("small"))
    built = survey.load("small")
    wanted = [row.estimate for row in expected("R_raking")]
    for _, cell in built.groupby(["district", "wave"], observed=True):
        np.testing.assert_allclose(cell["weight"], wanted, rtol=1e-6)


def test_shares_hold_in_each_district_and_wave(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    before = build(declare, declaration)
    after = build(declare, declared(declaration, sex={"f": 0.25, "m": 0.75}))
    north = (after["district"] == "north") & (after["wave"] == "2003")
    # weights 1, 3 and 1 of a woman, a man and a woman: the sum stays, women get a quarter of it
    assert before.loc[north, "weight"].tolist() == [1, 3, 1]
    np.testing.assert_allclose(after.loc[north, "weight"], [0.625, 3.75, 0.625])


def test_margins_that_cannot_be_reached_are_named(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    with pytest.raises(DataError) as raised:
        build(declare, declared(declaration, sex={"f": 0.5, "m": 0.4, "x": 0.1}))
    assert "no answer 'x', which `data.weights.calibrate` names" in str(raised.value)
    with pytest.raises(DataError) as raised:
        build(declare, declared(declaration, victim={0: 0.6, 1: 0.4}))
    assert "district 'south', wave '2003'" in str(raised.value)
    assert "district 'south', wave '2005'" not in str(raised.value)  # one victim, one not
    with pytest.raises(ConfigurationError) as refused:
        build(declare, declared(declaration, sex={"f": 0.5, "m": 0.4}))
    assert "shares that sum to 0.9" in str(refused.value)
