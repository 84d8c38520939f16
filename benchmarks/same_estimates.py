"""Whether a change of code leaves every estimate as it was.

    python -m benchmarks.same_estimates make FOLDER      # estimates of every case as FOLDER/<case>.csv
    python -m benchmarks.same_estimates compare BEFORE AFTER

The cases are peru-2005, the Andean survey where its file lies in data/raw/lapop-andes, and the designs of
tests/support/designs.py. Rows are matched by their key, whatever columns one side lacks; a file of before 0.2.0,
whose `specification` is now `variant` and `variant_of`, is read too. Values must be equal as they are published, that
is rounded. What differs is listed, and the exit status is 1.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import cells, estimate, pipeline
from fewdistricts.survey import disclosure

TESTS = paths.PROJECT / "tests"
EVALUATIONS = {"peru-2005": "survey.csv", "lapop-andes": "andean_2018_2023.csv"}
SHOWN = 10
"""Differences of a case that are listed."""


def make(folder: Path) -> None:
    """Estimates of every case, as published, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, evaluation, home in _cases():
        with surveys().at_home(home):
            survey.build(declared.load(evaluation))
            design = declared.load(evaluation)  # with the districts that the data name
            for district in design.districts:
                cells.make(design, [district])
            rows = pipeline.of_survey(cells.load(design), disclosure.load(evaluation))
        estimate.rounded(rows).to_csv(folder / f"{name}.csv", index=False)
        print(f"{name}: {len(rows)} rows", flush=True)


def _cases() -> Iterator[tuple[str, str, Path]]:
    """Name, evaluation and home of each case; the home is deleted afterwards."""
    for evaluation, file in EVALUATIONS.items():
        raw = paths.PROJECT / "data" / "raw" / evaluation
        if not (raw / file).exists():
            print(f"{evaluation}: {file} is not here")
            continue
        with tempfile.TemporaryDirectory() as home:
            shutil.copytree(raw, Path(home) / "data" / "raw" / evaluation)
            yield evaluation, evaluation, Path(home)
    for name, make_design in designs().items():
        with tempfile.TemporaryDirectory() as home:
            raw = Path(home) / "data" / "raw" / "small"
            raw.mkdir(parents=True)
            data, declaration = make_design()
            data.to_csv(raw / "data.csv", index=False)
            (raw / "evaluation.yaml").write_text(json.dumps(declaration), encoding="utf-8")
            yield name, "small", Path(home)


def surveys():  # type: ignore[no-untyped-def]
    """The helpers of the tests."""
    sys.path[:0] = [str(TESTS / "support"), str(TESTS), str(paths.PROJECT / "data" / "raw" / "peru-2005")]
    import surveys

    return surveys


def designs():  # type: ignore[no-untyped-def]
    """The designs of the tests by name."""
    surveys()
    import designs as of_tests

    return of_tests.DESIGNS


def compare(before: Path, after: Path) -> int:
    """How many values differ between the files of two folders; what differs is printed."""
    differences = 0
    for file in sorted(before.glob("*.csv")):
        if not (after / file.name).exists():
            print(f"{file.stem}: not made")
            continue
        found = differing(read(file), read(after / file.name))
        differences += len(found)
        print(f"{file.stem}: {'equal' if not found else f'{len(found)} values differ'}")
        for line in found[:SHOWN]:
            print(f"    {line}")
    return differences


def read(file: Path) -> pd.DataFrame:
    """A table of estimates with the key of today."""
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    if "specification" in rows:
        parts = rows.pop("specification").str.partition(":")
        rows["variant"], rows["variant_of"] = parts[0], parts[2]
    for name in estimate.KEY:
        if name not in rows:
            rows[name] = ""
    rows["event_time"] = rows["event_time"].str.removesuffix(".0")
    return rows.set_index(estimate.KEY)


def differing(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Rows that only one table has, and values of columns of both that are not equal, one a line."""
    lines = [f"only before: {_name(key)}" for key in before.index.difference(after.index)]
    lines += [f"only after: {_name(key)}" for key in after.index.difference(before.index)]
    shared = before.index.intersection(after.index)
    for name in [column for column in before if column in after and column not in ("row_id", "exhibits")]:
        old, new = before.loc[shared, name], after.loc[shared, name]
        for key in shared[~_equal(old, new, name)]:
            lines.append(f"{name}: {old[key]} was, {new[key]} is; {_name(key)}")
    return lines


def _equal(old: pd.Series, new: pd.Series, name: str) -> np.ndarray:
    if name in estimate.TEXTS:
        return (old == new).to_numpy()
    return np.isclose(pd.to_numeric(old), pd.to_numeric(new), rtol=0, atol=0, equal_nan=True)


def _name(key: tuple[str, ...]) -> str:
    return " ".join(value for value in key if value)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder]:
            make(Path(folder))
        case ["compare", before, after]:
            sys.exit(1 if compare(Path(before), Path(after)) else 0)
        case _:
            sys.exit(__doc__)
