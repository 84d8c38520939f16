"""On which pages of a PDF the stamp belongs: all but those whose chapters hold methods, references or real figures."""

from __future__ import annotations

import re
from pathlib import Path

import pypdf

from fewdistricts.paths import TEXTS

HEADING = re.compile(r"^#+ (.+?) \{#[^}]*\.unstamped", re.MULTILINE)
TOP = 714  # points from the foot: a chapter that begins above opens its page


def unstamped(language: str) -> set[str]:
    """Titles of the chapters whose pages carry no stamp."""
    return {title for path in (TEXTS / language).glob("*.md") for title in HEADING.findall(path.read_text("utf-8"))}


def holds_data(path: Path, language: str) -> list[bool]:
    """For each page whether any part of a stamped chapter stands on it, by the document's bookmarks."""
    reader, without = pypdf.PdfReader(path), unstamped(language)
    chapters = [mark for mark in reader.outline if not isinstance(mark, list)]
    out, current = [], True
    for number in range(len(reader.pages)):
        begun = [mark for mark in chapters if reader.get_destination_page_number(mark) == number]
        kinds = [re.sub(r"^[A-Z0-9]+ ", "", mark.title) not in without for mark in begun]
        opened = bool(begun) and begun[0].top > TOP
        out.append(any(kinds) or (current and not opened))
        current = kinds[-1] if kinds else current
    return out
