"""`python -m benchmarks.exporting <exporter> <notebook> <result> [...]`: exports in a process of their own.

Prints clock and CPU seconds of all, the first one's included, nbconvert imported: its own import is the same for every
exporter (most of it is the grammar of a URI that its JSON schema library builds) and happens once in a worker.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
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


def main(*asked: str) -> None:
    each = [(get_exporter(name), source, Path(target)) for name, source, target in batched(asked, 3)]
    nbformat.validate(nbformat.read(each[0][1], 4))  # builds what validation needs, which every exporter uses
    clock, used = time.perf_counter(), time.process_time()
    made = [(target, exporter().from_filename(source)[0]) for exporter, source, target in each]
    clock, used = time.perf_counter() - clock, time.process_time() - used
    for target, content in made:
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    print(clock, used)


def batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Groups of a size, as itertools has it from Python 3.12 on."""
    return (items[k : k + size] for k in range(0, len(items), size))


if __name__ == "__main__":
    main(*sys.argv[1:])
