"""Page one for every kind of design in every language: what it says, and what it may not say.

`python tests/exhibits/test_page_one.py` prints all of them, to be read.
"""

from __future__ import annotations

import functools
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).parents[2] / "data" / "raw" / "peru-2005"))

import pandas as pd
import pytest
from surveys import a_design, a_survey, shares

from fewdistricts.design import Design
from fewdistricts.estimates import estimate, simulation
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits.documents import slides
from fewdistricts.exhibits.documents.district import Subject
from fewdistricts.exhibits.figures.certainty import leave_one_out
from fewdistricts.exhibits.figures.design import timeline
from fewdistricts.exhibits.figures.findings import findings
from fewdistricts.exhibits.figures.forest import coefficients
from fewdistricts.exhibits.figures.specifications import specifications
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import reading
from fewdistricts.exhibits.tables.certainty import families
from fewdistricts.exhibits.tables.common import method_note
from fewdistricts.exhibits.tables.decisions import options
from fewdistricts.exhibits.tables.levels import needed_baseline
from fewdistricts.exhibits.text import verdicts
from fewdistricts.exhibits.text.by_verdict import counted
from fewdistricts.exhibits.text.certainty import few_draws
from fewdistricts.exhibits.text.findings import MOST_FINDINGS
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import Words

LANGUAGES = ("en", "es", "pt")
ONE = {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison", "f": "comparison"}
SIX = {f"p{k}": "pilot" for k in range(6)} | {f"c{k}": "comparison" for k in range(6)}
MANY = {f"p{k}": "pilot" for k in range(41)} | {f"c{k}": "comparison" for k in range(42)}
PAIRS = {f"{arm[0]}{k}": {"arm": arm, "pair": f"pair-{k}"} for arm in ("pilot", "comparison") for k in range(6)}
STARTS = ("2004-01", "2004-01", "2004-01", "2005-01", "2005-01", "2005-01")
STAGGERED = {f"p{k}": {"arm": "pilot", "start": start} for k, start in enumerate(STARTS)}
NEVER = {f"c{k}": "comparison" for k in range(6)}
DESIGNS: dict[str, dict[str, Any]] = {
    "six against six": {"districts": SIX},
    "lot": {"districts": SIX, "assignment": {"by": "lot"}},
    "pairs": {"districts": PAIRS},
    "lot in pairs": {"districts": PAIRS, "assignment": {"by": "lot", "within": "pair"}},
    "staggered": {"districts": STAGGERED | NEVER, "waves": 4, "start": None},
    "staggered, all start": {"districts": STAGGERED, "waves": 4, "start": None},
    "two against two": {"districts": {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}},
    "one pilot": {"districts": ONE},
    "one comparison": {"districts": {"a": "pilot", "b": "pilot", "e": "pilot", "c": "comparison"}},
    "one each": {"districts": {"a": "pilot", "c": "comparison"}},
    "no comparison": {"districts": {"a": "pilot", "b": "pilot"}},
    "one pilot alone": {"districts": {"a": "pilot"}},
    "baseline": {"districts": SIX, "waves": 1, "start": "2010-01"},
    "no start": {"districts": SIX, "waves": 2, "start": None},
    "follow-up only": {"districts": SIX, "waves": 1, "start": "2001-01"},
    "baseline of pilots alone": {"districts": {"a": "pilot"}, "waves": 1, "start": "2010-01"},
    "many districts": {"districts": MANY},
    "many waves": {"districts": SIX, "waves": 4, "start": "2005-01"},
}
UNCHANGED = ("baseline", "no start", "follow-up only", "baseline of pilots alone")
LABELS = {
    "safe": {"en": "Feels safe", "es": "Se siente seguro", "pt": "Sente segurança"},
    "afraid": {"en": "Fears crime", "es": "Teme el delito", "pt": "Teme o crime"},
}


def in_every_language(design: Design, assignment: dict[str, str] | None) -> Design:
    """The design with its texts in every language, and how its districts were assigned if that is known."""
    intervention = design.intervention.model_copy(
        update={
            "name": {"en": "Night patrols", "es": "Patrullas nocturnas", "pt": "Rondas noturnas"},
            "description": {"en": "By night", "es": "De noche", "pt": "À noite"},
        }
    )
    if assignment:
        declared = {"name": "x", "start": None, "description": "x", "assignment": assignment}
        drawn = type(intervention).model_validate(declared, context={"languages": ["en"]})
        intervention = intervention.model_copy(update={"assignment": drawn.assignment})
    return design.model_copy(
        update={
            "title": {"en": "Patrols", "es": "Patrullas", "pt": "Rondas"},
            "intervention": intervention,
            "indicators": tuple(i.model_copy(update={"label": LABELS[i.id]}) for i in design.indicators),
            "districts": tuple(d.model_copy(update={"name": dict.fromkeys(LANGUAGES, d.id)}) for d in design.districts),
            "waves": tuple(w.model_copy(update={"label": dict.fromkeys(LANGUAGES, w.id)}) for w in design.waves),
            "data": design.data.model_copy(update={"source": {"en": "Made.", "es": "Hecho.", "pt": "Feito."}}),
        }
    )


@functools.cache
def results(name: str) -> Results:
    """The results of a small survey of the design: pilots improve by a fifth, others hardly."""
    declared = DESIGNS[name]
    districts, waves = declared["districts"], declared.get("waves", 2)
    common = {"yes": ["yes"], "role": "primary", "worthwhile": 0.05}
    indicators = [
        {"id": "safe", "label": "Feels safe", "column": "safe", "better": "higher", **common},
        {"id": "afraid", "label": "Fears crime", "column": "afraid", "better": "lower", **common},
    ]
    design = a_design(
        districts,
        waves,
        start=declared.get("start", "2004-01"),
        indicators=indicators,
        report={"languages": list(LANGUAGES), "date": "2006-12-31"},
    )
    design = in_every_language(design, declared.get("assignment"))
    safe, afraid = {}, {}
    for place, (district, told) in enumerate(districts.items()):
        known = {"arm": told} if isinstance(told, str) else told
        start = 14 + place % 5
        first = int(known.get("start", "2004")[:4]) - 2003  # a survey each October from 2003 on
        gain = 9 if known["arm"] == "pilot" else 1
        safe[district] = [start + (gain + place % 4) * (wave >= first) + wave % 2 for wave in range(waves)]
        afraid[district] = [20 - place % 4 + (place % 4) * (wave >= first) for wave in range(waves)]
    data = a_survey(safe=shares(40, **safe), afraid=shares(40, **afraid))
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    kinds = [("", "interviews"), ("safe", "answered"), ("afraid", "answered")]
    sample = pd.concat([counted.assign(indicator=item, kind=kind) for item, kind in kinds])
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


@functools.cache
def values(name: str, language: str) -> dict[str, Any]:
    """What the texts of the report are filled with."""
    return facts(results(name), Words(language))


@functools.cache
def page(name: str, language: str) -> str:
    """The words of page one."""
    words, known = Words(language), values(name, language)
    return words.template("answer", **known) + "\n" + words.template("answer_certainty", **known)


@pytest.mark.parametrize(
    ("language", "some", "all_of_them"),
    [("en", "not on the 1,200 interviews compared", "not on 960 interviews"),
     ("es", "no en las 1,200 entrevistas que se comparan", "no en 960 entrevistas"),
     ("pt", "não nas 1.200 entrevistas comparadas", "não em 960 entrevistas")],
)  # fmt: skip
def test_of_many_surveys_only_those_that_are_compared_are_counted(language, some, all_of_them):
    """Forty interviews: six comparison districts at three of four surveys, six pilots at two of them each."""
    assert results("staggered").interviews_compared == 40 * (6 * 3 + 6 * 2)
    assert some in page("staggered", language)
    assert all_of_them in page("six against six", language)


IN_SHORT = {
    "six against six": {
        "en": "the pilot districts improved more than the comparison districts on one of the two primary outcomes. "
        "This design cannot show whether the programme was the cause.",
        "es": "los distritos piloto mejoraron más que los distritos de comparación en uno de los dos indicadores "
        "principales. Este diseño no permite saber si el programa fue la causa.",
        "pt": "os distritos-piloto melhoraram mais do que os distritos de comparação em um dos dois indicadores "
        "principais. Este desenho não permite saber se o programa foi a causa.",
    },
    "lot": {
        "en": "Because the districts were chosen by lottery, chance is the only other explanation.",
        "es": "Como los distritos se eligieron por sorteo, la única explicación alternativa es el azar.",
        "pt": "Como os distritos foram escolhidos por sorteio, a única explicação alternativa é o acaso.",
    },
    "one pilot": {
        "en": "no primary outcome clearly set the pilot district apart from the comparison districts.",
        "es": "ningún indicador principal muestra una diferencia clara entre el distrito piloto y los distritos",
        "pt": "nenhum indicador principal mostra uma diferença clara entre o distrito-piloto e os distritos",
    },
    "one each": {
        "en": "the figures show how the primary outcomes changed, not what the programme did.",
        "es": "las cifras muestran cómo cambiaron los indicadores principales, no qué logró el programa.",
        "pt": "os números mostram como mudaram os indicadores principais, não o que o programa conseguiu.",
    },
    "no comparison": {
        "en": "With nothing to compare with, nobody can say why.",
        "es": "Sin nada con qué comparar, nadie puede decir por qué.",
        "pt": "Sem nada com que comparar, ninguém pode dizer por quê.",
    },
    "baseline": {
        "en": "nothing can be said yet of what the programme changes",
        "es": "aún no puede decirse qué cambia el programa",
        "pt": "ainda não se pode dizer o que o programa muda",
    },
    "follow-up only": {
        "en": "without an earlier survey nobody can say what it changed.",
        "es": "sin una encuesta anterior nadie puede decir qué cambió.",
        "pt": "sem uma pesquisa anterior, ninguém pode dizer o que mudou.",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", IN_SHORT)
def test_page_one_opens_with_what_happened_how_sure_it_is_and_whether_it_shows_a_cause(name, language):
    (line,) = [line for line in page(name, language).splitlines() if line.startswith(("**In short", "**E"))]
    assert IN_SHORT[name][language] in line
    interval = {"en": "95% interval", "es": "intervalo del 95%", "pt": "intervalo de 95%"}[language]
    # said once, not in each finding; a level says it itself
    assert page(name, language).count(interval) == (2 if name in UNCHANGED else 1)


@functools.cache
def of_both_directions(further: int) -> Results:
    """Six against six: one outcome that improved, the same row as one that got worse, and `further` inconclusive."""
    clear = results("six against six")
    better, still_open = clear.primary
    indicators, tables = [better], [clear.table]
    for k, (indicator, direction) in enumerate([(better, "lower"), *[(still_open, still_open.better)] * further]):
        indicators.append(indicator.model_copy(update={"id": f"copy_{k}", "better": direction, "worthwhile": None}))
        tables.append(clear.table[clear.table["indicator"] == indicator.id].assign(indicator=f"copy_{k}"))
    design = clear.design.model_copy(update={"indicators": tuple(indicators)})
    return Results(design, pd.concat(tables, ignore_index=True), clear.sample)


@pytest.mark.parametrize(
    ("language", "further", "said", "title"),
    [("en", 0, "on one of the two primary outcomes, but did worse on the other.", "; the other worsened"),
     ("en", 2, "on one of the four primary outcomes, but did worse on one other.", "; one other worsened"),
     ("es", 0, "en uno de los dos indicadores principales, pero evolucionaron peor en el otro.", "; el otro empeoró"),
     ("es", 2, "en uno de los cuatro indicadores principales, pero evolucionaron peor en otro.", "; otro empeoró"),
     ("pt", 0, "em um dos dois indicadores principais, mas evoluíram pior no outro.", "; o outro piorou"),
     ("pt", 2, "em um dos quatro indicadores principais, mas evoluíram pior em outro.", "; outro piorou")],
)  # fmt: skip
def test_outcomes_that_got_worse_are_others_than_those_that_improved(language, further, said, title):
    words, mixed = Words(language), of_both_directions(further)
    assert said in facts(mixed, words)["in_short"]
    assert slides._answer_title(mixed, words).endswith(title)


def test_two_are_both_and_several_the_others():
    en, es, pt = map(Words, LANGUAGES)
    assert [counted(2, 2, words) for words in (en, es, pt)] == [
        "both primary outcomes", "los dos indicadores principales", "os dois indicadores principais",
    ]  # fmt: skip
    assert [counted(3, 4, words, before=1) for words in (en, es, pt)] == [
        "the other three", "los otros tres", "os outros três",
    ]  # fmt: skip
    assert [counted(2, 4, words, before=1) for words in (en, es, pt)] == ["two others", "otros dos", "outros dois"]
    assert en.label("in_short", "all", two=True) == "Both of these findings withstand every check. "
    assert en.label("in_short", "none", two=True) == "Neither of these findings withstands every check. "
    assert es.label("in_short", "all", two=True) == "Ambos resultados resisten todas las comprobaciones. "
    assert pt.label("in_short", "all", two=True) == "Ambos os resultados resistem a todas as verificações. "


@functools.cache
def of_neither_direction() -> Results:
    """Six against six, with outcomes of which neither more nor less is better."""
    clear = results("six against six")
    indicators = tuple(i.model_copy(update={"better": "none", "worthwhile": None}) for i in clear.design.indicators)
    return Results(clear.design.model_copy(update={"indicators": indicators}), clear.table, clear.sample)


@pytest.mark.parametrize(
    ("language", "of_chart", "of_forest"),
    [("en", "The pilot districts changed differently on “Feels safe”",
      "one of the two outcomes changed differently in the pilot districts"),
     ("es", "Los distritos piloto cambiaron de otro modo en «Se siente seguro»",
      "uno de los dos indicadores de resultado cambió de otro modo en los distritos piloto"),
     ("pt", "Os distritos-piloto mudaram de modo diferente em “Sente segurança”",
      "um dos dois indicadores de resultado mudou de modo diferente nos distritos-piloto")],
)  # fmt: skip
def test_titles_of_outcomes_without_a_better_direction_say_which_changed(language, of_chart, of_forest):
    words = Words(language)
    chart, forest = findings(of_neither_direction(), words), coefficients(of_neither_direction(), words)
    assert words.label("figure", "findings", "caption", **chart.values) == of_chart
    assert words.label("figure", "coefficients", "caption", **forest.values) == of_forest


@pytest.mark.parametrize("name", ["six against six", "pairs", "lot", "two against two"])
def test_the_answer_is_drawn_without_each_district_or_pair_whatever_the_rule(name):
    drawn = leave_one_out(results(name), Words("en"))
    left_out = 6 if name == "pairs" else len(results(name).design.districts)
    assert len(drawn.data.rows) == left_out * len(results(name).primary)
    assert drawn.values["of"] == str(left_out)  # noqa: PD011 - not a frame


@pytest.mark.parametrize(
    ("language", "caption", "row"),
    [("en", "when any one pair is left out", "without the pair of District p0"),
     ("es", "sea cual sea el par que se excluya", "sin el par de Distrito p0"),
     ("pt", "seja qual for o par excluído", "sem o par de Distrito p0")],
)  # fmt: skip
def test_pairs_are_left_out_whole_and_said_to_be(language, caption, row):
    words = Words(language)
    drawn = leave_one_out(results("pairs"), words)
    assert words.label("figure", "leave_one_out", "caption", **drawn.values).endswith(caption)
    assert drawn.data.rows[0][1] == row
    for key in ("alt", "note"):
        for not_all in (False, True):
            assert words.label("figure", "leave_one_out", key, **{**drawn.values, "not_all": not_all})  # noqa: PD011


@pytest.mark.parametrize(
    ("language", "said"), [("en", "**Paired t.**"), ("es", "**t pareada.**"), ("pt", "**t pareado.**")]
)
def test_the_annex_says_how_pairs_are_compared(language, said):
    shown = {
        name: Words(language).template("annex_inference", shown={"tbl-inference"}, **values(name, language))
        for name in ("pairs", "six against six")
    }
    assert said in shown["pairs"]
    assert said not in shown["six against six"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_outcomes_without_a_better_direction_no_side_is_better(language):
    words = Words(language)
    better = {"en": "better", "es": "mejor", "pt": "melhor"}[language]
    for figure, name in ((coefficients, "coefficients"), (specifications, "specifications")):
        for at, said in ((of_neither_direction(), False), (results("six against six"), True)):
            drawn = figure(at, words)
            texts = [axes.get_xlabel() for axes in drawn.canvas.axes if name == "coefficients"]
            texts += [words.label("figure", name, key, **drawn.values) for key in ("alt", "note")]
            shown = " ".join(texts).partition("The title counts")[0].partition("El título")[0].partition("O título")[0]
            assert (better in shown) == said, name
    assert better not in str(options(of_neither_direction(), words).grid.rows)


@pytest.mark.parametrize(
    ("language", "all_count"),
    [("en", "No outcome was declared primary, so all in @tbl-outcomes count as such."),
     ("es", "Ningún indicador se declaró principal, de modo que todos los del @tbl-outcomes cuentan como tales."),
     ("pt", "Nenhum indicador foi declarado principal, de modo que todos os da @tbl-outcomes contam como tais.")],
)  # fmt: skip
def test_where_no_outcome_is_declared_primary_nobody_is_said_to_have_done_so(language, all_count):
    words, clear = Words(language), results("six against six")
    indicators = tuple(i.model_copy(update={"role": "secondary"}) for i in clear.design.indicators)
    of_none = Results(clear.design.model_copy(update={"indicators": indicators}), clear.table, clear.sample)
    assert all_count in words.template("design", shown=set(), **facts(of_none, words))
    assert all_count not in words.template("design", shown=set(), **facts(clear, words))


@pytest.mark.parametrize(
    ("language", "of_one", "of_several"),
    [("en", "in “Feels safe” smaller than", "depending on the outcome"),
     ("es", "en «Se siente seguro» podrían", "según el indicador"),
     ("pt", "em “Sente segurança” poderiam", "conforme o indicador")],
)  # fmt: skip
def test_what_could_have_been_missed_names_the_outcome_where_there_is_one(language, of_one, of_several):
    words = Words(language)
    several = of_neither_direction()
    first = several.design.indicators[0]
    one = Results(several.design.model_copy(update={"indicators": (first,)}), several.table, several.sample)
    shown = [words.template("answer_certainty", **facts(each, words)) for each in (one, several)]
    assert of_one in shown[0] and of_several not in shown[0]
    assert of_several in shown[1] and of_one not in shown[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_several_findings_page_one_says_how_many_are_firm(language):
    words = Words(language)
    values = {"one_firm": False, "one_left": True, "firm": words.in_words(2, "indicator"),
              "number": words.in_words(3, "indicator")}  # fmt: skip
    said = {"en": "Two of the three findings withstand every check; the other calls for caution. ",
            "es": "Dos de los tres resultados resisten todas las comprobaciones; el otro exige cautela. ",
            "pt": "Dois dos três resultados resistem a todas as verificações; o outro pede cautela. "}  # fmt: skip
    assert words.label("in_short", "some", **values) == said[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_baseline_leaves_to_a_follow_up_what_only_a_change_can_answer(language):
    words = Words(language)
    remark = words.label("trend_remark", "without_followup")
    points = {name: [row[2] for row in reading.trend(results(name), words).grid.rows if isinstance(row, list)]
              for name in ("baseline", "six against six")}  # fmt: skip
    assert points["baseline"].count(remark) == len(reading.OF_A_CHANGE)
    assert remark not in points["six against six"]
    terms = {kind: str(made(results("baseline"), words).grid.rows)
             for kind, made in (("report", reading.glossary), ("annex", reading.methods))}  # fmt: skip
    assert words.label("glossary", "comparison", "term") in terms["report"]
    assert words.label("glossary", "se", "term") not in terms["annex"]


@pytest.mark.parametrize(
    ("language", "start", "ahead"),
    [("en", "start of the programme", "is to start in January 2010"),
     ("es", "inicio del programa", "comenzará en enero de 2010"),
     ("pt", "início do programa", "começará em janeiro de 2010")],
)  # fmt: skip
def test_a_timeline_shows_a_start_ahead_and_none_that_is_not_known(language, start, ahead):
    words = Words(language)
    for name in ("baseline", "no start"):
        drawn = timeline(results(name), words)
        caption, alt = (words.label("figure", "timeline", key, **drawn.values) for key in ("caption", "alt"))
        assert (start in caption) == (ahead in alt) == (name == "baseline")
    (axes,) = timeline(results("baseline"), words).canvas.axes
    assert axes.get_xlim()[1] > results("baseline").design.start_of(results("baseline").design.pilots[0]).toordinal()


@pytest.mark.parametrize("name", ["six against six", "many waves"])
def test_a_timeline_names_months_where_years_say_nothing(name):
    """A survey each October: two of them have one January between them, four have three."""
    axis = timeline(results(name), Words("en")).canvas.axes[0]
    shown = [label.get_text() for label in axis.get_xticklabels()]
    assert all(re.fullmatch(r"20\d\d" if name == "many waves" else r"[A-Z][a-z]+ 20\d\d", text) for text in shown)
    first, last = axis.get_xlim()
    assert sum(first <= tick <= last for tick in axis.get_xticks()) >= 3


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("en", "The pilot district did not clearly diverge", "The pilot districts"),
     ("es", "El distrito piloto no se apartó con claridad de los distritos", "Los distritos piloto"),
     ("pt", "O distrito-piloto não se afastou com clareza dos distritos", "Os distritos-piloto")],
)  # fmt: skip
def test_the_chart_of_one_pilot_district_speaks_of_one(language, one, many):
    words = Words(language)
    for name, start in (("one pilot", one), ("six against six", many)):
        drawn = findings(results(name), words)
        meaning = drawn.values | {"better": "", "worse": ""}  # noqa: PD011 not a frame
        assert words.label("figure", "findings", "caption", **meaning).startswith(start)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The lottery had too few possible draws"), ("es", "El sorteo tenía muy pocos resultados posibles"),
     ("pt", "O sorteio tinha pouquíssimos resultados possíveis")],
)  # fmt: skip
def test_a_lottery_of_few_outcomes_says_why_its_clearest_result_is_inconclusive(language, said):
    made = results("lot in pairs")
    safe = made.primary[0]
    row = made.answer(safe)
    # all six pairs moved one way: the smallest p of 2^6 draws, and the joint test of two outcomes asks for less
    assert row is not None and (row.p_value, row.p_floor) == (2 / 64, 2 / 64)
    assert row.ci_low > 0 and row.p_adjusted > 0.05 and made.verdict(safe).kind == "inconclusive"
    words = Words(language)
    sentence = few_draws(made, words, safe)
    assert sentence.startswith(f" {said}") and words.p(row.p_adjusted) in sentence and words.p(2 / 64) in sentence
    assert sentence in page("lot in pairs", language)
    assert sentence in verdicts.reading(words, made, safe).verdict
    # where the lottery could have told, or the interval holds zero, nothing of the kind
    assert few_draws(made, words, made.primary[1]) == ""
    assert few_draws(results("lot"), words, results("lot").primary[0]) == ""
    assert few_draws(results("pairs"), words, results("pairs").primary[0]) == ""


@pytest.mark.parametrize(
    ("language", "matched", "unknown"),
    [("en", "how it was decided which district of each pair", "It is not recorded how the districts were chosen"),
     ("es", "cómo se eligió, en cada par de distritos", "No consta cómo se eligieron los distritos"),
     ("pt", "como se escolheu, em cada par de distritos", "Não consta como os distritos foram escolhidos")],
)  # fmt: skip
def test_matching_that_is_declared_is_said(language, matched, unknown):
    said = {name: values(name, language)["choice"] for name in ("pairs", "six against six")}
    assert matched in said["pairs"] and unknown not in said["pairs"]
    assert said["six against six"] == unknown
    for name, clause in said.items():
        assert clause in page(name, language)


@pytest.mark.parametrize(
    ("language", "name", "matters", "next_step"),
    [("en", "What a follow-up could detect", "would already matter", "plan for more districts or more interviews"),
     ("es", "Lo que un seguimiento podría detectar", "ya sería relevante", "prever más distritos o más entrevistas"),
     ("pt", "O que um acompanhamento poderia detectar", "já seria relevante", "prever mais distritos ou mais")],
)  # fmt: skip
def test_page_one_of_a_baseline_says_what_a_follow_up_could_detect_as_its_table_does(
    language, name, matters, next_step
):
    made, words = results("baseline"), Words(language)
    table = needed_baseline(made, words)
    (row,) = [row for row in table.grid.rows if row[0] == LABELS["safe"][language]][:1]
    sizes = [cell["text"] if isinstance(cell, dict) else cell for cell in row[4:]]
    (item,) = [line for line in page("baseline", language).splitlines() if line.startswith(f"- **{name}.**")]
    said = words.label("interval", low=sizes[0], high=sizes[-1])
    assert f"{LABELS['safe'][language]}, {said}" in item and matters in item
    # 40 interviews in each of twelve districts detect nothing like five points
    assert next_step in page("baseline", language)
    for other in ("follow-up only", "baseline of pilots alone", "six against six"):
        assert name not in page(other, language) and next_step not in page(other, language)


@pytest.mark.parametrize(
    ("language", "sampling", "all_of_it"),
    [("en", "left open by the choice of respondents alone", "compatible with the data"),
     ("es", "que deja abierto la sola elección", "compatible con los datos"),
     ("pt", "que a escolha das pessoas entrevistadas, por si só", "compatível com os dados")],
)  # fmt: skip
def test_brackets_are_said_to_hold_no_more_than_they_do(language, sampling, all_of_it):
    for name in ("one each", "no comparison", "one pilot alone"):
        assert sampling in page(name, language) and all_of_it not in page(name, language)
    for name in ("six against six", "one pilot", "lot"):
        assert all_of_it in page(name, language) and sampling not in page(name, language)


@pytest.mark.parametrize(("language", "look"), [("en", "Look into"), ("es", "Examinar"), ("pt", "Examinar")])
def test_an_outcome_whose_own_interval_is_an_improvement_is_not_to_be_looked_into(language, look):
    (step,) = [line for line in page("lot in pairs", language).splitlines() if line.startswith(f"- {look}")]
    assert LABELS["afraid"][language] in step and LABELS["safe"][language] not in step


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("en", "Pilot district", "Pilot districts"), ("es", "Distrito piloto", "Distritos piloto"),
     ("pt", "Distrito-piloto", "Distritos-piloto")],
)  # fmt: skip
def test_one_pilot_district_is_singular_in_legends_and_headings(language, one, many):
    words = Words(language)
    for name, label in (("one pilot", one), ("six against six", many)):
        legend = findings(results(name), words).canvas.legends[0]
        assert label in [text.get_text() for text in legend.get_texts()]
        heading = words.template("districts", **values(name, language) | {"shown": []}).splitlines()[0]
        assert re.search(rf"{label} {{#sec-districts}}$", heading, re.IGNORECASE)
        where = [row[2] for row in reading.trend(results(name), words).grid.rows if isinstance(row, list)]
        assert any(re.search(rf"{label}[”»]", text, re.IGNORECASE) for text in where)
    heading = words.template("annex_districts", **values("one pilot", language) | {"shown": []}).splitlines()[0]
    assert re.search(rf"{one} {{#sec-each}}$", heading, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lottery_and_records_are_called_what_they_are(language):
    """Briefs and slides of a lottery say what page one says; data of which nobody was asked are no survey."""
    words = Words(language)
    brief = {"certainty": "", "changes": True, "attributable": True, "subgroup_line": "", "questions": []}
    chance = IN_SHORT["lot"][language]
    for lot in (True, False):
        assert (chance in words.template("brief_certainty", **brief, lot=lot)) == lot
    survey = {"en": "survey is synthetic", "es": "encuesta es simulada", "pt": "pesquisa é simulada"}[language]
    for name in ("slides_programme", "limits"):
        known = values("six against six", language) | {"title_programme": ""}
        for respondents in (True, False):
            said = words.template(name, **known | {"respondents": respondents})
            assert (survey in said) == respondents


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_say_of_the_start_what_the_report_says(language):
    """Hard to tell where the differences are large and the districts few; alike only where they are small."""
    words = Words(language)
    known = values("six against six", language) | {"balance_far": "", "imbalance": ""}
    hard = {"en": "hard to tell", "es": "difícil saber", "pt": "difícil saber"}[language]
    for large in ("two", ""):
        for name in ("slides_balance", "balance"):
            said = words.template(name, **known | {"balance_large": large, "shown": ["fig-balance"]})
            assert (hard in said) == bool(large), said


CHANGE = {
    "en": re.compile(r"\brose\b|\bfell\b|improved|\bworse\b|a difference of|interval excludes", re.IGNORECASE),
    "es": re.compile(r"\bsubió\b|\bbajó\b|mejoró|empeoró|una diferencia (?:entre|de [\[+−\d])", re.IGNORECASE),
    "pt": re.compile(r"\bsubiu\b|\bcaiu\b|melhorou|piorou|uma diferença (?:entre|de [\[+−\d])", re.IGNORECASE),
}
HEADINGS = {
    "en": ("**What is not known.**", "**What to do next.**"),
    "es": ("**Lo que no se sabe.**", "**Qué hacer ahora.**"),
    "pt": ("**O que não se sabe.**", "**O que fazer agora.**"),
}
CAUSE = re.compile(r"\bcaused\b|\bproves?\b|significan|causó|demuestra|causou|demonstra\b|comprova", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DESIGNS)
def test_page_one_has_its_parts_and_no_more_than_the_design_allows(name, language):
    text = page(name, language)
    items = [line for line in text.splitlines() if line.startswith("- ")]
    found = results(name).primary
    labels = [LABELS[indicator.id][language] for indicator in found]
    named = [line for line in items if any(line.startswith(f"- **{label}:") for label in labels)]
    assert len(named) == len(found) <= MOST_FINDINGS
    for heading in HEADINGS[language]:
        assert heading in text
    after = text.split("**", 1)[1]
    assert not CAUSE.search(after), CAUSE.search(after)
    assert not re.search(r"\bnan\b|None|\{\{|\(\s*\)|\s[.,;:](\s|$)|\.\.", text), text
    if name in UNCHANGED:
        assert not CHANGE[language].search(text), CHANGE[language].search(text)
    else:
        assert re.search(r"\d+%", text)


@pytest.mark.parametrize("name", DESIGNS)
def test_page_one_has_a_chart(name):
    drawn = findings(results(name), Words("en"))
    assert drawn is not None and drawn.data.rows
    caption = Words("en").label("figure", "findings", "caption", **drawn.values)
    assert ("improved" in caption) <= (name not in UNCHANGED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_comparison_nothing_is_compared(language):
    text = page("one pilot alone", language)
    comparison = {"en": "elsewhere", "es": "los demás", "pt": "demais"}[language]
    assert comparison not in text
    assert {"en": "the pilot district", "es": "el distrito piloto", "pt": "o distrito-piloto"}[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["one each", "one pilot", "one comparison", "baseline", "follow-up only"])
def test_one_district_is_not_spoken_of_as_several_and_one_survey_as_no_improvement(name, language):
    text = page(name, language)
    wrong = {
        "one each": {
            "en": r"elsewhere|the comparison districts|the pilot districts",
            "es": r"los distritos|un de ",
            "pt": r"\bos distritos",
        },
        "one pilot": {"en": r"the pilot districts", "es": r"los distritos piloto", "pt": r"os distritos-piloto"},
        "one comparison": {
            "en": r"elsewhere|the comparison districts",
            "es": r"los distritos de comparación|los demás",
            "pt": r"os distritos de comparação|os demais",
        },
        "baseline": {
            "en": r"[Bb]etter than|worse than",
            "es": r"[Mm]ejor que|[Pp]eor que",
            "pt": r"[Mm]elhor do que|[Pp]ior do que",
        },
        "follow-up only": {
            "en": r"[Bb]etter than|worse than",
            "es": r"[Mm]ejor que|[Pp]eor que",
            "pt": r"[Mm]elhor do que|[Pp]ior do que",
        },
    }
    found = re.search(wrong[name][language], text)
    assert found is None, found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_power_is_stated_of_a_test_that_is_not_made(language):
    assert {"en": "of the time", "es": "de las veces", "pt": "dos casos"}[language] not in page("one each", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lottery_is_not_recommended_where_there_was_one(language):
    lottery = {"en": "by lottery, so that", "es": "Elegir por sorteo", "pt": "Escolher por sorteio"}[language]
    assert lottery in page("six against six", language)
    assert lottery not in page("lot", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "level"), [("lot", "5"), ("six against six", "3"), ("no comparison", "2")])
def test_the_maryland_level_is_that_of_the_assignment(name, level, language):
    words, made = Words(language), results(name)
    assert f"{level}: {words.label('maryland', level)}" in words.template("design", **values(name, language))
    marked = [row[0]["text"] for row in reading.scale(made, words).grid.rows if isinstance(row[0], dict)]
    assert [text[0] for text in marked] == [level]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "statement"), [("lot", "CONSORT"), ("six against six", "TREND")])
