"""Evaluation reports for programmes piloted in a handful of districts; `import fewdistricts as fd` in a notebook.

    fd.open("peru-2005")     the study: cells, changes, levels, estimates, models
    fd.inference             few-district inference for any statsmodels fit, or a frame of changes
    fd.show(fit)             a coefficient table
    fd.figure(axes, alt=…)   a figure with its description
    fd.PALETTE               colours of the arms

Nothing is imported before it is asked for.
"""

import importlib
from typing import Any

_WHERE = {
    "PALETTE": "study.showing.PALETTE",
    "CellStudy": "study.CellStudy",
    "Study": "study.Study",
    "figure": "study.showing.figure",
    "markdown": "study.showing.markdown",
    "open": "study.open_study",
    "set_theme": "study.showing.set_theme",
    "show": "study.showing.show",
}

__all__ = ["PALETTE", "CellStudy", "Study", "figure", "inference", "markdown", "open", "set_theme", "show"]


def __getattr__(name: str) -> Any:
    if name == "inference":
        return importlib.import_module("fewdistricts.inference")
    if name in _WHERE:
        module, _, attribute = _WHERE[name].rpartition(".")
        return getattr(importlib.import_module(f"fewdistricts.{module}"), attribute)
    raise AttributeError(f"module 'fewdistricts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
