"""The language of every text: no phrase that reads as translated, typographic quotes, one term a concept, grammar."""

from __future__ import annotations

import functools
import json
import re
import shutil
from pathlib import Path

import documents
import pytest
from crime import CRIME
from rendered import executed
from ruamel.yaml import YAML
from surveys import at_home, peru

from fewdistricts import design, paths, survey
from fewdistricts.estimates import estimate, pipeline
from fewdistricts.exhibits.text.wording import TEXTS, Words

FORBIDDEN = YAML(typ="safe").load((paths.PROJECT / "tests/exhibits/forbidden.yaml").read_text(encoding="utf-8"))
LANGUAGES = pytest.mark.parametrize("language", sorted(FORBIDDEN))
PUBLISHED = pytest.mark.parametrize("language", ["en", "es"])  # the languages of peru-2005
CODE = re.compile(r"\{[{%].*?[%}]\}|`[^`]*`|\{#[^}]*\}", re.DOTALL)
KEY = re.compile(r"(?m)^\s*[\w-]+:")
COMMENT = re.compile(r"(?m)^#.*$")


def phrase(text: str) -> re.Pattern[str]:
    """The phrase from the start of a word, with any ending unless it is closed by `|`."""
    end = r"(?!\w)" if text.endswith("|") else ""
    return re.compile(rf"(?<!\w){re.escape(text.removesuffix('|'))}{end}", re.IGNORECASE)


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
    return shown_texts(documents.notebook(name))


def shown_texts(notebook) -> list[str]:
    shown = []
    for cell in notebook.cells:
        for output in cell.outputs:
            meaning = output["metadata"]["nbaccessible"]
            shown += [str(meaning.get(key, "")) for key in ("caption", "note", "alt", "title", "subtitle")]
            shown.append(str(output["data"].get("text/markdown", "")))
    return shown


@PUBLISHED
@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1"])
def test_no_document_holds_a_forbidden_phrase(language, document):
    declared = str(peru().design.model_dump()).lower()
    for text in prose(f"{document}-{language}"):
        if "{#sec-references" in text:  # titles of other people
            continue
        plain = CODE.sub(" ", text)
        for forbidden in FORBIDDEN[language]:
            hit = phrase(forbidden).search(plain)
            assert not hit or hit[0].lower() in declared, plain[max(0, hit.start() - 60) : hit.end() + 60]


@PUBLISHED
@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1"])
def test_quotes_are_typographic_and_nothing_is_doubled(language, document):
    whole = typographic(prose(f"{document}-{language}"))
    assert set(MARKS[language]) <= set(whole) or document not in ("report", "annex")


MARKS = {"en": "“”", "es": "«»", "pt": "“”"}


def typographic(texts: list[str]) -> str:
    """The texts in one, each without straight quotes, doubled words or loose punctuation."""
    whole = ""
    for text in texts:
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)  # a link is its words
        plain = re.sub(r"`[^`]*`", "code", re.sub(r"\{#[^}]*\}", "", plain))
        assert '"' not in plain, plain[:200]
        assert not re.search(r"(?<!\.)\.\.(?!\.)|\s[,;:.](?:\s|$)|\(\s*\)|,\s*,|: \.|\b(\w{3,}) \1\b", plain), plain[
            :400
        ]
        whole += plain
    return whole


