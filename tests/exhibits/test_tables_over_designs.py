"""Every cell of a table is its row's number, and every verdict agrees with its row's interval, over designs.

The numbers are read back from the text and held against the one value that the column is of, in the unit and with the
decimals that a reader sees; nothing here formats a number.
"""

from __future__ import annotations

import re
from functools import cache
from math import inf, isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from surveys import a_design

from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits.display import Cell, Grid
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text.wording import Words

LANGUAGES = ("en", "es", "pt")
OF_ROWS = (
    "results", "levels", "bracket", "attrition", "balance", "inference", "families", "placebo", "robustness",
    "breakdown", "districts", "own_simulation", "subgroups", "distribution",
)  # fmt: skip
PROBABILITIES = ("p_value", "p_floor", "p_adjusted", "q_value")
SIZES = ("mde", "breakdown")
"""Estimands that are printed without their sign."""
NUMBER = re.compile(r"[<>]?[+−]?(?:∞|\d[\d.,]*)%?")
SEX = {"id": "sex", "label": "Sex", "column": "sex", "groups": {"women": ["f"], "men": ["m"]}}
INDICATORS = [
    {"id": "safe", "label": "Feels safe", "column": "safe", "yes": ["yes"], "better": "higher", "role": "primary"},
    {"id": "fear", "label": "Fears crime", "column": "fear", "yes": ["yes"], "better": "lower", "role": "primary"},
    {"id": "trust", "label": "Trust", "column": "trust", "scale": [1, 7], "better": "higher"},
    {"id": "tv", "label": "Owns a television", "column": "tv", "yes": ["yes"], "better": "none", "role": "placebo"},
]
WORTH = {"safe": 0.05, "fear": 0.05, "trust": 0.3}


def arms(pilots: int, comparisons: int, **labels: str) -> dict[str, dict[str, Any]]:
    """Districts by name, with labels by name of the key, a letter a district."""
    of = ["pilot"] * pilots + ["comparison"] * comparisons
    districts: dict[str, dict[str, Any]] = {
        f"d{k}": {"arm": arm, "population": 900 + 301 * k} for k, arm in enumerate(of)
    }
    for name, letters in labels.items():
        for district, letter in zip(districts.values(), letters, strict=True):
            district[name] = letter
    return districts


LOT = {"intervention": {"assignment": {"by": "lot", "within": "block"}}}
STARTS = {f"d{k}": {"arm": "pilot", "start": start} for k, start in enumerate(["2004-01", "2004-01", "2005-01"])}
SHAPES: dict[str, dict[str, Any]] = {
    "six v six": {"districts": arms(6, 6)},
    "one pilot": {"districts": arms(1, 5)},
    "one v one": {"districts": arms(1, 1)},
    "one v two": {"districts": arms(1, 2)},
    "pairs": {"districts": arms(5, 5, pair="abcdeabcde")},
    "lot in strata": {"districts": arms(6, 6, block="aaabbbaaabbb"), **LOT},
    "panel": {"districts": arms(4, 5), "data": {"sampling": "panel"}},
    "panel with one interview left": {"districts": arms(3, 4), "data": {"sampling": "panel"}},
    "three waves": {"districts": arms(3, 6), "waves": 3, "start": "2005-01"},
    "four waves, average": {"districts": arms(5, 5), "waves": 4, "start": "2005-01"},
    "staggered": {"districts": STARTS | {f"d{k}": {"arm": "comparison"} for k in range(3, 8)}, "waves": 3},
    "no comparison": {"districts": arms(4, 0)},
    "baseline only": {"districts": arms(3, 3), "start": "2007-01"},
    "follow-up only": {"districts": arms(3, 3), "start": "2003-01"},
    "by population": {"districts": arms(6, 7), "inference": {"districts": "population"}},
    "clusters": {"districts": arms(6, 6, cluster="aabbccddeeff")},
    "groups with empty cells": {"districts": arms(5, 6), "disclosure": {"minimum_cell": 10}},
    "many districts": {"districts": arms(25, 30)},
}  # fmt: skip


