"""The draws of a wild cluster bootstrap: one weight a cluster, every combination of them where there are few clusters.

Up to 7 clusters all 6^G of Webb's six points (Webb 2023); 8 to 16 all 2^G Rademacher; above that the identity and
99,999 seeded Rademacher draws, 9,999 above 100 clusters as for permutations. v and -v give the same |t*|, so half of a
full enumeration is computed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from fewdistricts.inference.assignments import DRAWS, DRAWS_OF_MANY, MANY

Weights = Literal["webb", "rademacher", "sampled"]
POINTS = np.sqrt([0.5, 1.0, 1.5])  # of Webb, with both signs
WEBB_UP_TO, ENUMERATED_UP_TO = 7, 16


def weights_for(clusters: int) -> Weights:
    """Which draws so many clusters get."""
    if clusters <= WEBB_UP_TO:
        return "webb"
    return "rademacher" if clusters <= ENUMERATED_UP_TO else "sampled"


def count_for(clusters: int) -> int:
    """How many draws so many clusters get where they are sampled."""
    return DRAWS if clusters <= MANY else DRAWS_OF_MANY


@lru_cache(maxsize=4)
def draws(clusters: int, weights: Weights, count: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Bootstrap weights (clusters, draws), read-only: one of v and -v each; sampled ones begin with the identity."""
    if weights == "sampled":
        out = _sampled_signs(clusters, count, seed)
    elif weights == "rademacher":
        code = np.arange(2 ** (clusters - 1))
        bits = (code >> np.arange(clusters)[:, None]) & 1
        out = 1.0 - 2.0 * bits
    else:
        code = np.arange(3 * 6 ** (clusters - 1))
        digits = code // 6 ** np.arange(clusters)[::-1, None] % 6
        out = np.concatenate([POINTS, -POINTS])[digits]
    out.flags.writeable = False
    return out


def _sampled_signs(clusters: int, count: int, seed: int) -> np.ndarray:
    """The identity, then `count` seeded draws of signs; bytes, for floats of a thousand clusters would fill the
    memory."""
    words = np.random.PCG64(seed).random_raw(-(-clusters * count // 64)).astype("<u8")
    bits = np.unpackbits(words.view(np.uint8))[: clusters * count].reshape(clusters, count)
    signs = 1 - 2 * bits.astype(np.int8)
    return np.concatenate([np.ones((clusters, 1), np.int8), signs], axis=1)
