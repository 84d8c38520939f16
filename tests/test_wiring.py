"""What CONTRIBUTING says of adding something: the files it names are enough, and the addition appears everywhere.

Each test copies the package, edits the copy as CONTRIBUTING says, and looks at what a process that imports it makes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fewdistricts.paths import PROJECT

SMALL = """
import json, sys
sys.path.insert(0, {support!r})
from surveys import a_design, a_survey, shares
from fewdistricts.estimates import estimate, pipeline
from fewdistricts.exhibits import spreadsheets

design = a_design({{"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}},
    indicators=[{{"id": "safe", "label": "Feels safe", "column": "safe", "yes": ["yes"], "role": "primary"}}])
data = a_survey(safe=shares(40, a=(8, 12), b=(10, 16), c=(10, 11), d=(9, 8)))
rows = estimate.rounded(pipeline.estimates(design, data))
"""


class Copy:
    """A copy of the package that a test edits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PROJECT / "fewdistricts", folder / "fewdistricts", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("docs", "notebooks"):
            shutil.copytree(PROJECT / name, folder / name)

    def insert(self, file: str, before: str, lines: str) -> None:
        """Put lines before a text that stands once in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{file}: {before}"
        path.write_text(text.replace(before, lines + before), encoding="utf-8")

    def printed(self, code: str) -> dict[str, Any]:
        """What a process with the edited package prints, as JSON."""
        support = str(PROJECT / "tests" / "support")
        given = str(PROJECT / "data" / "raw" / "peru-2005")
        done = subprocess.run(
            [sys.executable, "-c", SMALL.format(support=support) + code],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(self.folder), given])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def copy(tmp_path) -> Copy:
    return Copy(tmp_path)


def test_a_new_column_is_one_field(copy):
    field = '    loudness: Annotated[float, _number("how loud it was", "decibel", "digits")] = nan\n'
    copy.insert("fewdistricts/estimates/estimate.py", "    data_kind: Annotated", field)
    made = copy.printed("""
import io, openpyxl, runpy
book = openpyxl.load_workbook(io.BytesIO(spreadsheets.as_excel(rows, design)))
print(json.dumps({
    "csv": spreadsheets.as_csv(rows).decode().splitlines()[0].split(","),
    "sheet": [cell.value for cell in book["estimates"][1]],
    "dictionary": [[cell.value for cell in row] for row in book["columns"].iter_rows()],
    "schema": str(estimate.schema().field("loudness").type),
    "page": runpy.run_path("docs/tables.py")["estimates"](),
    "read": str(estimate.read(rows)[0].loudness),
}))
""")
    assert made["csv"].index("loudness") == made["sheet"].index("loudness") == made["csv"].index("data_kind") - 1
    (row,) = [row for row in made["dictionary"] if row[0] == "loudness"]
    assert {"how loud it was", "decibel", "8 significant digits"} <= set(row)
    assert made["schema"] == "double"
    assert made["read"] == "nan"
    assert "| `loudness` | number | decibel | 8 significant digits | how loud it was |" in made["page"]


def test_a_new_estimator_is_a_function_an_entry_and_words(copy):
    (copy.folder / "fewdistricts" / "inference" / "coin.py").write_text(
        '''"""A coin is tossed for every evaluation."""

from fewdistricts.inference.result import Inference


def toss(difference: float) -> Inference:
    """The difference, and a p value that does not depend on it."""
    return Inference(estimate=difference, p_value=0.5, ci_low=-1.0, ci_high=1.0)
''',
        encoding="utf-8",
    )
    estimators, catalogue = "fewdistricts/estimates/estimators.py", "fewdistricts/estimates/catalogue.py"
    copy.insert(
        estimators,
        "def placebo_rank(contrast",
        '''def coin(contrast: Contrast) -> Iterator[Result]:
    """The coin, heads and tails."""
    from fewdistricts.inference.coin import toss

    difference = contrast.changes.estimate[contrast.pilot].mean() - contrast.changes.estimate[~contrast.pilot].mean()
    yield "main", "", toss(difference)
    yield "unweighted", "", toss(difference)


''',
    )
    copy.insert(catalogue, "Variant = Literal[", "from fewdistricts.inference.coin import toss\n\n")
    copy.insert(
        catalogue,
        '    "taylor": Estimator(',
        """    "coin": Estimator(
        function=toss,
        source="Nobody 2005",
        allowed=("several",),
        estimate=estimators.coin,
        robustness=("unweighted",),
        glossary="coin",
        simulation={"coin": "coin"},
    ),
""",
    )
    texts = "fewdistricts/exhibits/text/texts"
    for language in sorted(path.parent.name for path in (copy.folder / texts).glob("*/labels.yaml")):
        copy.insert(f"{texts}/{language}/labels.yaml", "  placebo_rank:", f"  coin: a coin in {language}\n")
        copy.insert(f"{texts}/{language}/annex.yaml", "  rank: {term", "  coin: {term: Coin, means: It is tossed.}\n")
    made = copy.printed("""
import runpy
import pandas as pd
from fewdistricts.estimates import catalogue
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.provenance import trace

results = Results(design, rows, pd.DataFrame(columns=["district", "wave", "indicator", "kind", "n"]))
row = next(row for row in results.rows if row.estimator == "coin" and row.variant == "main")
docs = runpy.run_path("docs/tables.py")
print(json.dumps({
    "estimate": row.estimate,
    "trace": trace._method(vars(row)),
    "side by side": str(TABLES["inference"](results, Words("en")).grid.rows),
    "robustness": str(TABLES["robustness"](results, Words("en")).grid.rows),
    "glossary": str(TABLES["glossary"](results, Words("en")).grid.rows),
    "page": docs["estimates"](),
    "simulated": list(docs["METHODS"]),
}))
""")
    assert made["estimate"] == pytest.approx((0.1 + 0.15) / 2 - (0.025 - 0.025) / 2)
    assert "fewdistricts/inference/coin.py: A coin is tossed for every evaluation." in " ".join(made["trace"])
    assert "Nobody 2005" in " ".join(made["trace"])
    assert "a coin in en" in made["side by side"]
    assert "a coin in en: unweighted" in made["robustness"]
    assert "It is tossed." in made["glossary"]
    assert "| `coin` | a coin in en |" in made["page"]
    assert "coin" in made["simulated"]


LANGUAGE = """
from fewdistricts import commands, languages
from fewdistricts import design as declared
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.run import graph

design = design.model_copy(update={"report": design.report.model_copy(update={"languages": ("en", "qu")})})
steps = graph.steps_of(design, design.report.languages)
print(json.dumps({
    "languages": languages.available(),
    "help": commands._parser().format_help() and [
        action.choices for action in commands._parser()._subparsers._group_actions[0].choices["report"]._actions
        if action.dest == "languages"
    ][0],
    "schema": declared.schema()["$defs"]["Report"]["properties"]["languages"]["items"]["enum"],
    "steps": [step.name for step in steps],
    "word": Words("qu").label("arm", "pilot"),
}))
"""


def test_a_new_language_is_one_folder(copy):
    texts = copy.folder / "fewdistricts/exhibits/text/texts"
    shutil.copytree(texts / "en", texts / "qu")
    made = copy.printed(LANGUAGE)
    folders = sorted(path.name for path in texts.iterdir())
    assert made["languages"] == made["help"] == made["schema"] == folders
    assert {"report:qu", "publish:report-qu.pdf", "publish:report-qu.html", "slides:qu"} <= set(made["steps"])
    assert made["word"]


def test_a_new_format_is_one_entry(copy):
    copy.insert(
        "fewdistricts/run/formats.py", '    Format("slides", "pdf"', '    Format("report", "md", "markdown"),\n'
    )
    made = copy.printed("""
from pathlib import Path
import nbformat
from fewdistricts import paths
from fewdistricts.run import graph, steps

made = {step.name: step for step in graph.steps_of(design, ["en"])}
step = made["publish:report-en.md"]
home, executed, page, exporter, carried = step.arguments
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page")])
executed.parent.mkdir(parents=True)
nbformat.write(notebook, executed)
step.function(*step.arguments)
print(json.dumps({
    "text": page.read_text(),
    "place": page.relative_to(paths.staged(design.evaluation)).as_posix(),
    "set": [path.name for path in made["exchange"].writes],
    "listed": [path.name for path in made["manifest"].reads],
}))
""")
    assert made["text"].strip() == "# A page"
    assert made["place"] == "report-en.md"
    assert "report-en.md" in made["set"] and "report-en.md" in made["listed"]


def test_a_new_exhibit_is_a_function_and_its_words(copy):
    (copy.folder / "fewdistricts" / "exhibits" / "tables" / "loudness.py").write_text(
        '''"""How loud it was."""

from fewdistricts.exhibits.display import Column, Grid
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.wording import Words


def loudness(results: Results, words: Words) -> Table:
    """The answer of every primary outcome."""
    rows = [results.answer(indicator) for indicator in results.primary]
    return Table(Grid([Column("What")], [[row.cell(words.number(row.estimate, 3))] for row in rows]))
''',
        encoding="utf-8",
    )
    tables = "fewdistricts/exhibits/tables/__init__.py"
    copy.insert(tables, "\n_ALL = (", "from fewdistricts.exhibits.tables.loudness import loudness\n")
    copy.insert(tables, "\n)  # fmt: skip", "\n    loudness,")
    texts = "fewdistricts/exhibits/text/texts"
    for file in (copy.folder / texts).glob("*/exhibits.yaml"):
        words = f"  loudness: {{caption: Loudness in {file.parent.name}, note: It was measured.}}\n"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("\ntable:\n", f"\ntable:\n{words}"), encoding="utf-8")
    made = copy.printed("""
import pandas as pd
from fewdistricts import languages
from fewdistricts.exhibits.cited import cited
from fewdistricts.exhibits.documents.report import Report
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words

class OfDesign(Report):
    def __init__(self, language):
        self.design, self.words = design, Words(language)
        self.results = Results(design, rows, pd.DataFrame(columns=["district", "wave", "indicator", "kind", "n"]))

captions, shown = {}, {}
for language in languages.available():
    data, meaning = OfDesign(language).table("loudness")._repr_mimebundle_()
    captions[language] = meaning["nbaccessible"]["caption"]
    output = {"data": data, "metadata": meaning}
    shown[language] = list(cited({"cells": [{"outputs": [output]}]}))
results = Results(design, rows, pd.DataFrame())
print(json.dumps({"captions": captions, "shown": shown, "row": results.answer(results.primary[0]).row_id}))
""")
    assert all(caption == f"Loudness in {language}" for language, caption in made["captions"].items())
    assert all(shown == [["tbl-loudness", [made["row"]]]] for shown in made["shown"].values())


SURVEY = """
import os
from pathlib import Path
from fewdistricts import design as declared
from fewdistricts import survey

home = Path(os.environ["EVALUATION_HOME"] if "EVALUATION_HOME" in os.environ else ".")
raw = home / "data" / "raw" / "small"
raw.mkdir(parents=True)
"""


def test_a_new_input_format_is_a_function_and_an_entry(copy):
    (copy.folder / "fewdistricts" / "survey" / "lines.py").write_text(
        '''"""A JSON object a line."""

import json

from fewdistricts.survey.source import Source, of_cells


def open_lines(path, where, file):
    """The objects, with the keys of the first as columns."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    columns = tuple(records[0])
    rows = [[record[column] for column in columns] for record in records]

    def batches(places):
        yield of_cells(rows, places)

    return Source(columns, batches, first_row=1)
''',
        encoding="utf-8",
    )
    formats = "fewdistricts/survey/formats.py"
    copy.insert(formats, "from fewdistricts.survey.source import", "from fewdistricts.survey.lines import open_lines\n")
    copy.insert(formats, '    ".parquet": Format(open_parquet, is_binary=True),', '    ".jsonl": Format(open_lines),\n')
    made = copy.printed(
        SURVEY
        + """
from small_survey import DECLARATION, HEADER, ROWS
from fewdistricts import draft
from fewdistricts.errors import EvaluationError

lines = [json.dumps(dict(zip(HEADER, row))) for row in ROWS]
(raw / "survey.jsonl").write_text("\\n".join(lines))
data = DECLARATION["data"] | {"files": [{"path": "survey.jsonl"}]}
(raw / "evaluation.yaml").write_text(json.dumps(DECLARATION | {"data": data}))
survey.build(declared.load("small"))
respondents = survey.load("small")
(raw / "survey.unknown").write_text("?")
data = DECLARATION["data"] | {"files": [{"path": "survey.unknown"}]}
(raw / "evaluation.yaml").write_text(json.dumps(DECLARATION | {"data": data}))
try:
    survey.build(declared.load("small"))
except EvaluationError as error:
    refusal = str(error)
drafted = draft.look(raw / "survey.jsonl")
print(json.dumps({"safe": respondents["feels_safe"].dropna().tolist(), "refusal": refusal, "drafted": str(drafted)}))
"""
    )
    assert sorted(made["safe"]) == [0.0] * 4 + [1.0] * 4
    assert ".jsonl" in made["refusal"]
    assert "victim" in made["drafted"]


def test_a_new_key_of_evaluation_yaml_is_one_field(copy):
    field = '    loudness: Annotated[int, Field(ge=0)] = 3\n    """How loud it was, in decibels."""\n'
    copy.insert("fewdistricts/design/blocks.py", "    cost: Cost | None = None", field)
    made = copy.printed(
        SURVEY
        + """
from small_survey import DECLARATION
from fewdistricts.errors import EvaluationError
from fewdistricts.run import settings

def declared_with(value):
    intervention = DECLARATION["intervention"] | {"loudness": value}
    (raw / "evaluation.yaml").write_text(json.dumps(DECLARATION | {"intervention": intervention}))
    return declared.load("small")

try:
    declared_with(-1)
except EvaluationError as error:
    refusal = str(error)
quiet, loud = declared_with(3), declared_with(90)
print(json.dumps({
    "value": loud.intervention.loudness,
    "refusal": refusal,
    "schema": declared.schema()["$defs"]["Intervention"]["properties"]["loudness"]["description"],
    "page": declared.reference(),
    "made anew": settings.whole(quiet) != settings.whole(loud),
}))
"""
    )
    assert made["value"] == 90
    assert "loudness" in made["refusal"] and "evaluation.yaml" in made["refusal"]
    assert made["schema"] == "How loud it was, in decibels."
    (line,) = [line for line in made["page"].splitlines() if line.startswith("| `loudness`")]
    assert "How loud it was, in decibels." in line and "at least 0" in line
    assert made["made anew"]
