"""`python -m benchmarks [section ...]`: one table of the sections asked for, all by default.

A section is a module here whose `lines()` yields `measure.Line`s; this list names them in the order of the table.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks import measure

SECTIONS = ("inference", "publishing", "running", "size")
PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "statsmodels",
    "pyfixest",
    "wildboottest",
    "diff-diff",
    "nbconvert",
    "typst",
    "playwright",
)


def main(asked: list[str]) -> int:
    if unknown := [name for name in asked if name not in SECTIONS]:
        print(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    print(measure.circumstances(PACKAGES))
    table = measure.Table()
    for name in asked or SECTIONS:
        table.heading(name)
        for line in importlib.import_module(f"benchmarks.{name}").lines():
            table.line(line)
    table.summary()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
