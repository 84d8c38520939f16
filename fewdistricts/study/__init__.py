"""A study as an analyst opens it: `fd.open("peru-2005")`.

`open_study` finds the evaluation; `study` holds `Study` with its frames and models; `cell` one district at one wave;
`showing` how fits and figures look in a notebook.
"""

from fewdistricts.study.cell import CellStudy
from fewdistricts.study.showing import PALETTE, figure, markdown, set_theme, show
from fewdistricts.study.study import Study, open_study

__all__ = ["PALETTE", "CellStudy", "Study", "figure", "markdown", "open_study", "set_theme", "show"]
