"""The blocks of evaluation.yaml, key by key: frozen, unknown keys refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    leave_out: dict[Column, SomeCodes] = {}
    """Column, then the codes or labels whose rows are no part of the evaluation: they are counted and reported."""


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


def effective_missing(common: Missing, own: Missing | None) -> dict[str, tuple[str, ...]]:
    """`data.missing` with the kinds an indicator declares itself put in their place."""
    named = own.model_fields_set if own else set()
    return {kind: getattr(own if kind in named else common, kind) for kind in MISSING_KINDS}
