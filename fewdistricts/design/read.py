"""From the text of evaluation.yaml to a `Design`, or to every problem it has, each with its key and line."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from pathlib import Path as FilePath
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from fewdistricts import paths
from fewdistricts.design import yaml12
from fewdistricts.design.blocks import Declared, District, Indicator, Published, Subgroup, Wave
from fewdistricts.design.model import Design
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.placeholders import elsewhere, placeholders, problems
from fewdistricts.design.rules import findings
from fewdistricts.design.types import LANGUAGES, short
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.spelling import unprintable

NAME = "evaluation.yaml"
MOST_PROBLEMS = 200
"""Problems of the keys that are named before they are only counted."""
UNWRITTEN = ("evaluation", "district_columns")
"""Fields of `Design` that are no keys: the name of the folder, and `districts` where it names columns."""
DISTRICTS = "districts.json"
"""Districts taken from the data, under data/processed/<e>/, written by the survey."""


def load(evaluation: str) -> Design:
    """The design of an evaluation; ConfigurationError with all problems of its evaluation.yaml at once.

    What a draft left open (`???`) comes first.
    """
    file = _file(evaluation)
    where = paths.shown(file)
    text = _text(file, where)
    design = _declared(evaluation, text, where)
    resolved = paths.processed(evaluation) / DISTRICTS
    if design.district_columns and resolved.exists():
        rows = json.loads(resolved.read_text(encoding="utf-8"))
        return design.model_copy(update={"districts": tuple(District.model_validate(row) for row in rows)})
    return design


@functools.lru_cache(maxsize=1)
def _declared(evaluation: str, text: str, where: str) -> Design:
    """The design that a text declares: read once, since every notebook's process is a copy of one that has read it."""
    raw = _parse(text, where)
    open_paths = placeholders(raw)
    design, found = _validate(evaluation, raw)
    if found or open_paths or design is None:
        tree = yaml12.compose(text)
        open_problems = problems(open_paths, where, text, lambda path: _line_of(path, tree))
        raise ConfigurationError(
            [*open_problems, *(_problem(each, where, tree) for each in elsewhere(found, open_paths))]
        )
    return design


def with_districts(design: Design, districts: Iterable[District]) -> Design:
    """The design with the districts found in its data; ConfigurationError where they break a rule."""
    filled = design.model_copy(update={"districts": tuple(districts)})
    if found := list(findings(Parts.of(filled))):
        where = paths.shown(paths.raw(design.evaluation) / NAME)
        raise ConfigurationError(_problem(finding, where, None) for finding in found)
    return filled


