"""Every number with a row, over designs: in report, annex, slides and briefs, in every language, it is that row's.

A longer walk over 37 such designs found what the first tests here hold: a figure of groups that could not be drawn
where groups differ, and sentences that counted the districts declared where an outcome has answers in fewer.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import nbformat
import numpy as np
import pandas as pd
import pytest
from rendered import executed, meanings
from report_numbers import LINK, is_of, numbers
from surveys import a_design, at_home

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.district import Subject
from fewdistricts.exhibits.figures.subgroups import subgroups
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.certainty import breakdown
from fewdistricts.exhibits.tables.common import contrast_grid
from fewdistricts.exhibits.text import values
from fewdistricts.exhibits.text.certainty import power_range
from fewdistricts.exhibits.text.findings import facts, finding
from fewdistricts.exhibits.text.verdicts import contrast_sentence, counted_districts, named, short
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference.verdict import Kind
from nbaccessible import fonts, layout, outputs

LANGUAGES = ("en", "es", "pt")
SEX = {"id": "sex", "label": "Sex", "column": "sex", "groups": {"women": ["f"], "men": ["m"]}}
OUTCOMES = [
    {"id": name, "label": label, "column": name, "yes": ["yes"], "better": "higher", "role": "primary"}
    | {"worthwhile": 0.05}
    for name, label in {"safe": "Feels safe", "calm": "Sleeps well"}.items()
]


def arms(pilots: int, comparisons: int, pairs: bool = False) -> dict[str, dict[str, str]]:
    sizes = {"pilot": pilots, "comparison": comparisons}
    return {
        f"{arm[0]}{k}": {"arm": arm} | ({"pair": f"pair-{k}"} if pairs else {})
        for arm, size in sizes.items()
        for k in range(size)
    }


def people(districts: dict[str, dict[str, str]], *, gone: dict[str, list[str]]) -> pd.DataFrame:
    """Interviews in two waves; only women gain. `gone`: the districts without an answer, by outcome."""
    rng, parts = np.random.default_rng(3), []
    for district, told in districts.items():
        for wave in ("w1", "w2"):
            women = np.arange(60) < 30
            gain = 0.5 * women * (told["arm"] == "pilot" and wave == "w2")
            part = {"district": district, "wave": wave, "weight": 1.0, "stratum": f"{district}/{wave}"}
            part |= {"psu": [f"{district}/{wave}/{k}" for k in range(60)]}
            part |= {name: (rng.random(60) < 0.3 + gain).astype(float) for name in ("safe", "calm")}
            part |= {"subgroup:sex": np.where(women, "women", "men")}
            frame = pd.DataFrame(part)
            for name, without in gone.items():
                if district in without and wave == "w2":
                    frame[name] = np.nan
            parts.append(frame)
    return pd.concat(parts, ignore_index=True)


@cache
def results_of(pilots: int, comparisons: int, *gone: str, pairs: bool = False) -> Results:
    """Results of which `safe` has no answer in the districts `gone`."""
    districts = arms(pilots, comparisons, pairs)
    design = a_design(districts, indicators=OUTCOMES, subgroups=[SEX])
    named = [i.model_copy(update={"label": dict.fromkeys(LANGUAGES, i.label["en"])}) for i in design.indicators]
    design = design.model_copy(update={"indicators": tuple(named)})
    data = people(districts, gone={"safe": list(gone)})
    sample = data.groupby(["district", "wave"]).size().reset_index(name="n").assign(indicator="", kind="interviews")
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


def test_groups_that_differ_are_named_in_the_figure_s_title():
    results = results_of(6, 6)
    assert "Feels safe" in subgroups(results, Words("en")).values["differ"]  # noqa: PD011


@pytest.mark.parametrize(
    ("shape", "gone", "behind"),
    [
        ((6, 6), ("p1", "c0", "c4"), (5, 4)),
        ((4, 5), ("p0", "p2"), (2, 5)),
        ((2, 4), ("p1",), (1, 4)),
        ((3, 2), ("c1",), (3, 1)),
        ((1, 5), ("c1",), (1, 4)),
    ],
)
def test_a_sentence_counts_the_districts_of_its_own_row(shape, gone, behind):
    results, words = results_of(*shape, *gone), Words("en")
    for indicator, wanted in zip(results.primary, (behind, shape), strict=True):
        row = results.answer(indicator)
        assert counted_districts(results, row) == wanted
        assert sum(wanted) == row.n_districts
        if row.bounded:
            assert words.both(*wanted) in contrast_sentence(words, results, row)
    said = finding(results, words, results.primary[0])
    assert ("in the pilot district " in said) == (behind[0] == 1)
    assert ("in the comparison district:" in said) == (behind[1] == 1)


def test_a_pair_without_a_partner_is_not_counted():
    results = results_of(5, 5, "c2", pairs=True)
    safe, calm = results.primary
    assert counted_districts(results, results.answer(safe)) == (4, 4)
    assert counted_districts(results, results.answer(calm)) == (5, 5)


@pytest.mark.parametrize(("gone", "said"), [((), "six"), (("c0",), "")])
def test_the_note_on_divergence_counts_districts_where_all_outcomes_have_as_many(gone, said):
    assert breakdown(results_of(6, 6, *gone), Words("en")).values["comparisons"] == said  # noqa: PD011


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_brief_names_the_districts_of_an_outcome_that_has_fewer(language):
    results, words = results_of(6, 6, "p1", "c0"), Words(language)
    text = Subject(results, words, results.design.pilots[0]).certainty(results.primary)
    assert words.counted("pilot", 6) in text
    assert text.count(words.both(5, 5)) == 1
    assert words.both(6, 6) not in text


LACKING = {
    "": "no answers",
    "c0/w1 c1/w1": "no answers in the comparison districts before the start",
    "p0/w2 p1/w2": "no answers in the pilot districts after the start",
    "c0/w1 c1/w2": "no answers both before and after the start in any one of the comparison districts",
    "p0/w2 p1/w2 c0/w1 c1/w1": "no answers in the pilot districts after the start and in the comparison districts "
    "before the start",
    "p0/w1 c1/w1": "no pair with answers on both sides, before and after the start",
}


@pytest.mark.parametrize("lacking", LACKING)
def test_an_answer_without_a_figure_says_who_did_not_answer_and_when(lacking):
    districts = arms(2, 2, pairs=lacking == "p0/w1 c1/w1")
    design, data = a_design(districts, indicators=OUTCOMES), people(districts, gone={})
    cell = data["district"] + "/" + data["wave"]
    data.loc[cell.isin(lacking.split()) if lacking else cell != "", "safe"] = np.nan
    sample = data.groupby(["district", "wave"]).size().reset_index(name="n").assign(indicator="", kind="interviews")
    results, words = Results(design, estimate.rounded(plan.estimates(design, data)), sample), Words("en")
    safe, said = results.primary[0], LACKING[lacking]
    assert finding(results, words, safe) == f"**Feels safe: no figure.** {said[0].upper()}{said[1:]}."
    assert named(words, results, safe, results.answer(safe)) == f"Feels safe ({said})"
    assert contrast_sentence(words, results, results.answer(safe)) == f"No figure can be given: {said}."


def test_nothing_is_said_in_short_where_no_outcome_has_a_figure():
    districts = arms(3, 3)
    design = a_design(districts, indicators=OUTCOMES)
    data = people(districts, gone={})
    data = data[~data["district"].str.startswith("c") | (data["wave"] == "w2")]
    sample = data.groupby(["district", "wave"]).size().reset_index(name="n").assign(indicator="", kind="interviews")
    results = Results(design, estimate.rounded(plan.estimates(design, data)), sample)
    said = facts(results, Words("en"))
    assert said["in_short"].startswith("**In short:** no figure can be given for any primary outcome")
    assert all(": no figure.**" in each for each in said["findings"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("hidden", "ends"), [("", ""), ("“Feels safe” (w2): C0", ": “Feels safe” (w2): C0.")])
def test_suppressed_figures_of_groups_alone_name_no_district(language, hidden, ends):
    words = Words(language)
    known = values.facts(results_of(6, 6), Words("en")) | {
        "suppressed": True,
        "hidden_list": hidden,
        "minimum_cell": "10",
    }
    (line,) = [line for line in words.template("limits", **known).splitlines() if " 10 " in line]
    assert line.endswith(ends) if hidden else re.search(r"[a-z]\.$", line)
    assert ": ." not in line


@pytest.mark.parametrize(("language", "only"), [("en", "only 5%"), ("es", "solo entre el 5%"), ("pt", "apenas em 5%")])
def test_only_is_said_of_power_that_no_outcome_has_enough_of(language, only):
    def said(most: float) -> str:
        powers = {"safe": 0.05, "calm": most}
        results = SimpleNamespace(
            headline=SimpleNamespace(compares=True),
            primary=tuple(SimpleNamespace(id=name) for name in powers),
            verdict=lambda indicator: SimpleNamespace(power=powers[indicator.id]),
            simulated_power=lambda _: {},
        )
        return power_range(results, Words(language))

    assert said(0.3).startswith(only)
    assert said(0.99) == said(0.3).replace(only.split()[0] + " ", "").replace("30", "99")


def lines(text: str, size: float, room: float) -> int:
    """The lines of a text in a column, broken between words."""
    found, line = 1, ""
    for word in text.split():
        if fonts.width(f"{line} {word}".strip()) * size > room:
            found, line = found + 1, word
        else:
            line = f"{line} {word}".strip()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_in_a_table_takes_three_lines_at_most_and_a_hint_one_more(language):
    words, results = Words(language), results_of(6, 6)
    shown = contrast_grid(results, words, [("", results.primary)])
    every = itertools.product(get_args(Kind), ("", "better"), (False, True))
    made = [SimpleNamespace(kind=kind, direction=way, suggestive=hinted) for kind, way, hinted in every]
    rows = [[*shown.rows[0][:-1], short(words, each, results.primary[0])] for each in made]
    grid = outputs.grid(replace(shown, rows=rows).content(), 1)
    plan = layout.plan(grid)
    assert not plan.landscape and len(plan.parts) == 1
    rooms = [width - 2 * plan.gap for width in plan.parts[0].widths]
    for row, each in zip(grid.rows, made, strict=True):
        taken = [lines(cell.text, plan.size, room) for cell, room in zip(row.cells, rooms, strict=True)]
        assert taken[-1] <= 3 + each.suggestive, row.cells[-1].text
        assert taken[1:-1] == [1] * (len(taken) - 2)


# --- every document, from a file to its numbers --------------------------------------------------------------------

WAVES = [{"id": str(y), "label": str(y), "fieldwork": [f"{y}-01", f"{y}-12"]} for y in (2001, 2003)]


def every(text: str) -> dict[str, str]:
    return {language: f"{text} ({language})" for language in LANGUAGES}


def declaration(districts: dict[str, dict[str, str]], **more: Any) -> dict[str, Any]:
    named = {"label": every("Feels safe")}, {"label": every("Sleeps well")}
    outcomes = [outcome | name | {"no": ["no"]} for outcome, name in zip(OUTCOMES, named, strict=True)]
    groups = {"label": every("sex"), "names": {"women": every("women"), "men": every("men")}}
    columns = {"district": "district", "wave": "wave"} | more.pop("columns", {})
    return {
        "title": every("Lamps"),
        "intervention": {"name": every("Lamps"), "start": "2002-01", "description": every("Lit at night.")},
        "data": {"kind": "synthetic", "source": every("Invented."), "files": [{"path": "data.csv"}]}
        | {"columns": columns, "duplicates": "keep", "duplicates_reason": every("Different people.")}
        | more.pop("data", {}),
        "waves": WAVES,
        "districts": [{"id": key, "name": f"Place {key.upper()}", **told} for key, told in districts.items()],
        "indicators": outcomes,
        "subgroups": [SEX | groups],
        "disclosure": {"minimum_cell": 0},
        "report": {"languages": list(LANGUAGES), "date": "2005-01-01"},
        **more,
    }


def answers(districts: dict[str, dict[str, str]], size: int = 40) -> pd.DataFrame:
    """Interviews of the same people twice, who are women and men in turn."""
    rng, rows = np.random.default_rng(7), []
    for district, told in districts.items():
        for wave in ("2001", "2003"):
            share = 0.35 + 0.25 * (told["arm"] == "pilot" and wave == "2003")
            part = pd.DataFrame(
                {"district": district, "wave": wave, "person": [f"{district}-{k}" for k in range(size)]}
            )
            for name in ("safe", "calm"):
                part[name] = np.where(rng.random(size) < share, "yes", "no")
            part["sex"] = np.where(np.arange(size) % 2, "f", "m")
            rows.append(part)
    return pd.concat(rows, ignore_index=True)


def without(data: pd.DataFrame, **cells: str) -> pd.Series:
    """Which rows lie in these cells."""
    return np.logical_and.reduce([data[column] == value for column, value in cells.items()])


def usual() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Three against four; one district was not visited again, one has no woman, one no answers to an outcome."""
    districts = arms(3, 4)
    data = answers(districts)
    data = data[~without(data, district="c1", wave="2003") & ~without(data, district="p2", sex="f")]
    data.loc[without(data, district="p0", wave="2003"), "calm"] = None
    return data, declaration(districts)


