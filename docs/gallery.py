"""The gallery in build/docs/gallery/: executed notebooks of peru-2005 as pages, as an analyst sees them.

The evaluation is built in build/gallery/, so that `reports/` stays as it is; a second run builds what has changed.
"""

from __future__ import annotations

import html
import os
import shutil
import sys
from pathlib import Path

EVALUATION = "peru-2005"
HOME, PAGES = Path("build/gallery"), Path("build/docs/gallery")
NOTEBOOKS = {
    "district_wave": ("district_wave/pilot-1-2005.ipynb", "One district at one wave: response, levels, its own change"),
    "pooled": ("pooled.ipynb", "All districts together: models, few-district inference, robustness"),
    "report": ("report/report-en.ipynb", "The report that is printed from them"),
}


def write() -> None:
    """Build the evaluation and convert its notebooks."""
    raw = HOME / "data" / "raw" / EVALUATION
    shutil.copytree(Path("data/raw") / EVALUATION, raw, dirs_exist_ok=True)
    os.environ["EVALUATION_HOME"] = str(HOME.resolve())
    from fewdistricts import paths
    from fewdistricts.run import formats
    from fewdistricts.run.build import build

    if build(EVALUATION, ["en"], quiet=True).failed:
        sys.exit(1)
    PAGES.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, (executed, title) in NOTEBOOKS.items():
        exporter = formats.exporter("accessible_html")
        exporter.show_code = exporter.unfold_code = name != "report"
        page, _ = exporter.from_filename(str(paths.processed(EVALUATION) / executed))
        (PAGES / f"{name}.html").write_text(page, encoding="utf-8")
        lines.append(f'<li><a href="{name}.html"><code>{name}.ipynb</code></a>: {html.escape(title)}</li>')
    (PAGES / "index.html").write_text(INDEX.format("\n".join(lines)), encoding="utf-8")


INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Gallery</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }}</style>
</head>
<body><main>
<h1>Executed notebooks of peru-2005</h1>
<p>The survey is invented. In the order of the analysis:</p>
<ol>
{}
</ol>
</main></body>
</html>
"""

if __name__ == "__main__":
    write()
