"""The rows of the estimates table: what every estimator returns and every exhibit reads.

Source of the contract: one row an estimate, key `KEY`, rounded once by `rounded` on leaving this package.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

KEY = [
    "evaluation", "district", "wave", "baseline_wave", "cohort", "event_time", "indicator", "estimand", "estimator",
    "specification",
]  # fmt: skip
COLUMNS = [
    "evaluation", "district", "wave", "baseline_wave", "cohort", "event_time", "indicator", "family", "role",
    "estimand", "estimator", "specification", "estimate", "se", "se_type", "df", "ci_low", "ci_high", "p_value",
    "p_type", "p_floor", "p_adjusted", "q_value", "n", "n_psu", "n_districts", "deff", "unit", "status", "data_kind",
]  # fmt: skip
NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high", "p_value", "p_floor", "p_adjusted", "q_value", "deff"]
COUNTS = ["event_time", "n", "n_psu", "n_districts"]
_ALWAYS_DECIMALS = ["p_value", "p_floor", "p_adjusted", "q_value"]


def row_id(key: Mapping[str, Any]) -> str:
    """The id of a row, from its `KEY` alone: `est-<estimand>-<indicator>-<hash>`, fit for links and file names.

    The hash is the first 8 hexadecimal digits of the SHA-256 of the key's values, one a line, undefined ones empty.
    """
    values = ["" if pd.isna(value) else str(value) for value in (key[name] for name in KEY)]
    values[KEY.index("event_time")] = values[KEY.index("event_time")].removesuffix(".0")
    short = hashlib.sha256("\n".join(values).encode()).hexdigest()[:8]
    return f"est-{key['estimand']}-{re.sub(r'[^A-Za-z0-9_]+', '-', key['indicator'])[:40].strip('-')}-{short}"


def round_decimals(values: np.ndarray) -> np.ndarray:
    """8 decimals; -0 and anything under 1e-12 become 0.

    Last bits are taken off first, so that 1/512 and its neighbours, at whose ninth decimal rounding turns, go one way.
    """
    out = np.round(np.round(np.asarray(values, float), 13), 8)
    return np.where(np.abs(out) < 1e-12, 0.0, out)


def round_significant(values: np.ndarray) -> np.ndarray:
    """8 significant digits, correctly rounded through the decimal text; -0 and anything under 1e-12 become 0."""
    flat = np.asarray(values, float).ravel()
    # last bits are taken off first, as above
    out = np.array([float(f"{float(f'{v:.12e}'):.7e}") if np.isfinite(v) else v for v in flat])
    return np.where(np.abs(out) < 1e-12, 0.0, out).reshape(np.shape(values))


def rounded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rounding rule of published numbers: shares, p and q to 8 decimals, all else to 8 significant digits."""
    out = rows.copy()
    shares = (out["unit"] == "share").to_numpy()
    for column in NUMBERS:
        values = out[column].to_numpy(float)
        decimals = np.full(len(out), True) if column in _ALWAYS_DECIMALS else shares & (column not in ("df", "deff"))
        made = round_decimals(values)
        made[~decimals] = round_significant(values[~decimals])
        out[column] = made
    return out


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a table with every column of the contract, typed, unrounded, sorted by nothing: order is the plan's."""
    out = pd.DataFrame(rows, columns=COLUMNS)
    for column in NUMBERS:
        out[column] = pd.to_numeric(out[column]).astype("float64")
    for column in COUNTS:
        out[column] = pd.to_numeric(out[column]).astype("Int64")
    for column in [c for c in COLUMNS if c not in NUMBERS + COUNTS]:
        out[column] = out[column].fillna("").astype("string")
    return out
