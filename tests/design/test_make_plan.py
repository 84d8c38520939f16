"""The plan: its numbers, its hash, its record, the deviations from it, and its pages."""

from __future__ import annotations

import copy
import json
import math
import random
import re
from typing import Any

import pytest

from fewdistricts import design as declared
from fewdistricts import paths
from fewdistricts.commands import run as main
from fewdistricts.design import planned
from fewdistricts.errors import ConfigurationError, DataError
from fewdistricts.estimates import design_stage
from fewdistricts.exhibits import display
from fewdistricts.exhibits.figures.plan import HIGHEST
from fewdistricts.exhibits.text import deviations
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference import power
from fewdistricts.survey.baseline import baseline

DISTRICTS = {f"p{k}": "pilot" for k in range(3)} | {f"c{k}": "comparison" for k in range(3)}
SAFE = {
    "id": "safe",
    "label": {"en": "Feels safe", "es": "Se siente seguro"},
    "column": "safe",
    "yes": ["yes", "rather"],
}
TRUST = {"id": "trust", "label": {"en": "Trust", "es": "Confianza"}, "column": "trust", "scale": [1, 7]}
LATER = {"id": "later", "label": {"en": "Later", "es": "Después"}, "column": "later", "yes": ["yes"], "waves": ["2005"]}
DECLARATION: dict[str, Any] = {
    "title": {"en": "A plan", "es": "Un plan"},
    "intervention": {"name": "Patrols", "start": "2004-01", "description": {"en": "By night", "es": "De noche"}},
    "data": {
        "kind": "real",
        "source": {"en": "Ours", "es": "Nuestra"},
        "files": [{"path": "survey.csv"}],
        "columns": {"district": "district", "wave": "wave"},
    },
    "waves": [
        {"id": "2003", "label": "2003", "fieldwork": ["2003-10", "2003-12"]},
        {"id": "2005", "label": "2005", "fieldwork": ["2005-03", "2005-03"]},
    ],
    "districts": [{"id": d, "name": d, "arm": arm} for d, arm in DISTRICTS.items()],
    "indicators": [
        {**SAFE, "family": "perception", "role": "primary", "worthwhile": 0.05, "better": "higher"},
        {**TRUST, "family": "trust"},
        {**LATER, "family": "perception"},
    ],
    "report": {"languages": ["en", "es"], "date": "2004-02-01"},
}


