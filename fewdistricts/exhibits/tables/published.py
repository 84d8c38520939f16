"""Figures stated elsewhere, with the interviews that it would take to tell their change from none."""

from __future__ import annotations

from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.published import DESIGN_EFFECTS, published_rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.wording import NOTHING, Words
from fewdistricts.inference.power import POWER


def published(results: Results, words: Words) -> Table:
    """Published figures, the change, and the interviews needed to tell it from no change."""
    w = words.labels("words")
    rows = published_rows(results, words)
    needed = any(r.needed for r in rows)  # known of shares alone
    deffs = DESIGN_EFFECTS if needed else ()
    columns = [Column(w["indicator"], width=2), Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    columns.append(Column(w["change"], "decimal"))
    spanners = [(w["needed"], len(columns), len(columns) + len(deffs) - 1)] if deffs else []
    columns += [Column(words.number(d, 1), "right", 1.2) for d in deffs]
    if any(r.synthetic_equal for r in rows):
        columns.append(Column(words.label("words", "synthetic_twin"), width=2))
    body: Rows = []
    for r in rows:
        cells: list[Cell] = [words.text(r.indicator.label)]
        cells += [words.level(r.before, r.unit, 0), words.level(r.after, r.unit, 0)]
        cells.append(
            words.signed((r.after - r.before) * 100, 0) if r.unit == "share" else words.signed(r.after - r.before, 2)
        )
        needs = r.needed or (None,) * len(DESIGN_EFFECTS)
        cells += [NOTHING if n is None else words.number(n) for n in needs[: len(deffs)]]
        if any(x.synthetic_equal for x in rows):
            cells.append(words.label("table", "published", "equal") if r.synthetic_equal else NOTHING)
        body.append(cells)
    sources = sorted({r.source for r in rows})
    values: dict[str, object] = {
        "source": "; ".join(sources),
        "level": words.share(1 - results.design.inference.confidence, 0),
        "one": words.number(1.0, 1),
        "needed": needed,
        "power": words.share(POWER, 0),
    }
    return Table(Grid(columns, body, spanners), values)
