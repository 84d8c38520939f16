"""The blocks of evaluation.yaml, key by key: frozen, unknown keys refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from fewdistricts.design.types import (
    MISSING_KINDS,
    Band,
    Code,
    Codes,
    Column,
    Fieldwork,
    Id,
    LocalPath,
    Name,
    OneOrMoreColumns,
    Scale,
    Sha256,
    SomeCodes,
    SomeColumns,
    Start,
    Steps,
    Text,
    a_name,
)

Arm = Literal["pilot", "comparison", "neighbour"]
ARMS: tuple[Arm, ...] = get_args(Arm)
"""In the order in which they are listed and drawn."""
Phase = Literal["before", "after"]
Decimal = Literal[".", ","]
Thousands = Literal[",", ".", " ", "'"]
Positive = Annotated[float, Field(gt=0, lt=1e15, allow_inf_nan=False, strict=True)]
Finite = Annotated[float, Field(gt=-1e15, lt=1e15, allow_inf_nan=False, strict=True)]


class Declared(BaseModel):
    """A block of evaluation.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)


class Assignment(Declared):
    """How the pilot districts were chosen; decides what may be said of cause, and which test leads."""

    by: Literal["lot", "rule", "chosen", "unknown"] = "unknown"
    """`lot`: drawn by lot. `rule`: by a rule that anyone could have applied, such as a ranking. `chosen`: by somebody's
    decision. `unknown`: nobody recorded it."""
    within: Literal["pair", "block"] | None = None
    """With `lot`: drawn within the districts of each `pair` or each `block`; nothing where all were in one drum."""
    registered: Text | None = None
    """Where the draw or the trial was registered."""
    reason: Text | None = None
    """Why these districts; printed."""


class Cost(Declared):
    """What the programme cost, for the cost of a point."""

    amount: Positive
    """All of it, over all pilot districts and the whole time."""
    currency: Annotated[str, Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
    """ISO 4217, such as PEN."""
    covers: Text
    """What is counted and what is not; printed."""


class Intervention(Declared):
    """The programme under evaluation."""

    name: Name
    """What readers know it by."""
    start: Start | None
    """Month or day it began; null when there is no programme yet."""
    description: Text
    """What was done, for whom and by whom: a paragraph of the report."""
    assignment: Assignment = Assignment()
    """How the pilot districts were chosen."""
    cost: Cost | None = None
    """What it cost."""
    delivery: Text | None = None
    """How far it was carried out as planned, and where not; printed."""
    theory: Steps = ()
    """How it is meant to work: indicators in the order in which they should move, several of one step in a list, as in
    `[knows_committee, sees_patrols, [street_robbery, very_insecure]]`. Drawn, and held against what moved."""


class Missing(Declared):
    """Codes or value labels that are no answer, by kind; empty answers are `unspecified` without being declared."""

    refused: Codes = ()
    """Would not say."""
    dont_know: Codes = ()
    """Could not say."""
    not_applicable: Codes = ()
    """The question did not concern the respondent."""
    not_asked: Codes = ()
    """The question was left out, as in a half sample."""
    unspecified: Codes = ()
    """No reason is known; empty cells are this without being declared."""

    @property
    def by_kind(self) -> dict[str, tuple[str, ...]]:
        """The codes of each kind."""
        return {kind: getattr(self, kind) for kind in MISSING_KINDS}


class File(Declared):
    """A survey file beside evaluation.yaml."""

    path: LocalPath
    """.csv, .tab, .tsv, .txt, .xlsx, .xls, .xlsb, .ods, .dta, .sav, .zsav, .por, .xpt, .sas7bdat or .parquet; one of
    them in a .gz or .zip. A file may be listed twice, with another `wave` and `rename`, where each wave has columns of
    its own."""
    sha256: Sha256 | None = None
    """Digest of the file; a file that is another one is refused."""
    wave: Id | None = None
    """The wave of every row, when there is one file a wave."""
    value: dict[Column, Code] = {}
    """Column that the file lacks: what it would hold in every row, such as the district where each has a file."""
    rename: dict[Column, Column] = {}
    """The file's column name: the name the rest of evaluation.yaml uses."""
    recode: dict[Column, dict[Code, Code]] = {}
    """Column (after renaming), then the file's code or label: the code the rest of evaluation.yaml uses. A weight
    that this gives is taken as it is, however large."""
    pad: dict[Column, Annotated[int, Field(ge=2, le=20, strict=True)]] = {}
    """Column of ids that lost their leading zeros: how many digits they have. 101 becomes 0101 with 4."""
    encoding: str | None = None
    """Of texts, Stata, SPSS and SAS files: latin-1 or cp1252, for instance. Default: UTF-8, or what the file says."""
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Of texts. Default: a comma, in .tab and .tsv a tab."""
    escape: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Of texts: the sign before a quotation mark within quotes, where it is not doubled."""
    decimal: Decimal | dict[Column, Decimal] = {}
    """Decimal mark of numbers that are texts, of the file or by column. Default: a point."""
    thousands: Thousands | dict[Column, Thousands] = {}
    """Mark between thousands of numbers that are texts, of the file or by column. Default: none."""
    sheet: str | int | None = None
    """Of a spreadsheet: its name, or its number from 1. Default: the first."""
    header: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    """Row that holds the names of the columns. Default: the first that is not empty."""
    first_row: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Row of the first answers. Default: the one below `header`."""
    last_row: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Row of the last answers, where totals or notes follow. Default: the last."""

    def decimal_of(self, column: str) -> Decimal | None:
        """The decimal mark of a column, where one is declared."""
        return self.decimal.get(column) if isinstance(self.decimal, dict) else self.decimal

    def thousands_of(self, column: str) -> Thousands | None:
        """The mark between thousands of a column, where one is declared."""
        return self.thousands.get(column) if isinstance(self.thousands, dict) else self.thousands


class Columns(Declared):
    """Which column of the survey holds what."""

    district: Column | None = None
    """Which district; required unless `districts` names columns."""
    wave: Column | None = None
    """Which wave; null where every file declares its own."""
    weight: Column | None = None
    """Sampling weight, 0 or more. Default: all count alike."""
    stratum: Column | None = None
    """Stratum the PSU was drawn from, within the district."""
    psu: Column | None = None
    """Primary sampling unit, such as a block. Default: each respondent is one."""
    respondent: Column | None = None
    """Who answered; for `sampling: panel`."""
    fpc: Column | None = None
    """Sampling fraction of the stratum's PSUs, or their number in the population where it exceeds 1."""
    population: Column | None = None
    """Inhabitants of the district, the same in all its rows; for `inference.districts: population`."""


Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False, strict=True)]


