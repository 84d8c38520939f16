"""The annex of estimates: the place in the document that every number of an exhibit or a sentence links to."""

from __future__ import annotations

from collections.abc import Iterable

from fewdistricts.exhibits import annex_rows as listed
from fewdistricts.exhibits.annex_rows import Line
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import Made, contrast_name
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import NOTHING, Words, decimals


def levels(results: Results, words: Words) -> Made:
    """Levels before and after with their intervals, and the change or the own contrast, arm by arm and district by
    district."""
    w = words.labels("words")
    contrast = contrast_name(results, words)
    name = words.label("annex", "change_or", contrast=contrast.lower()) if results.headline.compares else contrast
    interval = words.label("words", "interval", confidence=words.share(results.design.inference.confidence, 0))
    columns = [
        Column(w["district"], width=5.2),
        *(Column(*of) for at in (w["before"], w["after"]) for of in ((at, "decimal", 1), (interval, "center", 1.7))),
        Column(name, "decimal", 1.2),
        Column(interval, "center", 1.7),
    ]
    rows: list[list[Cell] | str] = []
    heading = ""
    for line in listed.levels(results):
        if line.indicator != heading:
            heading = line.indicator
            rows.append(naming.item(results.design, words, heading))
        cells = [*_level(words, line.before), *_level(words, line.after), *_contrast(words, line.contrast)]
        rows.append([_line_name(results, words, line), *cells])
    values = {"contrast": contrast.lower(), "single": bool(listed.members(results))}
    return Made(Grid(columns, rows), values, dense=True)


def _line_name(results: Results, words: Words, line: Line) -> str:
    district = words.district(results.design, line.district)
    return words.label("category", name=district, category=_answer(results, words, line)) if line.answer else district


def _answer(results: Results, words: Words, line: Line) -> str:
    return naming.answer(words, results.design.indicator(line.indicator), line.answer)


def _level(words: Words, row: Row | None) -> list[Cell]:
    if row is None:
        return [NOTHING, NOTHING]
    if not row.defined:
        return [{"text": words.status(row.status), "id": row.anchor}, NOTHING]
    interval = words.level_interval(row.ci_low, row.ci_high, row.unit) if row.bounded else NOTHING
    return [{"text": words.level(row.estimate, row.unit), "id": row.anchor}, interval]


def _contrast(words: Words, row: Row | None) -> list[Cell]:
    if row is None:
        return [NOTHING, NOTHING]
    if not row.defined:
        return [{"text": words.status(row.status), "id": row.anchor}, NOTHING]
    interval = words.interval(*row.ends, row.unit) if row.bounded else NOTHING
    return [{"text": words.difference(row.estimate, row.unit, *row.ends), "id": row.anchor}, interval]


def estimates(results: Results, words: Words) -> Made | None:
    """The answers by every method, and what is asked of them: one line a row of the estimates, with its number."""
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    columns = [
        Column(w["method"], width=5.2),
        Column(w["estimate"], "decimal", 1.2),
        Column(w["se"], "decimal"),
        Column(words.label("words", "interval", confidence=confidence), "center", 2),
        Column(w["df"], "decimal"),
        Column(w["p"], "decimal"),
        Column(words.label("annex", "row"), "left", 1.2),
    ]
    rows: list[list[Cell] | str] = []
    ids: dict[int, str] = {}
    for item, members in _by_item(results, listed.others(results)):
        rows.append(naming.item(results.design, words, item))
        for row in members:
            if row.anchor:
                ids[len(rows)] = row.anchor
            rows.append([_method(results, words, row), *_numbers(words, row), short(row)])
    return Made(Grid(columns, rows, ids=ids), dense=True) if rows else None


def short(row: Row) -> str:
    """The end of a row's id, by which `trace` finds it."""
    return row.row_id.rpartition("-")[2]


def _by_item(results: Results, rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.indicator, []).append(row)
    return list(found.items())


def _method(results: Results, words: Words, row: Row) -> str:
    """How the row was made; of rows that are no answer, what they are comes first."""
    method = words.label("estimator", row.estimator)
    if row.variant != "main":
        kind = words.variant(results.design, row)
        method = kind if row.estimand == "breakdown" else words.label("category", name=method, category=kind)
    if row.estimand in (results.headline.estimand, "index"):
        return method
    name = words.label("estimand", row.estimand)
    if row.estimand == "event_study":
        method = words.label("category", name=words.label("words", "event_time"), category=words.number(row.event_time))
    elif row.estimand == "did":
        name = words.district(results.design, row.district)
    elif row.estimand in ("mde", "balance", "composition", "variance_ratio"):
        return name
    return words.label("category", name=name, category=method)


def _numbers(words: Words, row: Row) -> list[Cell]:
    """Estimate, standard error, interval, degrees of freedom and p."""
    if not row.defined:
        return [words.status(row.status), *[NOTHING] * 4]
    if row.estimand in ("mde", "breakdown", "heterogeneity", "variance_ratio"):
        estimate = words.magnitude(row.estimate, row.unit)
    else:
        estimate = words.difference(row.estimate, row.unit, *row.ends)
    se = (
        words.number(row.se * 100, 2)
        if row.unit == "share"
        else words.number(row.se, decimals(row.unit, row.estimate, *row.ends) + 1)
    )
    shown = row.bounded and row.estimator != "placebo_rank"  # a rank has no interval
    interval = words.interval(*row.ends, row.unit) if shown else NOTHING
    return [estimate, se, interval, words.number(row.df, 1), words.p(row.p_value)]
