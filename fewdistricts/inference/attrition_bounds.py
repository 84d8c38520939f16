"""People who could not be found again: bounds that need no model, and weights that need one.

**Bounds** (Lee 2009, Review of Economic Studies 76). If being in the programme moves everybody's chance of being found
in one direction only, the arm with the larger response holds the answers of people whom the other arm lost. Cutting
the share q = (response_high - response_low) / response_high off the top, or off the bottom, of its answers bounds the
difference for those found in any case.

**Weights**. Those who were found stand for those like them who were not: each answer counts 1 / p(x), p the response
rate of its class x (Horvitz and Thompson 1952; Little 1986, weighting classes). Without a model of anything finer than
the classes declared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bounds:
    """Limits of the difference in means among those who are found in any case."""

    low: float
    high: float


def trimmed_mean(values: np.ndarray, weight: np.ndarray, cut: float, *, top: bool) -> float:
    """Weighted mean of `values` (N,) without a share `cut` of the weight, from the top or the bottom.

    The answer at the edge counts in part, so that exactly the share is cut.
    """
    order = np.argsort(-values if top else values, kind="stable")
    y, w = values[order], weight[order]
    gone = np.minimum(w, np.maximum(0.0, cut * w.sum() - (np.cumsum(w) - w)))
    kept = w - gone
    return float(kept @ y / kept.sum()) if kept.sum() > 0 else float("nan")


def lee_bounds(
    values: np.ndarray, pilot: np.ndarray, response: tuple[float, float], weight: np.ndarray | None = None
) -> Bounds | None:
    """Bounds of the difference in means, pilot less comparison.

    Parameters
    ----------
    values : ndarray (N,)
        Answers of those found: changes of panel respondents.
    pilot : ndarray (N,) of bool
    response : (float, float)
        Shares found in the pilot and in the comparison arm.
    weight : ndarray (N,), optional

    Returns
    -------
    Bounds or None
        None without answers in an arm, or where a response is no share above 0.
    """
    y, arm = np.asarray(values, float), np.asarray(pilot, bool)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(y) & (w > 0)
    y, arm, w = y[known], arm[known], w[known]
    if not arm.any() or arm.all() or not all(0 < rate <= 1 for rate in response):
        return None
    of_pilots = response[0] >= response[1]
    larger, smaller = max(response), min(response)
    cut = (larger - smaller) / larger
    trimmed = arm if of_pilots else ~arm
    other = float(np.average(y[~trimmed], weights=w[~trimmed]))
    without_top = trimmed_mean(y[trimmed], w[trimmed], cut, top=True)
    without_bottom = trimmed_mean(y[trimmed], w[trimmed], cut, top=False)
    ends = [without_top - other, without_bottom - other]
    if not of_pilots:
        ends = [-ends[1], -ends[0]]
    return Bounds(*ends)


def response_weights(found: np.ndarray, classes: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """1 / response rate of the class of each person found, 0 for those who were not.

    `found` (N,) bool, `classes` (N,) codes, `weight` (N,) sampling weights, by which rates are taken.
    """
    here = np.asarray(found, bool)
    w = np.ones(len(here)) if weight is None else np.asarray(weight, float)
    _, code = np.unique(np.asarray(classes), return_inverse=True)
    rate = np.bincount(code, w * here) / np.bincount(code, w)
    with np.errstate(divide="ignore"):
        return np.where(here, 1 / rate[code], 0.0)
