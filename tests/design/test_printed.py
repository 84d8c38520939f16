"""What is printed: colours that can be told, a logo that is described, chapters in every language."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from fewdistricts.design import Chapter, Report
from fewdistricts.design.colours import contrast, least_distance
from fewdistricts.design.types import PUNCTUATION
from nbaccessible.fonts import unprinted

DATE = {"date": "2005-04-25", "languages": ["en"]}


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # the grey that just fails 4.5
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


def test_red_and_green_of_one_lightness_are_alike_to_some():
    alike, kind = least_distance("#CC3311", "#6E7A11")
    apart, _ = least_distance("#12436D", "#D55E00")
    assert alike < 20 < apart
    assert kind in ("protanopia", "deuteranopia")


@pytest.mark.parametrize(
    ("colours", "message"),
    [
        ({"pilot": "#FFEE88"}, r"pilot #FFEE88, of which the contrast on white is 1\.2"),
        ({"pilot": "#CC3311", "comparison": "#6E7A11"}, r"apart with (protanopia|deuteranopia)"),
        ({"pilot": "#12436D", "comparison": "#12436D"}, "0 apart"),
        ({"pilot": "#D55E00", "comparison": "#12436D"}, r"pilot #D55E00.*3\.9"),  # enough for a line, not for a heading
        ({"pilot": "blue"}, "pattern"),
    ],
)
def test_unclear_colours_are_refused_with_the_number(colours, message):
    with pytest.raises(ValidationError, match=message):
        Report.model_validate({**DATE, "colours": colours})


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ({"logo": "logo.svg"}, "a logo without logo_alt"),
        ({"logo": "logo.gif", "logo_alt": "Ministry"}, r"logo\.gif"),
        ({"logo": "../logo.svg", "logo_alt": "Ministry"}, r"\.\./logo\.svg"),
        ({"sections": ["limits", "limits"]}, "the section 'limits' twice"),
    ],
)
def test_what_is_printed_is_checked(report, message):
    with pytest.raises(ValidationError, match=message):
        Report.model_validate({**DATE, **report}, context={"languages": ["en"]})


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ({}, "neither file nor notebook"),
        ({"file": {"en": "a.md", "es": "b.md"}, "notebook": "a.ipynb"}, "both file and notebook"),
        ({"file": {"en": "a.md"}}, "no file in 'es'"),
        ({"file": {"en": "a.md", "es": "a.docx"}}, r"a\.docx"),
        ({"notebook": "a.py"}, r"a\.py"),
        ({"notebook": "/etc/a.ipynb"}, "etc"),
    ],
)
def test_a_chapter_is_files_in_every_language_or_a_notebook(chapter, message):
    with pytest.raises(ValidationError, match=message):
        Chapter.model_validate({"after": "programme", **chapter}, context={"languages": ["en", "es"]})


def test_marks_that_are_not_looked_up_in_the_fonts_are_in_them():
    assert not unprinted(PUNCTUATION)
    assert unprinted("安")
