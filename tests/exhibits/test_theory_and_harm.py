"""The chain of the theory, the chapter on harm, the decisions and the map, by rows that can be checked by hand."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from surveys import a_design, a_survey, shares

from fewdistricts.design import planned, printed, rules
from fewdistricts.design.colours import contrast
from fewdistricts.estimates import estimate, pipeline
from fewdistricts.exhibits import display
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.chain import chain, theory
from fewdistricts.exhibits.figures.map import map_of_differences, map_of_groups
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.decisions import options, supplied
from fewdistricts.exhibits.text import deviations, displacement
from fewdistricts.exhibits.text import theory as steps
from fewdistricts.exhibits.text.findings import next_steps
from fewdistricts.exhibits.text.wording import Words

ARMS = {"a": "pilot", "b": "pilot", "c": "pilot", "d": "comparison", "e": "comparison", "f": "comparison"}
STILL = {"a": (50, 50), "b": (51, 51), "c": (49, 50), "d": (50, 51), "e": (52, 52), "f": (48, 48)}
UP = {**STILL, "a": (50, 80), "b": (51, 80), "c": (49, 79)}
DOWN = {**STILL, "a": (50, 20), "b": (51, 20), "c": (49, 19)}
THEORY = ["known", "patrols", "safe"]


def a_result(
    known: dict, patrols: dict, safe: dict, theft: dict, arms: dict | None = None, **design: object
) -> Results:
    """Three steps, each a share of a hundred answers, and theft as what is watched."""
    directions = {"known": "higher", "patrols": "higher", "safe": "higher", "theft": "lower"}
    indicators = [
        {"id": i, "label": i.title(), "column": i, "yes": ["yes"], "better": better, "worthwhile": 0.05}
        for i, better in directions.items()
    ]
    indicators[2]["role"] = "primary"
    indicators[3]["watch"] = "harm"
    declared = a_design(arms or ARMS, indicators=indicators, **{"intervention": {"theory": THEORY}, **design})
    counts = {"known": known, "patrols": patrols, "safe": safe, "theft": theft}
    data = a_survey(**{name: shares(100, **given) for name, given in counts.items()})
    rows = estimate.rounded(pipeline.estimates(declared, data))
    return Results(declared, rows, pd.DataFrame(columns=["district", "wave", "indicator", "kind", "n"]))


def reading(*indicators: dict) -> str:
    return " ".join(steps.facts(a_result(*indicators, STILL), Words("en"))["chain_reading"])


@pytest.mark.parametrize(
    ("moves", "at", "said"),
    [
        ((UP, UP, UP), None, "Every step moved as hoped, so the chain holds from end to end."),
        ((UP, STILL, STILL), 1, "The chain holds up to “Known”. It breaks at the next step"),
        ((UP, UP, STILL), 2, "The steps before were taken, but they have not been seen to lead to the outcome."),
        ((UP, STILL, UP), 1, "Yet “Safe”, further along the chain, improved"),
        ((DOWN, STILL, STILL), 0, "The chain breaks at its first step: the change in “Known” went the wrong way"),
    ],
)
def test_the_chain_breaks_where_no_indicator_of_a_step_improved(moves, at, said):
    assert steps.broken_at(steps.steps(a_result(*moves, STILL))) == at
    assert said in reading(*moves)


def test_the_figures_of_the_theory_have_a_box_a_step():
    results, words = a_result(UP, STILL, UP, STILL), Words("en")
    declared, measured = theory(results, words), chain(results, words)
    assert declared is not None and measured is not None
    assert [row[1] for row in declared.data.rows] == ["Known", "Patrols", "Safe"]
    assert (measured.values["broken"], measured.values["last"]) == (True, "Known")  # noqa: PD011
    boxes = [patch.get_linestyle() for patch in measured.canvas.axes[0].patches if hasattr(patch, "get_boxstyle")]
    assert sum(style not in ("-", "solid") for style in boxes) == 1  # dashed: patrols alone
    without = a_result(UP, STILL, UP, STILL, intervention={})
    assert theory(without, words) is None and chain(without, words) is None


def test_what_is_watched_says_what_cannot_be_ruled_out():
    words = Words("en")
    worse = displacement.facts(a_result(UP, UP, UP, UP), words)["watched"]
    assert len(worse) == 1
    assert "It got worse." in worse[0]
    better = displacement.facts(a_result(UP, UP, UP, DOWN), words)["watched"]
    assert "a worsening is not compatible with the data" in better[0]
    noisy = {**STILL, "a": (50, 40), "b": (50, 60), "c": (50, 52)}
    unclear = displacement.facts(a_result(UP, UP, UP, noisy), words)["watched"]
    assert "cannot be ruled out; 5.0 percentage points would matter" in unclear[0]
    assert re.search(r"A worsening of up to \[[\d.]+ percentage points\]\(source:est-", unclear[0])
    assert displacement.facts(a_result(UP, UP, UP, STILL), words)["next_door"] == []


def test_intervals_of_several_primary_outcomes_together_are_said_to_be_wider():
    made = a_result(UP, UP, UP, STILL)
    assert displacement.facts(made, Words("en"))["together"] is False
    role = {"patrols": "primary", "theft": "primary"}
    design = made.design.model_copy(
        update={
            "indicators": tuple(i.model_copy(update={"role": role.get(i.id, i.role)}) for i in made.design.indicators)
        }
    )
    noisy = {**STILL, "a": (50, 40), "b": (50, 60), "c": (50, 52)}
    data = a_survey(
        known=shares(100, **UP), patrols=shares(100, **STILL), safe=shares(100, **noisy), theft=shares(100, **noisy)
    )
    rows = estimate.rounded(pipeline.estimates(design, data))
    several = Results(design, rows, pd.DataFrame(columns=["district", "wave", "indicator", "kind", "n"]))
    assert displacement.facts(several, Words("en"))["together"] is True
    asked = "Look into “Patrols”, “Safe” and “Theft”: a worsening that matters cannot be ruled out."
    assert asked in next_steps(several, Words("en"))
    row = several.answer(several.primary[1])
    between = (several.ends_read(row)[0] + row.ci_low) / -2  # what the joint interval holds and the one beside it not
    less = {"safe": between, "theft": several.ends_read(several.answer(several.primary[2]))[1] + 1}
    declared = tuple(i.model_copy(update={"worthwhile": less.get(i.id, 1)}) for i in design.indicators)
    page_one = Results(design.model_copy(update={"indicators": declared}), rows, several.sample)
    assert not any(step.startswith("Look into") for step in next_steps(page_one, Words("en")))


def test_neighbouring_districts_are_compared_with_the_comparisons():
    arms = {**ARMS, "g": "neighbour"}
    moved = {**STILL, "g": (50, 70)}
    results = a_result({**UP, "g": (50, 50)}, {**UP, "g": (50, 50)}, {**UP, "g": (50, 50)}, moved, arms=arms)
    said = displacement.facts(results, Words("en"))
    assert said["neighbours"] == "District G"
    assert [sentence.partition(",")[0] for sentence in said["next_door"]] == ["Safe", "Theft"]
    assert said["next_door"][1].startswith("Theft, [+19.7]")  # 20 less the mean of 1, 0 and 0


def test_decisions_repeat_what_the_data_say():
    results, words = a_result(UP, STILL, UP, STILL), Words("en")
    made = options(results, words)
    assert made is not None
    extend, go_on, change, end = made.grid.rows
    assert extend[1] == "Improved: “Safe”."
    assert "not recorded how the districts were chosen" in extend[2]
    assert go_on[2] == "Whether it lasts was not measured."
    assert "breaks at “Patrols”" in change[1]
    assert end[2] == "Improved: “Safe”."
    chosen = {"assignment": {"by": "chosen"}, "theory": THEORY}
    by_hand = options(a_result(UP, STILL, UP, STILL, intervention=chosen), words)
    assert by_hand is not None and "not chosen by lottery" in by_hand.grid.rows[0][2]
    lot = {"assignment": {"by": "lot"}, "theory": THEORY}
    drawn = options(a_result(UP, STILL, UP, STILL, intervention=lot), words)
    assert drawn is not None and "lottery" not in drawn.grid.rows[0][2]
    assert options(a_result(UP, STILL, UP, STILL, intervention={"start": "2009-01"}), words) is None


def test_the_checklist_says_where_things_stand_or_that_they_were_not_supplied():
    words = Words("en")
    bare = {row[0]: row[1] for row in supplied(a_result(UP, UP, UP, STILL), words).grid.rows}
    assert bare["What it cost"] == "Not supplied"
    assert bare["Indicators watched for harm"] == "Report, “Displacement and harm”"
    report = {"ethics": {"en": "Asked."}, "date": "2006-12-31"}
    given = a_result(UP, UP, UP, STILL, report=report, data={"response": {"en": "Nine in ten."}}, map={})
    rows = {row[0]: row[1] for row in supplied(given, words).grid.rows}
    assert rows["Consent and protection of those interviewed"] == "Annex, “Data and response”"
    assert rows["How many people were approached, refused or were not found"] == "Annex, “Data and response”"
    assert rows["Where the districts lie"] == "Not supplied", "tiles are no map"


def test_tiles_stand_in_for_a_map():
    results, words = a_result(UP, UP, UP, STILL, map={}), Words("en")
    groups, differences = map_of_groups(results, words), map_of_differences(results, words)
    assert groups is not None and differences is not None
    assert len(groups.canvas.axes[0].patches) == len(ARMS)
    assert [row[1] for row in differences.data.rows] == ["District A", "District B", "District C"]
    assert map_of_groups(a_result(UP, UP, UP, STILL), words) is None


@pytest.mark.parametrize(
    ("chain_declared", "message"),
    [
        (["known"], "one step"),
        (["known", "saef"], "saef"),
        (["known", "known"], "a second time"),
        (["known", "size"], "no `better`"),
    ],
)
def test_a_theory_that_cannot_be_followed_is_refused(chain_declared, message):
    from fewdistricts.design.parts import Parts

    indicators = [
        {"id": "known", "label": "K", "column": "k", "yes": ["yes"], "better": "higher"},
        {"id": "safe", "label": "S", "column": "s", "yes": ["yes"], "better": "higher"},
        {"id": "size", "label": "Z", "column": "z", "yes": ["yes"]},
    ]
    design = a_design(ARMS, indicators=indicators, intervention={"theory": chain_declared})
    found = [str(finding) for finding in rules.findings(Parts.of(design))]
    assert any(message in text for text in found)


def test_a_theory_changed_after_the_plan_is_a_deviation():
    before = a_result(UP, UP, UP, STILL, intervention={}).design
    now = a_result(UP, UP, UP, STILL).design
    earlier = planned.declarations(before)
    assert planned.digest(earlier) != planned.digest(planned.declarations(now))
    (found,) = planned._deviations(earlier, planned.declarations(now))
    assert (found.key, found.planned, found.now) == ("theory", None, THEORY)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_key_of_a_plan_has_its_word(language):
    words, design = Words(language), a_result(UP, UP, UP, STILL).design
    declared = planned.declarations(design)
    keys = {*declared["inference"], *declared["indicators"]["theft"], *planned.OPTIONAL}
    for key in keys:
        assert words.label("plan", "key", key)
    assert deviations.value(design, words, "watch", "harm") in ("harm", "daño")


def test_declared_colours_reach_figures_maps_and_small_type():
    declared = printed.Colours(pilot="#4B0082", comparison="#B8860B")
    exchange = style.exchanged(declared)
    assert exchange[style.PILOT] == "#4B0082"
    assert contrast(exchange[style.COMPARISON_INK], "#FFFFFF") >= 4.5 > contrast("#B8860B", "#FFFFFF")
    assert style.exchanged(printed.Colours()) == {}
    drawn = map_of_groups(a_result(UP, UP, UP, STILL, map={}), Words("en"))
    assert drawn is not None
    drawing = display.recoloured(display.svg(drawn.canvas), exchange).lower()
    assert "#4b0082" in drawing
    for own in (style.PILOT, style.COMPARISON, *(style.mixed(style.PILOT, part) for part in style.SHADES)):
        assert own.lower() not in drawing
    swapped = display.recoloured("#12436d #D55E00", {"#12436D": "#D55E00", "#D55E00": "#12436D"})
    assert swapped == "#d55e00 #12436d"  # all at once: neither takes the other's place twice
