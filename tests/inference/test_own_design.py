"""The design at hand on drawn data sets: what is drawn, and that committed designs give their committed rates."""

from __future__ import annotations

import time
from dataclasses import replace
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from benchmarks import simulation, worlds
from fewdistricts.inference import group_time, own_design
from fewdistricts.inference.own_design import OwnDesign
from fewdistricts.inference.own_starts import OwnStarts
from fewdistricts.inference.rules import OF_REASON, reason

COMMITTED = pd.read_csv(simulation.OUTPUT).set_index(["design", "method"])
NAMES = {
    ("district_change", "main"): "district_change_welch",
    ("district_change", "baseline_adjusted"): "baseline_adjusted",
    ("taylor", "main"): "sampling_only",
}


def of_world(name: str) -> OwnDesign:
    """A committed design as `own_design` takes it."""
    world = next(each for each in worlds.DESIGNS if each.name == name)
    n = 2.0 * worlds.PSU * world.psus
    variance = worlds.DEFF * worlds.SHARE * (1 - worlds.SHARE) * 4 / n
    df = 2.0 * (world.psus - 1)
    if world.world == "no_survey":
        variance, df = 0 * variance, np.full(world.districts, np.inf)
    few = min(world.pilots, world.comparisons)
    why = reason(world.pilots, world.comparisons, pairs=world.pilots if world.pair is not None else 0)
    return OwnDesign(
        rule="variance_components" if few == 1 else OF_REASON[why],
        pilot=world.pilot,
        variance=variance,
        df=df,
        n=n,
        shock_variance=2 * world.comparison_shock**2,
        lasting_variance=(3.4 * worlds.LEVEL_SD) ** 2 / 12,
        before=0.5,
        weight=world.population,
        pair=world.pair,
    )


@pytest.mark.parametrize(
    "name",
    ["6v6", "6v6_sizes", "6v6_no_shock", "3v9", "3v9_small_pilots", "2v2", "1v6", "1v6_small_pilot", "1v19",
     "6v6_pairs", "6v6_no_survey", "4v8_people"],
)  # fmt: skip
def test_a_committed_design_has_its_committed_rates(name):
    own = of_world(name)
    seen = set()
    for effect, power in ((0.05, "power_05"), (0.15, "power_15")):
        for rate in own_design.rates(own, effect):
            column = {"size": "size", "power": power}.get(rate.quantity)
            method = NAMES.get((rate.estimator, rate.variant), rate.estimator)
            if column is None or rate.times != 1.0 or (name, method) not in COMMITTED.index:
                continue
            wanted = COMMITTED.loc[(name, method)]
            error = sqrt(rate.error**2 + wanted[column] * (1 - wanted[column]) / wanted["draws"])
            # answers are binomial there and normal here
            assert rate.value == pytest.approx(wanted[column], abs=4 * error + 0.01), (method, column)
            seen.add((method, column))
    assert len(seen) >= 6


def starts_of_world(name: str) -> OwnStarts:
    """A committed design with starts in turn as `own_starts` takes it."""
    world = next(each for each in worlds.DESIGNS if each.name == name)
    shape = world.exposed.shape
    variance = np.broadcast_to(
        (worlds.DEFF * worlds.SHARE * (1 - worlds.SHARE) / (worlds.PSU * world.psus))[:, None], shape
    )
    form = group_time.linear_form(group_time.staggered(np.zeros(shape), world.cohort), None)
    assert form is not None
    return OwnStarts(form, world.exposed, variance, np.full(shape, world.psus[0] - 1.0), world.pilot_shock**2)


@pytest.mark.parametrize("name", ["6v6_staggered", "3v9_staggered"])
def test_a_committed_design_with_starts_in_turn_has_its_committed_size(name):
    """The committed answer weights the same waves a little otherwise (`overall`), which moves power but not size."""
    start = time.process_time()
    made = own_design.rates(starts_of_world(name), 0.1)
    assert time.process_time() - start < 5
    (size,) = (r for r in made if (r.quantity, r.estimator, r.times) == ("size", "district_change", 1.0))
    wanted = COMMITTED.loc[(name, "group_time"), "size"]
    assert size.value == pytest.approx(wanted, abs=4 * sqrt(size.error**2 + wanted / 5_000))
    (covered,) = (r for r in made if (r.quantity, r.estimator) == ("coverage", "district_change"))
    assert covered.value == pytest.approx(1 - wanted, abs=4 * sqrt(size.error**2 + wanted / 5_000))


