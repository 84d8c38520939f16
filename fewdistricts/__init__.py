"""Evaluation reports for programmes piloted in a handful of districts; `import fewdistricts as fd` in a notebook.

    fd.open("peru-2005")     the study: cells, changes, levels, estimates, models
    fd.inference             few-district inference for any statsmodels fit, or a frame of changes
    fd.show(fit)             a coefficient table
    fd.figure(axes, alt=…)   a figure with its description
    fd.PALETTE               colours of the arms

Nothing is imported before it is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fewdistricts import inference
    from fewdistricts.study import PALETTE, CellStudy, Study, figure, markdown, set_theme, show
    from fewdistricts.study import open_study as open  # noqa: A004 - it says what it does: fd.open

__all__ = ["PALETTE", "CellStudy", "Study", "figure", "inference", "markdown", "open", "set_theme", "show"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'fewdistricts' has no attribute {name!r}")
    if name == "inference":
        import fewdistricts.inference

        return fewdistricts.inference
    from fewdistricts import study

    return study.open_study if name == "open" else getattr(study, name)


def __dir__() -> list[str]:
    return sorted(__all__)
