"""evaluation.yaml: what the survey holds, who got the programme when, and what is to be estimated.

`types` (small types) < `model` (keys) < `rules` (what keys get wrong together) < `read` (from YAML, all problems).
"""

from .model import (
    Columns,
    Data,
    Design,
    Disclosure,
    District,
    DistrictColumns,
    File,
    Indicator,
    Inference,
    Intervention,
    Missing,
    Published,
    Report,
    Spelled,
    Wave,
)
from .read import DISTRICTS, NAME, load, schema, with_districts
from .types import LANGUAGES, MISSING_KINDS, canonical, short

__all__ = [
    "DISTRICTS",
    "LANGUAGES",
    "MISSING_KINDS",
    "NAME",
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
    "Missing",
    "Published",
    "Report",
    "Spelled",
    "Wave",
    "canonical",
    "load",
    "schema",
    "short",
    "with_districts",
]
