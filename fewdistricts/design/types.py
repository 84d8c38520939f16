"""The small types of evaluation.yaml: ids, texts per language, codes of answers, dates."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from fewdistricts import languages
from fewdistricts.design import bands
from fewdistricts.spelling import plain, unprintable

LANGUAGES = languages.available()
"""Languages the report has wording for."""

if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[LANGUAGES]
"""A language that the report has wording for."""

MISSING_KINDS = ("refused", "dont_know", "not_applicable", "not_asked", "unspecified")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LINE_BREAK = re.compile("\r\n?|\x85|\u2028|\u2029")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
LONGEST_NAME = 300
_LONGEST_TEXT = 10_000


def refuse(found: str, allowed: str = "", remedy: str = "") -> NoReturn:
    """Raise what `read` turns into a Problem at the key being validated."""
    raise PydanticCustomError("refused", "{found}", {"found": found, "allowed": allowed, "remedy": remedy})


def short(value: Any, longest: int = 60) -> str:
    """A value as messages quote it."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= longest else text[: longest - 3] + "..."


def canonical(value: Any) -> str:
    """One spelling for a code, so that 1, 1.0, "1" and "1.0" are the same answer; "01" is another one.

    Texts are in Unicode form NFC, without invisible characters and with one space between words. Empty for None and
    nan.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        text = plain(value)
        if text in ("True", "TRUE", "False", "FALSE"):
            return text.lower()
        if "." in text and _NUMBER.fullmatch(text):
            text = text.rstrip("0").rstrip(".")
            return "0" if text == "-0" else text
        return text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return canonical(str(value))


_EUROPEAN = 0x24F
"""The last of the Latin letters of Unicode."""
PUNCTUATION = "‘’“”–—…"
"""Marks beyond them that the fonts have, too."""


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        refuse(short(value), "letters a-z, digits, hyphen and underscore, at most 64, beginning with a letter or digit")
    return value


def _code(value: Any) -> str:
    if not isinstance(value, (str, int, float)) or canonical(value) == "" or value in (math.inf, -math.inf):
        refuse(
            short(value), "a code or a value label", "empty answers need no declaration; `blank: no` makes them a no"
        )
    if len(str(value)) > _LONGEST_TEXT:
        refuse(f"{len(str(value)):,} characters", f"at most {_LONGEST_TEXT:,}")
    _refuse_unprintable(canonical(value))
    return canonical(value)


def _column(value: Any) -> Any:
    """A column's name as the files spell it, spaces and Unicode form aside."""
    if not isinstance(value, str):
        return value
    _refuse_unprintable(value)
    return plain(value)


def _refuse_unprintable(text: str) -> None:
    character = unprintable(text)
    if character:
        refuse(f"the character {character}", "characters that can be printed")


def _refuse_undrawn(text: str) -> None:
    """Refuses a character for which the documents have no glyph; their fonts have every letter of Europe."""
    rare = "".join(character for character in text if ord(character) > _EUROPEAN and character not in PUNCTUATION)
    if not rare:
        return
    from nbaccessible.fonts import unprinted  # here, for few texts need it

    if character := unprinted(rare):
        name = character.strip("[]")
        refuse(f"the character {name}", "characters that the documents' fonts have", "say it in words")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, (str, int, float)) else value


def _words(value: Any, longest: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        refuse(short(value), "a text that is not empty")
    if len(value) > longest:
        refuse(f"{len(value):,} characters", f"at most {longest:,}")
    lines = _LINE_BREAK.sub("\n", value)
    _refuse_unprintable(lines)
    _refuse_undrawn(lines)
    return lines.strip()


def _per_language(value: Any, info: ValidationInfo, plain: bool, longest: int) -> dict[str, str]:
    declared = (info.context or {}).get("languages", ())
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        if not plain and len(declared) > 1:
            refuse(short(value), "one text per language", f"write {{{', '.join(f'{name}: …' for name in declared)}}}")
        return dict.fromkeys(declared, _words(value, longest))
    if not isinstance(value, dict):
        refuse(short(value), "one text per language")
    if missing := [name for name in declared if name not in value]:
        refuse(
            f"no text in {', '.join(repr(name) for name in missing)}",
            f"a text in every language of report.languages ({', '.join(declared)})",
        )
    for language, words in value.items():
        if language not in LANGUAGES:
            refuse(f"language {short(language)}", ", ".join(LANGUAGES))
        if not isinstance(words, (str, int)) or not str(words).strip():
            refuse(f"{short(words)} in {language!r}", "a text that is not empty")
    return {language: _words(words, longest) for language, words in value.items()}


def _text(value: Any, info: ValidationInfo) -> dict[str, str]:
    return _per_language(value, info, plain=False, longest=_LONGEST_TEXT)


def a_name(value: Any, info: ValidationInfo) -> dict[str, str]:
    """A text per language, of one given for all."""
    return _per_language(value, info, plain=True, longest=LONGEST_NAME)


def first_day(value: Any) -> date:
    """`2003-11` or `2003-11-17`; a month is its first day."""
    return _date(value, last=False)


def last_day(value: Any) -> date:
    """`2003-11` or `2003-11-17`; a month is its last day."""
    return _date(value, last=True)


def _date(value: Any, last: bool) -> date:
    allowed = "a month like 2003-11 or a day like 2003-11-17"
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    try:
        if match := _DAY.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            return date(year, month, calendar.monthrange(year, month)[1] if last else 1)
    except ValueError:  # IllegalMonthError is one too
        refuse(f"{short(value)}, which no calendar has", allowed)
    refuse(short(value), allowed)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value.strip()):
        refuse(short(value), "a day like 2005-04-25")
    return _date(value, last=False)


