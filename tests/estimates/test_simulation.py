"""The committed simulation: headline methods keep their size, and the world it draws is the one it describes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import simulation, worlds
from fewdistricts.inference import wls
from fewdistricts.inference.joint import correlation, joint

TABLE = pd.read_csv(simulation.OUTPUT).set_index(["design", "method"])
HEADLINES = {
    "6v6": "district_change_welch", "6v6_sizes": "district_change_welch", "5v5": "district_change_welch",
    "12v12": "district_change_welch", "6v3": "variance_components", "3v9": "variance_components",
    "3v9_small_pilots": "variance_components", "4v12_small_pilots": "variance_components",
    "2v10": "variance_components", "2v10_small_pilots": "variance_components", "4v4": "variance_components",
    "1v3": "variance_components", "1v6": "variance_components", "1v6_small_pilot": "variance_components",
    "1v6_large_pilot": "variance_components", "1v11": "variance_components", "1v19": "variance_components",
    "6v6_pairs": "paired", "6v6_12_waves": "district_change_welch",
}  # fmt: skip


def test_the_table_is_whole():
    assert set(TABLE.index.get_level_values("design")) == {d.name for d in simulation.DESIGNS}
    assert (TABLE["draws"] >= 100).all()


@pytest.mark.parametrize("design", HEADLINES)
def test_headline_methods_keep_their_size(design):
    row = TABLE.loc[(design, HEADLINES[design])]
    assert row["offered"]
    assert row["size"] < 0.07 + 2 * row["error"]
    assert row["coverage"] > 0.93 - 2 * row["error"]


def test_the_pooled_form_is_no_longer_offered():
    """With few interviews in the smaller arm it rejects far too often; the variance components do not."""
    size = TABLE["size"]["3v9_small_pilots"]
    assert size["district_change_pooled"] > 0.1 > 0.07 > size["variance_components"]
    assert not TABLE.xs("district_change_pooled", level="method")["offered"].any()


def test_partial_pooling_covers_where_shocks_are_alike():
    """The own effects of districts; where the pilots' shocks are twice the others' the annex says by how much less."""
    rows = TABLE.xs("partial_pooling", level="method")
    alike = rows["pilot_shock_sd"] == rows["comparison_shock_sd"]
    assert rows.loc[alike, "coverage"].between(0.93, 0.97).all()
    assert rows.loc[~alike, "coverage"].between(0.88, 0.97).all()


def test_with_one_pilot_cluster_robust_inference_is_a_false_positive_machine():
    for method in ("cr1", "cr2", "wcu"):
        row = TABLE.loc[("1v6", method)]
        assert row["size"] > 0.3 and not row["offered"]


def test_the_world_has_the_design_effect_it_declares():
    design = simulation.Design("x", 40, 40, pilot_shock=0.0, comparison_shock=0.0)
    data = simulation.draw(design, 0.0, np.random.default_rng(1), 20)
    simple = (data.level * (1 - data.level) / 300).sum(axis=2)
    assert (data.variance / simple).mean() == pytest.approx(worlds.DEFF, rel=0.05)
    assert data.change.var() == pytest.approx(data.variance.mean(), rel=0.1)


def test_a_chunk_is_the_same_whoever_runs_it():
    a, b = (simulation.run_chunk("1v3", 0, 4) for _ in range(2))
    assert a.keys() == b.keys() and all(a[key] == b[key] for key in a)


def test_the_variance_of_the_regressions_is_a_form_of_the_changes():
    """What the simulation computes for all data sets at once equals the regression on respondents of each."""
    design = simulation.Design("x", 2, 3, (40, 80), (60, 60))
    data = simulation.draw(design, 0.0, np.random.default_rng(1), 3)
    cell = np.repeat(np.arange(10), np.repeat(design.psus * worlds.PSU, 2))
    for kind, df in (("CR1S", "clusters"), ("CR2", "satterthwaite")):
        got = simulation.of_respondents(design, kind, data.change)
        for k, level in enumerate(data.level):
            y, weight = level.ravel()[cell], 1.0 / np.bincount(cell)[cell]
            exposed = (cell % 2 == 1) & design.pilot[cell // 2]
            said = wls.did(y, cell // 2, cell % 2, exposed, weight, kind=kind, df=df)
            assert (got.estimate[k], got.se[k]) == (pytest.approx(said.estimate), pytest.approx(said.se))
            assert got.df[k] == pytest.approx(said.df)


def test_primaries_are_joined_as_the_report_joins_them():
    rng = np.random.default_rng(4)
    residual = rng.normal(size=(3, 10, 4))
    p = rng.uniform(0.005, 0.2, (3, 4))
    got = simulation.jointly(p, residual, np.random.default_rng(1))
    for k in range(3):
        nothing = np.ones(4)
        wanted = joint(p[k], nothing, nothing, nothing, correlation(residual[k], 8))
        assert got[k] == pytest.approx(np.nanmin(wanted.p_adjusted), abs=0.02)