def test_sampling_error_alone_is_too_narrow_where_districts_start_in_turn():
    made = own_design.rates(starts_of_world("6v6_staggered"), 0.1)
    rates = {(rate.quantity, rate.estimator, rate.times): rate.value for rate in made}
    assert rates["size", "taylor", 1.0] > 2 * rates["size", "district_change", 1.0]
    assert rates["power", "district_change", 2.0] > rates["power", "district_change", 1.0]
    assert rates["size", "district_change", 2.0] < 0.09  # pilots' shocks twice as large


def test_with_the_pilots_shocks_twice_as_large_it_is_the_committed_design_of_unequal_shocks():
    for name, method in (("3v9", "variance_components"), ("1v6", "variance_components")):
        made = own_design.rates(of_world(name), None)
        (rate,) = (r for r in made if (r.quantity, r.estimator, r.times) == ("size", method, own_design.UNEQUAL))
        wanted = COMMITTED.loc[(f"{name}_pilot_shock", method), "size"]
        assert rate.value == pytest.approx(wanted, abs=4 * sqrt(rate.error**2 + wanted / 5_000))


def test_changes_have_the_variances_that_they_are_drawn_with():
    own = replace(of_world("6v6_sizes"), before=0.25)
    data = own_design.draw(own, 0.1, np.random.default_rng(1), 40_000)
    total = own.shock_variance + own.variance
    np.testing.assert_allclose(data.change.var(axis=0), total, rtol=0.04)
    np.testing.assert_allclose(data.change.mean(axis=0), 0.1 * own.pilot, atol=0.002)
    np.testing.assert_allclose(data.variance.mean(axis=0), own.variance, rtol=0.02)
    np.testing.assert_allclose(data.variance.var(axis=0), 2 * own.variance**2 / own.df, rtol=0.06)
    np.testing.assert_allclose(data.baseline.var(axis=0), own.lasting_variance + 0.25 * total, rtol=0.04)
    together = np.array([np.cov(data.change[:, k], data.baseline[:, k])[0, 1] for k in range(12)])
    np.testing.assert_allclose(together, -0.25 * total, rtol=0.2)


def test_districts_of_a_pair_share_half_of_their_shocks():
    own = replace(of_world("6v6_pairs"), variance=np.zeros(12), df=np.full(12, np.inf))
    change = own_design.draw(own, 0.0, np.random.default_rng(1), 20_000).change
    correlation = np.corrcoef(change.T)
    assert correlation[0, 6] == pytest.approx(own_design.SHARED, abs=0.03)
    assert correlation[0, 7] == pytest.approx(0.0, abs=0.03)


def test_the_same_seed_gives_the_same_rates():
    own = of_world("3v9")
    assert own_design.rates(own, 0.05) == own_design.rates(own, 0.05)
    assert own_design.rates(own, 0.05) != own_design.rates(own, 0.05, seed=1)


def test_without_a_smallest_change_or_shocks_there_is_the_size_alone():
    made = own_design.rates(of_world("6v6_no_shock"), None)
    assert {(rate.quantity, rate.times) for rate in made} == {("size", 1.0)}


def test_where_the_one_district_is_the_comparison_rates_are_alike():
    """The arms exchanged: the effect is the others', the answer turns its sign."""
    own = of_world("1v6")
    turned = replace(own, pilot=~own.pilot)
    for here, there in zip(own_design.rates(own, 0.1), own_design.rates(turned, 0.1), strict=True):
        if here.times == 1.0 or here.quantity == "power":
            assert there.value == pytest.approx(here.value, abs=5 * max(here.error, 0.005))


@pytest.mark.parametrize(("pilots", "comparisons"), [(240, 240), (37, 839), (1, 400)])
def test_hundreds_of_districts_take_seconds(pilots, comparisons):
    g = pilots + comparisons
    rule = "variance_components" if pilots == 1 else "district_change"
    own = OwnDesign(
        rule, np.arange(g) < pilots, np.full(g, 0.002), np.full(g, 28.0), np.full(g, 600.0), 0.0018, 0.003, 0.5
    )
    start = time.process_time()
    made = own_design.rates(own, 0.02)
    assert time.process_time() - start < 8
    assert {rate.quantity for rate in made} == {"size", "coverage", "power"}
