"""Fonts from wheels: where they lie, how wide they run, which characters they have, and their subset for the web.

Text is set in Source Sans Pro; what it lacks comes from DejaVu Sans, which matplotlib ships.
"""

from __future__ import annotations

import base64
import io
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from nbaccessible.errors import PublishError

FAMILY = "Source Sans Pro"
_FACES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")
_FALLBACK_FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
_WEB = (("Regular", 400, "normal"), ("It", 400, "italic"), ("Semibold", 600, "normal"))
# default-ignorable or without a glyph of their own, yet harmless to the shaper
_KEPT = frozenset("\u00ad\u200b\u200c\u200d\u2060")


def _source(face: str, kind: str = "otf") -> Path:
    import font_source_sans_pro

    return Path(font_source_sans_pro.__file__).parent / "files" / f"SourceSansPro-{face}.{kind}"


def files() -> list[Path]:
    """The font files a PDF may need, one a face: a folder with both formats would leave the choice to the disk."""
    package = find_spec("matplotlib")  # its folder only: the import takes longer than a chapter
    if package is None or package.origin is None:
        raise PublishError(
            "matplotlib is not installed, whose fonts have what Source Sans lacks; `pip install matplotlib`"
        )
    fallback = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
    return [_source(face) for face in _FACES] + [fallback / f"{face}.ttf" for face in _FALLBACK_FACES]


@cache
def _advances(face: str) -> dict[str, float]:
    """Advance widths in em by character, of the tabular figures where the font has them."""
    from fontTools.ttLib import TTFont

    with TTFont(_source(face, "ttf"), lazy=True) as font:
        unit = font["head"].unitsPerEm
        metrics = font["hmtx"]
        widths = {chr(code): metrics[name][0] / unit for code, name in font.getBestCmap().items()}
    digits = max(widths[d] for d in "0123456789")
    return widths | dict.fromkeys("0123456789", digits)


@lru_cache(maxsize=1 << 16)
def width(text: str, face: str = "Regular") -> float:
    """Width of a line of text in em, without kerning."""
    advances = _advances(face)
    return sum(advances.get(c, 1.0 if unicodedata.east_asian_width(c) in "WF" else 0.6) for c in text)


@cache
def _covered() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    codes: set[int] = set()
    for path in (_source("Regular", "ttf"), files()[len(_FACES)]):
        with TTFont(path, lazy=True) as font:
            codes |= set(font.getBestCmap())
    return frozenset(codes)


def printable(text: str) -> str:
    """The text with each character that no font of the PDF has replaced by its name, as in `[U+1F600]`.

    PDF/UA and PDF/A refuse a character without a glyph and private-use code points.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _has(c) else _named(c) for c in text)


def unprinted(text: str) -> str:
    """The first character that no font of the PDF has, as `[U+1F693]`; empty where there is none."""
    names = (_named(c).strip() for c in text if not _has(c))
    return next(filter(None, names), "")


def drawable(text: str) -> str:
    """`printable` for the text of a drawing, where letters are not stacked and nothing invisible has a place.

    Typst's drawings look for one font for a letter with all its marks: what is no letter of its own is named.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(c for c in printable(composed) if c not in _KEPT)
    return "".join(_named(c) if "\u0300" <= c <= "\u036f" else c for c in seen)


@cache
def _has(c: str) -> bool:
    if c in "\n\t" or c in _KEPT:
        return True
    return ord(c) in _covered() and unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn", "Cf", "Zl", "Zp")


def _named(c: str) -> str:
    if unicodedata.category(c) == "Cf" or c in "\ufe0e\ufe0f":
        return ""  # joiners, marks of direction and variation selectors have nothing to see
    if c in "\r\x0b\x0c\x85\u2028\u2029":
        return " "
    return f"[U+{ord(c):04X}]"


def css(text: str) -> str:
    """`@font-face` rules with the subset of the text's characters inside; the same characters give the same bytes."""
    characters = "".join(sorted(set(text) | set("0123456789.,-\u2212%() ")))
    rules = []
    for face, weight, style in _WEB:
        data = base64.b64encode(_subset(face, characters)).decode()
        rules.append(
            f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};font-style:{style};font-display:swap;'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
        )
    return "\n".join(rules)


@lru_cache(maxsize=64)
def _subset(face: str, characters: Iterable[str]) -> bytes:
    from fontTools import subset

    options = subset.Options(layout_features=["kern", "liga", "tnum", "lnum", "mark", "mkmk", "ccmp", "locl"])
    options.flavor = "woff2"
    options.hinting = False
    options.recalc_timestamp = False
    options.notdef_outline = True
    font = subset.load_font(str(_source(face, "ttf")), options)
    # put aside: in search of the names in use the subsetter would visit every value of the font, a quarter of its time;
    # no feature kept above has a name
    names = font["name"]
    del font["name"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    wanted, languages = set(options.name_IDs), set(options.name_languages)
    names.names = [n for n in names.names if n.nameID in wanted and n.langID in languages and n.isUnicode()]
    font["name"] = names
    out = io.BytesIO()
    subset.save_font(font, out, options)
    font.close()
    return out.getvalue()
