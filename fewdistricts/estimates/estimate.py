"""One row of the estimates table: the typed record that every estimator fills and every exhibit reads.

All that is known of a column stands beside its field: its kind, whether it belongs to the key, how it is rounded, its
unit and its meaning. The columns of estimates.csv, their order, the Parquet schema, the rounding, the reading of rows
and the data dictionary (docs/estimates.md and a sheet of estimates.xlsx) are derived from here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import numpy as np
import pandas as pd
import pyarrow as pa

from fewdistricts.estimates.catalogue import ESTIMANDS, ESTIMATORS, Variant
from fewdistricts.estimates.rounding import round_decimals, round_significant

Status = Literal[
    "", "suppressed", "not_asked", "not_comparable", "no_data", "no_df", "no_variance", "no_interval",
    "too_few_districts", "not_identified", "undefined", "separated",
]  # fmt: skip

Kind = Literal["text", "number", "count"]
Rounding = Literal["", "decimals", "digits", "by_unit"]
ROUNDING_RULES: dict[Rounding, str] = {
    "": "",
    "decimals": "8 decimals",
    "digits": "8 significant digits",
    "by_unit": "8 decimals of shares, else 8 significant digits",
}


@dataclass(frozen=True)
class Column:
    """What is known of a column of the estimates table, beside its type."""

    meaning: str
    kind: Kind = "text"
    key: bool = False
    rounding: Rounding = ""
    unit: str = ""
    choices: Collection[str] = ()
    """The closed list that its values come from; empty where any may stand."""


def _number(meaning: str, unit: str = "`unit`", rounding: Rounding = "by_unit") -> Column:
    return Column(meaning, "number", rounding=rounding, unit=unit)


def _count(meaning: str, unit: str, *, key: bool = False) -> Column:
    return Column(meaning, "count", key=key, unit=unit)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One row. Undefined numbers and counts are nan, undefined texts empty; `status` says why there is no number."""

    row_id: Annotated[
        str, Column("`est-<estimand>-<indicator>-<hash of the key>`, as links and `trace` name a row")
    ] = ""
    evaluation: Annotated[str, Column("id of the evaluation", key=True)]
    district: Annotated[
        str, Column("id of a district; `pilot`, `comparison`, `neighbour`: an arm; `pooled`: two", key=True)
    ]
    wave: Annotated[str, Column("id of the wave, the later one of a change; `after`: several, averaged", key=True)]
    baseline_wave: Annotated[str, Column("the earlier wave of a change; `before`: several, averaged", key=True)] = ""
    cohort: Annotated[str, Column("staggered starts: the first wave after the start of the districts", key=True)] = ""
    event_time: Annotated[float, _count("counted from the first wave after the start; -1: base", "waves", key=True)] = (
        nan
    )
    indicator: Annotated[str, Column("id of an indicator, a covariate or the index of a family", key=True)]
    subgroup: Annotated[str, Column("the respondents' subgroup, as sex=women; empty: everyone", key=True)] = ""
    family: Annotated[str, Column("family of the indicator, within which p is adjusted")] = ""
    role: Annotated[str, Column("primary, secondary, placebo or exposure, as declared; else exploratory")] = ""
    estimand: Annotated[str, Column("what is estimated", key=True, choices=ESTIMANDS)]
    estimator: Annotated[str, Column("by which method", key=True, choices=ESTIMATORS)]
    variant: Annotated[str, Column("how the row departs from the main one", key=True, choices=get_args(Variant))] = (
        "main"
    )
    variant_of: Annotated[
        str, Column("which district is left out, which answer or group is meant, how many times", key=True)
    ] = ""
    estimate: Annotated[float, _number("the estimate; differences are pilot less comparison, later less earlier")] = nan
    se: Annotated[float, _number("its standard error")] = nan
    se_type: Annotated[str, Column("kind of the standard error")] = ""
    df: Annotated[float, _number("its degrees of freedom", "", "digits")] = nan
    ci_low: Annotated[float, _number("lower limit of the interval")] = nan
    ci_high: Annotated[float, _number("upper limit of the interval")] = nan
    p_value: Annotated[float, _number("two-sided p of no difference", "", "decimals")] = nan
    p_type: Annotated[str, Column("kind of the p")] = ""
    p_floor: Annotated[float, _number("the smallest p that the method could give here", "", "decimals")] = nan
    p_adjusted: Annotated[float, _number("p adjusted within the family by step-down maxT", "", "decimals")] = nan
    q_value: Annotated[float, _number("sharpened q within the family", "", "decimals")] = nan
    ci_low_joint: Annotated[float, _number("lower limit of the interval that holds for all primary outcomes")] = nan
    ci_high_joint: Annotated[float, _number("upper limit of the interval that holds for all primary outcomes")] = nan
    n: Annotated[float, _count("answers that the estimate rests on", "answers")] = nan
    n_psu: Annotated[float, _count("primary sampling units among them", "sampling units")] = nan
    n_districts: Annotated[float, _count("districts that the estimate rests on", "districts")] = nan
    deff: Annotated[float, _number("design effect: variance over that of a simple random sample", "", "digits")] = nan
    unit: Annotated[
        str,
        Column("share (a fraction), scale, count, sd, ratio, q, districts, or a cost's currency"),
    ] = ""
    status: Annotated[str, Column("why there is no number; empty where there is one", choices=get_args(Status))] = ""
    exhibits: Annotated[str, Column("figures and tables of the report that show the row, separated by blanks")] = ""
    data_kind: Annotated[str, Column("synthetic or real")] = ""

    @property
    def defined(self) -> bool:
        """Whether there is an estimate."""
        return not isnan(self.estimate)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval, be its limits infinite."""
        return not isnan(self.ci_low) and not isnan(self.ci_high)

    @property
    def ends(self) -> tuple[float, float]:
        """The limits of the interval."""
        return self.ci_low, self.ci_high


_TYPES = get_type_hints(Estimate, include_extras=True)
COLUMNS = list(_TYPES)
OF_COLUMN: dict[str, Column] = {name: hint.__metadata__[0] for name, hint in _TYPES.items()}
KEY = [name for name in COLUMNS if OF_COLUMN[name].key]
NUMBERS = [name for name in COLUMNS if OF_COLUMN[name].kind == "number"]
COUNTS = [name for name in COLUMNS if OF_COLUMN[name].kind == "count"]
TEXTS = [name for name in COLUMNS if OF_COLUMN[name].kind == "text"]


def choices(name: str) -> tuple[str, ...]:
    """The closed list that a column's values come from; empty where any may stand."""
    return tuple(OF_COLUMN[name].choices)


