"""evaluation.yaml: what the survey holds, who got the programme when, and what is to be estimated.

`bands` < `types` (small types) < `blocks` (keys) < `once` < `model` (the whole) < `parts`, `derived`, `rules` (keys
that contradict),
`placeholders` (what a draft leaves open) < `read` < `reference` (for readers).
"""

from .bands import Limits, limits
from .blocks import (
    Columns,
    Data,
    Disclosure,
    District,
    DistrictColumns,
    File,
    Indicator,
    Inference,
    Intervention,
    Labels,
    Missing,
    Published,
    Spelled,
    Subgroup,
    Wave,
)
from .model import Design
from .once import once
from .placeholders import MARK, PLACEHOLDER
from .printed import Chapter, Map, Report
from .read import DISTRICTS, NAME, load, schema, with_districts
from .reference import reference
from .types import LANGUAGES, LONGEST_NAME, MISSING_KINDS, canonical, short

__all__ = [
    "DISTRICTS",
    "LANGUAGES",
    "LONGEST_NAME",
    "MARK",
    "MISSING_KINDS",
    "NAME",
    "PLACEHOLDER",
    "Chapter",
    "Columns",
    "Data",
    "Design",
    "Disclosure",
    "District",
    "DistrictColumns",
    "File",
    "Indicator",
    "Inference",
    "Intervention",
    "Labels",
    "Limits",
    "Map",
    "Missing",
    "Published",
    "Report",
    "Spelled",
    "Subgroup",
    "Wave",
    "canonical",
    "limits",
    "load",
    "once",
    "reference",
    "schema",
    "short",
    "with_districts",
]
