"""The drafted evaluation.yaml as text: one key a line, what is open and what was guessed said beside it."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from babel.dates import format_skeleton

from fewdistricts.design import MARK, PLACEHOLDER
from fewdistricts.design.reserved import RESERVED_DISTRICTS
from fewdistricts.draft import names, places
from fewdistricts.draft.answers import Item
from fewdistricts.draft.arms import Arms
from fewdistricts.draft.beside import Map
from fewdistricts.draft.column import Texts
from fewdistricts.draft.look import Profile
from fewdistricts.draft.panels import Sampling
from fewdistricts.draft.roles import Guess
from fewdistricts.draft.survey import DISTRICT, Survey, Wave
from fewdistricts.languages import available
from fewdistricts.survey import suspects
from fewdistricts.survey.marks import number
from fewdistricts.text import some

WIDTH = 110
SHORT = 60
"""Longest label taken from a question as it stands."""

DISTRICT_KEYS = "`start` (where starts are staggered), `pair`, `block`, `cluster` and `population`, too"

_LONGEST_NAME = 200
WAVES = {"es": "Ola", "pt": "Onda"}
MOST_NAMED = 8
"""Districts that a remark names one by one."""

OPEN = f'"{PLACEHOLDER}"'
"""A placeholder between brackets, where YAML does not take a bare one for a text."""

Line = str


def fill(what: str) -> str:
    """A value only a person knows."""
    return f"{PLACEHOLDER}  {MARK} {what}"


def check(what: str = "") -> str:
    """The mark of a guess."""
    return f"  # check: {what}" if what else "  # check"


def coded(text: str) -> str:
    """A code: a number stays one."""
    return text if is_number(text) else word(text)


def is_number(text: str) -> bool:
    """Whether YAML reads a code as a number."""
    return re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?", text) is not None


def word(text: str) -> str:
    """A text as YAML 1.2 reads it back, in quotes only where it would be something else."""
    plain = re.fullmatch(r"[A-Za-zÀ-ÿ][\wÀ-ÿ()/.%'¿?+-]*( [\wÀ-ÿ()/.%'¿?+-]+)*", text)
    if plain and text.lower() not in ("true", "false", "null", "nan", "inf") and len(text) < WIDTH:
        return text
    return '"' + "".join(_escaped(c) for c in text) + '"'


def flow(values: Iterable[str]) -> str:
    """Codes on one line."""
    return "[" + ", ".join(coded(value) for value in values) + "]"


def texts(
    key: str, given: Texts, languages: Sequence[str], indent: int, note: str = "", what: str = "a text"
) -> list[Line]:
    """A text in every language of the report; where there is none it is left open, with what belongs there."""
    pad = " " * indent
    known = {language: text for language, text in given.items() if text}
    if len(languages) == 1:
        return _text_lines(f"{pad}{key}:", known.get(languages[0]) or next(iter(known.values()), ""), note, what)
    if not any(language in known for language in languages) and known:
        known = {languages[0]: next(iter(known.values()))}
    lines = [f"{pad}{key}:{note if known else ''}"]
    for language in languages:
        missing = what if not known else f"the same in {language!r}"
        lines += _text_lines(f"{pad}  {language}:", known.get(language, ""), "", missing)
    return lines


def _text_lines(start: str, text: str, note: str, what: str) -> list[Line]:
    text = clean(text)
    if not text:
        return [f"{start} {fill(what)}"]
    one = f"{start} {word(text)}{note}"
    if len(one) <= WIDTH or not text.isprintable():
        return [one]
    pad = " " * (len(start) - len(start.lstrip()) + 2)
    return [f"{start} >-{note}", *(pad + line for line in _wrapped(text, WIDTH - len(pad)))]


def clean(text: str) -> str:
    """Without line breaks and characters that cannot be printed."""
    shown = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " for c in text[:10_000])
    return " ".join(shown.split())


def head(files: Sequence[str], evaluation: str) -> list[Line]:
    """What this file is and how to go on."""
    drafted = f"Drafted by `make new` from {', '.join(files)}."
    return [
        *comment(f"{drafted} Nothing here has been decided: read it once from top to bottom."),
        "#",
        f"#   {PLACEHOLDER}        stands where only you know the value; `{MARK}` says what belongs there",
        "#   # check:   stands beside a guess; mend it or let it stand",
        "#   # key: …   offers a key; to use it, delete the `# ` in front of it and of the lines that belong to it",
        "#",
        *comment(
            f"`make report EVALUATION={evaluation}` lists everything that is still open. Every key: docs/reference.md."
            " YAML 1.2: `yes` and `no` are words."
        ),
        "",
    ]


def programme(languages: Sequence[str], said: Arms, offered: Sequence[Line]) -> list[Line]:
    """Title and intervention, of which the data hold the start, if anything; then what else may be said of it."""
    start = fill("the month or day it began, like 2003-11; null if there is no programme yet")
    if said.starts:
        start = min(said.starts.values()) + check("the earliest start in the data")
    return [
        *texts("title", {}, languages, 0, what="what is evaluated, and where"),
        "",
        "intervention:",
        *texts("name", {}, languages, 2, what="the name of the programme"),
        f"  start: {start}",
        *texts("description", {}, languages, 2, what="what was done, for whom and by whom"),
        f"  assignment: {{by: unknown}}{check('lot, rule or chosen: how the pilot districts were picked')}",
        *offered,
        "",
    ]


def data(
    survey: Survey,
    languages: Sequence[str],
    level: str,
    missing: Mapping[str, Sequence[str]],
    sampled: Sampling,
    offered: Sequence[Line],
) -> list[Line]:
    """The files, their columns and their missing codes; then what else may be said of them."""
    note = check("one row for each district and wave, so there is no sampling error") if level == "district" else ""
    lines = [
        "data:",
        f"  kind: real{check('real, or synthetic: then every page says so')}",
        f"  level: {level}{note}",
        *([] if level == "district" else [f"  sampling: {sampled.kind}{check(_sampling(survey, sampled))}"]),
        *texts("source", {}, languages, 2, what="who interviewed whom, when and how"),
        "  files:",
    ]
    for i, looked in enumerate(survey.files):
        lines += [f"    - path: {word(looked.path.name)}", f'      sha256: "{looked.file.sha256}"']
        lines += [f"      # check: {clean(remark)}" for remark in looked.remarks]
        if survey.file_waves:
            lines.append(f'      wave: "{survey.file_waves[i]}"')
        if survey.places:
            lines.append(f"      value: {{{DISTRICT}: {word(survey.places[i])}}}{check('from the name of the file')}")
        for key in looked.guessed:
            lines.append(f"      {key}: {_file_key(getattr(looked.file, key))}{check()}")
        if survey.renamed[i]:
            why = "the columns of this wave" if looked.renamed else "the same under another name?"
            lines.append(f"      rename:{check(why)}")
            lines += [f"        {word(own)}: {word(to)}" for own, to in survey.renamed[i].items()]
        if survey.recoded[i]:
            lines.append(f"      recode:{check('the same answers under other codes?')}")
            for column, codes in survey.recoded[i].items():
                pairs = ", ".join(f"{coded(own)}: {coded(to)}" for own, to in codes.items())
                lines.append(f"        {word(column)}: {{{pairs}}}")
    lines += [f"  # check: {each}" for each in survey.unclear]
    lines.append("  columns:")
    for role in ("district", "wave", "weight", "stratum", "psu", "respondent"):
        lines.append(f"    {role}: {_column(survey, role, level, sampled)}")
    if left_out := places.left_out(survey):
        column = survey.roles["district"].column
        lines.append(f"  leave_out:{check('rows that are no answers')}")
        lines.append(f"    {word(column)}: {flow(left_out)}")
    if missing:
        lines.append(f"  missing:{check('counted and reported by kind')}")
        lines += [f"    {kind}: {flow(codes)}" for kind, codes in missing.items()]
    return [*lines, *offered, ""]


def _file_key(value: object) -> str:
    """A value of a key of `data.files`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{word(column)}: {word(mark)}" for column, mark in value.items()) + "}"
    return str(value) if isinstance(value, int) else word(str(value))


