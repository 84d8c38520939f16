"""What page one says of a finding agrees with the numbers beside it, over designs and surveys drawn at random.

A longer walk over such draws found, each of them a test here: the levels of districts whose partner had no answer, an
improvement "perhaps by too little" beside an interval wholly above what matters, and comparison districts that all
stood still.
"""

from __future__ import annotations

import re
from functools import cache
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from surveys import a_design

from fewdistricts.design import Design
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.findings import finding
from fewdistricts.exhibits.text.wording import Words

ARMS = [(1, 1), (1, 3), (1, 6), (2, 2), (2, 5), (3, 0), (3, 1), (3, 3), (6, 6), (8, 8)]
WORLDS = ("usual", "rare", "still", "few")
POINT = 0.0501
"""Half of the last digit printed, in points."""
LABELS = {"safe": "Feels safe", "afraid": "Fears crime"}
INTERVAL = re.compile(r"([<>]?[+−]?[\d.∞]+) to ([<>]?[+−]?[\d.∞]+)\)")


def a_world(seed: int) -> tuple[Design, pd.DataFrame]:
    """A design and its survey: districts, pairs, lots, panels, units, weights of zero, answers that are missing."""
    rng = np.random.default_rng(seed)
    pilots, comparisons = ARMS[seed % len(ARMS)]
    kind = WORLDS[seed // len(ARMS) % len(WORLDS)]
    paired = pilots == comparisons > 1 and seed % 3 != 0
    sampling = ("cross_section", "repeated_psu", "panel")[seed % 3]
    districts: dict[str, Any] = {}
    for arm, count in (("pilot", pilots), ("comparison", comparisons)):
        for k in range(count):
            districts[f"{arm[0]}{k}"] = {"arm": arm} | ({"pair": f"pair-{k}"} if paired else {})
    worthwhile, better = float(rng.choice([0.01, 0.05, 0.1])), {"safe": "higher", "afraid": "lower"}
    indicators = [
        {"id": name, "label": label, "column": name, "yes": ["yes"], "better": better[name]}
        | {"role": "primary", "worthwhile": worthwhile}
        for name, label in LABELS.items()
    ]
    more = {"intervention": {"assignment": {"by": "lot"}}} if comparisons > 1 and not paired and seed % 2 else {}
    design = a_design(districts, indicators=indicators, data={"sampling": sampling}, **more)
    gain, parts = rng.choice([0.0, 0.1, 0.3, -0.2]), []
    for district, told in districts.items():
        level, n = rng.uniform(0.2, 0.6), 6 if kind == "few" else int(rng.integers(20, 100))
        for wave in ("w1", "w2"):
            on = gain * (told["arm"] == "pilot" and wave == "w2")
            share = level + on + rng.normal(0, 0.03)
            of_safe = {"rare": 0.01 + abs(on) / 10, "still": 0.5 * (told["arm"] == "pilot")}.get(kind, share)
            people = np.array([f"{district}/{k}" for k in range(n)])
            units = people if sampling == "panel" else np.array([f"{name[:-1]}" for name in people])
            part = {"district": district, "wave": wave, "weight": rng.choice([0.0, 1.0, 2.5], n, p=[0.05, 0.5, 0.45])}
            part |= {
                "stratum": district,
                "psu": units,
                "safe": rng.random(n) < of_safe,
                "afraid": rng.random(n) < share,
            }
            part |= {"respondent": people} if sampling == "panel" else {}
            frame = pd.DataFrame(part).astype({"safe": float, "afraid": float})
            for name in LABELS:
                gone = rng.random(n) < (1.0 if rng.random() < 0.08 else 0.05)
                frame.loc[gone, name] = np.nan
            if sampling == "cross_section":
                frame[["stratum", "psu"]] = frame[["stratum", "psu"]] + f"/{wave}"
            parts.append(frame)
    return design, pd.concat(parts, ignore_index=True)


@cache
def results_of(seed: int) -> Results:
    design, data = a_world(seed)
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    kinds = [("", "interviews"), *((name, "answered") for name in LABELS)]
    sample = pd.concat([counted.assign(indicator=item, kind=kind) for item, kind in kinds])
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


def number(text: str) -> float:
    """A printed number; what is cut at 100 points is beyond every other."""
    beyond = {"<": -1e4, ">": 1e4}.get(text[0])
    return float(text.replace("−", "-").replace("∞", "inf")) if beyond is None else beyond


@pytest.mark.parametrize("seed", range(len(ARMS) * len(WORLDS)))
def test_what_is_said_agrees_with_the_numbers_beside_it(seed):
    results = results_of(seed)
    for indicator in results.primary:
        row, text = results.answer(indicator), finding(results, Words("en"), indicator)
        said = re.sub(r"\]\(source:[^)]*\)", "", text).replace("[", "")
        heading = re.match(r"\*\*.*?: (.*?)\.\*\*", said)[1]
        printed = [(number(low), number(high)) for low, high in INTERVAL.findall(said)]
        if row is None or not row.bounded:
            assert not printed, said
            continue
        adjusted = "when adjusted for the number of primary outcomes" in said
        told = printed[-1] if "rests on the wider interval" in said else printed[0]
        low, high = sorted(told if indicator.better == "higher" else (-told[0], -told[1]))
        matters, small = 100 * indicator.worthwhile, "but by too little" in heading
        assert low <= high
        if heading.startswith(("improved", "better")) and not small:
            assert low > -POINT, said
            assert (low >= matters - POINT) == ("margin that matters" in heading) or abs(low - matters) <= POINT, said
        elif heading.startswith(("got worse", "worse")) and not small:
            assert high < POINT, said
        elif heading.startswith("inconclusive"):
            assert adjusted or (low <= POINT and high >= -POINT), said
            assert not (-matters + POINT < low and high < matters - POINT) or adjusted, said
        elif heading.startswith("no improvement that matters"):
            assert high < matters + POINT and low <= -matters + POINT, said
        elif small or heading.startswith("no difference that matters"):
            assert abs(row.estimate) < indicator.worthwhile, said
        levels = [float(level) for level in re.findall(r"(?:from|to|at) (\d+)%", said)]
        if len(levels) == 4 and "difference of" in said:
            apart = levels[1] - levels[0] - (levels[3] - levels[2])
            assert abs(apart - 100 * row.estimate) <= 2 + POINT, said


@pytest.mark.parametrize("seed", range(len(ARMS) * len(WORLDS)))
def test_no_row_contradicts_itself(seed):
    for row in estimate.read(results_of(seed).table):
        if not row.defined:
            assert row.status, row
            continue
        slack = 1e-8 * (1 + abs(row.estimate))
        assert isnan(row.se) or row.se >= 0, row
        rate = row.estimand in ("level", "attrition", "size", "coverage", "power")  # none or all have no spread
        assert row.se != 0 or row.status or rate, row
        assert not row.bounded or row.ci_low - slack <= row.estimate <= row.ci_high + slack, row
        for p in (row.p_value, row.p_adjusted, row.q_value):
            assert isnan(p) or 0 <= p <= 1, row
        if row.bounded and not isnan(row.p_value) and min(abs(row.ci_low), abs(row.ci_high)) > 1e-7:
            assert (row.ci_low > 0 or row.ci_high < 0) == (row.p_value <= 0.05), row
        if not isnan(row.ci_low_joint):
            assert row.ci_low_joint <= row.ci_low + slack and row.ci_high <= row.ci_high_joint + slack, row
