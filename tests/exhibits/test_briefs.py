"""The page for the mayor of a district: one page whatever the names, no number of its own, no more than its rows."""

from __future__ import annotations

import io
import re

import documents
import pypdf
import pytest
import rendered
from numbers_of import allowed, told
from surveys import a_design, a_survey, at_home, peru, shares

from fewdistricts import design as declared
from fewdistricts import paths
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits.display import TABLE
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.run import graph, layers
from nbaccessible.exporters import AccessiblePDFExporter

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])
A4 = (595, 842)


def notebook(district: str, language: str):
    return documents.notebook(f"{district}-{language}")


def as_pdf(nb) -> bytes:
    return AccessiblePDFExporter().from_notebook_node(nb)[0]


def read(pdf: bytes) -> tuple[int, str]:
    """Number of pages, and the text with single spaces."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert {tuple(map(round, page.mediabox[2:])) for page in reader.pages} == {A4}
    return len(reader.pages), " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def prose(nb) -> str:
    return "\n".join(data["text/markdown"] for _, data in rendered.meanings(nb, "prose"))


# --- the shipped evaluation ----------------------------------------------------------------------------------------


@LANGUAGES
@pytest.mark.parametrize("district", ["pilot-1", "pilot-4"])
def test_a_brief_is_one_page_with_its_parts(district, language):
    nb = notebook(district, language)
    pages, text = read(as_pdf(nb))
    assert pages == 1
    words = Words(language)
    with at_home(peru().home):
        design = declared.load("peru-2005")
    assert words.text(design.district(district).name) in text
    assert text.count(words.label("document", "stamp")) == 3  # under the title and within both figures
    assert len(rendered.meanings(nb, "figure")) == 2
    assert rendered.meanings(nb, "table") == []
    for heading in re.findall(r"^## (.*?) \{", prose(nb), flags=re.M):
        assert heading in text


@LANGUAGES
def test_an_outcome_that_is_suggestive_only_is_called_so(language):
    """As on page one: robbery improved, and holding levels constant changes whether its interval includes zero."""
    mark = Words(language).label("verdict_short", "suggestive", reading="", direction="better").strip()
    assert prose(notebook("pilot-1", language)).count(mark) == 1


@LANGUAGES
@pytest.mark.parametrize("district", ["pilot-1", "pilot-4"])
def test_every_number_of_a_brief_is_a_row_a_count_or_declared(district, language):
    built, words = peru(), Words(language)
    rows = estimate.rounded(built.rows)
    beside = rows["estimand"].isin(["change", "att"]) | (rows["district"] == "comparison")
    mine = rows[(rows["district"] == district) | beside]
    found = told(notebook(district, language))
    assert len(found) > 30
    assert found - allowed(words, built.design, mine, built.sample) == set()


def test_a_number_that_is_no_row_would_be_found():
    built, words = peru(), Words("en")
    mine = built.rows[built.rows["district"] == "pilot-2"]
    assert told(notebook("pilot-1", "en")) - allowed(words, built.design, mine, built.sample)


# --- one page, whatever the words ----------------------------------------------------------------------------------


@pytest.fixture
def changed(monkeypatch):
    """peru-2005 with changes to its declaration that need no new estimates."""

    def use(**changes):
        design = peru().design.model_copy(update=changes)
        monkeypatch.setattr(declared, "load", lambda _: design)
        return design

    return use


LONG = "Municipalidad Distrital de Nuestra Señora de la Inmaculada Concepción y San Juan Bautista del Río Grande "


@LANGUAGES
def test_long_names_a_caution_and_many_outcomes_still_fit_one_page(changed, language):
    own = peru().design
    names = {"en": LONG + "[1]", "es": LONG + "[1]"}
    districts = tuple(d.model_copy(update={"name": names}) if d.id == "pilot-1" else d for d in own.districts)
    longer = {
        "en": "Feels that the district has become a safer place to live than a year before",
        "es": "Siente que el distrito se ha convertido en un lugar más seguro para vivir que un año antes",
    }
    indicators = tuple(i.model_copy(update={"role": "primary", "label": longer}) for i in own.indicators)
    changed(
        districts=districts, indicators=indicators, caution={"en": "Not a finding. " * 6, "es": "No es hallazgo. " * 6}
    )
    with at_home(peru().home):
        nb = rendered.executed("peru-2005", language, "district_brief", district="pilot-1")
    pages, text = read(as_pdf(nb))
    assert pages == 1
    assert "[1]" in text


@LANGUAGES
def test_names_are_text_wherever_they_stand(changed, language):
    live = "#panic() *b* <b>x</b> $y$ @fig-brief [l](u) `c`"
    own = peru().design
    names = {"en": live, "es": live}
    districts = tuple(d.model_copy(update={"name": names}) for d in own.districts)
    indicators = tuple(i.model_copy(update={"label": names}) for i in own.indicators)
    intervention = own.intervention.model_copy(update={"name": names})
    changed(districts=districts, indicators=indicators, intervention=intervention)
    with at_home(peru().home):
        nb = rendered.executed("peru-2005", language, "district_brief", district="pilot-2")
    pages, text = read(as_pdf(nb))
    assert pages == 1
    assert text.count("#panic() *b* <b>x</b> $y$ @fig-brief [l](u) `c`") > 4


# --- other designs -------------------------------------------------------------------------------------------------

YES = {"a": (8, 24), "b": (12, 20), "c": (10, 12), "d": (11, 10), "e": (9, 13), "n": (10, 8)}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A brief of a small design, executed."""

    def make(districts: dict, district: str, waves: int = 2, hidden=frozenset(), **changes):
        design = a_design(districts, waves, **changes)
        data = a_survey(safe=shares(40, **{name: YES[name][:waves] for name in districts}))
        counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
        sample = counted.assign(indicator="", kind="interviews")
        monkeypatch.setattr(declared, "load", lambda _: design)
        with at_home(tmp_path):
            folder = paths.processed("small")
            folder.mkdir(parents=True, exist_ok=True)
            estimate.rounded(plan.estimates(design, data, hidden)).to_parquet(folder / "estimates.parquet")
            sample.to_parquet(folder / "sample.parquet")
            return rendered.executed("small", "en", "district_brief", district=district)

    return make


