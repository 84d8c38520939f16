"""What a report is made from: data, declaration, program and lock, each with its SHA-256, and the locked versions.

The one source of the report's annex, of the manifest and of the RO-Crate. No clock, path of a machine, host or commit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fewdistricts import chapters, paths
from fewdistricts.design import NAME, Design, planned

PACKAGES = ("fewdistricts", "nbaccessible", "warmkernel")
CONFIGURATION, PLAN, DATA, CHAPTER, CODE, TEXTS, LOCK = (
    "configuration", "plan", "data", "chapter", "code", "texts", "lock",
)  # fmt: skip
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?: *; *([^\\\n]+))?", flags=re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """Something a report is made from; `name` is its path in the project, of the code that of the package.

    `path` is a file, or a folder where the hash is one over all files in it.
    """

    kind: str
    name: str
    sha256: str
    path: Path


def sources(design: Design, languages: Sequence[str] | None = None) -> list[Source]:
    """Declaration, recorded plan, survey files that are there, program and notebooks as one, texts, and lock.

    Parameters
    ----------
    design : Design
        The evaluation.
    languages : sequence of str, optional
        Whose texts count; by default those of the report. A report in one language does not depend on the texts of
        another.
    """
    raw = paths.raw(design.evaluation)
    named = [(CONFIGURATION, raw / NAME), (PLAN, raw / planned.NAME)]
    named += [(DATA, path) for path in data_files(design)]
    named += [(CHAPTER, path) for path in chapters.files(design)]
    given = [Source(kind, paths.shown(path), sha256(path), path) for kind, path in named if path.exists()]
    package, lock = paths.PROJECT / PACKAGES[0], paths.PROJECT / "requirements.lock"
    code = Source(CODE, PACKAGES[0], tree_sha256(code_files(), paths.PROJECT), package)
    texts = [_texts(language) for language in languages or design.report.languages]
    return [*given, code, *texts, Source(LOCK, lock.name, sha256(lock), lock)]


def data_files(design: Design) -> list[Path]:
    """The survey files that evaluation.yaml names, and the truth of invented data; whether they are there or not."""
    names = [file.path for file in design.data.files]
    if design.data.truth is not None:
        names.append(design.data.truth)
    return [paths.raw(design.evaluation) / name for name in dict.fromkeys(names)]


def _texts(language: str) -> Source:
    folder = paths.TEXTS / language
    files = [path for path in package_files() if path.is_relative_to(folder)]
    return Source(TEXTS, paths.shown(folder), tree_sha256(files, paths.PROJECT), folder)


def code_files() -> list[Path]:
    """Every file of the packages but the texts of languages, and every notebook."""
    code = [path for path in package_files() if not path.is_relative_to(paths.TEXTS)]
    return code + sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def package_files() -> list[Path]:
    """Every file of the packages, without what Python and editors leave there."""
    files = [file for package in PACKAGES for file in (paths.PROJECT / package).rglob("*")]
    return sorted(filter(_is_code, files))


def _is_code(path: Path) -> bool:
    names = path.relative_to(paths.PROJECT).parts
    return path.is_file() and path.suffix != ".pyc" and not any(n == "__pycache__" or n.startswith(".") for n in names)


def locked_versions() -> dict[str, str]:
    """Package -> version of requirements.lock, of what is installed on this system and Python."""
    from packaging.markers import Marker

    lock = (paths.PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return {name: version for name, version, where in PIN.findall(lock) if not where or Marker(where).evaluate()}


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_sha256(files: Iterable[Path], root: Path) -> str:
    """One SHA-256 over several files: of the lines "hash  path", sorted, as `sha256sum | sort` prints them."""
    lines = sorted(f"{sha256(path)}  {path.relative_to(root).as_posix()}" for path in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
