"""Slides: 16:9, one message each, the report's numbers and no others; and slides of any other notebook."""

from __future__ import annotations

import io
import re
import shutil

import documents
import nbconvert
import nbformat
import pypdf
import pytest
import rendered
import sample_notebook as sample
from numbers_of import allowed, told
from surveys import at_home, peru

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.errors import ConfigurationError
from fewdistricts.estimates import estimate, pipeline
from fewdistricts.exhibits.documents import slides
from fewdistricts.exhibits.text.wording import Words
from nbaccessible import layout, outputs
from nbaccessible.exporters import AccessibleSlidesExporter
from nbaccessible.slide_room import SlideRoom

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])
WIDE, HIGH = 841.9, 473.6  # points: 16:9 on 297 mm


def notebook(language: str):
    return documents.notebook(f"slides-{language}")


def as_pdf(nb) -> bytes:
    return AccessibleSlidesExporter(show_code=False).from_notebook_node(nb)[0]


def read(pdf: bytes) -> list[str]:
    """The text of each slide."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    for page in pages:
        assert [float(side) for side in page.mediabox[2:]] == pytest.approx([WIDE, HIGH], abs=0.1)
    return [" ".join(page.extract_text().split()) for page in pages]


def markdown(*cells: str):
    """A notebook that is not ours."""
    return sample.notebook(*(nbformat.v4.new_markdown_cell(text) for text in cells))


def prose(nb) -> list[str]:
    return [data["text/markdown"] for _, data in rendered.meanings(nb, "prose")]


# --- the shipped evaluation ----------------------------------------------------------------------------------------


@LANGUAGES
def test_eight_to_ten_slides_each_with_a_title_and_the_stamp(language):
    nb = notebook(language)
    shown = read(as_pdf(nb))
    assert 8 <= len(shown) <= 10
    titles = [re.match(r"## (.*?) \{#", text)[1] for text in prose(nb)]
    assert len(shown) == 1 + len(titles)  # nothing goes on over a second slide
    stamp = Words(language).label("document", "stamp")
    for text, title, source in zip(shown[1:], titles, prose(nb), strict=True):
        assert title in text
        assert (stamp in text) == (".unstamped" not in source)
    assert stamp in shown[0] and Words(language).text(peru().design.title) in shown[0]


@LANGUAGES
def test_every_number_of_the_slides_is_a_row_a_count_or_declared(language):
    built, words = peru(), Words(language)
    rows = estimate.rounded(built.rows)
    mine = rows[
        rows["estimand"].isin(["att", "did", "balance", "heterogeneity"])
        | (rows["district"].isin(["pilot", "comparison"]))
    ]
    found = told(notebook(language))
    assert len(found) > 60
    assert found - allowed(words, built.design, mine, built.sample) == set()


def test_both_languages_show_the_same_exhibits():
    english, spanish = ([m.get("label") for m, _ in _exhibits(language)] for language in ("en", "es"))
    assert english == spanish
    assert len(english) == 7


def _exhibits(language: str):
    return [each for kind in ("figure", "table") for each in rendered.meanings(notebook(language), kind)]


@LANGUAGES
def test_tables_are_set_in_big_type_and_in_one_part(language):
    for _, data in rendered.meanings(notebook(language), "table"):
        plan = layout.plan(outputs.grid(data[outputs.TABLE], 1), paper=layout.SLIDE)
        assert plan.size >= 16
        assert len(plan.parts) == 1 and not plan.landscape
        assert sum(plan.parts[0].widths) <= layout.SLIDE.width + 0.5


@LANGUAGES
def test_charts_are_low_enough_for_letters_that_a_room_can_read(language):
    """A chart that is higher is shrunk until it fits below its words."""
    charts = [data["image/svg+xml"] for _, data in rendered.meanings(notebook(language), "figure")]
    heights = [float(re.search(r'<svg[^>]* height="([\d.]+)pt"', chart)[1]) for chart in charts]
    assert len(heights) > 4
    assert max(heights) <= 165


@pytest.fixture
def changed(monkeypatch):
    def use(**changes):
        design = peru().design.model_copy(update=changes)
        monkeypatch.setattr(declared, "load", lambda _: design)
        with at_home(peru().home):
            return rendered.executed("peru-2005", "en", "slides")

    return use


def test_without_published_figures_their_slide_is_left_out(changed):
    indicators = tuple(
        i.model_copy(update={"role": "secondary"}) if i.role == "placebo" else i for i in peru().design.indicators
    )
    nb = changed(published=(), indicators=indicators)
    ids = re.findall(r"\{#sec-(\w+)", "\n".join(prose(nb)))
    assert "published" not in ids
    assert 8 <= len(read(as_pdf(nb))) <= 10


def test_without_comparison_districts_nothing_is_compared(changed):
    pilots = peru().design.pilots
    nb = changed(districts=pilots)
    said = "\n".join(prose(nb))
    assert "with nothing to compare" in said
    assert "elsewhere" not in said
    assert 7 <= len(read(as_pdf(nb))) <= 10


def test_long_names_stay_on_their_slides(changed):
    name = {"en": "Perceives the neighbourhood as considerably safer than in the preceding twelve months"}
    indicators = tuple(i.model_copy(update={"label": name}) for i in peru().design.indicators)
    districts = tuple(
        d.model_copy(update={"name": {"en": f"Municipality of San Juan Bautista de la Concepción {d.id}"}})
        for d in peru().design.districts
    )
    title = {
        "en": "Cooperation of the police with the citizens of every district of the coast and the hills " * 3 + "whole"
    }
    shown = read(as_pdf(changed(indicators=indicators, districts=districts, title=title)))
    assert len(shown) <= 13
    assert "whole" in shown[0] and "Synthetic" in shown[0]


def test_names_are_text(changed):
    live = {"en": "#panic() *b* <b>x</b> $y$ @fig-levels [l](u)"}
    indicators = tuple(i.model_copy(update={"label": live}) for i in peru().design.indicators)
    text = " ".join(read(as_pdf(changed(indicators=indicators, title=live))))
    assert text.count(live["en"]) > 4


def test_an_unknown_slide_names_the_nearest():
    with at_home(peru().home), pytest.raises(ConfigurationError, match="levels"):
        slides.open("peru-2005", "en").slide("level")


# --- any notebook --------------------------------------------------------------------------------------------------


def test_nbconvert_knows_the_exporter():
    exporter = nbconvert.get_exporter("accessible_slides")()
    assert (exporter.output_mimetype, exporter.file_extension) == ("application/pdf", ".pdf")
    assert exporter.export_from_notebook == "Evaluation slides (PDF)"


def test_headings_of_level_one_and_two_start_a_slide():
    shown = read(as_pdf(markdown("# Talk", "# One\n\nText\n\n### Within\n\nMore", "## Two\n\n- a\n- b", "# Three")))
    assert [text.split()[0] for text in shown] == ["Talk", "One", "Two", "Three"]
    assert "Within More" in shown[1]


def test_what_is_too_long_goes_on_under_its_title():
    shown = read(as_pdf(markdown("# Talk", "# One\n\n" + "\n\n".join(f"Paragraph {n} of many." for n in range(30)))))
    assert len(shown) >= 4
    assert all(text.startswith("One …") for text in shown[2:])
    words = " ".join(shown)
    assert all(f"Paragraph {n} of" in words for n in range(30))


def test_a_long_table_keeps_its_head_and_a_wide_one_comes_in_parts():
    long = sample.cell(sample.table(sample.long_table(40)))
    shown = read(as_pdf(sample.notebook(long)))
    assert sum("District 5" in text for text in shown) > 3
    assert all(f"Indicator {n}:" in " ".join(shown) for n in range(1, 41))
    names = [f"Column {n}" for n in range(30)]
    wide = sample.cell(sample.table(sample.grid(names, [[f"a{n}" for n in range(30)]])))
    text = " ".join(read(as_pdf(sample.notebook(wide))))
    assert all(re.search(rf"\ba{n}\b", text) for n in range(30))


def test_a_table_is_set_smaller_only_until_its_slide_holds_it():
    room = SlideRoom()
    heading = {"type": "heading", "attrs": {"written": 2}, "children": [{"type": "text", "raw": "One"}]}
    words = {"type": "paragraph", "children": [{"type": "text", "raw": "A line of text."}]}
    room.prose([heading])
    alone = room.table("Caption", "")
    room.prose([words])
    assert alone - room.table("Caption", "") == pytest.approx(0.66 * 22 + 21)
    room.other()
    assert room.table("Caption", "") < 0
    room.prose([heading])
    assert room.table("Caption", "") == alone
    # rows of 0.66 em and insets, 1.11 em for each further line: three short rows and a head are 4 * (12.5 + 14.8) high
    grid = outputs.grid(sample.grid(["a", "b"], [["x", "y"]] * 3), 1)
    assert layout.on_one(grid, layout.SLIDE, 110).size == 19
    assert layout.on_one(grid, layout.SLIDE, 100).size < 19
    assert layout.on_one(grid, layout.SLIDE, 10).size == 19  # cannot be: goes on over the next slide, in big type


def pictures(count: int, height: float, words: str = "A line of text."):
    title = nbformat.v4.new_markdown_cell("# Talk")
    text = nbformat.v4.new_markdown_cell("# One\n\n" + words)
    shown = [
        sample.cell(sample.figure(f"fig-{n}", f"Picture {n}", "A picture", sample.chart(height))) for n in range(count)
    ]
    return sample.notebook(title, text, *shown)


@pytest.mark.parametrize("height", [1.0, 2.6, 8.0])
def test_a_picture_takes_the_room_that_its_slide_has_left(height):
    assert len(read(as_pdf(pictures(1, height)))) == 2
    assert len(read(as_pdf(pictures(1, height, "Line after line of text. " * 6)))) == 2


def test_a_picture_with_no_room_left_goes_on_the_next_slide():
    shown = read(as_pdf(pictures(1, 2.6, "\n\n".join(["A paragraph."] * 9))))
    assert len(shown) == 3
    assert shown[2].startswith("One … Figure 1. Picture 0")


def test_many_pictures_after_one_another_settle():
    shown = read(as_pdf(pictures(9, 2.6)))
    assert [n for n in range(9) if f"Picture {n}" in " ".join(shown)] == list(range(9))


def test_a_plain_notebook_and_a_report_become_slides():
    for nb in (sample.plain(), sample.report("es")):
        shown = read(as_pdf(nb))
        assert len(shown) >= 2


def test_the_same_slides_give_the_same_bytes():
    assert as_pdf(sample.plain()) == as_pdf(sample.plain())


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_slides_of_a_baseline_are_not_called_results(language, tmp_path):
    folder = tmp_path / "data" / "raw" / "baseline-only"
    shutil.copytree(paths.PROJECT / "docs" / "examples" / "baseline-only", folder)
    declaration = folder / "evaluation.yaml"
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace("languages: [en]", f"languages: [{language}]"), encoding="utf-8")
    with at_home(tmp_path):
        design = declared.load("baseline-only")
        survey.build(design)
        rows = pipeline.estimates(design, survey.load("baseline-only"))
        estimate.rounded(rows).to_parquet(paths.processed("baseline-only") / "estimates.parquet", index=False)
        cover = slides.open("baseline-only", language).cover()
    said = str(cover._repr_mimebundle_())
    assert Words(language).label("slides", "subtitle_baseline") in said
    assert Words(language).label("slides", "subtitle") not in said
