"""Levels, totals, changes and combinations against R `survey`, and by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from of_respondents import means
from oracles import rows, survey

from fewdistricts.errors import DataError
from fewdistricts.inference import intervals, linearization, sampling
from fewdistricts.inference.linearization import combined, linear
from fewdistricts.inference.sampling import combinations, each_cell, sample
from fewdistricts.paths import PROJECT

EXACT = {"rtol": 1e-8, "atol": 1e-9}


def design_of(frame: pd.DataFrame, cell: np.ndarray, **options) -> sampling.Sample:
    return sample(cell, frame["stratum_wave"].to_numpy(), frame["psu"].to_numpy(), **options)


def levels(frame: pd.DataFrame, cell: np.ndarray, column: str, **options) -> linearization.Linear:
    design = design_of(frame, cell, **options)
    values = frame[column].to_numpy(float)
    return linear(design, each_cell(design), means(design, values, frame["weight"].to_numpy()))


def test_levels_of_every_district_and_wave_equal_r():
    frame = survey()
    cell, names = pd.factorize(frame["district"] + ":" + frame["wave"].astype(str))
    compared = 0
    for column, block in (("victim", "A_prop"), ("trust", "A_mean")):
        got = levels(frame, cell, column)
        population = np.bincount(cell, frame["weight"])
        args = got.estimate, got.variance, got.df
        n_star = intervals.effective_n(*args, got.n)
        limits = {
            "logit": intervals.logit_interval(*args),
            "xlogit": intervals.logit_interval(*args),
            "beta": intervals.beta_interval(got.estimate, n_star),
            "mean": intervals.t_interval(*args),
            "trust": intervals.t_interval(*args),
        }
        for row in rows(block):
            if ":" not in row.group:
                continue
            k = names.get_loc(row.group)
            low, high = limits[row.quantity.removeprefix("victim_")]
            # the oracle used R's deff = TRUE, whose simple random sample is drawn without replacement
            without = got.deff[k] / (1 - got.n[k] / population[k])
            found = [got.estimate[k], got.variance[k] ** 0.5, got.df[k], low[k], high[k], without]
            np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.lo, row.hi, row.extra], **EXACT)
            compared += 1
    assert compared == (24 * 4 + 24)


def test_arms_domains_and_totals_equal_r():
    frame = survey()
    cell, names = pd.factorize("treat" + frame["treat"].astype(str) + "_wave" + frame["wave"].astype(str))
    design = design_of(frame, cell)
    weight = frame["weight"].to_numpy()
    compared = 0
    for row in rows("A_prop", "A_domain", "A_total"):
        if ":" in row.group:
            continue
        column = row.quantity.removesuffix("_logit")
        cells = means(design, frame[column].to_numpy(float), weight, total=row.block == "A_total")
        got = linear(design, each_cell(design), cells)
        k = names.get_loc(row.group)
        np.testing.assert_allclose(
            [got.estimate[k], got.variance[k] ** 0.5, got.df[k]], [row.estimate, row.se, row.df], **EXACT
        )
        if row.block != "A_total":
            low, high = intervals.logit_interval(got.estimate, got.variance, got.df)
            np.testing.assert_allclose([low[k], high[k]], [row.lo, row.hi], **EXACT)
        compared += 1
    assert compared == (4 + 4 + 4)


def test_lonely_strata_finite_population_and_degrees_of_freedom_equal_r():
    frame = survey()
    everyone = np.zeros(len(frame), dtype=int)
    got = levels(frame, everyone, "victim")
    assert got.df[0] == next(rows("A_design")).estimate
    fpc = levels(frame, everyone, "victim", fpc=np.full(len(frame), 40))
    expected = next(rows("A_fpc"))
    np.testing.assert_allclose(
        [fpc.estimate[0], fpc.variance[0] ** 0.5, fpc.df[0]], [expected.estimate, expected.se, expected.df], **EXACT
    )
    fraction = levels(frame, everyone, "victim", fpc=np.full(len(frame), 3 / 40))
    np.testing.assert_allclose(fraction.variance, fpc.variance)
    alone = frame[(frame["stratum_wave"] != "D01-per:1") | (frame["psu"] == "D01-w1-per-1")]
    for row in rows("A_lonely"):
        option = row.quantity.removeprefix("victim_").replace("remove", "certainty")
        got = levels(alone, np.zeros(len(alone), dtype=int), "victim", lonely=option)
        np.testing.assert_allclose(
            [got.estimate[0], got.variance[0] ** 0.5, got.df[0]], [row.estimate, row.se, row.df], **EXACT
        )
    with pytest.raises(DataError, match=r"stratum D01-per:1: found one PSU"):
        levels(alone, np.zeros(len(alone), dtype=int), "victim")


def test_one_pilot_against_the_comparison_arm_equals_r():
    frame = survey()
    for row in rows("B_onetreated"):
        pilot = (frame["district"] == row.group).to_numpy()
        cell = np.where(pilot, 0, np.where(frame["treat"] == 0, 2, -5)) + frame["post"].to_numpy()
        design = design_of(frame, np.where(cell < 0, -1, cell))
        did = combinations(design, [{1: 1, 0: -1, 3: -1, 2: 1}])
        got = linear(design, did, means(design, frame["victim"].to_numpy(float), frame["weight"].to_numpy()))
        np.testing.assert_allclose(
            [got.estimate[0], got.variance[0] ** 0.5, got.df[0]], [row.estimate, row.se, row.df], **EXACT
        )


ANDES = PROJECT.parent / "shared" / "cases" / "lapop-andes"


@pytest.mark.skipif(not ANDES.is_dir(), reason="the Andean survey (../shared/cases) is not on this machine")
def test_the_andean_survey_equals_r():
    expected = json.loads((ANDES / "expected.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(ANDES / "andean_2018_2023.csv", low_memory=False)
    cell, names = pd.factorize(frame["pais"].astype(str) + "_" + frame["wave"].astype(str))
    weight = frame["weight1500"].to_numpy()
    design = sample(cell, frame["str"].to_numpy(), frame["psu"].to_numpy())
    assert (len(design.psu_stratum), len(design.psus)) == (expected["psu"], expected["strata"])
    trust = means(design, frame["trust"].to_numpy(float), weight)
    assert trust.n.sum() == expected["n_nonmissing"]
    level = linear(design, each_cell(design), trust)
    for k, name in enumerate(names):
        np.testing.assert_allclose([level.estimate[k], level.variance[k] ** 0.5], expected["means"][name], atol=1e-6)

    def against(comparisons: tuple[int, ...]) -> tuple[sampling.Sample, sampling.Combinations]:
        arm = np.where(frame["pais"] == 11, 0, np.where(frame["pais"].isin(comparisons), 2, -9))
        pooled = sample(
            np.maximum(arm + frame["post"].to_numpy(), -1), frame["str"].to_numpy(), frame["psu"].to_numpy()
        )
        return pooled, combinations(pooled, [{1: 1, 0: -1, 3: -1, 2: 1}])

    cases = (
        ("trust", (9,), "did_peru_vs_ecuador"),
        ("trust", (8, 9, 10), "did_peru_vs_co_ec_bo"),
        ("milt", (8, 9, 10), "placebo_trust_armed_forces"),
    )
    for column, comparisons, key in cases:
        pooled, did = against(comparisons)
        got = linear(pooled, did, means(pooled, frame[column].to_numpy(float), weight))
        found = [got.estimate[0], got.variance[0] ** 0.5]
        np.testing.assert_allclose(found, [expected[key]["est"], expected[key]["design_se"]], atol=1e-6)


def test_a_level_by_hand():
    # one stratum, three PSUs with equal weights: PSU means 1, .5, 0 of two respondents each
    values = np.array([1, 1, 1, 0, 0, 0.0])
    design = sample(np.zeros(6, dtype=int), np.zeros(6), np.array([1, 1, 2, 2, 3, 3]))
    got = linear(design, each_cell(design), means(design, values, np.ones(6)))
    z = (np.array([2, 1, 0]) - 2 * 0.5) / 6
    assert got.estimate[0] == 0.5
    assert got.df[0] == 3 - 1
    np.testing.assert_allclose(got.variance[0], 3 / 2 * (z**2).sum())
    np.testing.assert_allclose(got.deff[0], got.variance[0] / (0.25 * 6 / 5 / 6))


def test_a_panel_change_uses_the_covariance_and_a_cross_section_does_not():
    psu = np.array(["a", "b", "c", "d"] * 2)
    wave = np.repeat([0, 1], 4)
    values = np.array([1.0, 2, 3, 4, 2.0, 3, 4, 5])  # everybody rises by one
    panel = sample(wave, np.repeat("h", 8), psu)
    change = linear(panel, combinations(panel, [{1: 1, 0: -1}]), means(panel, values, np.ones(8)))
    assert (change.estimate[0], change.variance[0], change.df[0]) == (1.0, 0.0, 4 - 1)
    waves = sample(wave, wave, np.char.add(psu, wave.astype(str)))
    cells = means(waves, values, np.ones(8))
    independent_waves = linear(waves, combinations(waves, [{1: 1, 0: -1}]), cells)
    level = linear(waves, each_cell(waves), cells)
    np.testing.assert_allclose(independent_waves.variance[0], level.variance.sum())
    assert independent_waves.df[0] == level.df.sum() == 2 * (4 - 1)
    by_pieces = combined(level, np.array([[-1.0, 1.0]]))
    np.testing.assert_allclose(by_pieces.variance, independent_waves.variance)
    assert (by_pieces.df[0], by_pieces.n[0]) == (6, 8)


def test_satterthwaite_df_follow_the_piece_that_carries_the_variance():
    pieces = linearization.Linear(
        *(np.array(a) for a in ([0.1, 0.0], [0.04, 1e-9], [5, 500], [50, 5000], [7, 502], [0.01, 1e-9]))
    )
    assert combined(pieces, np.array([[1.0, -1.0]])).df[0] == 505
    assert combined(pieces, np.array([[1.0, -1.0]]), df="satterthwaite").df[0] == pytest.approx(5, abs=1e-5)


def test_psus_outside_the_domain_stay_as_zeros():
    # six PSUs in the design, the item answered in four of them only
    psu = np.repeat(np.arange(6), 2)
    values = np.array([1, 0, 1, 1, 0, 0, 0, 1] + [np.nan] * 4)
    design = sample(np.zeros(12, dtype=int), np.zeros(12), psu)
    got = linear(design, each_cell(design), means(design, values, np.ones(12)))
    z = (np.array([1, 2, 0, 1, 0, 0]) - np.array([2, 2, 2, 2, 0, 0]) * 0.5) / 8
    np.testing.assert_allclose(got.variance[0], 6 / 5 * ((z - z.mean()) ** 2).sum())
    assert (got.df[0], got.n[0], got.n_psu[0]) == (4 - 1, 8, 4)


def test_an_empty_domain_and_a_single_psu_get_a_status():
    values = np.array([1.0, 0, 1, np.nan, np.nan])
    cell = np.array([0, 0, 0, 1, 1])
    design = sample(cell, cell, np.array([1, 1, 1, 2, 3]), lonely="adjust")
    single, empty = intervals.level_rows(
        linear(design, each_cell(design), means(design, values, np.ones(5))), share=True
    )
    assert (single.status, single.n, single.n_psu, single.df) == ("no_df", 3, 1, 0)
    assert np.isnan([single.se, single.ci_low]).all()
    assert (empty.status, empty.n) == ("no_data", 0)
    assert np.isnan([empty.estimate, empty.df, empty.ci_high]).all()


def test_shares_of_none_and_all_get_clopper_pearson_on_the_effective_sample():
    values = np.concatenate([np.zeros(40), np.ones(40)])
    cell = np.repeat([0, 1], 40)
    psu = np.repeat(np.arange(16), 5)
    design = sample(cell, cell, psu)
    none, everyone = intervals.level_rows(
        linear(design, each_cell(design), means(design, values, np.full(80, 0.3))), share=True, deff=2.0
    )
    assert (none.se, none.ci_low) == (0.0, 0.0)
    np.testing.assert_allclose(none.ci_high, 1 - 0.025 ** (1 / (40 / 2)))
    np.testing.assert_allclose([everyone.ci_low, everyone.ci_high], [0.025 ** (1 / 20), 1.0])
    assert none.status == everyone.status == ""


def test_a_constant_mean_has_no_interval():
    design = sample(np.zeros(9, dtype=int), np.zeros(9), np.repeat([1, 2, 3], 3))
    got = linear(design, each_cell(design), means(design, np.full(9, 3.3), np.arange(1, 10) / 7))
    assert got.variance[0] == 0
    row = intervals.level_rows(got, share=False)[0]
    assert (row.status, row.estimate) == ("no_variance", pytest.approx(3.3))
    assert np.isnan(row.ci_low)


def test_few_in_the_minority_switch_to_clopper_pearson():
    share, variance, df, n = (
        np.array([0.02, 0.3]),
        np.array([0.02 * 0.98 / 100, 0.3 * 0.7 / 100]),
        np.array([20, 20]),
        np.array([100, 100]),
    )
    n_star = intervals.effective_n(share, variance, df, n)
    assert (n_star * share < 5).tolist() == [True, False]
    low, high = intervals.share_interval(share, variance, df, n)
    beta, logit = intervals.beta_interval(share, n_star), intervals.logit_interval(share, variance, df)
    assert (low[0], high[0], low[1], high[1]) == (beta[0][0], beta[1][0], logit[0][1], logit[1][1])


def test_a_psu_in_two_strata_and_an_impossible_fpc_are_named():
    with pytest.raises(DataError, match="psu 7: found rows in two strata"):
        sample(np.zeros(3, dtype=int), np.array([1, 2, 2]), np.array([7, 7, 8]))
    with pytest.raises(DataError, match=r"fpc of stratum 1: found 1\.5"):
        sample(np.zeros(2, dtype=int), np.array([1, 1]), np.array([7, 8]), fpc=np.array([1.5, 1.5]))


@st.composite
def surveys(draw):
    rows_ = draw(st.integers(12, 60))
    cell = np.arange(rows_) % 2
    stratum = cell * 2 + (np.arange(rows_) // 2) % 2
    psu = stratum * 3 + np.arange(rows_) // 4 % 3
    values = draw(hnp.arrays(float, rows_, elements=st.sampled_from([0.0, 1.0, 1.0, np.nan])))
    weight = draw(hnp.arrays(float, rows_, elements=st.floats(0.1, 9)))
    return cell, stratum, psu, values, weight


@settings(max_examples=60, deadline=None)
@given(surveys(), st.randoms(use_true_random=False), st.floats(0.01, 1000))
def test_rows_labels_and_scale_of_weights_do_not_matter_and_intervals_hold_their_estimate(data, random, factor):
    cell, stratum, psu, values, weight = data

    def rows_of(cell, stratum, psu, values, weight):
        design = sample(cell, stratum, psu, lonely="adjust", cells=2)
        cells = means(design, values, weight)
        level = linear(design, each_cell(design), cells)
        change = linear(design, combinations(design, [{1: 1, 0: -1}]), cells)
        return intervals.level_rows(level, share=True) + intervals.difference_rows(change)

    order = np.array(random.sample(range(len(cell)), len(cell)))
    labels = np.array([f"name-{(7 * p) % 101}" for p in psu])
    original = rows_of(cell, stratum, psu, values, weight)
    changed = rows_of(cell[order], 90 - stratum[order], labels[order], values[order], weight[order] * factor)
    for a, b in zip(original, changed, strict=True):
        assert (a.status, a.n, a.n_psu) == (b.status, b.n, b.n_psu)
        for name in ("estimate", "se", "df", "ci_low", "ci_high", "deff"):
            np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-7, atol=1e-9)
        if not np.isnan(a.ci_low):
            assert a.ci_low - 1e-12 <= a.estimate <= a.ci_high + 1e-12


def test_without_another_stratum_to_average_a_single_unit_adds_its_distance_from_the_mean():
    values, cell = np.array([1.0, 0, 1, 1, 0, 1, 0, 0, 1, 1]), np.repeat([0, 1], [4, 6])
    stratum, psu = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1, 2, 2, 3, 3])
    found = {}
    for lonely in ("adjust", "average"):
        design = sample(cell, stratum, psu, lonely=lonely)
        found[lonely] = linear(design, each_cell(design), means(design, values, np.ones(10))).variance
    assert found["average"][0] == found["adjust"][0] == 0  # one unit is its own mean
    z = np.array([1 - 2 * 0.5, 0 - 2 * 0.5]) / 6  # of the stratum with two units: the other counts as its mean
    np.testing.assert_allclose(found["average"][1], 2 * (2 * ((z - z.mean()) ** 2).sum()))
