"""The tables of the report: rows of the estimates and of the sample flow, put into words. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from evaluation.design import Indicator
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.published import published_rows
from evaluation.exhibits.results import Results, Row
from evaluation.exhibits.sentences import reading
from evaluation.exhibits.wording import NOTHING, Words


@dataclass(frozen=True)
class Made:
    """A table with the values that its caption and note ask for."""

    grid: Grid
    values: dict[str, Any] = field(default_factory=dict)
    landscape: bool = False


def headline(results: Results, words: Words) -> Made:
    """Primary outcomes: levels before and after in both arms, the contrast, its interval, its reading."""
    return Made(_contrast_grid(results, words, [("", results.primary)]), _method_values(results, words))


def results(results: Results, words: Words) -> Made:
    """Every indicator by family, the same columns as the headline."""
    groups = [(words.family(results.design, f), indicators) for f, indicators in results.families()]
    return Made(_contrast_grid(results, words, groups), _method_values(results, words))


def _contrast_grid(results: Results, words: Words, groups: list[tuple[str, list[Indicator]]]) -> Grid:
    head = results.headline
    w = words.labels("words")
    arms = ["pilot", "comparison"] if head.compares else ["pilot"]
    columns = [Column(w["indicator"], width=3)]
    spanners = []
    for arm in arms:
        spanners.append((words.label("arm", arm), len(columns), len(columns) + 1))
        columns += [Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    confidence = words.share(results.design.inference.confidence, 0)
    columns += [
        Column(contrast_name(results, words), "decimal", 1.1),
        Column(words.label("words", "interval", confidence=confidence), "center", 1.7),
        Column(w["verdict"], "left", 1.7),
    ]
    rows: list[list[Cell] | str] = []
    for name, indicators in groups:
        if name:
            rows.append(name)
        for indicator in indicators:
            row = results.answer(indicator)
            cells: list[Cell] = [words.text(indicator.label)]
            for arm in arms:
                for wave in (head.baseline_wave, head.wave):
                    cells.append(level_cell(words, results.level(arm, wave, indicator)))
            cells += contrast_cells(words, row)
            cells.append(reading(words, results, indicator).short)
            rows.append(cells)
    return Grid(columns, rows, spanners)


def level_cell(words: Words, row: Row | None) -> str:
    """A level, or why there is none."""
    if row is None:
        return NOTHING
    return words.level(row.estimate, row.unit) if row.defined else words.status(row.status)


def contrast_cells(words: Words, row: Row | None) -> list[Cell]:
    """A difference and its interval, or why there is none."""
    if row is None:
        return [NOTHING, NOTHING]
    if not row.defined:
        return [words.status(row.status), NOTHING]
    interval = words.interval(row.ci_low, row.ci_high, row.unit) if row.bounded else words.status(row.status)
    return [words.difference(row.estimate, row.unit), interval]


def contrast_name(results: Results, words: Words) -> str:
    """What the contrast of this design is called."""
    return words.label("contrast", "did" if results.headline.compares else "change")


def method_note(results: Results, words: Words) -> str:
    """How the headline intervals were made, read from the rows themselves."""
    head = results.headline
    rows = [r for i in results.design.indicators if (r := results.answer(i)) is not None and r.bounded]
    if not rows:
        return words.label("method", "none")
    if head.estimator == "district_change":
        if all(r.se_type == "pooled" for r in rows) and len({r.df for r in rows}) == 1:
            return words.label("method", "district_change", df=words.number(rows[0].df))
        return words.label("method", "district_change_welch")
    return words.label("method", head.estimator)


def _method_values(results: Results, words: Words) -> dict[str, Any]:
    return {"contrast": contrast_name(results, words).lower(), "method": method_note(results, words)}


def outcomes(results: Results, words: Words) -> Made:
    """The primary outcomes: question, what counts, which direction is better, the smallest change worth having."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=2),
        Column(w["question"], width=4),
        Column(words.label("outcome", "better"), width=2),
        Column(words.label("outcome", "worthwhile"), width=2),
    ]
    rows: list[list[Cell] | str] = []
    for i in results.primary:
        worthwhile = NOTHING if i.worthwhile is None else words.size(i.worthwhile, i.unit_of)
        rows.append(
            [words.text(i.label), words.text(i.question or i.label), words.label("better", i.better), worthwhile]
        )
    return Made(Grid(columns, rows))


