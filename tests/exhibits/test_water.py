"""A survey on water whose districts, respondents, interviews and programme have other names, feminine in Spanish and
Portuguese: every document agrees with them, and none speaks of crime."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
import water
from crime import CRIME
from rendered import executed
from surveys import at_home

from fewdistricts import design, paths, survey
from fewdistricts.estimates import estimate, pipeline

DOCUMENTS = ("report", "annex", "slides", "alba", "estero", "isla")  # briefs of a pilot, a comparison, a neighbour
USUAL = {
    "en": r"\bdistricts?\b|\binterviews?\b|\bresidents\b|\bprogrammes?\b",
    "es": r"\bdistritos?\b|\bentrevistas?\b|\bresidentes?\b|\bprogramas? (?!de computadora|del ?\.)",
    "pt": r"\bdistritos?\b|\bentrevistas?\b|\bmorador|\bprogramas? (?!de computador|da ?\.)",
}
NOUNS = {"es": r"(?:comuna|familia|visita|iniciativa|entrevistada)s?\b"}
NOUNS["pt"] = NOUNS["es"].replace("familia", "família")
MASCULINE = {
    "es": r"el|un|los|unos|este|estos|ese|otro|otros|todos|algún|algunos|ningún|cuántos|tantos|muchos|pocos|mismos"
    r"|del|al|nuevos|primer|propio|ambos",
    "pt": r"o|um|os|uns|este|estes|neste|deste|outro|outros|todos|algum|alguns|nenhum|quantos|tantos|muitos|poucos"
    r"|do|dos|no|nos|ao|aos|pelo|pelos|novos|mesmos|primeiro|próprio|ambos|dois",
}
BEHIND = (
    r"(?: piloto|-piloto| de comparación| de comparação)? (?:(?:fue|fueron|foi|foram|está|están|estão) )?"
    r"\w+(?:ado|ados|ido|idos|ecino|ecinos|izinho|izinhos|necesarios|necessários|previsto|parecidos)\b"
)
ONE_MONTH = re.compile(r"\b1 (?:months|meses|tests|pruebas|testes|visits|visitas)\b")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The evaluation with its survey built and its estimates made."""
    folder = tmp_path_factory.mktemp("home")
    water.write(folder / "data/raw/water")
    with at_home(folder):
        declared = design.load("water")
        survey.build(declared)
        rows = estimate.rounded(pipeline.estimates(declared, survey.load("water")))
        rows.to_parquet(paths.processed("water") / "estimates.parquet", index=False)
    return folder


@functools.cache
def texts(home: Path, language: str, document: str) -> list[str]:
    """Titles, captions, notes, alternative texts, tables and prose, but for the titles of other people."""
    brief = {} if document in ("report", "annex", "slides") else {"district": document}
    shown = []
    with at_home(home):
        for cell in executed("water", language, "district_brief" if brief else document, drawn=False, **brief).cells:
            for output in cell.outputs:
                meaning = output["metadata"]["nbaccessible"]
                said = [str(meaning.get(key, "")) for key in ("caption", "note", "alt", "title", "subtitle")]
                said += [str(output["data"].get("text/markdown", "")), str(output["data"].get("text/plain", ""))]
                shown += [_plain(text) for text in said if "{#sec-references" not in text]
    return shown


def _plain(text: str) -> str:
    """Without anchors, references, links, code and emphasis."""
    text = re.sub(r"\]\([^)]*\)|\{#[^}]*\}|`[^`]*`|@\w+-[\w-]+", "", text)
    return re.sub(r"[\[\]*\\]", "", text)


EVERY = pytest.mark.parametrize(("language", "document"), [(each, name) for each in USUAL for name in DOCUMENTS])


@EVERY
def test_a_report_on_water_speaks_of_water(home, language, document):
    whole = "\n".join(texts(home, language, document))
    for wrong in (CRIME, re.compile(USUAL[language], re.IGNORECASE), ONE_MONTH):
        found = wrong.search(whole)
        assert not found, whole[max(0, found.start() - 80) : found.end() + 80]


@EVERY
def test_every_sentence_agrees_with_feminine_nouns(home, language, document):
    if language == "en":
        assert re.search(r"\binitiative\b", "\n".join(texts(home, language, document)))
        return
    noun = NOUNS[language]
    wrong = re.compile(rf"\b(?:{MASCULINE[language]}) (?:\w+ )?{noun}|{noun}{BEHIND}", re.IGNORECASE)
    for text in texts(home, language, document):
        found = wrong.search(text)
        assert not found, text[max(0, found.start() - 80) : found.end() + 80]
