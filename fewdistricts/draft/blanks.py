"""Empty cells of a question: whom it was not put to, or a no that nobody wrote down."""

from __future__ import annotations

from fewdistricts.draft.column import Column
from fewdistricts.draft.layout import coded, word
from fewdistricts.draft.survey import Survey

MANY = 0.2
"""Share of the rows without an answer from which somebody has to say why."""


def blanks(survey: Survey, column: str) -> list[str]:
    """What to say of a column with many empty cells; nothing where there are few."""
    profile = survey.columns[column]
    if profile.many or profile.empty < MANY * profile.rows or profile.empty == profile.rows:
        return []
    remark = f"{profile.empty:,} of {profile.rows:,} cells are empty"
    asked = _asked(survey, column)
    if asked is None:
        return [f"{remark}: where an empty cell means no, or none, declare `blank: no`"]
    name, code = asked
    answer = coded(Column(survey.columns[name]).spelled(code))
    among = f"`among: {{{word(name)}: [{answer}]}}`"
    return [f"{remark}; only rows with {answer} in {name} have an answer: {among}, or `blank: no` for a share of all"]


def _asked(survey: Survey, column: str) -> tuple[str, str] | None:
    """The column and the one answer of all those, and only those, who answered a question; None where there is none."""
    profile = survey.columns[column]
    filled = profile.rows - profile.empty
    candidates = [
        (name, code)
        for name, other in survey.columns.items()
        if name != column and other.rows == profile.rows and not other.many and len(other.counts) > 1
        for code, count in other.counts.items()
        if count == filled
    ]
    if not candidates:
        return None
    rows = survey.rows(list(dict.fromkeys([column, *(name for name, _ in candidates)])))
    answered = rows[column] != ""
    for name, code in candidates:
        if ((rows[name] == code) == answered).all():
            return name, code
    return None