def _sampling(survey: Survey, sampled: Sampling) -> str:
    if sampled.because:
        return sampled.because
    ids_of = ("psu",) if sampled.households else ("respondent", "psu")
    hints = [guess.column for role in ids_of if (guess := survey.roles.get(role))]
    more = f" (ids in {' and '.join(hints)})" if hints else ""
    return f"panel if the same people were asked again, repeated_psu if only the same places were{more}"


def _column(survey: Survey, role: str, level: str, sampled: Sampling) -> str:
    """The column in a role; null where there is none, with what speaks for another."""
    guess = survey.roles.get(role)
    is_of_files = role == "wave" and survey.file_waves is not None
    if is_of_files or (level == "district" and role in ("weight", "stratum", "psu", "respondent")):
        return "null"
    if guess is None:
        return _no_column(survey, role)
    if role == "respondent" and sampled.households:
        what = f"not {guess.column}, which has several rows a wave, as a household has; it may be the `psu`"
        return f"null{check(what)}"
    if role == "respondent" and sampled.kind != "panel":
        return f"null{check(f'{guess.column} for a panel')}"
    remarks = [f"or {', '.join(guess.others)}"] if guess.others else []
    if role == "wave" and survey.wave_of_day:
        remarks.append("days, of which each lies in the `fieldwork` of a wave")
    if role == "weight":
        remarks += _too_heavy(survey.columns[guess.column])
    return f"{word(guess.column)}{check('; '.join(remarks))}"


