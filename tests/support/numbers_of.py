"""Which numbers a text may hold: those of the estimates, of the counts and of the declaration, as they are worded."""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
import numpy as np
import pandas as pd

from fewdistricts.design import Design
from fewdistricts.exhibits.display import TABLE
from fewdistricts.exhibits.text.values import LARGE
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference.rules import FIXED_ON

ADDRESS = re.compile(r"\{#.*?\}|(?<=\])\((?:source:|#)[^)]*\)")  # labels, and the rows that numbers come from
NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
COLUMNS = ("estimate", "ci_low", "ci_high", "p_value", "p_floor", "df", "n_districts")


def told(nb: nbformat.NotebookNode) -> set[str]:
    """Every number in prose, captions, notes, alt texts, tables and data of figures."""
    found: set[str] = set()
    for output in (output for cell in nb.cells for output in cell.outputs):
        meaning = output["metadata"]["nbaccessible"]
        if meaning["kind"] == "cover":
            continue
        texts = [str(meaning.get(key, "")) for key in ("caption", "note", "alt", "stamp")]
        if meaning["kind"] == "prose":
            texts.append(ADDRESS.sub("", output["data"]["text/markdown"]))
        if TABLE in output["data"]:
            texts += _texts(output["data"][TABLE])
        found |= {number for text in texts for number in NUMBER.findall(text)}
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        shown = (inner for key, inner in value.items() if key not in ("source", "id", "href"))
        return [text for inner in shown for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def allowed(words: Words, design: Design, rows: pd.DataFrame, sample: pd.DataFrame) -> set[str]:
    """The numbers of these rows as any unit words them, the counts, and every number of the declaration."""
    texts = [json.dumps(design.model_dump(mode="json"), ensure_ascii=False)]
    texts += [words.month(day) for wave in design.waves for day in wave.fieldwork]
    texts += [str(day.year - 1) for wave in design.waves for day in wave.fieldwork]  # a year that questions reach back
    texts += [words.number(count) for count in (*range(len(design.districts) + 1), design.disclosure.minimum_cell)]
    texts += [words.share(design.inference.confidence, 0), words.date(FIXED_ON), words.number(LARGE, 2)]
    for count in [*sample["n"], sample.loc[sample["kind"] == "interviews", "n"].sum()]:
        texts.append(words.number(float(count)))
    for item in design.indicators:
        if item.worthwhile is not None:
            texts.append(words.size(item.worthwhile, item.unit_of))
    texts += [words.share(published.value, 0) for published in design.published]
    levels = rows[(rows["estimand"] == "level") & rows["estimate"].notna()]
    texts += [words.level(float(row.estimate), row.unit, 0) for row in levels.itertuples()]
    balance = rows[(rows["estimand"] == "balance") & rows["estimate"].notna() & (rows["variant"] == "main")]
    texts.append(words.number(len(balance)))
    for column in COLUMNS:
        share = rows["unit"] == "share"
        known = rows[column].astype(float).pipe(np.isfinite)
        for value in rows.loc[share & known, column].astype(float):
            texts += [words.share(value), words.difference(value, "share")]
        for value, unit in rows.loc[~share & known, [column, "unit"]].itertuples(index=False):
            texts += [words.number(float(value), 2), words.difference(float(value), unit)]
        if column in ("p_value", "p_floor"):
            texts += [words.p(value) for value in rows[column].dropna().astype(float)]
    for low, high in rows.loc[rows["unit"] == "count", ["ci_low", "ci_high"]].itertuples(index=False):
        texts.append(words.interval(float(low), float(high), "count"))
    return {number for text in texts for number in NUMBER.findall(text)}
