"""The annexes that help to judge a report: checklist, scale, simulation, glossary, bibliography."""

from __future__ import annotations

import re

import documents
import pandas as pd
import pytest
from rendered import meanings
from surveys import a_design, at_home, peru

from fewdistricts import languages
from fewdistricts.estimates import simulation
from fewdistricts.exhibits.documents import report as page
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import reading
from fewdistricts.exhibits.text.bibliography import WORKS, Citations, entry
from fewdistricts.exhibits.text.wording import Words

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])
ARMS = ("pilot", "comparison")


def opened(language: str) -> page.Report:
    with at_home(peru().home):
        return page.open("peru-2005", language)


def designed(pilots: int, comparisons: int, **changes):
    districts = {f"p{k}": "pilot" for k in range(pilots)} | {f"c{k}": "comparison" for k in range(comparisons)}
    return a_design(districts, **changes)


# --- the checklist -------------------------------------------------------------------------------------------------


@LANGUAGES
def test_the_checklist_has_the_items_of_the_statement_in_its_order(language):
    report = opened(language)
    rows = reading.trend(report.results, report.words).grid.rows
    assert [row[0] for row in rows if not isinstance(row, str)] == [str(number) for number in range(1, 23)]
    assert sum(isinstance(row, str) for row in rows) == 5  # title, introduction, methods, results, discussion
    for row in rows:
        if not isinstance(row, str):
            assert row[1] and row[2], row[1]


@LANGUAGES
def test_the_checklist_names_sections_that_exist(language):
    headings = {}
    for notebook in ("report", "annex"):
        nb = documents.notebook(f"{notebook}-{language}")
        prose = "\n".join(data["text/markdown"] for _, data in meanings(nb, "prose"))
        headings[notebook] = re.findall(r"(?m)^#+ (.*?) \{#", prose)
    words = Words(language)
    for places in reading.TREND.values():
        for notebook, name in places:
            title = words.label("titles", name, the_pilots=words.the("pilot", 6))
            assert any(heading.startswith(title) for heading in headings[notebook]), (notebook, title)


# --- the scale -----------------------------------------------------------------------------------------------------


def marked(results: Results) -> list[str]:
    return [row[0]["text"] for row in reading.scale(results, Words("en")).grid.rows if isinstance(row[0], dict)]


def test_the_scale_marks_this_report_and_the_published_figures():
    assert marked(opened("en").results) == ["2: the published figures", "3: this report"]
    alone = designed(2, 0)
    empty = peru().rows.iloc[:0]
    assert marked(Results(alone, empty, peru().sample)) == ["2: this report"]


# --- the simulation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pilots", "comparisons", "interviews", "expected"),
    [
        (6, 6, (400, 400), "6v6"),
        (5, 7, (300, 300), "6v6"),
        (2, 9, (300, 300), "2v10"),
        (2, 9, (60, 300), "2v10_small_pilots"),
        (3, 3, (40, 40), "3v3"),
        (2, 2, (300, 300), "2v2"),
        (1, 6, (300, 300), "1v6"),
        (6, 1, (300, 300), "1v6"),
        (6, 1, (400, 100), "1v6_small_pilot"),
        (1, 20, (90, 90), "1v20"),
    ],
)
def test_the_nearest_design_is_found(pilots, comparisons, interviews, expected):
    rows = simulation.nearest(designed(pilots, comparisons), interviews)
    assert set(rows["design"]) == {expected}
    assert (rows["pilot_shock_sd"] == rows["comparison_shock_sd"]).all()
    assert rows["method"].is_unique


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 0), (2, 60), (37, 839)])
def test_far_from_every_simulated_design_nothing_is_said(pilots, comparisons):
    assert simulation.nearest(designed(pilots, comparisons), (300, 300)).empty


def test_district_data_are_not_like_the_simulated_surveys():
    assert simulation.nearest(designed(6, 6, data={"level": "district"}), (1, 1)).empty


