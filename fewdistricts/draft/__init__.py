"""A first evaluation.yaml from files that nobody has described yet.

`look` (one file), `names` (what columns are called) < `roles` (which column holds what) < `answers` (columns as
indicators), `waves` (files as one survey), `beside` (maps, chapters) < `layout` (YAML) < `offers` and `proposals` (what
an evaluator may add) < `content` (all of it).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fewdistricts import languages, paths
from fewdistricts.design import NAME, PLACEHOLDER, short
from fewdistricts.draft import names, wide
from fewdistricts.draft.beside import look_beside
from fewdistricts.draft.content import content
from fewdistricts.draft.look import Looked, agreed, look
from fewdistricts.draft.roles import roles
from fewdistricts.draft.waves import survey
from fewdistricts.errors import ConfigurationError, DataError, Problem
from fewdistricts.files import write
from fewdistricts.survey import xlsform
from fewdistricts.survey.formats import SUFFIXES
from fewdistricts.text import count

__all__ = ["Drafted", "draft"]


@dataclass(frozen=True)
class Drafted:
    """What was written."""

    path: Path
    waves: int
    districts: int
    indicators: int
    places: int
    """Placeholders that somebody has to fill in."""
    guesses: int
    without_wording: tuple[str, ...] = ()
    """Languages of the questionnaire that the report cannot be written in."""

    def __str__(self) -> str:
        return (
            f"{paths.shown(self.path)}: {count(self.waves, 'wave')}, {count(self.districts, 'district')} and"
            f" {count(self.indicators, 'indicator')} drafted; {count(self.places, 'place')} to fill in ({PLACEHOLDER}),"
            f" {count(self.guesses, 'guess', 'guesses')} to check{self._untold()}"
        )

    def _untold(self) -> str:
        """That a language of the questionnaire has no wording in the report, and what to do."""
        if not self.without_wording:
            return ""
        spoken, known = ", ".join(self.without_wording), ", ".join(languages.available())
        return (
            f"; the questionnaire is in {spoken} as well, in which no report can be written (only in {known}): where it"
            " has no other texts, translate these (CONTRIBUTING.md says how a language is added)"
        )


def draft(evaluation: str, files: Sequence[Path], form: Path | None = None) -> Drafted:
    """Copies the files into data/raw/<evaluation>/ and writes evaluation.yaml and SOURCE.md beside them.

    Files that are in the folder already may be given by their names; without files, all in it are taken.
    ConfigurationError where the evaluation exists or its name is none, DataError with the problems of all files; then
    nothing is written.
    """
    folder = _folder(evaluation)
    form = None if form is None else _given(form, folder)
    files = [_given(path, folder) for path in _whole(files, folder)] or _present(folder, form)
    looked, questionnaire = _look_at_all(files, folder, form)
    made = content(evaluation, survey(looked), questionnaire, look_beside(folder, files))
    folder.mkdir(parents=True, exist_ok=True)
    for path in [*files, *([form] if form else []), *([made.map] if made.map else [])]:
        if not _same(path, folder / path.name):
            shutil.copyfile(path, folder / path.name)
    source = folder / "SOURCE.md"
    if not source.exists():
        source.write_text(_source(evaluation, looked), encoding="utf-8")
    write(folder / NAME, made.text)
    places = len(re.findall(rf"(?m)^\s*[^#\s].*{re.escape(PLACEHOLDER)}", made.text))
    guesses = len(re.findall(r"(?m)^\s*[^#\s].*# check", made.text))
    untold = questionnaire.without_wording if questionnaire else ()
    return Drafted(folder / NAME, made.waves, made.districts, made.indicators, places, guesses, untold)


def _folder(evaluation: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", evaluation):
        allowed = "letters a-z, digits, hyphen and underscore, at most 64, beginning with a letter or digit"
        near = f"`EVALUATION={names.slug(evaluation)}`?" if names.slug(evaluation) else ""
        raise ConfigurationError(Problem("evaluation", short(evaluation), allowed, near))
    folder = paths.raw(evaluation)
    if (folder / NAME).exists():
        remedy = "edit it, or choose another name: a draft replaces nothing"
        raise ConfigurationError(Problem(paths.shown(folder / NAME), "an evaluation of this name", "a new one", remedy))
    return folder


def _whole(files: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Files whose names have blanks, at which `make` parts them."""
    left = [str(path) for path in files]
    while left:
        joined = [Path(" ".join(left[:n])) for n in range(1, len(left) + 1)]
        n = next((n for n, path in enumerate(joined, 1) if _given(path, folder).exists()), 1)
        yield joined[n - 1]
        left = left[n:]


def _given(path: Path, folder: Path) -> Path:
    """A file as it is given, or that of its name in the evaluation's folder."""
    inside = folder / path
    return inside if not path.exists() and inside.exists() else path


def _present(folder: Path, form: Path | None) -> list[Path]:
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES and path.name[0] not in "~.")
    found = [path for path in found if form is None or path.resolve() != form.resolve()]
    if not found:
        remedy = '`make new EVALUATION=x SURVEY="a.dta b.dta"`'
        raise DataError(Problem(paths.shown(folder), "no survey file", ", ".join(SUFFIXES), remedy))
    return found


def _look_at_all(files: Sequence[Path], folder: Path, form: Path | None) -> tuple[list[Looked], xlsform.Form | None]:
    problems: list[Problem] = []
    looked: list[Looked] = []
    for i, path in enumerate(files):
        target = folder / path.name
        if path.name in [other.name for other in files[:i]]:
            problems.append(Problem(str(path), f"a second file named {path.name!r}", "names that differ", "rename one"))
        elif target.exists() and path.is_file() and not _same(path, target):
            found = f"another file than {path}"
            problems.append(Problem(paths.shown(target), found, "a name of its own", "rename or remove one of them"))
        else:
            try:
                looked += look(path)
            except DataError as error:
                problems += error.problems
    questionnaire = None
    if form is not None:
        try:
            questionnaire = xlsform.read(form)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    looked = [part for each in agreed(looked) for part in wide.split(each)]
    return wide.together(_of_interviews(looked)), questionnaire


def _of_interviews(looked: Sequence[Looked]) -> list[Looked]:
    """The files without those of another table, such as a repeat group's: no district, few columns of the others."""
    placed = [each for each in looked if "district" in roles(each)]
    columns = {name for each in placed for name in each.columns}
    aside = [
        each for each in looked
        if placed and each not in placed and len(columns & each.columns.keys()) < len(each.columns) / 2
    ]  # fmt: skip
    kept = [each for each in looked if each not in aside]
    if not aside:
        return kept
    named = ", ".join(each.path.name for each in aside)
    remark = (
        f"{named}: not read, for no column says the district; to use its answers, join them to the interviews, "
        "so that each respondent has one row"
    )
    return [replace(kept[0], remarks=(*kept[0].remarks, remark)), *kept[1:]]


def _same(path: Path, other: Path) -> bool:
    return other.exists() and (path.resolve() == other.resolve() or path.read_bytes() == other.read_bytes())


def _source(evaluation: str, looked: Sequence[Looked]) -> str:
    rows = [f"| `{each.path.name}`{_sheet(each)} | {each.rows:,} | `{each.file.sha256}` |" for each in looked]
    return "\n".join([
        f"# Source of `{evaluation}`", "",
        "Who collected these data, when, how, under which licence; who may have them and where to ask.", "",
        "| file | rows | sha256 |", "|---|---|---|", *rows, "",
    ])  # fmt: skip


def _sheet(looked: Looked) -> str:
    return f", sheet `{looked.file.sheet}`" if looked.file.sheet else ""
