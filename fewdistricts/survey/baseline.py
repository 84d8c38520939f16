"""The survey as it stands before the follow-up: answers of the last wave before the first start, and nothing later.

Files that are not there are not there yet. Of the others only the baseline's rows are kept: a plan must not see what it
is to be held against, even where it lies beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fewdistricts import paths
from fewdistricts.design import Design, File, Wave
from fewdistricts.survey import disclosure
from fewdistricts.survey.build import build, load
from fewdistricts.survey.read import read
from fewdistricts.survey.resolve import resolve
from fewdistricts.survey.table import Table


@dataclass(frozen=True)
class Baseline:
    """What is at hand before the follow-up."""

    design: Design
    """With its districts; where there are answers, of one wave and the indicators asked in it."""
    data: pd.DataFrame | None
    """As `survey.load` gives it; None where there are no answers yet."""
    hidden: frozenset[disclosure.Cell]
    wave: Wave | None
    followed: bool
    """Whether answers of a later wave are at hand already."""


def baseline(design: Design) -> Baseline:
    """The answers of the baseline wave, built under data/processed/<e>/plan/; DataError as the survey's own."""
    raw = paths.raw(design.evaluation)
    files = tuple(file for file in design.data.files if (raw / file.path).is_file())
    if not files:
        return Baseline(design, None, frozenset(), None, False)
    design = _with_districts(design.model_copy(update={"data": design.data.model_copy(update={"files": files})}))
    wave = baseline_wave(design)
    later = {w.id for w in design.waves[design.waves.index(wave) + 1 :]} if wave else {w.id for w in design.waves}
    own = tuple(file for file in files if file.wave is None or (wave and file.wave == wave.id))
    followed = any(file.wave in later for file in files)
    if wave is None or not own:
        return Baseline(design, None, frozenset(), None, followed)
    present = _present(design, own)
    others = {w: codes for w, codes in present.items() if w != wave.id}
    if wave.id not in present and not any(file.wave for file in own):
        return Baseline(design, None, frozenset(), None, bool(later & others.keys()))
    followed = followed or bool(later & others.keys())
    only = _only(design, wave, own, tuple(code for codes in others.values() for code in codes))
    folder = _folder(design)
    build(only, folder)
    return Baseline(only, load(design.evaluation, folder=folder), disclosure.read(folder), wave, followed)


def baseline_wave(design: Design) -> Wave | None:
    """The earliest baseline of a pilot district (without pilots, of any district); None where no wave came before."""
    bases = [base for d in design.pilots or design.districts if (base := design.baseline(d))]
    return next((w for w in design.waves if w in bases), None)


def _folder(design: Design) -> Path:
    return paths.processed(design.evaluation) / "plan"


def _with_districts(design: Design) -> Design:
    """Districts that stand in the data become declared ones."""
    if design.district_columns is None:
        return design
    columns = design.data.columns.model_copy(update={"district": design.district_column})
    data = design.data.model_copy(update={"columns": columns})
    return resolve(design).model_copy(update={"district_columns": None, "data": data})


def _present(design: Design, files: tuple[File, ...]) -> dict[str, list[str]]:
    """Spellings of waves that have rows, by wave; nothing where files say their wave themselves."""
    name = design.data.columns.wave
    if name is None:
        return {}
    looked = design.model_copy(update={"data": design.data.model_copy(update={"files": files})})
    table: Table = read(looked, only={name})
    column = table.columns[name]
    codes = column.codes
    held = {code for i, code in enumerate(column.distinct) if (codes == i).any()}
    found = {w.id: [s for s in w.spellings if held.intersection(column.matches(s))] for w in design.waves}
    return {wave: spelled for wave, spelled in found.items() if spelled}


def _only(design: Design, wave: Wave, files: tuple[File, ...], others: tuple[str, ...]) -> Design:
    """The declaration of a survey that has the one wave."""
    leave_out = dict(design.data.leave_out)
    if others and (name := design.data.columns.wave):
        leave_out[name] = (*leave_out.get(name, ()), *others)
    data = design.data.model_copy(update={"files": files, "leave_out": leave_out})
    asked = tuple(i for i in design.indicators if design.asked(i, wave))
    return design.model_copy(update={"waves": (wave,), "indicators": asked, "data": data})
