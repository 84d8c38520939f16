"""Who was asked and who answered, and how alike the districts were before the start."""

from __future__ import annotations

from collections.abc import Iterable

from fewdistricts.design import District
from fewdistricts.exhibits.display import Column, Grid, Rows, strong
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import Table, contrast_cells, level_cell
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words

MOST_WAVES = 8  # more do not stand side by side: then their total, the least and the most of a wave


def sample(results: Results, words: Words) -> Table:
    """Interviews of each district and wave; of the arms alone where the districts are many or figures of records."""
    w, design = words.labels("words"), results.design
    respondents = design.data.level == "respondent"
    single = respondents and len(design.districts) <= MOST
    heads = [words.text(wave.label) for wave in design.waves]
    if len(heads) > MOST_WAVES:
        heads = [w["total"], w["fewest"], w["most"]]
    interviews = results.counts("interviews").pivot_table(index="district", columns="wave", values="n", sort=False)

    def cells(members: Iterable[District]) -> list[str]:
        counted = interviews.loc[[d.id for d in members], [wave.id for wave in design.waves]].sum()
        ends = [counted.sum(), counted.min(), counted.max()]
        return [words.number(float(n)) for n in (ends if len(counted) > MOST_WAVES else counted)]

    rows: Rows = []
    for arm in design.arms:
        members = design.of_arm(arm)
        name = words.arm(arm, len(members))
        if single:
            rows.append(name)
            rows += [[words.name_of(d), *cells([d])] for d in members]
        else:
            named = words.label("figure", "design", "many", arm=name, number=words.number(len(members)))
            rows.append([named, *cells(members)])
    total = cells(design.districts)
    rows.append([strong(text) for text in (w["total"], *total)])
    columns = [Column(w["district" if single else "districts"], width=3), *(Column(head, "right") for head in heads)]
    unit = w["interviews" if respondents else "rows"]
    return Table(Grid(columns, rows, [(unit, 1, len(heads))]), {"unit": unit, "single": single})


def missing(results: Results, words: Words) -> Table:
    """Item non-response by indicator and the reasons that occur, all districts and waves together."""
    w = words.labels("words")
    sums = results.sample.groupby(["indicator", "kind"])["n"].sum()
    respondents = results.design.data.level == "respondent"
    occurring = set(results.sample.loc[results.sample["n"] > 0, "kind"]) - {"answered", "outside_domain", "not_asked"}
    reasons = [k for k in words.labels("missing") if k in occurring]
    columns = [Column(w["indicator"], width=3), Column(w["answers" if respondents else "figures"], "right")]
    columns += [Column(words.label("missing", k), "right") for k in reasons]
    columns.append(Column(w["share_missing" if respondents else "share_without"], "decimal"))
    rows: Rows = []
    for family, indicators in results.families():
        rows.append(words.family(results.design, family))
        for i in indicators:
            of = sums.loc[i.id] if i.id in sums.index.get_level_values(0) else {}
            answered = float(of.get("answered", 0))
            lost = [float(of.get(k, 0)) for k in reasons]
            asked = answered + sum(lost)
            share = words.share(sum(lost) / asked if asked else None)
            rows.append([words.text(i.label), words.number(answered), *map(words.number, lost), share])
    return Table(Grid(columns, rows), {"respondents": respondents})


def balance(results: Results, words: Words) -> Table | None:
    """Covariates and indicators before the start, pilot and comparison districts and their difference."""
    if not results.of("balance", variant="main"):
        return None
    w = words.labels("words")
    confidence = words.confidence(results.design)
    columns = [
        Column(w["item"], width=3),
        Column(words.label("arm", "pilot"), "decimal"),
        Column(words.label("arm", "comparison"), "decimal"),
        Column(w["difference"], "decimal"),
        Column(words.interval_name(results.design), "center", 1.6),
    ]
    rows: Rows = []
    groups: dict[str, list[Row]] = {}
    families = {i.id: i.family for i in results.design.indicators}
    by_name = {row.indicator: row for row in results.of("balance", variant="main")}
    for name in dict.fromkeys([*results.composition, *by_name]):
        if name in by_name:
            groups.setdefault(families.get(name, "composition"), []).append(by_name[name])
    for family, members in sorted(groups.items(), key=lambda item: item[0] != "composition"):
        rows.append(words.family(results.design, family))
        for row in members:
            levels = [results.level(arm, row.wave, row.indicator) for arm in ("pilot", "comparison")]
            name = naming.item(results.design, words, row.indicator)
            rows.append([name, *(level_cell(words, r) for r in levels), *contrast_cells(words, row)])
    wave = words.text(results.design.wave(results.of("balance", variant="main")[0].wave).label)
    return Table(Grid(columns, rows), {"wave": wave, "confidence": confidence})


def attrition(results: Results, words: Words) -> Table | None:
    """Of a panel: who was not found again in each arm, and how alike those found again were before the start."""
    by_place = {(r.indicator, r.district): r for r in results.of("attrition")}
    if not by_place:
        return None
    w = words.labels("words")
    confidence = words.confidence(results.design)
    arms = [arm for arm in ("pilot", "comparison") if any(district == arm for _, district in by_place)]
    columns = [Column(w["item"], width=3), *(Column(words.label("arm", arm), "decimal") for arm in arms)]
    if len(arms) > 1:
        interval = words.interval_name(results.design)
        columns += [Column(w["difference"], "decimal"), Column(interval, "center", 1.6)]
    rows: Rows = []
    for name in dict.fromkeys(indicator for indicator, _ in by_place):
        lost = name == "attrition"
        if len(rows) == 1:
            rows.append(w["found_again"])
        label = w["not_found_again"] if lost else words.text(results.design.indicator(name).label)
        cells = [level_cell(words, by_place.get((name, arm))) for arm in arms]
        if len(arms) > 1:
            cells += contrast_cells(words, by_place.get((name, "pooled")))
        rows.append([label, *cells])
    row = next(iter(by_place.values()))
    ends = {k: words.text(results.design.wave(v).label) for k, v in (("base", row.baseline_wave), ("later", row.wave))}
    return Table(Grid(columns, rows), {**ends, "confidence": confidence, "compares": len(arms) > 1})