def sample(results: Results, words: Words) -> Made:
    """Interviews of each district and wave."""
    w = words.labels("words")
    waves = results.design.waves
    columns = [Column(w["district"], width=3)] + [Column(words.text(wave.label), "right") for wave in waves]
    interviews = results.counts("interviews").set_index(["district", "wave"])["n"]
    rows: list[list[Cell] | str] = []
    for arm in ("pilot", "comparison", "neighbour"):
        members = [d for d in results.design.districts if d.arm == arm]
        if members:
            rows.append(words.label("arms", arm))
        for d in members:
            counted = [words.number(float(interviews.get((d.id, wave.id), 0))) for wave in waves]
            rows.append([words.text(d.name), *counted])
    total = [words.number(float(interviews.xs(wave.id, level="wave").sum())) for wave in waves]
    rows.append(
        [{"text": words.label("words", "total"), "strong": True}, *({"text": t, "strong": True} for t in total)]
    )
    return Made(Grid(columns, rows, [(w["interviews"], 1, len(waves))]))


def missing(results: Results, words: Words) -> Made:
    """Item non-response by indicator and reason, all districts and waves together."""
    w = words.labels("words")
    sums = results.sample.groupby(["indicator", "kind"])["n"].sum()
    reasons = [k for k in words.labels("missing") if k not in ("answered", "outside_domain", "not_asked")]
    columns = [Column(w["indicator"], width=3), Column(w["answers"], "right")]
    columns += [Column(words.label("missing", k), "right") for k in reasons]
    columns.append(Column(w["share_missing"], "decimal"))
    rows: list[list[Cell] | str] = []
    for family, indicators in results.families():
        rows.append(words.family(results.design, family))
        for i in indicators:
            of = sums.loc[i.id] if i.id in sums.index.get_level_values(0) else {}
            answered = float(of.get("answered", 0))
            lost = [float(of.get(k, 0)) for k in reasons]
            asked = answered + sum(lost)
            share = words.share(sum(lost) / asked if asked else None)
            rows.append([words.text(i.label), words.number(answered), *map(words.number, lost), share])
    return Made(Grid(columns, rows))


def balance(results: Results, words: Words) -> Made:
    """Covariates and indicators before the start, pilot and comparison districts and their difference."""
    w = words.labels("words")
    head = results.headline
    confidence = words.share(results.design.inference.confidence, 0)
    columns = [
        Column(w["item"], width=3),
        Column(words.label("arm", "pilot"), "decimal"),
        Column(words.label("arm", "comparison"), "decimal"),
        Column(w["difference"], "decimal"),
        Column(words.label("words", "interval", confidence=confidence), "center", 1.6),
    ]
    rows: list[list[Cell] | str] = []
    labels = {i.id: words.text(i.label) for i in results.design.indicators}
    groups: dict[str, list[Row]] = {}
    families = {i.id: i.family for i in results.design.indicators}
    for row in results.of("balance"):
        groups.setdefault(families.get(row.indicator, "composition"), []).append(row)
    for family, members in sorted(groups.items(), key=lambda item: item[0] != "composition"):
        rows.append(words.family(results.design, family))
        for row in members:
            levels = [
                results._index.get(("level", arm, row.wave, "", row.indicator, "taylor", "main"))
                for arm in ("pilot", "comparison")
            ]
            name = labels.get(row.indicator) or words.covariate(row.indicator)
            rows.append([name, *(level_cell(words, r) for r in levels), *contrast_cells(words, row)])
    wave = words.text(results.design.wave(head.baseline_wave).label) if head.baseline_wave != "before" else ""
    return Made(Grid(columns, rows), {"wave": wave, "confidence": confidence})


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


TABLES: dict[str, Callable[[Results, Words], Made]] = {
    f.__name__: f for f in (headline, results, outcomes, sample, missing, balance, published, codebook, estimates)
}
