"""From answers to indicators: which codes count, which are missing and why, who is in the domain."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fewdistricts.design import MISSING_KINDS, Design, Indicator, limits, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.spelling import folded, nearly
from fewdistricts.survey import marks, suspects
from fewdistricts.survey.dates import is_made_of_range, span_of
from fewdistricts.survey.lookup import looked_up
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import APART, is_reserved
from fewdistricts.survey.table import Column, Table, codes_of, no_answer, owners
from fewdistricts.text import count, some

KINDS = ("", *MISSING_KINDS, "outside_domain")
"""What an answer is: given, missing of a kind, or not asked of this respondent."""

_UNSPECIFIED = KINDS.index("unspecified")
NOT_ASKED = KINDS.index("not_asked")
OUTSIDE = KINDS.index("outside_domain")
_LARGEST = 1e15
_OR_NO = ", or list the other answers under `no:` where it is one of them"
QUOTED = 3
"""Answers that a message quotes before it only counts them."""
MOST_POINTS = 11
"""Points of a scale that respondents are shown, as from 0 to 10."""
_LISTED = re.compile(r"\s*[,;|]\s*")


@dataclass(frozen=True)
class Reading:
    """What every code of an indicator's column means; index -1 is the empty answer."""

    indicator: Indicator
    column: Column
    value: np.ndarray
    """0 or 1 for shares, the number for means; nan where it is no answer."""
    kind: np.ndarray
    """Index into KINDS."""
    domain: tuple[tuple[Column, np.ndarray], ...]
    """Columns of `among`, each with whether a code is in the domain."""

    def kinds(self, rows: slice) -> np.ndarray:
        """Kind (index into KINDS) of these rows as if every wave had asked."""
        kind = self.kind[self.column.some(rows)]
        for column, inside in self.domain:
            kind = np.where(inside[column.some(rows)], kind, np.int8(OUTSIDE))
        return kind

    def codes(self, rows: slice) -> np.ndarray:
        """The column's code of these rows, -1 where empty, and one above the last where outside the domain."""
        codes = self.column.some(rows)
        outside = len(self.column.distinct)
        for column, inside in self.domain:
            codes = np.where(inside[column.some(rows)], codes, np.int32(outside))
        return codes

    def counts(self, cells: np.ndarray, size: int) -> np.ndarray:
        """Rows by cell, kind and whether the cell of the file is empty: shape (size, kinds, 2).

        As if every wave had asked; `cells` is each row's cell, below `size`.
        """
        width = 2 * len(KINDS)
        of_code = np.append(self.kind[:-1], [OUTSIDE, self.kind[-1]]).astype(np.int8) * 2
        of_code[-1] += 1  # the code -1, an empty cell, is the last
        small = np.min_scalar_type(size * width)
        place = cells.astype(small) * small.type(width)
        place += looked_up(of_code, self.codes(slice(None))).astype(small)
        return np.bincount(place, minlength=size * width).reshape(size, len(KINDS), 2)


def missing_codes(
    column: Column, kinds: Mapping[str, Iterable[str]], where: str, key: str, problems: list[Problem]
) -> dict[str, str]:
    """Code: kind of missing, for the codes of a column; codes that only the file calls missing are `unspecified`."""
    by_file = dict.fromkeys(column.user_missing, "unspecified")
    return by_file | owners(column, kinds, where, key, problems, must_occur=False)


def asked_in(design: Design, indicator: Indicator, waves: np.ndarray) -> np.ndarray:
    """Whether each row's wave (index into design.waves, -1 unknown) asked the indicator's question."""
    return np.array([*(design.asked(indicator, wave) for wave in design.waves), False])[waves]