def answers(shape: str, districts: dict[str, Any], waves: list[str], panel: bool) -> pd.DataFrame:
    rng, parts = np.random.default_rng(len(shape)), []
    for place, (district, told) in enumerate(districts.items()):
        for number, wave in enumerate(waves):
            n = 30 if shape == "many districts" else 48
            gain = 0.3 * (told["arm"] == "pilot") * (number > 0)
            of_panel = [f"{district}/{k}" for k in range(n)]
            units = of_panel if panel else [f"{district}/{wave}/{k // 4}" for k in range(n)]
            part = {"district": district, "wave": wave, "weight": rng.choice([0.0, 1.0, 2.5], n, p=[0.05, 0.5, 0.45])}
            part |= {"stratum": district if panel else f"{district}/{wave}", "psu": units}
            part |= {"respondent": of_panel} if panel else {}
            level = rng.uniform(0.3, 0.5)
            part |= {"safe": rng.random(n) < level + gain, "fear": rng.random(n) < 0.6 - gain / 3}
            part |= {"trust": rng.integers(1, 8, n), "tv": rng.random(n) < 0.7}
            part["subgroup:sex"] = np.where(np.arange(n) % 2, "women", "men")
            frame = pd.DataFrame(part).astype(dict.fromkeys(("safe", "fear", "trust", "tv"), float))
            if shape == "groups with empty cells" and place in (1, 7):
                frame = frame[(frame["subgroup:sex"] == "men") | (frame.index > 39)]
            if shape == "panel with one interview left" and place == 2 and number:
                frame = frame.head(1)
            parts.append(frame)
    return pd.concat(parts, ignore_index=True)


@cache
def results_of(shape: str) -> Results:
    changes = dict(SHAPES[shape])
    districts, waves, start = (
        changes.pop(k, usual) for k, usual in (("districts", {}), ("waves", 2), ("start", "2004-01"))
    )
    indicators = [each | ({"worthwhile": WORTH[each["id"]]} if each["id"] in WORTH else {}) for each in INDICATORS]
    panel = changes.get("data", {}).get("sampling") == "panel"
    if panel:
        changes["data"] = changes["data"] | {"columns": {"respondent": "respondent"}}
    design = a_design(districts, waves, start, indicators=indicators, subgroups=[SEX], **changes)
    data = answers(shape, districts, [wave.id for wave in design.waves], panel)
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    kinds = [("", "interviews"), *((each["id"], "answered") for each in INDICATORS)]
    sample = pd.concat([counted.assign(indicator=item, kind=kind) for item, kind in kinds])
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


@pytest.fixture(autouse=True)
def _one_language_is_declared(monkeypatch):
    """Names of districts and outcomes are there in English only; they hold no number."""
    monkeypatch.setattr(Words, "text", lambda words, texts: texts["en"])


def read(text: str, language: str) -> list[tuple[str, float, int]]:
    """The numbers of a text: how they begin, their values and decimals."""
    found = []
    for printed in NUMBER.findall(text):
        plain = printed.strip("<>+%")
        plain = plain.replace(".", "").replace(",", ".") if language == "pt" else plain.replace(",", "")
        plain = plain.replace("−", "-").replace("∞", "inf")
        found.append((printed[0], float(plain), len(plain.partition(".")[2])))
    return found


def same(number: tuple[str, float, int], value: float, whole: float) -> bool:
    """Whether a printed number is a value to its last digit; `whole` is where it is cut, `>100`."""
    begins, printed, decimals = number
    if begins in "<>":
        return value > printed if begins == ">" else value < printed
    if isnan(value) or value in (inf, -inf):
        return printed == value
    return abs(printed - value) <= 0.5 * 10.0**-decimals + 1e-9 and abs(value) <= whole + 1e-9


