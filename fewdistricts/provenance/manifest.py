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


def write(evaluation: str, languages: Sequence[str], published: Sequence[Path]) -> None:
    """Write the manifest beside the files to be published."""
    folder = paths.staged(evaluation)
    system, python = platform_here()
    content = {
        "evaluation": evaluation,
        "languages": list(languages),
        "platform": system,
        "python": python,
        "made_from": made_from(design.load(evaluation), languages),
        "published": {path.relative_to(folder).as_posix(): origin.sha256(path) for path in sorted(published)},
    }
    files.write(folder / NAME, json.dumps(content, indent=2, sort_keys=True) + "\n")


def platform_here() -> tuple[str, str]:
    """This system and processor, and this Python: what the bytes may depend on besides what the lock pins."""
    return (
        f"{sys.platform} {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
    )


def made_from(declared: Design, languages: Sequence[str] | None = None) -> dict[str, Any]:
    """The hashes of code, configuration and lock, of the texts by language, and of data and plan by file."""
    raw = paths.raw(declared.evaluation)
    named: dict[str, Any] = {"data": {}, "texts": {}}
    for source in origin.sources(declared, languages):
        if source.kind in (origin.DATA, origin.PLAN, origin.CHAPTER):
            named["data"][source.path.relative_to(raw).as_posix()] = source.sha256
        elif source.kind == origin.TEXTS:
            named["texts"][source.path.name] = source.sha256
        else:
            named[source.kind] = source.sha256
    return named
