"""The language of every text: no phrase that reads as translated, typographic quotes, one term a concept, grammar."""

from __future__ import annotations

import re

import documents
import pytest
from ruamel.yaml import YAML
from surveys import at_home, peru

from fewdistricts import paths
from fewdistricts.exhibits.text.wording import TEXTS, Words

FORBIDDEN = YAML(typ="safe").load((paths.PROJECT / "tests/exhibits/forbidden.yaml").read_text(encoding="utf-8"))
LANGUAGES = pytest.mark.parametrize("language", sorted(FORBIDDEN))
CODE = re.compile(r"\{[{%].*?[%}]\}|`[^`]*`|\{#[^}]*\}", re.DOTALL)
KEY = re.compile(r"(?m)^\s*[\w-]+:")
COMMENT = re.compile(r"(?m)^#.*$")


def phrase(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}", re.IGNORECASE)


def texts(language: str) -> dict[str, str]:
    """Every text of a language by its file, without expressions, keys and comments."""
    plain = {}
    for path in sorted((TEXTS / language).iterdir()):
        text = CODE.sub(" ", path.read_text(encoding="utf-8"))
        if path.suffix == ".yaml":
            text = KEY.sub(" ", COMMENT.sub(" ", text))
            text = re.sub(r"(?m)(?<=[{,] )\w+: ", " ", text)
        plain[path.name] = text
    return plain


@LANGUAGES
def test_no_text_holds_a_forbidden_phrase(language):
    for name, text in texts(language).items():
        for forbidden in FORBIDDEN[language]:
            hit = phrase(forbidden).search(text)
            assert not hit, f"{language}/{name}: {text[max(0, hit.start() - 60) : hit.end() + 60]!r}"


def prose(name: str) -> list[str]:
    """Every text that a reader of a document sees."""
    shown = []
    for cell in documents.notebook(name).cells:
        for output in cell.outputs:
            meaning = output["metadata"]["nbaccessible"]
            shown += [str(meaning.get(key, "")) for key in ("caption", "note", "alt", "title", "subtitle")]
            shown.append(str(output["data"].get("text/markdown", "")))
    return shown


@LANGUAGES
@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1"])
def test_no_document_holds_a_forbidden_phrase(language, document):
    declared = str(peru().design.model_dump()).lower()
    for text in prose(f"{document}-{language}"):
        if "{#sec-references" in text:  # titles of other people
            continue
        plain = CODE.sub(" ", text)
        for forbidden in FORBIDDEN[language]:
            hit = phrase(forbidden).search(plain)
            assert not hit or forbidden in declared, plain[max(0, hit.start() - 60) : hit.end() + 60]


@LANGUAGES
@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1"])
def test_quotes_are_typographic_and_nothing_is_doubled(language, document):
    marks = {"en": "“”", "es": "«»"}[language]
    whole = ""
    for text in prose(f"{document}-{language}"):
        plain = re.sub(r"\{#[^}]*\}|`[^`]*`|\]\([^)]*\)", " ", text)
        assert '"' not in plain, plain[:200]
        assert not re.search(r"(?<!\.)\.\.(?!\.)|\s[,;:.](?:\s|$)|\(\s*\)|,\s*,|: \.|\b(\w{3,}) \1\b", plain), plain[
            :400
        ]
        whole += plain
    assert set(marks) <= set(whole) or document not in ("report", "annex")


@LANGUAGES
def test_numbers_of_districts_are_in_words_where_a_sentence_carries_them(language):
    six = {"en": "six pilot districts", "es": "seis distritos piloto"}[language]
    assert sum(text.count(six) for text in prose(f"report-{language}")) >= 3


# --- nouns of the evaluation ---------------------------------------------------------------------------------------

COMMUNITIES = {
    "district": {
        "es": {"one": "comunidad", "many": "comunidades", "gender": "f"},
        "en": {"one": "village", "many": "villages"},
    }
}
FORMS = (
    "one", "many", "One", "Many", "o", "a", "a_full", "this", "some", "the", "of_the", "the_many", "The_many",
)  # fmt: skip
MASCULINE = re.compile(
    r"\b(?:los|unos|estos|otros|todos|algunos|muchos|pocos|mismos|cuántos|el|un|del|al|este|otro|cada uno de los)"
    r" (?:\w+ )?comunidad(?:es)?\b|comunidad(?:es)? (?:vecinos?|parecidos?|emparejados?|elegidos)\b",
    re.IGNORECASE,
)


def test_spanish_agrees_with_a_feminine_noun(monkeypatch):
    from rendered import executed

    design = peru().design
    monkeypatch.setattr(type(design), "words", COMMUNITIES, raising=False)
    with at_home(peru().home):
        for document in ("report", "annex", "slides"):
            nb = executed("peru-2005", "es", document)
            for cell in nb.cells:
                for output in cell.outputs:
                    meaning = output["metadata"]["nbaccessible"]
                    shown = [str(meaning.get(key, "")) for key in ("caption", "note")]
                    shown.append(str(output["data"].get("text/markdown", "")))
                    for text in shown:
                        assert not MASCULINE.search(text), text[:300]
    words = Words("es", COMMUNITIES)
    assert words.counted("pilot", 1) == "una comunidad piloto"
    assert words.both(1, 6) == "una comunidad piloto y seis de comparación"
    assert words.the("neighbour", 2) == "las comunidades vecinas"


@LANGUAGES
def test_every_text_agrees_with_a_feminine_noun(language):
    if language != "es":
        pytest.skip("only Spanish has genders")
    words = Words("es", COMMUNITIES)
    for path in (TEXTS / "es").glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            filled = line
            for name, noun in words.nouns.items():
                for attribute in FORMS:
                    filled = filled.replace("{{ " + f"{name}.{attribute}" + " }}", str(getattr(noun, attribute)))
            assert not MASCULINE.search(filled), filled.strip()
