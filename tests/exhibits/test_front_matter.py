"""The bar above the HTML report: where its other languages and forms lie."""

from __future__ import annotations

import pytest

from fewdistricts import design
from fewdistricts.exhibits.documents.front_matter import links
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.run import graph

PERU = design.load("peru-2005")


def hrefs(language: str, *of_set: str) -> list[str]:
    return [link["href"] for link in links(PERU, Words(language), of_set)]


@pytest.mark.parametrize(
    ("of_set", "others"), [((), ["report-es.html"]), (("en", "es"), ["report-es.html"]), (("en",), [])]
)
def test_the_bar_leads_to_the_languages_of_the_set(of_set, others):
    assert [href for href in hrefs("en", *of_set) if href.endswith(".html")] == others


@pytest.mark.parametrize("languages", [("en",), ("es",), ("en", "es")])
def test_every_link_of_the_bar_leads_to_a_file_of_the_set(languages):
    steps = {step.name: step for step in graph.steps_of(PERU, languages)}
    folder = graph.paths.staged(PERU.evaluation)
    published = {path.relative_to(folder).as_posix() for path in steps["manifest"].reads if folder in path.parents}
    for language in languages:
        _, _, _, parameters, _ = steps[f"report:{language}"].arguments
        assert parameters["languages"].split() == list(languages)
        assert set(hrefs(language, *parameters["languages"].split())) <= published


def test_a_report_runs_again_where_the_set_has_other_languages():
    alone, both = (
        next(step for step in graph.steps_of(PERU, languages) if step.name == "report:en")
        for languages in (["en"], ["en", "es"])
    )
    assert alone.writes == both.writes
    assert alone.depends_on != both.depends_on
