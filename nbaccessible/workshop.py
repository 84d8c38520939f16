"""A folder in which Typst works: the fonts, the files of one document, and a compiler that sees nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbaccessible import fonts
from nbaccessible.typst_tokens import string

MAIN = "main.typ"
DOTS = 220  # an inch: sharp in print, and a report of twenty figures stays under two megabytes


@contextmanager
def folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A temporary folder with these files and, in `fonts`, the faces that a document may need."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "fonts").mkdir()
        for source in fonts.files():
            (place / "fonts" / source.name).symlink_to(source)
        for file, content in files.items():
            (place / file).write_bytes(content)
        yield place


def compiler(place: Path) -> Any:
    """A compiler of the folder's main file that knows the fonts in it and no other."""
    import typst

    return typst.Compiler(
        str(place / MAIN), root=str(place), font_paths=[str(place / "fonts")], ignore_system_fonts=True
    )


def rasters(drawings: Sequence[bytes]) -> list[bytes]:
    """SVG drawings as PNG images, set in the house's fonts; the same drawing gives the same bytes."""
    if not drawings:
        return []
    files = {f"{number}.svg": drawing for number, drawing in enumerate(drawings)}
    pages = (f"#page(image({string(name)}))" for name in files)
    head = '#set page(width: auto, height: auto, margin: 0pt)\n#set text(font: ("Source Sans Pro", "DejaVu Sans"))\n'
    with folder({**files, MAIN: (head + "\n".join(pages)).encode()}) as place:
        images = compiler(place).compile(format="png", ppi=DOTS)
    return list(images) if isinstance(images, list) else [images]


def formulas(formulas: Sequence[tuple[str, bool]]) -> list[bytes]:
    """Formulas in Typst's notation (and whether they are displayed) as SVG drawings."""
    if not formulas:
        return []
    head = "#set page(width: auto, height: auto, margin: 1pt)\n#set text(size: 11pt)\n"
    pages = []
    for formula, block in formulas:
        space = " " if block else ""
        pages.append(f"#page[${space}{formula}{space}$]")
    with folder({MAIN: (head + "\n".join(pages)).encode()}) as place:
        images = compiler(place).compile(format="svg")
    return list(images) if isinstance(images, list) else [images]
