"""nbconvert exporters: `jupyter nbconvert --to accessible_pdf | accessible_slides | accessible_html notebook.ipynb`.

Everything heavy is imported when a notebook is exported: one broken import here would break nbconvert for every format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import Bool, List, Unicode, default

if TYPE_CHECKING:
    from nbaccessible.model import Document


class _DocumentExporter(Exporter):
    """Reads the notebook once; what it becomes is the subclass's business."""

    show_code = Bool(
        None,
        allow_none=True,
        help="Show code cells; by default those of notebooks without a report's cover, "
        "and in HTML, folded away, those of a report's exhibits.",
    ).tag(config=True)

    layout: str | None = None  # None: the cover's
    foldable = False
    suffix: str

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return self.suffix

    def _written(self, document: Document) -> str | bytes:
        """The content of the file."""
        raise NotImplementedError

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[Any, dict[str, Any]]:
        """The file's content and nbconvert's resources; PublishError names the cell that cannot be published."""
        from nbaccessible.document import read

        if any(getattr(step, "enabled", True) for step in self._preprocessors):
            nb, resources = super().from_notebook_node(nb, resources, **kw)
        else:
            # nbconvert's copies are for preprocessors; reading changes nothing
            resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        document = read(nb, resources, self.show_code, self.layout, self.foldable)
        return self._written(document), resources


class AccessiblePDFExporter(_DocumentExporter):
    """A tagged, archivable PDF by Typst, which comes in a wheel: no TeX, no browser."""

    export_from_notebook = "Evaluation report (PDF)"
    output_mimetype = "application/pdf"
    suffix = ".pdf"
    pdf_standards = List(Unicode(), ["a-3a", "ua-1"], help="Standards that the PDF must meet.").tag(config=True)

    def _written(self, document: Document) -> bytes:
        from nbaccessible.pdf import pdf

        return pdf(document, self.pdf_standards)


class AccessibleSlidesExporter(AccessiblePDFExporter):
    """Slides 16:9 by the same way: a heading of level 1 or 2 starts one, what is too long goes on with the next."""

    export_from_notebook = "Evaluation slides (PDF)"
    layout = "slides"


class AccessibleHTMLExporter(_DocumentExporter):
    """One HTML file that needs no script and loads nothing."""

    export_from_notebook = "Evaluation report (HTML)"
    output_mimetype = "text/html"
    suffix = ".html"
    foldable = True
    unfold_code = Bool(False, help="Open the code cells of the page, which readers can fold away.").tag(config=True)

    def _written(self, document: Document) -> str:
        from nbaccessible.html import page

        return page(document, self.unfold_code)


class AccessibleDocxExporter(_DocumentExporter):
    """A Word file with real headings, captions, tables and cross-references, which a ministry can restyle."""

    export_from_notebook = "Evaluation report (Word)"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    suffix = ".docx"
    reference_doc = Unicode(
        "", help="A .docx of which the styles, page, header and footer are taken instead of the house's."
    ).tag(config=True)

    def _written(self, document: Document) -> bytes:
        from nbaccessible.word import docx

        return docx(document, self.reference_doc or None)
