"""What stands around a document: logo, publisher, contact, licence, how to cite, and where its other forms lie."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from fewdistricts import chapters, languages, paths
from fewdistricts.design import Design
from fewdistricts.design.citation import how_to_cite
from fewdistricts.exhibits.text.wording import Words

Link = dict[str, str]


def front_matter(design: Design, words: Words) -> dict[str, Any]:
    """The keys of the cover that evaluation.yaml fills; those that it leaves open are absent."""
    report = design.report
    chapters.check(design)
    matter: dict[str, Any] = {
        "citation": how_to_cite(design, words.language),
        "licence": report.license,
        "publisher": words.text(report.publisher) if report.publisher else None,
        "contact": report.contact,
    }
    if report.logo and report.logo_alt:
        path = paths.raw(design.evaluation) / report.logo
        content = base64.b64encode(path.read_bytes()).decode()
        matter["logo"] = f"data:{chapters.PICTURES[path.suffix.lower()]};base64,{content}"
        matter["logo_alt"] = words.text(report.logo_alt)
    if report.colours != type(report.colours)():
        matter["colours"] = {"accent": report.colours.pilot}
    return {key: value for key, value in matter.items() if value is not None}


def links(design: Design, words: Words, of_set: Sequence[str] = ()) -> list[Link]:
    """The report's other languages and forms, the data and the briefs, as they lie beside the page.

    `of_set` names the languages of the set; by default those that evaluation.yaml declares.
    """
    language = words.language
    of_set = of_set or design.report.languages
    bar = [
        _link(Words(other).label("document", "language"), f"report-{other}.html", "language", other)
        for other in languages.available()
        if other in of_set and other != language
    ]
    bar.append(_link("PDF", f"report-{language}.pdf", "pdf"))
    bar.append(_link(words.label("document", "annex"), f"annex-{language}.pdf", "pdf"))
    if design.report.word:
        bar.append(_link("Word", f"report-{language}.docx", "word"))
    bar.append(_link(words.label("document", "slides"), f"slides-{language}.pdf", "slides"))
    bar.append(_link(words.label("document", "estimates_csv"), "estimates.csv", "data"))
    bar.append(_link(words.label("document", "estimates_xlsx"), "estimates.xlsx", "data"))
    for district in design.report_districts:
        name = words.name_of(district)
        bar.append(_link(name, f"districts/{district.id}-{language}.pdf", "brief"))
    return bar


def _link(text: str, href: str, kind: str, language: str = "") -> Link:
    return {"text": text, "href": href, "kind": kind, **({"lang": language} if language else {})}