def _no_column(survey: Survey, role: str) -> str:
    """What stands where no column looks like one in this role: every survey has districts and waves."""
    if role in ("district", "wave"):
        few = [name for name, p in survey.columns.items() if 2 <= len(p.valid) <= 100 and (p.whole or p.labels)]
        named = f", such as {', '.join(few[:12])}" if few else ""
        return fill(f"the column that says a row's {role}{named}")
    within = _within_districts(survey) if role == "psu" else []
    return "null" + check(f"none found, unless {within[0]} was drawn first" if within else "none found")


def _within_districts(survey: Survey) -> list[str]:
    """Columns of places that are more than the districts, such as villages."""
    district = survey.roles.get("district")
    if district is None:
        return []
    districts = len(survey.columns[district.column].counts)
    return [name for name in district.others if len(survey.columns[name].counts) > districts]


def _too_heavy(weight: Profile) -> list[str]:
    """What to say of a column of weights with one that no sample has."""
    values = np.repeat([number(code) for code in weight.counts], list(weight.counts.values()))
    if not weight.high > suspects.MOST_WEIGHT * suspects.median_weight(values):
        return []
    times = f"more than {suspects.MOST_WEIGHT} times the median"
    return [f"{weight.high:,.10g} is {times}: a code, or a lost decimal mark?"]


def waves(listed: Sequence[Wave], level: str, languages: Sequence[str]) -> list[Line]:
    """The waves, in the order of their fieldwork."""
    if not listed:
        what = "the waves, each {id: w1, label: First wave, fieldwork: [2003-10, 2003-12], value: its code in the file}"
        return [f"waves: {fill(what)}", ""]
    lines = [f"waves:{check('in the order of their fieldwork')}"]
    for wave in listed:
        lines += [f'  - id: "{wave.id}"', f"    label: {_wave_label(wave, languages)}{check()}"]
        if len(wave.values) == 1:
            lines.append(f"    value: {coded(wave.values[0])}")
        elif wave.values:
            lines.append(f"    value: {flow(wave.values)}{check('the same wave, spelled in several ways')}")
        if wave.fieldwork:
            lines.append(f"    fieldwork: [{', '.join(wave.fieldwork)}]{check('first and last date in the file')}")
        else:
            year = wave.id if re.fullmatch(r"\d{4}", wave.id) else "2003"
            what = f"first and last month or day of the interviews, like [{year}-10, {year}-12]"
            if level == "district":
                what = f"first and last month or day of what is counted, like [{year}-01, {year}-12]"
            lines.append(f"    fieldwork: {fill(what)}")
    return [*lines, ""]


