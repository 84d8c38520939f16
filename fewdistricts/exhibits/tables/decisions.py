"""What can be decided, beside what the data say for and against it; and what was supplied for this report."""

from __future__ import annotations

from collections.abc import Callable

from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.by_verdict import by_group, quoted_plain
from fewdistricts.exhibits.text.certainty import harm
from fewdistricts.exhibits.text.findings import choice, drawn_by_lot
from fewdistricts.exhibits.text.theory import broken_at, steps
from fewdistricts.exhibits.text.wording import NOTHING, Words

Option = tuple[str, list[str], list[str]]


def options(results: Results, words: Words) -> Table | None:
    """Decisions open to a funder, with what speaks for and against each; nothing where no change may be stated."""
    if not results.changes:
        return None
    columns = [
        Column(words.label("option", "heading"), width=2),
        Column(words.label("option", "for"), width=4),
        Column(words.label("option", "against"), width=4),
    ]
    rows: Rows = []
    for key, arguments, objections in _options(results, words):
        rows.append([words.label("option", "name", key), _joined(arguments), _joined(objections)])
    return Table(Grid(columns, rows))


def _options(results: Results, words: Words) -> list[Option]:
    """The options in order, with their arguments and objections as sentences."""
    groups = by_group(results, results.primary)
    said: Callable[..., str] = lambda key, **values: words.label("option", "says", key, **values)  # noqa: E731
    hinted = [i for i in groups["better"] if results.verdict(i).suggestive]
    firm = [i for i in groups["better"] if i not in hinted]
    unclear_of = [i for i in groups["open"] if i.better != "none"]  # without a better direction nothing improves
    kinds = (("better", firm), ("hinted", hinted), ("worse", groups["worse"]), ("open", unclear_of))
    of = {key: [said(key, outcomes=quoted_plain(named, words))] if named else [] for key, named in kinds}
    better, worse, unclear = [*of["better"], *of["hinted"]], of["worse"], of["open"]
    cause = [] if drawn_by_lot(results) else [_other_cause(results, words)]
    followups = {wave.id for district in results.followed for wave in results.design.followups(district)}
    respondents = results.design.data.level == "respondent"
    lasting, further = [], [] if better else [said("clearer", respondents=respondents)]
    if better and len(followups) == 1:  # what has not been seen need not last
        lasting, further = [said("lasting")], [said("again", respondents=respondents)]
    watched = [i for i in results.design.indicators if i.watch == "harm" and harm(results, i)]
    harmed = [said("harm", outcomes=quoted_plain(watched, words))] if watched else []
    chain = steps(results)
    at = broken_at(chain) if results.headline.compares else None
    broken = [] if at is None else [said("broken", outcomes=quoted_plain([k.indicator for k in chain[at]], words))]
    return [
        ("extend", better, [*worse, *unclear, *cause, *harmed]),
        ("continue", [*better, *further], [*worse, *lasting]),
        ("change", [*broken, *unclear, *worse], []),
        ("end", [*worse, *unclear, *harmed], better),
    ]


def _other_cause(results: Results, words: Words) -> str:
    """Why something else than the programme may lie behind a change, where no lottery chose the districts."""
    if not results.headline.compares:
        return words.label("option", "says", "alone")
    return words.label("option", "says", "cause", choice=choice(results, words))


def _joined(sentences: list[str]) -> str:
    return " ".join(sentences) if sentences else NOTHING


def supplied(results: Results, words: Words) -> Table:
    """What a reader of such a report looks for, and where it stands; else that it was not supplied."""
    design = results.design
    has = words.label("supplied", "missing")
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
    annex = ("data",)
    rows: Rows = []
    for name, section in given.items():
        where = has
        if section:
            document = "annex" if section in annex else "report"
            where = words.label("trend_where", document, section=words.label("titles", section))
        rows.append([words.label("supplied", "item", name), where])
    columns = [Column(words.label("annex", "topic"), width=4.5), Column(words.label("annex", "where"), width=4)]
    return Table(Grid(columns, rows))
