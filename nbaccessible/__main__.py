"""`python -m nbaccessible to-pdf notebook.ipynb`: a document of any notebook, or one sentence that says why not."""

from __future__ import annotations

import argparse
import mimetypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbaccessible.errors import PublishError

EXPORTERS = {
    "pdf": "AccessiblePDFExporter",
    "html": "AccessibleHTMLExporter",
    "slides": "AccessibleSlidesExporter",
    "docx": "AccessibleDocxExporter",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert one notebook; 0 when it is done, 1 when it cannot be (2 for a mistyped command)."""
    options = _parser().parse_args(arguments)
    try:
        written = convert(Path(options.notebook), options.kind, options.output, options.code, options.attach)
    except PublishError as error:
        print(f"{options.notebook}: {error}", file=sys.stderr)
        return 1
    print(written)
    return 0


def convert(
    notebook: Path,
    kind: str,
    output: str | None = None,
    show_code: bool | None = None,
    attached: Sequence[str] = (),
) -> Path:
    """Write the document of a notebook and return where it lies; PublishError says what is wrong with which cell."""
    from nbaccessible import exporters

    exporter = getattr(exporters, EXPORTERS[kind])(show_code=show_code)
    suffix = "-slides.pdf" if kind == "slides" else exporter.file_extension
    target = Path(output) if output else notebook.with_name(notebook.stem + suffix)
    files = [_attachment(Path(path)) for path in attached]
    content, _ = exporter.from_notebook_node(_read(notebook), _resources(notebook, files))
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content if isinstance(content, bytes) else content.encode())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise PublishError(f"{target} cannot be written ({error.strerror}); name another file with -o") from error
    return target


def _read(notebook: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(notebook, as_version=4)
    except OSError as error:
        raise PublishError(f"the notebook cannot be read ({error.strerror}); give the path of a file") from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, KeyError) as error:
        raise PublishError("this is no Jupyter notebook; give an .ipynb file as Jupyter saves it") from error


def _resources(notebook: Path, files: list[tuple[str, bytes, str, str]]) -> dict[str, object]:
    metadata = {"name": notebook.stem, "path": str(notebook.parent)}
    return {"metadata": metadata, "attachments": files}


def _attachment(path: Path) -> tuple[str, bytes, str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PublishError(f"the attachment {path} cannot be read ({error.strerror})") from error
    mime, _ = mimetypes.guess_type(path.name)
    return path.name, content, mime or "application/octet-stream", ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nbaccessible", description=__doc__)
    kinds = parser.add_subparsers(dest="command", required=True, metavar="to-pdf | to-html | to-slides | to-docx")
    for kind in EXPORTERS:
        command = kinds.add_parser(f"to-{kind}")
        command.set_defaults(kind=kind)
        command.add_argument("notebook", help="an executed notebook")
        command.add_argument("-o", "--output", help="the file to write (default: beside the notebook)")
        command.add_argument("--code", action=argparse.BooleanOptionalAction, help="show the code cells, or do not")
        command.add_argument("--attach", action="append", default=[], help="a file to carry inside the PDF; repeatable")
    return parser


if __name__ == "__main__":
    sys.exit(main())