PILOT_AND_THREE = {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}


def figures(nb) -> list[str]:
    return [meaning["label"] for meaning, _ in rendered.meanings(nb, "figure")]


def test_one_pilot_against_three(small):
    nb = small(PILOT_AND_THREE, "a")
    text = prose(nb)
    assert "in this district since January 2004" in text
    assert "Measured in one district only" in text
    assert "Allowing for that, the difference from the comparison districts lies in these ranges" in text
    assert "+35.8 points" in text  # .40 - (.05 - .025 + .10) / 3
    assert figures(nb) == ["fig-numbers", "fig-brief"]
    assert read(as_pdf(nb))[0] == 1


def test_too_few_comparisons_to_know_how_districts_move(small):
    text = prose(small({"a": "pilot", "c": "comparison"}, "a"))
    assert "nobody can say how much a single district changes by itself" in text
    assert "improved more than" not in text


def test_without_comparison_districts_nothing_is_compared(small):
    nb = small({"a": "pilot", "b": "pilot"}, "a")
    text = prose(nb)
    assert "comparison" not in text.lower()
    assert "with nothing to compare" in text
    assert read(as_pdf(nb))[0] == 1


def test_a_comparison_district_s_page_claims_no_programme(small):
    text = prose(small(PILOT_AND_THREE, "c"))
    assert "does not run in this district" in text
    assert "A district without the programme" in text
    assert "cause" not in text


def test_a_neighbour_is_compared_and_not_called_a_pilot(small):
    text = prose(small({**PILOT_AND_THREE, "n": "neighbour"}, "n"))
    assert "which borders on one where it does" in text


def test_one_wave_gives_levels_and_no_change(small):
    nb = small(PILOT_AND_THREE, "a", waves=1)
    assert "Measured once" in prose(nb)
    assert "cause" not in prose(nb)
    assert figures(nb) == ["fig-numbers"]
    assert read(as_pdf(nb))[0] == 1


def test_no_start_is_no_programme_yet(small):
    assert "since" not in prose(small(PILOT_AND_THREE, "a", start=None))


def test_a_district_without_a_survey_before_its_start(small):
    late = {**PILOT_AND_THREE, "b": {"arm": "pilot", "start": "2003-01"}}
    nb = small(late, "b")
    assert "Nothing from before and after to compare" in prose(nb)
    assert "on each side of the start" in prose(nb)
    assert read(as_pdf(nb))[0] == 1


def test_hidden_cells_stay_hidden(small):
    shown = small(PILOT_AND_THREE, "a")
    hidden = small(PILOT_AND_THREE, "a", hidden=frozenset({("a", "w2", "safe")}))
    of_hidden = {"60", "40.0", "35.8"}  # the level of the second wave, its change, the difference
    assert of_hidden <= told(shown)
    assert told(hidden) & of_hidden == set()
    assert figures(hidden) == ["fig-numbers"]
    ((_, data),) = rendered.meanings(hidden, "figure")
    here, elsewhere = (row["cells"] for row in data[TABLE]["rows"])
    assert [cell if isinstance(cell, str) else cell["text"] for cell in here[2:]] == ["20.0%", "suppressed"]
    assert [cell["text"] for cell in elsewhere[2:]] == ["25.0%", "29.2%"]
    assert "20% → –" in data["image/svg+xml"] and "60%" not in data["image/svg+xml"]
    assert "points" not in prose(hidden)
    assert read(as_pdf(hidden))[0] == 1


# --- the graph and the standards -----------------------------------------------------------------------------------


def test_a_brief_depends_on_estimates_counts_its_notebook_and_its_language_only():
    design = peru().design
    (document,) = [each for each in graph.DOCUMENTS if each.of_districts]
    one = design.model_copy(update={"districts": design.pilots[:1]})
    step, published = graph.document_steps(one, document, "es")
    assert step.name == "district_brief:pilot-1-es"
    assert [path.relative_to(paths.staged("peru-2005")).as_posix() for path in published.writes] == [
        "districts/pilot-1-es.pdf"
    ]
    reads = {path.relative_to(paths.PROJECT).as_posix() for path in step.reads}
    assert reads == {
        "data/processed/peru-2005/estimates.parquet",
        "data/processed/peru-2005/sample.parquet",
        "notebooks/district_brief.ipynb",
    }
    assert set(step.writes) == published.reads
    code = [layers.joined(layers.up_to("study"), layers.texts("es")), layers.package("warmkernel"), layers.room("run")]
    assert step.code == layers.joined(*code)


@pytest.mark.parametrize(("which", "number"), [("pilot", 6), ("all", 12), ("none", 0)])
def test_there_is_a_brief_for_each_district_that_wants_one(which, number):
    design = peru().design
    wanted = design.model_copy(update={"report": design.report.model_copy(update={"districts": which})})
    (document,) = [each for each in graph.DOCUMENTS if each.of_districts]
    assert len(list(graph.document_steps(wanted, document, "en"))) == 2 * number


def test_the_same_brief_gives_the_same_bytes():
    nb = notebook("pilot-1", "en")
    assert as_pdf(nb) == as_pdf(nb)
