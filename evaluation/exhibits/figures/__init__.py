"""The figures of the report, drawn from rows of the estimates; they compute nothing (no density, no fitted line)."""

from collections.abc import Callable

from evaluation.exhibits.figures import certainty, design, districts, outcomes, published
from evaluation.exhibits.figures.common import Drawn
from evaluation.exhibits.results import Results
from evaluation.exhibits.wording import Words

FIGURES: dict[str, Callable[[Results, Words], Drawn | None]] = {
    f.__name__: f
    for f in (
        design.timeline, design.design, outcomes.levels, outcomes.coefficients, certainty.inference,
        certainty.leave_one_out, certainty.events, districts.districts, published.published,
    )
}  # fmt: skip