def interpret(
    design: Design, indicator: Indicator, table: Table, problems: list[Problem], part: bool = False
) -> Reading | None:
    """The reading of an indicator; None where its codes stay unclear, of which the problems are added.

    Of a `part` of another indicator an answer may be lacking, such as one of several that nobody ticked.
    """
    column = table.columns.get(indicator.column)
    if column is None:  # no file of a wave that asked
        problems.append(Problem(f"indicator {indicator.id!r}", "no wave that asked it", "at least one"))
        return None
    known = len(problems)
    where = table.where(indicator.column) + f" (indicator {indicator.id!r})"
    missing = missing_codes(column, design.missing_of(indicator), where, "missing", problems)
    domain = domain_of(indicator, table, problems)
    kind = column.lookup({code: KINDS.index(name) for code, name in missing.items()}, 0)
    kind[-1] = _UNSPECIFIED
    kind = kind.astype(np.int8)
    if indicator.contains is not None:
        value = _contained(indicator, column, missing, table, problems)
    elif indicator.yes is not None:
        value = _share(indicator, column, missing, table, where, part, problems)
    else:
        value = _mean(design, indicator, column, missing, table, problems)
    if indicator.band is not None:
        value = _in_band(indicator.band, value)
    if indicator.blank == "no":
        kind[-1], value[-1] = 0, 0.0
    return None if len(problems) > known else Reading(indicator, column, value, kind, domain)


def domain_of(indicator: Indicator, table: Table, problems: list[Problem]) -> tuple[tuple[Column, np.ndarray], ...]:
    """The columns of `among`, each with whether a code is in the domain; adds what is wrong with them."""
    domain: list[tuple[Column, np.ndarray]] = []
    for name, spelled in indicator.among.items():
        column = table.columns.get(name)
        if column is None:  # made of parts that could not be read
            problems.append(Problem(f"indicator {indicator.id!r}", f"no answers of {short(name)}", "those of `among`"))
            continue
        inside = codes_of(column, spelled, table.where(name), f"among.{name}", problems)
        problems += _near_misses(column, set(inside), spelled, {}, table)
        problems += other_coding(column, inside, table, f"`among` of {indicator.id!r}")
        domain.append((column, column.lookup(dict.fromkeys(inside, 1), 0).astype(bool)))
    return tuple(domain)


def other_coding(column: Column, counted: Sequence[str], table: Table, what: str) -> Iterator[Problem]:
    """Numbers beside words that are declared: answers of a file that codes the question otherwise."""
    others = [code for code in column.distinct if code not in counted]
    numbers = [code for code in _of_another_coding(column, counted, others) if code.isdigit() and not is_reserved(code)]
    if numbers:
        remedy = "name those that mean the same there too, or `recode` them in data.files"
        fault = f"numbers beside {short(column.shown(counted[0]))} ({what})"
        yield from _together(table, column, numbers, fault, "one coding of a question in all files", remedy)


def _contained(
    indicator: Indicator, column: Column, missing: dict[str, str], table: Table, problems: list[Problem]
) -> np.ndarray:
    """Cells with several answers: 1 where one of those that count is among them."""
    wanted = indicator.contains or ()
    cells = dict(zip(column.distinct, map(set, lists_of(column.distinct)), strict=True))
    known = sorted(set().union(*cells.values()))
    where = table.where(column.name) + f" (indicator {indicator.id!r})"
    problems += [no_answer(where, code, "contains", known) for code in wanted if code not in known]
    problems += _not_in_lists(indicator, column, {c: a for c, a in cells.items() if c not in missing}, table)
    return np.array([*(float(c not in missing and not a.isdisjoint(wanted)) for c, a in cells.items()), np.nan])


