"""How the answers to the ordinal questions of primary outcomes were distributed before and after."""

from __future__ import annotations

from dataclasses import dataclass

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import Table, level_cell
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.wording import Words

ARMS = ("pilot", "comparison")


@dataclass(frozen=True)
class Ends:
    """The share of an answer in an arm before and after."""

    before: Row | None
    after: Row | None


Distribution = dict[str, dict[str, Ends]]
"""By answer, in the order of the question, and arm."""


def ordinal(results: Results) -> list[tuple[Indicator, Distribution]]:
    """Each indicator whose answers are estimated one by one, with their shares."""
    by_key = {(r.indicator, r.district, answer_of(r), r.wave): r for r in results.of("distribution")}
    before, after = results.level_waves
    out = []
    for indicator in results.design.indicators:
        keys = dict.fromkeys(key[:3] for key in by_key if key[0] == indicator.id)
        if not keys:
            continue
        given = list(dict.fromkeys(key[2] for key in keys))
        order = [answer for answer in indicator.answers if answer in given] if indicator.is_share else given
        shares: Distribution = {answer: {} for answer in order}
        for _, arm, answer in keys:
            ends = [by_key.get((indicator.id, arm, answer, wave)) for wave in (before, after)]
            shares[answer][arm] = Ends(*ends)
        out.append((indicator, shares))
    return out


def answer_of(row: Row) -> str:
    """The answer that a row of a distribution counts."""
    return row.variant_of


def distribution(results: Results, words: Words) -> Table | None:
    """The share of each answer, pilot and comparison districts, before and after."""
    measured = ordinal(results)
    if not measured or not results.changes:
        return None
    w = words.labels("words")
    present = {arm for _, shares in measured for by_arm in shares.values() for arm in by_arm}
    arms = [arm for arm in ARMS if arm in present]
    columns, spanners = [Column(w["answer"], width=3)], []
    for arm in arms:
        spanners.append((words.label("arm", arm), len(columns), len(columns) + 1))
        columns += [Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    rows: Rows = []
    for indicator, shares in measured:
        rows.append(words.text(indicator.question or indicator.label))
        for answer, by_arm in shares.items():
            cells: list[Cell] = [names.answer(words, indicator, answer)]
            for arm in arms:
                cells += [level_cell(words, by_arm[arm].before), level_cell(words, by_arm[arm].after)]
            rows.append(cells)
    return Table(Grid(columns, rows, spanners))
