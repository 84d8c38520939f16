"""The true effects of invented data, as `data.truth` declares them, to be held against the estimates."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator

from fewdistricts import paths
from fewdistricts.design import Design, short
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey.marks import number

HEADER = ["indicator", "effect"]


def read_truth(design: Design) -> dict[str, float]:
    """True effect of each indicator that the file names: the mean over the pilot districts.

    Shares are fractions (0.08 is 8 percentage points), means are in their own unit. Empty where `data.truth` names no
    file.

    Raises
    ------
    DataError
        With everything that is wrong with the file.
    """
    if design.data.truth is None:
        return {}
    path = paths.raw(design.evaluation) / design.data.truth
    where = paths.shown(path)
    if not path.is_file():
        raise DataError(Problem(where, "no such file", "the file that data.truth names"))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(Problem(where, "text that is not UTF-8", "UTF-8", "save it again as UTF-8")) from None
    rows = list(csv.reader(text.splitlines()))
    header = [name.strip() for name in rows[0]] if rows else []
    if header != HEADER:
        raise DataError(Problem(f"{where}, row 1", short(",".join(header)), ",".join(HEADER)))
    effects: dict[str, float] = {}
    problems: list[Problem] = []
    for line, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            problems += _take(effects, row, design, f"{where}, row {line}")
    if problems:
        raise DataError(problems)
    return effects


def _take(effects: dict[str, float], row: list[str], design: Design, where: str) -> Iterator[Problem]:
    """Adds one row of the file to the effects, or says what is wrong with it."""
    if len(row) != len(HEADER):
        yield Problem(where, f"{len(row)} cells", "two: an indicator and its effect")
        return
    name, text = (cell.strip() for cell in row)
    ids = [indicator.id for indicator in design.indicators]
    effect = number(text)
    if name not in ids:
        yield Problem(where, f"the indicator {short(name)}", ", ".join(ids[:20]), nearest(name, ids))
    elif name in effects:
        yield Problem(where, f"{short(name)} a second time", "each indicator once")
    elif math.isnan(effect):
        yield Problem(where, f"the effect {short(text)}", "a number; 0.08 is 8 percentage points of a share")
    else:
        effects[name] = effect