def _not_in_lists(
    indicator: Indicator, column: Column, cells: Mapping[str, set[str]], table: Table
) -> Iterator[Problem]:
    """Cells of several answers that are none, that a program took for a number, or that are spelled otherwise."""
    what, wanted = repr(indicator.id), indicator.contains or ()
    rest = [cell for cell, answers in cells.items() if cell not in indicator.answers and answers.isdisjoint(wanted)]
    known = {each for answers in cells.values() for each in answers}
    listed = {each for answers in cells.values() if len(answers) > 1 for each in answers}
    codes = [cell for cell in rest if is_reserved(cell) and cell not in listed]
    choices = [int(each) for each in known.difference(codes) if each.isdigit()]
    far = [code for code in codes if int(code) < 0 or int(code) > suspects.FAR * max(choices, default=0)]
    words = {cell: kind for cell, kind in suspects.spoken(column, rest).items() if cell.lower() != "none"}
    kinds = words | dict.fromkeys(far, "dont_know")
    yield from _labelled_as_none(column, kinds, table, what, ", or `recode` it in data.files where it is a choice")
    decimals = [cell for cell in cells if re.fullmatch(r"\d+[.]\d+", cell) and known.issuperset(cell.split("."))]
    if decimals:
        remedy = "is it a list of two answers that a program read as a number? Put spaces or semicolons in the file"
        yield from _together(table, column, decimals, f"a decimal number ({what})", "lists of answers", remedy)
    for answer in sorted(known.difference(wanted)):
        close = [name for name in wanted if nearly(answer, name)]
        if close:
            found = f"{short(answer)}, nearly the declared {short(close[0])} ({what})"
            having = [cell for cell, answers in cells.items() if answer in answers]
            remedy = "correct the file, or name both under `contains:`"
            yield from table.problems_of(column, having, found, "answers told apart by more than a slip", remedy)


def lists_of(cells: Sequence[str]) -> list[list[str]]:
    """The answers that each cell lists: apart by commas, semicolons or bars where some cell has one, else by spaces.

    Beside such cells a few words are a list where each of them is an answer, as where one wave wrote spaces.

    Examples
    --------
    >>> lists_of(["Mobile phone, Radio", "Radio", "None of these"])
    [['Mobile phone', 'Radio'], ['Radio'], ['None of these']]
    >>> lists_of(["tv radio", "tv; radio"])
    [['tv', 'radio'], ['tv', 'radio']]
    """
    if not any(_LISTED.search(cell) for cell in cells):
        return [cell.split() for cell in cells]
    lists = [[answer for answer in _LISTED.split(cell) if answer] for cell in cells]
    known = {answer for listed in lists for answer in listed}
    return [
        listed[0].split() if len(listed) == 1 and known.issuperset(listed[0].split()) else listed for listed in lists
    ]


def _in_band(text: str, numbers: np.ndarray) -> np.ndarray:
    """1 where a number lies in the band, else 0; nan where it is none."""
    band = limits(text)
    inside = [math.nan if band is None or math.isnan(each) else float(band.holds(each)) for each in numbers.tolist()]
    return np.array(inside)


def _share(
    indicator: Indicator,
    column: Column,
    missing: dict[str, str],
    table: Table,
    where: str,
    part: bool,
    problems: list[Problem],
) -> np.ndarray:
    declared = indicator.others
    must_occur = declared is None and not part
    yes = codes_of(column, indicator.yes or (), where, "yes", problems, must_occur)
    no = codes_of(column, declared or (), where, "no", problems, must_occur=False)
    for code in set(yes) & set(missing):
        problems.append(Problem(where, f"code {short(code)} both in `yes` and {missing[code]}", "an answer or missing"))
    for code in set(yes) & set(no):
        problems.append(Problem(where, f"code {short(code)} both in `yes` and `no`", "one of them"))
    others = [code for code in column.distinct if code not in yes and code not in no and code not in missing]
    if declared is not None:
        found_declared = [column.shown(code) for code in [*yes, *no, *missing]]
        known = found_declared or list(map(str, [*(indicator.yes or ()), *declared]))
        allowed = some([name[:60] for name in known], 12)
        kinds = suspects.spoken(column, others)
        problems += _labelled_as_none(column, kinds, table, repr(indicator.id), ", or name it under `yes:` or `no:`")
        others = [code for code in others if code not in kinds]
        if others:
            near = nearest(others[0], [*(indicator.yes or ()), *declared])
            named = some([short(code) for code in others], QUOTED)
            found = f"the undeclared {'answers' if len(others) > 1 else 'answer'} {named} ({indicator.id!r})"
            problems += table.problems_of(column, others, found, allowed, near)
    else:
        problems += _near_misses(column, set(yes), indicator.yes or (), missing, table)
        problems += taken_for_dates(column, [*yes, *others], table, repr(indicator.id))
        kinds = suspects.spoken(column, others)
        problems += _labelled_as_none(column, kinds, table, repr(indicator.id), _OR_NO)
        problems += _undeclared(indicator, column, yes, [code for code in others if code not in kinds], table)
    value = column.lookup(dict.fromkeys(yes, 1), 0).astype(float)
    value[-1] = np.nan
    return value


