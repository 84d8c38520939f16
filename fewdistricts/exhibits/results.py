"""The estimates table as exhibits read it: by key, never recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from fewdistricts.design import MISSING_KINDS, Design, District, Indicator, Wave
from fewdistricts.estimates.arms import in_whole_pairs
from fewdistricts.estimates.cohorts import uses_not_yet
from fewdistricts.estimates.estimate import Estimate, read
from fewdistricts.estimates.headline import Headline, headline, wave_weights
from fewdistricts.estimates.verdicts import Verdict, ends_read, simulated_power, verdicts
from fewdistricts.exhibits.display import Cell

MOST = 40  # districts: beyond it the report has no chapters of single ones, the files hold them
LOST = tuple(kind for kind in MISSING_KINDS if kind != "not_asked")
"""Kinds of the sample in which somebody was asked and gave no answer that counts."""


@dataclass(frozen=True, kw_only=True)
class Row(Estimate):
    """An estimate in a document."""

    def cell(self, text: str) -> Cell:
        """A number of this row as a table shows it, with the row that it comes from."""
        return {"text": text, "source": self.row_id}

    def link(self, text: str) -> str:
        """The same in a sentence, as Markdown; `text` is a number in words and holds no markup."""
        return f"[{text}](source:{self.row_id})"


class Results:
    """Rows of the estimates by key, with the design that they belong to."""

    def __init__(self, design: Design, rows: pd.DataFrame, sample: pd.DataFrame) -> None:
        self.design = design
        self.table = rows
        self.sample = _without_suppressed(rows, sample)
        self._hold(read(rows, Row))

    def _hold(self, rows: list[Row]) -> None:
        self.rows = rows
        self._index = {_place(row): row for row in rows if not row.subgroup}
        self._of: dict[str, list[Row]] = {}
        self._of_groups: dict[str, list[Row]] = {}
        for row in rows:
            of = self._of_groups if row.subgroup else self._of
            of.setdefault(row.estimand, []).append(row)

    @cached_property
    def headline(self) -> Headline:
        """Which estimand, estimator and waves answer the question, by rule of the design."""
        return headline(self.design)

    @cached_property
    def own_estimator(self) -> str:
        """The widest inference that one district allows: variance components, else sampling error only."""
        return "variance_components" if self.of("did", estimator="variance_components") else "taylor"

    def _row(
        self,
        estimand: str,
        district: str,
        indicator: str,
        wave: str,
        baseline_wave: str = "",
        estimator: str = "taylor",
        variant: str = "main",
    ) -> Row | None:
        """The row of everyone under a key of the estimates."""
        return self._index.get((estimand, district, wave, baseline_wave, indicator, estimator, variant, ""))

    def level(self, district: str, wave: str, indicator: Indicator | str) -> Row | None:
        """A level of a district or of the mean of an arm (`pilot`, `comparison`), of an indicator or covariate."""
        return self._row("level", district, _id(indicator), wave)

    def change(
        self,
        district: str,
        wave: Wave | str,
        baseline: Wave | str,
        indicator: Indicator | str,
        variant: str = "main",
    ) -> Row | None:
        """A change between two waves."""
        later, earlier = (w if isinstance(w, str) else w.id for w in (wave, baseline))
        return self._row("change", district, _id(indicator), later, earlier, variant=variant)

    def did(self, district: District, wave: Wave, indicator: Indicator, estimator: str) -> Row | None:
        """A pilot or neighbouring district's change less the mean change of the comparison districts."""
        base = self.design.baseline(district)
        if base is None:
            return None
        return self._row("did", district.id, indicator.id, wave.id, base.id, estimator)

    def own(self, district: District, indicator: Indicator) -> Row | None:
        """A district's own contrast at its last follow-up wave: its `did`, or its change where nothing compares."""
        followups, base = self.design.followups(district), self.design.baseline(district)
        if not followups or base is None:
            return None
        if self.headline.compares:
            return self.did(district, followups[-1], indicator, self.own_estimator)
        return self.change(district.id, followups[-1], base, indicator)

    def answer(self, indicator: Indicator, estimator: str | None = None, variant: str = "main") -> Row | None:
        """The row that answers for an indicator: by the headline rule, or another estimator of the same estimand.

        One district against so few with an answer that the rule gives no interval has its sampling error, as it would
        have if the others had not been declared.
        """
        head = self.headline
        place = (head.estimand, head.district, indicator.id, head.wave, head.baseline_wave)
        row = self._row(*place, estimator or head.estimator, variant)
        if estimator is None and row is not None and row.status == "too_few_districts":
            return self._row(*place, "taylor", variant) or row
        return row

    def answers(self, indicators: Iterable[Indicator]) -> list[tuple[Indicator, Row]]:
        """Indicators with the rows that answer for them; only those that have a figure."""
        rows = [(indicator, self.answer(indicator)) for indicator in indicators]
        return [(indicator, row) for indicator, row in rows if row is not None and row.defined]

    def variant(self, indicator: Indicator, name: str) -> Row | None:
        """The contrast of the headline by another model or with other weights, whatever its estimator."""
        h = self.headline
        rows = self.of(h.estimand, district=h.district, indicator=indicator.id, variant=name)
        return next((row for row in rows if row.wave == h.wave), None)

    def in_time(self, indicator: Indicator) -> Row | None:
        """The answer as if the programme had begun one wave earlier."""
        rows = self.of("placebo", estimator=self.headline.estimator)
        return next((row for row in rows if row.indicator == indicator.id), None)

    def verdict(self, indicator: Indicator) -> Verdict:
        """What may be said of an indicator by the headline rule."""
        return self._verdicts[indicator.id]

    def ends_read(self, row: Row) -> tuple[float, float]:
        """The interval that a verdict reads: the joint one of several primary outcomes."""
        return ends_read(self.design, row)

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        return verdicts(self.design, self.table)

    def simulated_power(self, indicator: Indicator) -> dict[float, Row]:
        """How often the answer's method finds an effect of so many times the smallest that matters, simulated."""
        return simulated_power(self.of("power", indicator=indicator.id), self.headline).get(indicator.id, {})

    @property
    def changes(self) -> bool:
        """Whether anything was measured on both sides of the start, so that the report may speak of change."""
        return self.headline.kind != "levels"

    @property
    def after_only(self) -> bool:
        """Whether everything was measured after the start, so that levels are all there is."""
        design = self.design
        phases = {design.phase(district, wave) for district in design.pilots for wave in design.waves}
        return not self.changes and phases == {"after"}

    @cached_property
    def followed(self) -> list[District]:
        """The pilot districts that the answer is about: with answers on both sides of their start."""
        return [d for d in self.design.pilots if d.id in self._behind] if self.changes else []

    @cached_property
    def others(self) -> list[District]:
        """The comparison districts that the answer rests on; all of them where it is no change."""
        return [d for d in self.design.comparisons if d.id in self._behind]

    @cached_property
    def _behind(self) -> set[str]:
        """The districts that the answer to at least one primary outcome rests on: with a number in each wave that it
        needs, and where it compares within pairs with a partner that has one too."""
        pilots = [d for d in self.design.pilots if wave_weights(self.design, d)]
        everyone = [*pilots, *self.design.comparisons]
        if not self.changes or not self.primary:
            return {d.id for d in everyone}
        behind: set[str] = set()
        for indicator in self.primary:
            answered = [d for d in everyone if self._is_answered(d, indicator)]
            behind |= {d.id for d in in_whole_pairs(self.design, answered)}
        return behind

    def _is_answered(self, district: District, indicator: Indicator) -> bool:
        """Whether a district has a level of an outcome in each wave that the answer needs."""
        waves = list(wave_weights(self.design, district)) if district.arm == "pilot" else []
        if not waves:
            declared = {wave.id for wave in self.design.waves}
            waves = [wave for wave in (self.headline.baseline_wave, self.headline.wave) if wave in declared]
        levels = [self.level(district.id, wave, indicator) for wave in waves]
        return all(level is not None and level.defined for level in levels)

    @cached_property
    def interviews_compared(self) -> float:
        """Interviews in the districts and waves that the answer rests on."""
        counted = self.counts("interviews")
        places = {d.id for d in [*(self.followed or self.design.pilots), *self.others]}
        own = {d.id: list(wave_weights(self.design, d)) for d in self.followed}
        waves = {wave for each in own.values() for wave in each}
        inside = counted["district"].isin(places)
        if waves:
            inside &= counted["wave"].isin(waves)
        if not uses_not_yet(self.design):  # else a district is compared with others before it begins
            for district, weighed in own.items():
                if weighed:
                    inside &= (counted["district"] != district) | counted["wave"].isin(weighed)
        return float(counted.loc[inside, "n"].sum())

    @cached_property
    def composition(self) -> list[str]:
        """The covariates, or their categories, in the order in which answers are declared."""
        own = {i.id for i in self.design.indicators}
        names = dict.fromkeys(r.indicator for r in self.of("level") if r.indicator not in own)
        columns = list(dict.fromkeys(name.partition("=")[0] for name in names))

        def place(name: str) -> tuple[int, int]:
            column, _, category = name.partition("=")
            declared = self.design.labels[column].answers if column in self.design.labels else {}
            answers = list(declared)
            return columns.index(column), answers.index(category) if category in answers else len(answers)

        return sorted(names, key=place)

    @cached_property
    def level_waves(self) -> tuple[str, str]:
        """The earlier and later wave that levels are shown at."""
        head, ids = self.headline, [w.id for w in self.design.waves]
        balanced = [r.wave for r in self.of("balance")]
        before = head.baseline_wave if head.baseline_wave in ids else (balanced or ids)[0]
        return before, head.wave if head.wave in ids else ids[-1]

    def detectable(self, row: Row) -> Row | None:
        """The smallest difference that the test of a row would find, where it is known."""
        return self._index.get(_place(replace(row, estimand="mde")))

    def of(self, estimand: str, **values: str) -> list[Row]:
        """All rows of an estimand with these values."""
        return _with(self._of.get(estimand, []), values)

    def characteristics(self, variant: str) -> list[Row]:
        """What is compared before the start; of a covariate with two answers one, as the other is its mirror image."""
        answers: dict[str, list[Row]] = {}
        for row in self.of("balance", variant=variant):
            answers.setdefault(row.indicator.partition("=")[0], []).append(row)
        return [row for rows in answers.values() for row in (rows[:1] if len(rows) == 2 else rows)]

    def of_groups(self, estimand: str, **values: str) -> list[Row]:
        """All rows of an estimand in groups of respondents with these values; `of` gives those of everyone."""
        return _with(self._of_groups.get(estimand, []), values)

    @cached_property
    def primary(self) -> list[Indicator]:
        """The primary outcomes."""
        return list(self.design.primary)

    @cached_property
    def placebos(self) -> list[Indicator]:
        """The outcomes that the programme should not move."""
        return [indicator for indicator in self.design.indicators if indicator.role == "placebo"]

    @property
    def many_in_each_arm(self) -> bool:
        """Whether the mean of either arm is one of so many districts that no single one says how far it may drift."""
        return min(len(self.design.pilots), len(self.design.comparisons)) > MOST

    def indicator_of(self, row: Row) -> Indicator | None:
        """The indicator that a row is about; none for covariates and indices."""
        return self._indicators.get(row.indicator)

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        return {indicator.id: indicator for indicator in self.design.indicators}

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
        arms = (self.design.pilots, self.design.comparisons)
        numbers = (counted.loc[counted["district"].isin([d.id for d in arm]), "n"] for arm in arms)
        pilot, comparison = (float(n.mean()) if len(n) else 0.0 for n in numbers)
        return pilot, comparison

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


def _with(rows: list[Row], values: Mapping[str, str]) -> list[Row]:
    """The rows that have these values."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in values.items())]


def _id(indicator: Indicator | str) -> str:
    return indicator if isinstance(indicator, str) else indicator.id


def _place(row: Row) -> tuple[str, ...]:
    key = (row.estimand, row.district, row.wave, row.baseline_wave, row.indicator, row.estimator)
    return (*key, row.variant, row.variant_of)
