"""Results as an analyst reads them: numbers, the method that gave them, and why there are none where there are none."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from fewdistricts.errors import InputError, Problem
from fewdistricts.inference.result import Inference

REASONS = {
    "no_data": "an arm has no district with a change",
    "too_few_districts": "there are too few districts for this method",
    "no_variance": "nothing varies, so there is no test",
    "no_df": "the sampling variance has no degrees of freedom",
    "not_identified": "the coefficient is not identified",
    "undefined": "this variance does not exist for this model",
    "too_few_pairs": "there are too few pairs",
}
"""Why a number is missing, by `status`."""


def check_confidence(confidence: float) -> None:
    """InputError where the confidence of an interval is no number between 0 and 1."""
    if not isinstance(confidence, (int, float)) or not 0 < confidence < 1:
        raise InputError(Problem("confidence", repr(confidence), "a number between 0 and 1", "0.95 for 95 %"))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Result(Inference):
    """What one method says of one coefficient or contrast.

    It has the fields of `Inference` (`estimate`, `se`, `df`, `ci_low`, `ci_high`, `p_value`, `p_floor`, `n_districts`,
    `status`, ...) and those below. An undefined number is nan, and `status` says why.
    """

    method: str
    """The method with its source."""
    term: str
    """The coefficient or column that it is about."""
    confidence: float = 0.95
    """Of the interval."""
    clusters: str = "districts"
    """What `n_districts` counts."""
    distribution: pd.Series | None = None
    """The statistic in every assignment, draw or district that the observed one is held against."""
    observed: float = math.nan
    """The observed statistic."""

    def columns(self) -> dict[str, Any]:
        """The fields that are columns of the estimates table."""
        return {field.name: getattr(self, field.name) for field in fields(Inference)}

    def to_frame(self) -> pd.DataFrame:
        """One row: the term, the numbers, their kinds and the method."""
        row = {"term": self.term, **self.columns(), "method": self.method}
        return pd.DataFrame([row]).set_index("term")

    def lines(self) -> list[tuple[str, str]]:
        """Names and values as they are printed; what does not apply has no line."""
        percent = f"{100 * self.confidence:g} % interval"
        out = [("estimate", number(self.estimate))]
        if not math.isnan(self.se):
            out.append(("standard error", f"{number(self.se)} ({self.se_type})"))
        if not math.isnan(self.df):
            out.append(("degrees of freedom", f"{self.df:.4g}"))
        if not math.isnan(self.ci_low):
            out.append((percent, f"{number(self.ci_low)} to {number(self.ci_high)}"))
        if not math.isnan(self.p_value):
            smallest = "" if math.isnan(self.p_floor) else f", at least {self.p_floor:.4f}"
            out.append(("p", f"{probability(self.p_value)} ({self.p_type}{smallest})"))
        if self.n is not None:
            out.append(("observations", f"{self.n:,}"))
        if self.n_districts is not None:
            out.append((self.clusters, f"{self.n_districts:,}"))
        if self.status:
            out.append(("not given", REASONS.get(self.status, self.status)))
        return out

    def summary(self) -> str:
        """The numbers as lines of text."""
        lines = self.lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join([f"{self.term}: {self.method}", *(f"  {name:<{width}}  {value}" for name, value in lines)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return as_table(f"{self.term}: {self.method}", ["", "value"], [list(line) for line in self.lines()], "left")


@dataclass(frozen=True, repr=False, eq=False)
class Families:
    """Several outcomes judged together, one row an outcome (`table`).

    Columns: `family`, `estimate`, `p_value` (each by itself), `p_adjusted` (step-down maxT within the family),
    `q_value` (sharpened), `n_districts`, `status`.
    """

    table: pd.DataFrame
    method: str
    p_floor: float

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def _shown(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows as they are printed; why a number is missing only where one is."""
        heads = ["outcome", "family", "estimate", "p", "adjusted p", "q", "not given"]
        rows = []
        for name, row in self.table.iterrows():
            probabilities = [row["p_value"], row["p_adjusted"], row["q_value"]]
            shown = [probability(p) for p in probabilities]
            reason = REASONS.get(row["status"], row["status"])
            rows.append([str(name), str(row["family"]), number(row["estimate"]), *shown, reason])
        if any(row[-1] for row in rows):
            return heads, rows
        return heads[:-1], [row[:-1] for row in rows]

    def summary(self) -> str:
        """The table as lines of text."""
        heads, rows = self._shown()
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        lines = [self.method]
        for row in [heads, *rows]:
            names = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
            numbers = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
            lines.append("  " + "  ".join(names + numbers).rstrip())
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return as_table(self.method, *self._shown())


def number(value: float) -> str:
    """Four significant digits, or words where there is no number."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "unbounded"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    return f"{value:.4g}"


def probability(value: float) -> str:
    """Four decimals; nothing where there is no number."""
    if math.isnan(value):
        return ""
    return f"{value:.4f}" if value >= 0.0001 else "<0.0001"


def as_table(caption: str, heads: list[str], rows: list[list[str]], align: str = "right") -> str:
    """A small table as HTML, with headings that screen readers announce; `align` of all but the first column."""
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    body = []
    for first, *rest in rows:
        cells = "".join(f'<td style="text-align: {align}">{html.escape(text)}</td>' for text in rest)
        body.append(f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>')
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )
