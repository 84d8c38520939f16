"""Published figures of any kind: shares have interviews needed, means have none."""

from __future__ import annotations

import pytest
from surveys import peru

from fewdistricts.estimates import estimate
from fewdistricts.exhibits.figures.published import published as drawn
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.published import published as table
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import NOTHING, Words


def stated(*indicators: str) -> Results:
    """The results of peru-2005 with figures stated of other indicators."""
    first, last = peru().design.waves
    template = peru().design.published[0]
    figures = [
        template.model_copy(update={"indicator": name, "wave": wave.id, "value": value})
        for name in indicators
        for wave, value in ((first, 0.3), (last, 0.4))
    ]
    design = peru().design.model_copy(update={"published": tuple(figures)})
    return Results(design, estimate.rounded(peru().rows), peru().sample)


@pytest.mark.parametrize("language", ["en", "es"])
def test_means_alone_have_no_interviews_and_no_figure(language):
    words, results = Words(language), stated("trust_police")
    made = table(results, words)
    assert {len(row) for row in made.grid.rows} == {len(made.grid.columns)} == {4}
    assert not made.values["needed"] and drawn(results, words) is None
    caption = words.label("table", "published", "caption", **made.values)
    assert caption.lower().count("entrevista") == caption.count("interviews") == 0
    assert "@tbl-published" not in words.template("published", **facts(results, words))


def test_a_mean_beside_a_share_leaves_its_interviews_open():
    made = table(stated("street_robbery", "trust_police"), Words("en"))
    assert {len(row) for row in made.grid.rows} == {len(made.grid.columns)} == {7}
    assert made.grid.rows[1][4:] == [NOTHING] * 3 != made.grid.rows[0][4:]
