"""How a report is cited, in one sentence."""

from __future__ import annotations

import functools
import re

from fewdistricts import languages, paths
from fewdistricts.design import yaml12
from fewdistricts.design.model import Design


def how_to_cite(design: Design, language: str) -> str:
    """The citation as evaluation.yaml declares it; else authors (or who paid), year, title and publisher.

    Invented data are named after the title.
    """
    report = design.report
    if report.citation:
        return report.citation[language]
    authors = "; ".join(report.authors) or (report.funder[language] if report.funder else "")
    title = design.title[language].rstrip(".")
    if design.synthetic:
        title = f"{title} [{_mark(language)}]"
    parts = [f"{authors} ({report.date.year})", title] if authors else [f"{title} ({report.date.year})"]
    if report.publisher:
        parts.append(report.publisher[language].rstrip("."))
    return ". ".join(parts) + "."


def mail_address(contact: str) -> str | None:
    """A contact that is an address of mail and nothing else."""
    return contact if re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", contact) else None


@functools.cache
def _mark(language: str) -> str:
    """What a language calls invented data."""
    labels = yaml12.load((paths.TEXTS / language / languages.LABELS).read_text(encoding="utf-8"))
    return str(labels["document"]["mark"])