@LANGUAGES
def test_the_simulation_is_shown_as_it_was_run(language):
    report = opened(language)
    made = reading.simulation(report.results, report.words)
    rows = pd.read_csv(simulation.TABLE).query("design == '6v6'")
    assert len(made.grid.rows) == len(rows)
    words = report.words
    for shown, row in zip(made.grid.rows, rows.itertuples(), strict=True):
        assert shown[1:4] == [words.share(value) for value in (row.size, row.coverage, row.power)]
    filled = report.words.label("table", "simulation", "note", **vars(made)["values"])
    (draws,) = rows["draws"].unique()  # as many for every method
    (interviews,) = rows["pilot_n_first"].unique()
    assert filled.startswith(f"{words.number(int(draws))} ")
    assert f" {interviews} " in filled


def test_every_simulated_method_has_a_name_in_every_language():
    for language in ("en", "es"):
        words = Words(language)
        assert all(words.label("simulation", "method", m) for m in pd.read_csv(simulation.TABLE)["method"].unique())


# --- the words -----------------------------------------------------------------------------------------------------


@LANGUAGES
def test_the_glossary_is_in_order_of_the_alphabet(language):
    report = opened(language)
    rows = reading.glossary(report.results, report.words).grid.rows
    terms = [row[0]["text"] for row in rows]
    assert len(terms) > 10
    assert terms == sorted(terms, key=reading.sorting)
    assert reading.sorting("Índice") == "indice"


def test_a_report_without_comparison_explains_no_words_of_comparing():
    results = Results(designed(2, 0, data={"kind": "real"}), peru().rows.iloc[:0], peru().sample)
    terms = {row[0]["text"] for row in reading.glossary(results, Words("en")).grid.rows}
    assert not {"Comparison district", "Difference in change", "Synthetic data"} & terms
    assert "Interval" in terms


def test_the_glossary_explains_only_the_methods_of_an_estimate():
    rows, design = peru().rows, opened("en").results.design
    whole, less = (
        {row[0]["text"] for row in reading.methods(Results(design, some, peru().sample), Words("en")).grid.rows}
        for some in (rows, rows[rows.estimator != "wcr"].assign(q_value=float("nan")))
    )
    assert whole - less == {"Wild cluster bootstrap", "q-value"}
    report = {row[0]["text"] for row in reading.glossary(Results(design, rows, peru().sample), Words("en")).grid.rows}
    assert "Suppressed" not in whole | report  # nothing is
    assert not whole & report


def test_the_bibliography_is_whole():
    for key, work in WORKS.items():
        assert all(", " in name or name == "TREND Group" for name in (*work.authors, *work.editors)), key
        assert work.title.endswith(".") and work.published.endswith("."), key


def test_a_reference_is_joined_in_the_language_of_the_reader():
    listed = {language: entry(WORKS["farrington"], Words(language)) for language in languages.available()}
    assert "Sherman, L. W. and Welsh, B. C. (2002)" in listed["en"] and " In: Sherman" in listed["en"]
    assert "Sherman, L. W. y Welsh, B. C. (2002)" in listed["es"] and " En: Sherman" in listed["es"]
    assert "Sherman, L. W. e Welsh, B. C. (2002)" in listed["pt"] and "(orgs.)" in listed["pt"]
    assert all("The Maryland Scientific Methods Scale. " in text for text in listed.values())


@LANGUAGES
def test_works_cited_are_those_listed(language):
    cite = Citations(Words(language))
    assert list(cite) == []
    assert "2007" in cite.donald_lang and cite.lumley == "Lumley 2010" and "et al." in cite.sherman
    assert [re.match(r"\w+", entry)[0] for entry in cite] == ["Donald", "Lumley", "Sherman"]
    assert all(entry.count("{lang=en}") == 2 for entry in cite)
    for notebook in ("report", "annex"):
        nb = documents.notebook(f"{notebook}-{language}")
        texts = [output["data"].get("text/markdown", "") for cell in nb.cells for output in cell.outputs]
        (listing,) = [text for text in texts if "{#sec-references" in text]
        rest = " ".join(text for text in texts if text != listing)
        for work in WORKS.values():
            cited = f"{work.surnames[0]} " in rest and str(work.year) in rest
            listed = f"- {work.surnames[0]}, " in listing and f"\\({work.year}\\)" in listing
            assert cited == listed, (notebook, work.title)
