"""How many clusters an estimate really rests on: the effective number of clusters.

For coefficient j of a weighted regression, c the column of A = (X'WX)^-1 and a_i = w_i x_i'c the weight of row i in it:

    gamma_g   = sum_{i in g} a_i^2                        (what cluster g adds to the variance of independent errors)
    effective = G / (1 + var(gamma) / mean(gamma)^2)      (var with denominator G)

Carter, Schnepel and Steigerwald (2017, Review of Economics and Statistics 99); MacKinnon, Nielsen and Webb (2023,
Stata Journal 23, summclust).
"""

from __future__ import annotations

import numpy as np

from fewdistricts.inference.clusters import Regression


def effective_independent(model: Regression, column: int) -> float:
    """The effective number of clusters behind coefficient `column` under independent errors."""
    # Q'W_g X_g c has the length of W_g X_g c, the weights a of the cluster's rows
    c = model.bread[:, column]
    gamma = np.array([np.square(each.wx @ c[each.columns]).sum() for each in model.clusters])
    return float(len(gamma) / (1 + gamma.var() / gamma.mean() ** 2))
