"""The t interval and test that every estimator with a standard error and degrees of freedom ends in."""

from __future__ import annotations

from dataclasses import replace

from scipy import special

from fewdistricts.inference.result import Inference


def t_test(known: Inference, se: float, df: float, confidence: float) -> Inference:
    """`known` with `estimate +- t_df se` and the two-sided p-value of no difference; any status is lifted."""
    half = -float(special.stdtrit(df, (1 - confidence) / 2)) * se
    return replace(
        known,
        se=se,
        df=df,
        ci_low=known.estimate - half,
        ci_high=known.estimate + half,
        p_value=float(2 * special.stdtr(df, -abs(known.estimate / se))),
        p_type="t",
        status="",
    )