class Weights(Declared):
    """What is done to the sampling weights before anything is estimated."""

    calibrate: dict[Column, dict[Code, Share]]
    """Column, then its answers with their shares in the population, summing to 1: in every district and wave the
    weights are raked until these margins hold, as R's `survey::calibrate(calfun = "raking")`. A respondent without an
    answer in a column keeps the weight."""


class Data(Declared):
    """The survey files and how they were sampled."""

    kind: Literal["real", "synthetic"]
    """`synthetic` is stamped on every page, figure and table."""
    level: Literal["respondent", "district"] = "respondent"
    """`district`: one row for each district and wave, such as police records, without sampling error."""
    sampling: Literal["cross_section", "repeated_psu", "panel"] = "cross_section"
    """A new sample in each wave, a new one in the same PSUs (`repeated_psu`), or the same people again (`panel`)."""
    source: Text
    """Who collected the data, when and how; printed."""
    response: Text | None = None
    """How many were approached, refused or were not found, as far as it was recorded; printed."""
    files: Annotated[tuple[File, ...], Field(min_length=1)]
    """The survey files, one below the other."""
    columns: Columns = Columns()
    weights: Weights | None = None
    """Whether weights are raked to known margins."""
    missing: Missing = Missing()
    """Codes or value labels that are no answer, by kind: counted and reported, never silent."""
    truth: LocalPath | None = None
    """Of synthetic data: a CSV file beside evaluation.yaml with the columns `indicator` and `effect`, the true mean
    effect over the pilot districts; printed beside the estimates."""
    across_districts: bool | None = None
    """Whether a PSU id that occurs in two districts is one unit (`true`: its districts vary together) or ids begin
    again in each district (`false`). Asked for where the data leave it open."""
    duplicates: Literal["refuse", "keep"] = "refuse"
    """What is done about files, rows or ids that occur twice: an error, or nothing, for a reason."""
    duplicates_reason: Text | None = None
    """Why rows that look like one interview are several; printed in the chapter on limits."""
    leave_out: dict[Column, SomeCodes] = {}
    """Column, then the codes or labels whose rows are no part of the evaluation: they are counted and reported."""


