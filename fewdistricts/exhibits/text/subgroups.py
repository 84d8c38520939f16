"""For whom: the answer in groups of respondents, the difference between them, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fewdistricts.design import Indicator, Subgroup
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.certainty import excludes_zero
from fewdistricts.exhibits.text.names import groups
from fewdistricts.exhibits.text.wording import Words, escape


@dataclass(frozen=True)
class Comparison:
    """The first group of a subgroup less another one, on an indicator."""

    indicator: Indicator
    subgroup: Subgroup
    first: str
    other: str
    row: Row

    def holds(self, alpha: float) -> bool:
        """Whether zero is excluded with the number of comparisons allowed for."""
        return excludes_zero(self.row) and self.row.p_adjusted <= alpha


def name(words: Words, subgroup: Subgroup, group: str) -> str:
    """A group as readers see it."""
    return words.text(subgroup.names[group]) if group in subgroup.names else group.replace("_", " ")


def answer(results: Results, indicator: Indicator, subgroup: Subgroup, group: str) -> Row | None:
    """The headline's row in a group; None where there is none."""
    head = results.headline
    place = {"district": head.district, "wave": head.wave, "baseline_wave": head.baseline_wave}
    rows = results.of_groups(
        head.estimand, indicator=indicator.id, subgroup=f"{subgroup.id}={group}", variant="main", **place
    )
    by_rule = [row for row in rows if row.estimator == head.estimator]
    return next(iter(by_rule or rows), None)


def level(results: Results, arm: str, wave: str, indicator: Indicator, subgroup: Subgroup, group: str) -> Row | None:
    """The mean level of an arm in a group."""
    rows = results.of_groups(
        "level", district=arm, wave=wave, indicator=indicator.id, subgroup=f"{subgroup.id}={group}", variant="main"
    )
    return next(iter(rows), None)


def comparisons(results: Results) -> list[Comparison]:
    """Every difference between groups of the primary outcomes that has an interval."""
    return [each for subgroup in results.design.subgroups for each in _of(results, subgroup)]


def _of(results: Results, subgroup: Subgroup) -> Iterator[Comparison]:
    first = subgroup.members[0]
    for indicator in results.primary:
        for other in subgroup.members[1:]:
            row = difference(results, indicator, subgroup, other)
            if row is not None and row.bounded:
                yield Comparison(indicator, subgroup, first, other, row)


def difference(results: Results, indicator: Indicator, subgroup: Subgroup, other: str) -> Row | None:
    """The answer of the first group less that of another."""
    of = {"indicator": indicator.id, "subgroup": f"{subgroup.id}={subgroup.members[0]}", "variant_of": other}
    return next(iter(results.of_groups("subgroup_difference", **of)), None)


def facts(results: Results, words: Words) -> dict[str, Any]:
    """What the chapter and the briefs say of groups."""
    compared = comparisons(results)
    alpha = 1 - results.design.inference.confidence
    apart = [each for each in compared if excludes_zero(each.row)]
    firm = [each for each in apart if each.holds(alpha)]
    expected = len(compared) * alpha
    return {
        "subgroups": bool(results.design.subgroups),
        "subgroup_names": words.listed([escape(words.text(each.label)) for each in results.design.subgroups]),
        "subgroups_compared": words.in_words(len(compared), "comparison") if compared else "",
        "subgroups_several": len(compared) > 1,
        "subgroups_apart": [_sentence(words, each) for each in apart],
        "subgroups_firm": words.in_words(len(firm), "comparison") if firm else "",
        "subgroups_firm_one": len(firm) == 1,
        "subgroups_apart_count": words.in_words(len(apart), "comparison"),
        "subgroups_by_chance": words.number(expected, 1),
        "subgroups_planned": any(each.row.role == "primary" for each in compared),
        "subgroup_line": _line(results, words, compared, firm),
    }


def _sentence(words: Words, each: Comparison) -> str:
    row = each.row
    values = {
        "label": escape(words.text(each.indicator.label)),
        "of": escape(name(words, each.subgroup, each.first)),
        "less": escape(name(words, each.subgroup, each.other)),
        "p": row.link(words.p(row.p_adjusted)),
        **words.linked(row, each.indicator),
    }
    return words.label("subgroup", "difference", small=row.p_adjusted < 0.001, **values)


def _line(results: Results, words: Words, compared: list[Comparison], firm: list[Comparison]) -> str:
    """One sentence for a brief; empty where no groups are compared."""
    if not compared:
        return ""
    if not firm:
        return words.label("subgroup", "line_none", **groups(results, words))
    pairs = []
    for each in firm:
        label = escape(words.text(each.indicator.label))
        first, other = (name(words, each.subgroup, group) for group in (each.first, each.other))
        pairs.append(words.label("subgroup", "pair", label=label, of=first, less=other))
    return words.label("subgroup", "line", pairs="; ".join(pairs), **groups(results, words))
