"""The shipped evaluation: published margins met, sizes and strata as described, two languages, one place name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from fewdistricts import design, paths

FOLDER = paths.PROJECT / "data" / "raw" / "peru-2005"
EVALUATION = design.load("peru-2005")


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "survey.csv", dtype=str, keep_default_na=False)


def texts(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text of a YAML tree with its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts(value, (*at, key))
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            yield from texts(value, (*at, i))
    elif isinstance(tree, str):
        yield at, tree


def declared() -> Any:
    return YAML(typ="safe", pure=True).load((FOLDER / "evaluation.yaml").read_text(encoding="utf-8"))


def missing_codes(indicator: design.Indicator) -> set[str]:
    return {code for codes in EVALUATION.missing_of(indicator).values() for code in codes}


@pytest.mark.parametrize(
    ("indicator", "printed"),
    [("more_or_less_safe", (36, 49)), ("very_insecure", (27, 8)), ("street_robbery", (38, 25))],
)
def test_pilot_district_1_shows_the_published_margins(survey, indicator: str, printed: tuple[int, int]) -> None:
    asked = EVALUATION.indicator(indicator)
    for wave, percent in zip(("2003", "2005"), printed, strict=True):
        rows = survey[(survey.district == "pilot-1") & (survey.wave == wave)]
        rows = rows[~rows[asked.column].isin(missing_codes(asked))]
        weight = rows.weight.astype(float)
        share = weight[rows[asked.column].isin(asked.yes)].sum() / weight.sum()
        assert 100 * share == pytest.approx(percent, abs=0.4)
        assert round(100 * share) == percent
        stated = [p.value for p in EVALUATION.published if p.indicator == indicator and p.wave == wave]
        assert stated == [percent / 100]


def test_districts_and_waves_have_about_400_interviews(survey) -> None:
    sizes = survey.groupby(["district", "wave"]).size()
    assert len(sizes) == 12 * 2
    assert 380 <= sizes.min() < sizes.max() <= 420
    assert set(survey.district) == {d.id for d in EVALUATION.districts}
    assert [d.arm for d in EVALUATION.districts] == ["pilot"] * 6 + ["comparison"] * 6


def test_blocks_lie_in_one_stratum_and_weights_add_up_to_the_adults(survey) -> None:
    assert survey.groupby("psu")[["district", "wave", "stratum"]].nunique().max().max() == 1
    blocks = survey.groupby(["district", "wave", "stratum"]).psu.nunique()
    assert set(survey.stratum) == {"urban", "periphery"}
    assert blocks.between(10, 12).all()
    weight = survey.weight.astype(float)
    assert weight.min() > 0
    adults = weight.groupby([survey.wave, survey.district]).sum()
    assert adults["2003"].to_numpy() == pytest.approx(adults["2005"].to_numpy(), abs=5)


def test_every_answer_is_declared(survey) -> None:
    for indicator in EVALUATION.indicators:
        if indicator.rule:
            continue
        given = survey.loc[~survey[indicator.column].isin(missing_codes(indicator)), indicator.column]
        if indicator.yes:
            assert set(given) == set(indicator.yes) | set(indicator.no or ()), indicator.id
        else:
            low, high = indicator.scale or (0, 24)
            assert pd.to_numeric(given).between(low, high).all(), indicator.id


def test_perceived_safety_has_at_least_four_answers(survey) -> None:
    answers = set(survey.perceived_safety) - {"-9", "-8"}
    assert len(answers) >= 4
    assert {"more or less safe", "very insecure"} <= answers


def test_some_answers_are_missing_in_every_question(survey) -> None:
    for column in {indicator.column for indicator in EVALUATION.indicators if indicator.column}:
        assert 0.005 < survey[column].isin(["-9", "-8"]).mean() < 0.1, column


def test_the_victim_block_is_consistent(survey) -> None:
    asked = survey[~survey.robbery.isin(["-9", "-8"])]
    kinds = (asked[["robbery", "theft", "burglary", "assault_threat"]] == "yes").sum(axis=1)
    assert (asked.incidents.astype(int) >= kinds).all()
    assert ((asked.incidents == "0") == (kinds == 0)).all()
    assert ((asked.reported == "not a victim") == (kinds == 0)).all()
    assert (asked.satisfied.isin(["not a victim", "did not report"]) == (asked.reported != "yes")).all()


def test_indicators_among_a_domain_have_an_unconditional_counterpart() -> None:
    whole = {(i.column, i.yes) for i in EVALUATION.indicators if not EVALUATION.conditional(i)}
    conditional = [i for i in EVALUATION.indicators if EVALUATION.conditional(i)]
    assert {i.id for i in conditional} == {"reported_last", "satisfied_response"}
    assert all((i.column, i.yes) in whole for i in conditional)


def test_roles_families_and_recall_are_those_of_the_codebook() -> None:
    families = {i.family for i in EVALUATION.indicators}
    assert families == {"perception", "victimisation", "reporting", "trust", "participation", "placebo"}
    primary = {i.id for i in EVALUATION.indicators if i.role == "primary"}
    assert primary == {"feels_safe", "very_insecure", "street_robbery", "trust_police"}
    assert all(i.recall_months == 12 for i in EVALUATION.indicators if i.family == "victimisation")
    assert all(i.worthwhile for i in EVALUATION.indicators if i.role == "primary")
    assert {i.role for i in EVALUATION.indicators if i.family == "placebo"} == {"placebo"}


def test_the_first_wave_is_before_for_a_reason() -> None:
    wave = EVALUATION.wave("2003")
    start = EVALUATION.start_of("pilot-1")
    assert start is not None
    assert wave.fieldwork[0] < start < wave.fieldwork[1]
    assert (EVALUATION.phase("pilot-1", "2003"), EVALUATION.phase("comparison-1", "2005")) == ("before", "after")
    assert set(wave.phase_reason or {}) == {"en", "es"}


def test_the_evaluation_is_declared_synthetic_and_its_file_is_the_committed_one() -> None:
    assert EVALUATION.synthetic
    (file,) = EVALUATION.data.files
    assert hashlib.sha256((FOLDER / file.path).read_bytes()).hexdigest() == file.sha256


def test_chilca_stands_beside_published_figures_and_in_the_calibration_phrase_only() -> None:
    named = [path for path, text in texts(declared()) if "Chilca" in text]
    published = [("published", i, "place") for i in range(6)]
    source = [("data", "source", "en"), ("data", "source", "es")]
    assert sorted(map(str, named)) == sorted(map(str, [*published, *source]))
    assert "calibrated to Chilca’s published percentages" in EVALUATION.data.source["en"]
    assert "Chilca" not in (FOLDER / "survey.csv").read_text(encoding="utf-8")


def test_both_languages_say_everything_and_are_not_copies() -> None:
    assert EVALUATION.report.languages == ("en", "es")
    for indicator in EVALUATION.indicators:
        for text in (indicator.label, indicator.question):
            assert text is not None
            assert set(text) == {"en", "es"}
            assert text["en"] != text["es"]
    for language in ("en", "es"):
        labels = [indicator.label[language] for indicator in EVALUATION.indicators]
        assert len(set(labels)) == len(labels)
        assert max(map(len, labels)) <= 45  # they head rows and axes


def test_spanish_questions_are_spanish() -> None:
    for indicator in EVALUATION.indicators:
        question = (indicator.question or {})["es"]
        assert ("¿" in question) == ("?" in question)
        assert "¿" in question or question.startswith("De las")


def test_it_shows_what_evaluators_and_funders_reach_for_and_says_what_is_invented() -> None:
    declared = design.load("peru-2005")
    programme, report = declared.intervention, declared.report
    assert {indicator.rule for indicator in declared.indicators} > {""}
    assert "harm" in {indicator.watch for indicator in declared.indicators}
    assert declared.subgroups and programme.theory and declared.map and declared.chapters
    assert report.word and report.recommendations and report.logo and report.contact and report.license
    assert "colours" in report.model_fields_set
    invented = {
        "en": ("Invented", "An example", "Nobody"),
        "es": ("Inventad", "Editorial inventad", "Un ejemplo", "No se"),
    }
    texts = [programme.delivery, declared.data.response, report.qualitative, report.ethics, report.publisher]
    texts += [report.logo_alt, *report.recommendations, programme.cost.covers if programme.cost else None]
    for language, words in invented.items():
        for text in texts:
            assert text and text[language].startswith((*words, "Emblema inventad")), text
        for chapter in declared.chapters:
            assert chapter.file and words[0] in (FOLDER / chapter.file[language]).read_text(encoding="utf-8")
    assert (
        report.citation and "[Synthetic data]" in report.citation["en"] and "[Datos simulados]" in report.citation["es"]
    )
