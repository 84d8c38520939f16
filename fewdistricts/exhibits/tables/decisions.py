"""What can be decided, beside what the data say for and against it; and what was supplied for this report."""

from __future__ import annotations

from collections.abc import Mapping

from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.by_verdict import by_group, quoted_plain
from fewdistricts.exhibits.text.certainty import harm
from fewdistricts.exhibits.text.findings import choice, drawn_by_lot
from fewdistricts.exhibits.text.theory import broken_at, steps
from fewdistricts.exhibits.text.wording import NOTHING, Words

# what speaks for each decision, and what against it
OPTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "extend": (("better", "hinted"), ("worse", "open", "alone", "cause", "harm")),
    "continue": (("better", "hinted", "clearer", "again"), ("worse", "lasting")),
    "change": (("broken", "open", "worse"), ()),
    "end": (("worse", "open", "harm"), ("better", "hinted")),
}


def options(results: Results, words: Words) -> Table | None:
    """Decisions open to a funder, with what speaks for and against each; nothing where no change may be stated."""
    if not results.changes:
        return None
    says = _arguments(results, words)
    rows: Rows = []
    for option, (arguments, objections) in OPTIONS.items():
        cells = []
        for names in (arguments, objections):
            cells.append(" ".join(says[name] for name in names if says[name]) or NOTHING)
        rows.append([words.label("option", "name", option), *cells])
    columns = [
        Column(words.label("option", "heading"), width=2),
        Column(words.label("option", "for"), width=4),
        Column(words.label("option", "against"), width=4),
    ]
    return Table(Grid(columns, rows))


def _arguments(results: Results, words: Words) -> dict[str, str]:
    """What the data say, by the names of `OPTIONS`; empty where they do not say it."""
    groups = by_group(results, results.primary)
    compares = results.headline.compares
    hinted = [i for i in groups["better"] if results.verdict(i).suggestive]
    chain = steps(results)
    broken = broken_at(chain) if compares else None
    named = {
        "better": [i for i in groups["better"] if i not in hinted],
        "hinted": hinted,
        "worse": groups["worse"],
        "open": [i for i in groups["open"] if i.better != "none"],  # without a better direction nothing improves
        "harm": [i for i in results.design.indicators if i.watch == "harm" and harm(results, i)],
        "broken": [] if broken is None else [link.indicator for link in chain[broken]],
    }
    says = {}
    for name, indicators in named.items():
        outcomes = quoted_plain(indicators, words)
        says[name] = words.label("option", "says", name, outcomes=outcomes) if indicators else ""
    followups = {wave.id for district in results.followed for wave in results.design.followups(district)}
    improved, seen_once = bool(groups["better"]), len(followups) == 1
    applies = {
        "clearer": not improved,
        "lasting": improved and seen_once,  # what has not been seen need not last
        "again": improved and seen_once,
        "alone": not compares and not drawn_by_lot(results),
        "cause": compares and not drawn_by_lot(results),
    }
    values = {"respondents": results.design.data.level == "respondent", "choice": choice(results, words)}
    for name, holds in applies.items():
        says[name] = words.label("option", "says", name, **values) if holds else ""
    return says


def supplied(results: Results, words: Words) -> Table:
    """What a reader of such a report looks for, and where it stands; else that it was not supplied."""
    design = results.design
    given = {
        "theory": ("chain" if results.headline.compares else "programme") if design.intervention.theory else "",
        "assignment": "design" if design.intervention.assignment.by != "unknown" else "",
        "delivery": "programme" if design.intervention.delivery else "",
        "cost": "decisions" if design.intervention.cost else "",
        "response": "data" if design.data.response else "",
        "map": "programme" if design.map and design.map.file else "",  # tiles do not say where
        "neighbours": "harm" if design.neighbours else "",
        "harm": "harm" if any(i.watch for i in design.indicators) else "",
        "qualitative": "qualitative" if design.report.qualitative else "",
        "ethics": "data" if design.report.ethics else "",
        "recommendations": "decisions" if design.report.recommendations else "",
    }
    rows: Rows = []
    for name, section in given.items():
        where = words.label("supplied", "missing")
        if section:
            document = "annex" if section == "data" else "report"
            where = words.label("trend_where", document, section=words.label("titles", section))
        rows.append([words.label("supplied", "item", name), where])
    columns = [Column(words.label("annex", "topic"), width=4.5), Column(words.label("annex", "where"), width=4)]
    return Table(Grid(columns, rows))
