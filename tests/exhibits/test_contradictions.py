"""Sixteen statements of an earlier report that were false or contradicted each other, one test each.

Each test looks at the report of peru-2005 as it is printed; the numbers in the names are those of the review.
"""

from __future__ import annotations

import functools
import io
import math
import re

import documents
import pypdf
import pytest
import stamps
from rendered import meanings
from surveys import peru

from fewdistricts.estimates import estimate
from fewdistricts.exhibits import display
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.certainty import excludes_zero
from fewdistricts.exhibits.text.wording import Words

pytestmark = pytest.mark.slow
WORDS = Words("en")


@functools.cache
def results() -> Results:
    return Results(peru().design, estimate.rounded(peru().rows), peru().sample)


@functools.cache
def prose(document: str) -> str:
    """The words of a document, without the rows that numbers lead to."""
    shown = "\n".join(data["text/markdown"] for _, data in meanings(documents.notebook(document), "prose"))
    return re.sub(r"\]\(source:[^)]*\)", "", shown).replace("[", "")


@functools.cache
def page_one() -> str:
    first, *rest = (
        data["text/markdown"] for m, data in meanings(documents.notebook("report-en"), "prose") if m.get("front")
    )
    return re.sub(r"\]\(source:[^)]*\)", "", "\n".join([first, *rest])).replace("[", "")


def exhibit(document: str, label: str) -> tuple[dict, list[list[str]]]:
    """The meaning of an exhibit and its rows as texts."""
    for kind in ("table", "figure"):
        for meaning, data in meanings(documents.notebook(document), kind):
            if meaning.get("label") == label:
                rows = [row["cells"] for row in data[display.TABLE]["rows"] if "cells" in row]
                return meaning, [[c if isinstance(c, str) else c["text"] for c in row] for row in rows]
    raise AssertionError(f"{document} shows no {label}")


def finding(label: str) -> str:
    (found,) = re.findall(rf"^- \*\*{re.escape(label)}: .*$", page_one(), flags=re.MULTILINE)
    return found


def test_1_imbalance_before_the_start_is_answered_and_lowers_what_is_claimed():
    answer = r"^Not entirely\. Before the start, five of the 37 characteristics"
    assert re.search(answer, prose("report-en"), re.MULTILINE)
    for indicator in results().primary:
        label = WORDS.text(indicator.label)
        adjusted = results().variant(indicator, "baseline_adjusted")
        assert adjusted is not None
        row = next(row for row in exhibit("report-en", "tbl-bracket")[1] if row[0] == label)
        assert row[4] == WORDS.interval(*adjusted.ends, adjusted.unit)
        if excludes_zero(results().answer(indicator)) and not excludes_zero(adjusted):
            assert "when adjusted for the baseline level" in finding(label)


def test_2_the_headline_is_never_narrower_than_sampling_error_alone_and_the_annex_does_not_say_it_could_not_be():
    for indicator in results().primary:
        headline, sampling = results().answer(indicator), results().answer(indicator, "taylor")
        assert headline.se >= sampling.se - 1e-12
    assert "where this interval is wider than another" in prose("annex-en")


def test_3_interviews_needed_are_those_of_the_power_stated():
    meaning, rows = exhibit("report-en", "tbl-published")
    assert "80% of the time" in meaning["note"]
    for row in rows:
        before, after = (float(cell.rstrip("%")) / 100 for cell in row[1:3])
        mean = (before + after) / 2
        of_null, of_change = 2 * mean * (1 - mean), before * (1 - before) + after * (1 - after)
        root = 1.959964 * of_null**0.5 + 0.841621 * of_change**0.5  # Fleiss, Levin and Paik 2003, formula 4.14
        assert int(row[4]) == math.ceil((root / (after - before)) ** 2)


@pytest.mark.parametrize("document", ["report-en", "report-es", "annex-en", "annex-es"])
def test_4_pages_of_real_figures_methods_and_references_carry_no_stamp(document, tmp_path):
    language = document[-2:]
    (tmp_path / "a.pdf").write_bytes(documents.pdf(document))
    due = stamps.holds_data(tmp_path / "a.pdf", language)
    stamp = Words(language).label("document", "stamp")
    texts = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(tmp_path / "a.pdf").pages]
    assert [stamp in text for text in texts[1:]] == due[1:]
    assert not all(due)


def test_5_feeling_safe_counts_both_answers_that_say_so():
    safe = peru().design.indicator("feels_safe")
    assert len(safe.yes) == 2 and safe.role == "primary"
    assert {"+16.9"} <= set(re.findall(r"[+−][\d.]+", finding(WORDS.text(safe.label))))


