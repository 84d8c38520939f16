"""Published figures, the codebook and the annex of estimates."""

from __future__ import annotations

from evaluation.design import Indicator
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.published import published_rows
from evaluation.exhibits.results import Results, Row
from evaluation.exhibits.tables.common import Made, contrast_cells, contrast_name
from evaluation.exhibits.wording import NOTHING, Words


def published(results: Results, words: Words) -> Made:
    """Published figures, the change, and the interviews needed to tell it from no change."""
    w = words.labels("words")
    rows = published_rows(results, words)
    deffs = rows[0].design_effects if rows else ()
    columns = [Column(w["indicator"], width=2), Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    columns.append(Column(w["change"], "decimal"))
    columns += [Column(words.label("words", "needed", deff=words.number(d, 1)), "right", 1.2) for d in deffs]
    if any(r.synthetic_equal for r in rows):
        columns.append(Column(words.label("words", "synthetic_twin"), width=2))
    body: list[list[Cell] | str] = []
    for r in rows:
        cells: list[Cell] = [words.text(r.indicator.label)]
        cells += [words.level(r.before, r.unit, 0), words.level(r.after, r.unit, 0)]
        cells.append(
            words.signed((r.after - r.before) * 100, 0) if r.unit == "share" else words.signed(r.after - r.before, 2)
        )
        cells += [words.number(n) for n in r.needed]
        if any(x.synthetic_equal for x in rows):
            cells.append(words.label("table", "published", "equal") if r.synthetic_equal else NOTHING)
        body.append(cells)
    sources = sorted({r.source for r in rows})
    values = {
        "source": "; ".join(sources),
        "level": words.share(1 - results.design.inference.confidence, 0),
        "one": words.number(1.0, 1),
    }
    return Made(Grid(columns, body), values)


def codebook(results: Results, words: Words) -> Made:
    """Every indicator: question, what is counted, family, role, direction."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=2.2),
        Column(w["question"], width=4),
        Column(w["answers_counted"], width=2.4),
        Column(w["role"], width=1.5),
        Column(words.label("outcome", "better"), width=1.1),
    ]
    rows: list[list[Cell] | str] = []
    for family, indicators in results.families():
        rows.append(words.family(results.design, family))
        for i in indicators:
            counted = ", ".join(i.yes) if i.yes is not None else _scale_text(i, words)
            if i.conditional:
                among = "; ".join(f"{k}: {', '.join(map(str, v))}" for k, v in (i.among or {}).items())
                counted = f"{counted} ({words.label('outcome', 'among', among=among)})"
            role, better = words.label("role", i.role), words.label("better_short", i.better)
            rows.append([words.text(i.label), words.text(i.question or i.label), counted, role, better])
    return Made(Grid(columns, rows), landscape=False)


def _scale_text(indicator: Indicator, words: Words) -> str:
    if indicator.scale is None:
        return words.label("words", "mean")
    low, high = (words.number(float(v)) for v in indicator.scale)
    return words.label("words", "mean_of", low=low, high=high)


def estimates(results: Results, words: Words) -> Made:
    """The contrast of every indicator: all estimators over the pilot districts, then each pilot district's own."""
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    columns = [
        Column(w["district"], width=2.4),
        Column(w["method"], width=2.6),
        Column(contrast_name(results, words), "decimal", 1.2),
        Column(w["se"], "decimal"),
        Column(words.label("words", "interval", confidence=confidence), "center", 1.9),
        Column(w["df"], "decimal"),
        Column(w["p"], "decimal"),
    ]
    rows: list[list[Cell] | str] = []
    for indicator in results.design.indicators:
        members = [r for r in annexed(results) if r.indicator == indicator.id]
        if members:
            rows.append(words.text(indicator.label))
        for r in members:
            difference, interval = contrast_cells(words, r)
            se = words.number(r.se * 100, 2) if r.unit == "share" else words.number(r.se, 3)
            method = words.label("estimator", r.estimator)
            if r.specification != "main":
                method = words.label(
                    "category", name=method, category=words.specification(results.design, r.specification)
                )
            district = words.district(results.design, r.district)
            rows.append([district, method, difference, se, interval, words.number(r.df, 1), words.p(r.p_value)])
    return Made(Grid(columns, rows))


def annexed(results: Results) -> list[Row]:
    """The rows that the annex lists: the contrast by every estimator, and each district's own by the widest allowed."""
    head = results.headline
    own = {r.estimator for r in results.of("did")}
    one = "variance_components" if "variance_components" in own else "taylor"
    return [
        r
        for r in results.rows
        if (r.estimand == head.estimand and r.district == head.district and ":" not in r.specification)
        or (r.estimand == "did" and r.estimator == one)
        or (not head.compares and r.estimand == "change")
    ]
