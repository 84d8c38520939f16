"""What small designs ask of figures: marks lie whole within their panels, words within their boxes, one is one."""

from __future__ import annotations

import functools
import itertools
import re
from importlib.resources import files
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.patches import FancyBboxPatch
from surveys import a_design, a_survey, shares

from fewdistricts.design import Design
from fewdistricts.design.blocks import Unit
from fewdistricts.estimates import estimate, pipeline
from fewdistricts.exhibits import figures
from fewdistricts.exhibits.documents.document import Document
from fewdistricts.exhibits.figures import brief, style
from fewdistricts.exhibits.figures.common import Figure, balanced, counted_better
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words

FOUR = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}
ALONE = {"a": "pilot", "c": "comparison", "d": "comparison"}
TEXTS = files("fewdistricts") / "exhibits" / "text" / "texts"
STAMP = "Synthetic data: not results of a real survey"


@functools.cache
def results(alone: bool = False, outcomes: int = 1, waves: int = 2, start: str | None = "2004-01") -> Results:
    """Two pilot districts, or one, and two to compare with, with so many outcomes and a theory of two steps."""
    districts = ALONE if alone else FOUR
    declared = [
        {"id": f"safe{k}", "label": f"Feels safe {k}", "column": f"safe{k}", "better": "higher", "yes": ["yes"],
         "role": "primary", "worthwhile": 0.05}
        for k in range(outcomes)
    ]  # fmt: skip
    design: Design = a_design(districts, waves, start=start, indicators=declared, report={"date": "2006-12-31"})
    chain = tuple(indicator.id for indicator in design.indicators)
    intervention = design.intervention.model_copy(update={"theory": tuple((name,) for name in chain)})
    design = design.model_copy(update={"intervention": intervention})
    answers = {
        name: [14 + place + 6 * wave * (arm == "pilot") for wave in range(waves)]
        for place, (name, arm) in enumerate(districts.items())
    }
    data = a_survey(**{i.id: shares(40, **answers) for i in design.indicators})
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    kinds = [("", "interviews"), *((i.id, "answered") for i in design.indicators)]
    sample = pd.concat([counted.assign(indicator=item, kind=kind) for item, kind in kinds])
    return Results(design, estimate.rounded(pipeline.estimates(design, data)), sample)


def drawn(make, *more) -> Figure:
    """A figure as a document shows it: with its stamp, laid out."""
    made = make(*more)
    style.stamp(made.canvas, STAMP)
    made.canvas.draw_without_rendering()
    return made


@pytest.mark.parametrize("outcomes", [1, 3])
def test_marks_of_a_brief_lie_whole_within_their_panel(outcomes):
    found = results(outcomes=outcomes)
    made = drawn(brief.place, found, Words("en"), found.design.pilots[0], list(found.primary))
    points_an_inch, dots = 72, made.canvas.dpi
    for panel in made.canvas.axes:
        room = panel.get_window_extent()
        for marks in panel.collections:
            radius = marks.get_sizes().max() ** 0.5 / 2 / points_an_inch * dots
            for _, y in panel.transData.transform(marks.get_offsets()):
                assert room.y0 <= y - radius
                assert y + radius <= room.y1


@pytest.mark.parametrize("name", ["chain", "flow"])
@pytest.mark.parametrize("outcomes", [1, 2])
def test_words_lie_within_their_boxes(name, outcomes):
    made = drawn(figures.FIGURES[name], results(outcomes=outcomes), Words("en"))
    (axes,) = made.canvas.axes
    boxes = [patch.get_window_extent() for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    words = [text.get_window_extent() for text in axes.texts if "\n" in text.get_text()]
    assert words
    for extent in words:
        middle = (extent.y0 + extent.y1) / 2
        around = [box for box in boxes if box.y0 < middle < box.y1 and box.x0 <= extent.x0 and extent.x1 <= box.x1]
        assert around, "words outside of every box"
        assert around[0].y0 < extent.y0 - 1
        assert extent.y1 + 1 < around[0].y1


def test_the_name_of_a_family_lies_above_the_names_of_its_indicators():
    made = drawn(figures.FIGURES["coefficients"], results(), Words("en"))
    (panel,) = made.canvas.axes
    family = next(text for text in panel.texts if text.get_style() == "italic").get_window_extent()
    (name,) = (label.get_window_extent() for label in panel.get_yticklabels())
    assert family.y0 >= name.y1 - 1


def test_a_phone_shows_whole_names_above_their_marks():
    name = "Went to a meeting of neighbours or of the committee on safety in the street"
    some = results(outcomes=3)
    long = tuple(
        i.model_copy(update={"label": {"en": f"{name} {k}"[-75:]}}) for k, i in enumerate(some.design.indicators)
    )
    design = some.design.model_copy(update={"indicators": long})
    with style.for_phone():
        made = drawn(figures.FIGURES["coefficients"], Results(design, some.table, some.sample), Words("en"))
    (panel,) = made.canvas.axes
    texts = [text for text in panel.texts if text.get_style() != "italic"]
    shown = " ".join(text.get_text() for text in texts)
    assert "…" not in shown
    assert all(f"in the street {k}" in shown for k in range(3))
    boxes = [text.get_window_extent() for text in texts]
    within = panel.get_window_extent()
    assert all(box.x0 >= within.x0 - 1 and box.x1 <= within.x1 + 1 for box in boxes)
    assert not any(a.overlaps(b) for a, b in itertools.combinations([box.shrunk(1, 0.8) for box in boxes], 2))
    marks = [panel.transData.transform(line.get_xydata())[0, 1] for line in panel.lines if line.get_marker() == "o"]
    assert len(marks) == 3
    assert not any(box.y0 < mark < box.y1 for box in boxes for mark in marks)


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [("en", "Pilot district", "Pilot districts"), ("es", "Distrito piloto", "Distritos piloto"),
     ("pt", "Distrito-piloto", "Distritos-piloto")],
)  # fmt: skip
def test_a_legend_names_one_pilot_district_in_the_singular(language, one, several):
    assert Words(language).arm("pilot", 1) == one
    assert Words(language).arm("pilot", 2) == several
    for name in ("findings", "levels"):
        for alone in (True, False):
            (legend,) = drawn(figures.FIGURES[name], results(alone=alone), Words("en")).canvas.legends
            expected = "Pilot district" if alone else "Pilot districts"
            assert [text.get_text() for text in legend.get_texts()] == [expected, "Comparison districts"]


