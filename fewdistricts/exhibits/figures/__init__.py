"""The figures of the report, drawn from rows of the estimates; they compute nothing (no density, no fitted line)."""

from collections.abc import Callable

from fewdistricts.exhibits.figures.balance import balance
from fewdistricts.exhibits.figures.certainty import events, leave_one_out
from fewdistricts.exhibits.figures.chain import chain, theory
from fewdistricts.exhibits.figures.common import Figure
from fewdistricts.exhibits.figures.design import design, timeline
from fewdistricts.exhibits.figures.distribution import distribution
from fewdistricts.exhibits.figures.districts import districts
from fewdistricts.exhibits.figures.findings import findings
from fewdistricts.exhibits.figures.flow import flow
from fewdistricts.exhibits.figures.forest import coefficients
from fewdistricts.exhibits.figures.levels import levels
from fewdistricts.exhibits.figures.map import map_of_differences, map_of_groups
from fewdistricts.exhibits.figures.published import published
from fewdistricts.exhibits.figures.specifications import specifications
from fewdistricts.exhibits.figures.subgroups import subgroups
from fewdistricts.exhibits.figures.truth import truth
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words

_ALL = (
    findings, timeline, balance, coefficients, chain, specifications, districts, published, design, flow, levels,
    distribution, leave_one_out, events, truth, theory, map_of_groups, map_of_differences,
    subgroups,
)  # fmt: skip
FIGURES: dict[str, Callable[[Results, Words], Figure | None]] = {draw.__name__: draw for draw in _ALL}
