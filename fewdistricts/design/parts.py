"""The pieces of evaluation.yaml that are well-formed on their own, whatever else is broken."""

from __future__ import annotations

from dataclasses import dataclass, field

from fewdistricts.design.blocks import (
    Data,
    District,
    DistrictColumns,
    Indicator,
    Inference,
    Intervention,
    Labels,
    Notebooks,
    Published,
    Subgroup,
    Wave,
)
from fewdistricts.design.model import Design
from fewdistricts.design.printed import Report

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A problem at a key, not yet at a line of a file."""

    path: Path
    found: str
    allowed: str = ""
    remedy: str = ""


@dataclass
class Parts:
    """The pieces of evaluation.yaml that are well-formed on their own, with their places; None where one is not."""

    intervention: Intervention | None = None
    data: Data | None = None
    waves: list[tuple[int, Wave]] = field(default_factory=list)
    districts: list[tuple[int, District]] = field(default_factory=list)
    district_columns: DistrictColumns | None = None
    families: dict[str, object] | None = None
    indicators: list[tuple[int, Indicator]] = field(default_factory=list)
    covariates: list[str] = field(default_factory=list)
    subgroups: list[tuple[int, Subgroup]] = field(default_factory=list)
    labels: dict[str, Labels] | None = None
    inference: Inference | None = None
    notebooks: Notebooks | None = None
    published: list[tuple[int, Published]] = field(default_factory=list)
    report: Report | None = None
    wave_ids: list[str] = field(default_factory=list)
    """Also of waves that are broken elsewhere: a reference to them is no further problem."""
    indicator_ids: list[str] = field(default_factory=list)
    whole: bool = True
    """Whether nothing is missing, so that what depends on everything may be judged."""

    @property
    def awaits_districts(self) -> bool:
        """Whether the districts are still to be taken from the data."""
        return self.district_columns is not None and not self.districts

    @classmethod
    def of(cls, design: Design) -> Parts:
        """The parts of a design that is well-formed."""
        return cls(
            intervention=design.intervention,
            data=design.data,
            waves=list(enumerate(design.waves)),
            districts=list(enumerate(design.districts)),
            district_columns=design.district_columns,
            families=dict(design.families),
            indicators=list(enumerate(design.indicators)),
            covariates=list(design.covariates),
            subgroups=list(enumerate(design.subgroups)),
            labels=dict(design.labels),
            inference=design.inference,
            notebooks=design.notebooks,
            published=list(enumerate(design.published)),
            report=design.report,
            wave_ids=[wave.id for wave in design.waves],
            indicator_ids=[indicator.id for indicator in design.indicators],
        )