class Spelled(Declared):
    """Something the files know by its id or by another spelling."""

    id: Id
    """Short name; stands in estimates.csv and in file names."""
    value: SomeCodes | None = None
    """The file's spellings; the id when absent."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Codes or labels that mean it."""
        return self.value or (self.id,)


class Wave(Spelled):
    """One round of interviews."""

    label: Name
    """What readers see, such as March 2005."""
    fieldwork: Fieldwork
    """First and last day; months in evaluation.yaml begin on their first and end on their last day."""
    phase: Phase | None = None
    """Declared only where the fieldwork straddles the start."""
    phase_reason: Text | None = None
    """Why the phase is right; printed in the chapter on limits."""


class District(Spelled):
    """A unit of the programme."""

    name: Name
    """What readers see; a mere code, such as 1 or B2, behind the word for a district."""
    arm: Arm
    """`pilot`: got the programme. `comparison`: did not. `neighbour`: lies beside a pilot district, is watched for
    displacement and is no comparison."""
    start: Start | None = None
    """Its own start where starts are staggered."""
    pair: Id | None = None
    """Id shared by a pilot district and the comparison district or districts matched to it."""
    block: Id | None = None
    """Stratum within which lots were drawn; for `intervention.assignment.within: block`."""
    cluster: Id | None = None
    """Id shared by districts that the same shocks hit, such as those of a province. Without it districts count as
    independent."""
    population: Positive | None = None
    """Inhabitants before the start; for `inference.districts: population`."""
    phase: dict[Id, Phase] = {}
    """Wave: before or after, where its fieldwork straddles the district's own start."""


class DistrictColumns(Declared):
    """Districts taken from the data, where there are hundreds."""

    column: Column
    """The district."""
    arm: Column
    """Its arm: pilot, comparison or neighbour."""
    name: Column | None = None
    """Its name. Default: the district's label or code."""
    start: Column | None = None
    """Its own start."""
    pair: Column | None = None
    """Its pair."""
    block: Column | None = None
    """Its stratum of the lot."""
    cluster: Column | None = None
    """Its cluster of shocks."""
    population: Column | None = None
    """Its inhabitants."""


class Unit(Declared):
    """What a mean is a mean of, as it stands behind its numbers."""

    one: Name
    """Behind a number that the language takes for one: theft a month."""
    many: Name
    """Behind every other: thefts a month."""


def _one_and_many(given: Any, info: ValidationInfo) -> Any:
    """A text, or one per language, stands for singular and plural; both may stand in each language, as in `words`."""
    forms = Unit.model_fields.keys()
    if isinstance(given, Unit) or (isinstance(given, dict) and given.keys() & forms):
        return given
    if isinstance(given, dict) and any(isinstance(each, dict) and each.keys() == forms for each in given.values()):
        by_language = {
            key: each if isinstance(each, dict) else dict.fromkeys(forms, each) for key, each in given.items()
        }
        return {form: {key: each.get(form) for key, each in by_language.items()} for form in forms}
    return dict.fromkeys(forms, a_name(given, info))


