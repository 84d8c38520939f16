"""The cells that notebooks write: everything over districts follows from them, and one that is missing is named."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from surveys import Built, at_home, peru

from fewdistricts.design import Design
from fewdistricts.errors import DataError
from fewdistricts.estimates import cells, estimate, needs, pipeline
from fewdistricts.study.study import open_study as opened


@pytest.fixture(scope="module")
def built() -> Built:
    with at_home(peru().home):
        cells.make(peru().design, peru().design.districts)
    return peru()


@pytest.mark.slow
def test_the_table_is_the_same_from_cells_and_from_respondents(built):
    with at_home(built.home):
        rows = pipeline.of_survey(cells.load(built.design))
    pd.testing.assert_frame_equal(estimate.rounded(rows), estimate.rounded(built.rows))


def test_a_cell_is_the_same_whoever_writes_it(built):
    """A notebook reads one district, a task some, and both write the same file."""
    file = needs.cell_file("peru-2005", "pilot-2", "2005")
    with at_home(built.home):
        of_batch = needs.cell_file("peru-2005", "pilot-2", "2005").read_bytes()
        file = needs.cell_file("peru-2005", "pilot-2", "2005")
        opened("peru-2005").cell("pilot-2", "2005").save()
        assert file.read_bytes() == of_batch


def test_a_missing_cell_stops_the_pool_and_is_named(built):
    with at_home(built.home):
        file = needs.cell_file("peru-2005", "comparison-3", "2003")
        kept = file.with_suffix(".kept")
        shutil.move(file, kept)
        try:
            with pytest.raises(DataError, match=r"district_wave/comparison-3-2003\.parquet.*make report"):
                opened("peru-2005").estimate()
            own = opened("peru-2005").cell("pilot-1", "2005")
            with pytest.raises(DataError, match=r"district_wave/comparison-3-2003\.parquet"):
                own.rows  # noqa: B018
        finally:
            shutil.move(kept, file)


def without_a_column(table: pa.Table) -> pa.Table:
    return table.drop_columns(["influence"])


def without_a_fact(table: pa.Table) -> pa.Table:
    described = json.loads(table.schema.metadata[cells.METADATA])
    del described["covariates"]
    return table.replace_schema_metadata({cells.METADATA: json.dumps(described)})


def without_description(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


@pytest.mark.parametrize("older", [without_a_column, without_a_fact, without_description, None])
def test_a_cell_of_another_version_is_named_with_what_to_do(built, older):
    with at_home(built.home):
        file = needs.cell_file("peru-2005", "comparison-3", "2003")
        content = file.read_bytes()
        try:
            if older is None:
                file.write_bytes(b"PAR1")
            else:
                pq.write_table(older(pq.read_table(file)), file)
            message = r"district_wave/comparison-3-2003\.parquet.*run `make report EVALUATION=peru-2005` again"
            with pytest.raises(DataError, match=message) as raised:
                opened("peru-2005").cells("street_robbery")
            assert len(raised.value.problems) == 1
        finally:
            file.write_bytes(content)


@pytest.mark.slow
def test_respondents_are_opened_for_nothing_but_what_is_said(built, monkeypatch):
    """Without families of two and panel the respondents are never read, covariates or not."""

    def refuse(*_: object) -> None:
        raise AssertionError("respondents were opened")

    design = built.design
    asked = [i for i in design.indicators if i.id in ("street_robbery", "trust_police")]
    assert len({i.family for i in asked}) == 2
    plain: Design = design.model_copy(update={"indicators": tuple(asked)})
    assert plain.covariates
    assert needs.respondents(design) != []
    assert needs.respondents(plain) == []
    monkeypatch.setattr(cells.survey, "opened", refuse)
    with at_home(built.home):
        rows = pipeline.of_survey(cells.load(plain))
        assert {"main", "adjusted"} <= set(rows.loc[rows["estimand"] == "att", "variant"])
        with pytest.raises(AssertionError, match="respondents were opened"):
            pipeline.of_survey(cells.load(design))


def test_a_pilot_s_follow_up_reads_the_comparison_districts_at_both_waves_and_nothing_else():
    design = peru().design
    wanted = needs.compared_cells(design, design.district("pilot-1"), design.wave("2005"))
    assert [(d.id, w.id) for d, w in wanted] == [(d.id, w) for d in design.comparisons for w in ("2003", "2005")]
    assert needs.compared_cells(design, design.district("pilot-1"), design.wave("2003")) == []
    assert needs.compared_cells(design, design.district("comparison-1"), design.wave("2005")) == []
