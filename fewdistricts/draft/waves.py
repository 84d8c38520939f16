"""Several files as one survey: which wave each is, what is called or coded otherwise in it, what was asked when."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from fewdistricts.draft import names
from fewdistricts.draft.look import Looked, Profile
from fewdistricts.draft.roles import Guess, days, roles
from fewdistricts.survey.dates import span_of

RESERVED = ("before", "after", "last", "average")
DISTRICT = "district"
"""Name of the column that the draft adds where every district has a file of its own."""
MOST_CODES = 3
"""Answers of a question whose codes are compared from file to file."""
_STAGES = ("base", "linea de base", "pre", "mid", "medio", "end", "final", "post", "follow")


@dataclass
class Wave:
    """A wave as it is drafted."""

    id: str
    label: str
    value: str | None = None
    """The code of the wave column, where that is not the id."""
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

    def waves_of(self, column: str) -> list[str] | None:
        """The waves whose files have a column; None where all do, or a column says the wave."""
        if self.file_waves is None:
            return None
        having = [
            wave
            for looked, wave, renamed in zip(self.files, self.file_waves, self.renamed, strict=True)
            if column in looked.columns.keys() - renamed.keys() or column in renamed.values()
        ]
        return having if len(set(having)) < len(set(self.file_waves)) else None

    def rows(self, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of all files, row by row, and `:wave`, the wave of the file."""
        parts = []
        for i, looked in enumerate(self.files):
            own = {name: self._inside(i, name) for name in columns}
            part = looked.values(list(dict.fromkeys(name for name in own.values() if name is not None)))
            shown = {name: part[inside] if inside is not None else "" for name, inside in own.items()}
            if self.places and DISTRICT in shown:
                shown[DISTRICT] = self.places[i]
            frame = pd.DataFrame(shown, index=range(looked.rows))
            for name in self.recoded[i].keys() & set(columns):
                frame[name] = frame[name].replace(self.recoded[i][name])
            frame[":wave"] = self.file_waves[i] if self.file_waves else ""
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def _inside(self, i: int, name: str) -> str | None:
        back = {to: own for own, to in self.renamed[i].items()}
        inside = back.get(name, name)
        return inside if inside in self.files[i].columns else None


def survey(files: Sequence[Looked]) -> Survey:
    """The files as one survey, earlier waves first."""
    own = [roles(looked) for looked in files]
    wave_values = [_wave_values(looked, guess.get("wave")) for looked, guess in zip(files, own, strict=True)]
    # one file with districts that names no wave is one wave
    alone = len(files) == 1 and "wave" not in own[0] and "district" in own[0]
    by_file = alone or (len(files) > 1 and not any(len(values) > 1 for values in wave_values))
    order = list(range(len(files)))
    ids: list[str] | None = None
    if by_file:
        given = [next(iter(values), "") for values in wave_values]
        found = _file_ids(files, given if len(set(given)) == len(files) and all(given) else None)
        order.sort(key=lambda i: _moment(found[i], files[i].stem))
        ids = [found[i] for i in order]
    named = _by_place(files) if by_file and not any("district" in guess for guess in own) else None
    if named:
        order = sorted(range(len(files)), key=lambda i: (_moment(named[i][1], named[i][1]), named[i][0]))
        ids = [named[i][1] for i in order]
    files, own = [files[i] for i in order], [own[i] for i in order]
    out = Survey(list(files), {}, own[0], [], ids)
    if named:
        out.places = [named[i][0] for i in order]
    for looked, guess in zip(files, own, strict=True):
        _align(out, looked, guess)
    if ids is None:
        out.waves = _column_waves(out)
    else:
        unique = list(dict.fromkeys(ids))
        out.waves = [Wave(each, each if each.isdigit() else each.replace("-", " ").capitalize()) for each in unique]
    if out.places:
        counts = {place: out.places.count(place) for place in dict.fromkeys(out.places)}
        out.columns[DISTRICT] = Profile(DISTRICT, counts=counts, rows=len(files), numeric=False)
        out.roles["district"] = Guess(DISTRICT)
    _fieldwork(out)
    return out


