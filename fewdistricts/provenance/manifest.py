"""manifest.json: the hashes of the published files and of what they were made from. No clock, path, host or commit."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fewdistricts import design, files, paths
from fewdistricts.design import Design
from fewdistricts.provenance import origin

NAME = "manifest.json"


def write(evaluation: str, published: Sequence[Path]) -> None:
    """Write the manifest beside the published files, and remove the pages of the last one that are made no longer."""
    folder = paths.reports(evaluation)
    for stale in _made_no_longer(folder, published):
        stale.unlink()
    system, python = platform_here()
    content = {
        "evaluation": evaluation,
        "platform": system,
        "python": python,
        "made_from": made_from(design.load(evaluation)),
        "published": {path.relative_to(folder).as_posix(): origin.sha256(path) for path in sorted(published)},
    }
    files.write(folder / NAME, json.dumps(content, indent=2, sort_keys=True) + "\n")


def _made_no_longer(folder: Path, published: Sequence[Path]) -> list[Path]:
    """Files that the last manifest lists, as they were published, and this build does not make: of a language or a
    district that was dropped. What somebody has changed or put there is nobody's to remove."""
    try:
        listed = json.loads((folder / NAME).read_text(encoding="utf-8"))["published"]
    except (OSError, ValueError, KeyError):
        return []
    kept = set(published)
    stale = [(folder / name, digest) for name, digest in listed.items() if folder / name not in kept]
    return [
        path
        for path, digest in stale
        if path.resolve().is_relative_to(folder.resolve()) and path.is_file() and origin.sha256(path) == digest
    ]


def platform_here() -> tuple[str, str]:
    """This system and processor, and this Python: what the bytes may depend on besides what the lock pins."""
    return (
        f"{sys.platform} {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
    )


def made_from(declared: Design) -> dict[str, Any]:
    """The hashes of code, configuration and lock, and of each survey file and the recorded plan."""
    raw = paths.raw(declared.evaluation)
    named: dict[str, Any] = {"data": {}}
    for source in origin.sources(declared):
        if source.kind in (origin.DATA, origin.PLAN):
            named["data"][source.path.relative_to(raw).as_posix()] = source.sha256
        else:
            named[source.kind] = source.sha256
    return named
