"""The files of a survey as one, under the names and codes of the first that has a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from fewdistricts.draft.look import Looked, Profile
from fewdistricts.draft.roles import Guess

DISTRICT = "district"
"""Name of the column that the draft adds where every district has a file of its own."""


BY_FILE = ":wave"
"""Name of the column of `Survey.rows` that says the wave, where the file or the day of the interview does."""


@dataclass
class Wave:
    """A wave as it is drafted."""

    id: str
    label: str
    values: tuple[str, ...] = ()
    """The codes of the wave column; none where the id is the only one."""
    fieldwork: tuple[str, str] | None = None


@dataclass
class Survey:
    """All files under the names and codes of the first one that has a column."""

    files: list[Looked]
    columns: dict[str, Profile]
    roles: dict[str, Guess]
    waves: list[Wave]
    file_waves: list[str] | None
    """Wave of each file; None where a column says it."""
    renamed: list[dict[str, str]] = field(default_factory=list)
    """For each file: its name of a column, and the name the draft uses."""
    recoded: list[dict[str, dict[str, str]]] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    """What differs between the files and has no sure remedy."""
    differing: dict[str, list[str]] = field(default_factory=dict)
    """Column: what its answers in one file have that those in another have not, where they may be other codes."""
    places: list[str] = field(default_factory=list)
    """District of each file, where every district has a file of its own."""

    wave_of_day: dict[str, str] = field(default_factory=dict)
    """Wave of each date of the wave's column, where that holds the days of the interviews."""

    def waves_of(self, column: str) -> list[str] | None:
        """The waves whose files have a column; None where all do, or a column says the wave."""
        if self.file_waves is None:
            return None
        having = [wave for i, wave in enumerate(self.file_waves) if self._inside(i, column)]
        return having if len(set(having)) < len(set(self.file_waves)) else None

    def lacking(self, column: str) -> list[str]:
        """The files without a column."""
        return [looked.path.name for i, looked in enumerate(self.files) if not self._inside(i, column)]

    @property
    def wave_column(self) -> str:
        """The column of `rows` that says the wave of each."""
        guess = self.roles.get("wave")
        by_file = self.file_waves is not None or guess is None or self.wave_of_day
        return BY_FILE if by_file or guess is None else guess.column

    def rows(self, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of all files, row by row, and `:wave`, the wave of the file or of the day."""
        parts = []
        for i, looked in enumerate(self.files):
            own = {name: self._inside(i, name) for name in columns if name != BY_FILE}
            part = looked.values(list(dict.fromkeys(name for name in own.values() if name is not None)))
            shown = {name: part[inside] if inside is not None else "" for name, inside in own.items()}
            if self.places and DISTRICT in shown:
                shown[DISTRICT] = self.places[i]
            frame = pd.DataFrame(shown, index=range(looked.rows))
            for name in self.recoded[i].keys() & set(columns):
                frame[name] = frame[name].replace(self.recoded[i][name])
            frame[BY_FILE] = self.file_waves[i] if self.file_waves else ""
            if self.wave_of_day:
                days = looked.values([self.roles["wave"].column]).iloc[:, 0]
                frame[BY_FILE] = days.map(self.wave_of_day).fillna("")
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def _inside(self, i: int, name: str) -> str | None:
        back = {to: own for own, to in self.renamed[i].items()}
        inside = back.get(name, name)
        if name in self.renamed[i] and name not in back:  # the file's own column of this name is another
            return None
        return inside if inside in self.files[i].columns else None
