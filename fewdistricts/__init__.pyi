from fewdistricts import inference as inference
from fewdistricts.study import CellStudy as CellStudy
from fewdistricts.study import Study as Study
from fewdistricts.study import open_study
from fewdistricts.study.showing import PALETTE as PALETTE
from fewdistricts.study.showing import figure as figure
from fewdistricts.study.showing import markdown as markdown
from fewdistricts.study.showing import set_theme as set_theme
from fewdistricts.study.showing import show as show

open = open_study  # noqa: A001
