"""The questionnaire as an XLSForm (KoBo, ODK, SurveyCTO): questions, kinds and choices with their texts per language.

Read are the sheets `survey`, `choices` and `settings` as xlsform.org describes them, with `label`,
`label::English (en)`, `label::Español` and SurveyCTO's `label:spanish`, `value` for `name` among the choices, and
`select one from` for `select_one`. Types without an answer that could be an outcome (notes, places, pictures,
metadata) are passed over; choices that lie in another sheet or file are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl

from fewdistricts import paths
from fewdistricts.design import LANGUAGES, canonical
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.spelling import folded
from fewdistricts.survey.source import problems_of

NUMBERS = ("integer", "decimal", "range", "counter")
SELECTS = {"select_one": "one", "select_multiple": "several", "rank": "several"}
ELSEWHERE = {
    "select_one_external": "one",
    "select_one_from_file": "one",
    "select_multiple_from_file": "several",
}
"""Selects whose choices lie in `external_choices` or in a file of their own: places and names, hundreds of them."""
OTHERS = ("text", "date", "time", "datetime", "dateTime", "calculate", "calculate_here", "hidden", "barcode")
NO_ANSWER = (
    "note", "geopoint", "geotrace", "geoshape", "image", "photo", "audio", "background-audio", "video", "file",
    "acknowledge", "trigger", "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber",
    "username", "email", "audit", "start-geopoint", "xml-external", "csv-external", "caseid", "comments", "signature",
)  # fmt: skip

_OTHER = {"en": "Other", "es": "Otro", "pt": "Outro", "fr": "Autre"}
"""The choice that `or_other` adds; what was meant is a text in a column of its own, `<name>_other`."""

_ONE_ANSWER = re.compile(
    r"""(selected\()?\s*\$\{(?P<question>[^{}]+)\}\s*(?(1),|=)\s*(['"]?)(?P<code>[\w-]+)\3\s*(?(1)\))"""
)
"""A condition that one answer to one question meets."""

_LANGUAGE_NAMES = {
    "en": ("english", "inglés", "ingles", "anglais"),
    "es": ("español", "espanol", "spanish", "castellano", "espagnol"),
    "pt": ("português", "portugues", "portuguese", "portugais"),
    "fr": ("français", "francais", "french", "francés", "frances", "francês"),
}


_Rows = list[tuple[int, dict[str, str]]]
"""The rows of a sheet, each with its number."""
_Lists = dict[str, dict[str, dict[str, str]]]
"""List of choices: code: texts by language."""


@dataclass(frozen=True)
class Question:
    """A question of the form; texts by language, "" standing for the language of a plain `label`."""

    name: str
    kind: str
    """one, several, number or other."""
    texts: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Code: texts by language."""
    path: str = ""
    """Names of the groups it lies in, joined by slashes, and its own: KoBo's column."""
    among: tuple[str, str] | None = None
    """The question and code that it was asked after, where its condition is no more than that."""


@dataclass(frozen=True)
class Form:
    """A questionnaire."""

    title: str
    languages: tuple[str, ...]
    """Those of our report's languages that the form is written in, in its order."""
    questions: tuple[Question, ...]
    without_wording: tuple[str, ...] = ()
    """Languages of the form that the report cannot be written in, as `fr`."""

    def of(self, column: str) -> tuple[Question, str] | None:
        """The question a data column holds, and for one choice of a select_multiple that choice's code."""
        return self._by_name(column) or self._by_text(column)

    def _by_text(self, column: str) -> tuple[Question, str] | None:
        """The question of an export whose headers are the texts of the questions, with a choice after a slash."""
        whole = folded(column)
        for question in self.questions:
            for text in filter(None, question.texts.values()):
                if whole == folded(text) or (len(text) > 8 and column.endswith(f"/{text}")):
                    return question, ""
                choices = question.choices if question.kind == "several" else {}
                for code, texts in choices.items():
                    if any(whole.endswith(folded(f"{text}/{choice}")) for choice in (*texts.values(), code)):
                        return question, code
        return None

    def _by_name(self, column: str) -> tuple[Question, str] | None:
        """The question or choice whose name the column has, with or without its groups."""
        last = re.split(r"[/.]", column)[-1]
        for question in self.questions:
            if column in (question.name, question.path) or last == question.name or _dashed(question) == column:
                return question, ""
        for question in self.questions:
            if question.kind == "several":
                for code in question.choices:
                    names = (f"{own}{mark}{code}" for own in (question.name, question.path) for mark in "/_.")
                    if column in names or column.endswith(f"/{question.name}/{code}"):
                        return question, code
        return None


def read(path: Path) -> Form:
    """The form in a workbook; DataError with everything that is wrong with it."""
    where = paths.shown(path)
    survey, choices, settings = _sheets(path, where)
    general = settings[0][1] if settings else {}
    default = _language(general.get("default_language", ""))
    problems = [*_missing_columns(survey, where, "survey", ("type", "name"))]
    if choices:
        problems += _missing_columns(choices, where, "choices", ("list_name", "name"))
    if problems:
        raise DataError(problems)
    lists = _lists(choices, default)
    questions = list(_questions(survey, lists, where, default, problems))
    if problems:
        raise DataError(problems)
    if not questions:
        raise DataError(Problem(f"{where}, sheet 'survey'", "no question", "rows with a type and a name"))
    every_text = [question.texts for question in questions]
    every_text += [texts for choices_of in lists.values() for texts in choices_of.values()]
    languages = [name for name in dict.fromkeys(chain.from_iterable(every_text)) if name]
    known = tuple(name for name in languages if name in LANGUAGES)
    others = tuple(name for name in languages if name not in LANGUAGES)
    return Form(general.get("form_title", ""), known, tuple(questions), others)


def _sheets(path: Path, where: str) -> tuple[_Rows, _Rows, _Rows]:
    """The rows of `survey`, `choices` and `settings`, of which the first must be there."""
    if not path.is_file():
        raise DataError(Problem(where, "no such file", "an XLSForm, .xlsx"))
    if path.suffix.lower() != ".xlsx":
        raise DataError(Problem(where, f"a {path.suffix or 'nameless'} file", ".xlsx", "save it as .xlsx"))
    with problems_of(where, ".xlsx"):
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {name.strip().lower(): workbook[name] for name in workbook.sheetnames}
        rows = {name: list(_rows(sheets[name])) for name in ("survey", "choices", "settings") if name in sheets}
    if "survey" not in rows:
        named = ", ".join(sheets)
        raise DataError(Problem(where, f"sheets {named}", "a sheet `survey`, and `choices`", nearest("survey", sheets)))
    return rows["survey"], rows.get("choices", []), rows.get("settings", [])


def _lists(choices: _Rows, default: str) -> _Lists:
    lists: _Lists = {}
    for _, row in choices:
        code = canonical(row.get("name", ""))
        if row.get("list_name") and code:
            texts = lists.setdefault(row["list_name"], {})
            texts.setdefault(code, _texts(row, default))  # cascading lists repeat choices
    return lists


def _questions(survey: _Rows, lists: _Lists, where: str, default: str, problems: list[Problem]) -> Iterator[Question]:
    groups: list[str] = []
    for number, row in survey:
        place = f"{where}, sheet 'survey', row {number}"
        name, words = row.get("name", ""), _type(row)
        if not words or words[0] in NO_ANSWER:
            continue
        path = "/".join([*groups, name])
        if words[0] in ("begin_group", "begin_repeat"):
            groups.append(name)
        elif words[0] in ("end_group", "end_repeat"):
            if not groups:
                problems.append(Problem(place, f"{row['type']!r}", "an end for every beginning"))
            groups = groups[:-1]
        elif words[0] in SELECTS and len(words) > 1:
            if words[1] not in lists:
                near = nearest(words[1], lists)
                found = f"the list {words[1]!r}, which sheet `choices` does not hold"
                problems.append(Problem(place, found, ", ".join(list(lists)[:20]) or "a sheet `choices`", near))
                continue
            list_ = lists[words[1]]
            choices = list_ | {"other": list_.get("other", _OTHER)} if "or_other" in words[2:] else list_
            yield Question(name, SELECTS[words[0]], _texts(row, default), choices, path, _among(row))
        elif words[0] in ELSEWHERE:
            yield Question(name, ELSEWHERE[words[0]], _texts(row, default), {}, path)
        elif words[0] in NUMBERS or words[0] in OTHERS:
            if not name:
                problems.append(Problem(place, f"no name for a question of type {row['type']!r}", "a name"))
            answer = "number" if words[0] in NUMBERS else "other"
            yield Question(name, answer, _texts(row, default), {}, path, _among(row))
        elif near := nearest(words[0], [*SELECTS, *NUMBERS]):
            problems.append(Problem(place, f"the type {row['type']!r}", "a type of xlsform.org", near))


def _type(row: Mapping[str, str]) -> list[str]:
    """The words of a type as xlsform.org spells it: `select one from sex` is `select_one sex`."""
    text = re.sub(r"^(begin|end|select)[ _]+", r"\1_", " ".join(row.get("type", "").split()))
    text = re.sub(r"^select_(one|multiple)[ _]from[ _]file\b", r"select_\1_from_file", text)
    return re.sub(r"^select_(one|multiple) from\b", r"select_\1", text).split()


def _among(row: Mapping[str, str]) -> tuple[str, str] | None:
    """`${robbed} = '1'` or `selected(${robbed}, '1')` as question and code."""
    condition = row.get("relevant") or row.get("relevance") or ""
    found = _ONE_ANSWER.fullmatch(condition.strip())
    return (found["question"], canonical(found["code"])) if found else None


def _rows(sheet: Any) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of each row below the header that holds something, and its cells by heading."""
    header: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [
            "" if cell is None else str(cell).strip() if isinstance(cell, str) else canonical(cell) for cell in cells
        ]
        if not any(texts):
            continue
        if not header:
            header = [_heading(text) for text in texts]
        else:
            yield number, {name: text for name, text in zip(header, texts, strict=False) if name and text}


def _heading(text: str) -> str:
    """`list name` and `value` as the others call them; label columns as `label` or `label::<language>`."""
    plain = re.sub(r"\s*::?\s*", "::", text.strip())
    if plain.lower().startswith("label"):
        return "label" + plain[len("label") :]
    plain = plain.lower().replace(" ", "_")
    return {"listname": "list_name", "value": "name", "field_name": "name"}.get(plain, plain)


def _missing_columns(
    rows: list[tuple[int, dict[str, str]]], where: str, sheet: str, names: tuple[str, ...]
) -> Iterator[Problem]:
    present = list(dict.fromkeys(name for _, row in rows for name in row))
    for name in names:
        if name not in present:
            shown = ", ".join(present[:20]) or "nothing"
            found = f"no column {name!r} among {shown}"
            yield Problem(f"{where}, sheet {sheet!r}", found, f"a heading {name!r}", nearest(name, present))


def _texts(row: Mapping[str, str], default: str) -> dict[str, str]:
    """Texts of the label columns by language; a plain `label` is in the form's default language."""
    out: dict[str, str] = {}
    for heading, text in row.items():
        if heading == "label":
            out.setdefault(default, _plain(text))
        elif heading.startswith("label::"):
            out[_language(heading.removeprefix("label::"))] = _plain(text)
    return out


def _plain(text: str) -> str:
    """Without the markup, references and line breaks that forms put into labels."""
    text = re.sub(r"<[^<>]+>", "", text)
    text = re.sub(r"\$\{[^{}]*\}", "…", text)
    return " ".join(re.sub(r"(\*\*|__)(.+?)\1", r"\2", text).split())


def _language(name: str) -> str:
    """`English (en)`, `english` or `en` as `en`; a language we have no wording for as it stands."""
    code = re.search(r"\(([A-Za-z]{2})(?:[-_][A-Za-z]+)?\)\s*$", name)
    if code:
        return code[1].lower()
    plain = name.strip().lower()
    known = [language for language, names in _LANGUAGE_NAMES.items() if plain == language or plain.startswith(names)]
    return known[0] if known else plain


def _dashed(question: Question) -> str:
    """ODK Central's column."""
    return question.path.replace("/", "-")
