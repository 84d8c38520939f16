"""Who was asked and who answered, and how alike the districts were before the start."""

from __future__ import annotations

from evaluation.exhibits import naming
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.results import Results, Row
from evaluation.exhibits.tables.common import Made, contrast_cells, level_cell
from evaluation.exhibits.wording import Words


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


def balance(results: Results, words: Words) -> Made | None:
    """Covariates and indicators before the start, pilot and comparison districts and their difference."""
    if not results.of("balance"):
        return None
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
            levels = [results.level(arm, row.wave, row.indicator) for arm in ("pilot", "comparison")]
            name = labels.get(row.indicator) or naming.covariate(results.design, words, row.indicator)
            rows.append([name, *(level_cell(words, r) for r in levels), *contrast_cells(words, row)])
    wave = words.text(results.design.wave(head.baseline_wave).label) if head.baseline_wave != "before" else ""
    return Made(Grid(columns, rows), {"wave": wave, "confidence": confidence})
