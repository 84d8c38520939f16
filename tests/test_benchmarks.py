"""Benchmarks say what they measure, and time the same estimate by every road."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import alternatives, districts, inference, measure, size
from fewdistricts.inference.district_changes import district_change
from fewdistricts.paths import PROJECT


def test_a_table_shows_ratios_and_counts_the_limits_that_were_met(capsys):
    table = measure.Table()
    table.line(measure.Line("a", 0.005, "peer", 0.25, "unweighted"))
    table.line(measure.limit("a", 0.005, 0.05))
    table.line(measure.Line("a", 2.0, "faster peer", 1.0))
    table.line(measure.Line("a", 2.0, "absent peer", note="not installed"))
    table.line(measure.limit("a", 2.0, 1.0))
    table.summary()
    shown = [re.split(r"\s{2,}", line) for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        ["a", "5 ms", "peer", "250 ms", "50", "unweighted"],
        ["a", "5 ms", "limit", "50 ms", "10", "met"],
        ["a", "2 s", "faster peer", "1 s", "0.5"],
        ["a", "2 s", "absent peer", "-", "-", "not installed"],
        ["a", "2 s", "limit", "1 s", "0.5", "NOT MET"],
        [""],
        ["1 of 2 limits met"],
    ]


def test_time_is_taken_after_a_warm_up_and_ends_with_patience():
    calls = []
    taken, result = measure.cpu(lambda: calls.append(1) or len(calls), repeats=3)
    assert taken >= 0 and result == len(calls) == 4
    calls.clear()
    measure.cpu(lambda: calls.append(sum(range(100_000))), repeats=3, patience=0.0, warm_up=False)
    assert len(calls) == 1


def test_every_section_has_lines_and_an_unknown_one_is_named(capsys):
    for name in command.SECTIONS:
        assert callable(importlib.import_module(f"benchmarks.{name}").lines)
    assert command.main(["speed"]) == 2
    assert "no section speed; there are inference" in capsys.readouterr().err


def test_both_roads_of_the_bootstrap_and_the_changes_are_one_estimate():
    data = inference.sample()
    data = replace(data, **{k: getattr(data, k)[:1200] for k in ("y", "district", "wave", "weight")})
    weight = data.weight / np.bincount(2 * data.district + data.wave, data.weight)[2 * data.district + data.wave]
    data = replace(data, weight=weight)
    summed, rows = (road(data, "rademacher", 0) for road in (inference._ours, inference._ours_by_rows))
    assert (summed.p_value, summed.p_type) == (rows.p_value, "wcr_rademacher")
    assert (summed.ci_low, summed.ci_high) == pytest.approx((rows.ci_low, rows.ci_high), abs=1e-8)
    change = inference._changes(data)
    pilot = np.arange(inference.DISTRICTS) < inference.PILOTS
    assert summed.estimate == pytest.approx(district_change(change, pilot).estimate, abs=1e-10)


def test_the_table_of_rules_that_were_tried_is_that_of_the_page():
    page = (PROJECT / "docs" / "methods.md").read_text(encoding="utf-8")
    begin, end = "<!-- alternatives: begin -->\n", "<!-- alternatives: end -->"
    assert page.partition(begin)[2].partition(end)[0] == alternatives.table()


def test_why_one_pilot_is_too_careful_is_what_the_page_says():
    page = " ".join((PROJECT / "docs" / "methods.md").read_text(encoding="utf-8").split())
    designs = ("1 v 6, none", "1 v 6, .03", "1 v 6, .03, two sampling units")
    none, some, units = (alternatives.drawn(alternatives.DESIGNS[name]) for name in designs)

    def rate(rejected: np.ndarray) -> str:
        return f"{rejected.mean():.3f}".lstrip("0")

    def times(data: alternatives.Sets, variance: np.ndarray) -> str:
        return f"{variance.mean() / data.estimate.var():.2f} times"

    without_floor = replace(none, floor=np.zeros_like(none.floor))
    size = rate(alternatives._by_df(without_floor, alternatives._of_spread(none)) <= 0.05)
    truth = f"{times(none, none.variance)} the truth at 1 v 6 without any shock, which gives a size of {size}."
    assert truth in page
    floored = times(none, np.maximum(none.variance, none.floor**2))
    assert f"{floored} the truth on average, and the size {rate(none.present.p() <= 0.05)}." in page
    assert f"and it is {times(units, np.maximum(units.variance, units.floor**2))}." in page
    rejected, unseen = some.present.p() <= 0.05, some.shocks == 0
    share = f"{unseen.mean():.2f}".lstrip("0")
    said = (
        f"show none in {share} of data sets; in these a true null is rejected in {rate(rejected[unseen])} of cases, in "
    )
    assert said + f"the others in {rate(rejected[~unseen])}, {rate(rejected)} together." in page


def test_generated_districts_hold_their_planted_effects():
    frame = districts.survey(400)
    assert frame.groupby(["district", "wave"]).size().unique().tolist() == [districts.RESPONDENTS]
    assert frame.drop_duplicates("district")["arm"].value_counts().to_dict() == {"comparison": 360, "pilot": 40}
    means = frame.groupby(["arm", "wave"])[list(districts.EFFECTS)].mean()
    change = means.xs("2005", level="wave") - means.xs("2003", level="wave")
    for name, (_, effect) in districts.EFFECTS.items():
        found = change.loc["pilot", name] - change.loc["comparison", name]
        assert found == pytest.approx(effect, abs=0.05)  # four standard errors of eight hundred answers a wave


@pytest.mark.slow
def test_a_large_survey_is_read_beside_pandas_and_its_levels_are_those_of_a_loop(tmp_path, monkeypatch):
    monkeypatch.setattr(size, "INDICATORS", size.LOOPED)
    csv, _, parquet, _, levels, faster = size.lines(2000, 2000)
    assert csv.what == "2,000 x 8 answers of csv: read, check, build" and csv.against == "pandas.read_csv"
    assert parquet.against == "pandas.read_parquet" and "192 levels equal" in levels.note
    for line in (csv, parquet, levels):
        assert line.ours > 0 and line.theirs > 0
        assert re.search(r"memory [\d,]+ against [\d,]+ MB", line.note)
    assert faster.limit
    assert faster.ours == levels.ours
    assert faster.theirs == pytest.approx(levels.theirs / size.TIMES_A_LOOP)


@pytest.mark.slow
def test_memory_of_reading_grows_by_little_more_than_the_codes(tmp_path):
    few, many = 60_000, 160_000
    most = []
    for respondents in (few, many):
        evaluation = size.write(tmp_path / str(respondents), respondents)
        most.append(size.alone(tmp_path / str(respondents), "build", evaluation)[1])
    # one byte an answer is the code, and beyond spill.IN_MEMORY none; values of whole districts took 20.
    # What the allocator keeps makes single runs differ by two or three bytes an answer
    assert most[1] - most[0] < 8 * (many - few) * size.INDICATORS


def test_levels_that_differ_are_no_benchmark(tmp_path):
    rows = [("q001", "d1", "2003", 0.5, 0.1, 20), ("q001", "d2", "2003", 0.5, 0.1, 20)]
    size._levels(rows).to_parquet(tmp_path / "ours")
    assert size.same(tmp_path / "ours", tmp_path / "ours") == 2
    size._levels([(*rows[0][:4], 0.1001, 20)]).to_parquet(tmp_path / "theirs")
    with pytest.raises(AssertionError, match="se"):
        size.same(tmp_path / "ours", tmp_path / "theirs")


@pytest.mark.slow
def test_a_cluster_on_loopback_is_measured(tmp_path):
    pytest.importorskip("distributed")
    from benchmarks import scale

    with scale.cluster() as (address, workers):
        evaluation = districts.write(tmp_path, 20, notebooks="none")
        rest = scale.build(tmp_path, evaluation, address, workers)
        districts.declare(tmp_path, 20, notebooks="all")
        some = scale.build(tmp_path, evaluation, address, workers, notebooks=2)
    assert (tmp_path / "reports" / evaluation / "report-en.pdf").exists()
    made = list((tmp_path / "data" / "processed" / evaluation / "district_wave").glob("*.ipynb"))
    assert (len(made), some.tasks) == (2, 2)
    assert rest.stages["cells"] > 0 and rest.stages["pooled"] > 0
    assert rest.cpu > 1 and some.cpu > 0
    for cost in (rest, some):
        for driver, workers in zip(*((each.first, each.last) for each in (cost.driver, cost.workers)), strict=True):
            assert 10e6 < driver < 1e9 and 10e6 < workers < 4e9