def _by_place(files: Sequence[Looked]) -> list[tuple[str, str]] | None:
    """District and wave of each file, where the names of the files are made of both, as in `ancon_2003.csv`."""
    named = []
    for looked in files:
        words = re.split(r"[\W_]+", looked.stem)
        when = [word for word in words if re.fullmatch(r"(19|20)\d\d", word) or _is_stage(word)]
        where = [word for word in words if word not in when]
        if len(when) != 1 or not where:
            return None
        named.append((" ".join(where), names.slug(when[0])))
    whole = len(set(named)) == len(named)
    several = len({place for place, _ in named}) > 1 and len({wave for _, wave in named}) > 1
    return named if whole and several else None


def _is_stage(word: str) -> bool:
    return any(re.search(rf"^{stage}", names.folded(word)) for stage in _STAGES)


def _align(out: Survey, looked: Looked, guess: dict[str, Guess]) -> None:
    """Takes a file's columns in under the names and codes of the files before it."""
    renamed = dict(looked.renamed)
    if out.columns and not renamed:
        for role, first in out.roles.items():
            if first.column not in looked.columns and role in guess and guess[role].column not in out.columns:
                renamed[guess[role].column] = first.column
        lacking = {name: profile for name, profile in out.columns.items() if name not in looked.columns}
        texts = {names.folded(profile.text): name for name, profile in lacking.items() if profile.text}
        folds = {name.casefold(): name for name in lacking}
        labels = _labelled(lacking)
        others = _labelled({name: profile for name, profile in looked.columns.items() if name not in out.columns})
        same = {name: labels[said] for said, name in others.items() if said in labels}
        for name, profile in looked.columns.items():
            target = folds.get(name.casefold()) or (texts.get(names.folded(profile.text)) if profile.text else None)
            target = target or same.get(name)
            if name not in out.columns and name not in renamed and target and target not in renamed.values():
                renamed[name] = target
    for role, found in guess.items():
        if renamed.get(found.column, found.column) not in {own.column for own in out.roles.values()}:
            out.roles.setdefault(role, Guess(renamed.get(found.column, found.column), found.others))
    recoded: dict[str, dict[str, str]] = {}
    for name, profile in looked.columns.items():
        to = renamed.get(name, name)
        if to not in out.columns:
            out.columns[to] = replace(profile, name=to)
            continue
        if remark := _other_codes(out.columns[to], profile, looked.path.name):
            out.differing.setdefault(to, []).append(remark)
        changes, unclear = _recode(out.columns[to].labels, profile.labels)
        if unclear:
            what = ", ".join(f"{code} is {old!r} and {new!r}" for code, (old, new) in list(unclear.items())[:3])
            out.unclear.append(f"codes of {to} differ in {looked.path.name}: {what}")
        if changes:
            recoded[to] = changes
        out.columns[to] = out.columns[to].joined(_with_codes(profile, changes))
    out.renamed.append(renamed)
    out.recoded.append(recoded)


def _other_codes(first: Profile, other: Profile, file: str) -> str:
    """What to say where two files give few unlabelled answers, and not the same ones: 1 and 2 here, 0 and 1 there."""
    here, there = first.valid, other.valid
    if first.labels or other.labels or not here or not there or max(len(here), len(there)) > MOST_CODES:
        return ""
    if set(here) <= set(there) or set(there) <= set(here):
        return ""
    codes = f"{', '.join(here)} in the files before and {', '.join(there)} in {file}"
    return f"{codes}: other codes for the same answers? Then declare `recode` for one of the files"


def _labelled(columns: Mapping[str, Profile]) -> dict[frozenset[str], str]:
    """The labels of answers by which a column can be told: four or more that no other column has."""
    said = {
        name: frozenset(names.folded(label) for label in profile.labels.values() if not names.missing_kind(label))
        for name, profile in columns.items()
    }
    times = Counter(said.values())
    return {labels: name for name, labels in said.items() if len(labels) >= 4 and times[labels] == 1}


