"""The figures of the report, drawn from rows of the estimates; they compute nothing (no density, no fitted line)."""

from collections.abc import Callable

from evaluation.exhibits.figures.certainty import events, inference, leave_one_out
from evaluation.exhibits.figures.common import Drawn
from evaluation.exhibits.figures.design import design, timeline
from evaluation.exhibits.figures.distribution import distribution
from evaluation.exhibits.figures.districts import districts
from evaluation.exhibits.figures.flow import flow
from evaluation.exhibits.figures.outcomes import coefficients, levels
from evaluation.exhibits.figures.published import published
from evaluation.exhibits.results import Results
from evaluation.exhibits.wording import Words

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
