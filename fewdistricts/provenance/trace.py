"""Where a published number comes from: the row of the estimates, the notebook and cell that made it, the method, the
files. In English, with the numbers as they are in estimates.csv."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fewdistricts import design as declared
from fewdistricts import paths
from fewdistricts.design import Design, Indicator
from fewdistricts.errors import ConfigurationError, DataError, Problem, nearest
from fewdistricts.estimates import estimate
from fewdistricts.estimates.catalogue import ESTIMATORS, made_by
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.provenance.origin import sha256

MAKES_ROWS = ("study.estimate()", "study.cell(")
"""What the cell of a notebook calls that computes rows."""

SHOWS = {"level": "cell.levels()", "change": "cell.changes()", "did": "cell.beside(", "att": "answers.set_index("}
"""What the cell of a notebook calls that shows rows of an estimand."""

MOST = 20  # rows that a question with several answers lists


def trace(evaluation: str, wanted: Sequence[str]) -> str:
    """All there is to know of the row of this id, end of an id, or values of the key (`att street_robbery pooled`).

    ConfigurationError where no row or several are meant; DataError before the first build.
    """
    design = declared.load(evaluation)
    file = paths.processed(evaluation) / "estimates.parquet"
    if not file.exists():
        raise DataError(Problem(paths.shown(file), "no estimates", "", f"`make report EVALUATION={evaluation}`"))
    row = _find(pd.read_parquet(file), wanted)
    parts = [_estimate(row), _notebook(design, row), _method(row), *_question(design, row), _files(design, row)]
    return "\n".join([row["row_id"], *(line for part in parts for line in part)])


def _find(rows: pd.DataFrame, wanted: Sequence[str]) -> dict[str, Any]:
    """The one row of this id, end of an id, or values of the key."""
    words = [word.removeprefix("#") for word in wanted]
    keys: list[Any] = rows[estimate.KEY].to_dict("records")
    places = _by_id(rows["row_id"], words) or _by_key(keys, words)
    if not places:
        values = {str(value) for key in keys for value in key.values() if not pd.isna(value)}
        unknown = [word for word in words if word not in values] or words
        near = nearest(unknown[0], [*values, *rows["row_id"]])
        raise ConfigurationError(Problem(" ".join(wanted), "no such row", "an id, or values of its key", near))
    if len(places) > 1:
        listed = [f"{rows['row_id'].iloc[place]}  {_shown(keys[place])}" for place in places[:MOST]]
        if len(places) > MOST:
            listed.append(f"and {len(places) - MOST} more")
        several = f"{len(places)} rows:\n  " + "\n  ".join(listed)
        raise ConfigurationError(Problem(" ".join(wanted), several, "one row", "give its id, or more of its values"))
    return dict(zip(rows.columns, rows.iloc[places[0]], strict=True))


def _by_id(ids: Iterable[str], words: Sequence[str]) -> list[int]:
    """Places of the rows whose id, or its end, is the only word."""
    if len(words) != 1:
        return []
    (word,) = words
    return [place for place, row_id in enumerate(ids) if row_id == word or row_id.endswith(f"-{word}")]


def _by_key(keys: Sequence[dict[str, Any]], words: Sequence[str]) -> list[int]:
    """Places of the rows that have all these values; a question that names no subgroup is about everyone."""
    places = [place for place, key in enumerate(keys) if set(words) <= {str(value) for value in key.values()}]
    about_everyone = [place for place in places if keys[place]["subgroup"] in ("", *words)]
    return about_everyone or places


def _shown(key: dict[str, Any]) -> str:
    """The values of a key that are there, in the order of the columns."""
    return " ".join(f"{v}" for n, v in key.items() if n != "evaluation" and not pd.isna(v) and v not in ("", "main"))


def _line(name: str, text: str) -> str:
    return f"  {name:<10} {text}"


def _estimate(row: dict[str, Any]) -> list[str]:
    key = [f"{name} {row[name]}" for name in estimate.KEY if not pd.isna(row[name]) and row[name] != ""]
    rest = [c for c in estimate.COLUMNS if c not in ("row_id", *estimate.KEY) and not pd.isna(row[c]) and row[c] != ""]
    values = [f"{c} {row[c]:.10g}" if isinstance(row[c], float) else f"{c} {row[c]}" for c in rest]
    return [_line("row", ", ".join(key)), _line("estimate", ", ".join(values))]


def _notebook(design: Design, row: dict[str, Any]) -> list[str]:
    """The cell that made the row, and the cell that shows it."""
    lines = _cells(paths.NOTEBOOKS / "pooled.ipynb", row["estimand"], "pooled.ipynb", design)
    own = row["estimand"] in ("level", "change", "did") and row["district"] in {d.id for d in design.districts}
    if own and row["district"] in {d.id for d in design.notebook_districts}:
        executed = f"district_wave/{row['district']}-{row['wave']}.ipynb"
        lines += _cells(paths.NOTEBOOKS / "district_wave.ipynb", row["estimand"], executed, design)
    return lines


def _cells(notebook: Path, estimand: str, executed: str, design: Design) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = {k: "".join(c["source"]).strip() for k, c in enumerate(cells, 1) if c["cell_type"] == "code"}
    made = next(k for k, source in sources.items() if any(call in source for call in MAKES_ROWS))
    words = (SHOWS.get(estimand, ""), f"estimand == '{estimand}'", f'["estimand"] == "{estimand}"')
    shown = [k for k, source in sources.items() if any(word and word in source for word in words)]
    text = f"{paths.shown(notebook)}, cell {made}" + "".join(f", shown by cell {k}" for k in shown if k != made)
    file = paths.processed(design.evaluation) / executed
    there = f"; with its outputs: {paths.shown(file)}" if file.exists() else ""
    return [_line("notebook", text + there)]


def _method(row: dict[str, Any]) -> list[str]:
    """What the row is called, and the module that says how it is computed."""
    words = Words("en")
    name = f"{words.label('estimand', row['estimand'])}: {words.label('estimator', row['estimator'])}"
    parts = [name, row["variant"], row["variant_of"], row["se_type"]]
    module = inspect.getmodule(made_by(row["estimand"], row["estimator"]))
    assert module is not None
    assert module.__file__ is not None
    summary = " ".join((module.__doc__ or "").partition("\n\n")[0].split())
    file = Path(module.__file__).relative_to(paths.PROJECT).as_posix()
    source = ESTIMATORS[row["estimator"]].source
    return [
        _line("method", ", ".join(part for part in parts if part and part != "main")),
        _line("", f"{file}: {summary}"),
        _line("source", source),
    ]


def _question(design: Design, row: dict[str, Any]) -> Iterable[list[str]]:
    """What was asked of whom; nothing for an index or a covariate."""
    indicator = next((i for i in design.indicators if i.id == row["indicator"]), None)
    if indicator is None:
        return
    first = design.report.languages[0]
    among = "; ".join(f"{column}: {', '.join(codes)}" for column, codes in indicator.among.items())
    text = _made_of(indicator) + (f"; among {among}" if among else "")
    yield [_line("indicator", text), _line("question", (indicator.question or indicator.label)[first])]


def _made_of(indicator: Indicator) -> str:
    """The columns or indicators that an indicator is made of, and what counts."""
    counted = indicator.yes or indicator.contains
    if indicator.rule:
        text = f"{indicator.rule} {', '.join(indicator.parts)}"
        return f"{text}; counted: {', '.join(counted)}" if counted else text
    text = f"column {indicator.column}"
    if indicator.band is not None:
        return f"{text}; counted: {indicator.band}"
    return f"{text}; counted: {', '.join(counted)}" if counted else f"{text}; mean"


def _files(design: Design, row: dict[str, Any]) -> list[str]:
    raw = paths.raw(design.evaluation)
    waves = {row["wave"], row["baseline_wave"]} & {w.id for w in design.waves}
    used = [f for f in design.data.files if f.wave is None or not waves or f.wave in waves]
    files = [raw / "evaluation.yaml", *(raw / f.path for f in used)]
    return [
        _line("data", f"{paths.shown(f)}, sha256 {sha256(f) if f.exists() else 'unknown: not here'}") for f in files
    ]
