"""Two groups of respondents in the same districts: the difference of their means, linearised jointly.

Women and men of a sampling unit answer about the same streets, so their means are correlated and the variance of the
difference is not the sum of two. With z the influence of a unit's answers on a mean (`linearization`),

    z_difference = z_a - z_b,   summed by sampling unit before it is squared,

which holds the covariance. A district's change then is one number again, D_j(a) - D_j(b), and the arms are compared by
the headline rule, with as many observations as districts: the coefficient of pilot x after x group in a regression on
cell means with district-by-group and wave-by-group effects (equal to R's clubSandwich CR2 by district there).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewdistricts.inference.linearization import Means


def difference(of: Means, less: Means) -> Means:
    """The mean of one group less that of another, in every cell; both of the same sample.

    A cell without an answer in one of them has none. `n` and `members` count both groups.
    """
    # of PSUs summed together each is a respondent of one group: products of influences are those of the means alone
    shared = np.where(of.size > 1, 2 * of.influence * less.influence / of.size, 0.0)
    return replace(
        of,
        mean=of.mean - less.mean,
        n=np.where((of.n > 0) & (less.n > 0), of.n + less.n, 0),
        weight=of.weight + less.weight,
        variance_srs=of.variance_srs + less.variance_srs,
        scale=np.maximum(of.scale, less.scale),
        influence=of.influence - less.influence,
        members=of.members + less.members,
        spread=of.spread + less.spread + shared,
    )
