"""The tables of the report: rows of the estimates and of the sample flow, put into words. Nothing is computed here."""

from collections.abc import Callable

from evaluation.exhibits.results import Results
from evaluation.exhibits.tables import annex, answer, certainty, districts, sample
from evaluation.exhibits.tables.common import Made
from evaluation.exhibits.wording import Words

TABLES: dict[str, Callable[[Results, Words], Made | None]] = {
    f.__name__: f
    for f in (
        answer.headline, answer.results, answer.outcomes, sample.sample, sample.missing, sample.balance,
        certainty.inference, certainty.families, certainty.placebo, certainty.robustness, certainty.breakdown,
        districts.districts, annex.published, annex.codebook, annex.estimates,
    )
}  # fmt: skip