class Indicator(Declared):
    """A number made of one survey question."""

    id: Id
    """Short name; stands in estimates.csv."""
    label: Name
    """What readers see in tables and figures."""
    column: OneOrMoreColumns = ""
    """The column that holds the answers. A list of columns, one for each answer of a question that allows several, is
    `any_of` them."""
    any_of: SomeColumns | None = None
    """Made of others: whether any of them counts. Ids of indicators that are shares; or, beside `yes`, columns."""
    all_of: SomeColumns | None = None
    """Made of others: whether all of them count."""
    count_of: SomeColumns | None = None
    """Made of others: how many of them count."""
    sum_of: SomeColumns | None = None
    """Made of others: their sum. Ids of indicators, or columns of numbers."""
    mean_of: SomeColumns | None = None
    """Made of others: their mean, as of the items of a scale."""
    answered: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    """How many of them must be answered; one that is not adds nothing to `any_of`, `count_of` and `sum_of` and is left
    out of `all_of` and `mean_of`. Default: all."""
    reversed: Annotated[tuple[Column, ...], Field(min_length=1)] = ()
    """Those of `sum_of` and `mean_of` whose scale is turned round: the smallest answer counts as the largest."""
    question: Text | None = None
    """The question as it was put; printed in the codebook."""
    yes: SomeCodes | None = None
    """Answers that count: a share. Without `yes`, `band` and `contains` the indicator is a mean."""
    no: SomeCodes | None = None
    """The other valid answers; when given, any further answer is an error."""
    band: Band | None = None
    """Numbers that count, such as 12+ hours: a share."""
    contains: SomeCodes | None = None
    """Answers that count in a column of several in a cell, as `tv radio` or `Web, cell phone`: a share."""
    blank: Literal["no", "missing"] | None = None
    """`no`: an empty cell is an answer that does not count, as where only ticks were written or the question was
    skipped after a no. Default: it is `missing`, which says so where the data look otherwise."""
    answers: dict[Code, Name] = {}
    """Answer: what readers see, in the order of the question; the distribution of a primary outcome's answers is shown.
    Of a share: every answer. Of a scale: its ends, or all its points, which then mean the same in every wave."""
    scale: Scale | None = None
    """Smallest and largest answer of a mean; anything else is an error."""
    among: dict[Column, SomeCodes] = {}
    """Domain: column and its codes."""
    better: Literal["higher", "lower", "none"] = "none"
    """Which direction is an improvement; `none` where neither is."""
    family: Id = "outcomes"
    """Outcomes tested together: multiplicity is controlled within a family."""
    role: Literal["primary", "secondary", "placebo", "exposure"] = "secondary"
    """`primary`: an outcome of the one-page answer. `placebo`: the programme could not have changed it. `exposure`:
    contact with the programme."""
    watch: Literal["harm"] | None = None
    """`harm`: the programme could make it worse, as theft where robbery becomes harder; the chapter on harm always
    names it and says how large a worsening cannot be ruled out. Needs `better`."""
    index: Literal["outside"] | None = None
    """`outside`: no member of its family's index, because it tells of the same events as the other members, as a number
    of crimes beside the kinds of crime. Default: a member, where it has a direction."""
    recall_months: Annotated[int, Field(ge=1, le=240, strict=True)] | None = None
    """How far back the question reaches; an overlap with the start is warned of."""
    worthwhile: Positive | None = None
    """Smallest change worth having, which the verdict is read against; for a share 0.05 is 5 percentage points."""
    comparable: dict[Id, bool] = {}
    """Wave: false where wording or mode changed; then no change is computed."""
    waves: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    """Where it was asked. Default: in all."""
    unit: Annotated[Unit, BeforeValidator(_one_and_many, json_schema_input_type=Name | Unit)] | None = None
    """Of a mean: `{one: theft a month, many: thefts a month}`, also in each language; one text stands for both."""
    non_negative: bool = True
    """Of a mean: false where answers below 0 are answers, such as a loss."""
    missing: Missing | None = None
    """Kinds named here replace those of `data.missing`."""

    @property
    def is_share(self) -> bool:
        """Whether it is a share of respondents rather than a mean."""
        if self.rule:
            return self.rule in ("any_of", "all_of")
        return self.yes is not None or self.band is not None or self.contains is not None

    @property
    def rule(self) -> str:
        """How it is made of others; empty where it is read from a column."""
        named = [rule for rule in RULES if getattr(self, rule) is not None]
        return named[0] if named else ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The indicators or columns that it is made of; none where it is read from a column."""
        return getattr(self, self.rule) if self.rule else ()

    @property
    def of_columns(self) -> bool:
        """Whether its parts are columns, of which `yes` says what counts."""
        return bool(self.parts) and self.yes is not None

    @model_validator(mode="before")
    @classmethod
    def _several_columns(cls, given: Any) -> Any:
        """`column: [a, b]` is `any_of: [a, b]`."""
        if isinstance(given, dict) and isinstance(given.get("column"), list):
            others = {key: value for key, value in given.items() if key != "column"}
            return {"any_of": given["column"], **others}
        return given

    @property
    def unit_of(self) -> Literal["share", "scale", "count"]:
        """What its numbers are: a fraction, points on a scale, or units of `unit`."""
        if self.is_share:
            return "share"
        return "count" if self.scale is None else "scale"

    @property
    def others(self) -> tuple[str, ...] | None:
        """The valid answers of a share that do not count; None where they are not declared."""
        if self.no is not None or not self.answers:
            return self.no
        return tuple(answer for answer in self.answers if answer not in (self.yes or ()))


RULES = ("any_of", "all_of", "count_of", "sum_of", "mean_of")
"""How an indicator can be made of others."""


class Subgroup(Declared):
    """Groups of respondents whose answers are also shown apart, and compared with each other."""

    id: Id
    """Short name; stands in estimates.csv, as `sex=women`."""
    label: Name
    """What readers see, such as Sex."""
    column: Column
    """The column that says who belongs to which group; the programme must not be able to change it."""
    groups: dict[Id, SomeCodes] = {}
    """Group: its answers in the column. The first group is the one that the others are compared with."""
    bands: tuple[Band, ...] = ()
    """In place of `groups`: bands of a column of numbers, such as 18-29."""
    names: dict[Code, Name] = {}
    """Group or band: what readers see. Default: as it is written."""
    role: Literal["primary", "exploratory"] = "exploratory"
    """`primary`: the comparison of the groups was planned as an answer of its own, in every primary outcome; it is
    judged together with these."""

    @property
    def members(self) -> tuple[str, ...]:
        """The groups, in declared order."""
        return tuple(self.groups) or self.bands


class Labels(Declared):
    """What readers see of a column that is no indicator."""

    label: Name
    """What the column is called."""
    answers: dict[Code, Name] = {}
    """Answer: what readers see, in this order."""


class Inference(Declared):
    """Choices made before the results are known."""

    confidence: Annotated[float, Field(gt=0.5, lt=1, strict=True)] = 0.95
    """Of intervals."""
    districts: Literal["equal", "population"] = "equal"
    """Whether districts count equally or by population."""
    lonely_psu: Literal["fail", "adjust", "average", "certainty"] = "adjust"
    """What a stratum with one PSU adds to the variance: an error, its distance from the overall mean, the average of
    the district's other strata (without any: its distance from the mean), or nothing."""
    headline: Id | None = None
    """average: the waves after the start less the waves before it. last: the last wave less the last before the start;
    or the id of a wave in its place. Default: average where there are two waves before and two after, else last."""
    comparisons: Literal["automatic", "never", "not_yet"] = "automatic"
    """With staggered starts: districts that never start (never), or also those that have not yet (not_yet). automatic:
    never, or where every district starts, not_yet."""


