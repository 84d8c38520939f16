"""Covariates: answers that are spelled in several ways, codes that are none, and what to look at."""

from __future__ import annotations

from collections.abc import Sequence

from fewdistricts.draft import layout
from fewdistricts.draft.answers import Item
from fewdistricts.draft.look import Profile
from fewdistricts.draft.survey import Survey
from fewdistricts.survey import suspects

MOST_CODES = 6
"""Answers up to which numbers without labels are taken for codes."""

Covariate = tuple[Profile, Item]


def put_together(found: Survey, names: Sequence[str]) -> None:
    """Makes one of the spellings of an answer, by `recode` in each file that has them."""
    for name in names:
        profile = found.columns[name]
        texts = {code: profile.counts[code] for code in profile.valid}
        changes = {other: first for first, *others in suspects.alike(texts) for other in others}
        if not changes or profile.labels:
            continue
        found.columns[name] = profile.recoded(changes)
        for looked, renamed, recoded in zip(found.files, found.renamed, found.recoded, strict=True):
            inside = next((own for own, to in renamed.items() if to == name), name)
            own = looked.columns[inside].counts if inside in looked.columns else {}
            here = {code: to for code, to in changes.items() if code in own}
            if here and name not in recoded:
                recoded[name] = here


def remarks(covariates: Sequence[Covariate]) -> list[str]:
    """Comments below the list of covariates."""
    lines = _coded([profile for profile, _ in covariates])
    for profile, item in covariates:
        for code in [code for codes in item.missing.values() for code in codes]:
            recode = f"`recode: {{{layout.word(profile.name)}: {{{code}: -{code.lstrip('-')}}}}}`"
            lines += layout.comment(
                f"check: {profile.name}: {code} is probably no answer, but is one of another column: {recode} in"
                f" data.files, and name its new code under `missing:` in data"
            )
    return lines


def _coded(covariates: Sequence[Profile]) -> list[str]:
    """A remark where answers of covariates are numbers that nothing explains: their mean says nothing."""
    coded = [each for each in covariates if each.numeric and not each.labels and 2 <= len(each.valid) <= MOST_CODES]
    if not coded:
        return []
    first = coded[0]
    answers = ", ".join(f"{code}: …" for code in first.valid)
    named = ", ".join(each.name for each in coded)
    remark = (
        f"check: {named}: codes without labels, whose mean would be printed; their shares are, once `labels:` says"
        f" what they mean, as {{{layout.word(first.name)}: {{label: …, answers: {{{answers}}}}}}}"
    )
    return layout.comment(remark)