def _wave_label(wave: Wave, languages: Sequence[str]) -> str:
    """What readers see of a wave: months by their names, bare numbers behind the word for a wave."""
    if re.fullmatch(r"\d{4}-\d\d", wave.label) and wave.fieldwork:
        first = date.fromisoformat(wave.fieldwork[0])
        months = {language: format_skeleton("yMMMM", first, locale=language) for language in languages}
        return name({language: month[:1].upper() + month[1:] for language, month in months.items()}, languages)
    if re.match(r"(19|20)\d\d", wave.label) or re.search(r"[^\W\d_]{3}", wave.label):
        return _named(wave.label, wave.id)
    return name({language: f"{WAVES.get(language, 'Wave')} {wave.label}" for language in languages}, languages)


def districts(survey: Survey, guess: Guess | None, said: Arms, on_map: Mapping[str, str]) -> list[Line]:
    """The districts found in the data; who got the programme is open unless names or a column say it.

    `on_map` holds how a map spells districts, by their first code.
    """
    if guess is None:
        what = "the districts, each {id: north, name: North, arm: pilot, value: its code in the file}"
        return [f"districts: {fill(what)}", ""]
    profile = survey.columns[guess.column]
    groups = places.groups(profile)
    if len(groups) > 100:
        return _many(guess, groups, said)
    lines = [f"districts:  # each may have {DISTRICT_KEYS}", *_strangers(survey)]
    ids: list[str] = []
    for codes in groups:
        first = codes[0]
        name = places.written_best([profile.labels.get(code, code) for code in codes])
        new = _district_id(name, first, ids)
        ids.append(new)
        drawn = on_map.get(first, first)
        also = [drawn] if drawn not in (*codes, new) else []
        lines += _district(new, name, [*codes, *also], said, same=name in codes)
    return [*lines, ""]


def _strangers(survey: Survey) -> list[Line]:
    """That districts of one wave may be those of another under other names, where both have some of their own."""
    alone = places.in_one_wave(survey)
    if len(alone) < 2:
        return []
    listed = "; ".join(f"only in {wave}: {some(each, MOST_NAMED)}" for wave, each in sorted(alone.items()))
    remedy = "if two of them are one place, keep one district with both spellings, as `value: [one, other]`"
    return comment(f"check: {clean(listed)}: {remedy}", indent=2)


def _many(guess: Guess, groups: Sequence[Sequence[str]], said: Arms) -> list[Line]:
    """Hundreds of districts, taken from columns of the data."""
    arm = fill("the column that says pilot, comparison or neighbour in every row")
    if said.column and said.codes:
        arm = word(said.column) + check("its codes are recoded above")
    return [
        f"districts:{check(f'{len(groups):,} of them, so they are taken from columns of the data')}",
        f"  column: {word(guess.column)}",
        f"  arm: {arm}",
        "",
    ]


def _district_id(name: str, code: str, ids: Sequence[str]) -> str:
    new = names.slug(name)
    if not new or new.isdigit() or new in RESERVED_DISTRICTS:
        new = f"district-{new or names.slug(code, str(len(ids) + 1))}"
    return f"{new}-{len(ids) + 1}" if new in ids else new


def _district(new: str, name: str, codes: Sequence[str], said: Arms, same: bool) -> list[Line]:
    """One district: on one line where nothing is open, else key by key."""
    value: list[str] = []
    if len(codes) > 1:
        value = [f"value: {flow(codes)}"]
    elif new not in (codes[0], name):
        value = [f"value: {coded(codes[0])}"]
    spelled = "the same place, spelled in several ways" if len(codes) > 1 else ""
    arm = said.sides.get(codes[0])
    if arm is None:
        named = check("its name") if same else ""
        lines = [f"  - id: {word(new)}", f"    name: {_named(name, new)}{named}"]
        lines.append(f"    arm: {fill('pilot, comparison or neighbour')}")
        return [*lines, *(f"    {pair}{check(spelled) if spelled else ''}" for pair in value)]
    staggered = len(set(said.starts.values())) > 1 and codes[0] in said.starts
    start = [f"start: {said.starts[codes[0]]}"] if staggered else []
    pairs = [f"id: {word(new)}", f"name: {_named(name, new)}", f"arm: {arm}", *start, *value]
    remark = "; ".join(part for part in (f"the arm, {said.note}" if said.note else "the arm", spelled) if part)
    return [f"  - {{{', '.join(pairs)}}}{check(remark)}"]


