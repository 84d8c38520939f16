"""What a file calls or codes otherwise than the files before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from fewdistricts.draft import names
from fewdistricts.draft.look import Looked, Profile
from fewdistricts.draft.roles import Guess
from fewdistricts.draft.survey import Survey

MOST_CODES = 3
"""Answers of a question whose codes are compared from file to file."""
FEWEST_LABELS = 4
"""Labels by which a column can be told from others."""
MOST_NAMED = 3
"""Codes with two meanings that a remark names."""

Roles = Mapping[str, Guess]


def align(out: Survey, looked: Looked, guess: Roles) -> None:
    """Take a file's columns in under the names and codes of the files before it."""
    renamed = dict(looked.renamed)
    if out.columns and not renamed:
        renamed |= _by_role(out, looked, guess)
        renamed |= _by_likeness(out, looked, renamed)
    _take_roles(out, guess, renamed)
    out.recoded.append(dict(_take_columns(out, looked, renamed)))
    out.renamed.append(renamed)


def _by_role(out: Survey, looked: Looked, guess: Roles) -> dict[str, str]:
    """The file's column of a role, where the files before have another of which this file knows nothing."""
    return {
        guess[role].column: first.column
        for role, first in out.roles.items()
        if first.column not in looked.columns and role in guess and guess[role].column not in out.columns
    }


def _by_likeness(out: Survey, looked: Looked, renamed: Mapping[str, str]) -> dict[str, str]:
    """Columns that are called otherwise: the same but for case, the same question, or the same labels of answers."""
    lacking = {name: profile for name, profile in out.columns.items() if name not in looked.columns}
    new = {name: profile for name, profile in looked.columns.items() if name not in out.columns}
    folds = {name.casefold(): name for name in lacking}
    texts = {names.folded(profile.text): name for name, profile in lacking.items() if profile.text}
    labels = _by_labels(lacking)
    labels_of = {name: said for said, name in _by_labels(new).items()}
    found: dict[str, str] = {}
    for name, profile in new.items():
        same_text = texts.get(names.folded(profile.text)) if profile.text else None
        target = folds.get(name.casefold()) or same_text or labels.get(labels_of.get(name, frozenset()))
        taken = {*renamed.values(), *found.values()}
        if target and name not in renamed and target not in taken:
            found[name] = target
    return found


def _take_roles(out: Survey, guess: Roles, renamed: Mapping[str, str]) -> None:
    """Roles that no file before had a column for."""
    for role, found in guess.items():
        column = renamed.get(found.column, found.column)
        if column not in {own.column for own in out.roles.values()}:
            out.roles.setdefault(role, Guess(column, found.others))


def _take_columns(out: Survey, looked: Looked, renamed: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Join the columns; those of other codes are yielded with what each code is in the files before."""
    for name, profile in looked.columns.items():
        to = renamed.get(name, name)
        if to not in out.columns:
            out.columns[to] = replace(profile, name=to)
            continue
        first = out.columns[to]
        remark = _other_codes(first, profile, looked.path.name)
        if remark:
            out.differing.setdefault(to, []).append(remark)
        changes, unclear = _recode(first.labels, profile.labels)
        if unclear:
            named = [f"{code} is {old!r} and {new!r}" for code, (old, new) in unclear.items()]
            out.unclear.append(f"codes of {to} differ in {looked.path.name}: {', '.join(named[:MOST_NAMED])}")
        out.columns[to] = first.joined(profile.recoded(changes))
        if changes:
            yield to, changes


def _other_codes(first: Profile, other: Profile, file: str) -> str:
    """What to say where two files give few unlabelled answers, and not the same ones: 1 and 2 here, 0 and 1 there."""
    here, there = first.valid, other.valid
    if first.labels or other.labels or not here or not there or max(len(here), len(there)) > MOST_CODES:
        return ""
    if set(here) <= set(there) or set(there) <= set(here):
        return ""
    codes = f"{', '.join(here)} in the files before and {', '.join(there)} in {file}"
    return f"{codes}: other codes for the same answers? Then declare `recode` for one of the files"


def _by_labels(columns: Mapping[str, Profile]) -> dict[frozenset[str], str]:
    """The labels of answers by which a column can be told: enough that no other column has."""
    said = {
        name: frozenset(names.folded(label) for label in profile.labels.values() if not names.missing_kind(label))
        for name, profile in columns.items()
    }
    times = Counter(said.values())
    return {labels: name for name, labels in said.items() if len(labels) >= FEWEST_LABELS and times[labels] == 1}


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
