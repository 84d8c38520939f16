"""The languages stay in step: the same keys, the same placeholders, the same headings, and no digit typed anywhere."""

import re

import pytest
from ruamel.yaml import YAML

from fewdistricts import languages
from fewdistricts.exhibits.text.wording import TEXTS

OTHERS = [language for language in languages.available() if language != "en"]
TEMPLATES = sorted(path.name for path in (TEXTS / "en").glob("*.md"))
AGREEMENT = {
    "one",
    "one_better",
    "one_worse",
    "one_differs",
    "one_rose",
    "one_fell",
    "one_pilot",
    "one_before",
    "one_after",
    "one_comparison",
    "noun",
    "noun_pilots",
    "noun_comparisons",
    "several",
    "the_pilots",
    "the_comparisons",
    "ilot",
    "pilot",
    "others",
}  # singular and plural fall differently
NOUN = re.compile(r"\b(?:area|person|interview|programme)\.\w+")  # each language has its own articles and endings
QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
FILTER = re.compile(r"\|\s*\w+")  # Portuguese joins prepositions and articles by filters
WORDS_OF_TEMPLATES = {"if", "else", "elif", "endif", "for", "in", "endfor", "and", "or", "not"}
EXPRESSION = re.compile(r"\{[{%].*?[%}]\}")


def labels(language: str) -> dict[str, str]:
    def flat(value, key=""):
        if isinstance(value, dict):
            return {k: v for name, inner in value.items() for k, v in flat(inner, f"{key}.{name}").items()}
        return {key: value}

    files = [YAML(typ="safe").load(p.read_text(encoding="utf-8")) for p in sorted((TEXTS / language).glob("*.yaml"))]
    assert len({key for file in files for key in file}) == sum(map(len, files)), "a key in two files"
    return flat({key: value for file in files for key, value in file.items()})


def names(text: str) -> set[str]:
    """The names a template uses, without the words of either language that stand in quotes."""
    code = FILTER.sub("", NOUN.sub("", " ".join(EXPRESSION.findall(text))))
    return set(re.findall(r"[a-z_.]+", QUOTED.sub("", code))) - WORDS_OF_TEMPLATES


def test_the_languages_are_the_folders():
    assert languages.available() == ("en", "es", "pt")


@pytest.mark.parametrize("language", OTHERS)
def test_labels_have_the_same_keys_and_placeholders(language):
    english, other = labels("en"), labels(language)
    assert english.keys() == {key for key in other if not key.endswith(".gender")}
    differing = {key for key in english if names(str(english[key])) - AGREEMENT != names(str(other[key])) - AGREEMENT}
    assert differing == set()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_use_the_same_names_and_headings(language, template):
    english, other = ((TEXTS / lang / template).read_text(encoding="utf-8") for lang in ("en", language))
    assert names(english) - AGREEMENT == names(other) - AGREEMENT
    for pattern in (r"^#+ .*?(\{#[a-z-]+[ .a-z]*\})", r"@((?:fig|tbl|sec)-[a-z]+)", r"^(#+) "):
        assert sorted(re.findall(pattern, english, flags=re.M)) == sorted(re.findall(pattern, other, flags=re.M))


@pytest.mark.parametrize("language", OTHERS)
def test_the_folders_hold_the_same_files(language):
    assert sorted(p.name for p in (TEXTS / "en").iterdir()) == sorted(p.name for p in (TEXTS / language).iterdir())


@pytest.mark.parametrize("language", languages.available())
def test_no_digit_is_typed(language):
    for path in (TEXTS / language).glob("*.md"):
        assert typed_digits(path.read_text(encoding="utf-8")) == [], path.name
    for key, text in labels(language).items():
        assert typed_digits(str(text)) == [], key


def typed_digits(text: str) -> list[str]:
    """Digits outside expressions; the names of standards and estimators are not numbers."""
    return re.findall(r"\d", re.sub(r"SHA-256|CR[12]", "", EXPRESSION.sub("", text)))


@pytest.mark.parametrize("language", languages.available())
def test_no_note_or_alt_text_names_a_shade(language):
    """On dark paper drawings are turned light."""
    shades = re.compile(r"\b(?:dark|light)er\b|\bdark:|\boscur[oa]s?\b|\bescur[oa]s?\b|\bclar[oa]s:", re.IGNORECASE)
    text = (TEXTS / language / "exhibits.yaml").read_text(encoding="utf-8")
    assert shades.findall(text) == []
