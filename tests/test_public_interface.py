"""The public interface: the page of the documentation runs, frames are what they say, refusals are sentences."""

from __future__ import annotations

import doctest
import importlib
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import fewdistricts as fd
from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.errors import ConfigurationError, DataError, InputError
from fewdistricts.estimates import cells

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    raw = home / "data" / "raw" / "peru-2005"
    raw.parent.mkdir(parents=True)
    raw.symlink_to(paths.PROJECT / "data" / "raw" / "peru-2005")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALUATION_HOME", str(home))
        design = declared.load("peru-2005")
        survey.build(design)
        cells.make(design, design.districts)
        yield fd.open("peru-2005")


def test_the_page_of_the_documentation_runs(study):
    page = (paths.PROJECT / "docs" / "python.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 3
    assert len([line for line in examples[0].splitlines() if line]) <= 11
    names: dict = {}
    for example in examples:
        exec(example, names)
    assert names["fit"].params["capital"] > 0
    for call in re.findall(r"`(?:study|fd\.inference)?\.?(\w+)\(", page):
        assert any(hasattr(owner, call) for owner in (study, fd.CellStudy, fd.inference, fd.inference.Result, fd)), call


def test_every_public_name_is_there():
    for name in fd.__all__:
        assert getattr(fd, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        fd.opne  # noqa: B018


def test_examples_of_the_docstrings():
    tested = doctest.testmod(importlib.import_module("fewdistricts.study.showing"))
    assert tested.attempted > 8
    assert tested.failed == 0


def test_cells_changes_and_models_are_one_number(study):
    outcome = study.primary[0]
    cells, changes = study.cells(outcome), study.changes(outcome)
    means = cells.groupby(["arm", "after"])["level"].mean()
    by_hand = (means["pilot", 1] - means["pilot", 0]) - (means["comparison", 1] - means["comparison", 0])
    arms = changes.groupby("arm")["change"].mean()
    fits = [study.model(outcome).params["pilot:after"], study.did(cells).params["pilot:after"]]
    np.testing.assert_allclose([*fits, arms["pilot"] - arms["comparison"]], by_hand, atol=1e-12)


def test_a_cell_is_the_weighted_mean_of_its_respondents(study):
    outcome = study.primary[0]
    people = study.respondents(["pilot-1"], ["2005"], indicator=outcome)
    (cell,) = study.cells(outcome, "pilot-1", "2005").itertuples()
    assert cell.level == pytest.approx(np.average(people["y"], weights=people["weight"]))
    assert cell.n == len(people)
    assert people["share"].sum() == pytest.approx(1)
    row = study.cell("pilot-1", "2005").levels().loc[outcome]
    assert row["estimate"] == pytest.approx(cell.level)


def test_cells_are_what_the_runs_wrote(study, monkeypatch):
    """Summing respondents gives the same, and happens only where a run has not written its cell yet."""
    written = study.cells(study.primary)
    with monkeypatch.context() as patch:
        patch.setattr(survey, "load", lambda *_, **__: pytest.fail("respondents were read"))
        pd.testing.assert_frame_equal(fd.Study(study.design).cells(study.primary), written)
    monkeypatch.setattr("fewdistricts.study.study.cell_file", lambda *_: paths.PROJECT / "no such file")
    blank = fd.Study(study.design)
    pd.testing.assert_frame_equal(blank.cells(study.primary), written, rtol=1e-12)
    changes = blank.changes(study.primary[0])
    pd.testing.assert_frame_equal(changes, study.changes(study.primary[0]), rtol=1e-10)


def test_pooled_inference_gives_the_published_rows(study):
    outcome, estimates = study.primary[0], study.estimate()
    assert study.answers(estimates)["indicator"].is_unique  # without those of subgroups
    changes = study.changes(outcome)
    fit = study.model(outcome)
    results = {
        "district_change": fd.inference.district_change(changes, weight=study.weight, floor=True),
        "permutation": fd.inference.permutation(changes, **study.assigned_within, seed=study.seed(outcome)),
        "cr2": fd.inference.cr2(fit, "pilot:after", groups="district"),
        "wcr": fd.inference.wild_bootstrap(fit, "pilot:after", groups="district", seed=study.seed(outcome)),
    }
    rows = estimates[(estimates["estimand"] == "att") & (estimates["variant"] == "main")]
    rows = rows[(rows["indicator"] == outcome) & (rows["district"] == "pooled") & (rows["subgroup"] == "")]
    rows = rows.set_index("estimator")
    for name, result in results.items():
        for column in ("estimate", "ci_low", "ci_high", "p_value"):
            assert getattr(result, column) == pytest.approx(rows.loc[name, column], abs=1e-7), (name, column)


def test_one_district_is_compared_as_its_row_says(study):
    cell = study.cell("pilot-3", "2005")
    assert cell.outcomes
    for name in cell.outcomes:
        frame, row = cell.beside(name), cell.did(name)
        result = fd.inference.variance_components(frame.assign(pilot=frame["this"]), interviews="n")
        for column in ("estimate", "se", "df", "ci_low", "p_value"):
            np.testing.assert_allclose(getattr(result, column), row[column], rtol=1e-12)
        districts, waves = ["pilot-3", *study.comparison_districts], [cell.baseline, "2005"]
        of_respondents = study.did(study.respondents(districts, waves, indicator=name), "pilot-3")
        of_cells = study.did(study.cells(name, districts, waves), "pilot-3")
        assert of_respondents.model.formula == "y ~ pilot * after"
        for fit in (of_respondents, of_cells):
            assert fit.params["pilot:after"] == pytest.approx(row["estimate"], abs=1e-12)
    assert study.cell("pilot-3", "2003").reason.startswith("This wave lies before")
    assert study.cell("comparison-1", "2005").reason.startswith("This is a comparison district")


def test_a_cell_too_small_to_be_shown_is_in_no_frame(study, monkeypatch):
    outcome = study.primary[0]
    other = fd.Study(study.design)
    monkeypatch.setitem(other.__dict__, "_hidden", frozenset({("pilot-1", "2005", outcome)}))
    assert len(other.cells(outcome)) == len(study.cells(outcome)) - 1
    assert other.changes(outcome).set_index("district")["change"].isna().sum() == 1
    assert "pilot-1" not in set(other.respondents(indicator=outcome)["district"])


def test_an_id_may_be_given_as_the_number_it_looks_like(study):
    outcome = study.primary[0]
    pd.testing.assert_frame_equal(study.cells(outcome, wave=2005), study.cells(outcome, wave="2005"))
    pd.testing.assert_frame_equal(study.changes(outcome, 2005, 2003), study.changes(outcome, "2005", "2003"))


def test_refusals_are_sentences(study):
    with pytest.raises(ConfigurationError, match="did you mean 'street_robbery'"):
        study.changes("street_robery")
    with pytest.raises(ConfigurationError, match="did you mean 'pilot-1'"):
        study.cell("pilot_1", "2005")
    with pytest.raises(InputError, match=r"no column 'pilot'.*take the frame of study\.cells"):
        study.did(pd.DataFrame({"level": [1.0]}))
    with pytest.raises(InputError, match="found 1 waves; allowed: two waves"):
        study.did(study.cells(study.primary[0], wave="2005"), "pilot-1")
    with pytest.raises(DataError, match="not made yet; `make report EVALUATION=peru-2005`"):
        study.estimates("att")
    with pytest.raises(InputError, match=r"estimand: found 'atts'.*did you mean 'att'"):
        study.estimates("atts")
    for waves in [("2003", "2005"), ("2005", "2005"), ("2005", None)]:
        with pytest.raises(InputError, match="a later wave and an earlier baseline, or neither"):
            study.changes(study.primary[0], *waves)
    for asked in (study.cell("pilot-1", "2003").did, study.cell("pilot-1", "2003").beside):
        with pytest.raises(InputError, match=r"pilot-1 at 2003: found no .*lies before the start"):
            asked(study.primary[0])
    with pytest.raises(InputError, match="a sentence that says what the figure shows"):
        fd.figure(plt.figure(), alt=" ")
    with pytest.raises(InputError, match="found a str"):
        fd.show("fit")
    with pytest.raises(InputError, match="found a int; allowed: Markdown as text"):
        fd.markdown(5)
    with pytest.raises(InputError, match="evaluation: found None; allowed: the name of a folder"):
        fd.open(None)
    with pytest.raises(InputError, match="frame: found a int; allowed: a DataFrame"):
        study.did(5)
    with pytest.raises(InputError, match=r"no column 'row_id'.*study\.estimate"):
        study.save(pd.DataFrame())


def test_an_id_that_the_table_does_not_have_is_refused(study, monkeypatch, tmp_path):
    """An empty frame would read as if nothing had been estimated."""
    rows = study.estimate()
    monkeypatch.setattr(paths, "processed", lambda evaluation: tmp_path)
    study.save(rows)
    with pytest.raises(InputError, match=r"indicator: found 'street_robery'.*did you mean 'street_robbery'"):
        study.estimates("att", indicator="street_robery")
    with pytest.raises(InputError, match=r"district: found 'pilot-99'"):
        study.estimates("did", district="pilot-99")
    with pytest.raises(ConfigurationError, match="indicator: found 'x'"):
        study.levels("x")
    assert len(study.levels("street_robbery", "2005")) == 2