def test_the_checklist_and_the_test_are_those_of_the_assignment(name, statement, language):
    words, made = Words(language), results(name)
    table = reading.trend(made, words)
    points = [row[1] for row in table.grid.rows if not isinstance(row, str)]
    drawn = words.label("trend", "randomisation", "item")
    caption = words.label("table", "trend", "caption", **vars(table)["values"])
    assert statement in caption
    assert (drawn in points) == (name == "lot")
    assert words.label("trend", "assignment", "item") not in points or name != "lot"
    chapter = words.template("annex_trend", **values(name, language))
    assert statement in chapter.splitlines()[0] and chapter.count("{#sec-trend") == 1
    test = words.template(
        "annex_inference", **values(name, language) | {"methods": ["permutation"], "shown": ["tbl-inference"]}
    )
    said = {"en": "it rests on the draw alone", "es": "se apoya solo en el sorteo", "pt": "se apoia apenas no sorteio"}[
        language
    ]
    assert (said in test) == (name == "lot")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pairs_and_a_lottery_within_them_are_said(language):
    matched = {"en": "each matched with a pilot", "es": "emparejados con los", "pt": "pareados com os"}[language]
    drawn = {"en": "by lottery within each pair", "es": "sorteo dentro de cada par", "pt": "sorteio dentro de cada par"}
    within = drawn[language]
    for name in DESIGNS:
        text = page(name, language)
        assert (matched in text) == (name in ("pairs", "lot in pairs")), name
        assert (within in text) == (name == "lot in pairs"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_starts_that_are_apart_and_comparisons_that_start_later_are_said(language):
    apart = {"en": "at different times", "es": "de forma escalonada", "pt": "de forma escalonada"}[language]
    later = {"en": "that had not yet", "es": "los que aún no", "pt": "os que ainda não"}[language]
    for name in DESIGNS:
        text = page(name, language)
        assert (apart in text) == name.startswith("staggered"), name
        assert (later in text) == (name == "staggered, all start"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_districts_are_independent_is_named_as_an_assumption(language):
    assumed = {
        "en": "change independently of one another",
        "es": "cambian de forma independiente",
        "pt": "mudam de forma independente",
    }[language]
    for name in DESIGNS:
        limits = Words(language).template("limits", **values(name, language))
        assert (assumed in limits) == (results(name).headline.compares and name != "one each"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_annex_says_how_far_pooled_districts_hold_where_shocks_are_unequal(language):
    rows = pd.read_csv(simulation.TABLE).query("method == 'partial_pooling' and pilot_shock_sd > comparison_shock_sd")
    shown = [f"{100 * rate:.0f}%" for rate in (rows["coverage"].min(), rows["coverage"].max())]
    words = Words(language)
    pooled, single = (
        words.template("annex_simulation", **facts(results(name), words)) for name in ("six against six", "one pilot")
    )
    assert re.search(f"{shown[0]} .*{shown[1]}", pooled)
    assert not any(rate in single for rate in shown)


if __name__ == "__main__":
    for design_name in DESIGNS:
        for each in LANGUAGES:
            print(f"\n===== {design_name}, {each}\n{page(design_name, each)}")


@pytest.mark.parametrize(
    ("language", "of_seven", "of_one", "caption"),
    [("en", "two of the seven characteristics compared (@fig-balance) differ", "the only characteristic compared (",
      "differed on the only characteristic"),
     ("es", "dos de las siete características comparadas (@fig-balance) difieren", "la única característica comparada",
      "diferían en la única característica"),
     ("pt", "duas das sete características comparadas (@fig-balance) diferem", "a única característica comparada (",
      "diferiam na única característica")],
)  # fmt: skip
def test_characteristics_are_counted_of_all_that_are_compared_not_of_those_drawn(language, of_seven, of_one, caption):
    words = Words(language)
    told = values("six against six", language) | {"balance_far_one": False, "balance_of_one": False}
    counts = {"balance_far": words.in_words(2, "characteristic"), "balance_of": words.in_words(7, "characteristic")}
    assert of_seven in words.template("balance", shown=("fig-balance",), **told | counts)
    single = counts | {"balance_far_one": True, "balance_of_one": True, "balance_large": ""}
    assert of_one in words.template("balance", shown=("fig-balance",), **told | single)
    assert words.label("figure", "balance", "caption", **single).endswith(caption)


@pytest.mark.parametrize(
    ("language", "note", "title"),
    [("en", "The figure shows 27 of the 29 indicators: ", "for 26 of the 29 indicators"),
     ("es", "Se muestran 27 de los 29 indicadores: ", "en 26 de los 29 indicadores"),
     ("pt", "Mostram-se 27 dos 29 indicadores: ", "em 26 dos 29 indicadores")],
)  # fmt: skip
def test_what_a_figure_counts_is_named(language, note, title):
    words = Words(language)
    drawn = coefficients(results("six against six"), words)
    shown = {**drawn.values, "not_all": True, "number": "27", "of": "29"}  # noqa: PD011
    assert note in words.label("figure", "coefficients", "note", **shown)
    assert words.label("figure", "truth", "caption", covered="26", of="29").endswith(title)


@pytest.mark.parametrize(
    ("language", "several", "one"),
    [("en", "that of a primary outcome, for the number of primary outcomes instead",
      "that of the primary outcome is not adjusted"),
     ("es", "el de un indicador principal, por el número de indicadores principales",
      "el del indicador principal no se ajusta"),
     ("pt", "o de um indicador principal, pelo número de indicadores principais",
      "o do indicador principal não é ajustado")],
)  # fmt: skip
def test_the_p_of_a_primary_outcome_is_not_said_to_be_adjusted_for_its_family(language, several, one):
    words, clear = Words(language), results("six against six")
    made = families(clear, words)
    assert several in words.label("table", "families", "note", **made.values)
    assert one in words.label("table", "families", "note", **{**made.values, "primary": 1})  # noqa: PD011


def test_a_brief_denies_a_cause_only_where_it_states_a_finding():
    clear = results("six against six")
    pilot = Subject(clear, Words("en"), clear.design.pilots[0])
    improved, still_open = clear.primary
    assert pilot.may_be_attributed([improved, still_open])
    assert not pilot.may_be_attributed([still_open])
    other = Subject(clear, Words("en"), clear.design.comparisons[0])
    assert not other.may_be_attributed([improved])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_intervals_of_several_starts_are_not_called_welch_s(language):
    words = Words(language)
    assert "Welch" in method_note(results("six against six"), words)
    own_start = {"en": "its own start", "es": "su propio inicio", "pt": "o próprio início"}[language]
    assert method_note(results("staggered"), words).endswith(f"{own_start}.")
