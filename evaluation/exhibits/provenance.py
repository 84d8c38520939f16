"""What the report was made from: hashes of data, configuration, code and lock, and the locked versions. No
clock, no path."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from evaluation import paths
from evaluation.design import Design
from evaluation.exhibits.display import Column, Grid
from evaluation.exhibits.wording import Words

NAMED = ("numpy", "scipy", "pandas", "statsmodels", "seaborn", "matplotlib", "papermill", "nbconvert", "typst", "babel")


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree_sha256(files: list[Path], root: Path) -> str:
    """One SHA-256 over several files: of the lines "hash  path", sorted by path."""
    lines = sorted(f"{sha256(f)}  {f.relative_to(root).as_posix()}" for f in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def code_files() -> list[Path]:
    """Every file of the package and every notebook."""
    package = [
        f
        for f in (paths.PROJECT / "evaluation").rglob("*")
        if f.is_file() and f.suffix != ".pyc" and "__pycache__" not in f.parts
    ]
    return sorted(package) + sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def locked_versions() -> dict[str, str]:
    """Package -> version of requirements.lock."""
    lock = (paths.PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock, flags=re.M))


def files(design: Design, words: Words) -> Grid:
    """Data and configuration files, the code as one hash, the lock."""
    folder = paths.raw(design.evaluation)
    named = [folder / "evaluation.yaml", *(folder / f.path for f in design.data.files)]
    rows: list = [[f"data/raw/{design.evaluation}/{f.name}", sha256(f)] for f in named]
    rows.append([words.label("words", "code"), tree_sha256(code_files(), paths.PROJECT)])
    rows.append(["requirements.lock", sha256(paths.PROJECT / "requirements.lock")])
    return Grid([Column(words.label("words", "file"), width=2), Column(words.label("words", "sha256"), width=4)], rows)


def versions(design: Design, words: Words) -> Grid:
    """The packages that numbers and pages depend on most; the whole list is the lock."""
    locked = locked_versions()
    rows: list = [[name, locked[name]] for name in NAMED if name in locked]
    return Grid([Column(words.label("words", "package")), Column(words.label("words", "version"))], rows)
