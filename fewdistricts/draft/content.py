"""What a draft holds: every column in its role, as an indicator, as a covariate, or set aside by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fewdistricts.design.reserved import FRAME_COLUMNS
from fewdistricts.draft import covariates as covariates_of
from fewdistricts.draft import layout, names, offers, places, proposals, turned
from fewdistricts.draft.answers import Item, item, several, shared_missing
from fewdistricts.draft.arms import Arms, arms
from fewdistricts.draft.beside import Beside, map_of
from fewdistricts.draft.blanks import blanks
from fewdistricts.draft.column import Column
from fewdistricts.draft.look import Profile
from fewdistricts.draft.panels import sampling
from fewdistricts.draft.roles import is_question
from fewdistricts.draft.survey import Survey
from fewdistricts.survey.xlsform import Form
from fewdistricts.text import some

MOST_INDICATORS = 20
"""Further questions are drafted too, but commented out."""


@dataclass(frozen=True)
class Content:
    """The text, and how much is in it."""

    text: str
    waves: int
    districts: int
    indicators: int
    map: Path | None
    """The map that it names."""


def content(evaluation: str, found: Survey, form: Form | None, beside: Beside) -> Content:
    """The draft of an evaluation."""
    found = replace(found, columns=places.without_left_out(found))
    level, said = _level(found), arms(found)
    items, covariates, aside = _columns(found, form, level, said)
    covariates_of.put_together(found, covariates)
    alike = [(found.columns[name], item(found.columns[name], form, level)) for name in covariates]
    missing = shared_missing(items, [each for _, each in alike])
    sampled = sampling(found)
    _recode_arms(found, districts_of(found), said)
    languages = _languages(found, form)
    districts = found.roles.get("district")
    drawing = map_of(beside.maps, _spellings(found))
    drafted = items[:MOST_INDICATORS]
    lines = layout.head(list(dict.fromkeys(looked.path.name for looked in found.files)), evaluation)
    lines += layout.programme(languages, said, offers.of_programme(drafted, languages))
    lines += offers.of_words(languages, names.of_column(districts.column) if districts else "")
    lines += layout.data(found, languages, level, missing, sampled, offers.of_data(alike, languages, level))
    lines += layout.waves(found.waves, level, languages)
    lines += layout.districts(found, districts, said, drawing.spellings if drawing else {})
    lines += _matched(found, form)
    lines += _indicators(items, languages, missing, aside, proposals.made_of_others(drafted, list(found.columns)))
    if covariates:
        shown = layout.flow(covariates)
        lines += [f"covariates: {shown}{layout.check('what says whether the samples are alike')}"]
        lines += [*covariates_of.remarks(alike), ""]
    lines += proposals.subgroups(alike, languages, level)
    columns = [*covariates, *(each.among[0] for each in drafted if each.among)]
    lines += layout.labels([item(found.columns[name], form, level) for name in dict.fromkeys(columns)], languages)
    lines += [*offers.of_the_whole(found.waves[0].id if found.waves else "", drafted), ""]
    lines += [*layout.drawn(drawing), *layout.chapters(beside.chapters, languages), ""]
    lines += layout.report(languages, beside.logo, offers.of_report(languages, beside.logo))
    text = "\n".join(lines).rstrip() + "\n"
    count = districts_of(found)
    return Content(text, len(found.waves), count, len(drafted), drawing.path if drawing else None)


def _spellings(found: Survey) -> list[list[str]]:
    """What each district may be called, its first code before its other spellings and labels."""
    guess = found.roles.get("district")
    if guess is None:
        return []
    profile = found.columns[guess.column]
    groups = places.groups(profile)
    return [[*codes, *(profile.labels[code] for code in codes if code in profile.labels)] for codes in groups]


def _columns(found: Survey, form: Form | None, level: str, said: Arms) -> tuple[list[Item], list[str], list[str]]:
    """Indicators, covariates, and names of columns that are neither, with the reason."""
    taken = {guess.column for role, guess in found.roles.items() if role != "arm"}
    taken |= {said.column, said.start_column}
    items: list[Item] = []
    covariates: list[str] = []
    aside: list[str] = []
    for name, profile in found.columns.items():
        if name in taken:
            continue
        reason = _set_aside(found, form, name)
        if not reason and _is_covariate(name, profile):
            covariates.append(name)
            continue
        if not reason:
            drafted = several(profile, form) or item(profile, form, level)
            if drafted.answers:
                items.append(drafted)
                continue
            reason = "nothing but missing answers"
        aside.append(f"{name} ({reason})")
    _distinct_ids(items)
    for each in items:
        _add_remarks(each, found, form, level)
    return items, covariates, aside


def _set_aside(found: Survey, form: Form | None, name: str) -> str:
    """Why a column is neither an indicator nor a covariate; empty where it may be one."""
    profile = found.columns[name]
    for role in ("respondent", "psu", "stratum", "weight", "wave"):
        if role in found.roles and name in found.roles[role].others:
            return f"perhaps the {role}"
    reason = is_question(profile)
    if reason:
        return reason
    lacking = found.lacking(name)
    if lacking and (_is_covariate(name, profile) or found.file_waves is None):
        return f"no such column in {some(lacking, 3)}"
    if not _is_covariate(name, profile) and _has_columns(found, form, name):
        return "several answers in one cell: its choices have columns of their own"
    return ""


def _is_covariate(name: str, profile: Profile) -> bool:
    return names.is_covariate(name, profile.text) and ":" not in name and not profile.many


def _add_remarks(each: Item, found: Survey, form: Form | None, level: str) -> None:
    """Who was asked, in which waves, and what is doubtful of the answers."""
    each.remarks += found.differing.get(each.column, [])
    each.waves = found.waves_of(each.column)
    each.among = _among(each, found, form)
    if not each.among and not each.several and not each.blank:
        each.remarks += blanks(found, each.column)
    if each.scale and level == "respondent":
        each.remarks += turned.remarks(found, each.column, list(each.answers))


def _has_columns(found: Survey, form: Form | None, name: str) -> bool:
    """Whether a column holds several answers in a cell, and each choice has a column of its own."""
    question, choice = (form.of(name) if form else None) or (None, "")
    if form is None or question is None or question.kind != "several" or choice:
        return False
    asked = [form.of(other) for other in found.columns]
    return any(each[0].name == question.name and each[1] for each in asked if each)


def _matched(found: Survey, form: Form | None) -> list[str]:
    """A remark where the questionnaire is not that of the files."""
    if form is None:
        return []
    columns = [name for name in found.columns if not name.startswith("_")]
    known = [name for name in columns if form.of(name)]
    if len(known) >= len(columns) / 3:
        return []
    count = f"only {len(known)}" if known else "none"
    remark = (
        f"check: {count} of the {len(columns)} columns is a question of the questionnaire; is it that of this survey?"
    )
    return layout.comment(remark)


def _among(each: Item, found: Survey, form: Form | None) -> tuple[str, str] | None:
    """The column and the answer of those who were asked, as the questionnaire has it."""
    asked = form.of(each.column) if form else None
    if not form or not asked or not asked[0].among:
        return None
    question, code = asked[0].among
    for name, profile in found.columns.items():
        other = form.of(name)
        if other and other[0].name == question and not other[1] and code in profile.counts:
            return name, Column(profile).spelled(code)
    return None


def _indicators(
    items: Sequence[Item],
    languages: Sequence[str],
    missing: Mapping[str, Sequence[str]],
    aside: Sequence[str],
    derived: Sequence[str],
) -> list[str]:
    lines: list[str] = []
    if not items:
        lines += [f"indicators: {layout.fill('a list of indicators: no column looks like a question')}", ""]
    else:
        lines += layout.comment(
            "Keep what the programme should have changed, and a few outcomes that it should not have (placebo); delete"
            " the rest. `worthwhile:` is the smallest change worth having: declare it before the results are known."
            " What is offered at the first indicator may stand at any."
        )
        lines.append("indicators:")
    for i, each in enumerate(items):
        own = layout.indicator(each, languages, missing, offers.of_first_indicator() if i == 0 else ())
        if i == MOST_INDICATORS:
            lines += [
                *derived,
                f"# {len(items) - i} further questions. To take one in, delete the `# ` before its lines.",
                "",
            ]
        lines += own if i < MOST_INDICATORS else layout.commented(own)
    if len(items) <= MOST_INDICATORS:
        lines += derived
    if aside:
        lines += [*layout.comment("Not drafted: " + "; ".join(aside) + "."), ""]
    return lines


def _level(found: Survey) -> str:
    """`district` where no district has two rows in a wave."""
    district, wave = found.roles.get("district"), found.roles.get("wave")
    if district is None or (found.file_waves is None and wave is None):
        return "respondent"
    by = found.wave_column
    rows = found.rows([district.column, by])
    return "respondent" if rows.duplicated([district.column, by]).any() else "district"


def districts_of(found: Survey) -> int:
    """How many districts the data hold."""
    guess = found.roles.get("district")
    return len(places.groups(found.columns[guess.column])) if guess else 0


def _recode_arms(found: Survey, districts: int, said: Arms) -> None:
    """Where districts are taken from the data, their arms have to be called what evaluation.yaml calls them."""
    if districts > 100 and said.codes:
        changes = {code: side for code, side in said.codes.items() if code != side}
        for looked, recoded in zip(found.files, found.recoded, strict=True):
            if said.column in looked.columns and changes:
                recoded[said.column] = changes


def _distinct_ids(items: Sequence[Item]) -> None:
    seen: set[str] = set()
    for each in items:
        base = f"{each.id}_answer" if each.id in FRAME_COLUMNS else each.id
        new, i = base, 1
        while new in seen:
            i += 1
            new = f"{base}_{i}"
        each.id = new
        seen.add(new)


def _languages(found: Survey, form: Form | None) -> list[str]:
    if form and form.languages:
        return sorted(form.languages)
    words = [text for name, profile in found.columns.items() for text in (names.of_column(name), profile.text)]
    words += [label for profile in found.columns.values() for label in profile.labels.values()]
    words += [code for p in found.columns.values() if not p.numeric and not p.many for code in p.valid]
    return [names.language(words)]
