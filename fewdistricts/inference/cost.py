"""What a point costs: the programme's cost over what it moved, with the ends of the interval.

With a cost per resident k and a change of b points (in the better direction), k / b is paid per resident and point.
Where the interval of b holds zero a point may cost anything: the upper end is infinite. It is a ratio, so the interval
is that of the change turned over (Fieller's set where only b varies), not a symmetric one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nan

POINTS = 100.0
"""Points in a share of 1."""


@dataclass(frozen=True)
class Cost:
    """Cost of one point (for a mean: of one unit) per resident; nan where the change is no improvement."""

    estimate: float
    low: float
    high: float


def cost_per_point(cost: float, gain: float, low: float, high: float, *, points: float = POINTS) -> Cost:
    """`cost` per resident over `gain`, with the limits `low` to `high` of the gain (in the better direction).

    `points` is 100 for shares, 1 for means.
    """
    if isnan(gain) or not cost > 0:
        return Cost(nan, nan, nan)

    def each(change: float) -> float:
        return cost / (change * points) if change > 0 else inf

    estimate = each(gain) if gain > 0 else nan
    return Cost(estimate, each(high), each(low))
