"""SVG from a notebook, made safe and ready: drawing elements only, no script, no address outside the file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import lru_cache

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from nbaccessible import fonts, shades
from nbaccessible.errors import PublishError

SVG = "http://www.w3.org/2000/svg"
VALUE = "value:"
XLINK = "http://www.w3.org/1999/xlink"
_ELEMENTS = frozenset(
    """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image clipPath mask
    pattern linearGradient radialGradient stop marker style title desc filter feGaussianBlur feOffset feBlend
    feColorMatrix feMerge feMergeNode feFlood feComposite switch""".split()  # noqa: SIM905 one list to read
)
_DROPPED_STYLE = re.compile(r"@import[^;]*;?|url\(\s*['\"]?(?!#|['\"]?data:image/)[^)]*\)|expression\([^)]*\)", re.I)
_LED_TO = re.compile(r"#([^\s\"')&<]+)")  # what may be an id that something in the drawing leads to
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)


def clean(source: str, cell: int, text: Callable[[str], str] = str) -> ET.Element:
    """The drawing as an element tree with only what draws; `text` is applied to every visible text.

    Raises PublishError when it is no SVG or declares entities.
    """
    # the parser that refuses entities is written in Python; the quick one is safe where none can be declared
    parse = defusedxml.ElementTree.fromstring if "<!ENTITY" in source else ET.fromstring
    try:
        root = parse(source.strip())
    except DefusedXmlException as error:
        raise PublishError(
            f"cell {cell}: an SVG image declares entities, which are not read; save it without them"
        ) from error
    except ET.ParseError as error:
        if "<svg" not in source:
            raise PublishError(f"cell {cell}: an image said to be SVG is none") from error
        raise PublishError(f"cell {cell}: an SVG image is not well-formed XML ({error})") from error
    if _name(root) != "svg":
        raise PublishError(f"cell {cell}: an image said to be SVG is none")
    _sweep(root, text)
    for element in list(root.iter()):
        _named(element)
    return root


@lru_cache(maxsize=64)
def drawable(content: bytes, cell: int) -> bytes:
    """The drawing as `clean` leaves it, in characters that our fonts have; asked for at every size that is tried."""
    return serialised(clean(content.decode("utf-8", "replace"), cell, fonts.drawable)).encode()


def _named(element: ET.Element) -> None:
    """A mark whose id says `value: ...` gets that as its title, which a browser shows on hovering."""
    ident = element.attrib.get("id", "")
    if ident.startswith(VALUE):
        del element.attrib["id"]
        title = ET.Element(f"{{{SVG}}}title")
        title.text = ident.removeprefix(VALUE).strip()
        element.insert(0, title)


def _name(element: ET.Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.removeprefix(f"{{{SVG}}}") if tag.startswith(f"{{{SVG}}}") or "}" not in tag else ""


def _sweep(element: ET.Element, text: Callable[[str], str]) -> None:
    """Take out of an element, and all within it, what does not draw; `text` is applied to every visible text."""
    name = _name(element)
    element.tag = f"{{{SVG}}}{name}"
    for key, value in list(element.attrib.items()):
        swept = _swept(key, value)
        if swept is None:
            del element.attrib[key]
        else:
            element.attrib[key] = swept
    if name == "style":
        element.text = _DROPPED_STYLE.sub("none", element.text or "")
    elif name in ("text", "tspan", "textPath"):
        element.text = text(element.text) if element.text else element.text
    for child in list(element):
        if _name(child) in _ELEMENTS:
            _sweep(child, text)
            if child.tail and child.tail.strip():
                child.tail = text(child.tail)
        else:
            element.remove(child)


def _swept(key: str, value: str) -> str | None:
    """An attribute without addresses outside the file; None where it must go."""
    if key.removeprefix(f"{{{XLINK}}}") == "href":
        return value if value.startswith("#") or _IMAGE.match(value) else None
    if "}" in key or key.lower().startswith("on"):
        return value if key == "{http://www.w3.org/XML/1998/namespace}space" else None
    if "(" in value or "@" in value:  # few have either, and a search takes longer than looking for them
        return _DROPPED_STYLE.sub("none", value)
    return value


def serialised(root: ET.Element) -> str:
    """The drawing as text."""
    return ET.tostring(root, encoding="unicode")


def inline(root: ET.Element, prefix: str, alt: str, colours: set[str]) -> str:
    """The drawing for a page that holds several: ids and classes prefixed, its alternative text on it.

    Colours become variables of the page, added to `colours`, so that the page can turn dark.
    """
    led_to = set(_LED_TO.findall(serialised(root)))
    has_style = False
    for element in root.iter():
        ident = element.attrib.get("id")
        if ident and ident not in led_to:
            del element.attrib["id"]
        for key, value in element.attrib.items():
            element.attrib[key] = _inlined(key, value, prefix, colours)
        if _name(element) == "style":
            has_style = True
            element.text = shades.in_style(_scoped(element.text or "", prefix), colours)
    root.attrib.setdefault("fill", shades.reference(shades.BLACK, colours))
    width, height = root.attrib.get("width", ""), root.attrib.get("height", "")
    if "viewBox" not in root.attrib and _points(width) and _points(height):
        root.attrib["viewBox"] = f"0 0 {_points(width):g} {_points(height):g}"
    if has_style:
        root.attrib["id"] = f"{prefix}-drawing"
    root.attrib["role"] = "img"
    root.attrib["aria-label"] = alt
    return serialised(root) if has_style else serialised(root).replace("\n", " ")


def _inlined(key: str, value: str, prefix: str, colours: set[str]) -> str:
    """An attribute with its ids prefixed and its colours as variables."""
    if key == "id":
        return f"{prefix}-{value}"
    if key.endswith("href") and value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    value = value.replace("url(#", f"url(#{prefix}-")
    if key == "style":
        return shades.in_style(value, colours)
    return shades.reference(value, colours) if shades.paint(key) else value


def _scoped(style: str, prefix: str) -> str:
    """Rules of a drawing's own style sheet, reaching no further than the drawing."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.S).replace("url(#", f"url(#{prefix}-")
    rules = []
    for selector, body in re.findall(r"([^{}@]+)\{([^{}]*)\}", style):
        scoped = ",".join(f"#{prefix}-drawing {part.strip()}" for part in selector.split(","))
        rules.append(f"{scoped}{{{body.strip()}}}")
    return "".join(rules)


def _points(length: str) -> float:
    match = re.match(r"\s*([\d.]+)", length)
    return float(match[1]) if match else 0.0
