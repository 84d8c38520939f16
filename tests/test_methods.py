"""docs/methods.md: what it cites is listed, what it lists is cited, and its sections name tests that exist."""

from __future__ import annotations

import re

from fewdistricts.estimates.catalogue import ESTIMATORS
from fewdistricts.paths import PROJECT

PAGE = (PROJECT / "docs" / "methods.md").read_text(encoding="utf-8")
TEXT, LISTING = (" ".join(part.split()) for part in PAGE.split("## Sources"))
AUTHOR = r"(?:de |Sant')?[A-ZØ][\w'-]+"
CITED = re.compile(rf"({AUTHOR})(?:(?:, {AUTHOR})* and (?:{AUTHOR}|others))? ((?:19|20)\d\d)")
LISTED = re.compile(r"- ((?:de )?[^ ,]+), [^(]*\((\d{4})\)")


def works(text: str) -> set[tuple[str, str]]:
    return {(author, year) for author, year in CITED.findall(text)}


def listed() -> set[tuple[str, str]]:
    return {(author, year) for author, year in LISTED.findall(LISTING)}


def test_every_work_cited_is_listed_and_every_work_listed_is_cited():
    assert len(listed()) > 30
    assert works(TEXT) - listed() == set()
    assert listed() - works(TEXT) == set()


def test_the_source_of_every_estimator_is_listed():
    for name, estimator in ESTIMATORS.items():
        assert works(estimator.source) <= listed(), name


def test_every_section_of_methods_names_its_tests():
    files = {path.name for path in (PROJECT / "tests").rglob("test_*.py")}
    sections = re.split(r"(?m)^## ", PAGE)[1:]
    without = ("The problem", "What is estimated", "Disclosure", "Simulation", "Sources")
    for section in sections:
        named = set(re.findall(r"test_\w+\.py", section))
        assert named <= files, section[:40]
        assert named or section.startswith(without), section[:40]
