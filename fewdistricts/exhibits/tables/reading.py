"""What a reader needs to judge a report by: a checklist, the Maryland scale, the simulation, the glossary."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from fewdistricts.design import Design, planned
from fewdistricts.estimates import simulation as simulated
from fewdistricts.estimates.catalogue import ESTIMANDS, ESTIMATORS
from fewdistricts.exhibits.display import Column, Grid, Rows, strong
from fewdistricts.exhibits.follow_up import plans_a_follow_up
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text import findings
from fewdistricts.exhibits.text.wording import NOTHING, Words

# where the documents answer what a point of the checklist asks for: `report` or `annex`, and the section's title there
TREND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "title": (("report", "answer"),),
    "background": (("report", "programme"),),
    "participants": (("annex", "data"), ("report", "design")),
    "interventions": (("report", "programme"),),
    "objectives": (("report", "design"),),
    "outcomes": (("report", "design"), ("annex", "codebook")),
    "sample_size": (("report", "certainty"),),
    "assignment": (("report", "design"), ("report", "limits")),
    "blinding": (),
    "unit": (("report", "design"), ("report", "certainty")),
    "statistics": (("report", "design"), ("annex", "provenance")),
    "flow": (("annex", "data"),),
    "recruitment": (("report", "programme"),),
    "baseline": (("report", "balance"),),
    "equivalence": (("report", "balance"),),
    "numbers": (("annex", "data"),),
    "estimation": (("report", "results"),),
    "ancillary": (("report", "subgroups"), ("report", "districts")),
    "adverse": (("report", "harm"),),
    "interpretation": (("report", "answer"), ("report", "limits")),
    "generalizability": (("report", "limits"),),
    "evidence": (),
}
# of a lottery, instead: what CONSORT for cluster trials asks for and TREND does not
OF_LOT: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "registration"),
    "assignment": ("randomisation", "concealment"),
    "equivalence": (),
}
CONSORT: Mapping[str, tuple[tuple[str, str], ...]] = {
    new: TREND.get(new, (("report", "design"),) if new == "randomisation" else ())
    for item in TREND
    for new in OF_LOT.get(item, (item,))
}
# points that nothing but a change can answer
OF_A_CHANGE = ("estimation", "ancillary", "adverse", "interpretation", "generalizability")
OF_COMPARISONS = ("did", "placebo")
OF_CHANGES = ("change", "p", "se", "df")
"""What a report without changes has no use for."""
OF_METHODS = (
    "cr2", "wild", "permutation", "components", "rank", "synthetic_control", "q", "se", "df", "deff", "psu", "stratum",
    "weight", "breakdown", "family",
)  # fmt: skip
OF_FIGURES: Mapping[str, str] = {"family": "p_adjusted", "q": "q_value", "deff": "deff", "p": "p_value"}


def trend(results: Results, words: Words) -> Table:
    """The items of the TREND statement, of CONSORT after a lottery, and the section and page that answer each."""
    lot = findings.drawn_by_lot(results)
    columns = [
        Column(words.label("annex", "number"), "right", 0.5),
        Column(words.label("annex", "topic"), width=4.5),
        Column(words.label("annex", "where"), width=3),
    ]
    rows: Rows = []
    heading = ""
    planned_before = planned.recorded(results.design.evaluation) is not None
    for number, (item, places) in enumerate((CONSORT if lot else TREND).items(), 1):
        section = words.label("trend", item, "section")
        if section != heading:
            rows.append(section)
            heading = section
        if item in OF_A_CHANGE and not results.changes:
            key = "without_baseline" if results.after_only else "without_followup"
            rows.append([words.number(number), words.label("trend", item, "item"), words.label("trend_remark", key)])
            continue
        parts = [_remark(words, item, results, planned_before)]
        parts += [_section(results, words, where, name) for where, name in places if _is_there(results, name)]
        where = " ".join(part for part in (parts[0], "; ".join(parts[1:])) if part)
        rows.append([words.number(number), words.label("trend", item, "item"), where])
    return Table(Grid(columns, rows), {"statement": "CONSORT" if lot else "TREND"})


def _section(results: Results, words: Words, document: str, name: str) -> str:
    """A section of the report or the annex, by its title."""
    the_pilots = words.the("pilot", len(results.followed or results.design.pilots))
    return words.label("trend_where", document, section=words.label("titles", name, the_pilots=the_pilots))


def _is_there(results: Results, name: str) -> bool:
    """Whether the report has a section that not every report has."""
    return name != "subgroups" or bool(results.design.subgroups)


def _remark(words: Words, item: str, results: Results, planned_before: bool) -> str:
    """What is missing of a point, or where else it is answered; empty where it is answered in full."""
    if item == "evidence" and results.design.published:
        sections = words.label("trend_where", "report", section=words.label("titles", "published"))
        return f"{words.label('trend_remark', 'evidence_published')} {sections}"
    registered = results.design.intervention.assignment.registered
    if item == "registration" and registered:
        return words.text(registered)
    if item == "ancillary" and planned_before:
        return words.label("trend_remark", "ancillary_planned")
    if item in _supplied(results.design):
        return ""
    if item == "adverse":
        return words.label("trend_remark", _harm_looked_for(results.design))
    return words.label("trend_remark", item) if words.has("trend_remark", item) else ""


def _harm_looked_for(design: Design) -> str:
    """The remark on harm where its two sources, indicators watched and neighbours measured, are not both there."""
    if any(indicator.watch for indicator in design.indicators):
        return "adverse_watched"
    return "adverse_neighbours" if design.neighbours else "adverse"


def _supplied(design: Design) -> set[str]:
    """Points that the authors have answered in evaluation.yaml."""
    given = {
        "background": design.intervention.theory,
        "assignment": design.intervention.assignment.by != "unknown",
        "flow": design.data.response,
        "adverse": design.neighbours and any(indicator.watch for indicator in design.indicators),
    }
    return {item for item, answer in given.items() if answer}


def scale(results: Results, words: Words) -> Table:
    """The five levels of the Maryland scale, with those of this report and of published figures marked."""
    own = findings.maryland_level(results)
    columns = [
        Column(words.label("annex", "level"), width=1.4),
        Column(words.label("annex", "design"), width=4),
        Column(words.label("annex", "says"), width=4),
    ]
    rows: Rows = []
    for level in ("1", "2", "3", "4", "5"):
        here = [words.label("scale_here", "report")] if level == own else []
        here += [words.label("scale_here", "published")] if level == "2" and results.design.published else []
        name = words.label("category", name=level, category=words.listed(here)) if here else level
        cell = strong(name) if here else name
        rows.append([cell, words.label("scale", level, "design"), words.label("scale", level, "says")])
    return Table(Grid(columns, rows))


def _span(words: Words, numbers: Collection[int]) -> str:
    """A number, or the least to the most."""
    low, high = words.number(min(numbers)), words.number(max(numbers))
    return low if low == high else words.label("interval", low=low, high=high)


def simulation(results: Results, words: Words) -> Table | None:
    """How often each method is wrong in the simulated design nearest to this one; nothing where none is near."""
    rows = simulated.nearest(results.design, results.interviews)
    if rows.empty:
        return None
    first = rows.iloc[0]
    w = words.labels("words")
    effect = words.size(simulated.EFFECT, "share")
    columns = [
        Column(w["method"], width=3),
        *(Column(words.label("simulation", key), "decimal", 1.3) for key in ("size", "coverage")),
        Column(words.label("simulation", "power", effect=effect), "decimal", 1.3),
        Column(words.label("simulation", "used"), "center", 1),
    ]
    body: Rows = []
    for row in rows.to_dict("records"):
        used = words.label("words", "yes") if row["offered"] else NOTHING
        figures = [words.share(float(row[key])) for key in ("size", "coverage", "power")]
        body.append([words.label("simulation", "method", str(row["method"])), *figures, used])
    ends = [int(first[k]) for k in ("pilot_n_first", "pilot_n_last", "comparison_n_first", "comparison_n_last")]
    values = {
        "design": words.both(int(first["pilots"]), int(first["comparisons"])),
        "interviews": words.listed(words.number(n) for n in sorted(set(ends))),
        "share": words.share(first["share"], 0),
        "deff": words.number(first["deff"], 1),
        "shock": words.number(first["pilot_shock_sd"] * 100, 0),
        "draws": _span(words, rows["draws"].tolist()),
        "nominal": words.share(simulated.LEVEL, 0),
        "confidence": words.share(1 - simulated.LEVEL, 0),
    }
    return Table(Grid(columns, body), values)


def glossary(results: Results, words: Words) -> Table:
    """The terms of the report in plain words."""
    return _terms(results, words, of_methods=False)


def methods(results: Results, words: Words) -> Table:
    """The terms of the annex: those of methods by which an estimate is made."""
    return _terms(results, words, of_methods=True)


def _terms(results: Results, words: Words, of_methods: bool) -> Table:
    """The terms that the report has a use for: those of methods in the annex, the others in the report itself."""
    columns = [Column(words.label("annex", "term"), width=2), Column(words.label("annex", "means"), width=6)]
    methods = set(OF_METHODS)
    if plans_a_follow_up(results):
        methods.discard("deff")  # page one speaks of it
    useless = _without_use(results)
    terms = []
    for word, term in words.group("glossary").items():
        if word not in useless and (word in methods) == of_methods:
            terms.append(term)
    terms.sort(key=lambda term: sorting(term["term"]))
    return Table(Grid(columns, [[strong(term["term"]), term["means"]] for term in terms]))


def _without_use(results: Results) -> set[str]:
    """Words of the glossary for what this evaluation does not have."""
    table, design = results.table, results.design
    useless = _methods() - _methods(set(table["estimand"]), set(table["estimator"]))
    if plans_a_follow_up(results):
        useless.discard("mde")
    if not results.headline.compares:
        useless.update(OF_COMPARISONS)
    if not results.changes:
        useless.update(OF_CHANGES)
    has = {
        "comparison": results.others,
        "synthetic": design.synthetic,
        "suppressed": (table["status"] == "suppressed").any(),
        "placebo": results.placebos,
        "psu": design.data.columns.psu,
        "stratum": design.data.columns.stratum,
        "weight": design.data.columns.weight,
    }
    useless.update(word for word, thing in has.items() if not thing)
    useless.update(word for word, column in OF_FIGURES.items() if table[column].isna().all())
    return useless


def _methods(estimands: Collection[str] = ESTIMANDS, estimators: Collection[str] = ESTIMATORS) -> set[str]:
    """The words of the glossary that explain some estimands and estimators."""
    words = {ESTIMANDS[name].glossary for name in estimands} | {ESTIMATORS[name].glossary for name in estimators}
    return words - {""}


def sorting(term: str) -> str:
    """By letter, accents and case aside."""
    return "".join(c for c in unicodedata.normalize("NFKD", term.casefold()) if not unicodedata.combining(c))
