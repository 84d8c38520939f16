"""Every figure and table of the report's notebook, in both languages, against the rows that it shows."""

from __future__ import annotations

import functools
import html
import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import documents
import matplotlib
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from surveys import a_design, a_survey, at_home, peru, shares

from fewdistricts import paths
from fewdistricts.errors import ConfigurationError
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits import display
from fewdistricts.exhibits import results as exhibits_results
from fewdistricts.exhibits.documents import report as page
from fewdistricts.exhibits.documents.document import NOT_OF_DATA
from fewdistricts.exhibits.figures import FIGURES, certainty, forest
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text import findings
from fewdistricts.exhibits.text.wording import Words

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])
SVG = "{http://www.w3.org/2000/svg}"
ARMS = ("pilot", "comparison")
STAMP = re.compile(r"synthetic|simulad[ao]s?: no provienen|encuesta simulada|Datos simulados", re.IGNORECASE)


def cells(notebook: str) -> list[str]:
    content = json.loads((paths.NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    code = [c for c in content["cells"] if c["cell_type"] == "code" and not c["metadata"].get("tags")]
    return ["".join(c["source"]) for c in code]


def shown_by(home: Path, language: str, only: str = "") -> list[display.Output]:
    """What the cells of the report and its annex show, in their order; `only` those whose source holds it."""
    shown: list[display.Output] = []
    names = {"evaluation": "peru-2005", "language": language, "languages": ""}
    with at_home(home):
        for source in cells("report") + cells("annex"):
            if source.startswith("from "):
                exec(source, names)
            elif only in source:
                output = eval(source, names)
                shown += [output] if output is not None else []
    return shown


@functools.cache
def report(language: str) -> tuple[display.Output, ...]:
    outputs = []
    for name in ("report", "annex"):
        for cell in documents.notebook(f"{name}-{language}").cells:
            outputs += [display.Output(each["data"], each["metadata"][display.META]) for each in cell.outputs]
    return tuple(outputs)


@functools.cache
def opened(language: str) -> Results:
    with at_home(peru().home):
        return page.open("peru-2005", language).results


def of_kind(language: str, kind: str) -> list[display.Output]:
    return [output for output in report(language) if output.meaning["kind"] == kind]


def texts(value) -> list[str]:
    """Every text in an output's data and meaning."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def grid(output: display.Output) -> list[list[str]]:
    """The texts of a table's rows, without group headings."""
    rows = [row["cells"] for row in output.data[display.TABLE]["rows"] if "cells" in row]
    return [[cell if isinstance(cell, str) else cell["text"] for cell in row] for row in rows]


def one_of(language: str, label: str) -> display.Output:
    (found,) = [output for output in report(language) if output.meaning.get("label") == label]
    return found


# --- the whole list ------------------------------------------------------------------------------------------------


@LANGUAGES
def test_every_cell_shows_something_of_a_known_kind(language):
    outputs = report(language)
    assert outputs[0].meaning["kind"] == "cover"
    assert {output.meaning["kind"] for output in outputs} == {"cover", "prose", "figure", "table"}
    labels = [output.meaning["label"] for output in outputs if "label" in output.meaning]
    assert len(labels) == len(set(labels))
    assert all(re.fullmatch(r"(fig|tbl)-[a-z0-9-]+", label) for label in labels)


def test_the_notebooks_show_every_figure_and_table_there_is():
    source = "\n".join(cells("report") + cells("annex"))
    for name in set(FIGURES) - {"published"}:
        assert f'figure("{name}"' in source
    for name in set(TABLES) - {"published"}:
        assert f'table("{name}"' in source
    assert 'published("figure")' in source and 'published("table")' in source


def test_both_languages_show_the_same_exhibits():
    english, spanish = report("en"), report("es")
    assert [o.meaning.get("label") for o in english] == [o.meaning.get("label") for o in spanish]
    for one, other in zip(english, spanish, strict=True):
        if display.TABLE in one.data:
            assert [len(row) for row in grid(one)] == [len(row) for row in grid(other)]


@LANGUAGES
def test_no_text_has_a_hole(language):
    for output in report(language):
        for text in texts([output.data, output.meaning]):
            assert not re.search(r"\bnan\b|\bNone\b|\{\{|\}\}|<NA>", text), (
                f"{output.meaning.get('label')}: {text[:300]}"
            )


@LANGUAGES
def test_references_lead_somewhere(language):
    outputs = report(language)
    prose = "\n".join(output.data["text/markdown"] for output in outputs if output.meaning["kind"] == "prose")
    declared = {o.meaning["label"] for o in outputs if "label" in o.meaning} | set(re.findall(r"\{#([\w-]+)", prose))
    assert set(re.findall(r"(?<!\\)@((?:fig|tbl|sec)-[\w-]+)", prose)) <= declared


@LANGUAGES
def test_captions_and_alt_texts_are_sentences(language):
    for output in of_kind(language, "figure") + of_kind(language, "table"):
        caption = output.meaning["caption"]
        assert caption and not caption.endswith(".")
        if output.meaning["kind"] == "figure":
            assert output.meaning["alt"].endswith(".")
            assert output.data["text/plain"] == output.meaning["alt"]


@LANGUAGES
def test_tables_are_rectangles_of_plain_text(language):
    for output in report(language):
        if display.TABLE not in output.data:
            continue
        content = output.data[display.TABLE]
        assert content["rows"], output.meaning["label"]
        assert {len(row) for row in grid(output)} == {len(content["columns"])}
        assert {column["align"] for column in content["columns"]} <= {"left", "right", "center", "decimal"}
        for spanner in content.get("spanners", []):
            assert 1 <= spanner["start"] <= spanner["end"] < len(content["columns"])
        json.dumps(content, allow_nan=False)


def test_a_mistyped_name_is_told_the_nearest():
    with at_home(peru().home):
        made = page.open("peru-2005", "en")
        with pytest.raises(ConfigurationError, match="did you mean 'coefficients'"):
            made.figure("coeficients")
        with pytest.raises(ConfigurationError, match="did you mean 'results'"):
            made.table("resuls")
        with pytest.raises(ConfigurationError, match="language"):
            page.open("peru-2005", "fr")


# --- figures -------------------------------------------------------------------------------------------------------


def svg_of(output: display.Output) -> ET.Element:
    return ET.fromstring(output.data["image/svg+xml"])


@LANGUAGES
def test_figures_are_vectors_with_text_as_text(language):
    figures = of_kind(language, "figure")
    assert len(figures) >= 7
    for output in figures:
        root = svg_of(output)
        assert not list(root.iter(f"{SVG}image")), output.meaning["label"]
        written = list(root.iter(f"{SVG}text"))
        assert len(written) > 3
        assert all("Source Sans Pro" in element.attrib["style"] for element in written)
        assert not re.search(r"<dc:date>|file:|/home/|/tmp/", output.data["image/svg+xml"])


@LANGUAGES
def test_figures_and_tables_draw_the_same_numbers_twice(language):
    """Drawn again the bytes are the same: no clock, no random id, no order of a set."""
    again = shown_by(peru().home, language, only='figure("coefficients")')
    assert again[0].data["image/svg+xml"] == one_of(language, "fig-coefficients").data["image/svg+xml"]


NUMBER = re.compile(r"[+−]?\d+(?:,\d{3})*(?:\.\d+)?")


# columns of a figure's table that hold what is drawn, where it has others
DRAWN = {"balance": (2,), "districts": (1, 2, 3), "map-of-differences": (1, 2)}


@LANGUAGES
def test_alt_texts_say_the_numbers_drawn(language):
    results, words = opened(language), Words(language)
    for output in of_kind(language, "figure"):
        label, alt = output.meaning["label"].removeprefix("fig-"), output.meaning["alt"]
        rows, said = grid(output), set(NUMBER.findall(alt))
        if label == "map-of-groups":  # how many of each; the districts' names are in its note and table
            for arm in ("pilot", "comparison"):
                assert words.counted(arm, sum(d.arm == arm for d in results.design.districts)) in alt
        elif label == "design":  # says how many of each, its marks are no numbers
            assert {"12", "2", "6"} <= said
        elif label == "timeline":  # says how far back the questions reach, in months
            assert {"2003", "2005", "12"} <= said
        elif label == "findings":  # levels in whole percent, as they are drawn, and the difference beside its bracket
            levels = [results.level(arm, wave, i) for i in results.primary for arm in ARMS for wave in ("2003", "2005")]
            drawn = [words.level(row.estimate, row.unit, 0) for row in levels] + [row[-1] for row in rows]
            assert {number for text in drawn for number in NUMBER.findall(text)} <= said
        elif label == "leave-one-out":  # the lowest and the highest
            for indicator in results.primary:
                without = [
                    row
                    for row in results.of("att", indicator=indicator.id, estimator="district_change")
                    if row.variant == "without"
                ]
                for row in (min(without, key=lambda r: r.estimate), max(without, key=lambda r: r.estimate)):
                    assert set(NUMBER.findall(words.difference(row.estimate, row.unit, *row.ends))) <= said
        else:
            columns = DRAWN.get(label, range(1, len(rows[0])))
            drawn = {number for row in rows for k in columns for number in NUMBER.findall(row[k])}
            assert drawn or label == "theory", label  # its boxes hold names
            assert drawn <= said, (label, sorted(drawn - said))


@LANGUAGES
def test_the_data_of_a_figure_are_rows_of_the_estimates(language):
    results, words = opened(language), Words(language)
    by_label = {words.text(i.label): i for i in results.design.indicators}
    rows = grid(one_of(language, "fig-coefficients"))
    assert {words.text(i.label) for i in results.primary} <= {row[0] for row in rows}
    for label, difference, interval in rows:
        row = results.answer(by_label[label])
        assert difference == words.difference(row.estimate, row.unit, *row.ends)
        assert interval == words.interval(row.ci_low, row.ci_high, row.unit)
    rows = grid(one_of(language, "fig-levels"))
    assert len(rows) == 2 * len(results.primary)
    for label, arm, *levels in rows:
        name = next(key for key in ("pilot", "comparison") if words.label("arm", key) == arm)
        found = [results.level(name, wave, by_label[label]) for wave in ("2003", "2005")]
        assert levels == [words.level(row.estimate, row.unit) for row in found]


def test_a_forest_of_many_indicators_keeps_to_its_page(monkeypatch):
    results, words = opened("en"), Words("en")
    monkeypatch.setattr(forest, "TALLEST", 3.0)
    drawn = forest.coefficients(results, words)
    names = [row[0] for row in drawn.data.rows]
    assert {words.text(i.label) for i in results.primary} <= set(names)
    assert drawn.canvas.get_figheight() <= 3.0 + 0.75  # the stamp and the margins
    assert len(names) < len(results.design.indicators)


def lines_of(axes: Axes) -> list[Line2D]:
    """The lines of a panel that are seen, without the discs that a reader points at."""
    return [line for line in axes.get_lines() if line.get_alpha() != 0]


def points(axes: Axes) -> list[float]:
    """Where the marks of a panel stand on the x axis."""
    return [float(x) for drawn in axes.collections for x, _ in drawn.get_offsets()]


def test_marks_stand_where_the_numbers_are():
    results, words = opened("en"), Words("en")
    drawn = FIGURES["coefficients"](results, words)
    by_label = {words.text(i.label): i for i in results.design.indicators}
    expected = []
    for label, *_ in drawn.data.rows:
        indicator = by_label[label]
        row = results.answer(indicator)
        percent = 100 if row.unit == "share" else 1
        better_to_the_right = -1 if indicator.better == "lower" else 1
        expected.append(row.estimate * percent * better_to_the_right)
    marks = [x for axes in drawn.canvas.axes for x in points(axes)]
    assert len(marks) > 10
    assert sorted(marks) == pytest.approx(sorted(expected))


def test_slopes_run_between_the_levels():
    results, words = opened("en"), Words("en")
    panels = FIGURES["levels"](results, words).canvas.axes[: len(results.primary)]
    for panel, indicator in zip(panels, results.primary, strict=True):
        thick = [list(line.get_ydata()) for line in lines_of(panel) if line.get_linewidth() > 2]
        assert thick == [
            [results.level(arm, wave, indicator).estimate for wave in ("2003", "2005")]
            for arm in ("pilot", "comparison")
        ]
        assert len(lines_of(panel)) == 2 + 12


def test_of_many_districts_left_out_those_that_move_the_answer_most_are_drawn(monkeypatch):
    results, words = opened("en"), Words("en")
    few = certainty.leave_one_out(results, words)
    all_of_few = dict(**few.values)
    assert not all_of_few["not_all"]
    assert len(few.data.rows) == len(results.design.districts) * len(results.primary)
    monkeypatch.setattr(certainty, "MOST", 4)
    many = certainty.leave_one_out(results, words)
    for indicator in results.primary:
        without = {
            words.variant(results.design, r): r.estimate
            for r in results.of("att", indicator=indicator.id, estimator="district_change")
            if r.variant == "without"
        }
        order = sorted(without, key=without.__getitem__)
        shown = [row[1] for row in many.data.rows if row[0] == words.text(indicator.label)]
        assert shown == order[:2] + order[-2:]
    marks = [len(series.get_offsets()) for axes in many.canvas.axes for series in axes.collections]
    assert marks == [4] * len(results.primary)
    for key in ("alt", "note"):
        said = words.label("figure", "leave_one_out", key, **many.values)
        assert f" {len(results.design.districts)} " in said
        assert said != words.label("figure", "leave_one_out", key, **all_of_few)
    assert all_of_few["sentences"] in words.label("figure", "leave_one_out", "alt", **many.values)


# --- tables --------------------------------------------------------------------------------------------------------


@LANGUAGES
def test_the_table_of_results_shows_levels_difference_and_interval_of_every_indicator(language):
    results, words = opened(language), Words(language)
    shown = {row[0]: row for row in grid(one_of(language, "tbl-results"))}
    for indicator in results.design.indicators:
        cells = shown[words.measured(indicator)]
        row = results.answer(indicator)
        levels = [results.level(arm, wave, indicator) for arm in ("pilot", "comparison") for wave in ("2003", "2005")]
        assert cells[1:5] == [words.level(level.estimate, level.unit) for level in levels]
        assert cells[5] == words.difference(row.estimate, row.unit, *row.ends)
        assert cells[6] == words.interval(row.ci_low, row.ci_high, row.unit)
        assert (row.estimand, row.variant, row.district) == ("att", "main", "pooled")
        assert row.estimator == results.headline.estimator


@LANGUAGES
def test_of_many_districts_no_drift_of_a_single_one_is_named(language, monkeypatch):
    results, words = opened(language), Words(language)

    def note() -> str:
        return words.label("table", "breakdown", "note", **TABLES["breakdown"](results, words).values)

    few, of_few = findings.facts(results, words)["firmness"], note()
    assert few
    monkeypatch.setattr(exhibits_results, "MOST", 5)
    assert findings.facts(results, words)["firmness"] == ""
    assert note() != of_few


@LANGUAGES
def test_the_sample_table_adds_up(language):
    rows = grid(one_of(language, "tbl-sample"))
    numbers = [[int(cell.replace(",", "")) for cell in row[1:3]] for row in rows]
    assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]
    assert sum(numbers[-1]) == len(peru().data)


@LANGUAGES
def test_every_indicator_is_in_the_codebook_and_in_the_results(language):
    words = Words(language)
    indicators = peru().design.indicators
    labels = sorted(words.text(i.label) for i in indicators)
    measured = sorted(words.measured(i) for i in indicators)
    for name, known in {"tbl-codebook": labels, "tbl-results": measured, "tbl-missing": labels}.items():
        assert sorted(row[0] for row in grid(one_of(language, name))) == known, name


def test_calibrated_margins_are_printed_as_published():
    results, words = opened("en"), Words("en")
    printed = {"more_or_less_safe": ("36%", "49%"), "very_insecure": ("27%", "8%"), "street_robbery": ("38%", "25%")}
    for name, expected in printed.items():
        levels = [results.level("pilot-1", wave, results.design.indicator(name)) for wave in ("2003", "2005")]
        assert tuple(words.level(row.estimate, row.unit, 0) for row in levels) == expected
    rows = grid(one_of("en", "tbl-published"))
    assert [(row[1], row[2]) for row in rows] == list(printed.values())


@LANGUAGES
def test_published_figures_are_computed_from_the_published_alone(language):
    """Other answers in the survey move nothing in that chapter."""
    built = peru()
    results = opened(language)
    other = results.table.assign(estimate=results.table["estimate"] + 0.01)
    moved = Results(built.design, other, results.sample)
    words = Words(language)
    drawn = [FIGURES["published"](r, words).data.content() for r in (results, moved)]
    assert drawn[0] == drawn[1]
    tables = [TABLES["published"](r, words).grid.rows for r in (results, moved)]
    assert [row[:-1] for row in tables[0]] == [row[:-1] if len(row) == len(tables[0][0]) else row for row in tables[1]]


# --- the stamp -----------------------------------------------------------------------------------------------------


@LANGUAGES
def test_synthetic_data_are_stamped_on_the_cover_and_inside_each_figure(language):
    words = Words(language)
    assert report(language)[0].meaning["stamp"] == words.label("document", "stamp")
    for output in of_kind(language, "figure"):
        name = output.meaning["label"].removeprefix("fig-").replace("-", "_")
        written = [element.text for element in svg_of(output).iter(f"{SVG}text")]
        if name in NOT_OF_DATA and name != "published":
            assert not any(STAMP.search(text or "") for text in written), name
            continue
        stamp = words.label("document", "published" if name == "published" else "stamp")
        assert stamp in written, name


@LANGUAGES
def test_methods_declarations_and_real_figures_carry_no_mark(language):
    mark = Words(language).label("document", "mark")
    for output in of_kind(language, "table"):
        name = output.meaning["label"].removeprefix("tbl-")
        assert (output.meaning.get("stamp") == mark) == (name not in NOT_OF_DATA), name


@pytest.fixture(scope="module")
def real_home(tmp_path_factory) -> Path:
    """The same evaluation, declared real."""
    home = tmp_path_factory.mktemp("real")
    shutil.copytree(peru().home / "data", home / "data")
    file = home / "data/raw/peru-2005/evaluation.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("kind: synthetic") >= 1
    text = re.sub(r"(?m)^  kind: synthetic.*$", "  kind: real", text)
    text = re.sub(r"(?m)^  truth: .*$", "", text)
    for said, real in (("encuesta simulada", "encuesta"), (" [Synthetic data]", ""), (" [Datos simulados]", "")):
        text = text.replace(said, real)  # what its declared texts say of it
    file.write_text(re.sub(r"(?m)# .*$", "", text), encoding="utf-8")
    return home


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "es"])
def test_real_data_are_stamped_nowhere(language, real_home):
    outputs = shown_by(real_home, language)
    assert outputs[0].meaning["stamp"] == ""
    for output in outputs:
        for text in texts([output.data, output.meaning]):
            assert not STAMP.search(text), f"{output.meaning.get('label', output.meaning['kind'])}: {text[:300]}"


