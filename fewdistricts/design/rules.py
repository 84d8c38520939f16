"""What the keys of evaluation.yaml can only get wrong together.

They judge `Parts`, so that one broken key hides no problem of another.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterable, Iterator
from datetime import date

from fewdistricts.design.blocks import File, Indicator, Wave, effective_missing
from fewdistricts.design.derived import derived
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.placeholders import PLACEHOLDER
from fewdistricts.design.subgroups import subgroups
from fewdistricts.design.types import short
from fewdistricts.errors import nearest

LARGEST_ROUNDING = 0.005
"""How far the shares of a margin may sum from 1."""
RESERVED_DISTRICTS = ("pooled", "pilot", "comparison", "neighbour")
RESERVED_WAVES = ("before", "after", "last", "average")
FRAME_COLUMNS = ("district", "wave", "weight", "stratum", "psu", "respondent", "fpc", "population")
"""Names `survey.load` gives its own columns; no indicator or covariate may take them."""


def findings(parts: Parts) -> Iterator[Finding]:
    """Everything wrong between the keys."""
    for rule in (
        _files,
        _columns,
        _ids,
        _waves,
        _starts,
        _districts,
        _pairs,
        _assignment,
        _clusters,
        _theory,
        _indicators,
        derived,
        _columns_clash,
        subgroups,
        _labels,
        _references,
    ):
        yield from rule(parts)


def _files(parts: Parts) -> Iterator[Finding]:
    if parts.data is None:
        return
    seen: list[File] = []
    for i, file in enumerate(parts.data.files):
        at: Path = ("data", "files", i)
        if any(_same_rows(file, other) for other in seen):
            allowed = "each file once, or once a wave with another `rename` where the waves have columns of their own"
            yield Finding((*at, "path"), f"{file.path!r} a second time", allowed)
        seen.append(file)
        if file.encoding is not None:
            try:
                codecs.lookup(file.encoding)
            except (LookupError, ValueError):
                near = nearest(file.encoding, ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
                yield Finding((*at, "encoding"), repr(file.encoding), "an encoding like utf-8, latin-1 or cp1252", near)
        for name in file.value:
            if name in file.rename or name in file.rename.values():
                yield Finding((*at, "value", name), f"{short(name)}, which `rename` names too", "one of them")
        if file.header and file.first_row and file.first_row <= file.header:
            yield Finding(
                (*at, "first_row"), f"{file.first_row}", f"a row below the header, which is row {file.header}"
            )
        if file.last_row and file.last_row <= (file.first_row or file.header or 1):
            yield Finding((*at, "last_row"), str(file.last_row), "a row below the first")
        if doubled := _repeated(file.rename.values()):
            yield Finding((*at, "rename"), f"two columns renamed to {doubled[0]!r}", "one column for each name")


def _same_rows(file: File, other: File) -> bool:
    """Whether two entries of `files` would give the same rows."""
    if file.path != other.path or file.sheet != other.sheet:
        return False
    if (file.first_row, file.last_row) != (other.first_row, other.last_row):
        return False
    return file.wave == other.wave or file.rename == other.rename


def _columns(parts: Parts) -> Iterator[Finding]:
    data = parts.data
    if data is None:
        return
    columns = data.columns
    if columns.district is None and parts.district_columns is None:
        yield Finding(("data", "columns", "district"), "nothing", "the column that names a row's district")
    elif parts.district_columns and columns.district not in (None, parts.district_columns.column):
        yield Finding(
            ("data", "columns", "district"),
            f"{columns.district!r}, but districts.column is {parts.district_columns.column!r}",
            "the same column",
        )
    without = [i for i, file in enumerate(data.files) if file.wave is None]
    if columns.wave is None:
        for i in without:
            yield Finding(
                ("data", "files", i, "wave"),
                "nothing",
                "a wave for every file, unless data.columns.wave names a column",
            )
    elif not without:
        yield Finding(("data", "columns", "wave"), repr(columns.wave), "null where every file declares its wave")
    elif len(without) < len(data.files):
        yield Finding(("data", "columns", "wave"), repr(columns.wave), "either a wave for every file or a column")
    for name, targets in (data.weights.calibrate if data.weights else {}).items():
        total = sum(targets.values())
        if abs(total - 1) > LARGEST_ROUNDING:
            at: Path = ("data", "weights", "calibrate", name)
            yield Finding(at, f"shares that sum to {total:g}", "shares that sum to 1")
    if data.duplicates == "keep" and data.duplicates_reason is None:
        yield Finding(("data", "duplicates_reason"), "nothing", "why they are kept", "add `duplicates_reason:`")
    if data.sampling == "panel" and columns.respondent is None and data.level == "respondent":
        yield Finding(
            ("data", "columns", "respondent"), "nothing", "the column of respondent ids, as sampling is panel"
        )
    if data.sampling == "repeated_psu" and columns.psu is None and data.level == "respondent":
        yield Finding(("data", "columns", "psu"), "nothing", "the column of PSU ids, as sampling is repeated_psu")
    if data.level == "district":
        for key in ("weight", "stratum", "psu", "fpc"):
            if getattr(columns, key) is not None:
                yield Finding(
                    ("data", "columns", key), repr(getattr(columns, key)), "null where level is district: no sample"
                )
    named = {key: value for key in type(columns).model_fields if (value := getattr(columns, key)) is not None}
    for name in _repeated(value for key, value in named.items() if key not in ("psu", "respondent", "stratum")):
        keys = [key for key, value in named.items() if value == name]
        yield Finding(
            ("data", "columns", keys[-1]), f"{short(name)}, as {keys[0]} is too", "one meaning for each column"
        )
    yield from _kinds_overlap(("data", "missing"), effective_missing(data.missing, None))
    if data.truth is not None and data.kind == "real":
        yield Finding(("data", "truth"), "true effects of real data", "none: only of `kind: synthetic` they are known")


def _ids(parts: Parts) -> Iterator[Finding]:
    yield from _unique("waves", [(i, wave.id) for i, wave in parts.waves], RESERVED_WAVES)
    yield from _unique("districts", [(i, district.id) for i, district in parts.districts], RESERVED_DISTRICTS)
    yield from _unique("indicators", [(i, indicator.id) for i, indicator in parts.indicators], ())
    for key, items in (("waves", parts.waves), ("districts", parts.districts)):
        owner: dict[str, str] = {}
        for i, item in items:
            for spelling in item.spellings:
                if owner.setdefault(spelling, item.id) != item.id:
                    yield Finding(
                        (key, i, "value"),
                        f"{short(spelling)}, which is {short(owner[spelling])} too",
                        "one meaning per spelling",
                    )


def _waves(parts: Parts) -> Iterator[Finding]:
    for (_, earlier), (i, later) in zip(parts.waves, parts.waves[1:], strict=False):
        if later.fieldwork[0] <= earlier.fieldwork[1]:
            yield Finding(
                ("waves", i, "fieldwork"),
                f"{later.fieldwork[0]}, when wave {earlier.id!r} ran until {earlier.fieldwork[1]}",
                "waves in the order of their fieldwork, one ending before the next begins",
            )
    start = parts.intervention.start if parts.intervention else None
    for i, wave in parts.waves:
        own = {d.start for _, d in parts.districts if d.start}
        if wave.phase and start and not own and not _straddles(wave, start):
            by_date = "before" if wave.fieldwork[1] < start else "after"
            if wave.phase != by_date:
                yield Finding(
                    ("waves", i, "phase"),
                    f"{wave.phase}, when the intervention began on {start}",
                    f"{by_date} by the dates of the fieldwork; leave `phase` out",
                )


def _starts(parts: Parts) -> Iterator[Finding]:
    """A wave during which the programme began is neither before nor after it until someone says why."""
    if parts.intervention is None:
        return
    start = parts.intervention.start
    for i, wave in parts.waves:
        astride: list[str] = []
        if start and _straddles(wave, start):
            astride.append("the intervention")
        for _, district in parts.districts:
            if district.start and _straddles(wave, district.start) and wave.id not in district.phase:
                astride.append(f"district {district.id!r}")
        exempt = any(wave.id in district.phase for _, district in parts.districts)
        for key, allowed in (("phase", "before or after"), ("phase_reason", "why, for the chapter on limits")):
            if getattr(wave, key) is None and (astride or (exempt and key == "phase_reason")):
                found = f"nothing, when {_some(astride)} began during its fieldwork" if astride else "nothing"
                yield Finding(("waves", i, key), found, allowed, f"add `{key}:`")


def _districts(parts: Parts) -> Iterator[Finding]:
    if not parts.awaits_districts and parts.whole:
        if not parts.districts:
            yield Finding(("districts",), "none", "at least one pilot district")
        elif not any(district.arm == "pilot" for _, district in parts.districts):
            yield Finding(("districts",), "no district with `arm: pilot`", "at least one pilot district")
    for i, district in parts.districts:
        if district.arm == "comparison" and district.start is not None:
            yield Finding(
                ("districts", i, "start"), f"{district.start} for a comparison district", "no start", "is it a pilot?"
            )
        phases = [district.phase.get(wave.id) for _, wave in parts.waves]
        if "after" in phases and "before" in phases[phases.index("after") :]:
            yield Finding(("districts", i, "phase"), "a wave before that follows a wave after", "before, then after")
    not_yet = parts.inference is not None and parts.inference.comparisons == "not_yet"
    if not_yet and parts.districts and all(district.arm != "comparison" for _, district in parts.districts):
        yield Finding(
            ("inference", "comparisons"),
            "not_yet, but no district with `arm: comparison`",
            "a district that has not started by the last wave",
            "declare the districts that start last as comparison, without `start`, and take out the waves after their "
            "start: from `waves`, and by `data.leave_out` where the rows are in the file",
        )
    everyone = bool(parts.districts) and all(district.population for _, district in parts.districts)
    by_population = parts.inference is not None and parts.inference.districts == "population"
    in_data = parts.awaits_districts or bool(parts.data and parts.data.columns.population)
    if by_population and parts.whole and not everyone and not in_data:
        lacking = [repr(district.id) for _, district in parts.districts if not district.population]
        yield Finding(
            ("inference", "districts"),
            f"population, but none for {_some(lacking)}",
            "a `population` for every district or data.columns.population",
        )


def _pairs(parts: Parts) -> Iterator[Finding]:
    paired = [(i, d) for i, d in parts.districts if d.pair is not None]
    if not paired:
        return
    if parts.inference is not None and parts.inference.districts == "population":
        for i, district in paired:
            if not district.population:
                allowed = "a population for every district of a pair: both sides of a pair count by its pilot's"
                yield Finding(("districts", i, "population"), "nothing", allowed, "add `population:`")
    for i, district in parts.districts:
        if district.pair is None and district.arm != "neighbour":
            yield Finding(("districts", i, "pair"), "nothing", "a pair for every pilot and comparison district or none")
    for pair in dict.fromkeys(d.pair for _, d in paired):
        members = [(i, d.arm) for i, d in paired if d.pair == pair]
        arms = sorted(arm for _, arm in members)
        if arms.count("pilot") != 1 or set(arms) != {"comparison", "pilot"}:
            yield Finding(
                ("districts", members[-1][0], "pair"),
                f"{pair!r} with {', '.join(arms)}",
                "one pilot district and one or more comparison districts",
            )


def _assignment(parts: Parts) -> Iterator[Finding]:
    """A lot is drawn within what the districts declare."""
    if parts.intervention is None:
        return
    assignment = parts.intervention.assignment
    at: Path = ("intervention", "assignment", "within")
    if assignment.within is None:
        return
    if assignment.by != "lot":
        yield Finding(at, f"`within` where districts were assigned by {assignment.by!r}", "only with `by: lot`")
    labels = {i: getattr(d, assignment.within) for i, d in parts.districts if d.arm != "neighbour"}
    for i in (i for i, label in labels.items() if label is None):
        allowed = f"a {assignment.within} for every pilot and comparison district"
        yield Finding(("districts", i, assignment.within), "nothing", allowed)


def _clusters(parts: Parts) -> Iterator[Finding]:
    """A cluster is declared of every district or of none."""
    inside = [d.cluster for _, d in parts.districts if d.arm != "neighbour"]
    if not any(inside) or all(inside):
        return
    for i, district in parts.districts:
        if district.cluster is None and district.arm != "neighbour":
            allowed = "a cluster for every pilot and comparison district or none"
            yield Finding(("districts", i, "cluster"), "nothing", allowed, "its own id where it stands alone")


def _theory(parts: Parts) -> Iterator[Finding]:
    """Steps of indicators that are declared, each in one step, with a direction in which they should move."""
    steps = parts.intervention.theory if parts.intervention else ()
    if len(steps) == 1:
        yield Finding(("intervention", "theory"), "one step", "two or more, the last of them an outcome")
    directions = {indicator.id: indicator.better for _, indicator in parts.indicators}
    seen: list[str] = []
    for i, step in enumerate(steps):
        for name in step:
            at: Path = ("intervention", "theory", i)
            if name not in parts.indicator_ids:
                yield _unknown(at, name, parts.indicator_ids)
            elif name in seen:
                yield Finding(at, f"{name!r} a second time", "each indicator in one step")
            elif directions.get(name) == "none":
                yield Finding(at, f"{name!r}, which has no `better`", "an indicator with `better: higher` or `lower`")
            seen.append(name)


def _indicators(parts: Parts) -> Iterator[Finding]:
    for i, indicator in parts.indicators:
        at: Path = ("indicators", i)
        if indicator.watch and indicator.better == "none":
            yield Finding((*at, "watch"), "`watch: harm` without `better`", "`better: higher` or `lower` beside it")
        if indicator.yes and indicator.scale:
            yield Finding((*at, "scale"), "`scale` beside `yes`", "`yes` for a share or `scale` for a mean, not both")
        if indicator.no is not None and not indicator.yes:
            yield Finding((*at, "no"), "`no` without `yes`", "`no` lists the other answers of a share")
        if indicator.yes and not indicator.non_negative:
            yield Finding((*at, "non_negative"), "`non_negative` of a share", "it is for means only")
        if indicator.yes and indicator.unit:
            yield Finding((*at, "unit"), "`unit` for a share", "a unit for means only")
        if indicator.worthwhile and indicator.is_share and indicator.worthwhile >= 1:
            yield Finding(
                (*at, "worthwhile"), repr(indicator.worthwhile), "a fraction for a share: 0.05 is 5 percentage points"
            )
        yield from _answers(at, indicator)
        for code in set(indicator.yes or ()) & set(indicator.no or ()):
            yield Finding((*at, "no"), f"{short(code)}, which is in `yes` too", "each answer once")
        if parts.data:
            kinds = effective_missing(parts.data.missing, indicator.missing)
            yield from _kinds_overlap((*at, "missing"), kinds if indicator.missing else {})
            for key in ("yes", "no", "answers"):
                for kind, codes in kinds.items():
                    for code in set(getattr(indicator, key) or ()) & set(codes):
                        yield Finding(
                            (*at, key), f"{short(code)}, which is declared {kind} too", "an answer or missing"
                        )
    if parts.families:
        for i, indicator in parts.indicators:
            if indicator.family not in parts.families:
                yield _unknown(("indicators", i, "family"), indicator.family, parts.families)


def _answers(at: Path, indicator: Indicator) -> Iterator[Finding]:
    """The answers that readers see are those of a share or points of a scale."""
    labelled = list(indicator.answers)
    if not labelled:
        return
    if indicator.yes is None and indicator.scale is None:
        allowed = "`yes` or `scale` beside it; a mean of anything else has no `answers`"
        yield Finding((*at, "answers"), "`answers` of a mean without a scale", allowed)
    for key in ("yes", "no"):
        for code in getattr(indicator, key) or ():
            if code not in labelled and code != PLACEHOLDER:
                yield Finding((*at, "answers"), f"no {short(code)}, which `{key}` names", _some(labelled))
    if indicator.yes is not None and indicator.no is not None:
        for code in labelled:
            if code not in (*indicator.yes, *indicator.no):
                yield Finding((*at, "answers", code), f"{short(code)}, in neither `yes` nor `no`", "one of them")
    low, high = indicator.scale or (-math.inf, math.inf)
    for code in labelled if indicator.scale else ():
        if not _within_scale(code, low, high):
            yield Finding((*at, "answers", code), short(code), f"a number from {low:g} to {high:g}, the code")


def _within_scale(code: str, low: float, high: float) -> bool:
    try:
        return low <= float(code) <= high
    except ValueError:
        return False


def _columns_clash(parts: Parts) -> Iterator[Finding]:
    for i, indicator in parts.indicators:
        if indicator.id in FRAME_COLUMNS:
            yield Finding(("indicators", i, "id"), repr(indicator.id), "any id but " + ", ".join(FRAME_COLUMNS))
    for i, name in enumerate(parts.covariates):
        if name in FRAME_COLUMNS or ":" in name:
            allowed = "any column but " + ", ".join(FRAME_COLUMNS) + ", without a colon"
            yield Finding(("covariates", i), repr(name), allowed, "give it another name by `rename`")
        elif name in parts.indicator_ids:
            yield Finding(("covariates", i), f"{short(name)}, which is an indicator too", "a name of its own")
        if name in parts.covariates[:i]:
            yield Finding(("covariates", i), f"{short(name)} a second time", "each column once")


def _labels(parts: Parts) -> Iterator[Finding]:
    """Labels of columns that readers never meet do no harm, unless they are nearly the name of one that they meet."""
    columns = dict.fromkeys([*parts.covariates, *(column for _, i in parts.indicators for column in i.among)])
    for column in parts.labels or {}:
        if column not in columns and parts.whole and nearest(column, columns):
            yield Finding(
                ("labels", column), short(column), f"a covariate or a column of `among`: {_some(list(columns))}",
                nearest(column, columns),
            )  # fmt: skip


def _references(parts: Parts) -> Iterator[Finding]:
    """Every id that is named somewhere is declared."""
    waves, indicators = parts.wave_ids, parts.indicator_ids
    for i, file in enumerate(parts.data.files if parts.data else ()):
        if file.wave is not None and file.wave not in waves:
            yield _unknown(("data", "files", i, "wave"), file.wave, waves)
    for i, district in parts.districts:
        yield from (_unknown(("districts", i, "phase", w), w, waves) for w in district.phase if w not in waves)
    for i, indicator in parts.indicators:
        at: Path = ("indicators", i)
        yield from (_unknown((*at, "comparable", w), w, waves) for w in indicator.comparable if w not in waves)
        for j, wave in enumerate(indicator.waves or ()):
            if wave not in waves:
                yield _unknown((*at, "waves", j), wave, waves)
    for i, figure in parts.published:
        if figure.wave not in waves:
            yield _unknown(("published", i, "wave"), figure.wave, waves)
        if figure.indicator not in indicators:
            yield _unknown(("published", i, "indicator"), figure.indicator, indicators)
        share = any(item.id == figure.indicator and item.is_share for _, item in parts.indicators)
        low = 0 if figure.estimand == "level" else -1
        if share and not low <= figure.value <= 1:
            yield Finding(
                ("published", i, "value"), repr(figure.value), f"a fraction from {low} to 1, as 0.36 for 36 %"
            )
    if parts.inference and parts.inference.headline not in (None, "last", "average", *waves):
        yield _unknown(("inference", "headline"), str(parts.inference.headline), ["last", "average", *waves])
    languages = parts.report.languages if parts.report else ()
    if doubled := _repeated(languages):
        yield Finding(("report", "languages"), f"{doubled[0]!r} twice", "each language once")


def _unknown(path: Path, name: str, names: Iterable[str]) -> Finding:
    names = list(names)
    return Finding(path, short(name), _some(names) or "none is declared", nearest(name, names))


def _unique(key: str, ids: list[tuple[int, str]], reserved: tuple[str, ...]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for i, name in ids:
        folded = name.casefold()  # ids become file names, and some file systems fold case
        if folded in reserved:
            yield Finding((key, i, "id"), repr(name), f"any id but {', '.join(reserved)}, which the estimates use")
        if folded in seen:
            yield Finding((key, i, "id"), f"{short(name)}, after {seen[folded]!r}", "each id once, whatever its case")
        seen.setdefault(folded, name)


def _kinds_overlap(path: Path, kinds: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for kind, codes in kinds.items():
        for code in codes:
            if owner.setdefault(code, kind) != kind:
                yield Finding(
                    (*path, kind), f"{short(code)}, which is declared {owner[code]} too", "one kind for each code"
                )


def _straddles(wave: Wave, start: date) -> bool:
    return wave.fieldwork[0] < start <= wave.fieldwork[1]


def _repeated(values: Iterable[str]) -> list[str]:
    listed = list(values)
    return [value for value in dict.fromkeys(listed) if listed.count(value) > 1]


def _some(names: list[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(name[:64] for name in names[:most]) + more
