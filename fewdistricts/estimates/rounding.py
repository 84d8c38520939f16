"""The rounding rule of published numbers."""

from __future__ import annotations

import numpy as np

DUST = 1e-12
"""Numbers below it are zero."""


def round_decimals(values: np.ndarray) -> np.ndarray:
    """`values` to 8 decimals; -0 and dust become 0.

    Last bits are taken off first, so that 1/512 and its neighbours, at whose ninth decimal rounding turns, go one way.
    """
    without_last_bits = np.round(np.asarray(values, float), 13)
    out = np.round(without_last_bits, 8)
    return np.where(np.abs(out) < DUST, 0.0, out)


def round_significant(values: np.ndarray) -> np.ndarray:
    """`values` to 8 significant digits, correctly rounded through the decimal text; -0 and dust become 0."""
    given = np.asarray(values, float)
    out = np.array([_eight_digits(value) for value in given.ravel()])
    return np.where(np.abs(out) < DUST, 0.0, out).reshape(given.shape)


def _eight_digits(value: float) -> float:
    if not np.isfinite(value):
        return value
    without_last_bits = float(f"{value:.12e}")
    return float(f"{without_last_bits:.7e}")
