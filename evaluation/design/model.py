"""What evaluation.yaml may say, key by key, and what follows from it for a district and a wave.

Everything is frozen; unknown keys are refused. What only the keys together can get wrong is in `rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..errors import ConfigurationError, Problem, nearest
from .types import (
    MISSING_KINDS,
    Code,
    Codes,
    Column,
    Day,
    Fieldwork,
    Id,
    LocalPath,
    Name,
    Scale,
    Sha256,
    SomeCodes,
    Start,
    Text,
)

Arm = Literal["pilot", "comparison", "neighbour"]
Phase = Literal["before", "after"]
Positive = Annotated[float, Field(gt=0, lt=1e15, allow_inf_nan=False, strict=True)]
Finite = Annotated[float, Field(gt=-1e15, lt=1e15, allow_inf_nan=False, strict=True)]


class Declared(BaseModel):
    """A block of evaluation.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Intervention(Declared):
    """The programme under evaluation."""

    name: Name
    start: Start | None
    """Month or day it began; null when there is no programme yet."""
    description: Text


class Missing(Declared):
    """Codes or value labels that are no answer, by kind; empty answers are `unspecified` without being declared."""

    refused: Codes = ()
    dont_know: Codes = ()
    not_applicable: Codes = ()
    not_asked: Codes = ()
    unspecified: Codes = ()


class File(Declared):
    """A survey file beside evaluation.yaml."""

    path: LocalPath
    """.csv, .xlsx, .parquet, .dta or .sav."""
    sha256: Sha256 | None = None
    wave: Id | None = None
    """The wave of every row, when there is one file a wave."""
    rename: dict[Column, Column] = {}
    """The file's column name: the name the rest of evaluation.yaml uses."""
    recode: dict[Column, dict[Code, Code]] = {}
    """Column (after renaming), then the file's code: the code the rest of evaluation.yaml uses."""
    encoding: str | None = None
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    sheet: str | int | None = None


class Columns(Declared):
    """Which column of the survey holds what."""

    district: Column | None = None
    wave: Column | None = None
    weight: Column | None = None
    stratum: Column | None = None
    psu: Column | None = None
    respondent: Column | None = None
    fpc: Column | None = None
    """Sampling fraction of the stratum's PSUs, or their number in the population where it exceeds 1."""
    population: Column | None = None


class Data(Declared):
    """The survey files and how they were sampled."""

    kind: Literal["real", "synthetic"]
    level: Literal["respondent", "district"] = "respondent"
    sampling: Literal["cross_section", "repeated_psu", "panel"] = "cross_section"
    source: Text
    files: Annotated[tuple[File, ...], Field(min_length=1)]
    columns: Columns = Columns()
    missing: Missing = Missing()


class Spelled(Declared):
    """Something the files know by its id or by another spelling."""

    id: Id
    value: SomeCodes | None = None
    """The file's spellings; the id when absent."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Codes or labels that mean it."""
        return self.value or (self.id,)


class Wave(Spelled):
    """One round of interviews."""

    label: Name
    fieldwork: Fieldwork
    """First and last day; months in evaluation.yaml begin on their first and end on their last day."""
    phase: Phase | None = None
    """Declared only where the fieldwork straddles the start."""
    phase_reason: Text | None = None


class District(Spelled):
    """A unit of the programme."""

    name: Name
    arm: Arm
    start: Start | None = None
    """Its own start where starts are staggered."""
    pair: Id | None = None
    population: Positive | None = None
    phase: dict[Id, Phase] = {}


class DistrictColumns(Declared):
    """Districts taken from the data, where there are hundreds."""

    column: Column
    arm: Column
    name: Column | None = None
    start: Column | None = None
    pair: Column | None = None
    population: Column | None = None


class Indicator(Declared):
    """A number made of one survey question."""

    id: Id
    label: Name
    column: Column
    question: Text | None = None
    yes: SomeCodes | None = None
    """Answers that count: a share. Without `yes` the indicator is a mean."""
    no: SomeCodes | None = None
    """The other valid answers; when given, any further answer is an error."""
    scale: Scale | None = None
    among: dict[Column, SomeCodes] = {}
    """Domain: column and its codes."""
    better: Literal["higher", "lower", "none"] = "none"
    family: Id = "outcomes"
    role: Literal["primary", "secondary", "placebo", "exposure"] = "secondary"
    recall_months: Annotated[int, Field(ge=1, le=240, strict=True)] | None = None
    worthwhile: Positive | None = None
    comparable: dict[Id, bool] = {}
    waves: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    unit: Name | None = None
    missing: Missing | None = None
    """Kinds named here replace those of `data.missing`."""

    @property
    def is_share(self) -> bool:
        """Whether it is a share of respondents rather than a mean."""
        return self.yes is not None

    @property
    def unit_of(self) -> Literal["share", "scale", "count"]:
        """What its numbers are: a fraction, points on a scale, or units of `unit`."""
        if self.is_share:
            return "share"
        return "count" if self.scale is None else "scale"

    @property
    def conditional(self) -> bool:
        """Whether it is asked of a part of the respondents only, whom the programme may change."""
        return bool(self.among)


class Inference(Declared):
    """Choices made before the results are known."""

    confidence: Annotated[float, Field(gt=0.5, lt=1, strict=True)] = 0.95
    districts: Literal["equal", "population"] = "equal"
    lonely_psu: Literal["fail", "adjust", "average", "certainty"] = "adjust"
    headline: Id = "last"
    """last, average, or the id of a wave."""
    comparisons: Literal["never", "not_yet"] = "never"


