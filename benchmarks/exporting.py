"""`python -m benchmarks.exporting <exporter> <notebook> <result>`: one export in a process of its own.

Prints clock and CPU seconds of the first export, nbconvert imported: its own import is the same for every exporter
(most of it is the grammar of a URI that its JSON schema library builds) and happens once in a worker that publishes.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from functools import partialmethod
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbconvert.exporters import WebPDFExporter, get_exporter

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class SystemWebPDFExporter(WebPDFExporter):
    """nbconvert's `webpdf` with the browser of the system (playwright takes its own download only), and without the
    browser's sandbox for root, who cannot have one.
    """

    def run_playwright(self, html: str) -> bytes:
        from playwright.async_api import BrowserType

        self.disable_sandbox = os.geteuid() == 0
        with patch.object(BrowserType, "launch", partialmethod(BrowserType.launch, executable_path=CHROMIUM)):
            return super().run_playwright(html)


def main(name: str, source: str, target: str) -> None:
    exporter = get_exporter(name)
    nbformat.validate(nbformat.read(source, 4))  # builds what validation needs, which every exporter uses
    clock, used = time.perf_counter(), time.process_time()
    content, _ = exporter().from_filename(source)
    clock, used = time.perf_counter() - clock, time.process_time() - used
    Path(target).write_bytes(content if isinstance(content, bytes) else content.encode())
    print(clock, used)


if __name__ == "__main__":
    main(*sys.argv[1:])
