"""What is printed, by whom, in which colours, with which chapters of the evaluators' own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from fewdistricts.design.blocks import Declared
from fewdistricts.design.colours import refuse_unclear
from fewdistricts.design.types import Day, Id, Language, LocalPath, Name, Text, refuse

Line = Annotated[str, Field(min_length=1, max_length=300)]
Colour = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$")]


def _geojson(path: str | None) -> str | None:
    if path is not None and not path.lower().endswith((".geojson", ".json")):
        refuse(repr(path), "a .geojson or .json file in the evaluation's folder", "GIS programs export GeoJSON")
    return path


class Chapter(Declared):
    """A chapter of one's own: a Markdown file for each language, or a notebook with the parameters `evaluation` and
    `language`."""

    file: dict[str, LocalPath] | None = None
    """Markdown files by language, in the evaluation's folder: headings, images with alt text, tables, footnotes,
    references to exhibits such as `@fig-levels`. It begins with its heading,
    `# Context {#sec-context}`."""
    notebook: LocalPath | None = None
    """A notebook in the evaluation's folder, run for each language; only what its cells show is printed."""
    after: Id
    """The section that it follows, by the label of its heading without `sec-`, as in `programme`; also another
    chapter's."""

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Chapter:
        if (self.file is None) == (self.notebook is None):
            refuse("both file and notebook" if self.file else "neither file nor notebook", "one of the two")
        files = self.file or {}
        for language in (info.context or {}).get("languages", ()) if self.file is not None else ():
            if language not in files:
                refuse(f"no file in {language!r}", "a Markdown file for each of report.languages")
        for name in files.values():
            if not name.lower().endswith(".md"):
                refuse(repr(name), "a file whose name ends in .md")
        if self.notebook is not None and not self.notebook.endswith(".ipynb"):
            refuse(repr(self.notebook), "a file whose name ends in .ipynb")
        return self


class Colours(Declared):
    """Colours of figures, as `#12436D`: told apart on white paper and by the colour-blind, or refused."""

    pilot: Colour = "#12436D"
    """Districts with the programme, headings and links."""
    comparison: Colour = "#D55E00"
    """Districts without it."""


class Map(Declared):
    """A map of the districts; without a file they are drawn as tiles, by group."""

    file: Annotated[LocalPath | None, AfterValidator(_geojson)] = None
    """A GeoJSON file (.geojson or .json) in the evaluation's folder: districts as polygons, in degrees of longitude
    and latitude. Areas that are no district of the evaluation are drawn in grey."""
    key: Line | None = None
    """The property of each polygon that holds the district's id or another of its spellings."""

    @model_validator(mode="after")
    def _whole(self) -> Map:
        if (self.file is None) != (self.key is None):
            lacking = "file" if self.file is None else "key"
            refuse(f"no {lacking}", "file and key, or neither", "`map: {}` draws the districts as tiles")
        return self


def _colours(colours: Colours) -> Colours:
    refuse_unclear(colours.pilot, colours.comparison)
    return colours


def _ending(path: str | None) -> str | None:
    if path is not None and not path.lower().endswith((".svg", ".png")):
        refuse(repr(path), "an .svg or .png file in the evaluation's folder")
    return path


class Report(Declared):
    """What is printed, by whom and when."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    """Of the report; texts are needed in each."""
    districts: Literal["pilot", "all", "none"] | None = None
    """Which districts get a brief. Default: the pilot districts, or none where they are more than 40."""
    date: Day
    """Day printed on the report; nothing takes it from a clock."""
    authors: tuple[Line, ...] = ()
    """Printed on the cover."""
    funder: Name | None = None
    """Printed on the cover."""
    publisher: Name | None = None
    """Who publishes the report; printed on the cover."""
    contact: Line | None = None
    """Where a reader may ask, such as an address of mail; printed on the cover."""
    citation: Text | None = None
    """How to cite the report; printed. Default: authors, year, title, publisher."""
    license: Line | None = None
    """How the report may be used, as an SPDX identifier such as CC-BY-4.0, an address or a sentence; stands in
    ro-crate-metadata.json."""
    logo: Annotated[LocalPath | None, AfterValidator(_ending)] = None
    """An .svg or .png file in the evaluation's folder, shown on the cover and at the head of the HTML page."""
    logo_alt: Text | None = None
    """What the logo says to who cannot see it; needed with `logo`."""
    colours: Annotated[Colours, AfterValidator(_colours)] = Colours()
    """Colours of the arms; refused, with the ratio, where they cannot be told from the paper or from each other."""
    qualitative: Text | None = None
    """What residents, officials or police said in their own words, and how it was gathered; printed as a section."""
    ethics: Text | None = None
    """Consent, review by a board, protection of those interviewed; printed in the annex."""
    recommendations: tuple[Text, ...] = ()
    """What the authors recommend; printed as theirs, beside what the data say."""
    word: bool = False
    """Whether the report is published as a Word file too."""
    sections: tuple[Id, ...] | None = None
    """The report's sections in the order wanted, by label without `sec-`; what is not named is left out, but never
    limits and provenance. Default: all, in the report's order."""

    @model_validator(mode="after")
    def _described(self) -> Report:
        if self.logo and not self.logo_alt:
            refuse("a logo without logo_alt", "logo_alt beside it", "say whose logo it is")
        doubled = [name for name in self.sections or () if (self.sections or ()).count(name) > 1]
        if doubled:
            refuse(f"the section {doubled[0]!r} twice", "each section once")
        return self