def _fieldwork(value: Any) -> tuple[date, date]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        refuse(short(value), "two dates, the first and the last of the interviews, like [2003-10, 2003-12]")
    begin, end = first_day(value[0]), last_day(value[1])
    if begin > end:
        refuse(f"{value[0]} to {value[1]}", "the first date before the second", "are they the wrong way round?")
    return begin, end


def _scale(value: Any) -> tuple[float, float]:
    numbers = value if isinstance(value, (list, tuple)) else ()
    good = len(numbers) == 2 and all(type(n) in (int, float) and abs(n) < 1e15 for n in numbers)
    if not good or numbers[0] >= numbers[1]:
        refuse(short(value), "the smallest and the largest answer, like [1, 7]")
    return float(numbers[0]), float(numbers[1])


def _path(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        refuse(short(value), "the name of a file beside evaluation.yaml")
    if len(value) > LONGEST_NAME:
        refuse(f"{len(value):,} characters", f"at most {LONGEST_NAME}")
    parts = value.replace("\\", "/").split("/")
    if value.startswith(("/", "~", "\\")) or ".." in parts or (len(value) > 1 and value[1] == ":"):
        refuse(short(value), "a path inside the folder of evaluation.yaml", "copy the file there")
    return "/".join(part for part in parts if part not in ("", "."))


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        refuse(short(value), "64 hexadecimal digits, in quotes", "`sha256sum FILE` prints them")
    return value.lower()


def _band(value: Any) -> str:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if bands.limits(text) is None:
        refuse(short(value), bands.ALLOWED)
    return text.strip()


_Texts = str | dict[str, str]
_Codes = str | int | float | bool


def _kind(name: str) -> Any:
    """What the reference calls a type; a validator of JSON Schema passes over a format it does not know."""
    return Field(json_schema_extra={"format": name})


Id = Annotated[str, BeforeValidator(_id, json_schema_input_type=str | int), _kind("id")]
Text = Annotated[dict[str, str], BeforeValidator(_text, json_schema_input_type=_Texts), _kind("text")]
"""A text in every language of the report; a plain text will do when it has one language."""
Name = Annotated[dict[str, str], BeforeValidator(a_name, json_schema_input_type=_Texts), _kind("name")]
"""A text per language; a plain text is the same in all languages."""
Code = Annotated[str, BeforeValidator(_code, json_schema_input_type=_Codes), _kind("code")]
Codes = Annotated[
    tuple[Code, ...], BeforeValidator(_listed, json_schema_input_type=_Codes | list[_Codes]), _kind("codes")
]
SomeCodes = Annotated[Codes, Field(min_length=1)]
Step = Annotated[SomeCodes, _kind("id or list of ids")]
Steps = Annotated[tuple[Step, ...], _kind("list of id or list of ids")]
Start = Annotated[date, BeforeValidator(first_day, json_schema_input_type=str), _kind("month or day")]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str), _kind("day")]
Fieldwork = Annotated[
    tuple[date, date], BeforeValidator(_fieldwork, json_schema_input_type=list[str]), _kind("two months or days")
]
Scale = Annotated[
    tuple[float, float], BeforeValidator(_scale, json_schema_input_type=list[float]), _kind("two numbers")
]
Band = Annotated[str, BeforeValidator(_band, json_schema_input_type=str), _kind("band")]
LocalPath = Annotated[str, BeforeValidator(_path, json_schema_input_type=str), _kind("file")]
Sha256 = Annotated[str, BeforeValidator(_sha256, json_schema_input_type=str), _kind("sha256")]
Column = Annotated[
    str,
    BeforeValidator(_column, json_schema_input_type=str),
    Field(min_length=1, max_length=LONGEST_NAME),
    _kind("column"),
]
SomeColumns = Annotated[tuple[Column, ...], Field(min_length=1), _kind("list of columns or indicators")]
OneOrMoreColumns = Annotated[
    Column, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array"}], "format": "column or columns"})
]
