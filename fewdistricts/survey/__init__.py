"""The survey: read as it came, checked against evaluation.yaml, turned into indicators once.

`formats` (one file) < `read` (all files, stacked) < `indicators`, `check` (what is wrong, what answers mean) <
`resolve` (districts from the data) < `build` (what is written and loaded) < `respondents` (columns when asked for).
"""

from fewdistricts.survey.build import build, counts, load
from fewdistricts.survey.resolve import resolve
from fewdistricts.survey.respondents import Data, opened
from fewdistricts.survey.truth import read_truth

__all__ = ["Data", "build", "counts", "load", "opened", "read_truth", "resolve"]
