"""The frames and models of an evaluation, read from its built survey.

Frames hold no respondent unless `Study.respondents` is asked for them. Where a cell is too small to be shown, no frame
holds it, nor any change of its district in that indicator.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from fewdistricts import design as declared
from fewdistricts import files, paths, survey
from fewdistricts.design import Design, District
from fewdistricts.errors import DataError, InputError, Problem, nearest
from fewdistricts.estimates import arms, cells, contrasts, estimate, pipeline
from fewdistricts.estimates.cells import Cell
from fewdistricts.estimates.headline import Headline, headline, one_start
from fewdistricts.estimates.items import Item, items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.needs import MOST_DISTRICTS, cell_file
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Output
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference import permutations
from fewdistricts.inference.linearization import Linear
from fewdistricts.study.cell import CellStudy
from fewdistricts.study.showing import figure
from fewdistricts.survey import disclosure
from fewdistricts.survey.build import built

OF_ARMS = "pilot:after + C(district) + C(wave)"
"""Differences in differences: an effect for each district and wave, and the pilot districts after their start."""

OF_ONE = "pilot * after"
"""The same of one district at two waves."""


def open_study(evaluation: str) -> Study:
    """The study of an evaluation whose survey has been built.

    Parameters
    ----------
    evaluation : str
        The name of its folder in data/raw.

    Returns
    -------
    Study

    Raises
    ------
    ConfigurationError
        Without such a folder, or where evaluation.yaml is not as it must be.
    DataError
        Before the first `make report`.
    """
    if not isinstance(evaluation, str):
        raise InputError(Problem("evaluation", repr(evaluation), "the name of a folder under data/raw"))
    design = declared.load(evaluation)
    places = [(district.id, wave.id) for district in design.districts for wave in design.waves]
    if not all(cell_file(evaluation, *place).exists() for place in places):
        built(evaluation)  # with every cell written, respondents may lie on another machine
    return Study(design)


class Study:
    """Design, frames and models of one evaluation.

    Attributes
    ----------
    design : Design
        What evaluation.yaml declares.
    headline : Headline
        Which estimand, estimator and waves answer the question, by rule of the design.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self.evaluation = design.evaluation
        self.language = design.report.languages[0]
        self.headline: Headline = headline(design)
        self._read: dict[tuple[str, str], Cell] = {}

    def __repr__(self) -> str:
        arms = f"{len(self.design.pilots)} pilot and {len(self.design.comparisons)} comparison districts"
        measured = f"{len(self.design.waves)} waves, {len(self.design.indicators)} indicators"
        return f"<Study {self.evaluation}: {arms}, {measured}>"

    # what is declared

    @property
    def stamp(self) -> str:
        """What every figure and table of invented data says; empty for real data."""
        return Words(self.language).label("document", "stamp") if self.design.synthetic else ""

    @property
    def primary(self) -> list[str]:
        """Ids of the primary outcomes."""
        return [indicator.id for indicator in self.design.primary]

    @property
    def comparison_districts(self) -> list[str]:
        """Ids of the comparison districts."""
        return [district.id for district in self.design.comparisons]

    @property
    def one_start(self) -> bool:
        """Whether all pilot districts that are followed started between the same waves."""
        pilots, _ = contrasts.arms(self._survey)
        return one_start(self.design, pilots)

    @property
    def weight(self) -> str | None:
        """The column of a frame of changes that districts count by, or None where all count alike."""
        return None if arms.people(self.design, self.design.districts) is None else "share"

    @property
    def assigned_within(self) -> dict[str, str]:
        """How the pilots could have been chosen otherwise, for `fd.inference.permutation`: within `pairs`, `strata`, or
        freely (an empty mapping)."""
        pilots, comparisons = contrasts.arms(self._survey)
        districts = [*pilots, *comparisons]
        if arms.strata(self.design, districts) is not None:
            return {"strata": "block"}
        return {} if arms.drawn_pairs(self.design, districts) is None else {"pairs": "pair"}

    def label(self, indicator: str) -> str:
        """An indicator's label in the report's first language."""
        return self.design.indicator(indicator).label[self.language]

    def name(self, district: str) -> str:
        """A district's name in the report's first language."""
        return self.design.district(district).name[self.language]

    def indicators(self) -> pd.DataFrame:
        """What is measured: one row an indicator, with label, family, role, unit and the direction that is better."""
        rows = [
            {"indicator": i.id, "label": self.label(i.id), "family": i.family, "role": i.role, "unit": i.unit_of,
             "better": i.better}
            for i in self.design.indicators
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("indicator")

    def districts(self) -> pd.DataFrame:
        """One row a district: name, arm, start, pair, block, and the number of interviews."""
        interviews = self._counts("interviews").groupby("district")["n"].sum()
        rows = [
            {"district": d.id, "name": d.name[self.language], "arm": d.arm, "start": self.design.start_of(d),
             "pair": d.pair, "block": d.block, "interviews": int(interviews.get(d.id, 0))}
            for d in self.design.districts
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("district")

    # frames

    def respondents(
        self,
        districts: Sequence[str] | None = None,
        waves: Sequence[str] | None = None,
        *,
        indicator: str | None = None,
    ) -> pd.DataFrame:
        """The respondents themselves, only where they are asked for.

        Parameters
        ----------
        districts, waves : sequence of str, optional
            All without.
        indicator : str, optional
            With it the columns are few: `district`, `wave`, `pilot`, `after`, `y` (the answer; rows without one are
            left out), `weight` (as sampled), `share` (weights that sum to one in each district and wave, times the
            district's population where districts count by it), `stratum`, `psu`.

        Returns
        -------
        DataFrame
            One row a respondent and wave. Never show it in a notebook that is kept.
        """
        chosen = [self.design.district(d).id for d in _listed(districts, [])] if districts is not None else None
        if indicator is None:
            frame = survey.load(self.evaluation, chosen)
        else:
            columns = ["district", "wave", "weight", "stratum", "psu", self.design.indicator(indicator).id]
            frame = survey.load(self.evaluation, chosen, columns=columns)
        if waves is not None:
            frame = frame[frame["wave"].isin([self.design.wave(wave).id for wave in _listed(waves, [])])]
        return frame if indicator is None else self._modelled(frame, indicator)

    def _modelled(self, frame: pd.DataFrame, indicator: str) -> pd.DataFrame:
        """Answers with what the models of this class name."""
        frame = frame.rename(columns={indicator: "y"}).dropna(subset=["y"])
        hidden = disclosure.suppressed_in(self._hidden, indicator)
        frame = frame[~frame["district"].isin(list(hidden)) & (frame["weight"] > 0)]
        cells = frame.groupby(["district", "wave"], observed=True)["weight"]
        share = frame["weight"] / cells.transform("sum") * frame["district"].map(self._people).astype(float)
        return self._placed(frame.assign(share=share)).reset_index(drop=True)

    def cells(
        self,
        indicator: str | Sequence[str] | None = None,
        district: str | Sequence[str] | None = None,
        wave: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a cell: an indicator in a district at a wave.

        It is `pandas.concat` of what the district_wave runs wrote. Of a district that has not run yet, respondents are
        summed.

        Parameters
        ----------
        indicator, district, wave : str or sequence of str, optional
            All without.

        Returns
        -------
        DataFrame
            `indicator`, `district`, `name`, `arm`, `wave`, `pilot` and `after` (0 or 1), `level` (weighted share or
            mean), `n` answers, `share` (the weight of the cell in a model: one, or the district's population). A cell
            without an answer, or too small to be shown, has no row.
        """
        indicators = [self.design.indicator(i).id for i in _listed(indicator, [i.id for i in self.design.indicators])]
        districts = [self.design.district(d).id for d in _listed(district, [d.id for d in self.design.districts])]
        waves = [self.design.wave(w).id for w in _listed(wave, [w.id for w in self.design.waves])]
        tables, unwritten = [], []
        for name in districts:
            written = [self._written(name, each) for each in waves]
            if None in written:
                unwritten.append(name)
            else:
                tables += [_levels(cell) for cell in written if cell is not None]
        if unwritten:
            tables.append(self._summed(indicators, unwritten, waves))
        frame = pd.concat(tables, ignore_index=True)
        triples = zip(frame["district"], frame["wave"], frame["indicator"], strict=True)
        shown = np.array([triple not in self._hidden for triple in triples], bool)
        frame = frame[shown & frame["indicator"].isin(indicators).to_numpy() & (frame["n"] > 0).to_numpy()]
        frame = frame.assign(share=frame["district"].map(self._people).astype(float), n=frame["n"].astype(int))
        asked = {"wave": waves, "district": districts, "indicator": indicators}
        places = [pd.Categorical(frame[column].astype(str), names).codes for column, names in asked.items()]
        frame = frame.iloc[np.lexsort(places)]
        columns = ["indicator", "district", "name", "arm", "wave", "pilot", "after", "level", "n", "share"]
        return self._placed(frame)[columns].reset_index(drop=True)

    def _written(self, district: str, wave: str) -> Cell | None:
        """What the district_wave run of a district and wave wrote; None where there was none yet."""
        place = district, wave
        if place not in self._read and cell_file(self.evaluation, *place).exists():
            self._read[place] = cells.read(self.evaluation, *place)
        return self._read.get(place)

    def _summed(self, indicators: list[str], districts: list[str], waves: list[str]) -> pd.DataFrame:
        """Levels as `_levels` has them, summed over respondents: before any run has written its cell."""
        frame = survey.load(self.evaluation, districts, columns=["district", "wave", "weight", *indicators])
        frame = frame[frame["wave"].isin(waves) & (frame["weight"] > 0)]
        place = [frame["district"], frame["wave"]]
        tables = []
        for name in indicators:
            weight = frame["weight"].where(frame[name].notna())
            sums = pd.DataFrame({"wy": weight * frame[name], "w": weight, "n": weight.notna()})
            summed = sums.groupby(place, observed=True, sort=False).sum().reset_index()
            tables.append(summed.assign(indicator=name, level=summed["wy"] / summed["w"]))
        return pd.concat(tables, ignore_index=True)

    def _placed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with district and wave, given the arm and whether the wave lies after the pilots' start."""
        texts = {"district": frame["district"].astype(str), "wave": frame["wave"].astype(str)}
        return frame.assign(**texts).merge(self._places, on=["district", "wave"], how="left")

    @cached_property
    def _places(self) -> pd.DataFrame:
        """One row a district and wave: `name`, `arm`, `pilot` and `after`."""
        rows = [
            {"district": d.id, "wave": w.id, "name": d.name[self.language], "arm": d.arm,
             "pilot": int(d.arm == "pilot"), "after": int(self.design.phase(d, w) == "after")}
            for d in self.design.districts for w in self.design.waves
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def changes(
        self, indicator: str | Sequence[str] | None = None, wave: str | None = None, baseline: str | None = None
    ) -> pd.DataFrame:
        """One row a district (and indicator): its change, with its sampling error.

        Parameters
        ----------
        indicator : str or sequence of str, optional
            All without.
        wave, baseline : str, optional
            A later and an earlier wave, both or neither. Without them the waves of the headline: the mean after the
            start less the mean before it, or two waves.

        Returns
        -------
        DataFrame
            `indicator`, `family`, `district`, `name`, `arm`, `pilot`, `change`, `se`, `df`, `n`, `pair`, `block`,
            `cluster`, `population`, `share` (what the district counts: one, a part of its pair, or its population). A
            district without a change has a missing one.
        """
        names = _listed(indicator, [i.id for i in self.design.indicators])
        if wave is not None or baseline is not None:
            order = [w.id for w in self.design.waves]
            places = [order.index(self.design.wave(str(w)).id) for w in (baseline, wave) if w is not None]
            if len(places) < 2 or places[0] >= places[1]:
                found = f"wave {wave!r} and baseline {baseline!r}"
                raise InputError(Problem("changes", found, "a later wave and an earlier baseline, or neither"))
        return pd.concat([self._changes_of(name, wave, baseline) for name in names], ignore_index=True)

    def _changes_of(self, indicator: str, wave: str | None, baseline: str | None) -> pd.DataFrame:
        item = self._items[self.design.indicator(indicator).id]
        if wave is None or baseline is None:
            districts, linear = self._changes_of_headline(item)
        else:
            measured = self._measured(item)
            later, earlier = self.design.wave(str(wave)).id, self.design.wave(str(baseline)).id
            districts = self._survey.districts
            terms = [{measured.level(d.id, later): 1.0, measured.level(d.id, earlier): -1.0} for d in districts]
            linear = measured.contrast(terms)
        respondents = self.design.data.level == "respondent"
        return pd.DataFrame(
            {
                "indicator": item.id,
                "family": item.family,
                "district": [d.id for d in districts],
                "name": [d.name[self.language] for d in districts],
                "arm": [d.arm for d in districts],
                "pilot": [int(d.arm == "pilot") for d in districts],
                "change": linear.estimate,
                "se": np.sqrt(linear.variance) if respondents else 0.0,
                "df": linear.df if respondents else np.inf,
                "n": linear.n.astype(int),
                "pair": [d.pair for d in districts],
                "block": [d.block for d in districts],
                "cluster": [d.cluster for d in districts],
                "population": [d.population for d in districts],
                "share": arms.counting(self.design, districts),
            }
        )

    def covariance(self, indicator: str) -> pd.DataFrame | None:
        """Sampling covariances of the changes that the headline rests on, a row and a column a district.

        None where districts share no sampling units (`across_districts`): their changes are independent then.
        """
        if not self.design.data.across_districts:
            return None
        districts, linear = self._changes_of_headline(self._items[self.design.indicator(indicator).id])
        names = [d.id for d in districts]
        return pd.DataFrame(linear.covariance, index=names, columns=names)

    def _changes_of_headline(self, item: Item) -> tuple[list[District], Linear]:
        """The districts that the headline compares, pilots first, with their changes over its waves."""
        pilots, comparisons = contrasts.arms(self._survey)
        if not pilots:
            raise DataError(Problem(self.evaluation, "no wave after the start", "a change needs two waves"))
        changes = contrasts.district_changes(self._measured(item), pilots, comparisons)
        return [*pilots, *comparisons], changes

    def _measured(self, item: Item) -> Measured:
        return self._survey.measure(item, disclosure.suppressed_in(self._hidden, item.id))

    def levels(self, indicator: str | Sequence[str] | None = None, wave: str | None = None) -> pd.DataFrame:
        """Levels of the arms at each wave: rows `level` of the estimates for `pilot` and `comparison`."""
        rows = self.estimates(estimand="level", estimator="taylor", variant="main", subgroup="")
        rows = rows[rows["district"].isin(["pilot", "comparison"])]
        indicators = _listed(indicator, [i.id for i in self.design.indicators])
        rows = rows[rows["indicator"].isin([self.design.indicator(name).id for name in indicators])]
        return rows if wave is None else rows[rows["wave"] == self.design.wave(str(wave)).id]

    def estimates(self, estimand: str | None = None, **values: str) -> pd.DataFrame:
        """Rows of the estimates table with these values of its columns, for example `"att", variant="main"`.

        DataError before the pooled notebook has run; InputError for an unknown column, a value that it never has, or an
        indicator or district that this table does not know.
        """
        if estimand is not None:
            values = {"estimand": estimand, **values}
        for name, value in values.items():
            allowed = list(estimate.choices(name)) if name in estimate.COLUMNS else []
            if allowed and value not in allowed:
                raise InputError(Problem(name, repr(value), ", ".join(allowed), nearest(value, allowed)))
        file = paths.processed(self.evaluation) / "estimates.parquet"
        if not file.exists():
            remedy = f"`make report EVALUATION={self.evaluation}`"
            raise DataError(Problem(paths.shown(file), "not made yet", "", remedy))
        rows = pd.read_parquet(file)
        for name in ("indicator", "district"):
            known = sorted(set(rows[name]))
            if name in values and values[name] not in known:
                found = values[name]
                raise InputError(Problem(name, repr(found), ", ".join(known), nearest(str(found), known)))
        return chosen(rows, **values)

    def estimate(self) -> pd.DataFrame:
        """Compute the estimates table: every indicator by every estimator that the design allows, rounded.

        From the cells; DataError naming the first that is missing where some are there, from the respondents before any
        is.
        """
        written = [self._written(d.id, w.id) for d in self.design.districts for w in self.design.waves]
        some_are_missing = None in written and any(cell is not None for cell in written)
        source = cells.load(self.design) if some_are_missing else self._survey
        return estimate.rounded(pipeline.of_survey(source, self._hidden))

    def save(self, estimates: pd.DataFrame) -> None:
        """Write the estimates table where the report reads it; the file appears whole or not at all."""
        _check_frame(estimates, "estimates", estimate.COLUMNS, "the table of study.estimate()")
        with files.replacing(paths.processed(self.evaluation) / "estimates.parquet") as part:
            estimates.to_parquet(part, index=False, schema=estimate.schema())

    # models

    def model(self, indicator: str) -> Any:
        """Differences in differences of the respondents over the waves of the headline, fitted by statsmodels.

        `y ~ pilot:after + C(district) + C(wave)`, weights summing to one in each district and wave: the coefficient
        `pilot:after` is the difference of the arms' mean changes. For its uncertainty use `fd.inference`. With more
        than 40 districts it is the regression of the cells, which has the same coefficient.

        Returns
        -------
        RegressionResults
            Of `statsmodels.formula.api.wls`; `fit.model.data.frame` has the columns `district` and `wave`.
        """
        pilots, comparisons = contrasts.arms(self._survey)
        followed = contrasts.followed(self.design, pilots, comparisons)
        waves = sorted({wave for weights in followed.values() for wave in weights})
        districts = [d.id for d in [*pilots, *comparisons]]
        if len(districts) > MOST_DISTRICTS:
            return self.did(self.cells(indicator, districts, waves))
        return self.did(self.respondents(districts, waves, indicator=indicator))

    def did(self, frame: pd.DataFrame, district: str | None = None) -> Any:
        """A difference-in-differences regression of cells or respondents, fitted by statsmodels.

        The coefficient is `pilot:after`. Of all pilot districts the formula is `y ~ pilot:after + C(district) +
        C(wave)`; of one district at two waves it is `y ~ pilot * after`, without the districts that lack one of the
        waves.

        Parameters
        ----------
        frame : DataFrame
            Of `cells` (`level`) or `respondents` with an indicator (`y`).
        district : str, optional
            The one district that is compared with all others of the frame; without it, by arm.

        Returns
        -------
        RegressionResults
        """
        remedy = "take the frame of study.cells(...) or study.respondents(..., indicator=...)"
        _check_frame(frame, "frame", ("pilot", "after", "district", "wave", "share"), remedy)
        outcome, terms = "level" if "level" in frame else "y", OF_ARMS
        if district is not None:
            frame, terms = self._one_against_the_others(frame, self.design.district(district).id), OF_ONE
        with warnings.catch_warnings():
            # one record each of two districts leaves no standard errors, which the table of coefficients says
            warnings.simplefilter("ignore", RuntimeWarning)
            return smf.wls(f"{outcome} ~ {terms}", frame, weights=frame["share"]).fit()

    def _one_against_the_others(self, frame: pd.DataFrame, district: str) -> pd.DataFrame:
        """`pilot` for this district alone, `after` for the later of two waves, and only districts that have both."""
        present = set(frame["wave"].unique())
        waves = [wave.id for wave in self.design.waves if wave.id in present]
        if len(waves) != 2:
            raise InputError(Problem("frame", f"{len(waves)} waves", "two waves, where one district is compared"))
        pilot, after = frame["district"] == district, frame["wave"] == waves[1]
        frame = frame.assign(pilot=pilot.astype(int), after=after.astype(int))
        return frame[frame.groupby("district")["after"].transform("nunique") == 2]

    def answer(self, indicator: str, estimates: pd.DataFrame) -> pd.Series:
        """The row of an estimates table that answers for an indicator, by the headline rule."""
        rows = chosen(self.answers(estimates), indicator=self.design.indicator(indicator).id)
        if rows.empty:
            raise DataError(Problem("estimates", f"no answer for {indicator!r}", "the table of study.estimate()"))
        return rows.iloc[0]

    def answers(self, estimates: pd.DataFrame) -> pd.DataFrame:
        """The rows of an estimates table that answer, one an indicator, with its label."""
        _check_frame(estimates, "estimates", estimate.COLUMNS, "the table of study.estimate()")
        head = self.headline
        rows = chosen(
            estimates,
            estimand=head.estimand,
            estimator=head.estimator,
            district=head.district,
            wave=head.wave,
            baseline_wave=head.baseline_wave,
            variant="main",
            subgroup="",
        )
        labels = {i.id: self.label(i.id) for i in self.design.indicators}
        rows = rows[rows["indicator"].isin(labels)]
        return rows.assign(label=rows["indicator"].map(labels)).reset_index(drop=True)

    def seed(self, indicator: str) -> int:
        """The seed of random draws for an indicator, the same in every run."""
        return permutations.seed_of(self.evaluation, indicator)

    # one district at one wave, and the document

    def cell(self, district: str, wave: str) -> CellStudy:
        """One district at one wave; an id that papermill's command read as a number is its text."""
        return CellStudy(self.design, self.design.district(str(district)), self.design.wave(str(wave)))

    def cover(self, title: str) -> Output:
        """Title and stamp of a working paper."""
        report = self.design.report
        return display.cover(
            {
                "title": title,
                "subtitle": self.design.title[self.language],
                "authors": list(report.authors),
                "lang": "en",
                "date": report.date.isoformat(),
                "date_text": report.date.isoformat(),
                "region": "",
                "abstract": "",
                "keywords": [],
                "stamp": self.stamp,
                "strings": {},
            }
        )

    def figure(self, drawn: Any, *, alt: str, caption: str = "") -> Output:
        """`fd.figure` with the stamp of the study's data."""
        return figure(drawn, alt=alt, caption=caption, stamp=self.stamp)

    # what the above is read from

    @cached_property
    def _survey(self) -> Survey:
        """The survey from the cells that the district_wave runs wrote; before that, from its respondents."""
        written = [self._written(d.id, w.id) for d in self.design.districts for w in self.design.waves]
        if None in written:
            return Survey(self.design, survey.opened(self.evaluation))
        kept = [cell for cell in written if cell is not None]
        return cells.StoredSurvey(self.design, kept, lambda: survey.opened(self.evaluation))

    @cached_property
    def _hidden(self) -> frozenset[disclosure.Cell]:
        return disclosure.load(self.evaluation)

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in items(self.design)}

    @cached_property
    def sample(self) -> pd.DataFrame:
        """Counts of the sample: district, wave, indicator, kind of answer, n."""
        return survey.counts(self.evaluation)

    def _counts(self, kind: str) -> pd.DataFrame:
        return self.sample[self.sample["kind"] == kind]

    @cached_property
    def _people(self) -> dict[str, float]:
        """What each district counts in a model."""
        districts: Sequence[District] = self.design.districts
        if self.weight is not None and not all(district.population for district in districts):
            districts = self._survey.districts  # with the populations that stand in the data
        return {d.id: share for d, share in zip(districts, arms.counting(self.design, districts), strict=True)}


def _levels(cell: Cell) -> pd.DataFrame:
    """The levels that a run wrote: `indicator`, `district`, `wave`, `level`, `n`."""
    rows = cell.table.select(["indicator", "kind", "mean", "n"]).to_pandas()
    rows = rows[rows["kind"] == "indicator"]
    return pd.DataFrame(
        {
            "indicator": rows["indicator"],
            "district": cell.district,
            "wave": cell.wave,
            "level": rows["mean"],
            "n": rows["n"],
        }
    )


def _check_frame(frame: object, where: str, columns: Sequence[str], remedy: str) -> None:
    """InputError for what is no frame with these columns."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(Problem(where, f"a {type(frame).__name__}", "a DataFrame", remedy))
    missing = [name for name in columns if name not in frame]
    if missing:
        raise InputError(Problem(where, f"no column {missing[0]!r}", ", ".join(columns), remedy))


def chosen(rows: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Rows with these values."""
    for name, value in values.items():
        if name not in rows:
            raise InputError(Problem("estimates", f"no column {name!r}", ", ".join(rows.columns)))
        rows = rows[rows[name] == value]
    return rows.reset_index(drop=True)


def _listed(given: str | Sequence[str] | None, everything: list[str]) -> list[str]:
    if given is None:
        return everything
    if isinstance(given, (str, int)):
        return [str(given)]
    return [str(each) for each in dict.fromkeys(given)]
