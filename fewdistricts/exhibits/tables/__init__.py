"""The tables of the report: rows of the estimates and of the sample flow, put into words. Nothing is computed here."""

from collections.abc import Callable

from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.answer import outcomes, results
from fewdistricts.exhibits.tables.certainty import bracket, breakdown, families, inference, placebo, robustness
from fewdistricts.exhibits.tables.codebook import codebook
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.tables.decisions import options, supplied
from fewdistricts.exhibits.tables.distribution import distribution
from fewdistricts.exhibits.tables.districts import districts
from fewdistricts.exhibits.tables.levels import levels, needed_baseline
from fewdistricts.exhibits.tables.own_simulation import own_simulation
from fewdistricts.exhibits.tables.published import published
from fewdistricts.exhibits.tables.reading import glossary, methods, scale, simulation, trend
from fewdistricts.exhibits.tables.sample import attrition, balance, missing, sample
from fewdistricts.exhibits.tables.subgroups import subgroups
from fewdistricts.exhibits.text.wording import Words

_ALL = (
    results, levels, bracket, needed_baseline, distribution, outcomes, sample, missing, attrition, balance, inference,
    families, placebo, robustness, breakdown, districts, published, codebook, simulation, own_simulation, trend, scale,
    glossary, methods, options, supplied, subgroups,
)  # fmt: skip
TABLES: dict[str, Callable[[Results, Words], Table | None]] = {make.__name__: make for make in _ALL}
