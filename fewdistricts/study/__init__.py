"""A study as an analyst opens it: `fd.open("peru-2005")`.

`open_study` finds the evaluation; `study` holds `Study` with its frames and models; `cell` one district at one wave.
"""

from fewdistricts.study.cell import CellStudy
from fewdistricts.study.study import Study, open_study

__all__ = ["CellStudy", "Study", "open_study"]