class Notebooks(Declared):
    """Which district_wave notebooks run."""

    districts: Literal["all", "pilot", "none"] | None = None


class Disclosure(Declared):
    """Cells below `minimum_cell` respondents are suppressed."""

    minimum_cell: Annotated[int, Field(ge=0, le=10**9, strict=True)] = 10


class Published(Declared):
    """A figure stated elsewhere."""

    place: Name
    wave: Id
    indicator: Id
    value: Finite
    source: Name
    estimand: Literal["level", "change", "did"] = "level"
    se: Positive | None = None
    n: Annotated[int, Field(ge=1, le=10**12, strict=True)] | None = None


class Report(Declared):
    """What is printed, by whom and when."""

    languages: Annotated[tuple[Literal["en", "es"], ...], Field(min_length=1)] = ("en",)
    districts: Literal["pilot", "all", "none"] = "pilot"
    date: Day
    authors: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...] = ()
    funder: Name | None = None


T = TypeVar("T", Wave, District, Indicator)


class Design(Declared):
    """The whole of evaluation.yaml."""

    evaluation: Id
    title: Text
    caution: Name | None = None
    """Printed on every page, where a reader could take the report for more than it is."""
    intervention: Intervention
    data: Data
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    districts: tuple[District, ...] = ()
    district_columns: DistrictColumns | None = None
    """Set where `districts` names columns; `survey.resolve` fills `districts` then."""
    families: dict[Id, Name] = {}
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    covariates: tuple[Column, ...] = ()
    inference: Inference = Inference()
    notebooks: Notebooks = Notebooks()
    disclosure: Disclosure = Disclosure()
    published: tuple[Published, ...] = ()
    report: Report

    @property
    def synthetic(self) -> bool:
        """Whether every page must say that the data are invented."""
        return self.data.kind == "synthetic"

    @property
    def pilots(self) -> tuple[District, ...]:
        """Districts with the programme, in declared order."""
        return tuple(district for district in self.districts if district.arm == "pilot")

    @property
    def comparisons(self) -> tuple[District, ...]:
        """Districts without it, to compare with."""
        return tuple(district for district in self.districts if district.arm == "comparison")

    @property
    def neighbours(self) -> tuple[District, ...]:
        """Districts beside the pilots, watched for displacement."""
        return tuple(district for district in self.districts if district.arm == "neighbour")

    @property
    def district_column(self) -> str:
        """The column that names a row's district."""
        declared = self.district_columns.column if self.district_columns else self.data.columns.district
        return declared or "district"

    @property
    def notebook_districts(self) -> tuple[District, ...]:
        """Districts with district_wave notebooks: by default all up to 100 districts of respondents, else pilots."""
        which = self.notebooks.districts
        if which is None:
            few = self.data.level == "respondent" and len(self.districts) <= 100
            which = "all" if few else ("pilot" if len(self.pilots) <= 100 else "none")
        return {"all": self.districts, "pilot": self.pilots, "none": ()}[which]

    @property
    def report_districts(self) -> tuple[District, ...]:
        """Districts with a brief of their own."""
        return {"all": self.districts, "pilot": self.pilots, "none": ()}[self.report.districts]

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
        return min((other.start for other in self.pilots if other.start is not None), default=None)

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
        """The last wave before a district's start; without a start the first wave; None if no wave came before."""
        if self.start_of(district) is None:
            return self.waves[0]
        before = [wave for wave in self.waves if self.phase(district, wave) == "before"]
        return before[-1] if before else None

    def followups(self, district: District | str) -> tuple[Wave, ...]:
        """Waves after a district's baseline."""
        baseline = self.baseline(district)
        if baseline is None:
            return self.waves
        return self.waves[self.waves.index(baseline) + 1 :]

    def asked(self, indicator: Indicator | str, wave: Wave | str) -> bool:
        """Whether an indicator's question was put in a wave."""
        indicator = self._indicator(indicator)
        return indicator.waves is None or self._wave(wave).id in indicator.waves

    def comparable(self, indicator: Indicator | str, wave: Wave | str, other: Wave | str) -> bool:
        """Whether a change of an indicator between two waves means anything."""
        indicator = self._indicator(indicator)
        return all(
            self.asked(indicator, each) and indicator.comparable.get(self._wave(each).id, True)
            for each in (wave, other)
        )

    def missing_of(self, indicator: Indicator | str) -> dict[str, tuple[str, ...]]:
        """Codes or labels that are no answer to an indicator's question, by kind of missing."""
        return effective_missing(self.data.missing, self._indicator(indicator).missing)

    def _wave(self, wave: Wave | str) -> Wave:
        return wave if isinstance(wave, Wave) else self.wave(wave)

    def _district(self, district: District | str) -> District:
        return district if isinstance(district, District) else self.district(district)

    def _indicator(self, indicator: Indicator | str) -> Indicator:
        return indicator if isinstance(indicator, Indicator) else self.indicator(indicator)


def effective_missing(common: Missing, own: Missing | None) -> dict[str, tuple[str, ...]]:
    """`data.missing` with the kinds an indicator declares itself put in their place."""
    named = own.model_fields_set if own else set()
    return {kind: getattr(own if kind in named else common, kind) for kind in MISSING_KINDS}


def _named(what: str, wanted: str, declared: Sequence[T]) -> T:
    for item in declared:
        if item.id == wanted:
            return item
    ids = [item.id for item in declared]
    listed = ", ".join(ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
    raise ConfigurationError(Problem(what, repr(wanted), listed or "none is declared", nearest(wanted, ids)))
