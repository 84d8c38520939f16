"""No standard error over districts is smaller than the one that sampling alone leaves.

The spread of a dozen changes estimates shocks and sampling together, and by chance it comes out below what the survey
design says of sampling alone (in one data set of five at 6 v 6 without any shock). Such data sets are recognisable
before anyone looks at the estimate, and in them the unfloored interval misses a true null in .127 of cases
(*measured*, 6 v 6); with

    se = max(se over districts, design-based se)

in .036, at a price of .013 of power. Welch's degrees of freedom stay those of the districts. A handful of pairs or
clusters has too few to go with a standard error that does not rest on them (three pairs would never reject): there

    df = df_districts (se_floor / se_districts)^4, at most max(df_districts, df_sampling),

Satterthwaite's, as the variance components have it; the size of three pairs is then .027 and of six .026.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewdistricts.inference.result import Inference
from fewdistricts.inference.t_test import t_test

FLOORED = "_floored"
"""What `se_type` ends in where the sampling error is the larger one."""


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
        Degrees of freedom of the sampling error, for few pairs or clusters; None keeps those of the districts.

    Returns
    -------
    Inference
        `se_type` ends in `_floored` where the floor holds. Any other status is passed on.
    """
    if over_districts.status not in ("", "no_variance") or not sampling_se > 0:
        return over_districts
    if over_districts.status == "" and over_districts.se >= sampling_se:
        return over_districts
    df = over_districts.df if over_districts.status == "" else fewest_df
    if sampling_df is not None and sampling_df >= 1:
        grown = np.inf
        if over_districts.status == "":
            grown = df * (sampling_se / over_districts.se) ** 4
        df = min(grown, max(df, sampling_df))
    if not df > 0:
        return over_districts
    renamed = replace(over_districts, se_type=over_districts.se_type.removesuffix(FLOORED) + FLOORED)
    return t_test(renamed, sampling_se, df, confidence)