def fields(grid: Grid, words: Words) -> list[str]:
    """What each column is of: a probability by its heading, else the estimate or, in two numbers, the interval."""
    names = {words.label("words", name): name for name in PROBABILITIES}
    names |= {words.label("words", "rank_p"): "p_value", words.label("subgroup", "p"): "p_adjusted"}
    return [names.get(column.text, "") for column in grid.columns]


def check(text: str, row: Row, field: str, language: str) -> None:
    said = read(text, language)
    about = (text, field, row)
    scale = 100.0 if row.unit == "share" else 1.0
    whole = 100.0 if row.unit == "share" else inf
    if field:
        (number,) = said
        assert number[2] == 3 and same(number, getattr(row, field), 1.0), about
    elif len(said) == 2:
        assert all(same(number, end * scale, whole) for number, end in zip(said, row.ends, strict=True)), about
    else:
        (number,) = said
        value = abs(row.estimate) if row.estimand in SIZES else row.estimate
        assert same(number, value * scale, whole), about
        assert row.unit != "share" or number[0] in "<>" or number[2] == 1, about


def texts_of(rows: list[list[Cell] | str]) -> list[list[Cell]]:
    return [cells for cells in rows if not isinstance(cells, str)]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_cell_of_a_table_is_its_row_s_number(shape, language):
    results, words, seen = results_of(shape), Words(language), 0
    by_id = {row.row_id: row for row in results.rows}
    for name in OF_ROWS:
        made = TABLES[name](results, words)
        if made is None:
            continue
        of = fields(made.grid, words)
        for cells in texts_of(made.grid.rows):
            for cell, field in zip(cells[1:], of[1:], strict=True):
                if isinstance(cell, dict) and "source" in cell:
                    check(cell["text"], by_id[cell["source"]], field, language)
                    seen += 1
                else:
                    text = cell if isinstance(cell, str) else cell["text"]
                    assert not re.search(r"\d", text), (name, cells)
    assert seen > 20


SIDES = {
    "relevant_improvement": lambda low, high, delta: low >= delta,
    "uncertain_size": lambda low, high, delta: low > 0 and not low >= delta,
    "no_relevant_difference": lambda low, high, delta: low > -2 * delta and high < 2 * delta,
    "harm_not_ruled_out": lambda low, high, delta: low <= -delta and 0 <= high < delta,
    "inconclusive": lambda low, high, delta: low <= 0 <= high,
    "worsening": lambda low, high, delta: high < 0,
    "moved": lambda low, high, delta: low > 0 or high < 0,
    "unmoved": lambda low, high, delta: low <= 0 <= high,
}
"""What the interval that a verdict reads must be, on the scale on which up is better."""


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_verdict_of_a_table_agrees_with_its_interval(shape, language):
    results, words = results_of(shape), Words(language)
    made = TABLES["results"](results, words)
    if made is None:
        assert not results.changes
        return
    kinds: dict[str, str] = {}
    for kind in SIDES:
        for way in ("better", "worse", ""):
            for worth in (True, False):
                kinds[words.label("verdict_short", kind, direction=way, worthwhile=worth)] = kind
    lines = texts_of(made.grid.rows)
    assert len(lines) == len(results.design.indicators)
    for cells, indicator in zip(lines, results.design.indicators, strict=True):
        row, said = results.answer(indicator), str(cells[-1]).partition(" (")[0]
        if row is None or not row.bounded or said not in kinds:
            assert said in (words.label("verdict_short", k) for k in ("sampling_only", "none", "undetermined"))
            continue
        low, high = results.ends_read(row)
        jointly = (low, high) != row.ends
        if indicator.better == "lower":
            low, high = -high, -low
        if jointly and row.p_adjusted <= 0.05 and low <= 0 <= high:  # the step-down test has the last word on zero
            better = (row.estimate > 0) == (indicator.better != "lower")
            low, high = (1e-9, high) if better else (low, -1e-9)
        elif jointly and row.p_adjusted > 0.05:
            low, high = min(low, 0.0), max(high, 0.0)
        assert SIDES[kinds[said]](low, high, indicator.worthwhile or inf), (said, row)
