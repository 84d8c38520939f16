"""The documentation: the tutorial runs, the reference is the schema, tables are the files they were made from."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fewdistricts import design
from fewdistricts.paths import PROJECT

DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, what stands behind it, its line and text."""

    language: str
    options: str
    line: int
    text: str


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"(?ms)^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", text):
        yield Block(found[1], found[2].strip(), text.count("\n", 0, found.start()) + 1, found[3])


def edited(text: str, diff: str) -> str:
    """The text with a block of `-`, `+` and context lines applied; the old lines must stand there once."""
    lines = diff.splitlines()
    old = "".join(line[1:] + "\n" for line in lines if line[0] in "- ")
    new = "".join(line[1:] + "\n" for line in lines if line[0] in "+ ")
    assert ("\n" + text).count("\n" + old) == 1, f"not there once:\n{old}"
    return ("\n" + text).replace("\n" + old, "\n" + new)[1:]


def commands(text: str, environment: dict[str, str]) -> str:
    """A shell block in which `make` is the command that its target runs, in the Python of the tests."""
    out = []
    for line in text.splitlines():
        if line.startswith("make "):
            dry = ["make", "--no-print-directory", "-C", str(PROJECT), "-n"]
            shown = subprocess.run(f"{' '.join(dry)} {line.removeprefix('make ')}", shell=True, text=True,
                                   capture_output=True, check=True, env=environment).stdout  # fmt: skip
            run = [each for each in shown.splitlines() if " -m fewdistricts " in each]
            assert len(run) == 1, shown
            line = re.sub(r"^.*?\S+/python ", f"{sys.executable} ", run[0])
        out.append(line)
    return "\n".join(out)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "runs", "evaluation"), [("tutorial.md", 9, "kielmc"), ("kobo.md", 4, "villages")])
def test_the_tutorial_runs(page: str, runs: int, evaluation: str, tmp_path: Path) -> None:
    environment = {**os.environ, "EVALUATION_HOME": str(tmp_path), "JOBS": "2", "PYTHONPATH": str(PROJECT)}
    said, ran = "", 0
    for block in blocks(DOCS / page):
        where = f"docs/{page}, line {block.line}"
        if block.language == "diff":
            path = tmp_path / block.options.removeprefix("file=")
            path.write_text(edited(path.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        elif block.language == "text":
            assert said.strip() == block.text.strip(), where
        else:
            python = block.language == "python"
            command = [sys.executable, "-c", block.text] if python else ["sh", "-ec", commands(block.text, environment)]
            done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True)
            said = done.stdout + (done.stderr if "fails" in block.options else "")
            assert (done.returncode != 0) == ("fails" in block.options), f"{where}\n{done.stdout}\n{done.stderr}"
            ran += 1
    assert ran == runs
    assert (tmp_path / f"reports/{evaluation}/report-en.pdf").read_bytes().startswith(b"%PDF-")


def test_the_reference_is_the_schema() -> None:
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert text == design.reference(), "run `python -m fewdistricts schema --markdown > docs/reference.md`"


def test_every_key_is_described() -> None:
    rows = [line for line in design.reference().splitlines() if re.match(r"\| (\*\*)?`", line)]
    assert len(rows) > 80
    assert [row for row in rows if not row.split("|")[-2].strip()] == []
    for key in ("families", "no", "recode", "separator", "decimal", "caution", "leave_out"):
        assert any(f"`{key}`" in row.split("|")[1] for row in rows), key


def test_the_tables_are_those_of_the_simulation() -> None:
    made = runpy.run_path(str(DOCS / "tables.py"))
    text = (DOCS / "methods.md").read_text(encoding="utf-8")
    assert made["page"](text) == text, "run `python docs/tables.py`"
    assert made["SIMULATION"].exists()
    assert made["ESTIMATES"].read_text(encoding="utf-8") == made["estimates"](), "run `python docs/tables.py`"
    assert made["FIGURE"].read_text(encoding="utf-8") == made["figure"](), "run `python docs/tables.py`"
    assert "**.049**" in text  # the headline at six against six holds its size
    assert made["tables"](DOCS / "no.csv").startswith("*The simulation has not been run")


def test_the_modules_that_methods_name_exist() -> None:
    named = re.findall(r"`((?:inference|estimates|survey)/\w+\.py)`", (DOCS / "methods.md").read_text(encoding="utf-8"))
    assert len(named) > 10
    assert [name for name in named if not (PROJECT / "fewdistricts" / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        assert target.startswith("http") or (page.parent / target).exists(), target
    headings = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"(?m)^#+ (.+)$", text)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_the_readme_links_every_page_and_shows_pictures_with_descriptions():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+\.md)\)", readme))
    assert {f"docs/{page.name}" for page in PAGES} <= linked
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", readme)
    shown = {path for _, path in pictures}
    assert shown == {path.relative_to(PROJECT).as_posix() for path in DOCS.glob("pictures/*.png")}
    assert all(len(text) > 40 for text, _ in pictures)
    assert sum((PROJECT / path).stat().st_size for path in shown) < 400_000
