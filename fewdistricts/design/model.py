"""The whole of evaluation.yaml, and what follows from it for a district, a wave and an indicator.

What only the keys together can get wrong is in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import Field

from fewdistricts.design.blocks import (
    ARMS,
    Ahead,
    Arm,
    Data,
    Declared,
    Disclosure,
    District,
    DistrictColumns,
    Indicator,
    Inference,
    Intervention,
    Labels,
    Notebooks,
    Phase,
    Published,
    Subgroup,
    Wave,
    effective_missing,
)
from fewdistricts.design.nouns import Nouns
from fewdistricts.design.once import once
from fewdistricts.design.printed import Chapter, Map, Report
from fewdistricts.design.types import Column, Id, Name, Text
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.text import some

MOST_NOTEBOOKS = 100
"""Districts, or notebooks of pilot districts, up to which there are notebooks unless it is declared."""

T = TypeVar("T", Wave, District, Indicator)


class Design(Declared):
    """The whole of evaluation.yaml."""

    evaluation: Id
    title: Text
    """Title of the report."""
    caution: Name | None = None
    """Printed on every page, where a reader could take the report for more than it is."""
    intervention: Intervention
    """The programme under evaluation."""
    words: Nouns = Field(default_factory=dict)
    """What districts, respondents, interviews and the programme are called, by language: `{district: {en: {one:
    village, many: villages}}}`. Default: district, resident, interview, programme; every text uses them."""
    data: Data
    """The survey files and how they were sampled."""
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    """Rounds of interviews, in the order of their fieldwork."""
    districts: tuple[District, ...] = ()
    """The districts of the programme, one by one; or columns of the data that say them, where there are hundreds."""
    district_columns: DistrictColumns | None = None
    """Set where `districts` names columns; `survey.resolve` fills `districts` then."""
    families: dict[Id, Name] = Field(default_factory=dict)
    """Names of the families for readers; without it the ids of the families stand."""
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    """What is measured."""
    covariates: tuple[Column, ...] = ()
    """Columns that say whether the samples are alike; also held constant in the `adjusted` robustness rows."""
    subgroups: tuple[Subgroup, ...] = ()
    """Groups of respondents whose answers are also shown apart."""
    labels: dict[Column, Labels] = Field(default_factory=dict)
    """Covariates and columns of `among`, and their answers, as readers see them."""
    inference: Inference = Inference()
    """Choices made before the results are known."""
    notebooks: Notebooks = Notebooks()
    """Which notebooks run."""
    plan: Ahead = Ahead()
    """What `make plan` assumes."""
    disclosure: Disclosure = Disclosure()
    """What is too small to be printed."""
    published: tuple[Published, ...] = ()
    """Figures stated elsewhere, in a chapter of their own."""
    report: Report
    """What is printed, by whom and when."""
    map: Map | None = None
    """Where the districts lie; without a file, tiles in place of a map."""
    chapters: tuple[Chapter, ...] = ()
    """Chapters of one's own, each after a section of the report."""

    @property
    def synthetic(self) -> bool:
        """Whether every page must say that the data are invented."""
        return self.data.kind == "synthetic"

    @property
    def primary(self) -> tuple[Indicator, ...]:
        """The indicators declared primary; where none is, all but placebo and exposure."""
        by_role = ([i for i in self.indicators if i.role == role] for role in ("primary", "secondary"))
        return tuple(next((found for found in by_role if found), self.indicators))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that have districts."""
        return tuple(arm for arm in ARMS if self.of_arm(arm))

    def of_arm(self, arm: str) -> tuple[District, ...]:
        """The districts of an arm, in declared order."""
        return _by_arm(self).get(arm, ())

    @property
    def pilots(self) -> tuple[District, ...]:
        """Districts with the programme."""
        return self.of_arm("pilot")

    @property
    def comparisons(self) -> tuple[District, ...]:
        """Districts without it, to compare with."""
        return self.of_arm("comparison")

    @property
    def neighbours(self) -> tuple[District, ...]:
        """Districts beside the pilots, watched for displacement."""
        return self.of_arm("neighbour")

    @property
    def district_column(self) -> str:
        """The column that names a row's district."""
        declared = self.district_columns.column if self.district_columns else self.data.columns.district
        return declared or "district"

    @property
    def notebook_districts(self) -> tuple[District, ...]:
        """Districts with district_wave notebooks: by default all up to 100 districts of respondents, else the pilots,
        or none where that were more than 100 notebooks."""
        which = self.notebooks.districts or self._most_notebooks()
        return {"all": self.districts, "pilot": self.pilots, "none": ()}[which]

    def _most_notebooks(self) -> str:
        """Which districts have notebooks unless it is declared."""
        if self.data.level == "respondent" and len(self.districts) <= MOST_NOTEBOOKS:
            return "all"
        return "pilot" if len(self.pilots) * len(self.waves) <= MOST_NOTEBOOKS else "none"

    @property
    def report_districts(self) -> tuple[District, ...]:
        """Districts with a brief of their own: by default the pilots, or none where they are more than 40."""
        which = self.report.districts or ("pilot" if len(self.pilots) <= 40 else "none")
        return {"all": self.districts, "pilot": self.pilots, "none": ()}[which]

    def wave(self, wave: str) -> Wave:
        """The wave of this id; ConfigurationError naming the nearest one."""
        return _named("wave", wave, self.waves)

    def district(self, district: str) -> District:
        """The district of this id; ConfigurationError naming the nearest one."""
        return _named("district", district, self.districts)

    def indicator(self, indicator: str) -> Indicator:
        """The indicator of this id; ConfigurationError naming the nearest one."""
        return _named("indicator", indicator, self.indicators)

    def start_of(self, district: District | str) -> date | None:
        """The day by which before and after are told apart in a district: its own start or the intervention's.

        Where only districts declare starts, the others are judged by the earliest of them.
        """
        own = self._district(district).start
        if own is not None or self.intervention.start is not None:
            return own or self.intervention.start
        return _earliest(self)

    def phase(self, district: District | str, wave: Wave | str) -> Phase:
        """Whether a wave lies before or after a district's start; `before` where nothing has started."""
        district, wave = self._district(district), self._wave(wave)
        if wave.id in district.phase:
            return district.phase[wave.id]
        start = self.start_of(district)
        if start is None or wave.fieldwork[1] < start:
            return "before"
        if wave.fieldwork[0] >= start:
            return "after"
        return wave.phase or "before"

    def baseline(self, district: District | str) -> Wave | None:
        """The last wave before a district's start, the last of all without one; None if no wave came before."""
        return self._around(district)[0]

    def baselines(self, districts: Iterable[District]) -> list[Wave]:
        """The baselines of some districts, each once, in order of time."""
        ids = {wave.id for district in districts for wave in [self.baseline(district)] if wave is not None}
        return [wave for wave in self.waves if wave.id in ids]

    def followups(self, district: District | str) -> tuple[Wave, ...]:
        """Waves after a district's baseline."""
        return self._around(district)[1]

    def _around(self, district: District | str) -> tuple[Wave | None, tuple[Wave, ...]]:
        district = self._district(district)
        known = _sides(self).get(_start_and_phases(self, district))
        return known or _split(self, district)

    def asked(self, indicator: Indicator | str, wave: Wave | str) -> bool:
        """Whether an indicator's question was put in a wave."""
        indicator = self._indicator(indicator)
        return indicator.waves is None or self._wave(wave).id in indicator.waves

    def comparable(self, indicator: Indicator | str, wave: Wave | str, other: Wave | str) -> bool:
        """Whether a change of an indicator between two waves means anything."""
        indicator = self._indicator(indicator)
        alike = all(
            self.asked(indicator, each) and indicator.comparable.get(self._wave(each).id, True)
            for each in (wave, other)
        )
        names = () if indicator.of_columns else indicator.parts
        parts = [self.indicator(name) for name in names]
        return alike and all(self.comparable(part, wave, other) for part in parts)

    def conditional(self, indicator: Indicator | str) -> bool:
        """Whether an indicator is asked of a part of the respondents whom the programme may change.

        A part that covariates or subgroups tell apart, such as women, is no such part.
        """
        fixed = {*self.covariates, *(subgroup.column for subgroup in self.subgroups)}
        return not fixed.issuperset(self._indicator(indicator).among)

    def missing_of(self, indicator: Indicator | str) -> dict[str, tuple[str, ...]]:
        """Codes or labels that are no answer to an indicator's question, by kind of missing."""
        return effective_missing(self.data.missing, self._indicator(indicator).missing)

    def _wave(self, wave: Wave | str) -> Wave:
        return wave if isinstance(wave, Wave) else self.wave(wave)

    def _district(self, district: District | str) -> District:
        return district if isinstance(district, District) else self.district(district)

    def _indicator(self, indicator: Indicator | str) -> Indicator:
        return indicator if isinstance(indicator, Indicator) else self.indicator(indicator)


