"""What an interval says about the smallest change that matters, on both sides: rules, not words.

On the scale on which up is better (`turn` the sign), with the estimate g, its interval [low, high] at the declared
confidence and the smallest change that matters delta:

    worsening                  high < 0
    no_relevant_difference     both one-sided t tests reject |true| >= delta (TOST, Schuirmann 1987): the interval of
                               confidence 1 - 2 alpha lies inside (-delta, delta); `direction` says whether zero is
                               left out all the same
    relevant_improvement       low >= delta
    uncertain_size             0 < low < delta, or no delta is declared
    harm_not_ruled_out         the interval holds zero; high < delta, low <= -delta: no relevant gain, but harm may be
    inconclusive               the rest
    undetermined               there is no interval
    sampling_only              an interval of sampling error alone, of a difference between districts: no verdict
    moved, unmoved             of a placebo outcome: whether zero is left out
    none                       there is no estimate

Several primary outcomes are read by their joint intervals and step-down p-values (`joint`). The step-down test may
reject zero where the joint interval just holds it: the end then stops short of zero. Equivalence is then read from the
joint interval as well, which is the stricter way.

Where neither direction is better, `worsening` and the improvements become `decrease` and `increase`. An estimate that
was singled out because it is distinguishable from zero is on average too large (the winner's curse; Gelman and Carlin
2014, Perspectives on Psychological Science 9): `exaggeration` says by how much, were the truth delta.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, isnan, lgamma, nan, pi, sqrt
from typing import Literal

from scipy import special

from fewdistricts.inference.power import power

Kind = Literal[
    "relevant_improvement", "uncertain_size", "worsening", "increase", "decrease", "moved", "no_relevant_difference",
    "harm_not_ruled_out", "inconclusive", "unmoved", "sampling_only", "undetermined", "none",
]  # fmt: skip
"""What is said of an outcome, in the order in which outcomes are told."""
SHORT = 5e-324  # the next number to zero
TURN = {"higher": 1.0, "lower": -1.0, "none": 1.0}


@dataclass(frozen=True)
class Verdict:
    """What is said of one outcome; numbers are nan where undefined."""

    kind: Kind
    direction: Literal["better", "worse", "up", "down", ""]
    """Of the estimate, where its interval leaves out zero."""
    suggestive: bool
    """The baseline-adjusted difference disagrees about zero."""
    power: float
    """Probability of leaving out zero, were the truth delta."""
    exaggeration: float
    """Mean |estimate| over delta among the data sets that leave out zero, were the truth delta."""


def verdict(
    estimate: float,
    ci_low: float,
    ci_high: float,
    *,
    better: Literal["higher", "lower", "none"],
    smallest: float | None = None,
    se: float = nan,
    df: float = nan,
    rejected: bool | None = None,
    adjusted: tuple[float, float] | None = None,
    single: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> Verdict:
    """The verdict on one outcome.

    Parameters
    ----------
    estimate, ci_low, ci_high : float
        The headline with the interval that is read: the joint one for several primaries.
    better : {"higher", "lower", "none"}
    smallest : float, optional
        The declared smallest change that matters, positive, in the unit of the estimate.
    se, df : float
        Of the headline; nan for a permutation, whose interval is then read for equivalence as well.
    rejected : bool, optional
        Whether the joint test of several primaries rejects zero; None where the interval says so itself.
    adjusted : (float, float), optional
        Interval of the baseline-adjusted difference.
    single : (float, float), optional
        The headline's own interval, which `adjusted` is held against; by default the one that is read.
    """
    turn = TURN[better]
    low, high = sorted((turn * ci_low, turn * ci_high))
    if isnan(ci_low) or isnan(ci_high):
        return without_verdict("undetermined")
    alone = sorted(turn * end for end in single) if single is not None else [low, high]
    if rejected is not None:
        low, high = _as_tested(low, high, rejected, turn * estimate)
    delta = smallest or inf
    has_delta = isfinite(delta)
    p_equivalence = equivalence(estimate, se, df, delta) if has_delta else nan
    equivalent = p_equivalence <= 1 - confidence
    if has_delta and (rejected is not None or isnan(p_equivalence)):
        equivalent = -delta < low and high < delta
    return Verdict(
        kind=_kind(low, high, delta, equivalent, better),
        direction=_direction(low, high, better),
        suggestive=adjusted is not None and _disagrees(alone, adjusted, turn),
        power=power(delta, se, df, confidence) if has_delta else nan,
        exaggeration=exaggeration(delta, se, df, confidence) if has_delta else nan,
    )


def without_verdict(kind: Kind) -> Verdict:
    """A verdict that reads no interval."""
    return Verdict(kind, "", False, nan, nan)


def _as_tested(low: float, high: float, rejected: bool, estimate: float) -> tuple[float, float]:
    """The interval with zero inside it or outside it, as the joint test says."""
    if not rejected:
        return min(low, 0.0), max(high, 0.0)
    if low <= 0 <= high:
        return (SHORT, high) if estimate > 0 else (low, -SHORT)
    return low, high


def _kind(low: float, high: float, delta: float, equivalent: bool, better: str) -> Kind:
    has_delta = isfinite(delta)
    if equivalent:
        return "no_relevant_difference"
    if better == "none":
        if low > 0:
            return "increase"
        return "decrease" if high < 0 else "inconclusive"
    if high < 0:
        return "worsening"
    if low > 0:
        return "relevant_improvement" if has_delta and low >= delta else "uncertain_size"
    if has_delta and high < delta and low <= -delta:
        return "harm_not_ruled_out"
    return "inconclusive"


def _direction(low: float, high: float, better: str) -> Literal["better", "worse", "up", "down", ""]:
    if low <= 0 <= high:
        return ""
    if better == "none":
        return "up" if low > 0 else "down"
    return "better" if low > 0 else "worse"


def _disagrees(interval: list[float], adjusted: tuple[float, float], turn: float) -> bool:
    """Whether one of the two intervals leaves out zero on a side where the other does not."""
    low, high = sorted((turn * adjusted[0], turn * adjusted[1]))
    if isnan(low) or isnan(high):
        return False
    return (interval[0] > 0) != (low > 0) or (interval[1] < 0) != (high < 0)


def equivalence(estimate: float, se: float, df: float, delta: float) -> float:
    """The larger p-value of the two one-sided t tests of |true difference| >= `delta`; nan without se or df."""
    if not (se > 0 and df >= 1):
        return nan
    from_below = float(special.stdtr(df, -(estimate + delta) / se))
    from_above = float(special.stdtr(df, (estimate - delta) / se))
    return max(from_below, from_above)


def exaggeration(effect: float, se: float, df: float, confidence: float = 0.95) -> float:
    """E(|estimate| given that its interval leaves out zero) / |effect|, estimate = effect + se T, T ~ t(df).

    In closed form by E(T; T > a) = f(a) (df + a^2) / (df - 1), f the density; nan with df <= 1.
    """
    if not (se > 0 and df > 1 and effect != 0):
        return nan
    size = abs(effect) / se
    critical = -float(special.stdtrit(df, (1 - confidence) / 2))
    upper, lower = critical - size, -critical - size

    def tail_mean(a: float) -> float:
        if df == inf:
            return exp(-a * a / 2) / sqrt(2 * pi)
        height = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * pi)
        density = height * (1 + a * a / df) ** (-(df + 1) / 2)
        return density * (df + a * a) / (df - 1)

    above, below = float(special.stdtr(df, -upper)), float(special.stdtr(df, lower))
    # above: size + T; below: -(size + T), and E(T; T < lower) = -E(T; T > lower)
    total = size * above + tail_mean(upper) - size * below + tail_mean(lower)
    return total / (above + below) / size
