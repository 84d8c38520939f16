"""For whom: levels, changes and the difference in change within each group of respondents, and between groups.

Every indicator but the placebos, in each group of `subgroups:`. Within a group all is computed as for everyone, over
the group's own answers. The difference between the first group and each other one is a number again in every district,
D_j(a) - D_j(b), and answered by the headline rule (`inference.subgroups`): estimand `subgroup_difference`, `subgroup`
less `variant_of`. All is exploratory but the differences of a primary subgroup in a primary indicator: these take part
in the step-down family of the primary outcomes (`adjustment.primaries_together`). Of all others p is adjusted by Holm's
method over the groups of a subgroup and the indicators of a family.

Cells below `minimum_cell` are respected for all groups together: where one group of a district is too small, none of
them takes that district in, for it could be had from the others by subtraction. In an arm of one district those who
belong to no group count as a group for this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fewdistricts.design import Subgroup
from fewdistricts.estimates import arm_rows, contrasts
from fewdistricts.estimates.adjustment import Outcome, outcome
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import Item, items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.inference import multiple_testing, subgroups
from fewdistricts.survey.disclosure import Cell, suppressed_in

EXPLORATORY = "exploratory"


Changes = dict[Outcome, np.ndarray]


def rows(survey: Survey, hidden: frozenset[Cell] = frozenset()) -> tuple[list[Estimate], Changes]:
    """All rows of subgroups, and the changes (G,) of the differences that are primary, pilots first.

    Nothing where no subgroup is declared. `hidden`: as in `pipeline.of_survey`.
    """
    found: list[Estimate] = []
    changes: Changes = {}
    for subgroup in survey.design.subgroups:
        of_subgroup: list[Estimate] = []
        for item in items(survey.design):
            if item.role != "placebo":
                of_subgroup += _of_item(survey, item, subgroup, hidden, changes)
        found += _adjusted(of_subgroup)
    return found, changes


def _of_item(
    survey: Survey, item: Item, subgroup: Subgroup, hidden: frozenset[Cell], changes: Changes
) -> Iterator[Estimate]:
    """The rows of an indicator in the groups of a subgroup; `changes` takes those of differences that are primary."""
    confirmatory = subgroup.role == "primary" and item.role == "primary"
    in_groups = [replace(item, role=EXPLORATORY, subgroup=f"{subgroup.id}={group}") for group in subgroup.members]
    measured = [survey.measure(each) for each in in_groups]
    small = _too_small(survey, item, measured)
    gone = small | suppressed_in(hidden, item.id)
    if gone:
        measured = [survey.measure(each, gone) for each in in_groups]
    differences = []
    for apart, row in _between(measured, subgroup):
        if confirmatory and headline(survey.design).compares:
            row = replace(row, role="primary")
            changes[outcome(row)] = contrasts.district_changes(apart, *contrasts.arms(survey)).estimate
        differences.append(row)
    for each in [*_within(measured), *differences]:
        lost = bool(gone) and each.status == "no_data"
        yield replace(each, status="suppressed") if lost else each


def _too_small(survey: Survey, item: Item, measured: list[Measured]) -> frozenset[str]:
    """The districts with a group of an indicator that is too small to be shown, at any wave."""
    least = survey.design.disclosure.minimum_cell
    counts = np.array([each.summed.cells.n for each in measured])
    in_none = survey.measure(item).summed.cells.n - counts.sum(axis=0)
    alone = [len(survey.design.pilots) == 1, len(survey.design.comparisons) == 1]
    found = set()
    for district in survey.districts:
        cells = [survey.cell(district.id, wave.id) for wave in survey.design.waves]
        held = counts[:, cells]
        is_alone = alone[0] if district.arm == "pilot" else alone[1]
        if is_alone:
            held = np.vstack([held, in_none[cells]])
        if ((held > 0) & (held < least)).any():
            found.add(district.id)
    return frozenset(found)


def _within(measured: list[Measured]) -> Iterator[Estimate]:
    """Levels and changes of the arms, and the answer, in each group."""
    for each in measured:
        yield from arm_rows.levels(each)
        yield from arm_rows.changes(each)
        yield from arm_rows.over_waves(each)
        answer = contrasts.answer(each)
        if answer is not None:
            yield answer


def _between(measured: list[Measured], subgroup: Subgroup) -> Iterator[tuple[Measured, Estimate]]:
    """The answer of the first group less that of each other one, with what it is measured on."""
    for other, group in zip(measured[1:], subgroup.members[1:], strict=True):
        apart = difference(measured[0], other)
        answer = _answer(apart)
        if answer is not None:
            yield apart, replace(answer, estimand="subgroup_difference", variant_of=group)


def _answer(measured: Measured) -> Estimate | None:
    """The headline's row: the difference in change, or the pilots' change where nothing compares."""
    head = headline(measured.survey.design)
    if head.compares:
        return contrasts.answer(measured)
    if head.kind == "levels":
        return None
    changes = [*arm_rows.changes(measured), *arm_rows.over_waves(measured)]
    wanted = ("change", head.district, head.wave, head.baseline_wave)
    places = ((row.estimand, row.district, row.wave, row.baseline_wave) for row in changes)
    return next((row for row, place in zip(changes, places, strict=True) if place == wanted), None)


def difference(of: Measured, less: Measured) -> Measured:
    """One group less another, measured as an item of its own."""
    survey = of.survey
    means = subgroups.difference(of.means, less.means)
    levels, changes = survey.linear(means, survey.each_cell), survey.linear(means, survey.changes)
    return replace(of, means=means, levels=levels, changes=changes)


def _adjusted(found: list[Estimate]) -> list[Estimate]:
    """The rows with p adjusted over the groups of a subgroup and the indicators of a family, by Holm's method.

    Primary ones are left to the primary outcomes' family.
    """
    together: dict[tuple[str, str], list[int]] = {}
    for k, row in enumerate(found):
        if np.isfinite(row.p_value) and row.role == EXPLORATORY:
            together.setdefault((row.estimand, row.family), []).append(k)
    out = list(found)
    for (estimand, _), places in together.items():
        if estimand in ("att", "subgroup_difference"):
            adjusted = multiple_testing.holm([found[k].p_value for k in places])
            for k, p in zip(places, adjusted, strict=True):
                out[k] = replace(found[k], p_adjusted=float(p))
    return out
