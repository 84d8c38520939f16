"""Elements of WordprocessingML: runs, fields, bookmarks, links. Every text goes in as text, never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

Element = Any  # lxml has no types here

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BOOKMARK = re.compile(r"\W+")
LONGEST_BOOKMARK = 40  # characters that Word keeps of a bookmark's name


@dataclass(frozen=True)
class Look:
    """How a run of text looks beyond its paragraph's style; `size` in points, 0 for the style's; `lang` where
    it is not the document's."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    style: str = ""
    size: float = 0
    lang: str = ""


PLAIN = Look()


def qualified(name: str) -> str:
    """The name of an element or attribute in the main namespace, as lxml writes it."""
    return f"{{{W}}}{name}"


def w(tag: str, /, *children: Element, **attributes: str) -> Element:
    """An element of the main namespace; attributes are of that namespace too."""
    element = etree.Element(qualified(tag))
    for key, value in attributes.items():
        element.set(qualified(key), value)
    element.extend(children)
    return element


def clean(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


def run(text: str, look: Look = PLAIN) -> Element:
    """A run of text; tabs and line breaks of the text stay."""
    element = w("r", *_properties(look))
    for number, line in enumerate(clean(text).split("\n")):
        if number:
            element.append(w("br"))
        if line:
            element.append(_text("t", line))
    return element


def _text(name: str, value: str) -> Element:
    element = w(name)
    element.text = value
    element.set(_XML_SPACE, "preserve")
    return element


def _properties(look: Look) -> list[Element]:
    """Run properties in the order that the schema asks for."""
    element = w("rPr")
    if look.style:
        element.append(w("rStyle", val=look.style))
    if look.bold:
        element.append(w("b"))
    if look.italic:
        element.append(w("i"))
    if look.strike:
        element.append(w("strike"))
    if look.size:
        element.append(w("sz", val=str(round(2 * look.size))))
    if look.lang:
        element.append(w("lang", val=look.lang))
    return [element] if len(element) else []


def field(instruction: str, result: Sequence[Element], look: Look = PLAIN) -> list[Element]:
    """A field and what it shows until Word computes it anew; it then looks as its code does."""
    code = w("r", *_properties(look), _text("instrText", f" {instruction} "))
    begin, separate, end = (
        w("r", *_properties(look), w("fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end")
    )
    return [begin, code, separate, *result, end]


def paragraph(runs: Iterable[Element] = (), style: str = "", *properties: Element) -> Element:
    """A paragraph; `properties` in the order of the schema, without the style."""
    element = w("p")
    described = w("pPr")
    if style:
        described.append(w("pStyle", val=style))
    described.extend(properties)
    if len(described):
        element.append(described)
    element.extend(runs)
    return element


def described_of(paragraph: Element) -> Element:
    """The properties of a paragraph; added where it has none."""
    described = paragraph.find(qualified("pPr"))
    if described is None:
        described = w("pPr")
        paragraph.insert(0, described)
    return described


def space_above(paragraph: Element, points: float) -> None:
    """Set the space above a paragraph, at the place that the schema has for it."""
    described = described_of(paragraph)
    later = {qualified(name) for name in ("ind", "jc", "outlineLvl", "sectPr")}
    places = [place for place, child in enumerate(described) if child.tag in later]
    described.insert(places[0] if places else len(described), w("spacing", before=str(round(points * 20))))


def numbered(level: int, number: int) -> Element:
    """The paragraph property that makes it an item of a list or a numbered heading."""
    return w("numPr", w("ilvl", val=str(level)), w("numId", val=str(number)))


class Bookmarks:
    """Names of bookmarks: at most 40 letters, digits and underscores, each once."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._count = 0

    def name(self, target: str) -> str:
        """The bookmark of a label; the same for the same label."""
        if target not in self.names:
            wish = _BOOKMARK.sub("_", target)[: LONGEST_BOOKMARK - 5] or "place"
            if not wish[0].isalpha():
                wish = f"p{wish}"
            name, number = wish, 1
            while name.casefold() in self._taken:
                number += 1
                name = f"{wish}_{number}"
            self._taken.add(name.casefold())
            self.names[target] = name
        return self.names[target]

    def around(self, target: str, *inside: Element) -> list[Element]:
        """Elements between the two ends of the bookmark of a label."""
        self._count += 1
        number = str(self._count)
        return [w("bookmarkStart", id=number, name=self.name(target)), *inside, w("bookmarkEnd", id=number)]


def link_inside(bookmark: str, runs: Iterable[Element]) -> Element:
    """A link to a bookmark."""
    return w("hyperlink", *runs, anchor=bookmark, history="1")


def link_outside(relation: str, runs: Iterable[Element]) -> Element:
    """A link to the address that a relation of the part holds."""
    element = w("hyperlink", *runs, history="1")
    element.set(f"{{{R}}}id", relation)
    return element