def _recode(first: dict[str, str], other: dict[str, str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Codes of another file to those of the first with the same label; and where only the labels differ."""
    meaning = {names.folded(label): code for code, label in first.items()}
    said = {code: names.folded(label) for code, label in other.items()}
    differ = {
        code: (first[code], other[code])
        for code, label in said.items()
        if code in first and names.folded(first[code]) != label and not _both_missing(first[code], other[code])
    }
    changes = {code: meaning[label] for code, label in said.items() if meaning.get(label, code) != code}
    if not differ and not changes:
        return {}, {}
    if all(code in changes for code in differ):
        return changes, {}
    return {}, differ


def _both_missing(one: str, other: str) -> bool:
    """Whether two labels say in other words that there is no answer."""
    kind = names.missing_kind(one)
    return kind is not None and kind == names.missing_kind(other)


def _with_codes(profile: Profile, changes: dict[str, str]) -> Profile:
    if not changes:
        return profile
    counts: dict[str, int] = {}
    for code, count in profile.counts.items():
        counts[changes.get(code, code)] = counts.get(changes.get(code, code), 0) + count
    labels = {changes.get(code, code): label for code, label in profile.labels.items()}
    return Profile(
        profile.name, profile.text, profile.rows, profile.empty, counts, labels,
        {changes.get(code, code) for code in profile.user_missing},
        profile.numeric, profile.whole, profile.low, profile.high,
    )  # fmt: skip


def _wave_values(looked: Looked, guess: Guess | None) -> list[str]:
    if guess is None:
        return []
    profile = looked.columns[guess.column]
    return [profile.labels.get(code, code) for code in profile.valid]


def _file_ids(files: Sequence[Looked], given: list[str] | None) -> list[str]:
    stems = [looked.stem for looked in files]
    years = [re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", stem) for stem in stems]
    if given is None and all(len(found) == 1 for found in years) and len({found[0] for found in years}) == len(files):
        given = [found[0] for found in years]
    ids = [names.slug(text) for text in (given or stems)]
    clear = len({each.casefold() for each in ids}) == len(ids) and all(ids) and not set(ids) & set(RESERVED)
    return ids if clear else [f"wave-{i}" for i in range(1, len(files) + 1)]


def _moment(wave: str, stem: str) -> tuple[int, str]:
    """Sorts years by their number, base lines before end lines, and leaves the rest as given."""
    if re.fullmatch(r"\d+", wave):
        return int(wave), ""
    plain = names.folded(stem)
    return next((i for i, stage in enumerate(_STAGES) if re.search(rf"\b{stage}", plain)), len(_STAGES)), ""


def _column_waves(out: Survey) -> list[Wave]:
    guess = out.roles.get("wave")
    if guess is None:
        return []
    profile = out.columns[guess.column]
    waves: list[Wave] = []
    for code in profile.valid:
        label = profile.labels.get(code, code)
        name = names.slug(label)
        if not name or name in RESERVED or name in (wave.id for wave in waves):
            name = f"wave-{names.slug(code, str(len(waves) + 1))}"
        telling = label != code or re.fullmatch(r"(19|20)\d\d", code) or re.search(r"[^\W\d_]{3}", label)
        shown = label[:1].upper() + label[1:] if telling else f"Wave {label}"
        waves.append(Wave(name, shown, None if name in (code, label) else code, _period(code)))
    return sorted(waves, key=lambda wave: _moment(wave.id, wave.label))


def _period(code: str) -> tuple[str, str] | None:
    """The days of a wave whose code is a month, quarter or day; a year says too little."""
    span = None if re.fullmatch(r"\d{4}", code) else span_of(code)
    return (span[0].isoformat(), span[1].isoformat()) if span else None


def _fieldwork(out: Survey) -> None:
    """First and last day of the interviews of each wave, where a column of dates says them."""
    guess = out.roles.get("date")
    if guess is None or not out.waves:
        return
    by = out.roles["wave"].column if out.file_waves is None else None
    rows = out.rows([guess.column, *([by] if by else [])])
    labels = out.columns[by].labels if by else {}
    for wave in out.waves:
        if by:
            mine = rows[by].map(lambda code: code in (wave.value, wave.id) or labels.get(code) == wave.id)  # noqa: B023
        else:
            mine = rows[":wave"] == wave.id
        wave.fieldwork = days(rows.loc[mine, guess.column].to_numpy())
    if all(wave.fieldwork for wave in out.waves):
        out.waves.sort(key=lambda wave: wave.fieldwork or ("", ""))
    ends = [day for wave in out.waves for day in wave.fieldwork or ()]
    if any(a >= b for a, b in zip(ends[1::2], ends[2::2], strict=False)):
        for wave in out.waves:  # not the dates of the interviews, or waves that overlap
            wave.fieldwork = None
