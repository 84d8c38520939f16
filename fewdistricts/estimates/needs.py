"""What a step of the estimates reads: which cells, and whether it opens respondents. A rule of the design alone."""

from __future__ import annotations

from pathlib import Path

from fewdistricts import paths
from fewdistricts.design import Design, District, Indicator, Wave
from fewdistricts.estimates.followed_waves import comparisons_of, followed_pilots

AT_ONCE = 16
"""Districts whose respondents are held together, where no notebook sums them."""
MOST_DISTRICTS = 40
"""Beyond it notebooks show a regression of cells, not of respondents with an effect for each district."""
FEWEST_OF_INDEX = 2
"""Indicators that make an index."""


def cell_file(evaluation: str, district: str, wave: str) -> Path:
    """Where the cell of a district and wave lies."""
    return paths.processed(evaluation) / "district_wave" / f"{district}-{wave}.parquet"


def compared_cells(design: Design, district: District, wave: Wave) -> list[tuple[District, Wave]]:
    """The cells of the comparison districts that a district's difference in change at a wave rests on; none for a
    comparison district, or where a wave is no follow-up."""
    if district.arm == "comparison":
        return []
    pairs = [pair for pair in comparisons_of(design, district) if pair[0] == wave.id]
    waves = [w for w in design.waves if any(w.id in pair for pair in pairs)]
    return [(comparison, w) for comparison in design.comparisons for w in waves]


def regressed(design: Design, district: District | None = None, wave: Wave | None = None) -> list[District]:
    """The districts whose respondents the regression of a notebook takes: of one district at a wave, or of all; none
    where a regression of cells is shown."""
    if district is None or wave is None:
        districts = [*followed_pilots(design), *design.comparisons]
    else:
        districts = [district, *design.comparisons] if compared_cells(design, district, wave) else []
    return districts if len(districts) <= MOST_DISTRICTS else []


def opened(design: Design, district: District, wave: Wave) -> list[District]:
    """The districts whose respondents the notebook of a district and wave opens: those that it takes a regression of,
    or all where districts share sampling units."""
    return list(design.districts) if design.data.across_districts else regressed(design, district, wave)


def respondents(design: Design) -> list[str]:
    """What of an evaluation cannot be computed from cells, in words; nothing where cells are enough."""
    reasons = []
    if families_with_index(design):
        reasons.append("the index of a family standardises the answers of each respondent")
    if design.data.sampling == "panel":
        reasons.append("a panel is followed respondent by respondent")
    return reasons


def is_adjusted(design: Design) -> bool:
    """Whether covariates are held constant: then cells hold their products with each answer."""
    several = min(len(followed_pilots(design)), len(design.comparisons)) > 1
    return bool(design.covariates) and several and design.data.level == "respondent"


def families_with_index(design: Design) -> dict[str, list[Indicator]]:
    """The families that have an index, with its members: where there is a comparison group."""
    if not followed_pilots(design) or not design.comparisons:
        return {}
    members: dict[str, list[Indicator]] = {}
    for indicator in design.indicators:
        if _belongs(design, indicator):
            members.setdefault(indicator.family, []).append(indicator)
    kept = {family: _without_functions(belonging) for family, belonging in members.items()}
    return {family: belonging for family, belonging in kept.items() if len(belonging) >= FEWEST_OF_INDEX}


def _without_functions(members: list[Indicator]) -> list[Indicator]:
    """The members that are not made of other members: those say nothing that the others do not."""
    ids = {member.id for member in members}
    return [member for member in members if not member.rule or not ids.issuperset(member.parts)]


def _belongs(design: Design, indicator: Indicator) -> bool:
    """Whether an indicator is part of its family's index."""
    return (
        indicator.better != "none"
        and indicator.index is None
        and not design.conditional(indicator)
        and indicator.role in ("primary", "secondary")
        and all(design.asked(indicator, wave) for wave in design.waves)
        and all(indicator.comparable.values())
    )
