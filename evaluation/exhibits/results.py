"""The estimates table as exhibits read it: by key, never recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from evaluation.design import Design, District, Indicator, Wave
from evaluation.estimate.headline import Headline, headline


@dataclass(frozen=True)
class Row:
    """One row of the estimates table, numbers as floats (nan where undefined)."""

    district: str
    wave: str
    baseline_wave: str
    indicator: str
    estimand: str
    estimator: str
    specification: str
    estimate: float
    se: float
    se_type: str
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    p_type: str
    p_floor: float
    p_adjusted: float
    q_value: float
    n: float
    n_psu: float
    n_districts: float
    deff: float
    unit: str
    status: str
    cohort: str = ""
    event_time: float = float("nan")

    @property
    def defined(self) -> bool:
        """Whether there is an estimate."""
        return self.estimate == self.estimate

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return self.ci_low == self.ci_low and self.ci_high == self.ci_high


class Results:
    """Rows of the estimates by key, with the design that they belong to."""

    def __init__(self, design: Design, rows: pd.DataFrame, sample: pd.DataFrame) -> None:
        self.design = design
        self.table = rows
        self.sample = sample
        names = list(Row.__dataclass_fields__)
        plain = rows[names].astype(
            dict.fromkeys(("event_time", "n", "n_psu", "n_districts"), "float64") | {"cohort": "object"}
        )
        self.rows = [
            Row(**dict(zip(names, values, strict=True))) for values in plain.itertuples(index=False, name=None)
        ]
        self._index: dict[tuple[str, ...], Row] = {}
        for row in self.rows:
            key = (row.estimand, row.district, row.wave, row.baseline_wave, row.indicator, row.estimator)
            self._index[(*key, row.specification)] = row

    @cached_property
    def headline(self) -> Headline:
        """Which estimand, estimator and waves answer the question, by rule of the design."""
        return headline(self.design)

    def level(self, district: str, wave: str, indicator: Indicator) -> Row | None:
        """A level of a district or of the mean of an arm (`pilot`, `comparison`)."""
        return self._index.get(("level", district, wave, "", indicator.id, "taylor", "main"))

    def change(self, district: str, wave: Wave | str, baseline: Wave | str, indicator: Indicator) -> Row | None:
        """A change between two waves."""
        later, earlier = (w if isinstance(w, str) else w.id for w in (wave, baseline))
        return self._index.get(("change", district, later, earlier, indicator.id, "taylor", "main"))

    def did(self, district: District, wave: Wave, indicator: Indicator, estimator: str) -> Row | None:
        """A pilot or neighbouring district's change less the mean change of the comparison districts."""
        base = self.design.baseline(district)
        if base is None:
            return None
        return self._index.get(("did", district.id, wave.id, base.id, indicator.id, estimator, "main"))

    def answer(self, indicator: Indicator, estimator: str | None = None, specification: str = "main") -> Row | None:
        """The row that answers for an indicator: by the headline rule, or another estimator of the same estimand."""
        h = self.headline
        key = (h.estimand, h.district, h.wave, h.baseline_wave, indicator.id, estimator or h.estimator)
        return self._index.get((*key, specification))

    def of(self, estimand: str, **values: str) -> list[Row]:
        """All rows of an estimand with these values."""
        return [r for r in self.rows if r.estimand == estimand and all(getattr(r, k) == v for k, v in values.items())]

    @cached_property
    def primary(self) -> list[Indicator]:
        """The indicators declared primary; where none is, all but placebo and exposure."""
        declared = [i for i in self.design.indicators if i.role == "primary"]
        return declared or [i for i in self.design.indicators if i.role == "secondary"] or list(self.design.indicators)

    def families(self) -> list[tuple[str, list[Indicator]]]:
        """The families in order of declaration, each with its indicators."""
        out: dict[str, list[Indicator]] = {}
        for indicator in self.design.indicators:
            out.setdefault(indicator.family, []).append(indicator)
        return list(out.items())

    def counts(self, kind: str, indicator: str = "") -> pd.DataFrame:
        """Rows of the sample flow of a kind (`interviews`, `answered`, `refused`, ...)."""
        s = self.sample
        return s[(s["kind"] == kind) & (s["indicator"] == indicator)]