def _near_misses(
    column: Column, good: set[str], spelled: Iterable[str], missing: dict[str, str], table: Table
) -> Iterator[Problem]:
    """Answers that differ from a declared one by case, accents, spaces or one letter only."""
    declared = [*spelled, *(column.shown(code) for code in good)]
    remedy = "correct the file, or name both in evaluation.yaml (the other answers under `no:`)"
    for code in column.distinct:
        close = [name for name in declared if nearly(column.shown(code), name)]
        if close and code not in good and code not in missing:
            found = f"{short(column.shown(code))}, nearly the declared {short(close[0])}"
            yield from table.problems_of(column, [code], found, "answers told apart by more than a slip", remedy)


def _undeclared(
    indicator: Indicator, column: Column, yes: list[str], others: list[str], table: Table
) -> Iterator[Problem]:
    """Codes that look like no answer at all, of which nothing says that they are one."""
    unlabelled = [code for code in others if code not in column.labels]
    labelled = [code for code in column.distinct if code in column.labels]
    named = [number(code) for code in labelled if code in yes or code in others]
    between = [code for code in unlabelled if named and min(named) < number(code) < max(named)]  # ends have labels
    strange = {code for code in unlabelled if code not in between} if len(unlabelled) <= len(labelled) else set()
    elsewhere = set(_of_another_coding(column, yes, others))
    strange |= elsewhere
    words = {code: folded(column.shown(code)) for code in others if np.isnan(number(column.shown(code)))}
    if not suspects.NO.isdisjoint(words.values()):  # what beside a no is one or two letters is a mark, or a yes
        strange |= {code for code, word in words.items() if word and len(word) < 3 and word not in suspects.NO}
    numbers = [code for code in column.distinct if re.fullmatch(r"-?\d+", code)]
    if not any(code.startswith("-") for code in yes):
        strange |= {code for code in others if code in numbers and code.startswith("-") and code not in column.labels}
    answers = [int(code) for code in numbers if code in yes or (code in others and code not in APART)]
    top = max(answers, default=math.inf)
    for apart in sorted(int(code) for code in others if code in APART and code not in column.labels):
        # 1-7, 8 is a scale, 1-2, 8, 9 is not
        if apart - top > 1 and (top < 8 or apart > suspects.FAR * top):
            strange.add(str(apart))
        else:
            top = max(top, apart)
    for code in column.distinct:
        if code in strange:
            found = f"the undeclared code {short(code)} ({indicator.id!r})"
            key = "`yes:` or `missing:`" if code in words or code in elsewhere else "`missing:`"
            remedy = f"name {code} under {key}, or list the other answers under `no:`"
            yield from table.problems_of(column, [code], found, "codes declared as answers or as missing", remedy)


def _of_another_coding(column: Column, yes: Sequence[str], others: list[str]) -> list[str]:
    """Numbers beside words that count, or words beside numbers that do: of one wave's coding in another's column."""
    unlabelled = [code for code in others if code not in column.labels]
    counted = [column.shown(code) for code in yes]
    if counted and all(np.isnan(number(answer)) for answer in counted):
        return [code for code in unlabelled if not np.isnan(number(code))]
    if counted and not any(np.isnan(number(answer)) for answer in counted):
        return [code for code in unlabelled if not re.search(r"\d", code)]
    return []


