"""The generator of the synthetic survey: the same bytes everywhere, and an evaluation of its draws finds the truth."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import generate
import numpy as np
import pandas as pd
import planted
import pytest
from surveys import values

from fewdistricts import design, paths
from fewdistricts.survey import read_truth

SURVEY = paths.PROJECT / "data" / "raw" / "peru-2005" / "survey.csv"
EVALUATION = design.load("peru-2005")
DRAWS = 80


@pytest.fixture(scope="module")
def shipped() -> str:
    return generate.as_csv(generate.simulate(calibrate=True))


def changes(survey: pd.DataFrame) -> dict[str, np.ndarray]:
    """Change of each indicator's weighted level in each of the twelve districts, as evaluation.yaml declares it."""
    cell = survey["district"].map(generate.DISTRICTS.index) * 2 + survey["wave"].map(generate.WAVES.index)
    weight = survey["weight"].astype(float).to_numpy()
    out = {}
    for name, value in values(survey, EVALUATION).items():
        w = weight * value.notna()
        level = (np.bincount(cell, w * value.fillna(0)) / np.bincount(cell, w)).reshape(12, 2)
        out[name] = level[:, 1] - level[:, 0]
    return out


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    """Changes (draws, 12 districts) of every indicator in uncalibrated surveys of 80 interviews a district and wave."""
    draws = [changes(generate.simulate(seed, interviews=80)) for seed in range(DRAWS)]
    return {name: np.array([draw[name] for draw in draws]) for name in planted.TRUE_EFFECTS}


def test_the_generator_gives_the_committed_file_back_byte_for_byte(shipped: str) -> None:
    assert hashlib.sha256(shipped.encode()).hexdigest() == hashlib.sha256(SURVEY.read_bytes()).hexdigest()
    assert shipped.encode() == SURVEY.read_bytes()


def test_other_processor_features_and_hash_seeds_change_no_byte(tmp_path, shipped: str) -> None:
    code = "import sys; from pathlib import Path; from generate import write; write(Path(sys.argv[1]))"
    slow = {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    here = {"PYTHONPATH": str(SURVEY.parent)}
    environment = {**os.environ, **slow, **here}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], check=True, env=environment)
    assert (tmp_path / "survey.csv").read_bytes() == shipped.encode()
    assert (tmp_path / "truth.csv").read_bytes() == (SURVEY.parent / "truth.csv").read_bytes()


def test_every_declared_indicator_has_a_true_effect() -> None:
    assert set(planted.TRUE_EFFECTS) == {indicator.id for indicator in EVALUATION.indicators}
    assert read_truth(EVALUATION) == pytest.approx(planted.TRUE_EFFECTS)
    assert sum(planted.STRENGTH[:6]) == pytest.approx(6)
    assert planted.STRENGTH[6:] == (0.0,) * 6


def test_effects_are_zero_for_placebos_and_mixed_elsewhere() -> None:
    declared = EVALUATION.indicators
    assert {planted.TRUE_EFFECTS[i.id] for i in declared if i.role == "placebo"} == {0.0}
    others = [planted.TRUE_EFFECTS[i.id] for i in declared if i.role != "placebo"]
    assert 5 <= others.count(0.0) <= len(others) - 5


def test_effects_on_composed_indicators_follow_from_their_parts() -> None:
    # one robbery less in a hundred adults is a victim less only if nothing else happened to them
    nothing_else = (1 - (0.14 - 0.01)) * (1 - 0.08) * (1 - 0.07)
    # and the fall of theft saves fewer in pilot district 1, where more are robbed before (38 % for 31 %)
    already_robbed = (0.38 - 0.31) / 6 * 0.01 * (1 - 0.08) * (1 - 0.07)
    any_crime = -0.06 * nothing_else + already_robbed
    assert planted.TRUE_EFFECTS["any_crime"] == pytest.approx(any_crime, abs=1e-6)
    assert planted.TRUE_EFFECTS["incidents"] == pytest.approx(-0.06 + 0.4 * any_crime, abs=1e-6)


def test_the_release_is_what_pilot_district_1_expects() -> None:
    for question, name in [
        (planted.VERY_INSECURE, "very_insecure"),
        (planted.MORE_OR_LESS_SAFE, "more_or_less_safe"),
        (planted.CRIMES["robbery"], "street_robbery"),
    ]:
        before, after = planted.PRINTED[name]
        assert before + question.trend + 1.5 * question.effect == pytest.approx(after)


@pytest.mark.slow
def test_planted_effects_are_recovered_over_many_draws(drawn: dict[str, np.ndarray]) -> None:
    for name, effect in planted.TRUE_EFFECTS.items():
        estimates = drawn[name][:, :6].mean(axis=1) - drawn[name][:, 6:].mean(axis=1)
        monte_carlo_error = estimates.std(ddof=1) / np.sqrt(DRAWS)
        assert abs(estimates.mean() - effect) < 3.5 * monte_carlo_error, name
        assert monte_carlo_error < (0.2 if name == "water_hours" else 0.03), name


@pytest.mark.slow
def test_a_comparison_without_comparison_districts_is_off_by_the_trend(drawn: dict[str, np.ndarray]) -> None:
    before_and_after = drawn["street_robbery"][:, :6].mean(axis=1)
    monte_carlo_error = before_and_after.std(ddof=1) / np.sqrt(DRAWS)
    assert abs(before_and_after.mean() - (-0.06 - 0.04)) < 3.5 * monte_carlo_error
    assert abs(before_and_after.mean() - -0.06) > 4 * monte_carlo_error


@pytest.mark.slow
def test_shocks_make_districts_differ_more_than_sampling_does() -> None:
    def spread(shock: float) -> float:
        drawn = [changes(generate.simulate(seed, 300, shock))["health_visit"][6:] for seed in range(6)]
        return float(np.var(drawn, ddof=1))

    assert spread(3.0) - spread(0.0) == pytest.approx(2 * 0.09**2, rel=0.5)  # sd .03 x 3 in each of two waves


def test_noise_keeps_the_mean_and_stays_inside() -> None:
    share = np.array([0.02, 0.3, 0.95])
    moved = np.array([generate._spread(share, 0.15, 0.8, np.full(3, noise)) for noise in (-1.0, 1.0)])
    assert moved.mean(axis=0) == pytest.approx(share)
    assert moved[0] == pytest.approx([0.02 - 0.016, 0.3 - 0.15, 0.95 - 0.04])


def test_a_cut_falls_where_the_weighted_share_is_nearest() -> None:
    latent, weight = np.array([0.4, 0.1, 0.9, 0.2]), np.array([1, 2, 3, 4])
    assert generate._cut(latent, weight, 0.6) == pytest.approx((0.2 + 0.4) / 2)  # (2 + 4) of 10 lie below
    assert generate._cut(latent, weight, 0.0) < 0.1
    assert generate._cut(latent, weight, 1.0) > 0.9