def paired() -> tuple[pd.DataFrame, dict[str, Any]]:
    """A lottery within six pairs, one of them without an answer on one side."""
    districts = arms(6, 6, pairs=True)
    data, told = answers(districts), declaration(districts)
    data.loc[without(data, district="c3", wave="2001"), "safe"] = None
    told["intervention"]["assignment"] = {"by": "lot", "within": "pair"}
    return data, told


def panel_of_few() -> tuple[pd.DataFrame, dict[str, Any]]:
    """A panel with one person a district, and one pilot district in which nobody was found again."""
    districts = arms(3, 3)
    data = answers(districts, size=2)
    again = without(data, district="p1", wave="2003")
    data["person"] = np.where(again, data["person"] + "-new", data["person"])
    return data, declaration(districts, columns={"respondent": "person"}, data={"sampling": "panel"})


def one_pilot() -> tuple[pd.DataFrame, dict[str, Any]]:
    districts = arms(1, 4)
    return answers(districts), declaration(districts)


def baseline_only() -> tuple[pd.DataFrame, dict[str, Any]]:
    districts = arms(3, 3)
    data, told = answers(districts), declaration(districts)
    told["waves"] = WAVES[:1]
    return data[data["wave"] == "2001"], told


def others_after_only() -> tuple[pd.DataFrame, dict[str, Any]]:
    """The comparison districts were not visited before the start."""
    districts = arms(3, 3)
    data = answers(districts)
    return data[data["district"].str.startswith("p") | (data["wave"] == "2003")], declaration(districts)