def _mean(
    design: Design,
    indicator: Indicator,
    column: Column,
    missing: dict[str, str],
    table: Table,
    problems: list[Problem],
) -> np.ndarray:
    value = np.array([*map(number, column.distinct), np.nan])
    problems += column.doubts
    if column.doubts:
        return value
    known = len(problems)
    low, high = indicator.scale or (-_LARGEST, _LARGEST)
    what = "numbers" if indicator.scale is None else f"numbers from {low:g} to {high:g}"
    answers = [code for code in column.distinct if code not in missing]
    kinds = suspects.spoken(column, [code for code in answers if code not in indicator.answers])
    signed = design.data.level == "district" or not indicator.non_negative or _has_losses(value)
    wrong: dict[str, list[str]] = {}
    for code, answer in zip(column.distinct, value.tolist(), strict=False):
        if code in missing or code in kinds:
            continue
        fault = _fault(indicator, answer, signed)
        if fault:
            wrong.setdefault(fault, []).append(code)
    otherwise = ", or name it in `answers:` where it is a point of the scale" if indicator.scale else ""
    problems += _labelled_as_none(column, kinds, table, repr(indicator.id), otherwise)
    for fault, codes in wrong.items():
        remedy = _remedy(fault, codes, column.name)
        problems += _together(table, column, codes, f"{fault} ({indicator.id!r})", what, remedy)
    if len(problems) > known or design.data.level == "district":
        return value
    if indicator.scale is not None and indicator.scale[1] - indicator.scale[0] >= MOST_POINTS:
        rest = [code for code in answers if code not in indicator.answers and number(code) != indicator.scale[1]]
        point = ", or name it in `answers:` where it is a point of the scale"
        problems += _far_apart(column, rest, table, repr(indicator.id), point, suspects.NINES)
    if indicator.scale is None:
        problems += _far_apart(column, answers, table, repr(indicator.id))
        problems += _coded_twice(indicator, column, answers, table)
    return value


def _has_losses(values: np.ndarray) -> bool:
    """Whether numbers below 0 are answers: among codes of no answer, such as -9, none is a fraction."""
    return bool(((values < 0) & (values % 1 > 0)).any())


def _fault(indicator: Indicator, answer: float, signed: bool) -> str:
    """What is wrong with a number as an answer; empty where nothing is. `signed`: below 0 are answers, too."""
    if np.isnan(answer):
        return "no number"
    low, high = indicator.scale or (-_LARGEST, _LARGEST)
    if not low <= answer <= high:
        return "outside the scale" if indicator.scale else "too large to be an answer"
    if indicator.scale is None and not signed and answer < 0:
        return "negative"
    return ""


def _remedy(fault: str, codes: list[str], column: str) -> str:
    if fault == "negative":
        return "name it under `missing:`, or declare `non_negative: false` or the `scale:`"
    if all(span_of(code) and not code.isdigit() for code in codes):
        return "these are dates: leave the indicator out, or name the column as data.columns.wave"
    if fault == "outside the scale":
        return "name it under `missing:`, or declare the `scale:` that was asked"
    if all(re.fullmatch(r"\d{1,3}:\d\d(:\d\d)?", code) for code in codes):
        return "these are times: write them as a number, such as of minutes, in the file"
    if all(re.search(r"\d", code) for code in codes):
        signs = "take signs such as % or currencies out of the numbers, or name them under `missing:`"
        if any(re.fullmatch(r"\(.*\d.*\)", code) for code in codes):
            signs = "a number in brackets is one below 0: write it with a minus and declare `non_negative: false`"
        return marks.remedy(codes, column) or signs
    return marks.remedy(codes, column) or "name it under `missing:`"


def _together(
    table: Table, column: Column, codes: list[str], fault: str, allowed: str, remedy: str
) -> Iterator[Problem]:
    """One problem for all answers of one fault, of which a few are quoted."""
    named = ", ".join(short(code) for code in codes[:QUOTED])
    if len(codes) > QUOTED:
        named += f" and {count(len(codes) - QUOTED, 'further answer')}"
    yield from table.problems_of(column, codes, f"{named}, {fault}", allowed, remedy)