@pytest.fixture(scope="module")
def in_portuguese(tmp_path_factory):
    """The example that declares Portuguese, with its survey built and its estimates made."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(paths.PROJECT / "docs/examples/two-waves", home / "data/raw/two-waves")
    with at_home(home):
        plan = design.load("two-waves")
        survey.build(plan)
        rows = estimate.rounded(pipeline.estimates(plan, survey.load("two-waves")))
        rows.to_parquet(paths.processed("two-waves") / "estimates.parquet", index=False)
        yield


@pytest.mark.parametrize("document", ["report", "annex", "slides"])
def test_a_portuguese_document_is_typographic_and_holds_no_forbidden_phrase(in_portuguese, document):
    texts = shown_texts(executed("two-waves", "pt", document, drawn=False))
    whole = typographic(texts)
    assert set(MARKS["pt"]) <= set(whole) or document == "slides"
    for text in texts:
        for forbidden in FORBIDDEN["pt"]:
            hit = phrase(forbidden).search(CODE.sub(" ", text))
            assert not hit or "{#sec-references" in text, text[max(0, hit.start() - 60) : hit.end() + 60]


@PUBLISHED
def test_numbers_of_districts_are_in_words_where_a_sentence_carries_them(language):
    six = {"en": "six pilot districts", "es": "seis distritos piloto"}[language]
    assert sum(text.count(six) for text in prose(f"report-{language}")) >= 3


# --- nouns of the evaluation ---------------------------------------------------------------------------------------

COMMUNITIES = {
    "district": {
        "es": {"one": "comunidad", "many": "comunidades", "gender": "f"},
        "en": {"one": "village", "many": "villages"},
    },
    "programme": {
        "es": {"one": "campaña", "many": "campañas", "gender": "f"},
        "pt": {"one": "campanha", "many": "campanhas", "gender": "f"},
        "en": {"one": "initiative", "many": "initiatives"},
    },
}
NAMED = r"(?:comunidad(?:es)?|campaña|intervención|iniciativa|campanha)"
BEFORE = {
    "es": "los|unos|estos|otros|todos|algunos|muchos|pocos|mismos|cuántos|el|un|del|al|este|otro|primer|propio|ningún"
    "|algún|cada uno de los",
    "pt": "o|os|um|uns|do|dos|ao|aos|no|nos|pelo|pelos|este|estes|outro|outros|primeiro|próprio|nenhum|algum",
}
BEHIND = "vecinos?|parecidos?|emparejados?|elegidos|previsto|planificado|aplicado|executado|criado|posto"
MASCULINE = {
    language: re.compile(
        rf"\b(?:{before}) (?:\w+ )?{NAMED}\b"
        rf"|{NAMED} (?:«[^»]*» |“[^”]*” )?(?:(?:está|foi|não foi|pode ser|não pode ser) )?(?:{BEHIND})\b"
        rf"|\bco[nm] (?:la |a )?{NAMED} (?:y|o|e|ou) (?:sin él|sem ele)\b",
        re.IGNORECASE,
    )
    for language, before in BEFORE.items()
}
PROGRAMME = re.compile(r"\bprogram(?:m\w*|as?)\b", re.IGNORECASE)
OF_COMPUTERS = re.compile(r"programas de computador\w*|l?os programas d\w+ (?:\[?(?:Tabla|Tabela)|@tbl)", re.IGNORECASE)


@pytest.fixture(scope="module")
def of_communities(tmp_path_factory):
    """peru-2005 with `words:` and kept duplicates declared in its evaluation.yaml."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(peru().home, home, dirs_exist_ok=True)
    declaration = home / "data" / "raw" / "peru-2005" / "evaluation.yaml"
    text = declaration.read_text(encoding="utf-8")
    assert text.count("\ndata:\n") == 1
    kept = "  duplicates: keep\n  duplicates_reason: {en: Two *forms* a home., es: Dos *fichas* por hogar.}\n"
    text = text.replace("\ndata:\n", "\ndata:\n" + kept)
    declaration.write_text(f"{text}\nwords: {json.dumps(COMMUNITIES)}\n", encoding="utf-8")
    return home


@functools.cache
def shown(home: Path, language: str, document: str) -> list[str]:
    """Captions, notes and prose of a document of a peru-2005 that has other declarations."""
    brief = {} if document in ("report", "annex", "slides") else {"district": document}
    with at_home(home):
        return said(executed("peru-2005", language, "district_brief" if brief else document, drawn=False, **brief))


def said(notebook) -> list[str]:
    """Captions, notes and prose."""
    texts = []
    for cell in notebook.cells:
        for output in cell.outputs:
            meaning = output["metadata"]["nbaccessible"]
            texts += [str(meaning.get(key, "")) for key in ("caption", "note")]
            texts.append(str(output["data"].get("text/markdown", "")))
    return texts


@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1", "comparison-1"])
def test_spanish_agrees_with_feminine_nouns(of_communities, document):
    texts = shown(of_communities, "es", document)
    for text in texts:
        assert not MASCULINE["es"].search(text), MASCULINE["es"].search(text)
    assert any(re.search("comunidad(es)? piloto", text) for text in texts) or document == "comparison-1"
    assert any("campaña" in text for text in texts)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("document", ["report", "annex", "slides", "pilot-1"])
def test_a_programme_of_another_name_is_a_programme_nowhere(of_communities, language, document):
    declared = str(peru().design.model_dump())
    for text in shown(of_communities, language, document):
        if "{#sec-references" in text:  # titles of other people
            continue
        for said_of_it in PROGRAMME.finditer(OF_COMPUTERS.sub("", CODE.sub("", text))):
            assert said_of_it[0] in declared, text[:300]


def test_the_declared_nouns_stand_in_the_report(of_communities):
    given = peru().design  # the evaluators' own words stay as they are
    texts = {
        language: "\n".join(shown(of_communities, language, "report")).replace("\\", "") for language in given.title
    }
    reports = {
        language: text.replace(given.title[language], "").replace(given.intervention.description[language], "")
        for language, text in texts.items()
    }
    for language, noun in {"en": "villages", "es": "comunidades"}.items():
        assert reports[language].count(noun) > 10
    assert "six pilot villages" in reports["en"]
    assert "seis comunidades piloto" in reports["es"]
    assert "six pilot districts" not in reports["en"]
    assert "seis distritos piloto" not in reports["es"]


