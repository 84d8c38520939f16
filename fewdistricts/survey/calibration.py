"""Weights raked to the margins of `data.weights.calibrate`, in every district and wave by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewdistricts.design import Design, short
from fewdistricts.errors import Problem
from fewdistricts.survey.check import Sampling
from fewdistricts.survey.indicators import missing_codes
from fewdistricts.survey.places import Places
from fewdistricts.survey.raking import rake
from fewdistricts.survey.table import Table, codes_of


def calibrated(design: Design, table: Table, places: Places, sampling: Sampling, problems: list[Problem]) -> Sampling:
    """The sampling with raked weights; adds what keeps the margins from being reached."""
    if design.data.weights is None:
        return sampling
    margins = _margins(design, table, problems)
    if problems:
        return sampling
    weight = np.ones(table.rows) if sampling.weight is None else sampling.weight.copy()
    known = (weight > 0) & np.all([codes >= 0 for codes, _ in margins], axis=0)
    targets = [np.array(list(shares.values())) for _, shares in margins]
    for d, district in enumerate(design.districts):
        for w, wave in enumerate(design.waves):
            rows = np.flatnonzero(known & (places.districts == d) & (places.waves == w))
            raked = rake(weight[rows], [codes[rows] for codes, _ in margins], targets) if len(rows) else None
            if raked is None:
                where = f"district {district.id!r}, wave {wave.id!r}"
                allowed = "somebody in every category of `data.weights.calibrate`, and margins that agree"
                problems.append(Problem(where, "weights that cannot be raked", allowed, "join small categories"))
            else:
                weight[rows] = raked
    return replace(sampling, weight=weight)


def _margins(design: Design, table: Table, problems: list[Problem]) -> list[tuple[np.ndarray, dict[str, float]]]:
    """Of each margin the category of every row, -1 where it is missing, and the shares."""
    margins: list[tuple[np.ndarray, dict[str, float]]] = []
    assert design.data.weights is not None
    for name, shares in design.data.weights.calibrate.items():
        column, where = table.columns[name], table.where(name)
        missing = missing_codes(column, design.data.missing.by_kind, where, "data.missing", problems)
        category: dict[str, int] = {}
        for k, spelled in enumerate(shares):
            category |= dict.fromkeys(codes_of(column, [spelled], where, "data.weights.calibrate", problems), k)
        for code in column.distinct:
            if code not in category and code not in missing:
                allowed = "answers with a share in `data.weights.calibrate`, or declared under `data.missing`"
                problems += table.problems_of(column, [code], short(column.shown(code)), allowed)
        margins.append((column.lookup(category)[column.codes], shares))
    return margins