def test_one_survey_without_a_start_has_no_timeline():
    assert figures.FIGURES["timeline"](results(waves=1, start=None), Words("en")) is None
    assert figures.FIGURES["timeline"](results(waves=1, start="2010-01"), Words("en")) is not None


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [("en", "The primary outcome", "The primary outcomes"),
     ("es", "El indicador principal", "Los indicadores principales"),
     ("pt", "O indicador principal", "Os indicadores principais")],
)  # fmt: skip
def test_a_caption_names_one_primary_outcome_in_the_singular(language, one, several):
    for outcomes, expected in ((1, one), (2, several)):
        paper = SimpleNamespace(design=results(outcomes=outcomes).design)
        assert Words(language).label("table", "outcomes", "caption", **Document._one.fget(paper)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("timeline", "One survey before the start of the programme and one after it"),
     ("leave_one_out", "No estimate changes direction when any one district is left out")],
)  # fmt: skip
def test_a_title_says_what_the_figure_shows(name, expected):
    words = Words("en")
    made = figures.FIGURES[name](results(), words)
    assert words.label("figure", name, "caption", **made.values) == expected


@pytest.mark.parametrize(
    ("moved", "expected"),
    [([True, True, True], "Aldea improved more than every comparison district on all three outcomes"),
     ([True, False, True], "Aldea improved more than every comparison district on two of the three outcomes"),
     ([False, False], "On no outcome did Aldea improve more than every comparison district"),
     ([True], "Aldea improved more than every comparison district"),
     ([], "Aldea compared with the other districts")],
)  # fmt: skip
def test_the_title_of_a_brief_counts_the_outcomes_that_stand_out(moved, expected):
    words = Words("en")
    values = {"district": "Aldea", "one_comparison": False, **counted_better(moved, words)}
    assert words.label("figure", "brief", "caption", **values) == expected


def test_a_district_improves_more_than_every_other_only_where_it_does():
    found = results(outcomes=2)
    pilot, _, comparison, _ = found.design.districts
    for district, better in ((pilot, 2), (comparison, 0)):
        told = vars(brief.place(found, Words("en"), district, list(found.primary)))["values"]
        assert (told["better"], told["judged"]) == (better, better)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Pilot district 1", "Pilot\ndistrict 1"), ("Comparison district 1", "Comparison\ndistrict 1"), ("Aldea", "Aldea"),
     ("Villa María del Triunfo", "Villa María\ndel Triunfo"), ("", "")],
)  # fmt: skip
def test_the_lines_of_a_tile_are_about_as_long_as_one_another(text, expected):
    assert balanced(text, 14) == expected


@pytest.mark.parametrize(
    ("language", "shades"),
    [("en", "grey|black|white|dark|pale"), ("es", "gris|negr[oa]|blanc[oa]|oscur[oa]"),
     ("pt", "cinza|pret[oa]|branc[oa]|escur[oa]")],
)  # fmt: skip
def test_no_note_names_a_shade_that_a_dark_page_turns_round(language, shades):
    assert re.findall(rf"\b(?:{shades})s?\b", (TEXTS / language / "exhibits.yaml").read_text(), re.IGNORECASE) == []


def test_a_unit_of_which_the_name_has_every_word_is_not_said_again():
    words, (indicator, *_) = Words("en"), results().design.indicators
    for label, unit, expected in (
        ("Hours of piped water a day", "hours a day", "Hours of piped water a day"),
        (
            "Crimes suffered per adult",
            "crimes per adult and year",
            "Crimes suffered per adult (crimes per adult and year)",
        ),
    ):
        declared = indicator.model_copy(
            update={"label": {"en": label}, "unit": Unit(one={"en": unit}, many={"en": unit})}
        )
        assert words.measured(declared) == expected