@once
def _earliest(design: Design) -> date | None:
    return min((other.start for other in design.pilots if other.start is not None), default=None)


@once
def _sides(design: Design) -> dict[tuple[Any, ...], tuple[Wave | None, tuple[Wave, ...]]]:
    """Baseline and follow-ups of the districts, which those that start alike share."""
    sides: dict[tuple[Any, ...], tuple[Wave | None, tuple[Wave, ...]]] = {}
    for district in design.districts:
        key = _start_and_phases(design, district)
        if key not in sides:
            sides[key] = _split(design, district)
    return sides


@once
def _by_arm(design: Design) -> dict[str, tuple[District, ...]]:
    """The districts of each arm, in declared order."""
    return {arm: tuple(district for district in design.districts if district.arm == arm) for arm in ARMS}


def _start_and_phases(design: Design, district: District) -> tuple[Any, ...]:
    """All that decides which waves lie before and after."""
    return (design.start_of(district), *sorted(district.phase.items()))


def _split(design: Design, district: District) -> tuple[Wave | None, tuple[Wave, ...]]:
    before = [k for k, wave in enumerate(design.waves) if design.phase(district, wave) == "before"]
    if not before:
        return None, design.waves
    return design.waves[before[-1]], design.waves[before[-1] + 1 :]


def _named(what: str, wanted: str, declared: Sequence[T]) -> T:
    for item in declared:
        if item.id == wanted:
            return item
    ids = [item.id for item in declared]
    raise ConfigurationError(Problem(what, repr(wanted), some(ids, 20) or "none is declared", nearest(wanted, ids)))