def row_id(key: Mapping[str, Any]) -> str:
    """The id of a row, from its `KEY` alone: `est-<estimand>-<indicator>-<hash>`, fit for links and file names.

    The hash is the first 8 hexadecimal digits of the SHA-256 of the key's values, one a line, undefined ones empty.
    """
    text = "\n".join(_key_text(key[name]) for name in KEY)
    short = hashlib.sha256(text.encode()).hexdigest()[:8]
    indicator = re.sub(r"[^A-Za-z0-9_]+", "-", key["indicator"])[:40].strip("-")
    return f"est-{key['estimand']}-{indicator}-{short}"


def _key_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else str(int(value))  # an event time


def frame(rows: Iterable[Estimate]) -> pd.DataFrame:
    """Rows as a table with every column, typed, each with its id, unrounded and in the order given.

    ValueError where a value is none of its closed list.
    """
    records = [vars(row) | {"row_id": row_id(vars(row))} for row in rows]
    out = pd.DataFrame(records, columns=COLUMNS)
    for name in NUMBERS:
        out[name] = out[name].astype("float64")
    for name in COUNTS:
        out[name] = out[name].astype("float64").astype("Int64")
    for name in TEXTS:
        out[name] = out[name].astype("string")
    for name in TEXTS:
        allowed = choices(name)
        unknown = set(out[name].unique()) - set(allowed)
        if allowed and unknown:
            raise ValueError(f"{name}: {', '.join(sorted(unknown))} is none of {', '.join(allowed)}")
    return out


RowT = TypeVar("RowT", bound=Estimate)


def read(table: pd.DataFrame, of: type[RowT] = Estimate) -> list[RowT]:  # type: ignore[assignment]
    """The rows of a table as `Estimate`s, or as `of`, which extends it."""
    columns = [table[name].tolist() if name in TEXTS else _numbers(table[name]) for name in COLUMNS]
    rows = []
    for values in zip(*columns, strict=True):
        # as unpickling does: the constructor of a frozen class sets thirty fields one by one, at twice the cost
        row = object.__new__(of)
        vars(row).update(zip(COLUMNS, values, strict=True))
        rows.append(row)
    return rows


def _numbers(column: pd.Series[Any]) -> list[float]:
    return list(column.to_numpy("float64", na_value=nan).tolist())


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The rounding rule of published numbers, once, on leaving the estimates."""
    out = table.copy()
    is_share = (table["unit"] == "share").to_numpy(bool)
    to_decimals = {"decimals": np.full(len(table), True), "digits": np.full(len(table), False), "by_unit": is_share}
    for name in NUMBERS:
        values = table[name].to_numpy(float)
        decimals = to_decimals[OF_COLUMN[name].rounding]
        numbers = round_decimals(values)
        numbers[~decimals] = round_significant(values[~decimals])
        out[name] = numbers
    return out


def schema() -> pa.Schema:
    """The schema of the Parquet files that hold rows."""
    types = {"text": pa.string(), "number": pa.float64(), "count": pa.int64()}
    return pa.schema([pa.field(name, types[column.kind]) for name, column in OF_COLUMN.items()])


def dictionary() -> list[dict[str, str]]:
    """The data dictionary: a record a column."""
    return [
        {
            "column": name,
            "kind": column.kind,
            "key": "yes" if column.key else "",
            "unit": column.unit,
            "rounding": ROUNDING_RULES[column.rounding],
            "values": ", ".join(value or "(empty)" for value in choices(name)),
            "meaning": column.meaning,
        }
        for name, column in OF_COLUMN.items()
    ]
