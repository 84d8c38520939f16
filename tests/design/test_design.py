"""evaluation.yaml: what it gives, and every problem it can have, named with its key."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from fewdistricts import design
from fewdistricts.errors import ConfigurationError, Problem
from fewdistricts.paths import PROJECT

Change = Callable[[dict[str, Any]], object]


def problems(declare: Any, declared: Any) -> list[Problem]:
    declare(declared)
    with pytest.raises(ConfigurationError) as caught:
        design.load("small")
    return [problem for problem in caught.value.problems if isinstance(problem, Problem)]


def loaded(declare: Any, declared: Any) -> design.Design:
    declare(declared)
    return design.load("small")


def test_reads_dates_texts_and_defaults(declare: Any, declaration: dict[str, Any]) -> None:
    small = loaded(declare, declaration)
    assert small.evaluation == "small"
    assert small.title == {"en": "A small evaluation"}
    assert small.intervention.start == date(2004, 1, 1)
    assert small.wave("2003").fieldwork == (date(2003, 10, 1), date(2003, 12, 31))  # a month ends on its last day
    assert small.inference.confidence == 0.95
    assert small.disclosure.minimum_cell == 10
    assert small.synthetic
    assert [d.id for d in small.pilots + small.comparisons + small.neighbours] == ["north", "south"]


UNITS = {
    "both forms in each language": (
        {"one": {"en": "theft", "es": "robo"}, "many": {"en": "thefts", "es": "robos"}},
        ({"en": "theft", "es": "robo"}, {"en": "thefts", "es": "robos"}),
    ),
    "each language with both forms, or one text": (
        {"en": {"one": "theft", "many": "thefts"}, "es": "robos"},
        ({"en": "theft", "es": "robos"}, {"en": "thefts", "es": "robos"}),
    ),
    "both forms": ({"one": "theft", "many": "thefts"}, ({"en": "theft"}, {"en": "thefts"})),
    "one text": ("hours a day", ({"en": "hours a day"}, {"en": "hours a day"})),
    "a text in each language": ({"en": "hours a day"}, ({"en": "hours a day"}, {"en": "hours a day"})),
}


@pytest.mark.parametrize("given", UNITS)
def test_a_unit_is_one_text_or_singular_and_plural(given: str, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][1]["unit"], forms = UNITS[given]
    unit = loaded(declare, declaration).indicators[1].unit
    assert unit is not None
    assert (unit.one, unit.many) == forms


def test_indicators_know_what_they_are(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"].append({"id": "thefts", "label": "Thefts", "column": "victim", "among": {"sex": "f"}})
    design = loaded(declare, declaration)
    share, scale, count = design.indicators
    assert [share.unit_of, scale.unit_of, count.unit_of] == ["share", "scale", "count"]
    assert (share.is_share, count.is_share) == (True, False)
    assert (design.conditional(count), design.conditional(share)) == (True, False)
    assert count.among == {"sex": ("f",)}


def test_yaml_is_1_2_and_a_plain_no_is_a_word(declare: Any, declaration: dict[str, Any]) -> None:
    text = json.dumps(declaration).replace('"yes": ["yes"]', "yes: [yes], no: [no, off]")
    assert loaded(declare, text).indicator("feels_safe").no == ("no", "off")


def test_characters_that_json_escapes_by_halves_are_whole(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["title"] = "Safe \U0001f600"
    assert "\\ud83d\\ude00" in json.dumps(declaration)
    assert loaded(declare, json.dumps(declaration)).title == {"en": "Safe \U0001f600"}
    assert "U+DE00" in problems(declare, json.dumps(declaration).replace("\\ud83d", ""))[0].found  # half of one


def test_codes_are_the_same_however_they_are_written() -> None:
    assert {design.canonical(value) for value in (1, 1.0, "1", "1.0", " 1 ", "1.00")} == {"1"}
    assert design.canonical("01") == "01"  # a district code, not a number
    assert design.canonical("-9.0") == design.canonical(-9) == "-9"
    assert design.canonical("an\u0303o") == design.canonical("a\u00f1o")
    assert design.canonical(float("nan")) == design.canonical(None) == ""
    assert design.canonical(True) == design.canonical("TRUE") == "true"


def test_phase_baseline_and_followups_by_dates(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["waves"].append({"id": "2007", "label": "2007", "fieldwork": ["2007-01-05", "2007-02-01"]})
    declaration["districts"].append({"id": "east", "name": "East", "arm": "pilot", "start": "2006-05"})
    declaration["districts"].append({"id": "late", "name": "Late", "arm": "pilot", "start": "2009-01"})
    small = loaded(declare, declaration)
    assert [small.phase("north", wave) for wave in small.waves] == ["before", "after", "after"]
    assert [small.phase("east", wave) for wave in small.waves] == ["before", "before", "after"]
    assert [w.id for w in small.followups("north")] == ["2005", "2007"]
    baseline = small.baseline("east")
    assert baseline is not None and baseline.id == "2005"
    assert [w.id for w in small.followups("east")] == ["2007"]
    assert small.followups("late") == ()  # not started by the last wave


def test_without_a_start_every_wave_lies_before_it(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["intervention"]["start"] = None
    small = loaded(declare, declaration)
    baseline = small.baseline("north")
    assert baseline is not None and baseline.id == "2005"
    assert small.followups("north") == ()
    assert small.start_of("north") is None


def test_a_district_whose_first_wave_came_after_the_start_has_no_baseline(declare: Any, declaration: dict[str, Any]):
    declaration["intervention"]["start"] = "2003-01"
    assert loaded(declare, declaration).baseline("north") is None


def test_districts_not_yet_started_need_one_that_never_does(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["inference"] = {"comparisons": "not_yet"}
    for district in declaration["districts"]:
        district["arm"] = "pilot"
    found = problems(declare, declaration)
    assert [p.where.split(": ")[1].split(" ")[0] for p in found] == ["inference.comparisons"]
    assert "declare the districts that start last as comparison" in found[0].remedy


def test_a_straddling_wave_must_say_what_it_is_and_why(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["intervention"]["start"] = "2003-11"
    found = problems(declare, declaration)
    assert [p.where.split(": ")[1].split(" ")[0] for p in found] == ["waves[0].phase", "waves[0].phase_reason"]
    declaration["waves"][0] |= {"phase": "before", "phase_reason": "Patrols began in December"}
    assert loaded(declare, declaration).phase("south", "2003") == "before"


def test_comparable_and_asked(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["comparable"] = {"2003": False}
    declaration["indicators"][1]["waves"] = ["2005"]
    small = loaded(declare, declaration)
    assert not small.comparable("feels_safe", "2003", "2005")
    assert small.comparable("feels_safe", "2005", "2005")
    assert not small.asked("trust", "2003")
    assert not small.comparable("trust", "2003", "2005")


def test_an_indicator_replaces_only_the_kinds_it_names(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["missing"] = {"dont_know": [8, "DK"]}
    kinds = loaded(declare, declaration).missing_of("feels_safe")
    assert (kinds["refused"], kinds["dont_know"], kinds["unspecified"]) == (("-9",), ("8", "DK"), ())


def test_a_plain_name_serves_all_languages_a_plain_text_only_one(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["report"]["languages"] = ["en", "es"]
    found = problems(declare, declaration)
    keys = {problem.where.split(": ")[1].split(" ")[0] for problem in found}
    assert keys == {"title", "intervention.description", "data.source"}  # names of things may be one for all
    assert any(problem.found == "no text in 'es'" for problem in found)


def test_notebooks_by_default_up_to_a_hundred_districts(declare: Any, declaration: dict[str, Any]) -> None:
    assert len(loaded(declare, declaration).notebook_districts) == 2
    declaration["districts"] += [{"id": f"c{i}", "name": f"C{i}", "arm": "comparison"} for i in range(99)]
    assert [d.id for d in loaded(declare, declaration).notebook_districts] == ["north"]


def test_labels_keep_their_order_and_say_what_else_is_an_answer(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["report"]["languages"] = ["en", "es"]
    for block in (declaration["intervention"], declaration["data"]):
        block.update({k: {"en": "x", "es": "x"} for k in ("description", "source") if k in block})
    declaration["title"] = {"en": "x", "es": "x"}
    answers = {"no": "no", "a bit": {"en": "a bit", "es": "un poco"}, "yes": {"en": "yes", "es": "sí"}}
    declaration["indicators"][0]["answers"] = answers
    declaration["covariates"] = ["sex"]
    declaration["labels"] = {"sex": {"label": "Sex", "answers": {"f": {"en": "women", "es": "mujeres"}, "m": "m"}}}
    small = loaded(declare, declaration)
    assert list(small.indicators[0].answers) == ["no", "a bit", "yes"]
    assert small.indicators[0].answers["yes"] == {"en": "yes", "es": "sí"}
    assert small.indicators[0].others == ("no", "a bit")
    assert small.labels["sex"].answers["f"]["es"] == "mujeres"


def test_unknown_ids_name_the_nearest(declare: Any, declaration: dict[str, Any]) -> None:
    small = loaded(declare, declaration)
    with pytest.raises(ConfigurationError, match="did you mean 'north'"):
        small.district("nort")
    with pytest.raises(ConfigurationError, match="2003, 2005"):
        small.wave("x")


VILLAGE = {"one": "village", "many": "villages"}
FEMININE = {"one": "comunidad", "many": "comunidades", "gender": "f"}
BREAKS: dict[str, tuple[Change, str, str]] = {
    # what is done: the key named, a part of the message
    "unknown key": (lambda d: d["indicators"][0].update(colum="x"), "indicators[0].colum", "did you mean 'column'?"),
    "unknown top key": (lambda d: d.update(indicator=[]), "indicator", "did you mean 'indicators'?"),
    "a key of ours": (lambda d: d.update(evaluation="x"), "evaluation", "unknown key"),
    "missing key": (lambda d: d["indicators"][0].pop("label"), "indicators[0].label", "add `label:`"),
    "no districts": (lambda d: d.pop("districts"), "districts", "add `districts:`"),
    "no start": (lambda d: d["intervention"].pop("start"), "intervention.start", "add `start:`"),
    "wrong word": (lambda d: d["districts"][1].update(arm="comparson"), "districts[1].arm", "mean 'comparison'"),
    "wrong type": (lambda d: d.update(waves="2003"), "waves", "a list"),
    "bad date": (lambda d: d["intervention"].update(start="2003-13"), "intervention.start", "no calendar"),
    "a year": (lambda d: d["intervention"].update(start=2003), "intervention.start", "a month like 2003-11"),
    "dates reversed": (
        lambda d: d["waves"][0].update(fieldwork=["2003-12", "2003-10"]), "waves[0].fieldwork", "the wrong way round?",
    ),
    "waves reversed": (lambda d: d["waves"].reverse(), "waves[1].fieldwork", "in the order of their fieldwork"),
    "phase against dates": (lambda d: d["waves"][1].update(phase="before"), "waves[1].phase", "after by the dates"),
    "path out": (lambda d: d["data"]["files"][0].update(path="../x.csv"), "data.files[0].path", "inside the folder"),
    "absolute path": (lambda d: d["data"]["files"][0].update(path="/etc/x.csv"), "data.files[0].path", "inside the"),
    "file twice": (lambda d: d["data"]["files"].append({"path": "survey.csv"}), "data.files[1].path", "each file once"),
    "encoding": (lambda d: d["data"]["files"][0].update(encoding="latin-11"), "data.files[0].encoding", "'latin-1'"),
    "sha": (lambda d: d["data"]["files"][0].update(sha256="abc"), "data.files[0].sha256", "64 hexadecimal digits"),
    "no wave column": (lambda d: d["data"]["columns"].pop("wave"), "data.files[0].wave", "a wave for every file"),
    "no district column": (lambda d: d["data"]["columns"].pop("district"), "data.columns.district", "names a row's"),
    "panel": (lambda d: d["data"].update(sampling="panel"), "data.columns.respondent", "respondent ids"),
    "level district": (lambda d: d["data"].update(level="district"), "data.columns.weight", "no sample"),
    "one column two roles": (
        lambda d: d["data"]["columns"].update(weight="wave"), "data.columns.weight", "one meaning for each column",
    ),
    "reserved district": (lambda d: d["districts"][0].update(id="pooled"), "districts[0].id", "any id but pooled"),
    "reserved wave": (lambda d: d["waves"][0].update(id="before"), "waves[0].id", "any id but before"),
    "double id": (lambda d: d["districts"][1].update(id="North"), "districts[1].id", "whatever its case"),
    "odd id": (lambda d: d["districts"][1].update(id="a/b"), "districts[1].id", "letters a-z, digits"),
    "double spelling": (lambda d: d["districts"][1].update(value=["north", 1]), "districts[1].value", "one meaning"),
    "no pilot": (lambda d: d["districts"][0].update(arm="neighbour"), "districts", "at least one pilot"),
    "comparison starts": (lambda d: d["districts"][1].update(start="2004-02"), "districts[1].start", "is it a pilot?"),
    "lot": (
        lambda d: d["intervention"].update(assignment={"by": "lot", "within": "block"}),
        "districts[0].block",
        "a block for every pilot and comparison district",
    ),
    "no_lot": (
        lambda d: d["intervention"].update(assignment={"by": "rule", "within": "pair"}),
        "intervention.assignment.within",
        "only with `by: lot`",
    ),
    "half_clustered": (lambda d: d["districts"][0].update(cluster="north"), "districts[1].cluster", "or none"),
    "unpaired": (lambda d: d["districts"][0].update(pair="a"), "districts[1].pair", "or none"),
    "phase of unknown wave": (
        lambda d: d["districts"][0].update(phase={"203": "before"}), "districts[0].phase.203", "did you mean '2003'?",
    ),
    "yes and scale": (lambda d: d["indicators"][0].update(scale=[1, 2]), "indicators[0].scale", "not both"),
    "no without yes": (lambda d: d["indicators"][1].update(no=[1]), "indicators[1].no", "lists the other answers"),
    "yes and no": (lambda d: d["indicators"][0].update(no=["yes"]), "indicators[0].no", "each answer once"),
    "yes missing": (lambda d: d["indicators"][0].update(yes=[-9]), "indicators[0].yes", "declared refused too"),
    "empty yes": (lambda d: d["indicators"][0].update(yes=[]), "indicators[0].yes", "at least 1 item"),
    "scale reversed": (lambda d: d["indicators"][1].update(scale=[7, 1]), "indicators[1].scale", "the smallest and"),
    "worthwhile in %": (lambda d: d["indicators"][0].update(worthwhile=5), "indicators[0].worthwhile", "0.05"),
    "reserved indicator": (lambda d: d["indicators"][0].update(id="weight"), "indicators[0].id", "any id but"),
    "code of two kinds": (
        lambda d: d["data"]["missing"].update(unspecified=[-9]), "data.missing.unspecified", "one kind for each code",
    ),
    "waves of indicator": (lambda d: d["indicators"][0].update(waves=["2004"]), "indicators[0].waves[0]", "2003, 2005"),
    "comparable": (lambda d: d["indicators"][0].update(comparable={"x": True}), "indicators[0].comparable.x", "2003"),
    "family": (lambda d: d.update(families={"outcome": "Outcomes"}), "indicators[0].family", "did you mean 'outcome'?"),
    "headline": (lambda d: d.update(inference={"headline": "lst"}), "inference.headline", "did you mean 'last'?"),
    "confidence": (lambda d: d.update(inference={"confidence": 95}), "inference.confidence", "less than 1"),
    "population": (lambda d: d.update(inference={"districts": "population"}), "inference.districts", "'south'"),
    "covariate clash": (lambda d: d.update(covariates=["trust"]), "covariates[0]", "a name of its own"),
    "language": (lambda d: d["report"].update(languages=["fr"]), "report.languages[0]", "en, es"),
    "published": (
        lambda d: d.update(
            published=[{"place": "X", "wave": "2003", "indicator": "feels_saf", "value": 0.36, "source": "Y"}]
        ),
        "published[0].indicator", "did you mean 'feels_safe'?",
    ),
    "published percent": (
        lambda d: d.update(
            published=[{"place": "X", "wave": "2003", "indicator": "feels_safe", "value": 36, "source": "Y"}]
        ),
        "published[0].value", "a fraction from 0 to 1",
    ),
    "answers of a count": (
        lambda d: d["indicators"][1].update(scale=None, answers={"1": "a"}), "indicators[1].answers", "without a scale",
    ),
    "an answer without label": (
        lambda d: d["indicators"][0].update(answers={"no": "No"}), "indicators[0].answers", "no 'yes', which `yes`",
    ),
    "a label without answer": (
        lambda d: d["indicators"][0].update(no=["no"], answers={"yes": "Y", "no": "N", "so": "S"}),
        "indicators[0].answers.so", "in neither",
    ),
    "a label off the scale": (
        lambda d: d["indicators"][1].update(answers={"8": "a lot"}), "indicators[1].answers.8", "a number from 1 to 7",
    ),
    "a missing answer labelled": (
        lambda d: d["indicators"][0].update(answers={"yes": "Y", "-9": "N"}), "indicators[0].answers", "refused too",
    ),
    "labels of nothing": (
        lambda d: d.update(covariates=["sex"], labels={"sx": {"label": "Sex"}}), "labels.sx", "did you mean 'sex'?",
    ),
    "endless label": (lambda d: d["indicators"][0].update(label="x" * 100_000), "indicators[0].label", "at most 300"),
    "blank label": (lambda d: d["indicators"][0].update(label={"en": " "}), "indicators[0].label", "not empty"),
    "a unit without its plural": (
        lambda d: d["indicators"][1].update(unit={"one": "theft"}), "indicators[1].unit.many", "add `many:`",
    ),
    "a unit of a share": (
        lambda d: d["indicators"][0].update(unit={"one": "yes", "many": "yes"}), "indicators[0].unit", "for means only",
    ),
    "an empty unit": (lambda d: d["indicators"][1].update(unit=""), "indicators[1].unit", "a text that is not empty"),
    "an unknown noun": (lambda d: d.update(words={"village": {}}), "words.village", "district, respondent, interview"),
    "a noun in no language of the report": (
        lambda d: d.update(words={"district": {"es": FEMININE}}), "words.district", "no noun in 'en'",
    ),
    "a programme in one language of two": (
        lambda d: d.update(words={"programme": {"es": {"one": "campaña", "many": "campañas", "gender": "f"}}}),
        "words.programme", "no noun in 'en'",
    ),
    "a noun without a plural": (
        lambda d: d.update(words={"district": {"en": {"one": "village"}}}), "words.district.en.many", "add `many:`",
    ),
    "a noun without its gender": (
        lambda d: d.update(words={"district": {"en": VILLAGE, "es": FEMININE | {"gender": None}}}),
        "words.district", "no gender of 'comunidad' in 'es'",
    ),
    "a gender in English": (
        lambda d: d.update(words={"district": {"en": VILLAGE | {"gender": "f"}}}),
        "words.district", "take `gender:` out",
    ),
    "a third gender": (
        lambda d: d.update(words={"district": {"en": VILLAGE, "es": FEMININE | {"gender": "n"}}}),
        "words.district.es.gender", "m, f",
    ),
    "markup in a noun": (
        lambda d: d.update(words={"district": {"en": VILLAGE | {"one": "*village*"}}}),
        "words.district.en.one", "a noun of letters",
    ),
    "infinite": (lambda d: d["districts"][0].update(population=float("inf")), "districts[0].population", "finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_each_problem_is_named_at_its_key(name: str, declare: Any, declaration: dict[str, Any]) -> None:
    change, key, message = BREAKS[name]
    change(declaration)
    text = json.dumps(declaration, indent=1).replace("Infinity", ".inf")
    found = problems(declare, text)
    mine = [p for p in found if p.where.removeprefix("data/raw/small/evaluation.yaml: ").split(" (line")[0] == key]
    assert mine, [str(problem) for problem in found]
    assert any(message in str(problem) for problem in mine), [str(problem) for problem in found]


def test_all_problems_come_at_once_whatever_their_kind(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["beter"] = "higher"  # refused by pydantic
    declaration["waves"][0]["fieldwork"] = ["2003-12", "2003-10"]  # by a type
    declaration["inference"] = {"headline": "2006"}  # by a rule between keys
    declaration["districts"][0]["phase"] = {"2009": "before"}  # likewise, in a healthy block
    assert len(problems(declare, declaration)) == 4


def test_problems_name_file_and_line(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["districts"][1]["arm"] = "pilote"
    text = json.dumps(declaration, indent=1)
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "pilote" in row)
    [problem] = problems(declare, text)
    assert problem.where == f"data/raw/small/evaluation.yaml: districts[1].arm (line {line})"


TEXTS = {
    "duplicate key": ("title: a\nwaves: []\ntitle: b\n", "line 3", "duplicate key"),
    "not YAML": ("title: [a\nwaves: b\n", "line 2", "no YAML"),
    "a tab": ("title:\n\ta: b\n", "line 2", "no YAML"),
    "empty": ("", "evaluation.yaml", "an empty file"),
    "only a word": ("hello", "evaluation.yaml", "keys and values"),
    "control character": ("title: a\x07", "line 1", "the character U+0007 at 'title'"),
    "a tag": ("title: !!python/object:os.system x\n", "line 1", "no YAML"),
    "a date no calendar has": ("title: 2003-45-45\n", "evaluation.yaml", "nothing"),
    "endless number": ("title: " + "9" * 5000, "evaluation.yaml", "no YAML"),
    "deep": ("title: " + "[" * 500, "evaluation.yaml", ""),
    "self": ("title: &a [*a]\nwaves: *a\n", "evaluation.yaml", ""),
}


@pytest.mark.parametrize("name", TEXTS)
def test_broken_text_is_one_clear_error(name: str, declare: Any) -> None:
    text, where, message = TEXTS[name]
    found = problems(declare, text)
    assert where in found[0].where
    assert any(message in str(problem) for problem in found)


def test_missing_folder_file_and_foreign_encoding(declare: Any, declaration: dict[str, Any]) -> None:
    folder = declare(declaration)
    with pytest.raises(ConfigurationError, match="did you mean 'small'"):
        design.load("smal")
    with pytest.raises(ConfigurationError, match="under data/raw"):
        design.load("../raw/small")
    (folder / "evaluation.yaml").write_bytes("title: año".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        design.load("small")
    (folder / "evaluation.yaml").unlink()
    with pytest.raises(ConfigurationError, match=r"no evaluation\.yaml"):
        design.load("small")


def test_districts_may_come_from_columns(declare: Any, declaration: dict[str, Any]) -> None:
    declaration["districts"] = {"column": "district", "arm": "arm", "name": "label"}
    small = loaded(declare, declaration)
    assert small.districts == ()
    districts = [
        design.District(id=name, name={"en": name}, arm=arm) for name, arm in {"a": "pilot", "b": "pilot"}.items()
    ]
    assert [d.id for d in design.with_districts(small, districts).pilots] == ["a", "b"]
    with pytest.raises(ConfigurationError, match="at least one pilot"):
        design.with_districts(small, [design.District(id="a", name={"en": "a"}, arm="comparison")])
    declaration["districts"]["amr"] = "x"
    assert "districts.amr (line" in problems(declare, declaration)[0].where


def test_the_schema_knows_every_key_and_no_other(declaration: dict[str, Any]) -> None:
    schema = design.schema()
    assert set(declaration) <= set(schema["properties"])
    assert not {"evaluation", "district_columns"} & set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert {"title", "districts", "report"} <= set(schema["required"])
    assert len(schema["properties"]["districts"]["anyOf"]) == 2


@pytest.mark.parametrize("name", sorted(p.parent.name for p in PROJECT.glob("data/raw/*/evaluation.yaml")))
def test_the_shipped_evaluations_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PROJECT / "data" / "raw" / name / "evaluation.yaml").read_text(encoding="utf-8")
    yaml = YAML(typ="safe", pure=True)
    jsonschema.validate(json.loads(json.dumps(yaml.load(text), default=str)), design.schema())  # as an editor does
    monkeypatch.delenv("EVALUATION_HOME", raising=False)
    shipped = design.load(name)
    assert shipped.report.languages == ("en", "es")
    assert len(shipped.waves) == 2


def test_a_design_cannot_be_changed(declare: Any, declaration: dict[str, Any]) -> None:
    small = loaded(declare, copy.deepcopy(declaration))
    with pytest.raises(ValueError, match="frozen"):
        small.title = {}  # type: ignore[misc]
