"""Rebuild a report in a temporary folder and compare every published file with the manifest."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from evaluation import design as declared
from evaluation import paths
from evaluation.errors import VerificationError
from evaluation.exhibits import origin
from evaluation.run import manifest
from evaluation.run.build import build


def verify(evaluation: str) -> list[str]:
    """Rebuild and compare; what was found out, a line each.

    VerificationError names each file that differs with its first difference, and which of code, configuration, data and
    lock are not those that the manifest was made from. Nothing of the project is written.
    """
    recorded = _recorded(evaluation)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        rebuilt = _rebuild(evaluation, Path(folder))
        made = json.loads((rebuilt / manifest.NAME).read_text(encoding="utf-8"))
        origin = list(_origins(recorded, made))
        differing = list(_differences(evaluation, recorded["published"], made["published"], rebuilt))
    platform = f"manifest made on {recorded['platform']}, {recorded['python']}"
    here = f"{made['platform']}, {made['python']}"
    platform += (
        "; so is this rebuild" if here == f"{recorded['platform']}, {recorded['python']}" else f"; rebuilt on {here}"
    )
    if differing or origin:
        raise VerificationError("\n".join([platform, *origin, *differing]))
    return [platform, f"{len(recorded['published'])} published files of {evaluation} are the same, byte for byte"]


def _recorded(evaluation: str) -> dict:
    path = paths.reports(evaluation) / manifest.NAME
    if not path.exists():
        raise VerificationError(f"{paths.shown(path)}: there is none; `make report EVALUATION={evaluation}` writes it")
    return json.loads(path.read_text(encoding="utf-8"))


def _rebuild(evaluation: str, folder: Path) -> Path:
    """The reports of an evaluation built again from its raw folder alone."""
    design = declared.load(evaluation)
    raw, copy = paths.raw(evaluation), folder / "data" / "raw" / evaluation
    for name in ["evaluation.yaml", *(file.path for file in design.data.files)]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(raw / name, copy / name)
    if (raw / "plan.json").exists():
        shutil.copyfile(raw / "plan.json", copy / "plan.json")
    before = os.environ.get("EVALUATION_HOME")
    os.environ["EVALUATION_HOME"] = str(folder)
    try:
        outcome = build(evaluation, quiet=True)
    finally:
        os.environ.pop("EVALUATION_HOME")
        if before is not None:
            os.environ["EVALUATION_HOME"] = before
    if outcome.exit_code:
        raise VerificationError("\n".join(f"{name}: {error}" for name, error in outcome.failed.items()))
    return folder / "reports" / evaluation


def _origins(recorded: dict, made: dict) -> Iterator[str]:
    """What the manifest was made from and is another now."""
    before, now = recorded["made_from"], made["made_from"]
    for part in ("code", "configuration", "lock"):
        if before[part] != now[part]:
            yield f"the {part} is not that which the manifest was made from"
    for name in sorted({*before["data"], *now["data"]}):
        if before["data"].get(name) != now["data"].get(name):
            yield f"the data file {name} is not that which the manifest was made from"


def _differences(evaluation: str, recorded: dict, made: dict, rebuilt: Path) -> Iterator[str]:
    for name in sorted({*recorded, *made}):
        if name not in made:
            yield f"{name}: is in the manifest and was not rebuilt"
        elif name not in recorded:
            yield f"{name}: was rebuilt and is not in the manifest"
        elif made[name] != recorded[name]:
            kept = paths.reports(evaluation) / name
            if kept.exists() and origin.sha256(kept) == recorded[name]:
                yield f"{name}: {first_difference(kept.read_bytes(), (rebuilt / name).read_bytes())}"
            else:
                yield f"{name}: differs (the published file is not here to say where)"


def first_difference(published: bytes, rebuilt: bytes) -> str:
    """Where two files part: the line and the words in text, the byte otherwise."""
    at = next((k for k, pair in enumerate(zip(published, rebuilt, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return f"one is longer: {len(published):,} bytes published, {len(rebuilt):,} rebuilt"
    try:
        published.decode(), rebuilt.decode()
    except UnicodeDecodeError:
        return f"differs from byte {at + 1:,} of {len(published):,}"
    line = published.count(b"\n", 0, at) + 1
    old, new = (_around(content, at) for content in (published, rebuilt))
    return f"differs in line {line:,}: published {old!r}, rebuilt {new!r}"


def _around(content: bytes, at: int) -> str:
    start = max(content.rfind(b"\n", 0, at) + 1, at - 30)
    return content[start : at + 30].split(b"\n")[0].decode(errors="ignore")
