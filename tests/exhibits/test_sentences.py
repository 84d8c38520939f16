"""Which sentence a result earns: each rule at its boundary and in both directions, each key in both languages."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from crime import CRIME
from surveys import a_design, a_survey, peru, shares

from fewdistricts import languages, paths
from fewdistricts.design import Indicator
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.estimates.headline import headline
from fewdistricts.exhibits.figures import FIGURES
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text import deviations, findings
from fewdistricts.exhibits.text import verdicts as sentences
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import TEXTS, Words
from fewdistricts.inference.verdict import Kind

LANGUAGES = pytest.mark.parametrize("words", [Words(name) for name in languages.available()], ids=languages.available())
NAN, INF = float("nan"), float("inf")


def a_row(**values) -> Row:
    """A row of the pooled difference in change of a share."""
    plain = {"evaluation": "small", "district": "pooled", "wave": "w2", "indicator": "safe", "unit": "share"}
    key = {"estimand": "att", "estimator": "district_change", "n_districts": 4.0}
    return Row(**{**plain, **key, **values})


# --- direction -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "unit", "key"),
    [(0.0006, "share", "above"), (0.0004, "share", "equal"), (0.0, "share", "equal"), (-0.0004, "share", "equal"),
     (-0.0006, "share", "below"), (0.006, "scale", "above"), (0.004, "scale", "equal"), (-0.006, "count", "below")],
)  # fmt: skip
def test_a_direction_is_said_only_where_the_printed_number_has_one(estimate, unit, key):
    row = a_row(estimate=estimate, unit=unit)
    assert sentences.direction(row) == key
    assert (Words("en").difference(estimate, unit)[0] in "+−") is (key != "equal")


# --- every key in every language -----------------------------------------------------------------------------------

FILLED = {
    "size": "S", "confidence": "C", "interval": "I", "pilots": "P", "comparisons": "K", "reason": "R",
    "difference": "D", "districts": "P",
}  # fmt: skip
FAMILIES = ("did", "change")
CONTRASTS = [f"{family}_{key}" for family in FAMILIES for key in ("above", "below", "equal", "no_interval")]


@LANGUAGES
@pytest.mark.parametrize("key", [*CONTRASTS, "undefined"])
def test_each_sentence(words, key):
    text = words.label("sentence", key, **FILLED)
    assert text.endswith(".") and text[0].isupper() and "{" not in text
    if key.startswith("did") and key != "did_no_interval":
        assert {"C", "I", "P"} <= set(re.findall(r"\b[A-Z]+\b", text))


GIVEN = get_args(Kind)


@LANGUAGES
@pytest.mark.parametrize("direction", ["", "better", "worse"])
@pytest.mark.parametrize("worthwhile", ["", "W"])
@pytest.mark.parametrize("kind", sorted(GIVEN))
def test_each_verdict_has_a_long_and_a_short_form(words, kind, worthwhile, direction):
    values = {"worthwhile": worthwhile, "direction": direction}
    assert words.label("verdict", kind, **values).endswith(".")
    assert words.label("verdict_short", kind, **values)
    for group in ("compared", "alone"):
        assert words.label("finding", group, kind, **values)


@LANGUAGES
def test_page_one_and_tables_word_a_verdict_alike(words):
    """What tables say of a verdict in a few words is in the heading of page one."""
    hedge = {"en": "perhaps", "es": "quizá", "pt": "talvez"}[words.language]
    for group in ("compared", "alone"):
        short, heading = (words.label(*key, "harm_not_ruled_out") for key in (("verdict_short",), ("finding", group)))
        assert short == heading
        for worthwhile in (True, False):
            short = words.label("verdict_short", "uncertain_size", worthwhile=worthwhile)
            heading = words.label("finding", group, "uncertain_size", worthwhile=worthwhile)
            assert (hedge in short) == (hedge in heading) == worthwhile
        assert words.label("verdict_short", "no_relevant_difference", direction="") == words.label(
            "finding", group, "no_relevant_difference", direction=""
        )


@LANGUAGES
def test_verdicts_in_labels_are_those_of_the_rule(words):
    for labels in (words.labels("verdict"), words.labels("verdict_short")):
        assert set(labels) == {*GIVEN, "suggestive"}


# --- in words ------------------------------------------------------------------------------------------------------


def everywhere(text: str) -> dict[str, str]:
    """The same text in every language."""
    return dict.fromkeys(languages.available(), text)


def results(districts, yes, of=40, **changes) -> Results:
    """The results of a small survey, `yes` by district and wave."""
    design = a_design(districts, report={"languages": languages.available(), "date": "2006-12-31"}, **changes)
    names = {"en": "Feels safe", "es": "Se siente seguro", "pt": "Sente segurança"}
    both = {name: {"en": "Text", "es": "Texto", "pt": "Texto"} for name in ("title",)}
    design = design.model_copy(
        update={
            "title": both["title"],
            "indicators": tuple(i.model_copy(update={"label": names}) for i in design.indicators),
            "intervention": design.intervention.model_copy(
                update={
                    "name": {"en": "Patrols", "es": "Patrullas", "pt": "Patrulhas"},
                    "description": {"en": "By night", "es": "De noche", "pt": "De noite"},
                }
            ),
            "districts": tuple(d.model_copy(update={"name": everywhere(d.id)}) for d in design.districts),
            "waves": tuple(w.model_copy(update={"label": everywhere(w.id)}) for w in design.waves),
            "data": design.data.model_copy(update={"source": {"en": "Made.", "es": "Hecho.", "pt": "Feito."}}),
        }
    )
    data = a_survey(safe=shares(of, **yes))
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    sample = pd.concat(
        [counted.assign(indicator="", kind="interviews"), counted.assign(indicator="safe", kind="answered")]
    )
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


POOLED = ({"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"},
          {"a": (16, 26), "b": (20, 26), "c": (20, 22), "d": (18, 18)})  # fmt: skip
TWO_V_THREE = ({"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"},
               {"a": (16, 26), "b": (20, 19), "c": (20, 22), "d": (18, 18), "e": (20, 20)})  # fmt: skip
ONE_PILOT = ({"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"},
             {"a": (16, 26), "c": (20, 22), "d": (18, 18), "e": (20, 19)})  # fmt: skip
ONE_COMPARISON = ({"a": "pilot", "b": "pilot", "e": "pilot", "c": "comparison"},
                  {"a": (16, 26), "b": (20, 26), "e": (18, 20), "c": (20, 22)})  # fmt: skip
ONE_EACH = ({"a": "pilot", "c": "comparison"}, {"a": (16, 26), "c": (20, 22)})
TWO_COMPARISONS = ({"a": "pilot", "c": "comparison", "d": "comparison"}, {"a": (16, 26), "c": (20, 22), "d": (18, 18)})
NONE = ({"a": "pilot", "b": "pilot"}, {"a": (16, 26), "b": (20, 26)})
SHAPES = {
    "pooled": POOLED, "one_pilot": ONE_PILOT, "one_comparison": ONE_COMPARISON, "one_each": ONE_EACH,
    "two_comparisons": TWO_COMPARISONS, "before_after": NONE,
}  # fmt: skip


@functools.cache
def shaped(shape: str) -> Results:
    return results(*SHAPES[shape])


def said(words, shape) -> sentences.Reading:
    made = shaped(shape)
    return sentences.reading(words, made, made.design.indicators[0])


@pytest.mark.parametrize(("shape", "kind"), [(k, "one_pilot" if k == "two_comparisons" else k) for k in SHAPES])
def test_shapes_are_what_they_are_called(shape, kind):
    assert headline(shaped(shape).design).kind == kind


def unlinked(text: str) -> str:
    """A sentence as it is read, without the rows that its numbers lead to."""
    return re.sub(r"\[([^\]]*)\]\(source:[^)]*\)", r"\1", text)


def test_a_sentence_in_full():
    reading = said(Words("en"), "pooled")
    # changes .25, .15 against .05, 0
    assert unlinked(reading.contrast).startswith(
        "The pilot districts changed by 17.5 percentage points more than the comparison districts "
    )
    assert reading.contrast.endswith("; two pilot and two comparison districts).")
    spanish = said(Words("es"), "pooled")
    assert "supera en 17.5 puntos porcentuales" in unlinked(spanish.contrast)
    assert spanish.contrast.endswith("; dos distritos piloto y dos de comparación).")


@LANGUAGES
def test_every_number_of_a_sentence_leads_to_its_row(words):
    made = results(*POOLED)
    (indicator,) = made.design.indicators
    reading = sentences.reading(words, made, indicator)
    answer = made.answer(indicator)
    linked = re.findall(r"\[([^\]]*)\]\(source:([^)]*)\)", reading.contrast)
    assert [row_id for _, row_id in linked] == [answer.row_id] * 2  # difference and interval


@pytest.mark.parametrize(
    ("shape", "english", "spanish"),
    [
        ("one_pilot", "one pilot and three comparison districts", "un distrito piloto y tres de comparación"),
        ("one_comparison", "three pilot and one comparison district", "tres distritos piloto y uno de comparación"),
        ("one_each", "one pilot and one comparison district", "un distrito piloto y uno de comparación"),
    ],
)
def test_one_district_is_singular(shape, english, spanish):
    assert english in said(Words("en"), shape).contrast
    assert spanish in said(Words("es"), shape).contrast


@LANGUAGES
def test_the_verdict_follows_the_shape(words):
    assert said(words, "one_each").short == words.label("verdict_short", "sampling_only")
    assert said(words, "two_comparisons").short == words.label("verdict_short", "sampling_only")
    assert said(words, "before_after").short == words.label("verdict_short", "uncertain_size", worthwhile=False)


@LANGUAGES
def test_without_comparison_districts_none_is_mentioned(words):
    reading = said(words, "before_after")
    assert "compar" not in reading.contrast.lower()
    assert words.size(0.2, "share").split()[0] in reading.contrast  # (.25 + .15) / 2


@LANGUAGES
def test_a_district_s_own_row_is_one_pilot(words):
    made = results(*POOLED)
    row = made.did(made.design.district("a"), made.design.wave("w2"), made.design.indicators[0], "taylor")
    contrast = sentences.contrast_sentence(words, made, row)
    assert words.size(0.225, "share").split()[0] in contrast  # .25 - (.05 + 0) / 2
    assert re.search(r"; (?:one|un|um) \w+", contrast)


@LANGUAGES
@pytest.mark.parametrize(
    "status", ["no_variance", "no_df", "too_few_districts", "suppressed", "no_data", "not_comparable"]
)
def test_every_reason_for_silence_can_be_said(words, status):
    made = results(*POOLED)
    undefined = sentences.contrast_sentence(words, made, a_row(status=status))
    unbounded = sentences.contrast_sentence(words, made, a_row(status=status, estimate=0.1))
    assert words.status(status) in undefined
    assert words.size(0.1, "share").split()[0] in unbounded
    assert (f"({words.status(status)})" in unbounded) == (status != "no_df")  # "no interval can be given (no interval)"
    assert "nan" not in undefined + unbounded


@LANGUAGES
def test_nothing_found_is_said_so(words):
    made = results(*POOLED)
    assert sentences.contrast_sentence(words, made, None) == sentences.contrast_sentence(
        words, made, a_row(status="no_data")
    )


def test_a_district_without_answers_is_not_counted():
    made = results(POOLED[0] | {"e": "comparison"}, POOLED[1] | {"e": (20,)})
    reading = sentences.reading(Words("en"), made, made.design.indicators[0])
    assert reading.contrast.endswith("; two pilot and two comparison districts).")


@LANGUAGES
def test_an_open_verdict_says_what_would_have_been_found(words):
    made = results(*TWO_V_THREE)
    reading = sentences.reading(words, made, made.design.indicators[0])
    least = made.of("mde")[0]
    assert words.size(least.estimate, "share").split()[0] in reading.detectable
    assert reading.detectable in words.template("reading", **facts(made, words))
    assert f"](source:{least.row_id})" in reading.detectable
    found = results(
        {**POOLED[0], "e": "pilot"}, {"a": (4, 36), "b": (5, 36), "e": (5, 37), "c": (20, 20), "d": (20, 21)}
    )
    assert sentences.reading(words, found, found.design.indicators[0]).detectable == ""


@LANGUAGES
def test_few_districts_are_taken_to_be_alike_and_the_report_says_so(words):
    few = facts(results(*TWO_V_THREE), words)
    assert few["pooled_form"]
    without = words.template("certainty", **{**few, "pooled_form": False}, shown=())
    assert len(words.template("certainty", **few, shown=())) > len(without) + 100  # the assumption and what it hides
    assert not facts(results(*ONE_PILOT), words)["pooled_form"]


@LANGUAGES
def test_what_is_left_out_is_named(words):
    late = {"arm": "pilot", "start": "2030-01"}
    made = results(POOLED[0] | {"e": "comparison", "f": late}, POOLED[1] | {"e": (20,), "f": (3, 9)})
    values = facts(made, words)
    assert " f (" in values["exclusions"] and values["pilots"] == "2"  # those that the answer is about
    assert " e (" in values["exclusions"] and values["comparisons_n"] == 2  # no answer after the start
    assert values["exclusions"].count(":") == 1 and values["exclusions"].endswith(").")
    counted = made.counts("interviews")
    lost = counted[counted["district"].isin(["e", "f"])]["n"].sum()
    assert made.interviews_compared == counted["n"].sum() - lost > 0
    assert [gap.rpartition(": ")[2] for gap in values["gaps"]] == [words.name_of(made.design.district("e"))]
    compared = {"en": "of which {} are compared", "es": "se comparan {}", "pt": "{} são comparadas"}[words.language]
    assert compared.format(words.number(made.interviews_compared)) in words.template("answer", **values, shown=())
    label = words.text(made.design.indicators[0].label)
    assert label in values["members_left_out"] and label in values["gaps"][0]
    for chapter, fact in (("design", "exclusions"), ("annex_families", "members_left_out")):
        assert values[fact] in words.template(chapter, **values, shown=("tbl-families",))
    assert values["gaps"][0] in words.template("annex_data", **values, shown=())
    assert values["two_waves"] is True  # the last wave is not before a start that the evaluation never sees
    whole = facts(results(*POOLED), words)
    assert not (whole["districts_left_out"] or whole["members_left_out"] or whole["gaps"])
    assert not whole["interviews_compared"]  # they are all that were held


@pytest.mark.parametrize(("start", "english"), [
    ("2001-05", " f (the programme began before the first survey"),
    ("2030-01", " f (the programme had not started by the last survey"),
])  # fmt: skip
def test_a_pilot_out_of_time_is_left_out_for_its_own_reason(start, english):
    alone = results(*POOLED)
    late = results(POOLED[0] | {"f": {"arm": "pilot", "start": start}}, POOLED[1] | {"f": (3, 30)})
    indicator = late.design.indicators[0]
    assert late.answer(indicator).estimate == alone.answer(alone.design.indicators[0]).estimate
    values = facts(late, Words("en"))
    assert english in values["exclusions"]
    assert english in Words("en").template("design", **values, shown=())
    assert [text for text in ("began before", "not started by") if text in values["exclusions"]] == [
        text for text in ("began before", "not started by") if text in english
    ]


def test_one_pilot_that_loses_comparisons_has_the_interval_of_those_left():
    arms, answers = ONE_PILOT
    lost = [district for district, arm in arms.items() if arm == "comparison"][2:]
    left = results(arms, answers | {district: answers[district][:1] for district in lost})
    row = left.answer(left.design.indicators[0])
    assert row is not None and (row.estimator, row.status) == ("taylor", "")
    assert left.verdict(left.design.indicators[0]).kind == "sampling_only"
    assert facts(left, Words("en"))["comparisons_n"] == 2


# --- words that are not allowed ------------------------------------------------------------------------------------

NEVER = re.compile(r"significan|caus(?:ed|es|ó|aron|ado)\b|\bprove[ds]?\b|demuestra|impact", re.IGNORECASE)
EFFECT = re.compile(r"effect(?!ive)|efecto", re.IGNORECASE)
DESIGN_EFFECT = re.compile(r"design effects?|efectos? de(?:l)? diseño", re.IGNORECASE)


def chapters(words: Words, made: Results) -> dict[str, str]:
    """Every chapter's prose of an evaluation."""
    shown = [f"tbl-{name}" for name in TABLES] + [f"fig-{name}" for name in FIGURES]
    values = facts(made, words) | {"shown": shown, "coefficients_all": True, "citation": "Somebody"}
    sources = [(paths.NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8") for name in ("report", "annex")]
    names = re.findall(r'prose\(\\"(\w+)\\"', "".join(sources))
    assert len(names) > 20
    return {name: words.template(name, **values) for name in names if name != "references"}  # titles of other people


@LANGUAGES
@pytest.mark.parametrize("shape", SHAPES)
def test_prose_never_says_more_than_the_design_allows(words, shape):
    made = shaped(shape)
    for name, text in chapters(words, made).items():
        assert not NEVER.search(text), f"{name}: {NEVER.search(text)}"
        head = headline(made.design)
        if not head.compares or head.estimator == "taylor":  # sampling error alone carries no such word
            plain = DESIGN_EFFECT.sub("", text)
            assert not EFFECT.search(plain), f"{name}: {plain}"
        assert "nan" not in re.findall(r"\w+", text)


@LANGUAGES
@pytest.mark.parametrize("shape", SHAPES)
def test_prose_is_whole_in_every_shape(words, shape):
    for name, text in chapters(words, shaped(shape)).items():
        assert not re.search(r"\{\{|\{%|\(\s*\)|  +\S|,\s*,|\s[.,;:](\s|$)|\.\.(?!\.)", text), f"{name}: {text}"


def test_primary_outcomes_are_said_to_be_planned_only_where_a_plan_says_so(monkeypatch):
    words, made = Words("en"), results(*POOLED)
    declared = tuple(i.model_copy(update={"role": "primary"}) for i in made.design.indicators)
    made.design = made.design.model_copy(update={"indicators": declared})
    assert "no recorded plan shows that they did so before the results" in chapters(words, made)["design"]
    plan = {"plan_date": "1 May 2004", "plan_hash": "0", "plan_followed": False, "deviations": []}
    for changed, said in (
        ({}, "The outcome in @tbl-outcomes is primary in the plan dated 1 May 2004"),
        ({"deviations": ["One."]}, "the annex lists what departs from the plan dated 1 May 2004"),
        ({"plan_followed": True}, "no recorded plan shows"),
    ):
        monkeypatch.setattr(deviations, "facts", lambda *_, recorded=plan | changed: recorded)
        assert said in chapters(words, made)["design"]


def test_a_covariate_of_two_answers_is_one_characteristic():
    made = results(*POOLED)
    row = next(row for row in made.of("balance", variant="main") if row.defined)
    listed = ["safe", "sex=man", "sex=woman", "school=none", "school=primary", "school=higher"]
    made.of = lambda *_, **__: [replace(row, indicator=name) for name in listed]
    assert [each.indicator for each in made.characteristics("main")] == [name for name in listed if name != "sex=woman"]


def test_the_answers_of_a_covariate_stand_in_their_declared_order():
    design = peru().design
    made = Results(design, estimate.rounded(peru().rows), peru().sample)
    answers = [f"education={answer}" for answer in design.labels["education"].answers]
    assert [name for name in made.composition if name.startswith("education")] == answers != sorted(answers)
    shown = [row[0] for row in TABLES["balance"](made, Words("en")).grid.rows if isinstance(row, list)]
    assert [name for name in shown if str(name).startswith("Education")] == [
        f"Education: {design.labels['education'].answers[each.partition('=')[2]]['en']}" for each in answers
    ]


def test_labels_never_say_it_either():
    for language in languages.available():
        text = (TEXTS / language / "sentences.yaml").read_text(encoding="utf-8")
        assert not NEVER.search(text)
        assert not EFFECT.search(DESIGN_EFFECT.sub("", text))


@LANGUAGES
@pytest.mark.parametrize("shape", SHAPES)
def test_sampling_error_alone_is_said_to_be_alone(words, shape):
    text = " ".join(chapters(words, shaped(shape)).values())
    alone = words.label("verdict", "sampling_only")
    assert (alone in text) is (shape in ("one_each", "two_comparisons"))


DECLARED = {
    "es": {
        "district": {"es": {"one": "comunidad", "many": "comunidades", "gender": "f"}},
        "respondent": {"es": {"one": "vecina", "many": "vecinas", "gender": "f"}},
        "interview": {"es": {"one": "cuestionario", "many": "cuestionarios", "gender": "m"}},
    },
    "pt": {
        "district": {"pt": {"one": "comunidade", "many": "comunidades", "gender": "f"}},
        "respondent": {"pt": {"one": "vizinha", "many": "vizinhas", "gender": "f"}},
        "interview": {"pt": {"one": "questionário", "many": "questionários", "gender": "m"}},
    },
}
BETWEEN = r"\s+(?:[\w.,]+\s+)?"
DISAGREES = {
    "es": rf"\b(?:el|un|los|unos|estos|otros|todos|algunos|ningún|cuántos|muchos|pocos|del|al)"
    rf"{BETWEEN}(?:comunidad|vecina)"
    rf"|\b(?:la|una|las|unas|estas|otras|todas|algunas|cuántas|muchas|pocas){BETWEEN}cuestionario",
    "pt": rf"\b(?:o|um|os|uns|estes|outros|todos|alguns|nenhum|quantos|muitos|dos?|nos?|aos?)"
    rf"{BETWEEN}(?:comunidade|vizinha)"
    rf"|\b(?:a|uma|as|umas|estas|outras|todas|algumas|quantas|muitas|das?|nas?){BETWEEN}questionário",
}


@pytest.mark.parametrize("language", DECLARED)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_chapter_agrees_with_the_declared_nouns(language, shape):
    texts = chapters(Words(language, DECLARED[language]), shaped(shape))
    for name, text in texts.items():
        plain = re.sub(r"\]\([^)]*\)|[\[*]", "", text)
        wrong = re.search(DISAGREES[language], plain, re.IGNORECASE)
        assert not wrong, f"{name}: {plain[max(0, wrong.start() - 60) : wrong.end() + 60]}"
    whole = " ".join(texts.values())
    assert {"es": "lo que las vecinas dicen", "pt": "o que as vizinhas dizem"}[language] in whole


PLANNED = {"en": "planned for this", "es": "está previsto para este", "pt": "está previsto para este"}
NO_BASELINE = {"en": "Without a baseline", "es": "Sin línea de base", "pt": "Sem linha de base"}
BEFORE_A_FOLLOW_UP = {"en": "before a follow-up", "es": "Antes de un seguimiento", "pt": "Antes de um acompanhamento"}
NOT_YET = {"en": "before any change", "es": "antes de que pueda", "pt": "antes que se possa"}
NOTHING_TO_COMPARE = {
    "en": "nothing to compare|Without a comparison",
    "es": "No hay con qué comparar|Sin distrito de comparación",
    "pt": "Não há com que comparar|Sem distrito de comparação",
}


@LANGUAGES
@pytest.mark.parametrize(("start", "after"), [(None, False), ("2010-01", False), ("2001-01", True)])
def test_waves_on_one_side_of_the_start_are_said_to_be_so(words, start, after):
    made = results(*POOLED, start=start)
    assert not made.changes
    told = chapters(words, made)
    values = facts(made, words) | {"start": "2001", "arm": "pilot", "interviews_here": "", "verdict": ""}
    brief = words.template("brief", **values)
    assert (PLANNED[words.language] in brief) is not after
    assert (NO_BASELINE[words.language] in told["harm"]) is after
    assert len(told["balance"].strip().splitlines()) > 1
    for name in ("annex_inference", "annex_checks"):
        assert not re.search(NOTHING_TO_COMPARE[words.language], told[name]), told[name]
    assert findings.maryland_level(made) == ("1" if after else "")
    assert (TABLES["needed_baseline"](made, words) is None) is after
    assert (BEFORE_A_FOLLOW_UP[words.language] in told["certainty"]) is not after
    assert bool(re.search(NOT_YET[words.language], words.template("slides_levels", **values))) is not after
    drawn = {"confidence": "95%", "compares": False, "changes": False} | FIGURES["findings"](made, words).values  # noqa: PD011
    assert words.text(made.design.wave(made.headline.wave).label) in words.label("figure", "findings", "note", **drawn)


@LANGUAGES
@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_on_something_else_says_nothing_of_crime(words, shape):
    for name, text in chapters(words, shaped(shape)).items():
        said = CRIME.search(text)
        assert not said, f"{name}: {text[max(0, said.start() - 60) : said.end() + 60]}"


def test_districts_that_no_difference_rests_on_are_no_exception():
    arms, yes = TWO_V_THREE
    design = a_design(arms)
    data = a_survey(safe=shares(40, **yes))
    data = data[data["district"] != "e"]
    made = Results(
        design, estimate.rounded(plan.estimates(design, data)), pd.DataFrame(columns=["indicator", "kind", "n"])
    )
    assert [each.id for each in made.others] == ["c", "d"]
    indicator = design.indicators[0]
    assert "districts" not in sentences.named(Words("en"), made, indicator, made.answer(indicator))


def test_means_keep_to_their_own_unit():
    scale = {"id": "safe", "label": "Trust", "column": "safe", "scale": [1, 7], "better": "higher", "worthwhile": 0.3}
    design = a_design(POOLED[0], indicators=[scale])
    rng = np.random.default_rng(1)
    data = a_survey(safe={cell: rng.integers(1, 8, 40).astype(float) for cell in shares(40, **POOLED[1])})
    made = Results(
        design, estimate.rounded(plan.estimates(design, data)), pd.DataFrame(columns=["indicator", "kind", "n"])
    )
    reading = sentences.reading(Words("en"), made, design.indicators[0])
    assert "points on the scale" in reading.contrast
    assert "percentage" not in reading.contrast


# --- the unit of a mean --------------------------------------------------------------------------------------------

FORMS = {
    "one": {"en": "theft", "es": "robo", "pt": "roubo"},
    "many": {"en": "thefts", "es": "robos", "pt": "roubos"},
}
COUNTED = [  # by CLDR: 1.00 is one in Spanish, everything below 2 in Portuguese
    ("en", "1", "theft"), ("en", "+1.00", "thefts"), ("en", "0.50", "thefts"), ("en", "1,500", "thefts"),
    ("es", "1", "robo"), ("es", "−1.00", "robo"), ("es", "0.50", "robos"), ("es", "1,000,000", "robos"),
    ("pt", "1", "roubo"), ("pt", "+1,00", "roubo"), ("pt", "1,90", "roubo"), ("pt", "−2,00", "roubos"),
    ("pt", "1.500", "roubos"), ("en", "–", "thefts"),
]  # fmt: skip


def a_mean(unit: Any) -> Indicator:
    given = {"id": "thefts", "label": "Thefts", "column": "t", "unit": unit}
    return Indicator.model_validate(given, context={"languages": ["en", "es", "pt"]})


@pytest.mark.parametrize(("language", "number", "noun"), COUNTED)
def test_the_unit_of_a_mean_agrees_with_the_printed_number(language, number, noun):
    words, mean = Words(language), a_mean(FORMS)
    assert words.short(number, "count", mean) == f"{number} {noun}"
    assert words.short(f"[{number}](source:1abc)", "count", mean) == f"[{number}](source:1abc) {noun}"


@pytest.mark.parametrize(("language", "shown"), [("en", "1.50 hours a day"), ("pt", "1,50 hours a day")])
def test_one_text_for_a_unit_stands_behind_every_number(language, shown):
    assert Words(language).level(1.5, "count", of=a_mean("hours a day")) == shown


def results_of_a_mean() -> Results:
    """The results of a survey whose one indicator is a mean with a unit of its own."""
    mean = a_mean(FORMS).model_copy(update={"id": "safe", "column": "safe", "role": "primary", "better": "lower"})
    design = a_design(POOLED[0])
    design = design.model_copy(update={"indicators": (mean.model_copy(update={"label": everywhere("Thefts")}),)})
    rng = np.random.default_rng(1)
    data = a_survey(safe={cell: rng.integers(1, 8, 40).astype(float) for cell in shares(40, **POOLED[1])})
    rows = estimate.rounded(plan.estimates(design, data))
    return Results(design, rows, pd.DataFrame(columns=["indicator", "kind", "n"]))


@LANGUAGES
def test_page_one_says_the_unit_of_a_mean_once(words):
    made = results_of_a_mean()
    said = findings.finding(made, words, made.primary[0])
    assert said.count(f" {FORMS['one'][words.language]}") == 1, said


@LANGUAGES
def test_levels_and_differences_of_a_mean_carry_its_unit(words):
    made = results_of_a_mean()
    mean = made.primary[0]
    reading = sentences.reading(words, made, mean)
    many = f" {FORMS['many'][words.language]}"
    level = made.level("pilot", "w1", mean)
    assert words.level(level.estimate, level.unit, of=mean).endswith(many)
    assert f" {FORMS['one' if words.language == 'pt' else 'many'][words.language]}" in reading.contrast  # of 0.10


@LANGUAGES
def test_exhibits_name_the_unit_of_a_mean_once(words):
    many = words.text(FORMS["many"])
    mean = a_mean(FORMS)
    assert words.measured(mean.model_copy(update={"label": everywhere("A year")})) == f"A year ({many})"
    named = f"A year's {many}"
    assert words.measured(mean.model_copy(update={"label": everywhere(named)})) == named
    assert words.axis("count", mean, mean).lower() == many
    assert words.axis("count", mean, a_mean(None)) == words.label("unit_axis", "count")
