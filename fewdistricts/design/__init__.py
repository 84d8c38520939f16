"""evaluation.yaml: what the survey holds, who got the programme when, and what is to be estimated.

`bands` < `types` (small types) < `blocks` (keys) < `reserved`, `once` < `model` (the whole) < `parts`, `derived`,
`rules` (keys that contradict), `placeholders` (what a draft leaves open) < `read` < `reference` (for readers).
"""

from fewdistricts.design.bands import Limits, limits
from fewdistricts.design.blocks import (
    ARMS,
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
from fewdistricts.design.model import Design
from fewdistricts.design.once import once
from fewdistricts.design.placeholders import MARK, PLACEHOLDER
from fewdistricts.design.printed import Chapter, Map, Report
from fewdistricts.design.read import DISTRICTS, NAME, load, schema, with_districts
from fewdistricts.design.reference import reference
from fewdistricts.design.types import LANGUAGES, LONGEST_NAME, MISSING_KINDS, canonical, short

__all__ = [
    "ARMS",
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
