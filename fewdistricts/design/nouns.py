"""What the districts, respondents, interviews and the programme of an evaluation are called."""

from __future__ import annotations

import functools
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from fewdistricts import languages, paths
from fewdistricts.design import yaml12
from fewdistricts.design.blocks import Declared
from fewdistricts.design.types import Language, refuse, short
from fewdistricts.spelling import plain

LONGEST = 60


def _noun(value: Any) -> str:
    """A noun as sentences take it: no digits, and nothing that Markdown could take for markup."""
    text = plain(value) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST or not all(_is_of_a_word(character) for character in text):
        refuse(short(value), f"a noun of letters, spaces, hyphens and apostrophes, at most {LONGEST}")
    return text


def _is_of_a_word(character: str) -> bool:
    return character in " -'’" or unicodedata.category(character)[0] in "LM"


class Noun(Declared):
    """A noun as sentences use it."""

    one: Annotated[str, BeforeValidator(_noun)]
    """Its singular, in lower case where the language writes it so: village, comunidad."""
    many: Annotated[str, BeforeValidator(_noun)]
    """Its plural: villages, comunidades."""
    gender: Literal["m", "f"] | None = None
    """Required in a language that has genders, such as Spanish: articles and adjectives agree with it."""


def _in_each_language(nouns: dict[str, Noun], info: ValidationInfo) -> dict[str, Noun]:
    missing = [language for language in (info.context or {}).get("languages", ()) if language not in nouns]
    if missing:
        refuse(f"no noun in {', '.join(map(repr, missing))}", "a noun in every language of report.languages")
    for language, noun in nouns.items():
        if has_genders(language) and noun.gender is None:
            refuse(f"no gender of {noun.one!r} in {language!r}", "m, f", "add `gender:`")
        if noun.gender is not None and not has_genders(language):
            refuse(f"the gender of {noun.one!r} in {language!r}", "no gender in this language", "take `gender:` out")
    return nouns


@functools.cache
def has_genders(language: str) -> bool:
    """Whether the nouns of a language have genders, as those of its labels.yaml say."""
    labels = yaml12.load((paths.TEXTS / language / languages.LABELS).read_text(encoding="utf-8"))
    return any("gender" in noun for noun in labels["nouns"].values())


Nouns = dict[
    Literal["district", "respondent", "interview", "programme"],
    Annotated[dict[Language, Noun], Field(min_length=1), AfterValidator(_in_each_language)],
]
"""What is called otherwise, then language: the noun."""
