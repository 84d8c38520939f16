"""manifest.json: the hashes of the published files and of what they were made from. No clock, path, host or commit."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluation import paths
from evaluation.design import Design, planned
from evaluation.run import files, sources

NAME = "manifest.json"


def write(evaluation: str, published: Sequence[Path]) -> None:
    """Write the manifest beside the published files."""
    folder, raw = paths.reports(evaluation), paths.raw(evaluation)
    from evaluation import design

    declared = design.load(evaluation)
    content = {
        "evaluation": evaluation,
        "platform": f"{sys.platform} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "made_from": {
            "code": of_tree(sources.of_everything(), paths.PROJECT),
            "configuration": sha256(raw / "evaluation.yaml"),
            "data": {path.relative_to(raw).as_posix(): sha256(path) for path in _data(declared, raw)},
            "lock": sha256(paths.PROJECT / "requirements.lock"),
        },
        "published": {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(published)},
    }
    files.write(folder / NAME, json.dumps(content, indent=2, sort_keys=True) + "\n")


def _data(declared: Design, raw: Path) -> list[Path]:
    """The survey files, and the recorded plan where there is one."""
    plan = raw / planned.NAME
    return [*(raw / file.path for file in declared.data.files), *([plan] if plan.exists() else [])]


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_tree(tree: Iterable[Path], root: Path) -> str:
    """One SHA-256 over several files: of the lines "hash  path", sorted."""
    lines = sorted(f"{sha256(path)}  {path.relative_to(root).as_posix()}" for path in tree)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
