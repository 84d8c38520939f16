"""One district at one wave: what was asked of whom, levels, and at a follow-up wave its change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from fewdistricts import survey
from fewdistricts.design import MISSING_KINDS, Design, District, Wave
from fewdistricts.errors import InputError, Problem
from fewdistricts.estimates import cells, needs, pipeline
from fewdistricts.estimates.arms import counting, take
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference.linearization import Linear
from fewdistricts.survey import disclosure

KINDS = ("answered", *MISSING_KINDS, "outside_domain")
SHOWN = ["indicator", "estimate", "se", "df", "ci_low", "ci_high", "n", "n_psu", "deff", "status"]


class CellStudy:
    """One district at one wave.

    Attributes
    ----------
    district, wave : str
        Ids.
    arm : str
        `pilot`, `comparison` or `neighbour`.
    baseline : str or None
        The district's last wave before its start.
    followup : bool
        Whether the wave comes after the baseline.
    compared : bool
        Whether the district has a difference-in-differences of its own at this wave.
    """

    def __init__(self, design: Design, district: District, wave: Wave) -> None:
        self._design, self._district, self._wave = design, district, wave
        self._language = design.report.languages[0]
        self.district, self.wave, self.arm = district.id, wave.id, district.arm
        before = design.baseline(district)
        self.baseline = before.id if before else None
        self.followup = wave.id in [later.id for later in design.followups(district)]
        self.compared = bool(needs.compared_cells(design, district, wave))

    @property
    def title(self) -> str:
        """The district's name and the wave's label."""
        words = Words(self._language, self._design.words)
        return f"{words.name_of(self._district)}, {words.text(self._wave.label)}"

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Rows of the estimates table, unrounded: levels; at a follow-up wave changes and differences in change."""
        hidden = disclosure.load(self._design.evaluation)
        others = self._comparisons if self.compared and not self._design.data.across_districts else None
        return pipeline.district_wave(self._survey, self._district, self._wave, hidden, others)

    @cached_property
    def _survey(self) -> Survey:
        """The respondents of this district; of all, where districts share sampling units."""
        design = self._design
        districts = [d.id for d in design.districts] if design.data.across_districts else [self.district]
        return Survey(design, survey.opened(self._design.evaluation, districts))

    @cached_property
    def _comparisons(self) -> Survey:
        """The comparison districts, from the cells that their notebooks wrote; where districts share sampling units,
        all districts."""
        design = self._design
        if design.data.across_districts:
            return self._survey
        return cells.load(design, needs.compared_cells(design, self._district, self._wave))

    @property
    def sample_sentence(self) -> str:
        """How many were interviewed, in a sentence of Markdown; of records, that nobody was."""
        if self._design.data.level == "district":
            return "Nobody was interviewed: the data are one record a district and wave."
        units = f" in {self.sampling_units:,} sampling units" if self.sampling_units else ""
        return f"**{self.interviews:,} interviews**{units}."

    @property
    def interviews(self) -> int:
        """Interviews of this cell."""
        return int(self._counted("interviews")["n"].sum())

    @property
    def sampling_units(self) -> int:
        """Sampling units of this cell: the largest number that any level rests on, 0 where no level is shown."""
        counts = self.levels()["n_psu"].dropna()
        return int(counts.max()) if len(counts) else 0

    def response(self) -> pd.DataFrame:
        """Who answered: one row an indicator, respondents by kind of answer. Suppressed cells have no row."""
        counted = self._counted(*KINDS)
        hidden = disclosure.load(self._design.evaluation)
        counted = counted[[(self.district, self.wave, name) not in hidden for name in counted["indicator"]]]
        table = counted.pivot_table(index="indicator", columns="kind", values="n", aggfunc="sum", fill_value=0)
        order = [i.id for i in self._design.indicators if i.id in table.index]
        return table.reindex(index=order, columns=[kind for kind in KINDS if kind in table.columns]).astype(int)

    def levels(self) -> pd.DataFrame:
        """Levels: one row an indicator with its interval, answers, sampling units and design effect."""
        return self._of("level", "taylor")

    def changes(self) -> pd.DataFrame:
        """Changes since the baseline: one row an indicator; none at a baseline wave."""
        rows = self._of("change", "taylor")
        return rows.drop(columns="deff")

    @cached_property
    def outcomes(self) -> list[str]:
        """Primary outcomes that have a difference in differences of this district at this wave."""
        dids = self.rows[(self.rows["estimand"] == "did") & self.rows["estimate"].notna()]
        return [i.id for i in self._design.primary if i.id in set(dids["indicator"])]

    @property
    def reason(self) -> str:
        """Why there is no difference in differences here; empty where there is one."""
        if self._district.arm == "comparison":
            return "This is a comparison district: the pilot districts are compared with it."
        if not self._design.comparisons:
            return "There are no comparison districts, so that a change cannot be compared with any other."
        if not self.followup:
            return "This wave lies before the start, so that there is no change yet."
        if not self.outcomes:
            return "No primary outcome of this district was asked alike at both waves and may be shown."
        return ""

    def beside(self, indicator: str) -> pd.DataFrame:
        """Changes of this district and of the comparison districts since the baseline: one row a district.

        Returns
        -------
        DataFrame
            `district`, `name`, `arm`, `this` (1 for this district, else 0), `change`, `se`, `df`, `n`, `share` (what
            the district counts: one, or its population). Districts without a change are left out.
        """
        design, language = self._design, self._language
        row = self._row("change", indicator)
        others, linear = self._changes_of_others(indicator)
        respondents = design.data.level == "respondent"
        frame = pd.DataFrame(
            {
                "district": [d.id for d in others],
                "name": [d.name[language] for d in others],
                "arm": "comparison",
                "this": 0,
                "change": linear.estimate,
                "se": np.sqrt(linear.variance) if respondents else 0.0,
                "df": linear.df if respondents else np.inf,
                "n": linear.n if respondents else np.nan,
                "share": counting(design, others),
            }
        )
        mine = {
            "district": self.district, "name": self._district.name[language], "arm": self._district.arm, "this": 1,
            "change": row["estimate"], "se": row["se"] if respondents else 0.0,
            "df": row["df"] if respondents else np.inf, "n": row["n"] if respondents else np.nan, "share": 1.0,
        }  # fmt: skip
        frame = pd.concat([pd.DataFrame([mine]), frame], ignore_index=True)
        return frame[frame["change"].notna()].reset_index(drop=True)

    def covariance(self, indicator: str) -> pd.DataFrame | None:
        """Sampling covariances of the changes `beside`, a row and a column a district; None where districts share no
        sampling units (`across_districts`)."""
        if not self._design.data.across_districts:
            return None
        others, linear = self._changes_of_others(indicator, [self._district])
        names = [d.id for d in others]
        return pd.DataFrame(linear.covariance, index=names, columns=names)

    def _changes_of_others(self, indicator: str, first: Sequence[District] = ()) -> tuple[list[District], Linear]:
        """The comparison districts, after some others, with their changes since this district's baseline."""
        design, survey = self._design, self._comparisons
        hidden = disclosure.suppressed_in(disclosure.load(design.evaluation), indicator) - {d.id for d in first}
        measured = survey.measure(next(item for item in items(design) if item.id == indicator), hidden)
        districts = [*first, *(d for d in survey.districts if d.arm == "comparison")]
        linear = take(measured.changes, [measured.change(d.id, self.wave, str(self.baseline)) for d in districts])
        return districts, linear

    def did(self, indicator: str) -> pd.Series:
        """The row of the estimates for this district's own difference in differences.

        By variance components where there are three comparison districts, else with sampling error only. InputError
        where there is none, with the reason.
        """
        return self._row("did", indicator)

    def _row(self, estimand: str, indicator: str) -> pd.Series:
        """The row of an estimand for an indicator, by variance components where there is one."""
        self._design.indicator(indicator)
        rows = self.rows[(self.rows["estimand"] == estimand) & (self.rows["indicator"] == indicator)]
        for estimator in ("variance_components", "taylor"):
            best = rows[rows["estimator"] == estimator]
            if len(best):
                return best.iloc[0]
        reason = self.reason or "this indicator has none at this wave"
        raise InputError(Problem(f"{self.district} at {self.wave}", f"no {estimand}", "", reason))

    def save(self) -> None:
        """Write the cell where pooled reads it; the file appears whole or not at all."""
        cells.write(self._survey, [(self._district, self._wave)])

    @cached_property
    def _sample(self) -> pd.DataFrame:
        return survey.counts(self._design.evaluation)

    def _counted(self, *kinds: str) -> pd.DataFrame:
        sample = self._sample
        here = (sample["district"] == self.district) & (sample["wave"] == self.wave)
        return sample[here & sample["kind"].isin(kinds)]

    def _of(self, estimand: str, estimator: str) -> pd.DataFrame:
        rows = self.rows
        kept = (rows["estimand"] == estimand) & (rows["estimator"] == estimator)
        return rows.loc[kept, SHOWN].set_index("indicator")