def schema() -> dict[str, Any]:
    """JSON Schema of evaluation.yaml, for editors."""
    out = Design.model_json_schema()
    properties = out["properties"]
    del properties["evaluation"]
    columns = next(option for option in properties.pop("district_columns")["anyOf"] if "$ref" in option)
    listed = {key: value for key, value in properties["districts"].items() if key not in ("default", "description")}
    described = properties["districts"]["description"]
    properties["districts"] = {"anyOf": [listed, columns], "description": described}
    out["required"] = ["districts" if name == "evaluation" else name for name in out["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **out}


def _file(evaluation: str) -> FilePath:
    folder = paths.raw("")
    try:
        names = sorted(path.parent.name for path in folder.glob(f"*/{NAME}"))
    except OSError:
        names = []
    file = paths.raw(evaluation) / NAME
    if file.parent.parent != folder or not evaluation.strip(". "):
        raise ConfigurationError(
            Problem("evaluation", short(evaluation), "the name of a folder under data/raw", nearest(evaluation, names))
        )
    if not file.is_file():
        what = f"no {NAME}" if file.parent.is_dir() else "no such folder"
        remedy = nearest(evaluation, names) or f"`make new EVALUATION={evaluation}` drafts one"
        raise ConfigurationError(Problem(paths.shown(file), what, ", ".join(names) or "a described survey", remedy))
    return file


def _text(file: FilePath, where: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            Problem(f"{where}, byte {error.start}", "text that is not UTF-8", "UTF-8", "save it again as UTF-8")
        ) from None


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        raw = yaml12.load(text)
    except DuplicateKeyError as error:
        raise ConfigurationError(
            Problem(
                f"{where}, line {_line(error)}",
                f"{error.problem}".split(" with value")[0].removeprefix("found ")[:200],
                "each key once",
            )
        ) from None
    except RecursionError:
        raise ConfigurationError(Problem(where, "keys nested hundreds deep", "a tree of keys and values")) from None
    except (YAMLError, ValueError, TypeError, LookupError) as error:  # a wrong `!!bool` is a bare KeyError
        _refuse_unprintable(text, where)
        line = f", line {_line(error)}" if isinstance(error, MarkedYAMLError) else ""
        found = str(getattr(error, "problem", None) or error).split("\n")[0][:200] or type(error).__name__
        remedy = "indent with spaces, not tabs" if r"'\t'" in found else "look at the lines just above, too"
        raise ConfigurationError(Problem(where + line, f"text that is no YAML: {found}", "YAML 1.2", remedy)) from None
    if not isinstance(raw, dict) or not raw:
        raise ConfigurationError(Problem(where, "an empty file" if not raw else short(raw), "keys and values"))
    return raw


def _refuse_unprintable(text: str, where: str) -> None:
    """Names the line and key of a character that YAML does not take."""
    for number, line in enumerate(text.splitlines(), start=1):
        character = unprintable(line)
        if character:
            key = line.partition(":")[0].strip(" -\"'")[:64]
            found = f"the character {character} at {key!r}"
            raise ConfigurationError(Problem(f"{where}, line {number}", found, "characters that can be printed"))


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _validate(evaluation: str, raw: dict[str, Any]) -> tuple[Design | None, list[Finding]]:
    found = [Finding((key,), f"unknown key {key!r}", _keys(Design)) for key in UNWRITTEN if key in raw]
    given = {key: value for key, value in raw.items() if key not in UNWRITTEN}
    given["evaluation"] = evaluation
    if isinstance(given.get("districts"), dict):
        given["district_columns"] = given.pop("districts")
    elif "districts" not in given:
        found.append(Finding(("districts",), "nothing", "a list of districts", "add `districts:`"))
    context = {"languages": _languages(raw.get("report"))}
    design = None
    try:
        design = Design.model_validate(given, context=context)
    except ValidationError as error:
        # a list all of whose items were refused is not also too short
        errors = [each for each in error.errors() if each["type"] != "too_short" or not each["input"]]
        found += [_finding(each) for each in errors[:MOST_PROBLEMS]]
        if len(errors) > MOST_PROBLEMS:
            found.append(Finding((), f"{len(errors) - MOST_PROBLEMS:,} further problems", "", "mend these first"))
    except RecursionError:
        return None, [Finding((), "an alias that contains itself", "a tree of keys and values")]
    parts = Parts.of(design) if design else _parts(given, context)
    return design, found + list(findings(parts))


def _languages(report: Any) -> list[str]:
    """The languages of the report that there are texts for, as far as it says so."""
    declared = report.get("languages", ["en"]) if isinstance(report, dict) else []
    return [name for name in _list(declared) if name in LANGUAGES]


def _parts(given: dict[str, Any], context: dict[str, Any]) -> Parts:
    """Each block validated alone."""
    parts = Parts(whole=False)
    for name in ("intervention", "data", "district_columns", "inference", "notebooks", "report", "families", "labels"):
        try:
            annotation: Any = Design.model_fields[name].annotation
            setattr(parts, name, TypeAdapter(annotation).validate_python(given.get(name), context=context))
        except ValidationError:
            continue
    blocks: dict[str, type[BaseModel]] = {
        "waves": Wave, "districts": District, "indicators": Indicator, "published": Published,
        "subgroups": Subgroup,
    }  # fmt: skip
    for name, model in blocks.items():
        for i, item in enumerate(_list(given.get(name))):
            try:
                getattr(parts, name).append((i, model.model_validate(item, context=context)))
            except ValidationError:
                continue
    parts.covariates = [item for item in _list(given.get("covariates")) if isinstance(item, str)]
    parts.wave_ids = _ids(given.get("waves"))
    parts.indicator_ids = _ids(given.get("indicators"))
    return parts


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ids(value: Any) -> list[str]:
    return [str(item["id"])[:64] for item in _list(value) if isinstance(item, dict) and "id" in item]


def _finding(error: Any) -> Finding:
    """One error of pydantic in our words."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "refused":
        return Finding(path, context["found"], context["allowed"], context["remedy"])
    if kind == "extra_forbidden":
        model = _model_at(path[:-1])
        return Finding(path, f"unknown key {short(str(path[-1]))}", _keys(model), nearest(str(path[-1]), _names(model)))
    if kind == "invalid_key":
        return Finding(path, f"the key {short(given)}", "names as keys", "put it in quotes where it is a name")
    if kind == "missing":
        return Finding(path, "nothing", "a value for this key", f"add `{path[-1]}:`")
    if kind == "literal_error":
        words = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return Finding(path, short(given), ", ".join(words), nearest(str(given), words))
    if kind in ("model_type", "model_attributes_type", "dict_type", "tuple_type", "list_type"):
        allowed = "a list" if kind in ("tuple_type", "list_type") else "keys and values"
        return Finding(path, short(given), allowed)
    if kind == "string_type":
        written = {"True": "true", "False": "false", "None": "null"}.get(str(given), short(given))
        return Finding(path, written, "a text", "put it in quotes where it is a name or a text")
    message = str(error["msg"])
    return Finding(path, short(given), message.removeprefix("Input should be ").removeprefix("Value error, "))


def _names(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if name not in UNWRITTEN]


def _keys(model: type[BaseModel]) -> str:
    return ", ".join(_names(model))


def _model_at(path: Path) -> type[BaseModel]:
    model: type[BaseModel] = Design
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _block(model.model_fields[part].annotation) or model
    return model


def _block(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return annotation
    if get_origin(annotation) in (tuple, dict, Union, UnionType):
        return next((block for each in get_args(annotation) if (block := _block(each))), None)
    return None


def _problem(finding: Finding, where: str, tree: Node | None) -> Problem:
    path = tuple("districts" if part == "district_columns" else part for part in finding.path)
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{str(part)[:64]}" for part in path).removeprefix(".")
    line = _line_of(path, tree)
    place = f"{where}: {key}" if key else where
    return Problem(place + (f" (line {line})" if line else ""), finding.found, finding.allowed, finding.remedy)


def _line_of(path: Path, node: Node | None) -> int | None:
    """The line of a key, or of the innermost block that holds it; None without a tree."""
    line = None
    for part in path:
        if isinstance(node, MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