def unlike_answers(column: Column, codes: list[str], name: str, table: Table) -> Iterator[Problem]:
    """Codes of a covariate that look like no answer, like no number among numbers, or like another one's spelling."""
    what = f"covariate {name!r}"
    kinds = suspects.spoken(column, codes)
    yield from _labelled_as_none(column, kinds, table, what, " in data")
    rows_of = column.counts
    rest = [code for code in codes if code not in kinds and rows_of[code]]
    texts = [code for code in rest if np.isnan(number(column.shown(code)))]
    yield from _spelled_twice(column, {code: rows_of[code] for code in texts}, name, table)
    yield from taken_for_dates(column, texts, table, what)
    yield from of_two_sexes(column, texts, table, what)
    if any(code in column.labels for code in rest):
        return
    if not texts:
        declared = f" in data, or `labels: {{{column.name}: {{answers: {{…: …}}}}}}` if it is an answer"
        yield from _far_apart(column, rest, table, what, declared)
    elif column.doubts:
        yield from column.doubts
    elif 2 * len(texts) <= len(rest):
        remedy = marks.remedy(texts, name) or (
            f"correct the file, `recode` it in data.files, or declare `labels: {{{name}: {{answers: "
            f"{{{texts[0]}: …}}}}}}` if all are names and none a number"
        )
        yield from _together(table, column, texts, f"no number ({what})", "numbers, as the other answers are", remedy)
    else:
        numbers = [code for code in rest if code not in texts and is_reserved(code)]
        for code in numbers:
            remedy = f"declare `missing: {{dont_know: [{code}]}}` in data, or its name under `labels:`"
            found = f"{short(code)} in {count(rows_of[code], 'row')}, a number among words ({what})"
            yield from table.problems_of(column, [code], found, "words, as the other answers are", remedy)


def taken_for_dates(column: Column, codes: Iterable[str], table: Table, what: str) -> Iterator[Problem]:
    """Dates beside answers such as `6-10`, which a spreadsheet takes for the tenth of June."""
    codes = list(codes)
    ranges = [code for code in codes if re.fullmatch(r"\d+ ?[-–] ?\d+", code)]
    dates = [code for code in codes if is_made_of_range(code)]
    if ranges and dates:
        remedy = (
            f"did a spreadsheet make a date of an answer such as 6-10? `recode: {{{column.name}: {{{dates[0]}: …}}}}`"
        )
        fault = f"beside {short(ranges[0])} ({what})"
        yield from _together(table, column, dates, fault, "answers as they were given", remedy + " in data.files")


def of_two_sexes(column: Column, codes: Iterable[str], table: Table, what: str) -> Iterator[Problem]:
    """M beside F and H: masculino beside one, mujer beside the other."""
    letters = {folded(column.shown(code)): code for code in codes}
    if {"f", "h", "m"} <= letters.keys():
        found = f"{short(letters['m'])} beside 'F' and 'H' ({what})"
        remedy = "M is male beside F and mujer beside H: `recode` M, H and F of each file in data.files to words"
        yield from table.problems_of(column, [letters["m"]], found, "letters of one meaning in all files", remedy)


def _spelled_twice(column: Column, rows_of: dict[str, int], name: str, table: Table) -> Iterator[Problem]:
    """Answers of a covariate that seem to be one, spelled otherwise."""
    shown: dict[str, int] = {}
    for code, rows in rows_of.items():
        shown[column.shown(code)] = shown.get(column.shown(code), 0) + rows
    for first, *others in suspects.alike(shown):
        wrong = [code for code in rows_of if column.shown(code) in others]
        named = " and ".join(short(answer) for answer in [*others, first])
        pairs = ", ".join(f"{answer}: {first}" for answer in others)
        remedy = f"declare `recode: {{{name}: {{{pairs}}}}}` in data.files, or name each under `labels:` if they differ"
        found = f"{named}, which seem to be one answer (covariate {name!r})"
        yield from table.problems_of(column, wrong, found, "one spelling of each answer", remedy)


