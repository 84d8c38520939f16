"""What the methods and scales come from; a document lists the works that it cites and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fewdistricts.design import yaml12
from fewdistricts.exhibits.text.wording import Words, escape


@dataclass(frozen=True)
class Work:
    """A work: its authors, its year, its title, and where it was published, in a book of `editors` if there are any."""

    authors: tuple[str, ...]
    year: int
    title: str
    published: str
    editors: tuple[str, ...] = ()

    @property
    def surnames(self) -> list[str]:
        """Surnames of the authors."""
        return [name.split(",")[0] for name in self.authors]


LANGUAGE = "en"  # of every title: marked, it is hyphenated and read aloud as English in a report in another language


def _works() -> dict[str, Work]:
    """The works of works.yaml by the keys under which templates cite them."""
    entries = yaml12.load((Path(__file__).parent / "works.yaml").read_text(encoding="utf-8"))
    works = {}
    for key, work in entries.items():
        authors, editors = tuple(work["authors"]), tuple(work.get("editors", ()))
        works[str(key)] = Work(authors, work["year"], work["title"], work["published"], editors)
    return works


WORKS = _works()


def entry(work: Work, words: Words) -> str:
    """A work as it is listed: its title in its own language, what joins the names in the reader's."""
    book = ""
    if work.editors:
        book = words.label("reference", "book", editors=words.listed(work.editors))
    values = {"authors": words.listed(work.authors), "year": work.year, "title": work.title}
    return words.label("reference", "work", book=book, published=work.published, **values)


def _in_markdown(work: Work, words: Words) -> str:
    """The entry of a work as plain text, with what is in its own language marked."""
    text = escape(entry(work, words))
    for part in map(escape, (work.title, work.published)):
        text = text.replace(part, f"[{part}]{{lang={LANGUAGE}}}")
    return text


class Citations:
    """The works that a document cites: `cite.lumley` in a template is "Lumley 2010", and is listed at the end."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._cited: set[str] = set()

    def __getattr__(self, key: str) -> str:
        if key.startswith("_") or key not in WORKS:
            raise AttributeError(key)
        self._cited.add(key)
        work = WORKS[key]
        if len(work.authors) > 2:
            return f"{work.surnames[0]} et al. {work.year}"
        return f"{self._words.listed(work.surnames)} {work.year}"

    def __iter__(self) -> Iterator[str]:
        """Entries of the works cited so far, in Markdown, in order."""
        cited = sorted((WORKS[key] for key in self._cited), key=lambda work: entry(work, self._words))
        return (_in_markdown(work, self._words) for work in cited)
