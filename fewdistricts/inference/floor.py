"""No standard error over districts is smaller than the one that sampling alone leaves.

The spread of a dozen changes estimates shocks and sampling together, and by chance it comes out below what the survey
design says of sampling alone (in one data set of five at 6 v 6 without any shock). Such data sets are recognisable
before anyone looks at the estimate, and in them the unfloored interval misses a true null in .127 of cases
(*measured*, 6 v 6); with

    se = max(se over districts, design-based se)

in .042. Where the sampling error governs, so do its degrees of freedom: they are those of the survey (PSUs less
strata), not those of a spread that has been set aside. Kept at those of the districts, size was .018 without any shock;
so it is .033, and .044 with shocks. With few degrees of freedom over districts, f, the larger of two standard errors is
no protection: at the shocks that are worst for it such a rule rejects up to .073 of true nulls with f = 2, .13 with
f = 1, and .058 from f = 3 on (*measured*, normal changes). So

    f >= 3        those of the sampling error, at least f
    2 <= f < 3    f (se_floor / se_districts)^4, at most those of the sampling error (Satterthwaite); .054 at most
    f < 2         f
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewdistricts.inference.result import Inference
from fewdistricts.inference.t_test import t_test

FEW = 3.0
"""Degrees of freedom over districts from which the floor brings its own."""

FLOORED = "_floored"
"""What `se_type` ends in where the sampling error is the larger one."""


def governing_df(df: np.ndarray, times: np.ndarray, sampling_df: np.ndarray) -> np.ndarray:
    """Degrees of freedom where the sampling error governs: the module's rule, for one data set or many.

    Parameters
    ----------
    df : ndarray (N,)
        Those over districts.
    times : ndarray (N,)
        The sampling error over the standard error over districts, 1 or more; inf where districts moved alike.
    sampling_df : ndarray (N,)
        Those of the sampling error.
    """
    most = np.maximum(df, sampling_df)
    grown = np.minimum(df * np.maximum(times, 1.0) ** 4, most)
    return np.select([np.asarray(df) >= FEW, np.asarray(df) >= 2], [most, grown], df)


def floored(
    over_districts: Inference,
    sampling_se: float,
    *,
    fewest_df: float,
    sampling_df: float | None = None,
    confidence: float = 0.95,
) -> Inference:
    """`over_districts` with its standard error raised to `sampling_se` where that is larger.

    Parameters
    ----------
    over_districts : Inference
        A t interval over districts, or one without variance (status `no_variance`: districts that moved alike).
    sampling_se : float
        Design-based standard error of the same difference; nan or 0 where there is none (data of districts).
    fewest_df : float
        Degrees of freedom where `over_districts` has none for want of variance: G - 2, or pairs - 1.
    sampling_df : float, optional
        Degrees of freedom of the sampling error; None keeps those of the districts.

    Returns
    -------
    Inference
        `se_type` ends in `_floored` where the floor holds. Any other status is passed on.
    """
    if over_districts.status not in ("", "no_variance") or not sampling_se > 0:
        return over_districts
    if over_districts.status == "" and over_districts.se >= sampling_se:
        return over_districts
    df, times = fewest_df, np.inf
    if over_districts.status == "":
        df, times = over_districts.df, sampling_se / over_districts.se
    if sampling_df is not None and sampling_df >= 1:
        df = float(governing_df(np.array(df), np.array(times), np.array(sampling_df)))
    if not df > 0:
        return over_districts
    renamed = replace(over_districts, se_type=over_districts.se_type.removesuffix(FLOORED) + FLOORED)
    return t_test(renamed, sampling_se, df, confidence)
