"""The tables of the report: rows of the estimates and of the sample flow, put into words. Nothing is computed here."""

from collections.abc import Callable

from evaluation.exhibits.results import Results
from evaluation.exhibits.tables.annex import estimates, levels
from evaluation.exhibits.tables.answer import headline, outcomes, results
from evaluation.exhibits.tables.certainty import breakdown, families, inference, placebo, robustness
from evaluation.exhibits.tables.codebook import codebook
from evaluation.exhibits.tables.common import Made
from evaluation.exhibits.tables.distribution import distribution
from evaluation.exhibits.tables.districts import districts
from evaluation.exhibits.tables.published import published
from evaluation.exhibits.tables.reading import glossary, scale, simulation, trend
from evaluation.exhibits.tables.sample import attrition, balance, missing, sample
from evaluation.exhibits.wording import Words

_ALL = (
    headline, results, distribution, outcomes, sample, missing, attrition, balance, inference, families, placebo,
    robustness, breakdown, districts, published, codebook, levels, estimates, simulation, trend, scale, glossary,
)  # fmt: skip
TABLES: dict[str, Callable[[Results, Words], Made | None]] = {make.__name__: make for make in _ALL}
