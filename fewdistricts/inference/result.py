"""What every estimator returns: an estimate with its uncertainty, and why there is none where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Inference:
    """What one estimator says of one estimand; an undefined number is nan and `status` says why.

    Shares and differences of shares are fractions. `ci_low` and `ci_high` may be infinite where a method cannot bound
    them.
    """

    estimate: float = nan
    se: float = nan
    se_type: str = ""
    df: float = nan
    ci_low: float = nan
    ci_high: float = nan
    p_value: float = nan
    p_type: str = ""
    p_floor: float = nan
    n: int | None = None
    n_psu: int | None = None
    n_districts: int | None = None
    deff: float = nan
    status: str = ""

    def columns(self) -> dict[str, Any]:
        """The fields as columns of the estimates table."""
        return dict(vars(self))