@LANGUAGES
def test_a_caution_stands_in_the_stamp(language, real_home, tmp_path):
    shutil.copytree(real_home / "data", tmp_path / "data")
    file = tmp_path / "data/raw/peru-2005/evaluation.yaml"
    file.write_text(
        file.read_text(encoding="utf-8") + "\ncaution: {en: Handle with care, es: Con cuidado}\n", encoding="utf-8"
    )
    covers = shown_by(tmp_path, language, only="cover()")
    assert len(covers) == 2  # of the report and of its annex
    assert {cover.meaning["stamp"] for cover in covers} == {{"en": "Handle with care", "es": "Con cuidado"}[language]}


# --- other shapes of design ----------------------------------------------------------------------------------------

SHAPES = {
    "one pilot": {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"},
    "one comparison": {"a": "pilot", "b": "pilot", "e": "pilot", "c": "comparison"},
    "one each": {"a": "pilot", "c": "comparison"},
    "no comparison": {"a": "pilot", "b": "pilot"},
    "neighbour": {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison", "e": "neighbour"},
}
YES = {"a": (16, 26, 27), "b": (20, 26, 24), "c": (20, 22, 20), "d": (18, 18, 19), "e": (20, 19, 19)}


def small(districts, waves=2, **changes) -> Results:
    indicators = [
        {"id": "safe", "label": "Feels safe", "column": "safe", "yes": ["yes"], "better": "higher", "role": "primary"},
        {"id": "trust", "label": "Trust", "column": "trust", "scale": [1, 7], "role": "placebo", "family": "placebo"},
    ]
    design = a_design(districts, waves, **{"indicators": indicators} | changes)
    yes = shares(40, **{name: YES[name][:waves] for name in districts})
    data = a_survey(safe=yes, trust={cell: [1 + 3 * x for x in answers] for cell, answers in yes.items()})
    counted = data.groupby(["district", "wave"]).size().reset_index(name="n")
    kinds = [("", "interviews"), ("safe", "answered"), ("trust", "answered")]
    sample = pd.concat([counted.assign(indicator=name, kind=kind) for name, kind in kinds])
    return Results(design, estimate.rounded(plan.estimates(design, data)), sample)


def test_prose_in_html_has_its_references_as_links():
    shown = display.prose("# Key findings {#sec-answer .appendix}\n\n@fig-findings shows them; me@fig-1.org does not.")
    page = shown.data["text/html"]
    assert page.startswith('<a id="sec-answer"></a><h1>Key findings</h1>')
    assert '<a href="#fig-findings">fig-findings</a> shows them' in page
    assert "me@fig-1.org" in page
    assert "text/html" not in display.prose("**Nothing** of ours, {# 1 }.").data


@LANGUAGES
def test_the_html_of_a_cell_has_captions_descriptions_and_no_markup_of_ours(language):
    for output in report(language):
        page, meaning = output.data.get("text/html", ""), output.meaning
        assert "{#" not in page
        assert not re.search(r"(?<!\w)@(fig|tbl|sec)-", page)
        if meaning["kind"] in ("figure", "table") and meaning["caption"]:
            assert f'<figure id="{meaning["label"]}"' in page
            assert html.escape(meaning["caption"]) in page
        if meaning["kind"] == "figure":
            assert f'alt="{html.escape(meaning["alt"])}"' in page


def test_last_bits_of_a_layout_do_not_reach_the_svg():
    drawn = []
    with matplotlib.rc_context({"svg.hashsalt": "evaluation"}):
        for nudge in (0.0, 1e-16):
            axes = (canvas := Figure()).add_axes((0.125, 0.1 + nudge, 0.8, 0.7))
            axes.plot([0, 1], [0, 1], marker="o")
            drawn.append(display.svg(canvas))
    assert 0.1 != 0.1 + 1e-16
    assert drawn[0] == drawn[1]
    names = set(re.findall(r'id="([pm]\d+)"', drawn[0]))
    assert names and names <= set(re.findall(r"#([pm]\d+)", drawn[0]))


def build_all(results: Results) -> dict[str, display.Output]:
    words = Words("en")
    one = len(results.primary) == 1
    made = {}
    for name, draw in FIGURES.items():
        if name != "published" and (drawn := draw(results, words)) is not None:
            filled = {
                k: words.label("figure", name, k, one_primary=one, **drawn.values) for k in ("caption", "alt", "note")
            }
            made[name] = display.figure(
                drawn.canvas, name, filled["caption"], filled["alt"], filled["note"], drawn.data
            )
    for name, build in TABLES.items():
        if name != "published" and (built := build(results, words)) is not None:
            filled = {k: words.label("table", name, k, one_primary=one, **built.values) for k in ("caption", "note")}
            made[f"table {name}"] = display.table(built.grid, name, filled["caption"], filled["note"])
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_every_exhibit_builds_in_every_shape(shape):
    made = build_all(small(SHAPES[shape]))
    assert {"findings", "levels", "coefficients", "timeline", "design", "table results"} <= made.keys()
    for name, output in made.items():
        for text in texts([output.data, output.meaning]):
            assert not re.search(r"\bnan\b|\bNone\b|<NA>", text), f"{name}: {text[:300]}"
    if shape == "no comparison":
        assert "specifications" not in made
        made.pop("table scale")  # describes designs of every level
        made.pop("table trend")  # as does the checklist
        said = " ".join(texts([[o.data, o.meaning] for o in made.values()]))
        assert "omparison" not in said


def test_three_waves_show_what_led_up_to_the_start():
    made = build_all(small(SHAPES["neighbour"], waves=3, start="2005-01"))
    assert "events" in made
    assert len(grid(made["events"])) == 2  # a wave before the base, and the one after the start


def test_a_suppressed_level_is_named_and_not_drawn():
    results = small(SHAPES["neighbour"])
    cells = [("a", "w2", "safe"), ("b", "w2", "safe")]
    design = results.design
    data = a_survey(safe=shares(40, **{name: YES[name][:2] for name in SHAPES["neighbour"]}), trust={})
    hidden = Results(design, estimate.rounded(plan.estimates(design, data, frozenset(cells))), results.sample)
    own = TABLES["districts"](hidden, Words("en")).grid.rows
    assert [row[1] for row in own if not isinstance(row, str)][:2] == ["suppressed", "suppressed"]
    fewer, all_of_them = (FIGURES["levels"](each, Words("en")).canvas.axes[0] for each in (hidden, results))
    assert len(lines_of(fewer)) == len(lines_of(all_of_them)) - 3  # with their mean