MADE = (usual, paired, panel_of_few, one_pilot, baseline_only, others_after_only)
SHAPES = {made.__name__: made for made in MADE}


def plain(text: str, language: str) -> str:
    """A printed text with numbers as they are in English; without limits that no share can reach."""
    if language == "pt":
        text = text.translate(str.maketrans(",.", ".,"))
    return re.sub(r"[<>][−+]?100", "", text)


def dangling(notebook: nbformat.NotebookNode) -> set[str]:
    """The figures and tables that a document names and does not show."""
    kinds = ("prose", "table", "figure")
    shown = {meaning.get("label") for kind in kinds for meaning, _ in meanings(notebook, kind)}
    texts = [data["text/markdown"] for _, data in meanings(notebook, "prose")]
    return {name for text in texts for name in re.findall(r"@((?:fig|tbl)-[\w-]+)", text)} - shown


def printed(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Every number that names a row, in prose, tables and the data of figures, with the id of the row."""
    found = [pair for _, data in meanings(notebook, "prose") for pair in LINK.findall(data["text/markdown"])]
    for exhibit in ("table", "figure"):
        for _, data in meanings(notebook, exhibit):
            cells = [cell for row in data.get(display.TABLE, {"rows": []})["rows"] for cell in row.get("cells", ())]
            shown = [cell for cell in cells if isinstance(cell, dict)]
            found += [(cell["text"], cell["source"]) for cell in shown if str(cell.get("source")).startswith("est-")]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_every_number_with_a_row_is_that_row_s(shape: str, tmp_path: Path) -> None:
    data, told = SHAPES[shape]()
    folder = tmp_path / "data" / "raw" / "small"
    folder.mkdir(parents=True)
    data.to_csv(folder / "data.csv", index=False)
    (folder / "evaluation.yaml").write_text(json.dumps(told), encoding="utf-8")
    with at_home(tmp_path):
        design = declared.load("small")
        survey.build(design)
        table = estimate.rounded(plan.estimates(design, survey.load("small")))
        table.to_parquet(paths.processed("small") / "estimates.parquet", index=False)
        rows = {estimate.row_id(row): row for row in table.to_dict("records")}
        seen = 0
        for language in LANGUAGES:
            documents = [executed("small", language, kind, drawn=False) for kind in ("report", "annex", "slides")]
            for district in (told["districts"][0]["id"], told["districts"][-1]["id"]):
                documents.append(executed("small", language, "district_brief", drawn=False, district=district))
            assert set().union(*map(dangling, documents)) == set()
            shown = [pair for document in documents for pair in printed(document)]
            for text, row in shown:
                assert row in rows, (language, text, row)
                assert all(is_of(n, rows[row]) for n in numbers(plain(text, language))), (language, text, row)
            seen += len(shown)
        assert seen > 100
