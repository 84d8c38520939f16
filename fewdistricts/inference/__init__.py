"""Inference for few districts: statsmodels results, frames of changes or arrays in; it knows no survey and no file.

What is listed here is the public interface, documented with examples; the modules below it take arrays and return an
`Inference`.
"""

from __future__ import annotations

from fewdistricts.inference.of_changes import district_change, families, permutation, placebo_rank, variance_components
from fewdistricts.inference.of_models import cr, cr2, wild_bootstrap
from fewdistricts.inference.presentation import Families, Result
from fewdistricts.inference.result import Inference

__all__ = [
    "Families",
    "Inference",
    "Result",
    "cr",
    "cr2",
    "district_change",
    "families",
    "permutation",
    "placebo_rank",
    "variance_components",
    "wild_bootstrap",
]
