"""Valid evaluations broken in hundreds of ways: each is still right or one clear error, never a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, paths, survey
from fewdistricts.errors import ConfigurationError, DataError, Problem

GONE = object()
VALUES = [
    GONE, None, True, 0, -1, 3.5, "", "x", "a" * 100_000, "\U0001f642\u202e", [], [None], ["x", "x"], {}, {"x": "y"},
    {"en": "x"}, [[1]], "2003-02", "no", "../x", "north", 10**30, float("inf"), float("nan"),
]  # fmt: skip
CELLS = [
    "",
    "NA",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "1e308",
    "-1",
    "999",
    "x" * 100_000,
    "\U0001f642",
    "1,5",
    "\x00",
    "=1",
]


def full(declaration: dict[str, Any]) -> dict[str, Any]:
    """The small evaluation with nearly every key."""
    declaration["indicators"][0] |= {
        "among": {"victim": [1]}, "no": ["no"], "question": "Do you feel safe?", "better": "higher", "role": "primary",
        "recall_months": 12, "worthwhile": 0.05, "comparable": {"2003": True}, "waves": ["2003", "2005"],
    }  # fmt: skip
    declaration["districts"][0] |= {"pair": "a", "population": 100, "value": ["north"]}
    declaration["districts"][1] |= {"pair": "a"}
    return declaration | {
        "covariates": ["sex"],
        "subgroups": [
            {
                "id": "sex",
                "label": "Sex",
                "column": "sex",
                "groups": {"women": ["f"], "men": ["m"]},
                "names": {"women": "Women"},
                "role": "primary",
            },
            {"id": "trusting", "label": "Trust", "column": "trust", "bands": ["1-3", "4+"]},
        ],
        "families": {"outcomes": "Outcomes"},
        "inference": {"confidence": 0.95, "districts": "equal", "lonely_psu": "adjust", "headline": "last"},
        "published": [{"place": "X", "wave": "2003", "indicator": "feels_safe", "value": 0.3, "source": "Y"}],
        "disclosure": {"minimum_cell": 10},
    }


def places(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path to a key or item."""
    for key in tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        yield (*at, key)
        yield from places(tree[key], (*at, key))


def put(tree: Any, at: tuple[Any, ...], value: Any) -> Any:
    out = copy.deepcopy(tree)
    inner = out
    for key in at[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[at[-1]]
    else:
        inner[at[-1]] = value
    return out


def clear(home: Path) -> str:
    """Builds; an error must be ours, short, without a path of this machine, and leave nothing behind."""
    before = {path: path.read_bytes() for path in paths.processed("small").rglob("*") if path.is_file()}
    try:
        survey.build(design.load("small"))
    except (ConfigurationError, DataError) as error:
        said = str(error)
        assert all(isinstance(problem, Problem) for problem in error.problems)
        assert 0 < len(said) < 20_000
        assert str(home) not in said and "Traceback" not in said
        assert {path: path.read_bytes() for path in paths.processed("small").rglob("*") if path.is_file()} == before
        return said
    counts = survey.load("small")
    assert set(counts["district"]) <= {"north", "south", *(d.id for d in design.load("small").districts)}
    return ""


@pytest.mark.parametrize("seed", range(4))
def test_evaluation_yaml_with_one_odd_value(seed: int, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    base = full(declaration)
    chance = random.Random(seed)
    every = [(at, value) for at in places(base) for value in VALUES]
    refused = 0
    for at, value in chance.sample(every, 40):
        text = json.dumps(put(base, at, value), indent=1).replace("Infinity", ".inf").replace("NaN", ".nan")
        declare(text)
        refused += bool(clear(home))
    assert refused > 20


@pytest.mark.parametrize("column", HEADER)
def test_one_odd_cell(column: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["no"] = ["no"]
    declare(declaration)
    for cell in CELLS:
        rows: list[list[Any]] = [list(row) for row in ROWS]
        rows[2][HEADER.index(column)] = f'"{cell}"'
        (paths.raw("small") / "survey.csv").write_text(csv_text([tuple(row) for row in rows]), encoding="utf-8")
        said = clear(home)
        named = column in ("district", "wave", "weight") or (column in ("safe", "trust") and cell)
        assert not named or "row 4" in said or "line" in said or cell in ("999",), (column, cell, said)


def test_damaged_bytes(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["no"] = ["no"]
    declare(declaration)
    chance = random.Random(1)
    whole = csv_text().encode()
    for _ in range(60):
        damaged = bytearray(whole)
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.choice([0, 1, 5, 50, 500])] = chance.choice(
            [b"", b"\n", b",", b'"', b"\r", b"\x00", b"\xff", b"north,2003,"]
        )
        (paths.raw("small") / "survey.csv").write_bytes(damaged)
        clear(home)