def rows(waves: dict[str, int]) -> str:
    """In every district, of `n` respondents a wave every second one feels safe; trust is 2 or 6 in turn."""
    lines = ["district,wave,safe,trust"]
    for wave, n in waves.items():
        for d in DISTRICTS:
            lines += [f"{d},{wave},{('yes', 'no', 'rather', 'no')[k % 4]},{(2, 6)[k % 2]}" for k in range(n)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """Writes the declaration, with or without a survey, and gives the design."""
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    folder = tmp_path / "data" / "raw" / "x"
    folder.mkdir(parents=True)

    def write(changes: Any = None, survey: str | None = None) -> declared.Design:
        given = copy.deepcopy(DECLARATION)
        if changes:
            changes(given)
        (folder / "evaluation.yaml").write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        if survey is not None:
            (folder / "survey.csv").write_text(survey, encoding="utf-8")
        return declared.load("x")

    return write


def hashed(design: declared.Design) -> str:
    return planned.digest(planned.declarations(design))


# --- the hash -------------------------------------------------------------------------------------------------------
def test_the_hash_is_that_of_the_canonical_json(at_home):
    said = planned.declarations(at_home())
    assert set(said) == {"indicators", "families", "inference"}
    assert said["families"] == {"perception": ["later", "safe"], "trust": ["trust"]}
    # printf '{"a":"é","b":[1]}' | sha256sum
    assert planned.digest({"b": [1], "a": "é"}) == "fe44b490e297c0523c2a1ce591fc7b3b064b5ad3f2ac4634523685392680de5d"


def relabel(given: dict) -> None:
    given["title"] = {"en": "Another", "es": "Otro"}
    given["indicators"][0] |= {"label": {"en": "Safe?", "es": "¿Seguro?"}, "question": {"en": "How?", "es": "¿Cómo?"}}
    given["families"] = {"perception": "Perception", "trust": {"en": "Trust", "es": "Confianza"}}
    given["report"]["date"] = "2004-03-01"
    given["plan"] = {"shocks": [0.01]}


def reorder(given: dict) -> None:
    given["indicators"][0]["yes"] = ["rather", "yes"]
    random.Random(1).shuffle(given["indicators"])
    given["districts"].reverse()


def spell_out(given: dict) -> None:
    given["inference"] = {"confidence": 0.95, "districts": "equal"}
    given["indicators"][1] |= {"role": "secondary", "waves": ["2005", "2003"]}


@pytest.mark.parametrize("change", [relabel, reorder, spell_out])
def test_the_hash_keeps_where_nothing_covered_changes(at_home, change):
    assert hashed(at_home(change)) == hashed(at_home())


def put(key: str, value: Any, at: int = 0) -> Any:
    return lambda given: given["indicators"][at].update({key: value})


CHANGES = {
    "yes": put("yes", ["yes"]),
    "family": put("family", "safety"),
    "role": put("role", "secondary"),
    "worthwhile": put("worthwhile", 0.1),
    "better": put("better", "lower"),
    "column": put("column", "trust"),
    "scale": put("scale", [1, 9], 1),
    "among": put("among", {"trust": [2]}),
    "recall_months": put("recall_months", 12),
    "not_comparable": put("comparable", {"2005": False}),
    "waves": put("waves", ["2003"]),
    "missing": lambda given: given["data"].update(missing={"refused": ["-9"]}),
    "confidence": lambda given: given.update(inference={"confidence": 0.9}),
    "headline": lambda given: given.update(inference={"headline": "average"}),
}


@pytest.mark.parametrize("key", CHANGES)
def test_what_is_covered_changes_the_hash_and_is_a_deviation(at_home, key):
    first = at_home()
    plan = planned.Plan(first.report.date, hashed(first), planned.declarations(first), {}, False)
    now = at_home(CHANGES[key])
    assert hashed(now) != plan.hash
    assert key in {found.key for found in planned.deviations(plan, now)}
    assert planned.deviations(plan, first) == []


# --- the record and the deviations ----------------------------------------------------------------------------------
def record(design: declared.Design, followed: bool = False) -> None:
    (paths.raw("x") / planned.NAME).write_text(planned.record(design, followed), encoding="utf-8")


def test_no_plan_no_words(at_home):
    design = at_home()
    assert planned.recorded("x") is None
    assert deviations.facts(design, Words("en")) is None


def test_the_record_is_kept_and_never_overwritten(at_home):
    record(at_home())
    before = (paths.raw("x") / planned.NAME).read_text(encoding="utf-8")
    plan = planned.recorded("x")
    assert plan is not None
    assert plan.date.isoformat() == "2004-02-01"
    # a later date or label is no other plan; what was true when it was recorded stays
    record(at_home(relabel), followed=True)
    again = planned.recorded("x")
    assert again is not None
    assert (again.hash, again.date, again.followed) == (plan.hash, plan.date, False)
    with pytest.raises(ConfigurationError, match="safe role"):
        planned.record(at_home(CHANGES["role"]), False)
    (paths.raw("x") / planned.NAME).write_text(before.replace('"primary"', '"secondary"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="hash"):
        planned.recorded("x")
    (paths.raw("x") / planned.NAME).write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no recorded plan"):
        planned.recorded("x")


def several(given: dict) -> None:
    given["indicators"][0] |= {"role": "secondary", "worthwhile": 0.1}
    given["indicators"][1] = {"id": "new", "label": {"en": "New", "es": "Nuevo"}, "column": "safe", "yes": ["no"]}
    given["inference"] = {"confidence": 0.9}


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "en",
            [
                "“Feels safe”, role: Primary in the plan, now Secondary.",
                "“Feels safe”, smallest change that matters: 5.0 percentage points in the plan, "
                "now 10.0 percentage points.",
                "“New”: not planned; added after the plan.",
                "“Trust”: declared in the plan, now left out.",
                "Inference, confidence of intervals: 95% in the plan, now 90%.",
            ],
        ),
        (
            "es",
            [
                "«Se siente seguro», función: Principal en el plan, ahora Secundario.",
                "«Se siente seguro», cambio mínimo relevante: 5.0 puntos porcentuales en el plan, "
                "ahora 10.0 puntos porcentuales.",
                "«Nuevo»: no planificado; añadido después del plan.",
                "«Confianza»: declarado en el plan, ahora retirado.",
                "Inferencia, confianza de los intervalos: 95% en el plan, ahora 90%.",
            ],
        ),
    ],
)
def test_deviations_are_said(at_home, language, wanted):
    record(at_home())
    words = Words(language)
    found = deviations.facts(at_home(several), words)
    assert found is not None
    assert [said.replace("\\", "") for said in found["deviations"]] == wanted
    text = words.template("plan_deviations", **found)
    assert all(said in text for said in found["deviations"])