def indicator(
    item: Item, languages: Sequence[str], missing: Mapping[str, Sequence[str]], offered: Sequence[Line] = ()
) -> list[Line]:
    """One indicator; then what else may be said of it."""
    lines = [f"  - id: {word(item.id)}", *(f"    # check: {clean(remark)}" for remark in item.remarks)]
    short, note = label(item)
    lines += texts("label", short, languages, 4, note)
    if any(len(text) > SHORT for text in item.texts.values()) or item.choice:
        lines += texts("question", item.texts, languages, 4)
    lines.append(f"    column: {word(item.column)}")
    return [
        *lines,
        *_answers(item, languages),
        *_counted(item),
        *_asked(item, missing),
        f"    better: none{check('higher or lower')}",
        "    family: outcomes",
        f"    role: secondary{check('primary, secondary, placebo or exposure')}",
        *offered,
        "",
    ]


def _answers(item: Item, languages: Sequence[str]) -> list[Line]:
    """What readers see of each answer."""
    if not item.shown:
        return []
    return ["    answers:", *(f"      {coded(each)}: {name(text, languages)}" for each, text in item.shown.items())]


def _counted(item: Item) -> list[Line]:
    """Which answers count; for a mean the ends of its scale, or its unit."""
    lines: list[Line] = []
    if item.several:
        listed = "; ".join(f"{code} ({label})" if label else code for code, label in item.answers.items())
        lines += comment(f"several answers in a cell: {listed}", indent=4)
        what = "the answer that counts, or a list: any of them; copy the indicator for another"
        lines.append(f"    contains: {fill(what)}")
    elif item.share and item.yes is None:
        if not item.shown:
            answers = [coded(each)[:WIDTH] + (f" ({label})" if label else "") for each, label in item.answers.items()]
            lines += comment("answers: " + "; ".join(answers[:25]), indent=4)
        what = "those of the answers above that count, as a list; for a mean of the codes delete this line"
        what += " and `answers:`" if item.shown else ""
        lines.append(f"    yes: {fill(what)}")
    elif item.share and item.yes is not None:
        lines.append(f"    yes: {flow(item.yes)}{check()}")
        if item.no:
            lines.append(f"    no: {flow(item.no)}")
        if item.blank:
            lines.append(f"    blank: no{check('an empty cell was not ticked')}")
    elif item.scale:
        lines.append(f"    scale: [{', '.join(item.scale)}]{check('or `yes:` with the answers that count')}")
    else:
        lines.append("    # unit: of what it is a mean, such as soles or hours")
        if any(is_number(code) and code.startswith("-") for code in item.answers):
            lines.append(f"    non_negative: false{check('some answers are below 0')}")
    return lines


def _asked(item: Item, missing: Mapping[str, Sequence[str]]) -> list[Line]:
    """Who was asked, and which codes are no answer beside those of `missing`, which hold for all columns."""
    lines: list[Line] = []
    if item.missing:
        pairs = ", ".join(f"{kind}: {flow([*missing.get(kind, ()), *codes])}" for kind, codes in item.missing.items())
        lines.append(f"    missing: {{{pairs}}}{check()}")
    if item.among:
        column, answer = item.among
        lines.append(f"    among: {{{word(column)}: {flow([answer])}}}{check('only they were asked')}")
    elif item.partly:
        lines.append("    # among: {column: [answer]}, where only those who gave this answer were asked")
    if item.waves is not None:
        listed = ", ".join(f'"{wave}"' for wave in item.waves)
        lines.append(f"    waves: [{listed}]{check('the other files have no such column')}")
    return lines


def labels(items: Sequence[Item], languages: Sequence[str]) -> list[Line]:
    """What readers see of covariates and columns of `among`, where files or questionnaire say it."""
    lines: list[Line] = []
    for item in items:
        if not any(item.texts.values()):
            continue
        short, note = label(item)
        lines += [f"  {word(item.column)}:", *texts("label", short, languages, 4, note)]
        if not item.scale:
            lines += _answers(item, languages)
    return [f"labels:{check('of covariates and columns of `among`; delete the rest')}", *lines, ""] if lines else []


