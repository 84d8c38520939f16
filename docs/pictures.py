"""The pictures of README.md, made from the built report of peru-2005: pages, a slide, a brief, a notebook.

python docs/pictures.py      after `make report`; writes docs/pictures/*.png
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from fewdistricts import paths
from fewdistricts.run import formats
from nbaccessible import workshop

EVALUATION = "peru-2005"
PLACE = Path(__file__).parent / "pictures"
WIDTH = 760  # pixels: legible on a page of that width, and a few dozen kB
COLOURS = 64

PAGES = {
    "answer": ("report-en.pdf", 1),
    "results": ("report-en.pdf", 6),
    "slide": ("slides-en.pdf", 3),
    "brief": ("districts/pilot-1-en.pdf", 1),
    "notebook": ("notebook.pdf", 5),
}
"""Name of a picture: file and page. The notebook is an executed one, printed by the exporter as an analyst would."""


def write() -> None:
    """Writes every picture; a page that is no longer there is an error."""
    reports = paths.reports(EVALUATION)
    if not (reports / "report-en.pdf").exists():
        sys.exit(f"{reports}: there is no report yet; run `make report` first")
    PLACE.mkdir(exist_ok=True)
    executed = paths.processed(EVALUATION) / "district_wave" / "pilot-1-2005.ipynb"
    printed, _ = formats.exporter("accessible_pdf").from_filename(str(executed))
    for name, (file, number) in PAGES.items():
        content = printed if file == "notebook.pdf" else (reports / file).read_bytes()
        (PLACE / f"{name}.png").write_bytes(picture(content, number))


def picture(pdf: bytes, number: int) -> bytes:
    """A page of a PDF as a small PNG with a thin frame; the same page gives the same bytes."""
    source = f'#set page(width: auto, height: auto, margin: 0pt)\n#image("page.pdf", page: {number}, width: 595pt)\n'
    with workshop.folder({"page.pdf": pdf, workshop.MAIN: source.encode()}) as place:
        drawn = workshop.compiler(place).compile(format="png", ppi=144)
    page = Image.open(io.BytesIO(drawn)).convert("RGB")
    page = page.resize((WIDTH, round(page.height * WIDTH / page.width)), Image.Resampling.LANCZOS)
    framed = Image.new("RGB", (page.width + 2, page.height + 2), "#c8c8c8")
    framed.paste(page, (1, 1))
    out = io.BytesIO()
    framed.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    write()