def test_6_page_one_reads_the_primary_outcomes_together():
    together = 0
    for indicator in results().primary:
        row = results().answer(indicator)
        if excludes_zero(row) and row.ci_low_joint <= 0 <= row.ci_high_joint:
            text = finding(WORDS.text(indicator.label))
            assert "(suggestive only)" in text or "adjusted for the number of primary outcomes" in text
            together += 1
    assert together
    assert "an interval so adjusted can include zero although the p-value is low" in prose("report-en")


def test_the_figure_of_truth_says_what_its_title_counts():
    meaning, rows = exhibit("annex-en", "fig-truth")
    assert f"of the {len(rows)} indicators" in meaning["caption"]
    answers = [results().answer(indicator) for indicator in peru().design.indicators]
    shares = [row for row in answers if row is not None and row.unit == "share"]
    assert f"only the shares ({len(shares)}); its title counts the means too" in meaning["note"]


def test_7_adjusted_values_below_the_raw_ones_are_explained():
    note = exhibit("annex-en", "tbl-families")[0]["note"]
    assert "it can be smaller than a p-value by another method" in note and "it can be smaller than p" in note


def test_8_a_placebo_outcome_that_moved_in_one_district_is_named():
    named = "Clear differences in single pilot districts: Pilot district 1 on “Visited a health centre”, +20.8 points"
    assert named in prose("report-en")
    assert "Among 24 tests, 1.2 such warnings would be expected by chance alone." in prose("report-en")


def test_9_harm_that_cannot_be_ruled_out_is_listed():
    harm = prose("report-en").split("{#sec-harm}")[1].split("\n# ")[0]
    assert "Theft without violence" in harm and "+3.4 points (−1.3 to +8.2)" in harm


def test_10_page_one_states_the_power_at_the_change_that_matters_and_the_report_every_detectable_difference():
    assert re.search(r"would have been detected only \d\d% to \d\d% of the time", page_one())
    small = prose("report-en").split("**Small differences.**")[-1]
    assert all(WORDS.text(indicator.label) in small for indicator in results().primary)


def test_11_the_drift_of_one_district_is_not_taken_for_that_of_a_mean():
    assert (
        "a mean over districts, which drifts less than a single one" in exhibit("annex-en", "tbl-breakdown")[0]["note"]
    )
    assert "which varies more than a mean" in prose("report-en")


@pytest.mark.parametrize("district", ["pilot-2", "pilot-6"])
def test_12_a_district_s_page_leads_with_the_partially_pooled_estimate(district):
    text = prose(f"{district}-en")
    assert "more than a single district usually moves" not in text
    for indicator in results().primary[:3]:
        pooled = results().of("heterogeneity", estimator="partial_pooling", district=district, indicator=indicator.id)
        (row,) = [row for row in pooled if row.defined]
        assert WORDS.interval(*row.ends, row.unit) in text


def test_13_units_directions_and_rounding_are_stated():
    _, rows = exhibit("annex-en", "tbl-breakdown")
    trust = next(row for row in rows if row[0].startswith("Trust in the police"))
    assert not any("percentage" in cell for cell in trust)
    families = exhibit("annex-en", "tbl-families")[0]["note"]
    assert "Indices are in standard deviations and point towards better" in families
    assert "need not equal the difference of the rounded levels" in exhibit("annex-en", "tbl-results")[0]["note"]
    assert "new respondents" in exhibit("annex-en", "fig-flow")[0]["note"]


def test_14_the_report_has_its_own_date_and_says_how_to_cite_it():
    cover = next(
        output["metadata"]["nbaccessible"]
        for cell in documents.notebook("report-en").cells
        for output in cell.outputs
        if output["metadata"]["nbaccessible"]["kind"] == "cover"
    )
    sources = [str(row.source) for row in peru().design.published]
    assert not any(cover["date_text"] in source for source in sources) and cover["date"] > "2005-04-25"
    assert cover["citation"] and cover["licence"] and cover["authors"]
    assert "How to cite" in prose("report-en")


def test_15_the_checklist_claims_nothing_that_is_not_there():
    _, rows = exhibit("annex-en", "tbl-trend")
    said = {row[0]: row[2] for row in rows}
    assert said["12"].startswith("Annex")  # who was approached: the authors say it
    assert said["14"].startswith("Partly:") and "not" in said["14"]  # those who were not interviewed
    assert said["9"].startswith("Not supplied")


@pytest.mark.parametrize("document", ["report-en", "annex-en"])
def test_16_no_hash_of_a_row_is_printed_and_the_lists_hold_every_exhibit(document):
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(document)))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert not re.search(r"\best-[a-z]+-", text)
    contents = next(text for page in reader.pages if "Contents" in (text := " ".join(page.extract_text().split())))
    for kind, word in (("figure", "Figure"), ("table", "Table")):
        number = len([m for m, _ in meanings(documents.notebook(document), kind) if m.get("caption")])
        assert all(f"{word} {k} " in contents for k in range(1, number + 1))
