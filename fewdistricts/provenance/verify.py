"""Rebuild a report in a temporary folder and compare every published file with the manifest."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fewdistricts import design as declared
from fewdistricts import paths
from fewdistricts.errors import EvaluationError, VerificationError
from fewdistricts.provenance import differences, manifest, origin


def verify(evaluation: str, build: Callable[..., Any]) -> list[str]:
    """Rebuild and compare; what was found out, a line each.

    VerificationError names each file that differs with its first difference, and which of code, configuration, data and
    lock are not those that the manifest was made from. Nothing of the project is written. `build` makes the report.
    """
    recorded = _recorded(evaluation)
    said = [
        _platform(recorded),
        *_origins(recorded, manifest.made_from(declared.load(evaluation), recorded.get("languages"))),
    ]
    said += _changed_since(evaluation, recorded["published"])
    known = len(said)
    print(f"Building {evaluation} again in a temporary folder.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        try:
            rebuilt = _rebuild(evaluation, recorded.get("languages"), Path(folder), build)
        except EvaluationError as error:
            raise VerificationError("\n".join([*said, f"it could not be built again: {error}"])) from error
        made = json.loads((rebuilt / manifest.NAME).read_text(encoding="utf-8"))
        said += _differences(evaluation, recorded["published"], made["published"], rebuilt)
    count = f"{len(recorded['published'])} published files of {evaluation}"
    if len(said) > 1:
        if len(said) == known:
            said.append(f"{count} were rebuilt as they are in the manifest all the same")
        raise VerificationError("\n".join(said))
    return [*said, f"{count} are the same, byte for byte"]


def _recorded(evaluation: str) -> dict[str, Any]:
    path = paths.reports(evaluation) / manifest.NAME
    if not path.exists():
        raise VerificationError(f"{paths.shown(path)}: there is none; `make report EVALUATION={evaluation}` writes it")
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
        [recorded[key] for key in ("platform", "python", "published")], recorded["made_from"]["data"]
    except (ValueError, KeyError, TypeError) as error:
        remedy = f"`make report EVALUATION={evaluation}` writes another"
        raise VerificationError(f"{paths.shown(path)}: is no manifest; {remedy}") from error
    return recorded


def _platform(recorded: dict[str, Any]) -> str:
    """Where the manifest was made and where this is."""
    made, here = f"{recorded['platform']}, {recorded['python']}", ", ".join(manifest.platform_here())
    if made == here:
        return f"manifest made on {made}; so is this rebuild"
    return f"manifest made on {made}; rebuilt on {here}, where the same bytes are not promised"


def _origins(recorded: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What the manifest was made from and is another now."""
    before = recorded["made_from"]
    for part in ("code", "configuration", "lock"):
        if before.get(part) != now[part]:
            yield f"the {part} is not that which the manifest was made from"
    for name in sorted({*before["data"], *now["data"]}):
        if name not in now["data"]:
            yield f"the data file {name} that the manifest was made from is not here"
        elif name not in before["data"]:
            yield f"the data file {name} was not there when the manifest was made"
        elif before["data"][name] != now["data"][name]:
            yield f"the data file {name} is not that which the manifest was made from"


def _changed_since(evaluation: str, recorded: dict[str, str]) -> Iterator[str]:
    """Published files that are here and are not those of the manifest."""
    for name, digest in recorded.items():
        kept = paths.reports(evaluation) / name
        if kept.exists() and origin.sha256(kept) != digest:
            yield f"{paths.shown(kept)}: has been changed since the manifest was made"


def _rebuild(evaluation: str, languages: Sequence[str] | None, folder: Path, build: Callable[..., Any]) -> Path:
    """The reports of an evaluation built again from its raw folder alone."""
    design = declared.load(evaluation)
    raw, copy = paths.raw(evaluation), folder / "data" / "raw" / evaluation
    given = [
        raw / declared.NAME,
        *(source.path for source in origin.sources(design) if source.path.is_relative_to(raw)),
    ]
    for path in given:
        target = copy / path.relative_to(raw)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    before = os.environ.get("EVALUATION_HOME")
    os.environ["EVALUATION_HOME"] = str(folder)
    try:
        outcome = build(evaluation, languages, quiet=True)
    finally:
        os.environ.pop("EVALUATION_HOME")
        if before is not None:
            os.environ["EVALUATION_HOME"] = before
    if outcome.failed:
        # the build has said why
        raise VerificationError(f"{', '.join(outcome.failed)} failed")
    return folder / "reports" / evaluation


def _differences(evaluation: str, recorded: dict[str, str], made: dict[str, str], rebuilt: Path) -> Iterator[str]:
    for name in sorted({*recorded, *made}):
        if name not in made:
            yield f"{name}: is in the manifest and was not rebuilt"
        elif name not in recorded:
            yield f"{name}: was rebuilt and is not in the manifest"
        elif made[name] != recorded[name]:
            kept = paths.reports(evaluation) / name
            if kept.exists() and origin.sha256(kept) == recorded[name]:
                yield f"{name}: {differences.first(name, kept.read_bytes(), (rebuilt / name).read_bytes())}"
            else:
                yield f"{name}: differs (the published file is not here to say where)"