@pytest.mark.parametrize("key", CHANGES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_deviation_has_words(at_home, language, key):
    record(at_home())
    found = deviations.facts(at_home(CHANGES[key]), Words(language))
    assert found is not None
    key_text = Words(language).label("plan", "key", key)
    assert any(key_text in said for said in found["deviations"])


# --- the numbers ----------------------------------------------------------------------------------------------------
def numbers(design: declared.Design) -> design_stage.Numbers:
    return design_stage.numbers(design, baseline(design))


def test_a_declared_wave_without_rows_is_no_error(at_home):
    design = at_home(survey=rows({"2003": 100}))
    found = numbers(design)
    assert (found.wave, found.followed, found.pilots, found.comparisons) == ("2003", False, 3, 3)
    safe, trust, later = found.bases
    # half of 100 respondents; n / (n - 1) stands in variance and simple-random variance alike: the design effect is 1
    assert (safe.level, safe.n, safe.assumed) == (0.5, 100, False)
    assert safe.deff == pytest.approx(1)
    # answers 2 and 6: mean 4, sd 2 sqrt(100 / 99)
    assert (trust.level, trust.unit) == (4, "scale")
    assert trust.sd == pytest.approx(2 * (100 / 99) ** 0.5, rel=1e-7)
    # the question of the follow-up is assumed to be a share of one half
    assert (later.level, later.n, later.assumed) == (0.5, 100, True)


def test_differences_equal_the_power_functions(at_home):
    found = numbers(at_home(survey=rows({"2003": 100})))
    for k, shock in enumerate((0, 0.02, 0.03, 0.05)):
        # by hand: se^2 = (2 shock^2 + 2 (1/4) / 100) (1/3 + 1/3), t with 4 degrees of freedom
        se = ((2 * shock**2 + 0.005) * 2 / 3) ** 0.5
        wanted = power.minimum_detectable(se, 4)
        assert found.mde[0][k] == pytest.approx(wanted, rel=1e-6)
        assert wanted == pytest.approx(power.design_mde(0.5, 100, 3, 3, shock_sd=shock), rel=1e-9)
        # a mean: in the same proportion to its standard deviation, a share of one half having one of a half
        assert found.mde[1][k] == pytest.approx(wanted * found.bases[1].sd / 0.5, rel=1e-6)
        assert found.own[k] == pytest.approx(wanted, rel=1e-6)
        needed = found.needed[k]
        assert needed.districts == power.districts_needed(0.05, 0.5, 100, shock_sd=shock)
        assert needed.interviews == power.interviews_needed(0.05, 0.5, 3, 3, shock_sd=shock)
    assert found.interviews == [25, 50, 100, 200]
    place = found.districts.index(10)
    assert found.grid[2][place][3] == pytest.approx(power.design_mde(0.5, 200, 10, 10, shock_sd=0.03), abs=1e-8)


def test_declared_shocks_are_taken(at_home):
    found = numbers(at_home(lambda given: given.update(plan={"shocks": [0.04, 0.01]}), rows({"2003": 40})))
    assert found.shocks == [0.01, 0.04]
    assert found.mde[0][1] > found.mde[0][0]


def test_without_data_shares_are_assumed(at_home):
    found = numbers(at_home())
    shares = [b for b in found.bases if b.unit == "share"]
    assert [b.level for b in shares] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert all(b.assumed and b.n == 400 for b in found.bases)
    wanted = power.design_mde(0.1, 400, 3, 3, shock_sd=0.03, deff=design_stage.DEFF)
    assert found.mde[0][2] == pytest.approx(wanted, rel=1e-6)
    assert found.wave == ""
    assert found.needed  # of the primary share, taken as one half


def test_answers_of_the_follow_up_are_not_read(at_home):
    alone = numbers(at_home(survey=rows({"2003": 60})))
    # the file holds the later wave, in which everything is different
    text = rows({"2003": 60}) + "".join(f"{d},2005,yes,7\n" for d in DISTRICTS for _ in range(9))
    both = numbers(at_home(survey=text))
    assert both.followed
    assert not alone.followed
    assert (both.bases, both.mde, both.needed) == (alone.bases, alone.mde, alone.needed)


def test_only_the_follow_up_is_no_baseline(at_home):
    found = numbers(at_home(survey=rows({"2005": 30})))
    assert found.followed
    assert found.wave == ""
    assert all(b.assumed for b in found.bases)


def test_one_file_a_wave_the_second_not_there_yet(at_home):
    def files(given: dict) -> None:
        given["data"]["files"] = [{"path": "survey.csv", "wave": "2003"}, {"path": "next.csv", "wave": "2005"}]
        given["data"]["columns"] = {"district": "district"}

    design = at_home(files, rows({"2003": 50}))
    assert numbers(design).bases[0].n == 50
    (paths.raw("x") / "next.csv").write_text("anything", encoding="utf-8")
    assert numbers(design).followed


def test_a_wrong_answer_is_still_an_error(at_home):
    with pytest.raises(DataError, match="nowhere"):
        numbers(at_home(survey=rows({"2003": 5}) + "nowhere,2003,yes,2\n"))


def arms(pilots: int, comparisons: int) -> Any:
    chosen = [f"p{k}" for k in range(pilots)] + [f"c{k}" for k in range(comparisons)]
    return lambda given: given.update(districts=[d for d in given["districts"] if d["id"] in chosen])


def test_few_districts_take_the_headline_rule(at_home):
    one = numbers(at_home(arms(1, 3)))
    assert one.clustered
    assert one.own[2] == pytest.approx(power.design_mde(0.5, 400, 1, 3, shock_sd=0.03, deff=1.5), rel=1e-6)
    # sampling error only: normal quantiles
    pair = numbers(at_home(arms(1, 1)))
    assert not pair.clustered
    se = power.standard_error(power.sampling_variance(0.5, 400, 1.5), 1, 1)
    assert pair.own[0] == pytest.approx(power.minimum_detectable(se, math.inf), rel=1e-6)
    alone = numbers(at_home(arms(3, 0)))
    se = (power.sampling_variance(0.5, 400, 1.5) / 3) ** 0.5
    assert alone.own[0] == pytest.approx(power.minimum_detectable(se, float("inf")), rel=1e-6)


# --- the pages ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("survey", [None, rows({"2003": 40})], ids=["no data", "baseline"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_cell_of_the_notebook_shows(at_home, language, survey):
    from fewdistricts.exhibits.documents import plan

    design = at_home(survey=survey)
    record(design)
    file = design_stage.file("x")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(design_stage.text(numbers(design)), encoding="utf-8")
    paper = plan.open("x", language)
    said = [paper.prose(name) for name in ("answer", "design", "differences", "needed", "declared", "record")]
    text = "".join(each.data["text/markdown"] for each in said)
    assert hashed(design) in text
    assert Words(language).share(0.8, 0) in text
    assert_every_difference_is_said_on_pointing(paper.figure())
    tables = {name: paper.table(name) for name in plan.TABLES}
    assert all(tables.values())
    # the worthwhile 5 points are more than three districts an arm can find, measured or assumed
    assert Words(language).label("plan", "verdict", "never", size=Words(language).size(0.05, "share")) in text


def assert_every_difference_is_said_on_pointing(figure: Any) -> None:
    """By the discs that the page gives titles; what lies above the panel is in the table alone."""
    data, _ = figure._repr_mimebundle_()
    said = " ".join(re.findall(r'id="value: ([^"]*)"', data["image/svg+xml"]))
    rows = [row["cells"] for row in data[display.TABLE]["rows"] if "cells" in row]
    shown = [cell for row in rows for cell in row[1:] if float(cell) <= HIGHEST * 100]
    assert len(shown) > 20
    assert [number for number in shown if f": {number} " not in said] == []


def test_the_plan_is_built_and_recorded(at_home, capsys):
    at_home(lambda given: given["report"].update(languages=["en"]), rows({"2003": 40}))
    assert main(["plan", "x", "--jobs", "1"]) == 0
    assert "\nPlan in reports/x/: 4 tasks ran" in "\n" + capsys.readouterr().err
    page = paths.reports("x") / "plan-en.pdf"
    assert page.read_bytes().startswith(b"%PDF-")
    plan = planned.recorded("x")
    assert plan is not None
    assert plan.hash == hashed(declared.load("x"))
    assert not plan.followed
    # nothing of the report was built, and a plan that declares other things is refused
    assert not (paths.processed("x") / "survey").exists()
    at_home(lambda given: (given["report"].update(languages=["en"]), CHANGES["role"](given)))
    assert main(["plan", "x", "--jobs", "1", "--quiet"]) == ConfigurationError.exit_code
