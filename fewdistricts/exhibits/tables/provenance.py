"""The tables of the report's annex on provenance."""

from __future__ import annotations

from itertools import zip_longest

from fewdistricts.design import Design
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.provenance import origin

NAMED = ("numpy", "scipy", "pandas", "statsmodels", "seaborn", "matplotlib", "papermill", "nbconvert", "typst", "babel")


def files(design: Design, words: Words) -> Table:
    """Data and configuration files, the code as one hash, the lock."""
    rows: Rows = [
        [words.label("words", "code") if source.kind == origin.CODE else source.name, source.sha256]
        for source in origin.sources(design, [words.language])
    ]
    columns = [Column(words.label("words", "file"), width=2), Column(words.label("words", "sha256"), width=4)]
    return Table(Grid(columns, rows))


def versions(_: Design, words: Words) -> Table:
    """The packages that numbers and pages depend on most; the whole list is the lock."""
    locked = origin.locked_versions()
    named = [(name, locked[name]) for name in NAMED if name in locked]
    half = -(-len(named) // 2)
    rows: Rows = []
    for left, right in zip_longest(named[:half], named[half:], fillvalue=("", "")):
        rows.append([*left, *right])
    pair = [Column(words.label("words", "package")), Column(words.label("words", "version"))]
    return Table(Grid(pair * 2, rows))
