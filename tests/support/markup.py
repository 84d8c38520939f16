"""Texts that would be markup in Typst, HTML or Markdown, and what a page must not hold."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from hypothesis import strategies as st

PAYLOADS = [
    '#import "x.typ"',
    "#panic()",
    "<script>alert(1)</script>",
    "$x$",
    "@fig-x",
    "*bold* _it_",
    '"; #panic(); "',
    "\\",
    "// comment",
    "/* open",
    "]",
    "= Heading",
    "https://example.org/a",
    "`raw`",
    "a -- b ... ~c",
    "{{x}} {#id} {fonts}",
]
LIVE = ["script", "iframe", "object", "embed", "form", "input", "link", "base", "foreignObject", "foreignobject"]

PIECES = r"""a word # ## * ** _ ` ``` ~~~ [ ] ( ) ! | - + 1. > < & &lt; \ $ $$ { } @fig-x [^1] [^1]: <b> </b> <!--
https://e.org ~~ : --- === \( %s {#id} {.appendix} #panic() @import""".split()  # noqa: SIM905 one list to read
PIECES += ["\n", "\n\n", "\t", "\xe9", "\u202e", "\U0001f99a", "\x00", "\ud800"]
markdown_texts = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=60)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def harmless(tag) -> bool:
    """The switch of the page's own, and what names the page in another language: neither runs nor loads."""
    switch = tag.name == "input" and tag.attrs == {"type": "checkbox", "id": "show-sources"}
    return switch or (tag.name == "link" and tag["rel"] == ["alternate"])


def runs(tag, address: str) -> bool:
    """Whether a link could run something; a file that is saved is no page."""
    saved = tag.get("download") and address.startswith("data:text/csv")
    return address.startswith(("javascript:", "data:text")) and not saved


def live(soup: BeautifulSoup) -> list[str]:
    """Everything that could run or load."""
    found = [tag.name for tag in soup.find_all(LIVE) if not harmless(tag)]
    for tag in soup.find_all(True):
        for key, value in tag.attrs.items():
            if key.startswith("on") or (key == "href" and runs(tag, str(value).lower())):
                found.append(f"{tag.name} {key}")
            if key in ("src", "xlink:href", "srcset", "action") and not str(value).startswith(("data:image/", "#")):
                found.append(f"{tag.name} {key}={value}")
    return found