def drawn(drawing: Map | None) -> list[Line]:
    """The map that lies beside the files; else an offer of tiles."""
    if drawing is None:
        why = (
            "where districts lie: tiles; `{file: districts.geojson, key: name}` draws a file that lies beside this one"
        )
        return [f"# map: {{}}  # {why}"]
    where = f"{{file: {word(drawing.path.name)}, key: {word(drawing.key)}}}"
    return [f"map: {where}{check('found beside the survey; its areas bear the names of the districts')}"]


def chapters(found: Sequence[Mapping[str, str]], languages: Sequence[str]) -> list[Line]:
    """The chapters that lie in the folder; else an offer of one."""
    if not found:
        files = ", ".join(f"{language}: context.{language}.md" for language in languages)
        why = "pages of yours beside this file, each beginning with `# Title {#sec-context}`; also `notebook:`"
        return [f"# chapters: [{{file: {{{files}}}, after: programme}}]  # {why}"]
    lines = [f"chapters:{check('found in this folder; `after` is the section that each follows')}"]
    for chapter in found:
        if "notebook" in chapter:
            lines.append(f"  - {{notebook: {word(chapter['notebook'])}, after: results}}")
            continue
        named = {language: chapter.get(language) or chapter.get("") for language in languages}
        files = ", ".join(f"{language}: {word(name) if name else OPEN}" for language, name in named.items())
        lacking = "" if all(named.values()) else f"  {MARK} the file in this language"
        lines.append(f"  - {{file: {{{files}}}, after: programme}}{lacking}")
    return lines


def report(languages: Sequence[str], logo: str, offered: Sequence[Line]) -> list[Line]:
    """What is printed; then what else may stand there."""
    known = ", ".join(available())
    shown = [f"  logo: {word(logo)}{check('found in this folder')}"] if logo else []
    shown += texts("logo_alt", {}, languages, 2, what="whose logo it is") if logo else []
    return [
        "report:",
        f"  languages: [{', '.join(languages)}]{check(f'any of {known}; with several every text is {{en: …, es: …}}')}",
        f"  date: {fill('the day of the report, like 2005-04-25')}",
        "  authors: []",
        *shown,
        *offered,
        "",
    ]


def commented(lines: Iterable[Line]) -> list[Line]:
    """Lines put aside, to be taken in by deleting the `# ` in front."""
    return [f"# {line}".rstrip() for line in lines]


def label(item: Item) -> tuple[Texts, str]:
    """What readers see of a column, by language, and the mark of a guess where it is one."""
    if item.choice:
        return item.choice, check("a short name")
    if not item.texts:
        return {"": item.id.replace("_", " ").capitalize()}, check("a short name")
    if all(len(text) <= SHORT for text in item.texts.values()):
        is_question = any(text.endswith("?") for text in item.texts.values())  # in a sentence a name reads better
        return item.texts, check("a short name") if is_question else ""
    return {language: _shortened(text) for language, text in item.texts.items()}, check("a short name")


def name(given: Texts, languages: Sequence[str]) -> str:
    """A name on one line: per language where all are known, else the one there is."""
    known = {language: clean(given.get(language, "")) for language in languages}
    if len(languages) > 1 and all(known.values()):
        return "{" + ", ".join(f"{language}: {_named(text)}" for language, text in known.items()) + "}"
    return _named(next((text for text in known.values() if text), "") or next(iter(given.values())))


def _shortened(text: str) -> str:
    text = clean(text)
    return text if len(text) <= SHORT else text[:SHORT].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def _named(text: str, otherwise: str = "") -> str:
    """A name as readers see it; the id where nothing of it can be printed."""
    shown = clean(text)[:_LONGEST_NAME]
    return word(otherwise if shown in ("", PLACEHOLDER) else shown)


def comment(text: str, indent: int = 0) -> list[Line]:
    """A remark, wrapped."""
    pad = " " * indent + "# "
    return [pad + line for line in _wrapped(clean(text), WIDTH - len(pad))]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
