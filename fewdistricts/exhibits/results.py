"""The estimates table as exhibits read it: by key, never recomputed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from fewdistricts.design import Design, District, Indicator, Wave
from fewdistricts.estimates.estimate import Estimate, read
from fewdistricts.estimates.headline import Headline, headline
from fewdistricts.exhibits.display import Cell

MOST = 40  # districts: beyond it the report has no chapters of single ones, the files hold them


@dataclass(frozen=True, kw_only=True)
class Row(Estimate):
    """An estimate in a document.

    `anchor` is the row's id where the document at hand holds a place that its numbers can link to.
    """

    anchor: str = ""

    def cell(self, text: str) -> Cell:
        """A number of this row as a table shows it: linked to the row's place in the document, if it has one."""
        return {"text": text, "href": f"#{self.anchor}"} if self.anchor else text

    def link(self, text: str) -> str:
        """The same in a sentence, as Markdown; `text` is a number in words and holds no markup."""
        return f"[{text}](#{self.anchor})" if self.anchor else text


class Results:
    """Rows of the estimates by key, with the design that they belong to."""

    def __init__(self, design: Design, rows: pd.DataFrame, sample: pd.DataFrame) -> None:
        self.design = design
        self.table = rows
        self.sample = _without_suppressed(rows, sample)
        self._hold(read(rows, Row))

    def _hold(self, rows: list[Row]) -> None:
        self.rows, self._index = rows, {_place(row): row for row in rows}
        self._of: dict[str, list[Row]] = {}
        for row in rows:
            self._of.setdefault(row.estimand, []).append(row)

    def anchored(self, rows: Iterable[Row]) -> Results:
        """The same results in a document that holds a place for each of these rows."""
        made = copy.copy(self)
        places = {id(row) for row in rows}
        made._hold([replace(row, anchor=row.row_id) if id(row) in places else row for row in self.rows])
        return made

    @cached_property
    def headline(self) -> Headline:
        """Which estimand, estimator and waves answer the question, by rule of the design."""
        return headline(self.design)

    @cached_property
    def own_estimator(self) -> str:
        """The widest inference that one district allows: variance components, else sampling error only."""
        return "variance_components" if self.of("did", estimator="variance_components") else "taylor"

    def level(self, district: str, wave: str, indicator: Indicator | str) -> Row | None:
        """A level of a district or of the mean of an arm (`pilot`, `comparison`), of an indicator or covariate."""
        return self._index.get(("level", district, wave, "", _id(indicator), "taylor", "main", ""))

    def change(self, district: str, wave: Wave | str, baseline: Wave | str, indicator: Indicator | str) -> Row | None:
        """A change between two waves."""
        later, earlier = (w if isinstance(w, str) else w.id for w in (wave, baseline))
        return self._index.get(("change", district, later, earlier, _id(indicator), "taylor", "main", ""))

    def did(self, district: District, wave: Wave, indicator: Indicator, estimator: str) -> Row | None:
        """A pilot or neighbouring district's change less the mean change of the comparison districts."""
        base = self.design.baseline(district)
        if base is None:
            return None
        return self._index.get(("did", district.id, wave.id, base.id, indicator.id, estimator, "main", ""))

    def own(self, district: District, indicator: Indicator) -> Row | None:
        """A district's own contrast at its last follow-up wave: its `did`, or its change where nothing compares."""
        followups, base = self.design.followups(district), self.design.baseline(district)
        if not followups or base is None:
            return None
        if self.headline.compares:
            return self.did(district, followups[-1], indicator, self.own_estimator)
        return self.change(district.id, followups[-1], base, indicator)

    def answer(self, indicator: Indicator, estimator: str | None = None, variant: str = "main") -> Row | None:
        """The row that answers for an indicator: by the headline rule, or another estimator of the same estimand."""
        h = self.headline
        key = (h.estimand, h.district, h.wave, h.baseline_wave, indicator.id, estimator or h.estimator)
        return self._index.get((*key, variant, ""))

    def detectable(self, row: Row) -> Row | None:
        """The smallest difference that the test of a row would find, where it is known."""
        return self._index.get(_place(replace(row, estimand="mde")))

    def of(self, estimand: str, **values: str) -> list[Row]:
        """All rows of an estimand with these values."""
        return [r for r in self._of.get(estimand, ()) if all(getattr(r, k) == v for k, v in values.items())]

    @cached_property
    def primary(self) -> list[Indicator]:
        """The primary outcomes."""
        return list(self.design.primary)

    @property
    def many_in_each_arm(self) -> bool:
        """Whether the mean of either arm is one of so many districts that no single one says how far it may drift."""
        return min(len(self.design.pilots), len(self.design.comparisons)) > MOST

    def families(self) -> list[tuple[str, list[Indicator]]]:
        """The families in order of declaration, each with its indicators."""
        out: dict[str, list[Indicator]] = {}
        for indicator in self.design.indicators:
            out.setdefault(indicator.family, []).append(indicator)
        return list(out.items())

    @cached_property
    def interviews(self) -> tuple[float, float]:
        """Interviews of a pilot and of a comparison district and wave, on average; nothing counted is 0."""
        counted = self.counts("interviews")
        found = (counted.loc[counted["district"].isin([d.id for d in arm]), "n"] for arm in self._arms)
        pilot, comparison = (float(n.mean()) if len(n) else 0.0 for n in found)
        return pilot, comparison

    @property
    def _arms(self) -> tuple[Sequence[District], Sequence[District]]:
        return self.design.pilots, self.design.comparisons

    def counts(self, kind: str, indicator: str = "") -> pd.DataFrame:
        """Rows of the sample flow of a kind (`interviews`, `answered`, `refused`, ...)."""
        s = self.sample
        return s[(s["kind"] == kind) & (s["indicator"] == indicator)]


def _without_suppressed(rows: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """The counts without those of suppressed cells, which a total would give away."""
    place = ["district", "wave", "indicator"]
    hidden = rows.loc[(rows["estimand"] == "level") & (rows["status"] == "suppressed"), place]
    if hidden.empty or sample.empty:
        return sample
    return sample[~pd.MultiIndex.from_frame(sample[place]).isin(pd.MultiIndex.from_frame(hidden))]


def _id(indicator: Indicator | str) -> str:
    return indicator if isinstance(indicator, str) else indicator.id


def _place(row: Row) -> tuple[str, ...]:
    key = (row.estimand, row.district, row.wave, row.baseline_wave, row.indicator, row.estimator)
    return (*key, row.variant, row.variant_of)