def _labelled_as_none(
    column: Column, kinds: dict[str, str], table: Table, what: str, otherwise: str
) -> Iterator[Problem]:
    """Codes counted as answers whose label, or who themselves, say that there is none.

    `otherwise` says where to declare them, or what where they are answers all the same.
    """
    rows_of = column.counts if kinds else {}
    for code, kind in kinds.items():
        label = f" labelled {short(column.shown(code))}" if column.shown(code) != code else ""
        quoted = code if re.match(r"[\w(]|-\d", code) else f'"{code}"'  # YAML has a use for other signs
        remedy = f"declare `missing: {{{kind}: [{quoted}]}}`{otherwise}"
        found = f"{short(code)}{label} in {count(rows_of[code], 'row')}, counted as an answer ({what})"
        yield from table.problems_of(column, [code], found, "answers", remedy)


def _far_apart(
    column: Column, answers: list[str], table: Table, what: str, otherwise: str = "", least: float = -math.inf
) -> Iterator[Problem]:
    """Numbers such as 99 or 9998 that lie far from all others, which questionnaires give to no answer.

    `otherwise` says what to declare, of the code in the place of `…`, where it is an answer; `least` is the smallest
    that is looked at.
    """
    rows_of = column.counts
    numbers = {number(code): code for code in answers if rows_of[code]}
    if least < 0:  # where no scale says which numbers are answers
        yield from years_among(
            column, numbers, table, what, otherwise or f", or `scale: [{min(numbers, default=0):g}, …]`"
        )
    apart = suspects.apart({value: rows_of[code] for value, code in numbers.items()})
    others = [value for value in numbers if value not in apart]
    for value in apart:
        if value < least:
            continue
        code = numbers[value]
        found = f"{short(code)} in {count(rows_of[code], 'row')}, far from the other answers ({what})"
        allowed = f"answers like the others, from {min(others):g} to {max(others):g}"
        scale = f"[{min(*others, value):g}, {max(*others, value):g}]"
        is_answer = otherwise.replace("…", code, 1) or f", or `scale: {scale}` if it is an answer"
        remedy = f"declare `missing: {{dont_know: [{code}]}}`{is_answer}"
        yield from table.problems_of(column, [code], found, allowed, remedy)


def years_among(
    column: Column, numbers: Mapping[float, str], table: Table, what: str, otherwise: str
) -> Iterator[Problem]:
    """Years among numbers (each with its code) such as ages; `otherwise` as for what is far apart."""
    years = [numbers[year] for year in suspects.years(numbers)]
    if years:
        others = [value for value, code in numbers.items() if code not in years]
        fault = f"years beside numbers up to {max(others):g} ({what})"
        is_answer = otherwise.replace("…", years[-1], 1)
        remedy = f"are they years of birth? Write ages in the file, or name them under `missing:`{is_answer}"
        yield from _together(table, column, years, fault, "numbers of one meaning", remedy)


def _coded_twice(indicator: Indicator, column: Column, answers: list[str], table: Table) -> Iterator[Problem]:
    """A question of two answers that one file codes 1 and 2 and another 0 and 1."""
    if set(answers) != {"0", "1", "2"}:
        return
    codes = column.codes
    sets = {}
    for part in table.parts:
        own = codes[part.start : part.start + part.rows]
        sets[part.where] = {column.distinct[code] for code in np.unique(own[own >= 0])} & set(answers)
    if {"1", "2"} in sets.values() and {"0", "1"} in sets.values():
        old = next(where for where, own in sets.items() if own == {"1", "2"})
        found = f"1 and 2 in {old}, 0 and 1 in another file ({indicator.id!r})"
        remedy = f"if 2 and 0 both mean no, declare `recode: {{{column.name}: {{2: 0}}}}` for {old}, and `yes: [1]`"
        yield Problem(f"{old}, column {column.name!r}", found, "one coding of a question in all files", remedy)
