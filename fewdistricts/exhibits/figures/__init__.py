"""The figures of the report, drawn from rows of the estimates; they compute nothing (no density, no fitted line)."""

from collections.abc import Callable

from fewdistricts.exhibits.figures.certainty import events, inference, leave_one_out
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.figures.design import design, timeline
from fewdistricts.exhibits.figures.distribution import distribution
from fewdistricts.exhibits.figures.districts import districts
from fewdistricts.exhibits.figures.flow import flow
from fewdistricts.exhibits.figures.outcomes import coefficients, levels
from fewdistricts.exhibits.figures.published import published
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words

_ALL = (
    timeline,
    design,
    flow,
    levels,
    distribution,
    coefficients,
    inference,
    leave_one_out,
    events,
    districts,
    published,
)
FIGURES: dict[str, Callable[[Results, Words], Drawn | None]] = {draw.__name__: draw for draw in _ALL}
