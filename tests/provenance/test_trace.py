"""From a number in the report to its row, its notebook, its method and its files."""

from __future__ import annotations

import hashlib

import nbformat
import pandas as pd
import pytest
from surveys import at_home, peru

from fewdistricts import paths
from fewdistricts.commands import run as main
from fewdistricts.errors import ConfigurationError, DataError
from fewdistricts.estimates import estimate
from fewdistricts.provenance.trace import trace

KEY = {
    "evaluation": "small",
    "district": "pooled",
    "wave": "",
    "baseline_wave": "2003",
    "cohort": "",
    "event_time": -1,
    "indicator": "feels safe=a bit (é)",
    "estimand": "att",
    "estimator": "cr2",
    "subgroup": "",
    "variant": "main",
    "variant_of": "",
}


def test_an_id_is_made_of_the_key_alone():
    lines = "small\npooled\n\n2003\n\n-1\nfeels safe=a bit (é)\n\natt\ncr2\nmain\n"
    short = hashlib.sha256(lines.encode()).hexdigest()[:8]
    assert estimate.row_id(KEY) == f"est-att-feels-safe-a-bit-{short}"
    assert estimate.row_id({**KEY, "event_time": -1.0, "estimate": 3.0}) == estimate.row_id(KEY)
    assert estimate.row_id({**KEY, "event_time": pd.NA}) != estimate.row_id(KEY)
    assert estimate.row_id({**KEY, "event_time": pd.NA}) == estimate.row_id({**KEY, "event_time": float("nan")})


def test_every_row_has_an_id_of_its_own_and_it_says_what_the_row_is():
    keys = peru().rows[estimate.KEY].to_dict("records")
    ids = [estimate.row_id(key) for key in keys]
    assert len(set(ids)) == len(ids)
    assert all(f"-{key['estimand']}-" in name for key, name in zip(keys, ids, strict=True))


def cell(notebook: str, code: str) -> int:
    """The number, from one, of the first cell of a notebook that holds this code."""
    cells = nbformat.read(paths.PROJECT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    return next(n for n, each in enumerate(cells, 1) if each.cell_type == "code" and code in each.source)


def test_a_trace_names_estimate_notebook_cell_method_and_files():
    with at_home(peru().home):
        said = trace("peru-2005", ["att", "street_robbery", "pooled", "district_change", "main"])
        again = [trace("peru-2005", [name]) for name in (said.split("\n")[0], said.split("\n")[0].rpartition("-")[2])]
    assert again == [said, said]
    row = peru().rows.query("estimand == 'att' and indicator == 'street_robbery' and estimator == 'district_change'")
    row = estimate.rounded(row.query("variant == 'main'")).iloc[0]
    digest = hashlib.sha256((paths.PROJECT / "data/raw/peru-2005/survey.csv").read_bytes()).hexdigest()
    made, shown = cell("pooled", "study.estimate()"), cell("pooled", "left_out =")
    for part in (
        f"estimate {row['estimate']}, se {row['se']}",
        f"notebooks/pooled.ipynb, cell {made}, shown by cell {shown}",
        "district-change regression",
        "fewdistricts/inference/district_changes.py: The district-change regression",
        "column robbery; counted: yes",
        f"data/raw/peru-2005/survey.csv, sha256 {digest}",
    ):
        assert part in said, part


def test_a_district_s_own_row_names_its_notebook_too():
    with at_home(peru().home):
        said = trace("peru-2005", ["did", "street_robbery", "pilot-1", "taylor"])
    made, shown = cell("district_wave", "fd.open("), cell("district_wave", "cell.beside(name)")
    assert f"notebooks/district_wave.ipynb, cell {made}, shown by cell {shown}" in said


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["level", "street_robery"], "did you mean 'street_robbery'?"),
        (["est-nothing"], "no such row"),
        (["level", "street_robbery"], "28 rows:"),
    ],
)
def test_a_question_without_one_answer_says_what_to_ask(wanted, said):
    with at_home(peru().home), pytest.raises(ConfigurationError, match=said.replace("?", r"\?")):
        trace("peru-2005", wanted)


def test_before_the_first_build_it_says_what_to_do(home, declare, declaration):
    declare(declaration)
    with pytest.raises(DataError, match="make report EVALUATION=small"):
        trace("small", ["est-x"])


def test_the_command_prints_it(capsys):
    with at_home(peru().home):
        assert main(["trace", "att", "street_robbery", "cr2", "main", "--evaluation", "peru-2005"]) == 0
    assert capsys.readouterr().out.startswith("est-att-street_robbery-")