def test_limits_say_why_duplicates_were_kept(of_communities):
    reports = {language: "\n".join(shown(of_communities, language, "report")) for language in ("en", "es")}
    why = "- Interviews that look like copies of one another were all counted. Reason: Two \\*forms\\* a home\\."
    assert why in reports["en"]
    why = "- Se contaron todas las entrevistas que parecen copias unas de otras. Motivo: Dos \\*fichas\\* por hogar\\."
    assert why in reports["es"]
    assert "copies of one another" not in "\n".join(said(documents.notebook("report-en")))


def test_counted_nouns_agree():
    words = Words("es", COMMUNITIES)
    assert words.counted("pilot", 1) == "una comunidad piloto"
    assert words.both(1, 6) == "una comunidad piloto y seis de comparación"
    assert words.the("neighbour", 2) == "las comunidades vecinas"


FEMININE = {
    "es": [
        {"one": "campaña", "many": "campañas", "gender": "f"},
        {"one": "intervención", "many": "intervenciones", "gender": "f"},
        {"one": "iniciativa", "many": "iniciativas", "gender": "f"},
    ],
    "pt": [{"one": "campanha", "many": "campanhas", "gender": "f"}],
}
NOUN = re.compile(r"\{\{ (area|person|interview|programme)\.(\w+)((?: \| \w+)*) \}\}")


@pytest.mark.parametrize(("language", "noun"), [(each, noun) for each, nouns in FEMININE.items() for noun in nouns])
def test_every_text_agrees_with_feminine_nouns(language, noun):
    communities = {"district": {"es": COMMUNITIES["district"]["es"]}}
    words = Words(language, communities | {"programme": {language: noun}})
    for path in (TEXTS / language).iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            filled = NOUN.sub(lambda said: words.filled(said[0]), line)
            wrong = MASCULINE[language].search(filled)
            assert not wrong, f"{path.name}: {wrong[0]}: {filled.strip()}"


@pytest.mark.parametrize(
    ("language", "noun", "sentence", "said"),
    [
        ("en", {"one": "initiative"}, "{{ area.A_one }}, {{ area.a_one }}", "An initiative, an initiative"),
        ("en", {"one": "unit"}, "{{ area.a_one }}", "a unit"),
        ("en", {"one": "urban area"}, "{{ area.a_one }}", "an urban area"),
        ("en", {"one": "hour"}, "{{ area.a_one }}", "an hour"),
        ("es", {"one": "área"}, "{{ area.the }} {{ area.of_the }} {{ area.to_the }}", "el área del área al área"),
        ("es", {"one": "área"}, "un{{ area.a }} {{ area.one }}, est{{ area.this }}", "un área, esta"),
        ("es", {"one": "aldea"}, "un{{ area.a }} {{ area.one }} {{ area.of_the }}", "una aldea de la aldea"),
        ("es", {"one": "iniciativa"}, "sin {{ area.it }}, {{ area.to_the }}", "sin ella, a la iniciativa"),
        ("pt", {"one": "ação"}, "d{{ area.it }}, {{ area.the | de }}", "dela, da ação"),
    ],
)
def test_a_noun_has_the_articles_of_its_language(language, noun, sentence, said):
    gender = {} if language == "en" else {"gender": "f"}
    words = Words(language, {"district": {language: {**noun, **gender, "many": "."}}})
    assert words.filled(sentence) == said


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_text_names_the_programme_itself(language):
    for name, text in texts(language).items():
        for line in text.splitlines():
            if line.strip().startswith("{one:"):  # its usual name
                continue
            noun = PROGRAMME.search(re.sub(r"@sec-\w+", " ", OF_COMPUTERS.sub(" ", line)))
            assert not noun, f"{language}/{name}: {line}"


FIXED = {
    "es": r"el|la|los|las|un|una|unos|unas|del|al|este|esta|estos|estas|otros|otras|todos|todas|algunos|algunas"
    r"|cuántos|cuántas|muchos|muchas|pocos|pocas",
    "pt": r"o|a|os|as|um|uma|uns|umas|do|da|dos|das|no|na|nos|nas|ao|à|aos|às|pelo|pela|pelos|pelas|este|esta|outros"
    r"|outras|todos|todas|quantos|quantas|muitos|muitas|poucos|poucas",
}


@pytest.mark.parametrize("language", FIXED)
def test_no_article_is_fixed_before_a_noun_that_can_be_declared(language):
    noun = re.compile(
        rf"\b(?:{FIXED[language]}) (?:\{{\{{ \w+ \}}\}} )?\{{\{{ (?:area|person|interview|programme)\.(?:one|many) "
    )
    for path in sorted((TEXTS / language).iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not noun.search(line), f"{path.name}: {line[max(0, noun.search(line).start() - 60) :][:160]}"


OF_CRIME = {"perception", "victimisation", "reporting"}  # names of families that an evaluation may declare


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_label_speaks_of_crime_unasked(language):
    for path in sorted((TEXTS / language).glob("*.yaml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            key = line.strip().partition(":")[0]
            assert key in OF_CRIME or not CRIME.search(line), f"{path.name}: {line}"
