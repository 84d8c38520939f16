"""Evaluations for tests: tiny ones made by hand, the generator's draws, and peru-2005 built once a run."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import generate
import numpy as np
import pandas as pd
from shared import FOLDER, made_once

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.design import Design
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.estimates.estimate import Estimate

Cells = Mapping[tuple[str, str], Iterable[float]]

WAVES = [
    {"id": "w1", "label": "First", "fieldwork": ["2003-10", "2003-10"]},
    {"id": "w2", "label": "Second", "fieldwork": ["2004-10", "2004-10"]},
    {"id": "w3", "label": "Third", "fieldwork": ["2005-10", "2005-10"]},
    {"id": "w4", "label": "Fourth", "fieldwork": ["2006-10", "2006-10"]},
]


def a_design(
    districts: Mapping[str, Any], waves: int | list[dict[str, Any]] = 2, start: str | None = "2004-01", **changes: Any
) -> Design:
    """A design of some districts, `{id: arm}` or `{id: {arm, start, population, ...}}`, with the indicator `safe`."""
    listed = [{"id": k, "name": k.title(), **(v if isinstance(v, dict) else {"arm": v})} for k, v in districts.items()]
    given: dict[str, Any] = {
        "evaluation": "small",
        "title": "A small evaluation",
        "intervention": {"name": "Patrols", "start": start, "description": "Patrols by night"},
        "data": {"kind": "synthetic", "source": "Made by hand", "files": [{"path": "survey.csv"}]},
        "waves": WAVES[:waves] if isinstance(waves, int) else waves,
        "districts": listed,
        "indicators": [{"id": "safe", "label": "Feels safe", "column": "safe", "yes": ["yes"], "better": "higher"}],
        "disclosure": {"minimum_cell": 0},
        "report": {"date": "2006-12-31"},
    }
    for key, value in changes.items():
        given[key] = {**given[key], **value} if isinstance(given.get(key), dict) else value
    return Design.model_validate(given, context={"languages": ["en"]})


def a_survey(weight: Mapping[tuple[str, str], Iterable[float]] | None = None, **indicators: Cells) -> pd.DataFrame:
    """A survey as `survey.load` returns it: the answers of each district and wave, each respondent a sampling unit."""
    parts = []
    for cell in dict.fromkeys(cell for answers in indicators.values() for cell in answers):
        given = {name: list(answers.get(cell, ())) for name, answers in indicators.items()}
        size = max(map(len, given.values()))
        weights = list((weight or {}).get(cell, [1.0] * size))
        columns = {name: np.resize(values, size) if values else np.full(size, np.nan) for name, values in given.items()}
        ids = [f"{cell[0]}/{cell[1]}/{k}" for k in range(size)]
        stratum = f"{cell[0]}/{cell[1]}"
        part = {"district": cell[0], "wave": cell[1], "weight": weights, "stratum": stratum, "psu": ids, **columns}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def yes(count: int, of: int) -> list[float]:
    """Answers: `count` yes among `of`."""
    return [1.0] * count + [0.0] * (of - count)


def shares(of: int, **districts: Iterable[int]) -> dict[tuple[str, str], list[float]]:
    """Cells of `of` answers: for each district the number of yes wave by wave."""
    return {(d, f"w{k + 1}"): yes(n, of) for d, counts in districts.items() for k, n in enumerate(counts)}


def an_estimate(**columns: Any) -> Estimate:
    """A row of the table, a level unless `columns` say otherwise."""
    key = {"evaluation": "small", "district": "a", "wave": "w2", "indicator": "safe", "unit": "share"}
    return Estimate(**{**key, "estimand": "level", "estimator": "taylor", **columns})


THEFTS = {"id": "safe", "label": "Thefts", "column": "safe", "unit": "thefts", "better": "lower", "role": "primary"}


def monthly(
    pilots: int, comparisons: int, before: int, level: np.ndarray, **changes: Any
) -> tuple[Design, pd.DataFrame]:
    """Records by month: levels (G, T), the pilots first, `before` of the months before the start."""
    waves = [
        {"id": f"w{k + 1}", "label": f"Month {k + 1}", "fieldwork": [f"{2003 + k // 12}-{k % 12 + 1:02}"] * 2}
        for k in range(level.shape[1])
    ]
    start = waves[before]["fieldwork"][0]
    names = [f"d{k}" for k in range(pilots + comparisons)]
    arms = ["pilot"] * pilots + ["comparison"] * comparisons
    cells = {(d, w["id"]): [level[j, k]] for j, d in enumerate(names) for k, w in enumerate(waves)}
    design = a_design(
        dict(zip(names, arms, strict=True)),
        start=start,
        waves=waves,
        indicators=[THEFTS],
        **{"data": {"level": "district"}, **changes},
    )
    return design, a_survey(safe=cells)


def one(rows: pd.DataFrame, **key: Any) -> pd.Series:
    """The one row with these values."""
    found = rows[np.logical_and.reduce([rows[name] == value for name, value in key.items()])]
    assert len(found) == 1, f"{len(found)} rows with {key}"
    return found.iloc[0]


def drawn(seed: int, design: Design, interviews: int, shock: float = 1.0) -> pd.DataFrame:
    """A draw of the generator as `survey.load` returns it, without the columns that no estimate reads."""
    raw = generate.simulate(seed, interviews, shock)
    stratum = raw["wave"] + "/" + raw["district"] + "/" + raw["stratum"]
    columns: dict[str, Any] = {
        "district": raw["district"].astype(str),
        "wave": raw["wave"].astype(str),
        "weight": raw["weight"].astype(float),
        "stratum": stratum,
        "psu": stratum + "/" + raw["psu"],
    }
    return pd.DataFrame(columns | values(raw, design))


def values(raw: pd.DataFrame, design: Design) -> dict[str, pd.Series]:
    """The value of every indicator of peru-2005 for each row of a draw, worked out without the package."""
    out: dict[str, pd.Series] = {}
    for indicator in sorted(design.indicators, key=lambda indicator: bool(indicator.among)):
        if indicator.rule:
            parts = [part for part in design.indicators if part.id in indicator.parts]
            known = ~raw[[part.column for part in parts]].isin(["-9", "-8"]).any(axis=1)
            value = (raw[[part.column for part in parts]] == "yes").any(axis=1).astype(float)
        else:
            given = raw[indicator.column]
            known = ~given.isin([code for codes in design.missing_of(indicator).values() for code in codes])
            value = given.isin(indicator.yes).astype(float) if indicator.yes else pd.to_numeric(given)
        for name, codes in indicator.among.items():
            known &= (out[name] == 1) if name in out else raw[name].isin(codes)
        out[indicator.id] = value.where(known)
    return {indicator.id: out[indicator.id] for indicator in design.indicators}


@dataclass(frozen=True)
class Built:
    """An evaluation with its survey built, and its estimates, unrounded."""

    home: Path
    design: Design
    data: pd.DataFrame
    sample: pd.DataFrame
    rows: pd.DataFrame


@contextmanager
def at_home(home: Path):
    """`paths.home()` for a while."""
    kept = os.environ.get("EVALUATION_HOME")
    os.environ["EVALUATION_HOME"] = str(home)
    try:
        yield
    finally:
        if kept is None:
            del os.environ["EVALUATION_HOME"]
        else:
            os.environ["EVALUATION_HOME"] = kept


@functools.cache
def peru() -> Built:
    """peru-2005 with estimates.parquet as the notebooks write it, in a folder of this process: tests write there."""
    built = _built()
    home = Path(tempfile.mkdtemp(dir=os.environ[FOLDER]))
    shutil.copytree(built.home, home, dirs_exist_ok=True)
    return replace(built, home=home)


@made_once
def _built() -> Built:
    home, name = Path(tempfile.mkdtemp(dir=os.environ[FOLDER])), "peru-2005"
    shutil.copytree(paths.PROJECT / "data" / "raw" / name, home / "data" / "raw" / name)
    with at_home(home):
        design = declared.load(name)
        survey.build(design)
        data = survey.load(name)
        sample = pd.read_parquet(paths.processed(name) / "sample.parquet")
        rows = plan.estimates(design, data)
        estimate.rounded(rows).to_parquet(paths.processed(name) / "estimates.parquet", index=False)
    return Built(home, design, data, sample, rows)