class Notebooks(Declared):
    """Which district_wave notebooks run."""

    districts: Literal["all", "pilot", "none"] | None = None
    """Default: all up to 100 districts of respondents, else the pilot districts, or none where that were more than
    100 notebooks."""


class Ahead(Declared):
    """What the plan before the follow-up data assumes."""

    shocks: Annotated[tuple[Annotated[float, Field(ge=0, lt=0.5)], ...], Field(min_length=1, max_length=4)] = (
        0.0,
        0.02,
        0.03,
        0.05,
    )
    """How much districts may move by themselves: standard deviations of a district's shock to a share in one wave,
    0.02 being 2 percentage points."""


class Disclosure(Declared):
    """Cells below `minimum_cell` respondents are suppressed."""

    minimum_cell: Annotated[int, Field(ge=0, le=10**9, strict=True)] = 10
    """Cells with fewer respondents are suppressed, and their districts take no part in that indicator's averages,
    differences and tests, which would give them away."""


class Published(Declared):
    """A figure stated elsewhere."""

    place: Name
    """Where it was measured."""
    wave: Id
    """Id of the wave."""
    indicator: Id
    """Id of the indicator."""
    value: Finite
    """The figure, as a fraction for a share."""
    source: Name
    """Where it was published."""
    estimand: Literal["level", "change", "did"] = "level"
    """What the figure is."""
    se: Positive | None = None
    """Its standard error, where stated."""
    n: Annotated[int, Field(ge=1, le=10**12, strict=True)] | None = None
    """Respondents, where stated."""


def effective_missing(common: Missing, own: Missing | None) -> dict[str, tuple[str, ...]]:
    """`data.missing` with the kinds an indicator declares itself put in their place."""
    named = own.model_fields_set if own else set()
    return {kind: getattr(own if kind in named else common, kind) for kind in MISSING_KINDS}
