"""Every number that the report says is a row of the estimates, a published figure, or declared.

A number that links to a row must be that row's, rounded as printed. What is not linked must be told by evaluation.yaml,
by the counts of the sample, or by the page's own arithmetic on published figures.
"""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from rendered import meanings
from report_numbers import (
    LINK,
    VALUES,
    cells,
    counted,
    declared,
    diverged,
    is_of,
    methods,
    numbers,
    of_groups,
    of_placebos,
    prose,
    published,
    report,
    rows,
)
from surveys import at_home, peru

from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.document import NOT_OF_DATA
from fewdistricts.exhibits.text.wording import Words

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])


@LANGUAGES
def test_every_linked_number_of_the_prose_is_its_row_s(language):
    links = LINK.findall(prose(language))
    assert len(links) > 60
    for text, ident in links:
        found = numbers(text)
        assert found, text
        assert all(is_of(number, rows()[ident]) for number in found), (text, ident)


@LANGUAGES
def test_every_other_number_of_the_prose_is_declared_counted_or_published(language):
    with at_home(peru().home):
        known = declared(peru().design.model_dump()) | counted(language) | published(language)
        known |= methods(language) | diverged(language) | of_groups(language) | of_placebos(language)
    text = LINK.sub(" ", prose(language))
    unknown = {number for number in numbers(text) if number.lstrip("−+") not in known}
    assert unknown == set()


@LANGUAGES
def test_every_linked_cell_is_its_row_s(language):
    seen: dict[str, int] = {}
    for label, text, ident in cells(language):
        seen[label] = seen.get(label, 0) + 1
        assert all(is_of(number, rows()[ident]) for number in numbers(text)), (label, text, ident)
    assert {f"fig-{name}" for name in ("findings", "coefficients", "specifications", "districts", "balance")} <= set(
        seen
    )


@LANGUAGES
def test_every_number_in_a_table_of_results_is_linked(language):
    """A cell of a result without a link would be a number that nobody can trace."""
    for meaning, data in meanings(report(language), "table"):
        if meaning["label"].removeprefix("tbl-") in NOT_OF_DATA:
            continue
        for row in data[display.TABLE]["rows"]:
            for cell in row.get("cells", ())[1:]:
                if isinstance(cell, str):
                    assert not re.search(r"\d", cell), (meaning["label"], cell)


@LANGUAGES
def test_alt_texts_say_numbers_of_their_figure_s_table_only(language):
    with at_home(peru().home):
        known = declared(peru().design.model_dump()) | counted(language) | published(language)
    for meaning, data in meanings(report(language), "figure"):
        shown = [
            cell if isinstance(cell, str) else cell["text"] for r in data[display.TABLE]["rows"] for cell in r["cells"]
        ]
        own = {number for text in shown for number in numbers(text)}
        own |= whole_levels(data, Words(language))
        said = set(numbers(meaning["alt"]))
        unknown = {number for number in said - own if number.lstrip("−+") not in known}
        assert unknown == set(), meaning["label"]


def whole_levels(data: dict[str, Any], words: Words) -> set[str]:
    """The levels in a figure's table as charts write them: shares in whole percent."""
    linked = [c["source"] for r in data[display.TABLE]["rows"] for c in r["cells"] if isinstance(c, dict)]
    levels = [rows()[ident] for ident in linked if ident.startswith("est-level-")]
    return {number for row in levels for number in numbers(words.level(row["estimate"], row["unit"], 0))}


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("13.7", True), ("−13.7", False), ("+13.7", True), ("13.65", True), ("13.8", False), ("0.14", True),
        ("1.4", False), ("−2.1", True), ("2.1", True), ("<0.001", True),
    ],
)  # fmt: skip
def test_the_check_tells_right_from_wrong(number, right):
    row: dict[str, Any] = dict.fromkeys(VALUES, math.nan)
    row |= {"unit": "share", "estimate": 0.1365, "ci_low": -0.0212, "p_value": 0.0004}
    assert is_of(number, row) is right
    if right and "." in number and not number.startswith("<"):
        assert not is_of("9" + number.lstrip("−+"), row)
